"""Short hands for the tests of budgets: lines, a version taken through its course, invoices that name a line."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Engine

from ledger.budget.available import Available, available
from ledger.budget.codes import EXPENSE, INCOME
from ledger.budget.course import adopt, give_notice
from ledger.budget.drafting import open_draft, save_lines
from ledger.budget.lines import Line
from ledger.budget.value import Key
from ledger.payments.requests import invoice_work
from ledger.people import Actor, Role
from ledger.store.engine import reading, writing
from ledger.work import prepare, review
from tests.ledger.books import TODAY, Books, act, fee_receipt, open_books
from tests.payments.desk import an_invoice
from tests.work.people import ACCOUNTANT, CHAIR, CHECKER

OWNER = Actor("p-20", "业主甲（yezhu）", frozenset({Role.RESIDENT}), units=("1-101",))
NEIGHBOUR = Actor("p-21", "业主乙（linju）", frozenset({Role.RESIDENT}), units=("1-102",))
LIFT, OFFICE, FEES = "2025-F1-01", "2025-F1-02", "2025-F1-I01"
NOTICE = TODAY
IN_FORCE = TODAY + timedelta(days=16)
"""The day after fifteen days on notice."""


def spending(title: str = "电梯维保", yuan: int = 1_000, **changes: Any) -> Line:
    values: dict[str, Any] = {
        "code": "",
        "kind": EXPENSE,
        "title": title,
        "accounts": ("500501",),
        "price": yuan * 10_000,
        "quantity": 1_000,
        "times": 1,
    }
    return Line(**(values | changes))


def income(title: str = "物业费", yuan: int = 10_000, **changes: Any) -> Line:
    return spending(title, yuan, **({"kind": INCOME, "accounts": ("4001",)} | changes))


LINES = (income(), spending(), spending("办公费", 200, accounts=("5007",)))


def budget_books(engine: Engine, trust_id: int = 1, **settings: Any) -> Books:
    """Books whose committee approves budgets, with some money in the bank."""
    books = open_books(engine, trust_id, **({"budget_approved_by": "committee"} | settings))
    books.post(fee_receipt(500_00))
    return books


def drafted(books: Books, lines: Any = LINES, *, year: int = 2025, fund: str = "F1", **named: Any) -> Key:
    """A draft saved by the accountant."""
    on = named.pop("on", NOTICE)
    with writing(books.engine) as conn:
        key = open_draft(conn, books.trust_id, year, fund, actor=ACCOUNTANT, act=act(on), **named)
        save_lines(conn, books.trust_id, key, list(lines), ACCOUNTANT, act(on))
    return key


def noticed(books: Books, lines: Any = LINES, *, overrun: str = "", **named: Any) -> Key:
    on = named.get("on", NOTICE)
    key = drafted(books, lines, **named)
    with writing(books.engine) as conn:
        give_notice(conn, books.trust_id, key, overrun=overrun, actor=CHECKER, act=act(on))
    return key


def approve(
    books: Books, key: Key, *, on: date = IN_FORCE, decision: str = "业委会纪要7号", **named: Any
) -> int:
    with writing(books.engine) as conn:
        return adopt(
            conn,
            books.trust_id,
            key,
            decision=decision,
            effective_on=named.pop("effective_on", on),
            actor=named.pop("actor", CHAIR),
            act=act(on),
        )


def in_force(books: Books, lines: Any = LINES, **named: Any) -> Key:
    """A budget in force since 2025-07-16."""
    key = noticed(books, lines, **named)
    approve(books, key)
    return key


def left(books: Books, code: str = LIFT) -> Available:
    with reading(books.engine) as conn:
        return available(conn, books.trust_id, [code])[code]


def ask(books: Books, amount: int, code: str = LIFT, **changes: Any) -> int:
    """Prepare an invoice that names a line."""
    values = {"on": IN_FORCE, "budget_line": code} | changes
    with writing(books.engine) as conn:
        work = invoice_work(conn, books.trust_id, an_invoice(amount, **values), act(IN_FORCE))
        return prepare(conn, books.trust_id, work, ACCOUNTANT, act(IN_FORCE)).no


def agree(books: Books, no: int, on: date = IN_FORCE) -> None:
    with writing(books.engine) as conn:
        review(conn, books.trust_id, no, CHECKER, act(on))
