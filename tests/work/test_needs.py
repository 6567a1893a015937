"""Who must agree, worked out from the entries alone."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from ledger.errors import Refused
from ledger.store.engine import writing
from ledger.work import Link, Work, prepare
from ledger.work.needs import pays
from tests.ledger.books import act, cash, draft, interest, line, open_books
from tests.work.people import ACCOUNTANT


def test_a_bank_line_spares_the_cashier_only_for_its_own_account() -> None:
    moved = draft(
        "E22",
        [
            line("D", "5902", 700_00, "F2"),
            cash("C", 700_00, "F2"),
            cash("D", 700_00),
            line("C", "4902", 700_00, counter_fund="F2"),
        ],
        "resolution",
    )

    def work(*accounts: str) -> Work:
        links = tuple(Link(0, account, "1") for account in accounts)
        return Work(kind="bank", title="补充", drafts=(moved,), links=links)

    (out,) = {x.bank_account for x in moved.lines if x.account == "100202"}
    (into,) = {x.bank_account for x in moved.lines if x.account == "100201"}
    assert pays(work())
    assert pays(work(into))
    assert not pays(work(out))
    assert not pays(work(out, into))


def test_a_bank_line_is_not_used_for_two_entries_of_one_work(engine: Engine) -> None:
    books = open_books(engine)
    links = (Link(0, "F2-CMB", "1"), Link(1, "F2-CMB", "1"))
    work = Work(kind="bank", title="利息", drafts=(interest(), interest()), links=links)
    with writing(engine) as conn, pytest.raises(Refused) as caught:
        prepare(conn, books.trust_id, work, ACCOUNTANT, act())
    assert caught.value.codes == {"line_twice"}
