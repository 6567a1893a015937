"""Fifteen months in the life of a small community, each closed in its turn: a whole year, and a quarter more.

Everything a statement tells happens at least once: shared revenue with costs, uses of the maintenance fund in
buildings large and small, a project, a budget, corrections within a month and of months closed long before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any

from sqlalchemy import Engine, select

from disclosure.statements import PublishedStatement, Statement, publish_statement
from ledger.balances import Clock, account_totals
from ledger.bank.importing import record_bank_balance
from ledger.budget.codes import EXPENSE
from ledger.log.keys import create_key, load_signer
from ledger.log.note import Signer
from ledger.log.store import origin_of, sign_log
from ledger.periods.calendar import last_day
from ledger.periods.spans import span_of
from ledger.store.engine import reading, writing
from ledger.store.tables import trust_head
from ledger.trust import Unit, add_units, record_setting
from tests.budget.desk import approve, income, noticed, spending
from tests.ledger.books import (
    BANK,
    CASH,
    SITE_USE,
    Books,
    act,
    cash,
    contribution,
    deposit,
    draft,
    fee_charge,
    fee_receipt,
    interest,
    invoice,
    line,
    maintenance,
    open_books,
    payment,
    project_money,
)
from tests.servers import Database

MONTHS = (*range(202401, 202413), 202501, 202502, 202503)
TODAY = date(2025, 6, 30)
HOMES = {"3": 6, "4": 5, "5": 2}
"""Homes by building, besides the three that every community of the tests has."""
COST_LINE = "2025-F2-01"
UNIT_PARTS = tuple(
    (f"{building}-{no}01", building) for building, count in HOMES.items() for no in range(1, count + 1)
)


@dataclass
class Year:
    """The books with what a test needs of them. ``refs`` names entries."""

    books: Books
    signer: Signer
    database: Database
    refs: dict[str, str] = field(default_factory=dict)

    @property
    def engine(self) -> Engine:
        return self.books.engine

    def sign(self, on: date = TODAY) -> None:
        sign_log(self.engine, self.books.trust_id, self.signer, act(on).now)

    def publish(self, code: int, on: date = TODAY) -> PublishedStatement:
        """Sign what there is and publish."""
        self.sign(on)
        with writing(self.engine) as conn:
            return publish_statement(conn, self.books.trust_id, code, act(on))

    def value(self, code: int) -> Statement:
        return self.publish(code).value

    def size(self) -> int:
        with reading(self.engine) as conn:
            return int(
                conn.execute(
                    select(trust_head.c.size).where(trust_head.c.trust_id == self.books.trust_id)
                ).scalar_one()
            )


def live(engine: Engine, folder: Any, database: Database) -> Year:
    """Live the fifteen months."""
    books = open_books(engine)
    with writing(engine) as conn:
        add_units(
            conn, books.trust_id, [Unit(unit, building, "home", 90_00) for unit, building in UNIT_PARTS]
        )
        origin = origin_of(conn, books.trust_id)
    key = folder / "log.pem"
    create_key(key, Random(5).randbytes)
    year = Year(books, load_signer(key, origin), database)
    rng = Random(20240101)
    for period in MONTHS:
        if period == 202501:
            _budget(books)
        _month(year, period, rng)
        _close(books, period)
    year.sign()
    return year


def _budget(books: Books) -> None:
    with writing(books.engine) as conn:
        record_setting(
            conn,
            books.trust_id,
            "budget_approved_by",
            "committee",
            effective_on=date(2024, 12, 1),
            authority="议事规则",
            act=act(date(2024, 12, 1)),
        )
    lines = (
        income("场地收入", 6_000, accounts=("4003",)),
        spending("合理成本", 900, accounts=("5015",), kind=EXPENSE),
    )
    key = noticed(books, lines, year=2025, fund="F2", on=date(2024, 12, 5))
    approve(books, key, on=date(2024, 12, 28), effective_on=date(2025, 1, 1))


def _month(year: Year, period: int, rng: Random) -> None:
    books, number = year.books, MONTHS.index(period)
    on = last_day(period).replace(day=10)

    def fen(low: int, high: int) -> int:
        return rng.randint(low, high)

    first, second = fen(80_00, 120_00), fen(150_00, 250_00)
    bill = fen(900_00, 3_000_00)
    made = [
        fee_charge((("1-101", first), ("1-102", second)), date=on),
        fee_receipt(first, date=on),
        interest(fen(1_00, 20_00), date=on),
        invoice(bill, date=on),
        payment(bill, date=on.replace(day=20)),
        advert_income(fen(300_00, 700_00), on),
        proven_cost(fen(10_00, 60_00), on, budgeted=period > 202500),
    ]
    if number % 3 == 0:
        made.append(contribution(tuple((unit, fen(500_00, 900_00)) for unit, _ in UNIT_PARTS), date=on))
    if number % 4 == 2:
        made.append(maintenance((("3-101", fen(10_00, 90_00)), ("4-101", fen(10_00, 90_00))), date=on))
    if number in (1, 7):
        made.append(deposit(2_000_00, date=on))
        made.append(project_money(fen(100_00, 500_00), date=on))
    posted = books.post_many(made, on.replace(day=25))
    for name, item in zip(("charge", "receipt", "interest", "invoice", "payment"), posted, strict=False):
        year.refs[f"{name}-{period}"] = item.ref
    if number in (3, 9):  # a correction within the month, and one of a month closed before
        books.reverse(
            year.refs[f"interest-{period}"],
            on=on.replace(day=21),
            today=on.replace(day=25),
            reason="重复入账",
        )
    if number == 4:
        year.refs["late"] = books.reverse(
            year.refs["interest-202402"], on=on.replace(day=22), today=on.replace(day=25), reason="记错账户"
        ).ref


def advert_income(amount: int, on: date) -> Any:
    lines = [cash("D", amount, "F2"), line("C", "400301", amount, "F2", contract="R1", site="S1")]
    return draft(
        "E17", lines, "bank_line", "contract", date=on, references={"contract": "R1", "resolution": SITE_USE}
    )


def proven_cost(amount: int, on: date, *, budgeted: bool) -> Any:
    lines = [line("D", "5015", amount, "F2"), cash("C", amount, "F2")]
    references = {"budget_line": COST_LINE} if budgeted else {}
    return draft("E20", lines, "cost_proof", date=on, references=references, counterparty="灯箱维修店")


def _close(books: Books, period: int) -> None:
    day = last_day(period)
    after = span_of(period).last
    with writing(books.engine) as conn:
        for fund, code in BANK.items():
            book = "M" if fund == "M" else "A"
            clock = Clock(day, 10**9, True)
            totals = account_totals(
                conn, books.trust_id, book, CASH[fund], clock, fund=fund, bank_account=code
            )
            record_bank_balance(conn, books.trust_id, code, day, totals.balance, "0" * 64, act(after))
    if period % 100 == 12:
        for book in ("A", "M"):
            books.close_year(period // 100, book, TODAY)  # type: ignore[arg-type]
    for book in ("A", "M"):
        books.close(period, book, TODAY)
