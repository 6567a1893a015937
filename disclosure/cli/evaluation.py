"""``evaluation``: rounds of the dual hundred-point evaluation, read by everybody; schemes as files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select

from disclosure.cli import evaluation_desk
from disclosure.cli.acting import acting_as, sign_in, with_account
from disclosure.cli.chinese import ChineseCommand, ChineseGroup
from disclosure.cli.common import FILE, answer, open_desk, with_json, with_trust
from disclosure.cli.evaluation_desk import DAY, ROUND
from disclosure.cli.people import installation_desk
from disclosure.office.evaluations_view import deductions, shown_now
from disclosure.schemes.overseeing import ACTION, EVERYWHERE, overseen_by
from disclosure.schemes.versions import scheme_in
from ledger.errors import Refused
from ledger.evaluation.checks import scheme_problems
from ledger.evaluation.consequences import consequences_of
from ledger.evaluation.district import RoundRow, evaluation_overview, rounds_of
from ledger.evaluation.result import read_result
from ledger.evaluation.rounds import read_state
from ledger.evaluation.scheme import BODIES, HALVES, SHEET_BODIES, points_text
from ledger.evaluation.scheme_changes import scheme_changes
from ledger.evaluation.scheme_text import write_scheme
from ledger.evaluation.schemes_kept import SCOPES, record_district_scheme, record_scheme, scheme_on
from ledger.evaluation.sheets import unscored
from ledger.evaluation.value import STAGE_NAMES
from ledger.people.members import trusts_of
from ledger.periods.spans import span_name, span_slug
from ledger.store.engine import reading
from ledger.store.tables import trust


@click.group("evaluation", cls=ChineseGroup, help="双百分评价：方案、自评、取数、评分、问卷、申诉、定稿。")
def evaluation() -> None:
    """The group."""


@evaluation.command("list", cls=ChineseCommand, help="列出各轮评价，新的在前；有超过期限的，退出码为 1。")
@click.option("--before", type=int, metavar="轮次", help="从这一轮以前的列起")
@click.option("--limit", default=50, show_default=True, help="最多几轮")
@with_trust
@with_json
def list_(before: int | None, limit: int, slug: str | None, as_json: bool) -> int:
    """Print rounds."""
    desk = open_desk(slug)
    today = desk.act().today
    with reading(desk.engine) as conn:
        rows = rounds_of(conn, desk.trust_id, before=before, limit=limit)
    answer(as_json, {"rounds": [_data(row, today) for row in rows]}, *(_line(row, today) for row in rows))
    return int(any(row.late_days(today) for row in rows))


@evaluation.command("show", cls=ChineseCommand, help="一轮已定稿的结果：两个得分，每一项的扣分和证据。")
@ROUND
@click.option("--version", type=int, metavar="版本", help="第几版；不写就是最新的一版")
@with_trust
@with_json
def show(no: int, version: int | None, slug: str | None, as_json: bool) -> None:
    """Print a result."""
    desk = open_desk(slug)
    with reading(desk.engine) as conn:
        found = read_result(conn, desk.trust_id, no, version)
    lines = [f"{found.value['title']}，第 {found.version} 版，公开日志第 {found.seq + 1} 笔"]
    for half in found.value["halves"].values():
        lines += _half(half)
    answer(as_json, {"seq": found.seq, "sha256": found.sha256, "result": found.value}, *lines)


@evaluation.command("status", cls=ChineseCommand, help="一轮办到哪一步：经过、扣分记录的编号、还没评的指标。")
@ROUND
@with_trust
@with_json
def status(no: int, slug: str | None, as_json: bool) -> None:
    """Print where a round stands, with the refs that appeals and corrections name."""
    desk = open_desk(slug)
    with reading(desk.engine) as conn:
        state = read_state(conn, desk.trust_id, no)
        left = consequences_of(conn, desk.trust_id, no)
    found = deductions(shown_now(state))
    missing = {body: [one.code for one in unscored(state, body)] for body in SHEET_BODIES}
    data = {
        "round": no,
        "stage": state.stage,
        "due_on": state.due_on,
        "answers": sum(state.answers.values()),
        "steps": [{"no": step.no, "kind": step.kind, "at": step.recorded_at} for step in state.steps],
        "unscored": missing,
        "deductions": [{"ref": one.ref, "text": one.text, "count": one.count} for one in found],
        "appeals": [step.no for step in state.open_appeals()],
        "consequences": [
            {"kind": one.kind, "state": one.state, "due_on": one.due_on, "percent": one.percent}
            for one in left
        ],
    }
    due = f"，期限 {state.due_on}" if state.due_on else ""
    lines = [f"{state.title}（第 {no} 轮）：{state.stage_name}{due}"]
    lines += [f"  {step.no}. {step.on} {step.title}　{step.signature}" for step in state.steps]
    lines += [f"  {BODIES[body]}没评：{'、'.join(codes)}" for body, codes in missing.items() if codes]
    lines += [f"  扣分记录 {one.ref}：{one.indicator} {one.text}" for one in found]
    lines += [f"  第 {step.no} 号申诉待裁定" for step in state.open_appeals()]
    answer(as_json, data, *lines)


@evaluation.command("scheme", cls=ChineseCommand, help="某一天生效的方案，可存成文件修改。")
@click.option("--on", "day", type=DAY, metavar="日期", help="哪一天；不写就是今天")
@click.option("--scope", type=click.Choice(list(SCOPES)), metavar="范围", help="只看本小区、街道或默认的")
@with_trust
@with_json
def scheme(day: Any, scope: str | None, slug: str | None, as_json: bool) -> None:
    """Print a scheme as TOML."""
    desk = open_desk(slug)
    on = day.date() if day else desk.act().today
    with reading(desk.engine) as conn:
        found = scheme_on(conn, desk.trust_id, on, scope or "")
    text = write_scheme(found.scheme)
    data = {"scope": found.scope, "version": found.version, "sha256": found.scheme.digest, "toml": text}
    answer(as_json, data, text.rstrip())


@evaluation.command(
    "check", cls=ChineseCommand, help="检查方案文件（TOML）：全部问题，与现行方案的不同；不登记。"
)
@click.argument("file", type=FILE, metavar="文件")
@with_trust
@with_json
def check(file: Path, slug: str | None, as_json: bool) -> None:
    """Check a scheme and say what it would change."""
    desk = open_desk(slug)
    read = scheme_in(file.read_bytes())
    if problems := scheme_problems(read):
        raise Refused(problems)
    with reading(desk.engine) as conn:
        current = scheme_on(conn, desk.trust_id, desk.act().today)
    changes = scheme_changes(current.scheme, read)
    head = f"没有问题。与{current.title}相比改了 {len(changes)} 处。"
    data = {"sha256": read.digest, "against": current.key, "changes": changes}
    answer(as_json, data, head, *(f"  {change}" for change in changes))


@evaluation.command("adopt", cls=ChineseCommand, help="登记本小区的方案（TOML 文件），从明天或以后起生效。")
@click.argument("file", type=FILE, metavar="文件")
@click.option("--from", "first", type=DAY, required=True, metavar="日期", help="从哪天起生效")
@click.option("--authority", required=True, metavar="依据", help="依据哪个决定")
@with_account
@with_trust
@with_json
def adopt(file: Path, first: Any, authority: str, account: str, slug: str | None, as_json: bool) -> None:
    """Record a scheme."""
    desk = open_desk(slug)
    read = scheme_in(file.read_bytes())
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "evaluation.scheme", read.title) as at:
        version = record_scheme(at.conn, at.trust_id, read, first.date(), authority, actor, at.act)
    answer(as_json, {"version": version}, f"已登记第 {version} 版方案，自 {first.date()} 起生效。")


@evaluation.command(
    "adopt-district", cls=ChineseCommand, help="登记街道的方案（TOML 文件），没有自己方案的小区从那天起用它。"
)
@click.argument("file", type=FILE, metavar="文件")
@click.option("--district", "place", default="", metavar="街道", help="哪个街道或区；不写就是所有小区")
@click.option("--from", "first", type=DAY, required=True, metavar="日期", help="从哪天起生效")
@click.option("--authority", required=True, metavar="依据", help="依据哪个决定")
@with_account
@with_json
def adopt_district(file: Path, place: str, first: Any, authority: str, account: str, as_json: bool) -> None:
    """Record a scheme for every community of a district, by somebody who oversees all of them."""
    desk = installation_desk()
    read, district = scheme_in(file.read_bytes()), place.strip()
    person = sign_in(desk, account)
    with reading(desk.engine) as conn:
        found = overseen_by(conn, person.person, trusts_of(conn, person.person), desk.act().today)
    actor = replace(person, roles=found.roles)
    with acting_as(desk, actor, ACTION, district or EVERYWHERE) as at:
        found.require(district)
        version = record_district_scheme(at.conn, district, read, first.date(), authority, actor, at.act)
    sentence = f"已登记{district or EVERYWHERE}的第 {version} 版方案，自 {first.date()} 起生效。"
    answer(as_json, {"district": district, "version": version}, sentence)


@evaluation.command("district", cls=ChineseCommand, help="所有小区最近几期的评价：分数、等级、谁超过了期限。")
@click.option("--periods", default=4, show_default=True, help="最近几期")
@with_json
def district(periods: int, as_json: bool) -> None:
    """Print the overview; whoever has the shell sees every community."""
    desk = installation_desk()
    today = desk.act().today
    with reading(desk.engine) as conn:
        trust_ids = list(conn.execute(select(trust.c.trust_id)).scalars())
        found = evaluation_overview(conn, trust_ids, today, periods=periods, limit=None)
    communities = [
        {"trust": one.slug, "name": one.name, "rounds": [_data(row, today) for row in one.rounds.values()]}
        for one in found.communities
    ]
    lines = [
        f"{one.name}：{'；'.join(_line(one.rounds[p], today) for p in found.periods if p in one.rounds) or '没有评价'}"
        for one in found.communities
    ]
    data = {
        "periods": [span_slug(period) for period in found.periods],
        "communities": communities,
        "missing": found.missing,
    }
    answer(as_json, data, *lines)


evaluation_desk.register(evaluation)


def _data(row: RoundRow, today: date) -> dict[str, Any]:
    return {
        "round": row.round,
        "span": span_slug(row.period),
        "stage": row.stage,
        "due_on": row.due_on,
        "late_days": row.late_days(today),
        "version": row.version,
        "points": dict(row.points),
        "possible": dict(row.possible),
        "grades": dict(row.grades),
        "figures": dict(row.figures),
    }


def _line(row: RoundRow, today: date) -> str:
    scores = "，".join(_score(half, row) for half in HALVES if row.points[half] is not None)
    late = f"，已超过期限 {days} 天" if (days := row.late_days(today)) else ""
    shown = f"，{scores}" if scores else ""
    return f"第 {row.round} 轮 {span_name(row.period)} {STAGE_NAMES[row.stage]}{shown}{late}"


def _score(half: str, row: RoundRow) -> str:
    points, possible = row.points[half] or 0, row.possible[half]
    unrated = f"（未评 {points_text(10_000 - possible)} 分）" if possible < 10_000 else ""
    return f"{HALVES[half]} {points_text(points)} 分 {row.grades[half] or '未定等级'}{unrated}"


def _half(half: Mapping[str, Any]) -> list[str]:
    unrated = 10_000 - half["possible"]
    more = f"，未评 {points_text(unrated)} 分" if unrated else ""
    lines = [f"{half['title']}：{points_text(half['points'])} 分，等级 {half['grade'] or '未定'}{more}"]
    for one in half["indicators"]:
        rated = "未评" if one["points"] is None else f"{points_text(one['points'])} 分"
        lines.append(f"  {one['code']} {one['title']}（{points_text(one['weight'])} 分）：{rated}")
        for rule in one["rules"]:
            lines += [
                f"    {item['on']} {rule['title']}：{item['what']}，{item['count']}（{item['page']}）"
                for item in (rule["items"] if rule["lost"] else ())
            ]
    return lines


COMMANDS = (evaluation,)
