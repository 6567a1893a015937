"""Every book equals the ledger, reckoned anew from the drafts that were posted; the year's corners by hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from ledger.books import (
    Kind,
    LedgerRow,
    Place,
    Scope,
    Span,
    View,
    balance_sheet,
    general_accounts,
    household_lines,
    household_totals,
    income_tables,
    ledger_page,
    ledger_rows,
    movements,
    trial_table,
    trial_tables,
    view_of,
    voucher_page,
)
from ledger.errors import Unanswerable
from ledger.journal import Draft
from ledger.periods.calendar import following, last_day
from ledger.store.engine import reading
from tests.books.lives import live, lives, taken_over
from tests.books.slow import Slow, signed, slow_books
from tests.ledger.books import (
    TODAY,
    Books,
    contribution,
    deposit,
    fee_charge,
    fee_receipt,
    interest,
    maintenance,
    open_books,
    petty,
    some,
)
from tests.servers import Kind as DbKind

_trusts = count(880_001)
Life = tuple[list[Draft], list[int], bool, int]
MONTHS = [202401, 202408, *range(202409, 202413), *range(202501, 202507)]
spans = st.tuples(st.sampled_from(MONTHS), st.sampled_from(MONTHS)).map(lambda p: Span(min(p), max(p)))
SCOPES = (
    Scope("112201"),
    Scope("1002"),
    Scope("100201", "F1"),
    Scope("112201", "F1", "unit", "1-101"),
    Scope("2202", "", "vendor", "V1"),
    Scope("1002", "F3", "bank_account", "F3-ICBC"),
    Scope("2241", "F3"),
    Scope("4001", "", "unit", "1-102"),
)


def view(conn: Connection, books: Books, span: Span, book: str = "A", today: date = TODAY) -> View:
    return view_of(conn, books.trust_id, book, span, today=today)


# --- Against the slow model ---------------------------------------------------------------------------------


def test_all_books_equal_the_ledger(shared_engine: Callable[[DbKind], Engine], db_kind: DbKind) -> None:
    engine = shared_engine(db_kind)

    @some(0.5)
    @given(st.data())
    def equal(data: st.DataObject) -> None:
        books = open_books(engine, next(_trusts))
        live(books, data.draw(lives()))
        span = data.draw(spans)
        slow, slow_m = slow_books(books), slow_books(books, "M")
        with reading(books.engine) as conn:
            seen = view(conn, books, span)
            the_table_of_balances_is_right(conn, seen, slow)
            for scope in data.draw(st.lists(st.sampled_from(SCOPES), min_size=1, max_size=3, unique=True)):
                the_subsidiary_ledger_is_right(conn, seen, slow, scope, data.draw(st.integers(1, 5)))
            the_general_ledger_is_right(conn, seen, slow)
            income_and_expense_are_right(conn, seen, slow)
            the_balance_sheet_is_right(conn, seen, slow)
            vouchers_are_all_there(conn, seen, slow, data.draw(st.integers(1, 7)))
            seen_m = view(conn, books, span, "M")
            the_balance_sheet_is_right(conn, seen_m, slow_m)
            households_are_right(conn, seen_m, slow_m)

    equal()


def the_table_of_balances_is_right(conn: Connection, seen: View, slow: Slow) -> None:
    expected = slow.movements(seen.span)
    found = {k: (m.opening, m.debit, m.credit) for k, m in movements(conn, seen).items() if not m.blank}
    assert found == expected
    for table in [*trial_tables(conn, seen), trial_table(conn, seen, levels=1)]:
        assert table.opening_debit == table.opening_credit
        assert table.debit == table.credit
        assert table.closing_debit == table.closing_credit
        of_fund = {k[0] for k in expected if table.fund in ("", k[1])}
        assert {line.account for line in table.lines} >= {c for c in of_fund if len(c) == 4}
        for line in table.lines:
            below = [m for (code, fund), m in expected.items() if code.startswith(line.account) and table.fund in ("", fund)]  # fmt: skip
            assert line.movement.opening == sum(o for o, _, _ in below)
            assert line.movement.debit == sum(d for _, d, _ in below)
            assert line.movement.credit == sum(c for _, _, c in below)


def the_subsidiary_ledger_is_right(conn: Connection, seen: View, slow: Slow, scope: Scope, size: int) -> None:
    rows = list(ledger_rows(conn, seen, scope))
    items = slow.in_scope(scope)
    first, last = seen.span.first_day, seen.last
    opening = signed(x for x in items if x.day < first or (x.opening and x.day <= last))
    inside = [x for x in items if first <= x.day <= last and not x.opening]
    lines = [row for row in rows if row.kind is Kind.LINE]
    assert [(r.day, r.ref, r.summary, r.debit - r.credit) for r in lines] == [
        (x.day, x.ref, x.summary, x.signed) for x in inside
    ]
    assert rows[0].balance == opening
    balance = opening
    for row in lines:
        balance += row.debit - row.credit
        assert row.balance == balance
    for row in rows:
        if row.kind in (Kind.MONTH, Kind.YEAR):
            start = row.period if row.kind is Kind.MONTH else row.period // 100 * 100 + 1
            of = [x for x in items if start <= x.day.year * 100 + x.day.month <= row.period and x.day <= last and not x.opening]  # fmt: skip
            assert row.debit == sum(x.amount for x in of if x.side == "D")
            assert row.credit == sum(x.amount for x in of if x.side == "C")
        if row.kind in (Kind.MONTH, Kind.YEAR, Kind.LAST_YEAR, Kind.NEXT_YEAR):
            until = (
                last_day(row.period)
                if row.kind is not Kind.LAST_YEAR
                else date(row.period // 100 - 1, 12, 31)
            )
            assert row.balance == signed(x for x in items if x.day <= min(until, last))
    assert paged(conn, seen, scope, size) == rows


def paged(conn: Connection, seen: View, scope: Scope, size: int) -> list[LedgerRow]:
    """The same book, some lines at a time; what is carried over must be where the page before ended."""
    found: list[LedgerRow] = []
    after: Place | None = None
    while True:
        page = ledger_page(conn, seen, scope, after=after, limit=size)
        head, *rows = page.rows
        if after is None:
            found.append(head)
        else:
            assert head.kind is Kind.CARRIED
            assert head.balance == found[-1].balance
            month = [r for r in found if r.kind is Kind.LINE and r.period == head.period]
            assert (head.debit, head.credit) == (sum(r.debit for r in month), sum(r.credit for r in month))
        found += rows
        after = page.next
        if after is None:
            return found


def the_general_ledger_is_right(conn: Connection, seen: View, slow: Slow) -> None:
    for fund in ("", "F1"):
        accounts = {a.account: a for a in general_accounts(conn, seen, fund=fund)}
        items = [x for x in slow.flat() if fund in ("", x.fund)]
        for code in {x.account[:4] for x in items}:
            mine = [x for x in items if x.account.startswith(code)]
            opening = signed(
                x for x in mine if x.day < seen.span.first_day or (x.opening and x.day <= seen.last)
            )
            if code not in accounts:
                assert opening == 0
                continue
            account = accounts[code]
            assert account.opening == opening
            for month in account.months:
                lasts = min(last_day(month.period), seen.last)
                moved = [x for x in mine if not x.opening and x.day <= lasts and x.day.year == lasts.year]
                this = [x for x in moved if x.day.month == lasts.month]
                assert (month.month.debit, month.month.credit) == sides(this)
                assert (month.year.debit, month.year.credit) == sides(moved)
                assert month.balance == signed(x for x in mine if x.day <= lasts)


def sides(items: list) -> tuple[int, int]:  # type: ignore[type-arg]
    return sum(x.amount for x in items if x.side == "D"), sum(x.amount for x in items if x.side == "C")


def income_and_expense_are_right(conn: Connection, seen: View, slow: Slow) -> None:
    chart, first, start, last = slow.chart, seen.span.first_day, seen.span.year_start, seen.last

    def reckon(fund: str, since: date, until: date) -> int:
        wanted = [
            x for x in slow.flat() if since <= x.day <= until and not x.closing and fund in ("", x.fund)
        ]
        return -signed(x for x in wanted if chart["A", x.account].class_ in "IE")

    for table in income_tables(conn, seen):
        result = table.result
        assert result.month == reckon(table.fund, first, last)
        assert result.year == reckon(table.fund, start, last)
        year_ago = last_day(seen.span.last - 100)
        if result.last_year is not None:
            assert result.last_year == reckon(table.fund, date(start.year - 1, 1, 1), year_ago)
        if result.last_month is not None:
            assert result.last_month == reckon(table.fund, date(first.year - 1, first.month, 1), year_ago)
        for lines, total in ((table.income, table.income_total), (table.expense, table.expense_total)):
            assert sum(line.figures.month for line in lines if line.leaf) == total.month
            assert sum(line.figures.year for line in lines if line.level == 1) == total.year


def the_balance_sheet_is_right(conn: Connection, seen: View, slow: Slow) -> None:
    sheet = balance_sheet(conn, seen)
    assert sheet.differences == {}
    for fund in sheet.funds:
        items = [x for x in slow.flat() if x.fund == fund and x.day <= seen.last]
        assets = signed(x for x in items if slow.chart[slow.book, x.account].class_ == "A")
        assert sheet.assets.now.get(fund, 0) == assets
        assert assets == sheet.liabilities.now.get(fund, 0) + sheet.net_assets.now.get(fund, 0)
        start = seen.span.year_start
        before = [x for x in items if x.day < start or x.opening]
        debts = -signed(x for x in before if slow.chart[slow.book, x.account].class_ == "L")
        assert sheet.liabilities.year_start.get(fund, 0) == debts
        began = [part.year_start.get(fund, 0) for part in (sheet.assets, sheet.liabilities, sheet.net_assets)]
        assert began[0] == began[1] + began[2]
    between = [line for line in sheet.assets.lines if line.account == "1901"]
    assert sum(sum(line.now.values()) for line in between) == 0


def households_are_right(conn: Connection, seen: View, slow: Slow) -> None:
    balances: dict[str, int] = defaultdict(int)
    paid: dict[str, int] = defaultdict(int)
    for x in slow.parts():
        if x.day <= seen.last and x.account in ("3001", "3002", "4001", "5001", "5101"):
            balances[x.dims.get("unit", "")] -= x.signed
            if x.account == "4001" and not x.closing and x.day >= seen.span.first_day:
                paid[x.dims.get("unit", "")] -= x.signed
    lines = household_lines(conn, seen)
    assert {line.unit: line.closing for line in lines if line.closing} == {
        u: b for u, b in balances.items() if b
    }
    assert {line.unit: line.paid_in for line in lines if line.paid_in} == {u: b for u, b in paid.items() if b}
    unnamed, total = household_totals(conn, seen)
    assert total.closing == sum(balances.values())
    for at, amount in enumerate(total.amounts()):
        assert amount == sum(line.amounts()[at] for line in (*lines, unnamed))
    again, after = [], None
    while page := household_lines(conn, seen, after=after, limit=2):
        again += page
        after = (page[-1].building, page[-1].unit)
    assert again == lines


def vouchers_are_all_there(conn: Connection, seen: View, slow: Slow, size: int) -> None:
    found, after = [], None
    while True:
        page = voucher_page(conn, seen, after=after, limit=size)
        found += page.vouchers
        after = page.next
        if after is None:
            break
    inside = [s for s in slow.entries if seen.span.first_day <= s.draft.date <= seen.last]
    assert [item.ref for item in found] == [s.ref for s in inside]
    for item, stored in zip(found, inside, strict=True):
        assert [(x.account, (x.debit or 0) - (x.credit or 0)) for x in item.lines] == [
            (x.account, x.signed) for x in stored.draft.lines
        ]
        assert item.total == stored.draft.total


# --- By hand ------------------------------------------------------------------------------------------------


def kinds(rows: list[LedgerRow]) -> list[tuple[Kind, int]]:
    return [(row.kind, row.balance) for row in rows]


def test_a_ledger_over_new_year_carries_to_the_next_year_and_from_the_last(books: Books) -> None:
    books.post(fee_receipt(100_00, date=date(2024, 12, 5)))
    books.post(fee_receipt(50_00, date=date(2025, 1, 6)))
    with reading(books.engine) as conn:
        rows = list(ledger_rows(conn, view(conn, books, Span(202412, 202501)), Scope("100201")))
    assert kinds(rows) == [
        (Kind.OPENING, 0),
        (Kind.LINE, 100_00),
        (Kind.MONTH, 100_00),
        (Kind.YEAR, 100_00),
        (Kind.NEXT_YEAR, 100_00),
        (Kind.LAST_YEAR, 100_00),
        (Kind.LINE, 150_00),
        (Kind.MONTH, 150_00),
        (Kind.YEAR, 150_00),
    ]
    assert (rows[7].debit, rows[8].debit) == (50_00, 50_00), "the year begins anew"


def test_what_was_taken_over_is_an_opening_balance_and_no_movement(books: Books) -> None:
    books.post(taken_over(5_000_00))
    books.post(fee_receipt(100_00, date=date(2024, 1, 20)))
    with reading(books.engine) as conn:
        january = view(conn, books, Span(202401, 202401))
        rows = list(ledger_rows(conn, january, Scope("100201")))
        table = trial_table(conn, january, fund="F1")
        february = view(conn, books, Span(202402, 202402))
        later = list(ledger_rows(conn, february, Scope("100201")))
        general = {a.account: a for a in general_accounts(conn, january)}
    assert kinds(rows)[:2] == [(Kind.TAKEN_OVER, 5_000_00), (Kind.LINE, 5_100_00)]
    assert (rows[3].kind, rows[3].debit) == (Kind.YEAR, 100_00)
    bank = next(line.movement for line in table.lines if line.account == "100201")
    assert (bank.opening, bank.debit, bank.credit) == (5_000_00, 100_00, 0)
    assert kinds(later) == [(Kind.OPENING, 5_100_00)]
    assert general["1002"].opening == 7_000_00
    assert general["1002"].months[0].month.debit == 100_00


def test_red_letters_lower_the_months_total_on_their_own_side(books: Books) -> None:
    posted = books.post(fee_receipt(100_00, date=date(2025, 3, 1)))
    books.post(fee_receipt(30_00, date=date(2025, 3, 2)))
    books.reverse(posted.ref, on=date(2025, 3, 3))
    with reading(books.engine) as conn:
        rows = list(ledger_rows(conn, view(conn, books, Span(202503, 202503)), Scope("100201")))
    assert [(r.debit, r.credit) for r in rows if r.kind is Kind.LINE] == [
        (100_00, 0),
        (30_00, 0),
        (-100_00, 0),
    ]
    assert [(r.debit, r.credit, r.balance) for r in rows if r.kind is Kind.MONTH] == [(30_00, 0, 30_00)]


def test_a_household_finds_its_part_of_a_charge_posted_in_total(books: Books) -> None:
    books.post(fee_charge((("1-101", 100_00), ("1-102", 200_00)), date=date(2025, 3, 1)))
    books.post(fee_receipt(60_00, "1-102", date=date(2025, 3, 9)))
    scope = Scope("112201", "F1", "unit", "1-102")
    with reading(books.engine) as conn:
        rows = list(ledger_rows(conn, view(conn, books, Span(202503, 202503)), scope))
    assert [(r.debit, r.credit, r.balance) for r in rows if r.kind is Kind.LINE] == [
        (200_00, 0, 200_00),
        (0, 60_00, 140_00),
    ]


def test_income_and_expense_leave_out_what_carries_them_to_the_result(books: Books) -> None:
    books.post(interest(70_00, "F1", date=date(2024, 5, 5)))
    books.post(petty(20_00, date=date(2024, 6, 5)))
    books.close_year(2024)
    books.post(interest(5_00, "F1", date=date(2025, 5, 6)))
    with reading(books.engine) as conn:
        of_2024 = income_tables(conn, view(conn, books, Span(202412, 202412)))[0].result
        of_2025 = income_tables(conn, view(conn, books, Span(202505, 202505)))[0].result
        sheet = balance_sheet(conn, view(conn, books, Span(202412, 202412)))
    assert (of_2024.month, of_2024.year, of_2024.last_year) == (0, 50_00, None)
    assert (of_2025.month, of_2025.year, of_2025.last_month, of_2025.last_year) == (5_00, 5_00, 70_00, 70_00)
    assert {line.account: line.now["F1"] for line in sheet.net_assets.lines} == {"3001": 50_00}


def test_the_open_result_counts_as_net_assets_until_it_is_carried(books: Books) -> None:
    books.post(interest(70_00, date=date(2025, 5, 5)))
    books.post(deposit(10_00, date=date(2025, 5, 5)))
    with reading(books.engine) as conn:
        sheet = balance_sheet(conn, view(conn, books, Span(202505, 202505)))
    assert [(line.name, dict(line.now)) for line in sheet.net_assets.lines] == [
        ("尚未结转的收支结余", {"F2": 70_00})
    ]
    assert dict(sheet.liabilities.now) == {"F3": 10_00}


def test_a_household_account_is_the_same_before_and_after_the_year_is_carried(books: Books) -> None:
    books.post(contribution(date=date(2024, 5, 1)))
    books.post(maintenance(date=date(2024, 7, 1)))
    with reading(books.engine) as conn:
        before = household_lines(conn, view(conn, books, Span(202405, 202412), "M"))
    books.close_year(2024, "M")
    with reading(books.engine) as conn:
        after = household_lines(conn, view(conn, books, Span(202405, 202412), "M"))
        next_year = household_lines(conn, view(conn, books, Span(202501, 202501), "M"))
    assert after == before
    first = before[0]
    assert (first.unit, first.opening, first.paid_in, first.used, first.closing) == (
        "1-101", 0, 4_000_00, 600_00, 3_400_00,
    )  # fmt: skip
    assert [line.opening for line in next_year] == [line.closing for line in before]


@pytest.mark.parametrize(
    ("span", "code"),
    [
        (Span(202505, 202504), "bad_span"),
        (Span(202312, 202401), "before_opening"),
        (Span(202507, 202507), "future_day"),
    ],
)
def test_months_the_books_do_not_have_are_refused_and_never_nought(
    books: Books, span: Span, code: str
) -> None:
    with reading(books.engine) as conn, pytest.raises(Unanswerable) as refused:
        view(conn, books, span)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "scope", [Scope("9999"), Scope("1002", "F9"), Scope("1002", "", "unit", "9-999"), Scope("1002", "", "colour", "x")]
)  # fmt: skip
def test_an_account_fund_or_unit_nobody_registered_has_no_ledger(books: Books, scope: Scope) -> None:
    with reading(books.engine) as conn, pytest.raises(Unanswerable):
        ledger_page(conn, view(conn, books, Span(202501, 202501)), scope)


@pytest.mark.parametrize("many", [2, 40])
def test_a_book_takes_the_same_number_of_queries_however_long_it_is(
    new_books: Callable[..., Books], count_queries: Callable[..., object], many: int
) -> None:
    books = new_books()
    books.post_many([fee_receipt(n + 1, date=date(2025, 3, 1 + n % 28)) for n in range(many)])
    with count_queries(books.engine) as queries, reading(books.engine) as conn:  # type: ignore[attr-defined]
        seen = view(conn, books, Span(202501, 202506))
        list(ledger_rows(conn, seen, Scope("112201")))
        voucher_page(conn, seen, limit=50)
        trial_tables(conn, seen)
    queries.expect_at_most(45)


def test_following_months_stay_in_order(books: Books) -> None:
    assert list(Span(202411, 202502).months()) == [202411, 202412, 202501, 202502]
    assert following(202412) == 202501
