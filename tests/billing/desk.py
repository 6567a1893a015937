"""A community whose staff prepare, review and pay: what the tests of charges and receipts work with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import count

from sqlalchemy import Engine

from ledger.balances import balances_by, resolve_clock
from ledger.billing import OpenItem, Standard, charge_work, open_items, record_fee_standard, record_standard
from ledger.journal import Posted
from ledger.journal.read import Stored
from ledger.people import Actor, Role
from ledger.store.engine import reading, writing
from ledger.trust import Unit, add_units
from ledger.work import Work, pay, prepare, review
from tests.fees import agreed_standard
from tests.ledger.books import DAY, OPENED, TODAY, Books, act, open_books

CLERK = Actor("clerk", "会计甲", frozenset({Role.PREPARER}))
REVIEWER = Actor("reviewer", "审核乙", frozenset({Role.REVIEWER}))
CASHIER = Actor("cashier", "出纳丙", frozenset({Role.CASHIER}))
RATE = 19_800
_tokens = count(1)


def token() -> str:
    return f"t{next(_tokens)}"


@dataclass(frozen=True)
class Desk:
    """Books and the people at them; every method is a transaction of its own."""

    books: Books

    @property
    def engine(self) -> Engine:
        return self.books.engine

    @property
    def trust_id(self) -> int:
        return self.books.trust_id

    def add_units(self, *units: Unit) -> None:
        with writing(self.engine) as conn:
            add_units(conn, self.trust_id, units)

    def standard(self, rate_e4: int = RATE, on: date = OPENED, **fields: object) -> int:
        values = {
            "item": "property",
            "scope": "use",
            "target": "home",
            "method": "area",
            "authority": "业决1号",
        }
        asked = Standard(rate_e4=rate_e4, effective_on=on, **(values | fields))  # type: ignore[arg-type]
        with writing(self.engine) as conn:
            return record_standard(conn, self.trust_id, asked, CLERK, act())

    def new_standard(self, rate_e4: int, on: date, **fields: object) -> int:
        """The same after the books have opened: as the owners were asked, decided and told."""
        values = {"item": "property", "scope": "use", "target": "home", "method": "area", "authority": "-"}
        asked = Standard(rate_e4=rate_e4, effective_on=on, **(values | fields))  # type: ignore[arg-type]
        with writing(self.engine) as conn:
            return agreed_standard(conn, self.trust_id, asked)

    def prepare(self, work: Work, today: date = TODAY) -> int:
        with writing(self.engine) as conn:
            return prepare(conn, self.trust_id, work, CLERK, act(today)).no

    def post(self, work: Work, today: date = TODAY, paid_on: date = DAY) -> list[Posted]:
        """Prepare, review, and pay if it has to be paid."""
        with writing(self.engine) as conn:
            no = prepare(conn, self.trust_id, work, CLERK, act(today)).no
        with writing(self.engine) as conn:
            posted = review(conn, self.trust_id, no, REVIEWER, act(today))
        if posted:
            return posted
        with writing(self.engine) as conn:
            return pay(conn, self.trust_id, no, CASHIER, act(today), on=paid_on, bank_number="回单1")

    def charge(self, period: int, kind: str = "property") -> Posted:
        with reading(self.engine) as conn:
            work = charge_work(conn, self.trust_id, period, kind)
        return self.post(work)[0]

    def items(self, *units: str) -> dict[str, list[OpenItem]]:
        with reading(self.engine) as conn:
            return open_items(conn, self.trust_id, units)

    def owed(self, account: str = "112201") -> dict[str, int]:
        """Balance of an account by unit; those at nought are left out."""
        with reading(self.engine) as conn:
            clock = resolve_clock(conn, self.trust_id, today=TODAY)
            found = balances_by(conn, self.trust_id, "A", account, "unit", clock)
        return {unit: totals.balance for unit, totals in found.items() if totals.balance}

    def stored(self, posted: Posted) -> Stored:
        return self.books.stored(posted.ref)


def open_desk(engine: Engine, *, standard: bool = True) -> Desk:
    """Three homes of 90 m² (1-101, 1-102, 2-201), and a fee of 1.98 yuan per m² unless told otherwise."""
    books = open_books(engine)
    if standard:
        with writing(engine) as conn:
            record_fee_standard(
                conn, books.trust_id, "home", RATE, effective_on=OPENED, authority="业决〔2024〕1号"
            )
    return Desk(books)
