"""A community that keeps registers and is gone round, a transaction a call."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from itertools import count
from typing import Any

from PIL import Image

from ledger.evaluation.measures import Window, measure
from ledger.evaluation.score import Found
from ledger.inquiries.pictures import read_shot
from ledger.journal.head import peek_head
from ledger.people import Actor
from ledger.registers import (
    Check,
    Checklist,
    Fix,
    Point,
    Visit,
    inspect,
    keep_row,
    settle_point,
    strike_row,
)
from ledger.registers.value import REGISTERS, Body, register_of
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


def settle(desk: Desk, no: int, place: int, on: date, *, state: str = "done", by: Actor = PREPARER) -> None:
    desk.today = on
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
