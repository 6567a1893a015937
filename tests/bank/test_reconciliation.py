"""The reconciliation of an account: both sides come to the same whenever the lists are complete."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select

from ledger.bank import BankLine
from ledger.bank.clearing import clear, uncleared
from ledger.bank.lines import OpenLine, link, open_lines
from ledger.bank.reconciliation import Reconciliation, reconciliation, record_reconciliation, recorded
from ledger.errors import Refused
from ledger.journal import Draft, Line
from ledger.periods.checklist import CheckItem, checklist
from ledger.store.engine import open_engine, reading, writing
from ledger.store.tables import bank_match
from tests.bank.desks import CLERK, reviewed
from tests.bank.test_confirming import own_payment
from tests.bank.test_importing import bank, bring, match, paid, statement
from tests.ledger.books import TODAY, Books, act, cash, changed, draft, interest, line, some, with_line
from tests.servers import Databases

MARCH = 202503


def table(books: Books, period: int = MARCH) -> Reconciliation:
    with reading(books.engine) as conn:
        return reconciliation(conn, books.trust_id, "F1-NEW", period, TODAY)


def balance_item(books: Books, period: int = MARCH) -> CheckItem:
    with reading(books.engine) as conn:
        items = checklist(conn, books.trust_id, "A", period, TODAY)
    return next(item for item in items if "建设银行" in item.name and "余额" in item.name)


def test_an_account_in_step_has_empty_lists(engine: Engine) -> None:
    books = bank(engine)
    bring(books, statement(paid(3, 120_00), paid(20, 66_00, "某人", "转账")))
    match(books)
    found = table(books)
    assert (found.book_balance, found.bank_balance, found.difference) == (186_00, 186_00, 0)
    assert not (found.books_received or found.books_paid or found.bank_received or found.bank_paid)
    assert balance_item(books).ok


def test_the_four_lists(engine: Engine) -> None:
    books = bank(engine)
    bring(books, statement(paid(3, 120_00), paid(20, -15_00, "银行", "管理费")))
    books.post(own_payment(800_00, day=28))
    receipt = with_line(interest(30_00, "F1"), 1, bank_account="F1-NEW")
    books.post(changed(receipt, date=date(2025, 3, 29)))
    found = table(books)
    assert [item.amount for item in found.bank_received] == [120_00]
    assert [item.amount for item in found.bank_paid] == [-15_00]
    assert [item.amount for item in found.books_paid] == [-800_00]
    assert [item.amount for item in found.books_received] == [30_00]
    assert found.adjusted_book == found.adjusted_bank == 105_00 - 770_00
    assert found.agrees
    assert not balance_item(books).ok


def test_own_payments_under_way_let_the_month_close(engine: Engine) -> None:
    books = bank(engine)
    bring(books, statement(paid(3, 120_00)))
    match(books)
    books.post(own_payment(50_00, day=30))
    found = table(books)
    assert found.own_payments_only
    item = balance_item(books)
    assert item.ok
    assert "1 笔付款共 50.00 元银行尚未入账，调节后相符" in item.finding
    bring(books, statement(BankLine(0, datetime(2025, 4, 2, 9), -50_00, None, "电梯公司", "", "维保", "Z1"), opening=120_00), filename="四月.csv")  # noqa: DTZ001  # fmt: skip
    assert table(books).books_paid, "still under way at the end of March, as it was then"
    assert table(books, 202504).books_paid == ()
    assert balance_item(books, 202504).ok


def test_a_receipt_the_bank_never_saw_blocks_the_month(engine: Engine) -> None:
    books = bank(engine)
    bring(books, statement(paid(3, 120_00)))
    match(books)
    receipt = with_line(interest(30_00, "F1"), 1, bank_account="F1-NEW")
    books.post(changed(receipt, date=date(2025, 3, 29)))
    item = balance_item(books)
    assert not item.ok
    assert "不只是在途付款" in item.finding


def test_a_month_without_the_bank_s_word_is_not_covered(engine: Engine) -> None:
    books = bank(engine)
    assert table(books).agrees, "nothing moved at all"
    books.post(own_payment(50_00, day=30))
    found = table(books)
    assert (found.bank_balance, found.difference, found.agrees) == (None, None, False)
    with writing(engine) as conn, pytest.raises(Refused, match="还没有到 2025-03-31 的银行余额"):
        record_reconciliation(conn, books.trust_id, "F1-NEW", MARCH, by="乙", act=act())


def test_signing_keeps_who_when_and_what_was_under_way(engine: Engine) -> None:
    books = bank(engine)
    bring(books, statement(paid(3, 120_00)))
    match(books)
    books.post(own_payment(50_00, day=30))
    for note in ("第一次", "再看一遍"):
        with writing(engine) as conn:
            record_reconciliation(conn, books.trust_id, "F1-NEW", MARCH, by="乙", note=note, act=act())
    with reading(engine) as conn:
        held = recorded(conn, books.trust_id, "F1-NEW", MARCH)
    assert [(item.version, item.note, item.adjusted) for item in held] == [
        (2, "再看一遍", 70_00),
        (1, "第一次", 70_00),
    ]


def test_a_difference_or_a_month_not_over_cannot_be_signed(engine: Engine) -> None:
    books = bank(engine)
    bring(books, statement(paid(3, 120_00), opening=7_00))
    match(books)
    assert table(books).difference == -7_00
    with writing(engine) as conn, pytest.raises(Refused, match=r"仍相差 -7\.00 元"):
        record_reconciliation(conn, books.trust_id, "F1-NEW", MARCH, by="乙", act=act())
    with writing(engine) as conn, pytest.raises(Refused, match="还没过完"):
        record_reconciliation(conn, books.trust_id, "F1-NEW", 202507, by="乙", act=act())


def test_a_channel_has_no_reconciliation(engine: Engine) -> None:
    books = bank(engine)
    with reading(engine) as conn, pytest.raises(Refused, match="收款渠道没有银行余额"):
        reconciliation(conn, books.trust_id, "F1-WX", MARCH, TODAY)


# --- Whatever happens ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Deed:
    """A line of the bank, an entry of the books, or both; days from the first of March."""

    amount: int
    line_day: int | None
    entry_day: int | None
    linked: bool = False
    reversed_after: int | None = None


_amounts = st.integers(1, 10**7).flatmap(lambda n: st.sampled_from([n, -n]))
_days = st.integers(0, 60)
_deeds = st.one_of(
    st.builds(Deed, _amounts, _days, st.none()),
    st.builds(Deed, _amounts, st.none(), _days, reversed_after=st.none() | st.integers(0, 20)),
    st.builds(Deed, _amounts, _days, _days, st.just(True), st.none() | st.integers(0, 20)),
)


def booked(deed: Deed, day: date) -> Draft:
    money = line("D" if deed.amount > 0 else "C", "100201", abs(deed.amount), bank_account="F1-NEW")
    if deed.amount > 0:
        return draft("E16", [money, line("C", "4101", deed.amount)], "bank_line", date=day)
    return draft("E16b", [line("D", "5016", -deed.amount), money], "bank_line", date=day)


@given(deeds=st.lists(_deeds, min_size=1, max_size=8), opening=st.integers(-1000, 1000))
@some(0.25)
def test_both_sides_agree_by_what_opening_the_bank_had(
    databases: Databases, deeds: list[Deed], opening: int
) -> None:
    """The difference is exactly the opening balance the books do not have, at every month's end."""
    with databases.database("sqlite") as database:
        engine = open_engine(database.url)
        books = bank(engine)
        first = date(2025, 3, 1)
        lines = sorted(
            (
                BankLine(0, datetime.combine(first + timedelta(deed.line_day), datetime.min.time()), deed.amount, None, "某", "", "x", f"D{no}")
                for no, deed in enumerate(deeds)
                if deed.line_day is not None
            ),
            key=lambda one: one.occurred_at,
        )  # fmt: skip
        if not lines:
            lines = [BankLine(0, datetime(2025, 3, 1), 1, None, "某", "", "x", "D-")]  # noqa: DTZ001
        bring(books, statement(*lines, opening=opening))
        with reading(engine) as conn:
            by_flow: dict[str, OpenLine] = {item.flow_no: item for item in open_lines(conn, books.trust_id)}
        for no, deed in enumerate(deeds):
            if deed.entry_day is None:
                continue
            day = first + timedelta(deed.entry_day)
            posted = books.post(booked(deed, day))
            if deed.linked:
                with writing(engine) as conn:
                    link(conn, books.trust_id, [(by_flow[f"D{no}"], posted.seq, "by-hand")], act())
            if deed.reversed_after is not None:
                books.reverse(posted.ref, on=min(day + timedelta(deed.reversed_after), TODAY))
        for period in (202503, 202504, 202505):
            found = table(books, period)
            if found.bank_as_of is not None:
                assert found.difference == -opening, period
        engine.dispose()


