"""Every balance, against a slow model in plain lists: by account, fund and dimension, under both clocks.

The model knows nothing of snapshots or SQL. Closing months in between must not change one answer, and what
cannot be answered is an error, never nought.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, insert

from ledger.balances import (
    Clock,
    Totals,
    account_ledger,
    account_totals,
    balances_by,
    dimension_totals,
    fund_totals,
    general_ledger,
    resolve_clock,
    trial_balance,
)
from ledger.errors import Unanswerable
from ledger.journal import Draft, Line
from ledger.store.engine import reading, writing
from ledger.store.tables import DIMENSIONS, bank_balance
from tests.ledger.books import (
    BANK,
    CASH,
    TODAY,
    Books,
    act,
    changed,
    contribution,
    deposit,
    fee_charge,
    fee_receipt,
    interest,
    invoice,
    open_books,
    pass_through,
    payment,
    petty,
    project_money,
    some,
)
from tests.servers import Kind

_trusts = count(70_001)
FIRST, LAST = date(2024, 1, 1), date(2024, 4, 30)
amounts = st.integers(1, 10**7)
units = st.sampled_from(["1-101", "1-102", "2-201"])


# --- The slow model -----------------------------------------------------------------------------------------


@dataclass
class Model:
    """Drafts in the order they were posted; everything is added up anew for every question."""

    drafts: list[Draft] = field(default_factory=list)

    def lines(self, as_of: date, known_at: int, book: str = "A") -> list[tuple[Draft, Line]]:
        known = [d for d in self.drafts[:known_at] if d.book == book and d.date <= as_of]
        return [(d, x) for d in known for x in d.lines]

    def totals(self, wanted: Wanted, as_of: date, known_at: int, since: date = date.min) -> Totals:
        chosen = [x for d, x in self.lines(as_of, known_at) if wanted(x) and d.date >= since]
        return Totals(
            sum(x.amount for x in chosen if x.side == "D"), sum(x.amount for x in chosen if x.side == "C")
        )

    def by_dimension(self, account: str, dimension: str, as_of: date, known_at: int) -> dict[str, Totals]:
        found: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for _, x in self.lines(as_of, known_at):
            if x.account.startswith(account):
                parts = [(getattr(x, dimension), x.amount)]
                if dimension == "unit":
                    parts += [(d.unit, d.amount) for d in x.details]
                for value, amount in parts:
                    if value:
                        found[value][x.side == "C"] += amount
        return {value: Totals(debit, credit) for value, (debit, credit) in found.items()}


Wanted = Callable[[Line], bool]


def on_page(account: str, fund: str) -> Wanted:
    return lambda x: (x.account, x.fund) == (account, fund)


def under(*prefixes: str, fund: str = "") -> Wanted:
    return lambda x: x.account.startswith(prefixes) and fund in ("", x.fund)


def through(bank_account: str) -> Wanted:
    return lambda x: x.bank_account == bank_account


days = st.integers(0, (LAST - FIRST).days).map(lambda n: FIRST + timedelta(days=n))


@st.composite
def business(draw: st.DrawFn) -> Draft:
    """Something that happens in a community, on some day of four months."""
    day = draw(days)
    amount = draw(amounts)
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
            ]
        )
    )
    return made()


def bank_says_the_same(conn: Connection, books: Books, model: Model, as_of: date) -> None:
    """Record bank balances that agree with the books, so that the month may close."""
    for fund in ("F1", "F2", "F3", "F4", "F5"):
        code = BANK[fund]
        ours = model.totals(through(code), as_of, len(model.drafts))
        conn.execute(
            insert(bank_balance).values(
                trust_id=books.trust_id,
                bank_account=code,
                as_of=as_of,
                sha256="0" * 64,
                balance=ours.balance,
                recorded_at=act().now,
            )
        )


ASKED_ACCOUNTS = (
    "112201",
    "1002",
    "100201",
    "100203",
    "2202",
    "5005",
    "500501",
    "5007",
    "4101",
    "2241",
    "1901",
)


ASKED_DIMENSIONS = (
    ("112201", "unit"),
    ("400101", "unit"),
    ("2241", "unit"),
    ("2202", "vendor"),
    ("2202", "contract"),
    ("4301", "project"),
    ("1002", "bank_account"),
    ("122101", "party"),
    ("1002", "site"),
)


def everything_agrees(
    conn: Connection, books: Books, model: Model, as_of: date, known_at: int, choose: Callable[[int], int]
) -> None:
    """All kinds of questions, for one day and one state of knowledge; `choose` picks what they are about."""
    trust = books.trust_id
    clock = resolve_clock(conn, trust, today=TODAY, as_of=as_of, known_at=known_at)
    keys = {(x.account, x.fund) for _, x in model.lines(as_of, known_at)}
    expected = {key: model.totals(on_page(*key), as_of, known_at) for key in keys}
    found = {(row.account, row.fund): row.totals for row in trial_balance(conn, trust, "A", clock)}
    assert found == expected
    by_fund: dict[str, int] = defaultdict(int)
    for (_, fund), totals in found.items():
        by_fund[fund] += totals.balance
    assert not any(by_fund.values()), "every fund balances on every day"
    for account in (ASKED_ACCOUNTS[choose(len(ASKED_ACCOUNTS))], ASKED_ACCOUNTS[choose(len(ASKED_ACCOUNTS))]):
        ours = account_totals(conn, trust, "A", account, clock)
        assert ours == model.totals(under(account), as_of, known_at)
        of_fund = account_totals(conn, trust, "A", account, clock, fund="F1")
        assert of_fund == model.totals(under(account, fund="F1"), as_of, known_at)
    fund = ("F1", "F2", "F3", "F4", "F5")[choose(5)]
    in_bank = account_totals(conn, trust, "A", CASH[fund], clock, fund=fund, bank_account=BANK[fund])
    assert in_bank == model.totals(through(BANK[fund]), as_of, known_at)
    held = fund_totals(conn, trust, "A", clock, ("1002", "1012"))
    for fund, totals in held.items():
        assert totals == model.totals(under("1002", "1012", fund=fund), as_of, known_at)
    for account, dimension in (ASKED_DIMENSIONS[choose(9)], ASKED_DIMENSIONS[choose(9)]):
        wanted = model.by_dimension(account, dimension, as_of, known_at)
        assert balances_by(conn, trust, "A", account, dimension, clock) == wanted
        for value, totals in wanted.items():
            assert dimension_totals(conn, trust, "A", account, dimension, value, clock) == totals


def ledgers_agree(conn: Connection, books: Books, model: Model, month: date, clock: Clock) -> None:
    """Month, year to date and carry-forward of every account page of a month, added up by hand."""
    month_end = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    last = min(month_end, clock.as_of)
    for page in general_ledger(conn, books.trust_id, "A", month, clock):
        mine = on_page(page.account, page.fund)
        before = model.totals(mine, month - timedelta(days=1), clock.known_at)
        in_month = model.totals(mine, last, clock.known_at, since=month)
        in_year = model.totals(mine, last, clock.known_at, since=date(month.year, 1, 1))
        detailed = account_ledger(conn, books.trust_id, "A", page.account, page.fund, month, clock)
        for ledger in (page, detailed):
            assert ledger.opening == before.balance
            assert ledger.month_total == in_month
            assert ledger.year_total == in_year
            assert ledger.closing == before.balance + in_month.balance
        balance = detailed.opening
        assert len(detailed.lines) == sum(
            mine(x) for d, x in model.lines(last, clock.known_at) if d.date >= month
        )
        assert [row.date for row in detailed.lines] == sorted(row.date for row in detailed.lines)
        for row in detailed.lines:
            balance += row.amount if row.side == "D" else -row.amount
            assert row.balance == balance, "opening + these lines = closing, line by line"
        assert balance == detailed.closing


def test_every_answer_equals_adding_up_by_hand_before_and_after_closing(
    shared_engine: Callable[[Kind], Engine], db_kind: Kind
) -> None:
    engine = shared_engine(db_kind)

    @some(0.3 if db_kind == "sqlite" else 0.1)
    @given(st.data())
    def agrees(data: st.DataObject) -> None:
        books, model = open_books(engine, next(_trusts)), Model()

        def choose(below: int) -> int:
            return data.draw(st.integers(0, below - 1))

        def happens(drafts: list[Draft]) -> None:
            books.post_many(drafts)
            model.drafts += drafts

        def ask() -> None:
            moments = data.draw(st.lists(st.tuples(days, st.integers(0, len(model.drafts))), max_size=2))
            with reading(engine) as conn:
                for as_of, known_at in [*moments, (LAST, len(model.drafts)), (TODAY, 0)]:
                    everything_agrees(conn, books, model, as_of, known_at, choose)
                clock = resolve_clock(conn, books.trust_id, today=TODAY, as_of=LAST)
                ledgers_agree(conn, books, model, date(2024, 1 + choose(4), 1), clock)

        happens(data.draw(st.lists(business(), min_size=1, max_size=8)))
        ask()
        for period, ends_on in ((202401, date(2024, 1, 31)), (202402, date(2024, 2, 29))):
            with writing(engine) as conn:
                bank_says_the_same(conn, books, model, ends_on)
            books.close(period)
            ask()
            late = data.draw(st.lists(business(), max_size=4))
            first_open = ends_on + timedelta(days=1)
            happens([_late(one, first_open) for one in late])
            ask()
        books.check_log()

    agrees()


def _late(one: Draft, first_open: date) -> Draft:
    """A late item goes to the first open day and says its true day besides."""
    if one.date >= first_open:
        return one
    return changed(one, date=first_open, original_date=one.date)


def test_a_late_item_counts_on_its_business_day_and_not_on_its_original_day(books: Books) -> None:
    books.post(petty(50_00, date=date(2024, 1, 20)))
    books.close(202401)
    books.post(petty(30_00, date=date(2024, 2, 1), original_date=date(2024, 1, 20)))
    assert books.trial(as_of=date(2024, 1, 31))["5007", "F1"] == 50_00
    assert books.trial(as_of=date(2024, 2, 1))["5007", "F1"] == 80_00


def test_what_was_known_then_is_told_apart_from_what_is_known_now(books: Books) -> None:
    books.post(petty(50_00, date=date(2024, 1, 20)))
    books.post(petty(30_00, date=date(2024, 1, 10)))
    assert books.trial(as_of=date(2024, 1, 15), known_at=1) == {}
    assert books.trial(as_of=date(2024, 1, 15))["5007", "F1"] == 30_00
    assert books.trial(as_of=date(2024, 1, 31), known_at=1)["5007", "F1"] == 50_00


def test_january_carries_last_years_balance_and_counts_the_year_anew(books: Books) -> None:
    books.post(invoice(100_00, date=date(2024, 11, 5)))
    books.post(invoice(30_00, date=date(2025, 1, 5)))
    books.post(invoice(7_00, date=date(2025, 2, 5)))
    with reading(books.engine) as conn:
        clock = resolve_clock(conn, books.trust_id, today=TODAY)
        january = account_ledger(conn, books.trust_id, "A", "220201", "F1", date(2025, 1, 31), clock)
        february = account_ledger(conn, books.trust_id, "A", "220201", "F1", date(2025, 2, 28), clock)
    assert (january.opening, january.closing, january.year_total) == (-100_00, -130_00, Totals(0, 30_00))
    assert january.month == date(2025, 1, 1)
    assert (february.opening, february.month_total, february.year_total) == (
        -130_00,
        Totals(0, 7_00),
        Totals(0, 37_00),
    )


def test_red_letters_show_as_negative_amounts_on_their_own_side(books: Books) -> None:
    posted = books.post(petty(50_00))
    books.reverse(posted.ref, on=date(2025, 3, 12))
    assert books.totals()["5007", "F1"] == Totals(0, 0)
    with reading(books.engine) as conn:
        clock = resolve_clock(conn, books.trust_id, today=TODAY)
        page = account_ledger(conn, books.trust_id, "A", "5007", "F1", date(2025, 3, 1), clock)
    assert [(row.side, row.amount, row.balance) for row in page.lines] == [
        ("D", 50_00, 50_00),
        ("D", -50_00, 0),
    ]


def test_books_a_and_m_are_never_added_together(books: Books) -> None:
    books.post_many([petty(50_00), contribution()])
    assert books.trial() == {("5007", "F1"): 50_00, ("122101", "F1"): -50_00}
    assert books.trial(book="M") == {("1001", "M"): 8_000_00, ("4001", "M"): -8_000_00}


# --- What cannot be answered --------------------------------------------------------------------------------


Question = Callable[[Connection, int, Clock], object]


def ask(books: Books, question: Question) -> object:
    with reading(books.engine) as conn:
        clock = resolve_clock(conn, books.trust_id, today=TODAY)
        answer = question(conn, books.trust_id, clock)
        return list(answer) if isinstance(answer, Iterator) else answer


UNANSWERABLE: dict[str, tuple[str, Question]] = {
    "an account that does not exist": (
        "unknown_account",
        lambda conn, trust, clock: account_totals(conn, trust, "A", "9999", clock),
    ),
    "an account of the other book": (
        "unknown_account",
        lambda conn, trust, clock: account_totals(conn, trust, "M", "5007", clock),
    ),
    "a half of an account's code": (
        "unknown_account",
        lambda conn, trust, clock: account_totals(conn, trust, "A", "11220", clock),
    ),
    "a fund that does not exist": (
        "unknown_fund",
        lambda conn, trust, clock: account_totals(conn, trust, "A", "5007", clock, fund="F9"),
    ),
    "a fund of the other book": (
        "unknown_fund",
        lambda conn, trust, clock: account_totals(conn, trust, "A", "5007", clock, fund="M"),
    ),
    "a bank account that is not recorded": (
        "unknown_value",
        lambda conn, trust, clock: account_totals(conn, trust, "A", "1002", clock, bank_account="F9-X"),
    ),
    "a book that does not exist": (
        "unknown_book",
        lambda conn, trust, clock: trial_balance(conn, trust, "B", clock),
    ),
    "a dimension that does not exist": (
        "unknown_dimension",
        lambda conn, trust, clock: balances_by(conn, trust, "A", "1122", "colour", clock),
    ),
    "a household that is not recorded": (
        "unknown_value",
        lambda conn, trust, clock: dimension_totals(conn, trust, "A", "112201", "unit", "9-999", clock),
    ),
    "a vendor under a household's name": (
        "unknown_value",
        lambda conn, trust, clock: dimension_totals(conn, trust, "A", "112201", "unit", "V1", clock),
    ),
    "an account page before the books opened": (
        "before_opening",
        lambda conn, trust, clock: account_ledger(conn, trust, "A", "5007", "F1", date(2023, 12, 1), clock),
    ),
    "an account page of a month to come": (
        "future_day",
        lambda conn, trust, clock: account_ledger(conn, trust, "A", "5007", "F1", date(2025, 7, 1), clock),
    ),
    "an account page after the day asked about": (
        "future_day",
        lambda conn, trust, clock: account_ledger(
            conn, trust, "A", "5007", "F1", date(2025, 3, 1), Clock(date(2025, 2, 28), 1, True)
        ),
    ),
    "an account page of a fund that does not exist": (
        "unknown_fund",
        lambda conn, trust, clock: account_ledger(conn, trust, "A", "5007", "F9", date(2025, 3, 1), clock),
    ),
    "the general ledger before the books opened": (
        "before_opening",
        lambda conn, trust, clock: general_ledger(conn, trust, "A", date(2023, 12, 1), clock),
    ),
    "the general ledger of a month to come": (
        "future_day",
        lambda conn, trust, clock: general_ledger(conn, trust, "A", date(2025, 7, 1), clock),
    ),
    "a day before the books opened": (
        "before_opening",
        lambda conn, trust, clock: resolve_clock(conn, trust, today=TODAY, as_of=date(2023, 12, 31)),
    ),
    "a day that has not come": (
        "future_day",
        lambda conn, trust, clock: resolve_clock(conn, trust, today=TODAY, as_of=date(2025, 7, 1)),
    ),
    "more entries than there are": (
        "unknown_entry",
        lambda conn, trust, clock: resolve_clock(conn, trust, today=TODAY, known_at=2),
    ),
    "fewer entries than none": (
        "unknown_entry",
        lambda conn, trust, clock: resolve_clock(conn, trust, today=TODAY, known_at=-1),
    ),
    "a trust that does not exist": (
        "unknown_trust",
        lambda conn, trust, clock: resolve_clock(conn, 999_999, today=TODAY),
    ),
}


@pytest.mark.parametrize("name", UNANSWERABLE)
def test_a_question_without_an_answer_is_an_error_and_never_nought(books: Books, name: str) -> None:
    books.post(petty())
    code, question = UNANSWERABLE[name]
    with pytest.raises(Unanswerable) as error:
        ask(books, question)
    assert error.value.code == code
    assert str(error.value)


def test_nought_is_the_answer_where_nothing_happened_but_might_have(books: Books) -> None:
    assert ask(books, lambda c, t, clock: account_totals(c, t, "A", "5008", clock)) == Totals(0, 0)
    assert ask(
        books, lambda c, t, clock: dimension_totals(c, t, "A", "112201", "unit", "1-101", clock)
    ) == Totals(0, 0)
    assert ask(books, lambda c, t, clock: balances_by(c, t, "A", "112201", "unit", clock)) == {}
    with reading(books.engine) as conn:
        clock = resolve_clock(conn, books.trust_id, today=TODAY)
        for dimension in DIMENSIONS:
            assert balances_by(conn, books.trust_id, "A", "1122", dimension, clock) == {}
