"""A community that keeps registers and is gone round, a transaction a call."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from itertools import count
from typing import Any

from PIL import Image
from sqlalchemy import Connection

from ledger.evaluation.measures import Window, measure
from ledger.evaluation.score import Found
from ledger.inquiries.pictures import read_shot
from ledger.journal.head import peek_head
from ledger.people import Actor
from ledger.registers import (
    Activity,
    Check,
    Checklist,
    Equipment,
    Fix,
    Institution,
    Paper,
    Plan,
    Point,
    Posts,
    Safeguard,
    Sync,
    Visit,
    inspect,
    keep_row,
    settle_point,
    strike_row,
)
from ledger.registers.value import REGISTERS, Body, register_of
from ledger.trust.act import Act
from tests.inquiries.desk import COMMITTEE, PARTY, PREPARER, Desk, at

FIRST, LAST = date(2025, 4, 1), date(2025, 6, 30)
ROUND = Checklist(
    "每日巡查",
    (
        Point("fire", "1号楼消防通道"),
        Point("clean", "垃圾房周边"),
        Point("order", "北门岗亭"),
    ),
    every_days=30,
    fix_days=5,
)
_keys = count(1)


def keeper(body: Body) -> Actor:
    """Who keeps the register of a value."""
    return PARTY if REGISTERS[register_of(body)].action == "register.party" else PREPARER


def keep(desk: Desk, body: Body, on: date, *, today: date | None = None, **more: Any) -> int:
    """A line, recorded on the day it speaks of unless said otherwise."""
    desk.today = today or on
    with desk.writing() as (conn, trust_id, act):
        return keep_row(conn, trust_id, body, on, keeper(body), act, **more)


def strike(desk: Desk, body: Body, no: int, on: date) -> None:
    desk.today = on
    with desk.writing() as (conn, trust_id, act):
        strike_row(conn, trust_id, register_of(body), no, "登记有误", keeper(body), act)


def go_round(
    desk: Desk,
    on: date,
    *bad: int,
    by: Actor = COMMITTEE,
    checklist: int = 1,
    points: int = 3,
    today: date | None = None,
    **changes: Any,
) -> int:
    """Go through the checklist; the points named are not in order."""
    checks = {
        place: Check(place not in bad, "堆了纸箱" if place in bad else "") for place in range(1, points + 1)
    }
    location = changes.pop("location", None)
    values: dict[str, Any] = {"checklist": checklist, "version": 1, "held_on": on, "checks": checks}
    values |= {"key": f"i{next(_keys)}"} | changes
    desk.today = today or on
    with desk.writing() as (conn, trust_id, act):
        return inspect(conn, trust_id, Visit(**values), by, act, location=location)


def settle(
    desk: Desk,
    no: int,
    place: int,
    on: date,
    *,
    state: str = "done",
    by: Actor = PREPARER,
    today: date | None = None,
) -> None:
    desk.today = today or on
    with desk.writing() as (conn, trust_id, act):
        settle_point(conn, trust_id, no, place, Fix(state, "已清走", on), by, act)


def found(desk: Desk, name: str, today: date = date(2025, 7, 5), **args: int) -> Found | None:
    """A measure over the second quarter, asked on a day."""
    with desk.reading() as (conn, trust_id):
        size = peek_head(conn, trust_id).tree.size
        return measure(conn, trust_id, name, Window(FIRST, LAST, at(today).now, size), args)


def said(one: Found | None) -> list[tuple[str, int]]:
    assert one is not None
    return [(item.on.isoformat(), item.count) for item in one.items]


def picture() -> bytes:
    """A photo that says where it was taken."""
    file, exif = BytesIO(), Image.Exif()
    exif[0x010E] = "3-101 门口"
    Image.new("RGB", (64, 48), "red").save(file, "JPEG", exif=exif)
    return file.getvalue()


def shot() -> Any:
    return read_shot(picture())


def some_of_everything(
    conn: Connection, trust_id: int, today: date, party: Actor, preparer: Actor, now: Act
) -> None:
    """A line or two in every register, a lift whose check ran out, and an inspection with a point to put right."""
    for body in (
        Sync("registration", True),
        Sync("supervision", False),
        Posts("业主委员会", 5, 3),
        Plan("volunteer", today.year, 12),
        Activity("volunteer", "清理楼道杂物", 12, 24 * 60 + 30),
        Safeguard("list", "独居老人名册"),
        Safeguard("drill", "消防演练"),
        Institution("小区议事规则", True),
        Institution("财务公开制度", False),
    ):
        keep_row(conn, trust_id, body, today, party, now)
    since = today - timedelta(days=200)
    for title in ("1号楼1号电梯", "2号楼1号电梯"):
        keep_row(conn, trust_id, Equipment("lift", title, title[:3], 15), since, preparer, now)
    keep_row(conn, trust_id, Equipment("water", "生活水箱", "地下一层"), since, preparer, now)
    keep_row(conn, trust_id, Paper(1, "check", "检字1", today - timedelta(days=3)), since, preparer, now)
    keep_row(conn, trust_id, Paper(2, "check", "检字2", today + timedelta(days=20)), since, preparer, now)
    keep_row(conn, trust_id, Paper(2, "upkeep"), today, preparer, now)
    checks = {1: Check(True), 2: Check(False, "满出来了"), 3: Check(True)}
    inspect(conn, trust_id, Visit(1, 1, today - timedelta(days=9), "first", checks), party, now)