def test_a_line_linked_anew_counts_once(engine: Engine) -> None:
    books = bank(engine)
    bring(books, statement(paid(3, 120_00)))
    match(books)
    with reading(engine) as conn:
        seq = conn.execute(select(func.max(bank_match.c.seq))).scalar_one()
    books.reverse(f"A-2025-{seq + 1:06d}", on=date(2025, 4, 10))
    match(books)
    for period in (MARCH, 202504):
        found = table(books, period)
        assert found.difference == 0
    assert table(books, 202504).book_balance == 120_00


# --- Money of unknown payers --------------------------------------------------------------------------------


def unknown(engine: Engine) -> Books:
    books = bank(engine)
    bring(books, statement(paid(20, 66_00, "某人", "转账"), paid(21, 30_00, "别人", "转账")))
    match(books)
    return books


def test_unknown_money_is_listed_with_what_the_bank_said_of_it(engine: Engine) -> None:
    books = unknown(engine)
    with reading(engine) as conn:
        items = uncleared(conn, books.trust_id)
    assert [(item.counterparty, item.memo, item.open, item.party) for item in items] == [
        ("某人", "转账", 66_00, "UNKNOWN"),
        ("别人", "转账", 30_00, "UNKNOWN"),
    ]


def test_clearing_names_the_entry_it_clears_and_leaves_the_rest_open(engine: Engine) -> None:
    books = unknown(engine)
    with writing(engine) as conn:
        (first, second) = uncleared(conn, books.trust_id)
        to = [Line("220301", "F1", "C", 20_00, unit="1-101")]
        clear(conn, books.trust_id, second.ref, to, CLERK, act(), on=date(2025, 3, 25), how="来电核对")
    reviewed(books)
    with reading(engine) as conn:
        items = uncleared(conn, books.trust_id)
    assert [(item.ref, item.open) for item in items] == [(first.ref, 66_00), (second.ref, 10_00)]
    assert books.balance("224105") == -76_00


