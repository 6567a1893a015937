"""Steps of a round from the shell, each in somebody's name. Sheets and corrections are JSON files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from disclosure.cli.acting import acting_as, sign_in, with_account
from disclosure.cli.chinese import ChineseCommand
from disclosure.cli.common import FILE, answer, open_desk, read_json, with_json, with_trust
from ledger.errors import refuse
from ledger.evaluation import appeals, consequences, course, survey
from ledger.evaluation.allowed import UNRELATED
from ledger.evaluation.rounds import read_state
from ledger.evaluation.scheme import read_points
from ledger.evaluation.value import Appeal, Correction, Ruling, SelfAssessment, Sheet, VetoFinding
from ledger.people.accounts import find_account
from ledger.periods.spans import read_span
from ledger.store.engine import reading

_Command = TypeVar("_Command", bound=Callable[..., Any])
ROUND = click.argument("no", type=int, metavar="轮次")
DAY = click.DateTime(["%Y-%m-%d"])
_DOCUMENT = click.option("--document", default="", metavar="SHA256", help="已上传的证据")
_UNRELATED = click.option("--unrelated", is_flag=True, help=f"声明：{UNRELATED}")
_COMMANDS: list[click.Command] = []


def register(group: click.Group) -> None:
    """Add all commands to the group."""
    for command in _COMMANDS:
        group.add_command(command)


def _command(name: str, help_: str, *options: Callable[[Any], Any]) -> Callable[[_Command], click.Command]:
    """A command about the community, in somebody's name."""

    def made(function: _Command) -> click.Command:
        decorated: Any = function
        for add in (with_json, with_trust, with_account, *reversed(options)):
            decorated = add(decorated)
        found: click.Command = click.command(name, cls=ChineseCommand, help=help_)(decorated)
        _COMMANDS.append(found)
        return found

    return made


def _take(
    who: Mapping[str, Any],
    action: str,
    sentence: str,
    command: Callable[..., object],
    no: int,
    *words: object,
    **named: object,
) -> None:
    """Take a step in somebody's name and say where the round stands. Only the first step of a round gives its
    number: there ``no`` is the span."""
    desk = open_desk(who["slug"])
    actor = sign_in(desk, who["account"])
    with acting_as(desk, actor, action, "评价") as at:
        given = command(at.conn, at.trust_id, no, *words, actor, at.act, **named)
        number = given if command is course.open_round and isinstance(given, int) else no
        state = read_state(at.conn, at.trust_id, number)
    data: dict[str, Any] = {"round": number, "stage": state.stage, "due_on": state.due_on}
    if command is appeals.appeal:
        data["appeal"] = given
    if isinstance(given, survey.Receipt):
        data |= {"commitment": given.commitment, "salt": given.salt, "said": given.said, "seq": given.seq}
    due = f"，期限 {state.due_on}" if state.due_on else ""
    text = f"{sentence}{state.title}（第 {number} 轮）现在是“{state.stage_name}”{due}。"
    answer(who["as_json"], data, text)


@_command(
    "open",
    "开始一轮评价，如 2025-Q2。",
    click.argument("span", metavar="期间"),
    click.option("--scope", default="", metavar="范围", help="用哪里的方案：own、district、default"),
)
def _open(span: str, scope: str, **who: Any) -> None:
    _take(who, "evaluation.open", "已开始。", course.open_round, read_span(span).code, scope=scope)


@_command(
    "self",
    "受托人自评：每项写成 指标=分数，如 S1=9.5。",
    ROUND,
    click.argument("points", nargs=-1, metavar="[指标=分数]..."),
    click.option("--text", required=True, metavar="说明", help="会公开"),
)
def _self(no: int, points: tuple[str, ...], text: str, **who: Any) -> None:
    said = {code: read_points(value) for code, _, value in (one.partition("=") for one in points)}
    _take(who, "evaluation.self", "已自评。", course.assess_self, no, SelfAssessment(said, text))


@_command("figures", "系统取数，期间结束、受托人自评以后。", ROUND)
def _figures(no: int, **who: Any) -> None:
    _take(who, "evaluation.open", "已取数。", course.take_figures, no)


@_command(
    "score", "提交评分表（JSON 文件）。", ROUND, click.argument("file", type=FILE, metavar="文件"), _UNRELATED
)
def _score(no: int, file: Path, unrelated: bool, **who: Any) -> None:
    sheet = read_json(file, Sheet)
    _take(who, "evaluation.score", "已提交评分表。", course.submit_sheet, no, sheet, unrelated=unrelated)


