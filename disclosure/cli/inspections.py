"""Inspections on the spot from the shell. What was seen is a JSON file, the photos lie beside it."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click
import msgspec

from disclosure.cli.acting import acting_as, sign_in, with_account
from disclosure.cli.chinese import ChineseCommand
from disclosure.cli.common import FILE, answer, open_desk, read_json, with_json, with_trust
from ledger.errors import refuse
from ledger.inquiries.pictures import Shot, read_shot
from ledger.registers import (
    Check,
    Fix,
    Visit,
    inspect,
    list_inspections,
    open_points,
    read_inspection,
    settle_point,
)
from ledger.registers.read import versions_of
from ledger.store.engine import reading

_DAY = click.DateTime(["%Y-%m-%d"])
_NO = click.argument("no", type=int, metavar="编号")


class _Seen(msgspec.Struct, forbid_unknown_fields=True):
    """How a point was found; ``photo``: a file beside the JSON file."""

    ok: bool
    words: str = ""
    photo: str = ""


class _Round(msgspec.Struct, forbid_unknown_fields=True):
    """An inspection as a file: ``{"checklist": 1, "held_on": "2025-06-30", "checks": {"1": {"ok": true}}}``."""

    checklist: int
    held_on: date
    checks: dict[int, _Seen]
    version: int = 0
    key: str = ""


@click.command("inspections", cls=ChineseCommand, help="列出现场检查和待整改的检查点。")
@click.option("--before", type=int, metavar="编号", help="从这个编号以前列起")
@with_trust
@with_json
def inspections(before: int | None, slug: str | None, as_json: bool) -> None:
    """Print inspections, the newest first, and what is to be put right."""
    desk = open_desk(slug)
    today = desk.act().today
    with reading(desk.engine) as conn:
        rows = list_inspections(conn, desk.trust_id, before=before)
        waiting = open_points(conn, desk.trust_id)
    data = {
        "inspections": [
            {"no": row.no, "title": row.title, "by": row.body, "held_on": row.held_on}
            | {"points": len(row.points), "bad": row.bad, "open": row.open}
            for row in rows
        ],
        "open_points": [
            {"no": one.inspection.no, "place": one.point.place, "what": one.point.what}
            | {"fix_by": one.point.fix_by, "overdue_days": one.point.overdue_days(today)}
            for one in waiting
        ],
    }
    lines = [f"第 {row.no} 号（{row.held_on}，{row.body_name}）：{row.bad} 处不合格" for row in rows]
    lines += [f"待整改：第 {one.inspection.no} 号第 {one.point.place} 点 {one.point.what}" for one in waiting]
    answer(as_json, data, *(lines or ["还没有检查过。"]))


@click.command("inspection", cls=ChineseCommand, help="看一次现场检查。")
@_NO
@with_trust
@with_json
def inspection(no: int, slug: str | None, as_json: bool) -> None:
    """Print one inspection."""
    desk = open_desk(slug)
    with reading(desk.engine) as conn:
        found = read_inspection(conn, desk.trust_id, no)
    points = [
        {"place": point.place, "what": point.what, "ok": point.ok, "words": point.words}
        | {"fix_by": point.fix_by, "fixed_on": point.fixed_on}
        for point in found.points
    ]
    lines = [
        f"{point.place}．{point.what}：{'合格' if point.ok else f'不合格，{point.words}'}"
        + (f"，{point.fixed_on} 已整改" if point.fixed_on else "")
        for point in found.points
    ]
    title = f"第 {no} 号：{found.title}，{found.held_on}，{found.body_name}"
    answer(as_json, {"held_on": found.held_on, "by": found.body, "points": points}, title, *lines)


@click.command("inspect", cls=ChineseCommand, help="登记一次现场检查（JSON 文件，照片放在旁边）。")
@click.argument("file", type=FILE, metavar="文件")
@with_account
@with_trust
@with_json
def inspect_(file: Path, account: str, slug: str | None, as_json: bool) -> None:
    """Register an inspection; the same file sent again gives the same number if it has a key."""
    read = read_json(file, _Round)
    checks = {
        place: Check(one.ok, one.words, _shot(file.parent / one.photo) if one.photo else None)
        for place, one in read.checks.items()
    }
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    with acting_as(desk, actor, "register.inspect", "现场检查") as at:
        version = read.version or versions_of(at.conn, at.trust_id, "checklists", read.checklist)[-1].version
        key = read.key or at.act.entropy(12).hex()
        visit = Visit(read.checklist, version, read.held_on, key, checks)
        no = inspect(at.conn, at.trust_id, visit, actor, at.act, location=desk.config.documents_dir)
    answer(as_json, {"no": no}, f"第 {no} 号检查已登记。")


@click.command("settle", cls=ChineseCommand, help="登记一个检查点已整改，或复查仍不合格。")
@_NO
@click.argument("place", type=int, metavar="第几点")
@click.option("--words", required=True, metavar="情况")
@click.option("--on", type=_DAY, metavar="日期", help="默认今天")
@click.option("--open", "still", is_flag=True, help="复查仍不合格")
@click.option("--photo", type=FILE, metavar="文件")
@with_account
@with_trust
@with_json
def settle(
    no: int,
    place: int,
    words: str,
    on: datetime | None,
    still: bool,
    photo: Path | None,
    account: str,
    slug: str | None,
    as_json: bool,
) -> None:
    """Put a point right, or say that it is not."""
    shot = _shot(photo) if photo else None
    desk = open_desk(slug)
    actor = sign_in(desk, account)
    action = "register.inspect" if still else "register.fix"
    with acting_as(desk, actor, action, f"第 {no} 号检查第 {place} 点") as at:
        fix = Fix("open" if still else "done", words, on.date() if on else at.act.today, shot)
        place_of = desk.config.documents_dir
        settle_point(at.conn, at.trust_id, no, place, fix, actor, at.act, location=place_of)
    answer(as_json, {"no": no, "place": place}, f"第 {place} 点{'仍不合格' if still else '已整改'}，已登记。")


def _shot(file: Path) -> Shot:
    if not file.is_file():
        raise refuse("no_file", f"没有这个文件：{file}", "照片")
    return read_shot(file.read_bytes())


COMMANDS = (inspections, inspection, inspect_, settle)