def test_clearing_more_than_is_open_or_without_a_note_is_refused(engine: Engine) -> None:
    books = unknown(engine)
    with writing(engine) as conn:
        (first, _) = uncleared(conn, books.trust_id)
        for amount, how, said in ((67_00, "来电", "不超过"), (10_00, " ", "怎样查清")):
            to = [Line("220301", "F1", "C", amount, unit="1-101")]
            with pytest.raises(Refused, match=said):
                clear(conn, books.trust_id, first.ref, to, CLERK, act(), on=date(2025, 3, 25), how=how)


def test_clearings_without_a_name_count_against_the_oldest(engine: Engine) -> None:
    books = unknown(engine)
    lines = [line("D", "224105", 70_00, party="UNKNOWN"), line("C", "220301", 70_00, unit="1-101")]
    books.post(draft("E25b", lines, "clearing_note"))
    with reading(engine) as conn:
        (left,) = uncleared(conn, books.trust_id)
    assert (left.counterparty, left.open) == ("别人", 26_00)


def test_money_given_back_to_an_unknown_payer_is_open_no_more(engine: Engine) -> None:
    books = unknown(engine)
    back = [line("D", "224105", 66_00, party="UNKNOWN"), cash("C", 66_00)]
    books.post(draft("E25c", back, "bank_line"))
    with reading(engine) as conn:
        assert [item.open for item in uncleared(conn, books.trust_id)] == [30_00]
