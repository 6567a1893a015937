"""What a line of a register must say: everything wrong with it at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection

from ledger.errors import Problem
from ledger.inquiries.privacy import privacy_problems
from ledger.registers.value import (
    ACTIVITY_KINDS,
    AREAS,
    EQUIPMENT_KINDS,
    PAPER_KINDS,
    REGISTERS,
    SAFEGUARD_KINDS,
    SYNC_ITEMS,
    Activity,
    Body,
    Checklist,
    Equipment,
    Institution,
    Paper,
    Plan,
    Posts,
    Safeguard,
    Sync,
)
from ledger.resolutions.texts import text_problems

LONGEST = 60
MOST_POINTS = 40
_MOST = 100_000


def body_problems(body: Body, on: date) -> Iterator[Problem]:
    """What is wrong with a line by itself."""
    yield from _CHECKS[type(body)](body, on)


def private_problems(conn: Connection, trust_id: int, body: Body) -> list[Problem]:
    """Names, homes, numbers in any of its words: the registers are about no one."""
    words = " ".join(_words(body))
    problems = privacy_problems(conn, trust_id, words) if words.strip() else []
    return [Problem(one.code, f"台账只到组织层：{one.message}", one.where) for one in problems]


def _words(body: Body) -> Iterator[str]:
    """What somebody typed, but for what is chosen from a list."""
    for name in body.__struct_fields__:
        value = getattr(body, name)
        if name not in ("kind", "item") and isinstance(value, str):
            yield value
    if isinstance(body, Checklist):
        yield from (point.what for point in body.points)


def _choice(value: str, among: Collection[str], where: str) -> Iterator[Problem]:
    if value not in among:
        yield Problem("bad_choice", f"{where}没有“{value}”这个选项", where)


def _number(value: int, where: str, least: int, most: int) -> Iterator[Problem]:
    if not least <= value <= most:
        yield Problem("bad_number", f"{where}应在 {least} 与 {most} 之间", where)


def _sync(body: Sync, on: date) -> Iterator[Problem]:
    yield from _choice(body.item, SYNC_ITEMS, "事项")


def _posts(body: Posts, on: date) -> Iterator[Problem]:
    yield from text_problems(body.organisation, "组织", longest=LONGEST)
    yield from _number(body.seats, "职数", 1, 1_000)
    if not 0 <= body.held <= body.seats:
        yield Problem("bad_number", f"交叉任职数应在 0 与职数 {body.seats} 之间", "交叉任职数")


def _plan(body: Plan, on: date) -> Iterator[Problem]:
    yield from _choice(body.kind, ACTIVITY_KINDS, "种类")
    yield from _number(body.year, "年份", 2000, 2100)
    yield from _number(body.times, "次数", 1, 1_000)


def _activity(body: Activity, on: date) -> Iterator[Problem]:
    yield from _choice(body.kind, ACTIVITY_KINDS, "种类")
    yield from text_problems(body.title, "活动", longest=LONGEST)
    yield from _number(body.people, "人数", 1, _MOST)
    yield from _number(body.minutes, "服务时长（分钟，各人相加）", 1, _MOST * 60)


def _safeguard(body: Safeguard, on: date) -> Iterator[Problem]:
    yield from _choice(body.kind, SAFEGUARD_KINDS, "种类")
    yield from text_problems(body.title, "名称", longest=LONGEST)


def _institution(body: Institution, on: date) -> Iterator[Problem]:
    yield from text_problems(body.title, "制度或台账", longest=LONGEST)


def _equipment(body: Equipment, on: date) -> Iterator[Problem]:
    yield from _choice(body.kind, EQUIPMENT_KINDS, "种类")
    yield from text_problems(body.title, "设施名称", longest=LONGEST)
    yield from text_problems(body.place, "位置", longest=LONGEST, needed=False)
    yield from _number(body.upkeep_days, "维保间隔天数", 0, 1_000)


def _paper(body: Paper, on: date) -> Iterator[Problem]:
    yield from _choice(body.kind, PAPER_KINDS, "种类")
    yield from text_problems(body.number, "编号", longest=LONGEST, needed=False)
    if body.kind == "check" and (body.good_until is None or body.good_until <= on):
        yield Problem("bad_until", "检验、检测应写明有效期到哪一天，晚于检验日期", "有效期至")
    if body.kind == "upkeep" and body.good_until is not None:
        yield Problem("bad_until", "维保记录没有有效期，请留空", "有效期至")


def _checklist(body: Checklist, on: date) -> Iterator[Problem]:
    yield from text_problems(body.title, "检查单名称", longest=LONGEST)
    if not 1 <= len(body.points) <= MOST_POINTS:
        yield Problem("bad_points", f"检查单应有 1 到 {MOST_POINTS} 个检查点", "检查点")
    for no, point in enumerate(body.points[:MOST_POINTS], start=1):
        yield from _choice(point.area, AREAS, f"第 {no} 点的方面")
        yield from text_problems(point.what, f"第 {no} 点", longest=LONGEST)
    whats = [point.what for point in body.points]
    for what in sorted({what for what in whats if what and whats.count(what) > 1}):
        yield Problem("twice", f"检查点“{what}”写了两遍", "检查点")
    yield from _number(body.every_days, "巡查间隔天数", 0, 400)
    yield from _number(body.fix_days, "整改天数", 1, 400)


_CHECKS: Mapping[type[Body], Callable[[Any, date], Iterator[Problem]]] = {
    Sync: _sync,
    Posts: _posts,
    Plan: _plan,
    Activity: _activity,
    Safeguard: _safeguard,
    Institution: _institution,
    Equipment: _equipment,
    Paper: _paper,
    Checklist: _checklist,
}
if set(_CHECKS) != {register.body for register in REGISTERS.values()}:
    raise AssertionError("every register has its checks")
