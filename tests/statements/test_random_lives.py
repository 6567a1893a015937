"""Whatever happens in a community: quarters are sums of months, years of quarters, and money adds up."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from disclosure.statements import Statement
from disclosure.statements.build import build_statement
from ledger.balances import Clock, trial_balance
from ledger.log.keys import create_key, load_signer
from ledger.log.store import origin_of, sign_log
from ledger.periods.spans import span_of
from ledger.store.engine import reading
from ledger.store.tables import trust_head
from tests.books.lives import live, lives
from tests.ledger.books import Books, act, open_books, some
from tests.statements.test_sums import book, sum_of

QUARTERS = {202433 + place: range(202401 + 3 * place, 202404 + 3 * place) for place in range(4)}
_trusts = count(500)


def statements(books: Books, folder: Path) -> dict[int, Statement]:
    """Months, quarters and the year 2024 at one cut-off: all that is known."""
    key = folder / f"{books.trust_id}.pem"
    create_key(key, Random(books.trust_id).randbytes)
    with reading(books.engine) as conn:
        signer = load_signer(key, origin_of(conn, books.trust_id))
    sign_log(books.engine, books.trust_id, signer, act().now)
    codes = [*QUARTERS, *(month for months in QUARTERS.values() for month in months), 202400]
    with reading(books.engine) as conn:
        size = conn.execute(
            select(trust_head.c.size).where(trust_head.c.trust_id == books.trust_id)
        ).scalar_one()
        return {
            code: build_statement(conn, books.trust_id, span_of(code), size, ["A", "M"]) for code in codes
        }


@pytest.mark.db("sqlite")
def test_sums_hold_in_any_life(engine: Engine, tmp_path: Path) -> None:
    @some(0.15)
    @given(st.data())
    def hold(data: st.DataObject) -> None:
        books = open_books(engine, next(_trusts))
        live(books, data.draw(lives()))
        found = statements(books, tmp_path)
        for code in ("A", "M"):
            for quarter, months in QUARTERS.items():
                assert sum_of([found[quarter]], code) == sum_of([found[month] for month in months], code)
            assert sum_of([found[202400]], code) == sum_of([found[quarter] for quarter in QUARTERS], code)
        for value in found.values():
            the_money_is_that_of_the_ledger(books, value)
        for row in found[202400].results:
            assert row.opening + row.income - row.expense + row.other == row.closing

    hold()


def the_money_is_that_of_the_ledger(books: Books, value: Statement) -> None:
    with reading(books.engine) as conn:
        for code, cash in (("A", ("1002", "1012")), ("M", ("1001",))):
            held = sum(
                row.totals.balance
                for row in trial_balance(conn, books.trust_id, code, Clock(value.last, value.size, False))
                if row.account.startswith(cash)
            )
            assert book(value, code).cash_total.closing == held
