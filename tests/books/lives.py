"""Random lives of a community over two years, for tests of its books."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from hypothesis import strategies as st
from sqlalchemy import Connection, insert

from ledger.balances import Clock, account_totals
from ledger.journal import Draft
from ledger.periods import close_period
from ledger.periods.calendar import following, last_day
from ledger.store.engine import writing
from ledger.store.tables import bank_balance
from tests.ledger.books import (
    BANK,
    CASH,
    OPENED,
    REVIEWER,
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
    pass_through,
    payment,
    petty,
    project_money,
)

FIRST, LAST = date(2024, 9, 1), date(2025, 4, 30)
amounts = st.integers(1, 10**7)
units = st.sampled_from(["1-101", "1-102", "2-201"])
days = st.integers(0, (LAST - FIRST).days).map(lambda n: FIRST + timedelta(days=n))


def taken_over(amount: int = 5_000_00) -> Draft:
    """The opening entry of book A: cash and arrears of the service fund, deposits held."""
    lines = [
        cash("D", amount),
        line("D", "112201", 300_00, unit="1-101"),
        line("C", "3001", amount + 300_00),
        cash("D", 2_000_00, "F3"),
        line("C", "224101", 2_000_00, "F3", unit="1-102"),
    ]
    return draft("E00", lines, "handover", date=OPENED, summary="期初建账")


@st.composite
def business(draw: st.DrawFn) -> Draft:
    """Something that happens in a community on some day of eight months."""
    day, amount = draw(days), draw(amounts)
    parts = draw(st.lists(st.tuples(units, amounts), min_size=1, max_size=3, unique_by=lambda part: part[0]))
    made: Callable[[], Draft] = draw(
        st.sampled_from(
            [
                lambda: fee_charge(parts, date=day),
                lambda: fee_receipt(amount, parts[0][0], date=day),
                lambda: invoice(amount, date=day),
                lambda: payment(amount, date=day),
                lambda: petty(amount, date=day),
                lambda: interest(amount, "F1", date=day),
                lambda: interest(amount, date=day),
                lambda: deposit(amount, parts[0][0], date=day),
                lambda: pass_through(amount, parts[0][0], date=day),
                lambda: project_money(amount, date=day),
                lambda: contribution(parts, date=day),
                lambda: maintenance(parts, date=day),
            ]
        )
    )
    return made()


@st.composite
def lives(draw: st.DrawFn) -> tuple[list[Draft], list[int], bool, int]:
    """Drafts; which of them are reversed; whether 2024 is carried; how many months are closed."""
    drafts = draw(st.lists(business(), min_size=3, max_size=14))
    wrong = draw(st.lists(st.integers(0, len(drafts) - 1), max_size=2, unique=True))
    carried = draw(st.booleans())
    return drafts, wrong, carried, draw(st.integers(0, 15 if carried else 11))


def live(books: Books, life: tuple[list[Draft], list[int], bool, int]) -> None:
    """Open, do business, take back, carry the year, close months."""
    drafts, wrong, carried, months = life
    books.post(taken_over())
    posted = books.post_many(drafts)
    for place in wrong:
        books.reverse(posted[place].ref, on=drafts[place].date)
    if carried:
        for book in ("A", "M"):
            books.close_year(2024, book)
    period = OPENED.year * 100 + OPENED.month
    for _ in range(months):
        close_month(books, period)
        period = following(period)


def close_month(books: Books, period: int) -> None:
    """Close a month of both books; the banks agree with them."""
    with writing(books.engine) as conn:
        banks_agree(conn, books, last_day(period))
        for book in ("A", "M"):
            close_period(conn, books.trust_id, book, period, by=REVIEWER, act=act())


def banks_agree(conn: Connection, books: Books, day: date) -> None:
    """Record that every bank says what the books say."""
    for fund, code in BANK.items():
        book = "M" if fund == "M" else "A"
        clock = Clock(day, 10**9, True)
        ours = account_totals(conn, books.trust_id, book, CASH[fund], clock, fund=fund, bank_account=code)
        conn.execute(
            insert(bank_balance).values(
                trust_id=books.trust_id,
                bank_account=code,
                as_of=day,
                sha256="0" * 64,
                balance=ours.balance,
                recorded_at=act().now,
            )
        )