@_command(
    "veto",
    "登记一票否决的事实和依据。",
    ROUND,
    click.argument("code", metavar="编号"),
    click.argument("day", type=DAY, metavar="日期"),
    click.argument("what", metavar="事实"),
    _DOCUMENT,
    _UNRELATED,
)
def _veto(no: int, code: str, day: Any, what: str, document: str, unrelated: bool, **who: Any) -> None:
    found = VetoFinding(code, day.date(), what, document)
    _take(who, "evaluation.rule", "已登记。", course.find_veto, no, found, unrelated=unrelated)


@_command(
    "recuse",
    "登记某人与受托人有关联、须回避。",
    ROUND,
    click.argument("whose", metavar="账号"),
    click.argument("why", metavar="原因"),
)
def _recuse(no: int, whose: str, why: str, **who: Any) -> None:
    with reading(open_desk(who["slug"]).engine) as conn:
        person = find_account(conn, whose)
    if person is None:
        raise refuse("unknown_account", f"没有账号“{whose}”", "账号")
    _take(who, "evaluation.recuse", "已登记回避。", course.recuse, no, person.person, why)


@_command("survey", "发业主问卷，到某天截止。", ROUND, click.argument("day", type=DAY, metavar="截止日期"))
def _survey(no: int, day: Any, **who: Any) -> None:
    _take(who, "evaluation.open", "问卷已发出。", survey.open_survey, no, day.date())


@_command(
    "answer",
    "业主为自己的房屋填写问卷，一户一份。",
    ROUND,
    click.argument("home", metavar="房号"),
    click.argument("choice", metavar="选项"),
)
def _answer(no: int, home: str, choice: str, **who: Any) -> None:
    _take(who, "evaluation.answer", "已填写，请保存凭据。", survey.answer, no, home, choice)


@_command("preview", "公示分数，开始申诉期；问卷截止以后。", ROUND)
def _preview(no: int, **who: Any) -> None:
    _take(who, "evaluation.open", "已公示。", appeals.preview, no)


@_command(
    "appeal",
    "受托人对一条扣分记录申诉。",
    ROUND,
    click.argument("ref", metavar="扣分记录"),
    click.argument("reason", metavar="理由"),
    _DOCUMENT,
)
def _appeal(no: int, ref: str, reason: str, document: str, **who: Any) -> None:
    _take(who, "evaluation.appeal", "已申诉。", appeals.appeal, no, Appeal(ref, reason, document))


@_command(
    "rule",
    "裁定一件申诉：写明仍应计的数量，0 就是不扣。",
    ROUND,
    click.argument("appeal", type=int, metavar="申诉号"),
    click.argument("count", type=int, metavar="数量"),
    click.argument("reason", metavar="理由"),
    _UNRELATED,
)
def _rule(no: int, appeal: int, count: int, reason: str, unrelated: bool, **who: Any) -> None:
    said = Ruling(appeal, count, reason)
    _take(who, "evaluation.rule", "已裁定。", appeals.rule, no, said, unrelated=unrelated)


@_command("reply", "受托人的公开回应。", ROUND, click.argument("text", metavar="内容"))
def _reply(no: int, text: str, **who: Any) -> None:
    _take(who, "evaluation.appeal", "已记下。", appeals.reply, no, text)


@_command("final", "定稿发布，写入公开日志；申诉期过后。", ROUND)
def _final(no: int, **who: Any) -> None:
    _take(who, "evaluation.finish", "已定稿。", appeals.finalise, no)


@_command(
    "correct",
    "更正已定稿的结果（JSON 文件），另发一版。",
    ROUND,
    click.argument("file", type=FILE, metavar="文件"),
    _UNRELATED,
)
def _correct(no: int, file: Path, unrelated: bool, **who: Any) -> None:
    said = read_json(file, Correction)
    _take(who, "evaluation.finish", "已另发一版。", appeals.correct, no, said, unrelated=unrelated)


@_command("withdraw", "撤回一轮，公示以前。", ROUND, click.argument("why", metavar="原因"))
def _withdraw(no: int, why: str, **who: Any) -> None:
    _take(who, "evaluation.open", "已撤回。", course.withdraw, no, why)


@_command(
    "settle",
    "登记整改或续聘议题已办、重新打开。",
    ROUND,
    click.argument("kind", type=click.Choice([consequences.RECTIFY, consequences.RENEWAL]), metavar="事项"),
    click.argument("note", metavar="办理情况"),
    _DOCUMENT,
    click.option("--reopen", is_flag=True, help="重新打开"),
)
def _settle(no: int, kind: str, note: str, document: str, reopen: bool, **who: Any) -> None:
    words = (kind, note, document)
    _take(who, "evaluation.settle", "已登记。", consequences.settle, no, *words, done=not reopen)
