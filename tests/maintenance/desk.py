"""A trust whose maintenance fund has something in it, and the people who move work along."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Engine

from ledger.balances import resolve_clock
from ledger.journal import Posted
from ledger.maintenance import Scope, fund_position, subaccount_balances
from ledger.maintenance.plans import Plan, record_plan
from ledger.maintenance.subaccounts import Position
from ledger.people import Actor, Role
from ledger.store.engine import reading, writing
from ledger.trust import Act, Setup, Unit, add_units, load_setup, record_setting
from ledger.work import Work, pay, prepare, read_work, review
from tests.ledger.books import FUND_USE, OPENED, TODAY, Books, act, contribution, open_books

M = "M-ICBC"
PREPARER = Actor("p1", "会计甲", frozenset({Role.PREPARER}))
REVIEWER = Actor("p2", "审核乙", frozenset({Role.REVIEWER}))
CASHIER = Actor("p3", "出纳丙", frozenset({Role.CASHIER}))
MORE_UNITS = (
    Unit("03-1-0101", "03", "home", 89_37),
    Unit("03-1-0102", "03", "home", 101_20),
    Unit("03-2-0101", "03", "home", 77_77),
    Unit("03-2-0102", "03", "shop", 55_55),
    Unit("04-1-0101", "04", "unsold", 120_01),
)
PAID = (("03-1-0101", 8_000_00), ("03-1-0102", 9_000_00), ("03-2-0101", 7_000_00), ("03-2-0102", 100_00))


@dataclass(frozen=True)
class Fund:
    """The maintenance fund of a trust, a transaction a call."""

    books: Books

    @property
    def trust_id(self) -> int:
        return self.books.trust_id

    @property
    def engine(self) -> Engine:
        return self.books.engine

    def setup(self) -> Setup:
        with reading(self.engine) as conn:
            return load_setup(conn, self.trust_id)

    def act(self, day: date = TODAY) -> Act:
        return act(day)

    def rule(self, name: str, value: object, on: date = OPENED) -> None:
        with writing(self.engine) as conn:
            record_setting(conn, self.trust_id, name, value, effective_on=on, authority="业决1号", act=act())

    def plan(
        self, fen: int, shortfall: str = "refuse", scope: Scope | None = None, name: str = "WX-1"
    ) -> Plan:
        plan = Plan(
            plan=name,
            title="电梯大修",
            estimate=fen,
            scope=scope or Scope("building", ("03",)),
            resolution=FUND_USE,
            filing="备案3号",
            shortfall=shortfall,  # type: ignore[arg-type]
            decision="" if shortfall == "refuse" else "业决4号",
        )
        with writing(self.engine) as conn:
            record_plan(conn, self.trust_id, plan, PREPARER, act())
        return plan

    def prepare(self, work: Work, today: date = TODAY) -> int:
        with writing(self.engine) as conn:
            return prepare(conn, self.trust_id, work, PREPARER, act(today)).no

    def finish(self, no: int, today: date = TODAY, on: date | None = None) -> list[Posted]:
        """Review, and pay if it is to be paid."""
        with writing(self.engine) as conn:
            review(conn, self.trust_id, no, REVIEWER, act(today))
            if read_work(conn, self.trust_id, no).item.waiting_for == "pay":
                return pay(conn, self.trust_id, no, CASHIER, act(today), on=on or today, bank_number="H1")
        return []

    def carry(self, work: Work, today: date = TODAY) -> int:
        no = self.prepare(work, today)
        self.finish(no, today)
        return no

    def balances(self, today: date = TODAY) -> dict[str, int]:
        with reading(self.engine) as conn:
            return subaccount_balances(conn, self.trust_id, resolve_clock(conn, self.trust_id, today=today))

    def position(self, today: date = TODAY) -> Position:
        with reading(self.engine) as conn:
            return fund_position(conn, self.trust_id, resolve_clock(conn, self.trust_id, today=today))


def open_fund(engine: Engine) -> Fund:
    """Units in buildings 03 and 04 besides those of every test; four of them have paid in."""
    books = open_books(engine)
    with writing(engine) as conn:
        add_units(conn, books.trust_id, MORE_UNITS)
    books.post(contribution(PAID, date=date(2025, 1, 10)))
    return Fund(books)
