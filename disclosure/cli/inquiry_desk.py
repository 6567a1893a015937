"""Commands of those on duty: accept, assign, visit, answer, do again, call back, mediate, publish."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from disclosure.cli.acting import Acting, acting_as, sign_in, with_account
from disclosure.cli.chinese import ChineseCommand
from disclosure.cli.common import FILE, open_desk, with_json, with_trust
from disclosure.cli.common import answer as print_answer
from ledger.inquiries import (
    accept,
    answer,
    assign,
    call_back,
    keep_private,
    mediate,
    note,
    publish,
    rework,
    visit,
)
from ledger.inquiries.model import MEDIATION_NAMES
from ledger.inquiries.pictures import Chosen, draw_chosen, read_shot
from ledger.inquiries.state import State
from ledger.store.engine import reading

_Command = TypeVar("_Command", bound=Callable[..., Any])
_RESULTS = "、".join(f"{code} {name}" for code, name in MEDIATION_NAMES.items())
NUMBER = click.argument("no", type=int, metavar="编号")
TEXT = click.option("--text", default="", metavar="说明", help="只有提问人和办理人看得到")
_WORDS = click.argument("text", metavar="内容")
_PICTURES = click.option(
    "--picture", "pictures", type=FILE, multiple=True, metavar="文件", help="图片，可写几次"
)


def said(as_json: bool, no: int, state: State, sentence: str) -> None:
    """Say what was done and where the inquiry stands now."""
    data = {"no": no, "status": state.status, "level": state.level, "due_on": state.due_on}
    due = f"，{state.duty}在 {state.due_on} 前办理" if state.due_on else ""
    print_answer(
        as_json, data, f"{sentence}第 {no} 号现在是“{state.status_name}”（{state.level_name}）{due}。"
    )


def _common(command: _Command) -> _Command:
    for add in (with_json, with_trust, with_account):
        command = add(command)
    return command


def _step(
    no: int,
    account: str,
    slug: str | None,
    as_json: bool,
    action: str,
    sentence: str,
    do: Callable[[Acting], State],
) -> None:
    desk = open_desk(slug)
    with acting_as(desk, sign_in(desk, account), action, f"第{no}号") as at:
        state = do(at)
    said(as_json, no, state, sentence)


@click.command("accept", cls=ChineseCommand, help="受理一件。")
@NUMBER
@_common
def accept_(no: int, account: str, slug: str | None, as_json: bool) -> None:
    """Take it on."""
    _step(
        no,
        account,
        slug,
        as_json,
        "inquiry.handle",
        "已受理。",
        lambda at: accept(at.conn, at.trust_id, no, at.actor, at.act),
    )


@click.command("assign", cls=ChineseCommand, help="派给一个岗位，如工程维修岗。")
@NUMBER
@click.argument("post", metavar="岗位")
@TEXT
@_common
def assign_(no: int, post: str, text: str, account: str, slug: str | None, as_json: bool) -> None:
    """Send it to a post."""
    _step(
        no,
        account,
        slug,
        as_json,
        "inquiry.handle",
        "已派单。",
        lambda at: assign(at.conn, at.trust_id, no, post, at.actor, at.act, note=text),
    )


def _with_pictures(name: str, help_: str, sentence: str, action: str, do: Any) -> click.Command:
    """A step of words and pictures."""

    @click.command(name, cls=ChineseCommand, help=help_)
    @NUMBER
    @_WORDS
    @_PICTURES
    @_common
    def command(
        no: int, text: str, pictures: tuple[Path, ...], account: str, slug: str | None, as_json: bool
    ) -> None:
        desk = open_desk(slug)
        shots = [read_shot(path.read_bytes()) for path in pictures]
        with acting_as(desk, sign_in(desk, account), action, f"第{no}号") as at:
            folder = desk.config.documents_dir
            state = do(at.conn, at.trust_id, no, text, at.actor, at.act, shots=shots, location=folder)
        said(as_json, no, state, sentence)

    return command


visit_ = _with_pictures("visit", "登记到场查看（报修）。", "已登记到场。", "inquiry.handle", visit)
answer_ = _with_pictures(
    "answer", "答复提问人；报修的就是登记完工。", "已答复，等待提问人评价。", "inquiry.handle", answer
)
note_ = _with_pictures("note", "办理人补充说明。", "已补充。", "inquiry.handle", note)


@click.command("rework", cls=ChineseCommand, help="返修：再派人去修，会计入返修次数。")
@NUMBER
@_WORDS
@_common
def rework_(no: int, text: str, account: str, slug: str | None, as_json: bool) -> None:
    """Do it again."""
    _step(
        no,
        account,
        slug,
        as_json,
        "inquiry.handle",
        "已登记返修。",
        lambda at: rework(at.conn, at.trust_id, no, text, at.actor, at.act),
    )


@click.command("call-back", cls=ChineseCommand, help="登记回访：已解决的办结，没有解决的升级。")
@NUMBER
@click.argument("settled", type=click.Choice(["已解决", "没有解决"]), metavar="已解决|没有解决")
@_WORDS
@_common
def call_back_(no: int, settled: str, text: str, account: str, slug: str | None, as_json: bool) -> None:
    """Record a call-back."""
    _step(
        no,
        account,
        slug,
        as_json,
        "inquiry.call_back",
        "已登记回访。",
        lambda at: call_back(at.conn, at.trust_id, no, settled == "已解决", text, at.actor, at.act),
    )


@click.command("mediate", cls=ChineseCommand, help=f"登记调解结果：{_RESULTS}。")
@NUMBER
@click.argument("result", type=click.Choice(list(MEDIATION_NAMES)), metavar="结果")
@_WORDS
@_common
def mediate_(no: int, result: str, text: str, account: str, slug: str | None, as_json: bool) -> None:
    """Record a mediation."""
    _step(
        no,
        account,
        slug,
        as_json,
        "inquiry.mediate",
        f"已登记调解：{MEDIATION_NAMES[result]}。",
        lambda at: mediate(at.conn, at.trust_id, no, result, text, at.actor, at.act),
    )


@click.command(
    "publish", cls=ChineseCommand, help="公开提问（步骤 1）或某一步的答复；文字须重新写过，不带个人信息。"
)
@NUMBER
@click.argument("step", type=int, metavar="步骤")
@_WORDS
@click.option(
    "--picture",
    "pictures",
    multiple=True,
    metavar="步骤:第几张",
    help="一并公开的图片，如 1:2；公开的是去掉拍摄信息的副本",
)
@_common
def publish_(
    no: int, step: int, text: str, pictures: tuple[str, ...], account: str, slug: str | None, as_json: bool
) -> None:
    """Publish a question or an answer."""
    desk = open_desk(slug)
    folder = desk.config.documents_dir
    chosen = [_chosen(item) for item in pictures]
    actor = sign_in(desk, account)
    with reading(desk.engine) as conn:
        redacted = draw_chosen(conn, desk.trust_id, folder, no, chosen)
    with acting_as(desk, actor, "inquiry.publish", f"第{no}号") as at:
        seq = publish(at.conn, at.trust_id, no, step, text, actor, at.act, redacted=redacted, location=folder)
    desk.sign()
    print_answer(as_json, {"no": no, "step": step, "seq": seq}, f"已公开，写入公开日志第 {seq + 1} 条。")


def _chosen(text: str) -> Chosen:
    step, _, picture = text.partition(":")
    if not (step.isdecimal() and picture.isdecimal()):
        raise click.BadParameter(f"“{text}”应写成 步骤:第几张，如 1:2")
    return Chosen(int(step), int(picture))


@click.command("keep", cls=ChineseCommand, help="决定不公开文字，只计入数字；原因给提问人看。")
@NUMBER
@_WORDS
@_common
def keep_(no: int, text: str, account: str, slug: str | None, as_json: bool) -> None:
    """Keep the words private."""
    _step(
        no,
        account,
        slug,
        as_json,
        "inquiry.publish",
        "已登记不公开文字。",
        lambda at: keep_private(at.conn, at.trust_id, no, text, at.actor, at.act),
    )


COMMANDS = (
    accept_,
    assign_,
    visit_,
    answer_,
    note_,
    rework_,
    call_back_,
    mediate_,
    publish_,
    keep_,
)
