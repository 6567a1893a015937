"""Paper ballots typed in bulk: lines of text, or a sheet. One line a voter: room, then a letter an item."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date

from ledger.errors import Problem, Refused
from ledger.resolutions.choices import parse_choice
from ledger.resolutions.slips import Slip
from ledger.resolutions.value import CHOOSE, Item
from ledger.trust.sheet import Column, Form, parse_day, read_sheet

MOST_LINES = 2_000
_SPACES = re.compile(r"[\s|]+")
_PROXY_MARKS = {"委托", "代", "代理", "是"}


def parse_grid(text: str, items: Sequence[Item], received_on: date) -> list[Slip]:
    """Lines such as ``3-1-0502 A B 1,3``; a last word 委托 marks a ballot signed by proxy.

    Empty lines and what follows # are passed over. Raises :class:`~ledger.errors.Refused` with every line
    that can't be read.
    """
    slips, problems = [], list[Problem]()
    for number, line in enumerate(text.splitlines(), start=1):
        where = f"第 {number} 行"
        words = [word for word in _SPACES.split(_plain(line.split("#")[0])) if word]
        if not words:
            continue
        by_proxy = words[-1] in _PROXY_MARKS and len(words) == len(items) + 2
        said = words[1 : len(items) + 1]
        if len(words) != len(items) + 1 + by_proxy:
            problems.append(
                Problem("bad_line", f"应是房号加 {len(items)} 个选择，如“{_sample(items)}”", where)
            )
            continue
        choices = _choices(items, said, where, problems)
        slips.append(Slip(words[0], choices, received_on, by_proxy, where=where))
    if not slips and not problems:
        problems.append(Problem("empty_grid", f"请每行写一张选票，如“{_sample(items)}”", "选票"))
    if len(slips) > MOST_LINES:
        problems.append(Problem("too_many_rows", f"一次最多录入 {MOST_LINES} 张，请分几次", "选票"))
    if problems:
        raise Refused(problems)
    return slips


def ballot_form(items: Sequence[Item]) -> Form:
    """The sheet for typing ballots; also the template that is handed out."""
    return Form(
        title="纸质选票",
        columns=(
            Column("unit", "房号", "这张选票所属的任意一套房", 16, required=True),
            *(
                Column(f"item{no}", _heading(no, item), _help(item), 24, required=True)
                for no, item in enumerate(items, start=1)
            ),
            Column("received_on", "收到日期", "收到选票的那天，如 2026-11-20；不填按上传时所选", 14),
            Column("proxy", "委托", "由受托人签字的写“是”，要先登记委托书", 8),
        ),
        examples=(("03-1-0502", *("1" if item.kind == CHOOSE else "A" for item in items), "", ""),),
        notes=(
            "每行一张选票。同意填 A，反对填 B，弃权填 C，没有勾选或看不清填 D；选候选的填序号，几个用逗号。",
            "同一业主的几套房只投一票，写其中任意一套。第二位录入人另外填一份，不要照抄第一份。",
        ),
    )


def parse_ballot_sheet(data: bytes, filename: str, items: Sequence[Item], received_on: date) -> list[Slip]:
    """Ballots from a filled-in XLSX or CSV. Raises :class:`~ledger.errors.Refused` with every problem."""
    slips, problems = [], list[Problem]()
    for row in read_sheet(data, filename, ballot_form(items)):
        where = f"第 {row.number} 行"
        cells = row.cells
        choices = _choices(
            items, [cells.get(f"item{no}", "") for no in range(1, len(items) + 1)], where, problems
        )
        day = received_on
        if typed := cells.get("received_on", "").strip():
            try:
                day = parse_day(typed)
            except ValueError as error:
                problems.append(Problem("bad_day", str(error), f"{where} 收到日期"))
        unit = "".join(_plain(cells.get("unit", "")).split())
        by_proxy = _plain(cells.get("proxy", "")) in _PROXY_MARKS
        slips.append(Slip(unit, choices, day, by_proxy, where=where))
    if problems:
        raise Refused(problems)
    return slips


def _choices(
    items: Sequence[Item], said: Sequence[str], where: str, problems: list[Problem]
) -> tuple[str, ...]:
    found = []
    for no, (item, word) in enumerate(zip(items, said, strict=True), start=1):
        try:
            found.append(parse_choice(item, word))
        except ValueError as error:
            problems.append(Problem("bad_choice", str(error), f"{where} 第 {no} 项"))
    return tuple(found)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _heading(no: int, item: Item) -> str:
    return f"第{no}项 {item.title}"


def _help(item: Item) -> str:
    if item.kind != CHOOSE:
        return "A 同意、B 反对、C 弃权、D 无效"
    names = "、".join(f"{no} {name}" for no, name in enumerate(item.candidates, start=1))
    return f"候选的序号（{names}），最多 {item.seats} 个，几个用逗号；B 全部反对、C 弃权、D 无效"


def _sample(items: Sequence[Item]) -> str:
    return " ".join(["03-1-0502", *("1" if item.kind == CHOOSE else "A" for item in items)])
