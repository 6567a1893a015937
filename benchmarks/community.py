"""A community to measure with: a thousand homes, and drafts of its everyday business.

No bank account is on record (only named in postings), so that months close without statements.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from random import Random

from sqlalchemy import Engine

from ledger.journal import Document, Draft, Line
from ledger.store.engine import writing
from ledger.trust import (
    Act,
    Contract,
    Deed,
    Unit,
    add_contracts,
    add_dimension_values,
    add_units,
    open_trust,
)
from tests.decisions import note_decision

TRUST = 1
OPENED = date(2024, 1, 1)
BUSY_ACCOUNT = "100201"
UNITS = tuple(f"{tower}-{floor:02d}{door:02d}" for tower in range(1, 6) for floor in range(1, 26) for door in range(1, 9))  # fmt: skip
_EXPENSES = ("5002", "5003", "5004", "500501", "500502", "500503", "500504", "500505", "500506", "5007", "5008", "5012")  # fmt: skip
_REVENUES = tuple(f"40030{n}" for n in range(1, 9))
_PREPARER, _REVIEWER = "会计甲", "审核乙"


def act(today: date, random: Random) -> Act:
    """Ten in the morning in China."""
    return Act(datetime(today.year, today.month, today.day, 2, tzinfo=UTC), random.randbytes)


def open_community(engine: Engine) -> None:
    """Open the trust with all that the drafts below name."""
    start = act(OPENED, Random(1))
    deed = Deed(OPENED, "物业服务", "委托人、受托人", "全体业主", "物业费、公共收益", "按面积", "决议1号")
    with writing(engine) as conn:
        open_trust(
            conn,
            trust_id=TRUST,
            slug="bench",
            name="明和苑",
            trustee="锦安物业服务有限公司",
            host="mingzhang.example",
            opened_on=OPENED,
            deed=deed,
            act=start,
        )
        add_units(conn, TRUST, [Unit(unit, unit.split("-")[0], "home", 90_00) for unit in UNITS])
        for dimension, codes in {
            "bank_account": [f"F{n}" for n in range(1, 6)],
            "vendor": [f"V{n}" for n in range(20)],
            "party": ["STAFF", "PAYER"],
            "site": ["S1", "S2"],
        }.items():
            add_dimension_values(conn, TRUST, dimension, [{"code": code, "name": code} for code in codes])
        contracts = [Contract(f"C{n}", "维保", f"V{n}", "", OPENED, None) for n in range(20)]
        note_decision(conn, TRUST, "业决1号", "shared_use")
        add_contracts(conn, TRUST, [*contracts, Contract("R1", "广告", "PAYER", "S1", OPENED, None)])


def receipts(first: int, count: int, day: date) -> list[Draft]:
    """Bank receipts of property fees, as an import of a statement makes them: numbered from ``first``."""
    return [_receipt(number, day) for number in range(first, first + count)]


def business(year: int, month: int, first: int, count: int) -> Iterator[Draft]:
    """A month's entries of two postings each, by day: mostly receipts, and a bit of everything else."""
    random = Random(year * 100 + month)
    start = date(year, month, 1)
    days = ((start + timedelta(days=31)).replace(day=1) - start).days
    for index in range(count):
        yield _any(first + index, start + timedelta(days=index * days // count), random)


def _any(number: int, day: date, random: Random) -> Draft:
    kind, amount = random.random(), random.randrange(1_00, 5_000_00)
    unit = UNITS[number % len(UNITS)]
    if kind < 0.80:
        return _receipt(number, day, amount)
    if kind < 0.84:
        lines = (_cash("D", amount, 3), Line("224101", "F3", "C", amount, unit=unit))
        return _draft(number, day, "E08a", "收装修保证金", lines, "receipt")
    if kind < 0.88:
        lines = (_cash("D", amount, 4), Line("224103", "F4", "C", amount, unit=unit))
        return _draft(number, day, "E09a", "代收水费", lines, "receipt")
    if kind < 0.90:
        revenue = Line(_REVENUES[number % len(_REVENUES)], "F2", "C", amount, contract="R1", site="S1")
        named = {"contract": "R1", "resolution": "业决1号"}
        return _draft(
            number, day, "E17", "广告收入", (_cash("D", amount, 2), revenue), "bank_line", "contract", **named
        )
    vendor = number % 20
    owed = partial(Line, "220201", "F1", amount=amount, vendor=f"V{vendor}", contract=f"C{vendor}")
    if kind < 0.95:
        lines = (
            Line(_EXPENSES[number % len(_EXPENSES)], "F1", "D", amount),
            owed(side="C"),
        )
        return _draft(number, day, "E11a", "维保费", lines, "invoice", "acceptance", contract=f"C{vendor}")
    lines = (owed(side="D"), _cash("C", amount, 1))
    return _draft(number, day, "E11b", "支付维保费", lines, "bank_line")


def _receipt(number: int, day: date, amount: int = 0) -> Draft:
    unit = UNITS[number % len(UNITS)]
    fen = amount or 150_00 + number % 50_000
    lines = (_cash("D", fen, 1), Line("112201", "F1", "C", fen, unit=unit))
    return _draft(number, day, "E02", "收物业费", lines, "bank_line", payer=f"业主{unit}")


def _cash(side: str, amount: int, fund: int) -> Line:
    return Line(f"10020{fund}", f"F{fund}", side, amount, bank_account=f"F{fund}")  # type: ignore[arg-type]


def _draft(
    number: int, day: date, event: str, summary: str, lines: tuple[Line, ...], *kinds: str,
    payer: str = "", **references: str,
) -> Draft:  # fmt: skip
    return Draft(
        book="A",
        date=day,
        event=event,
        summary=summary,
        lines=lines,
        preparer=_PREPARER,
        reviewer=_REVIEWER,
        key=f"bank:F1:{number:012d}",
        documents=tuple(
            Document(kind, number=f"{number:020d}", original=f"{number // 500:064x}") for kind in kinds
        ),
        references=references,
        counterparty=payer,
    )
