"""Owners pay into the maintenance fund (交存, E23a): one unit, or a list of many at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from ledger.errors import Problem, Refused
from ledger.journal import Detail, Draft, Line
from ledger.maintenance.cash import CashIn
from ledger.maintenance.keys import next_key
from ledger.money import format_yuan, parse_yuan
from ledger.store.tables import unit as unit_table
from ledger.trust.sheet import Column, Form, SheetRow
from ledger.work import Work

KIND = "maintenance_contribution"
SHEET = Form(
    title="交存清单",
    columns=(
        Column("unit", "房号", "与房屋台账一致，如 03-2-1201。", 16, required=True),
        Column("amount", "金额", "元，如 8000.00。", 14, required=True),
    ),
    examples=(("03-2-1201", "8000.00"), ("03-2-1202", "7650.50")),
    notes=("每户一行，同一房号不要写两行。各户合计须等于到账金额。", "首期交存额清单也用这张表。"),
)


@dataclass(frozen=True, slots=True)
class ListRow:
    """A row of a list with what is wrong in it; ``fen`` is None where the amount can't be read."""

    row: int
    unit: str
    amount: str
    fen: int | None
    problems: tuple[str, ...] = ()


def read_list(conn: Connection, trust_id: int, rows: Sequence[SheetRow]) -> list[ListRow]:
    """Check a filled-in sheet; every row says what is wrong with it."""
    pairs = [(row.number, row.cells.get("unit", ""), row.cells.get("amount", "")) for row in rows]
    return check_pairs(conn, trust_id, pairs)


def check_pairs(conn: Connection, trust_id: int, pairs: Iterable[tuple[int, str, str]]) -> list[ListRow]:
    """Check (row, unit, amount) one by one: the unit is known and named once, the amount is positive."""
    known = set(conn.execute(select(unit_table.c.unit).where(unit_table.c.trust_id == trust_id)).scalars())
    first: dict[str, int] = {}
    checked = []
    for row, unit, amount in pairs:
        fen, wrong = _amount(amount)
        if not unit:
            wrong.append("缺房号")
        elif unit not in known:
            wrong.append("没有登记过这个房号")
        elif unit in first:
            wrong.append(f"房号与第 {first[unit]} 行重复，请合并成一行")
        first.setdefault(unit, row)
        checked.append(ListRow(row, unit, amount, fen, tuple(wrong)))
    return checked


def _amount(text: str) -> tuple[int | None, list[str]]:
    if not text:
        return None, ["缺金额"]
    try:
        fen = parse_yuan(text)
    except ValueError:
        return None, ["金额读不懂，请写成 1234.56 的样子"]
    return fen, [] if fen > 0 else ["金额应大于零"]


def contribution_work(conn: Connection, trust_id: int, rows: Sequence[ListRow], cash: CashIn) -> Work:
    """One entry for all units of the list; together they are exactly the money that came in.

    Raises :class:`Refused` with every faulty row.
    """
    problems = [
        Problem("bad_row", "；".join(row.problems), f"第 {row.row} 行 {row.unit}".strip())
        for row in rows
        if row.problems
    ]
    details = tuple(Detail(row.unit, row.fen, "交存") for row in rows if row.fen)
    total = sum(detail.amount for detail in details)
    if not problems and total != cash.fen:
        problems.append(
            Problem(
                "not_the_money",
                f"各户合计 {format_yuan(total)} 元，到账 {format_yuan(cash.fen)} 元，两者应相等",
                "金额",
            )
        )
    if problems:
        raise Refused(problems)
    draft = Draft(
        book="M",
        date=cash.on,
        event="E23a",
        summary=f"业主交存维修资金（{len(details)} 户）",
        lines=(cash.line, Line("4001", "M", "C", total, details=details)),
        preparer="",
        reviewer="",
        key=cash.key if cash.links else next_key(conn, trust_id, f"maintenance:{cash.key}"),
        documents=(cash.document,),
    )
    return Work(kind=KIND, title=draft.summary, drafts=(draft,), links=cash.links)
