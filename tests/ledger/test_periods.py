"""A month closes when everything in it is proven, in order, for good; a year carries its result first."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Literal

import pytest
from sqlalchemy import Table, insert, select, text
from sqlalchemy.exc import DBAPIError

from ledger.balances import account_ledger, balances_by, resolve_clock
from ledger.chart import close_account
from ledger.errors import Refused
from ledger.journal import Line
from ledger.periods import checklist, closed_periods, next_period
from ledger.periods.calendar import following, last_day, preceding
from ledger.store.engine import open_engine, reading, writing
from ledger.store.tables import (
    bank_balance,
    bank_file,
    bank_line,
    bank_match,
    entry,
    leaf,
    period_balance,
    posting,
)
from tests.ledger.books import (
    SITE_USE,
    TODAY,
    Books,
    act,
    cash,
    changed,
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
    pass_through,
    petty,
    project_money,
)
from tests.servers import Database

JANUARY = date(2024, 1, 15)
IN_2024: dict[str, Any] = {"date": date(2024, 5, 8)}


def bank_says(books: Books, account: str, balance: int, as_of: date) -> None:
    with writing(books.engine) as conn:
        conn.execute(
            insert(bank_balance).values(
                trust_id=books.trust_id,
                bank_account=account,
                as_of=as_of,
                sha256=f"{balance:064x}",
                balance=balance,
                recorded_at=act().now,
            )
        )


def bank_shows(books: Books, account: str, amount: int, day: date, key: str = "line-1") -> None:
    """A line of a bank file, not yet matched to anything."""
    with writing(books.engine) as conn:
        file = {"trust_id": books.trust_id, "bank_account": account, "sha256": "f" * 64}
        if conn.execute(select(bank_file).where(bank_file.c.trust_id == books.trust_id)).first() is None:
            conn.execute(insert(bank_file).values(_filled(bank_file, **file)))
        row = {**file, "line_key": key, "occurred_on": day, "amount": amount, "balance": None}
        conn.execute(insert(bank_line).values(_filled(bank_line, **row)))


def _filled(table: Table, **values: Any) -> dict[str, Any]:
    defaults: dict[type, Any] = {str: "", int: 0, bool: False, date: JANUARY}
    rest = {
        c.name: defaults.get(c.type.python_type, act().now) for c in table.columns if c.name not in values
    }
    return values | rest


def matched(books: Books, account: str, seq: int, key: str = "line-1") -> None:
    with writing(books.engine) as conn:
        row = {"trust_id": books.trust_id, "bank_account": account, "line_key": key, "seq": seq}
        conn.execute(insert(bank_match).values(_filled(bank_match, **row)))


def blocking(books: Books, period: int, book: str = "A") -> dict[str, str]:
    """What blocks the closing of a month; and asking does not close it."""
    with pytest.raises(Refused) as refused:
        books.close(period, book)
    assert refused.value.codes == {"close_blocked"}
    with reading(books.engine) as conn:
        items = checklist(conn, books.trust_id, book, period, TODAY)
    assert {(i.name, i.finding) for i in items if not i.ok} == {
        (p.where, p.message) for p in refused.value.problems
    }
    return {problem.where: problem.message for problem in refused.value.problems}


def through(books: Books, last: int, book: str = "A") -> None:
    """Close every month up to this one."""
    with reading(books.engine) as conn:
        period = next_period(conn, books.trust_id, book)
    while period <= last:
        books.close(period, book)
        period = following(period)


# --- The calendar -------------------------------------------------------------------------------------------


def test_months_follow_each_other_over_the_years_end() -> None:
    assert (following(202412), preceding(202501)) == (202501, 202412)
    assert (following(202401), preceding(202402)) == (202402, 202401)
    assert (last_day(202402), last_day(202502)) == (date(2024, 2, 29), date(2025, 2, 28))


@pytest.mark.parametrize("period", [0, 2024, 202400, 202413, 20240, 300001, -202401])
def test_a_month_that_does_not_exist_is_refused(period: int) -> None:
    with pytest.raises(Refused) as refused:
        last_day(period)
    assert refused.value.codes == {"bad_period"}


# --- Order --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("period", [202312, 202402, 202501])
def test_months_close_in_order_from_the_opening(books: Books, period: int) -> None:
    with pytest.raises(Refused) as refused:
        books.close(period)
    (problem,) = refused.value.problems
    assert problem.code == "period_order"
    assert "2024年1月" in problem.message


def test_a_month_closes_once(books: Books) -> None:
    closed = books.close(202401)
    assert (closed.ends_on, closed.size) == (date(2024, 1, 31), 0)
    with pytest.raises(Refused) as refused:
        books.close(202401)
    assert refused.value.codes == {"period_order"}
    books.close(202402)
    with reading(books.engine) as conn:
        assert [c.period for c in closed_periods(conn, books.trust_id)] == [202401, 202402]
        assert next_period(conn, books.trust_id, "A") == 202403


def test_a_month_closes_only_when_it_is_over(books: Books) -> None:
    with pytest.raises(Refused) as refused:
        books.close(202401, today=date(2024, 1, 30))
    assert [p.where for p in refused.value.problems] == ["月份已过完"]
    books.close(202401, today=date(2024, 1, 31))


def test_each_book_closes_by_itself(books: Books) -> None:
    books.close(202401, "M")
    books.post(petty(date=JANUARY))
    with pytest.raises(Refused) as refused:
        books.post(contribution(date=JANUARY))
    assert refused.value.codes == {"period_closed"}
    assert "2024-02-01" in str(refused.value)


def test_closing_a_month_shuts_all_days_before_it_too(books: Books) -> None:
    through(books, 202403)
    for day in (date(2024, 1, 1), date(2024, 2, 29), date(2024, 3, 31)):
        with pytest.raises(Refused) as refused:
            books.post(petty(date=day))
        assert refused.value.codes == {"period_closed"}
    books.post(petty(date=date(2024, 4, 1)))


# --- The checklist ------------------------------------------------------------------------------------------


def test_a_bank_line_without_an_entry_blocks_the_month(books: Books) -> None:
    bank_shows(books, "F1-CCB", 100_00, JANUARY)
    found = blocking(books, 202401)
    assert "1 条流水没有入账，最早的是 2024-01-15" in found["流水都已入账"]
    matched(books, "F1-CCB", books.post(fee_receipt(100_00, date=JANUARY)).seq)
    bank_says(books, "F1-CCB", 100_00, date(2024, 1, 31))
    books.close(202401)


def test_a_line_of_a_payment_channel_blocks_the_month_as_well(books: Books) -> None:
    bank_shows(books, "F1-WX", 100_00, JANUARY)
    assert "微信支付" in blocking(books, 202401)["流水都已入账"]


def test_a_bank_line_whose_entry_was_reversed_is_open_again(books: Books) -> None:
    bank_shows(books, "F1-CCB", 100_00, JANUARY)
    posted = books.post(fee_receipt(100_00, date=JANUARY))
    matched(books, "F1-CCB", posted.seq)
    books.reverse(posted.ref, on=date(2024, 1, 20))
    bank_says(books, "F1-CCB", 0, date(2024, 1, 31))
    assert set(blocking(books, 202401)) == {"流水都已入账"}


def test_a_line_of_next_month_does_not_block_this_one(books: Books) -> None:
    bank_shows(books, "F1-CCB", 100_00, date(2024, 2, 1))
    books.close(202401)
    assert set(blocking(books, 202402)) == {"流水都已入账"}


def test_an_account_that_moved_needs_the_banks_own_balance(books: Books) -> None:
    books.post(fee_receipt(100_00, date=JANUARY))
    assert blocking(books, 202401) == {"“F1专户”余额与银行一致": "还没有导入过这个账户的对账单"}


@pytest.mark.parametrize("off", [1, -1, 5_000_00])
def test_a_bank_balance_that_differs_by_a_fen_blocks_the_month(books: Books, off: int) -> None:
    books.post(fee_receipt(100_00, date=JANUARY))
    bank_says(books, "F1-CCB", 100_00 + off, date(2024, 1, 31))
    (finding,) = blocking(books, 202401).values()
    assert "账上 100.00 元" in finding
    assert "相差" in finding


def test_a_statement_that_ends_before_the_month_moved_is_not_enough(books: Books) -> None:
    books.post(fee_receipt(100_00, date=JANUARY))
    bank_says(books, "F1-CCB", 100_00, date(2024, 1, 31))
    books.close(202401)
    books.post(fee_receipt(50_00, date=date(2024, 2, 10)))
    assert "对账单只到 2024-01-31" in next(iter(blocking(books, 202402).values()))


def test_an_account_that_rests_needs_no_new_statement(books: Books) -> None:
    books.post(fee_receipt(100_00, date=JANUARY))
    bank_says(books, "F1-CCB", 100_00, date(2024, 1, 31))
    through(books, 202406)


def test_deposits_must_lie_in_their_bank_account_to_the_fen(books: Books) -> None:
    books.post(deposit(2_000_00, date=JANUARY))
    charged = draft(
        "E16", [cash("D", 5, "F3"), line("C", "224101", 5, "F3", unit="1-101")], "bank_line", date=JANUARY
    )
    books.post(charged)
    bank_says(books, "F3-ICBC", 2_000_05, date(2024, 1, 31))
    books.close(202401)
    spent = [line("D", "1123", 100_00, "F3", vendor="V1"), cash("C", 100_00, "F3")]
    books.post(draft("E12a", spent, "bank_line", date=date(2024, 2, 10)))
    bank_says(books, "F3-ICBC", 1_900_05, date(2024, 2, 29))
    found = blocking(books, 202402)
    assert found == {"押金户余额等于应退押金": "户内 1,900.05 元，应付 2,000.05 元"}


def test_money_collected_for_others_must_be_there(books: Books) -> None:
    books.post(pass_through(80_00, date=JANUARY))
    spent = [line("D", "1123", 100_00, "F4", vendor="V1"), cash("C", 100_00, "F4")]
    books.post(draft("E12a", spent, "bank_line", date=JANUARY))
    bank_says(books, "F4-CCB", -20_00, date(2024, 1, 31))
    assert blocking(books, 202401) == {"代收代付户足以付清代收款": "户内 -20.00 元，应付 80.00 元"}


def test_what_funds_owe_each_other_must_be_nil_in_sum(books: Books) -> None:
    """No everyday event can leave it so; taking over someone's books can."""
    lines = [line("D", "1901", 100_00, counter_fund="F2"), line("C", "3001", 100_00)]
    posted = books.post(draft("E00", lines, "handover", date=date(2024, 1, 1)))
    assert blocking(books, 202401) == {"基金间往来合计为零": "1901 合计 100.00 元"}
    books.reverse(posted.ref, on=date(2024, 1, 20))
    books.close(202401)


def test_december_waits_for_the_year_to_be_carried(books: Books) -> None:
    books.post_many([fee_charge(**IN_2024), petty(**IN_2024)])
    through(books, 202411)
    assert "基金 F1 还有收支没有结转" in blocking(books, 202412)["年末收支已结转"]
    books.close_year(2024)
    books.close(202412)


def test_a_late_entry_in_december_opens_the_question_again_and_a_second_pass_answers_it(books: Books) -> None:
    books.post(petty(50_00, **IN_2024))
    first = books.close_year(2024)
    books.post(petty(30_00, date=date(2024, 12, 30)))
    through(books, 202411)
    assert set(blocking(books, 202412)) == {"年末收支已结转"}
    second = books.close_year(2024)
    assert not {p.ref for p in first} & {p.ref for p in second}
    assert books.trial(as_of=date(2024, 12, 31)) == {("122101", "F1"): -80_00, ("3001", "F1"): 80_00}
    books.close(202412)


def test_all_that_blocks_is_told_at_once(books: Books) -> None:
    bank_shows(books, "F1-CCB", 100_00, JANUARY)
    books.post_many([fee_receipt(1, date=JANUARY), interest(1, date=JANUARY)])
    assert len(blocking(books, 202401)) == 3


def test_a_refused_closing_leaves_nothing_behind(books: Books) -> None:
    books.post(fee_receipt(100_00, date=JANUARY))
    before = books.footprint()
    blocking(books, 202401)
    assert books.footprint() == before


# --- What a closed month holds ------------------------------------------------------------------------------


def test_the_snapshot_of_a_month_is_the_sum_of_all_before_it(books: Books) -> None:
    books.post_many([petty(50_00, date=JANUARY), petty(20_00, date=date(2024, 2, 1))])
    through(books, 202402)
    with reading(books.engine) as conn:
        rows = conn.execute(
            select(period_balance.c.period, period_balance.c.debit)
            .where(period_balance.c.trust_id == books.trust_id, period_balance.c.account == "5007")
            .order_by(period_balance.c.period)
        ).all()
    assert [tuple(row) for row in rows] == [(202401, 50_00), (202402, 70_00)]


def test_the_database_refuses_an_entry_in_a_closed_month(database: Database) -> None:
    """With plain SQL, as the application and as the owner."""
    app = open_engine(database.url)
    books = open_books(app, 7)
    books.post(petty(date=date(2024, 2, 10)))
    books.close(202401)
    for url, as_owner in ((database.url, False), (database.owner_url, True)):
        engine = open_engine(url, as_owner=as_owner)
        for day in (date(2024, 1, 1), date(2024, 1, 31)):
            with pytest.raises(DBAPIError, match="the period is closed"), writing(engine) as conn:
                for table in (leaf, posting, entry):
                    rows = (
                        conn.execute(select(table).where(table.c.trust_id == 7, table.c.seq == 0))
                        .mappings()
                        .all()
                    )
                    moved = [{**row, "seq": 1} for row in rows]
                    for row in moved:
                        row.update({"business_date": day} if "business_date" in row else {})
                        row.update({"number": 2, "idempotency_key": "raw"} if table is entry else {})
                    conn.execute(insert(table), moved)
        engine.dispose()
    app.dispose()


def test_what_was_closed_cannot_be_opened_again(database: Database) -> None:
    engine = open_engine(database.owner_url, as_owner=True)
    open_books(engine, 7).close(202401)
    for statement in ("DELETE FROM period_close", "UPDATE period_close SET ends_on = '2023-12-31'"):
        with pytest.raises(DBAPIError, match="append-only"), writing(engine) as conn:
            conn.execute(text(statement))
    engine.dispose()


# --- The year -----------------------------------------------------------------------------------------------


def a_year(books: Books, **when: Any) -> None:
    """Income and expense in every fund that has any, over several accounts, sites and projects."""
    public = {"contract": "R1", "site": "S1"}
    references = {"contract": "R1", "resolution": SITE_USE}
    books.post_many(
        [
            fee_charge([("1-101", 100_00), ("1-102", 200_00)], **when),
            invoice(90_00, **when),
            petty(10_00, "5008", **when),
            interest(5_00, "F1", **when),
            draft(
                "E17",
                [cash("D", 60_00, "F2"), line("C", "400301", 60_00, "F2", **public)],
                "bank_line",
                "contract",
                references=references,
                **when,
            ),
            draft("E20", [line("D", "5015", 8_00, "F2"), cash("C", 8_00, "F2")], "cost_proof", **when),
            project_money(300_00, "P1", **when),
            project_money(70_00, "P2", **when),
            draft(
                "E24b",
                [line("D", "5018", 250_00, "F5", project="P1"), cash("C", 250_00, "F5")],
                "invoice",
                references={"project": "P1"},
                **when,
            ),
            interest(1_00, "F5", **when),
            deposit(2_000_00, **when),
        ]
    )


def test_a_year_close_empties_income_and_expense_into_each_funds_net_assets(books: Books) -> None:
    a_year(books, **IN_2024)
    books.close_year(2024)
    left = books.trial(as_of=date(2024, 12, 31))
    assert {account for account, _ in left if account[0] in "45"} == set()
    assert {key: net for key, net in left.items() if key[0][0] == "3"} == {
        ("3001", "F1"): -(300_00 - 90_00 - 10_00 + 5_00),
        ("3002", "F2"): -52_00,
        ("3003", "F5"): -(300_00 + 70_00 - 250_00 + 1_00),
    }
    assert ("3101", "F1") not in left


def test_special_projects_are_carried_each_by_itself(books: Books) -> None:
    a_year(books, **IN_2024)
    books.close_year(2024)
    with reading(books.engine) as conn:
        clock = resolve_clock(conn, books.trust_id, today=TODAY)
        by_project = balances_by(conn, books.trust_id, "A", "3003", "project", clock)
    assert {project: -totals.balance for project, totals in by_project.items()} == {"P1": 50_00, "P2": 70_00}


def test_contracts_and_sites_stay_apart_when_they_are_emptied(books: Books) -> None:
    a_year(books, **IN_2024)
    (income,) = [e for p in books.close_year(2024) for e in [books.stored(p.ref)] if "（公共收益）" in e.draft.summary and e.draft.event == "E28a"]  # fmt: skip
    (emptied,) = [x for x in income.draft.lines if x.account == "400301"]
    assert (emptied.contract, emptied.site, emptied.side, emptied.amount) == ("R1", "S1", "D", 60_00)


def test_a_year_close_repeated_adds_nothing(books: Books) -> None:
    a_year(books, **IN_2024)
    assert books.close_year(2024)
    before = books.footprint()
    assert books.close_year(2024) == []
    assert books.footprint() == before


@pytest.mark.parametrize("nth", [0, -1])
def test_a_reversed_closing_entry_is_made_good_by_the_next_pass(books: Books, nth: int) -> None:
    a_year(books, **IN_2024)
    closing = books.close_year(2024)
    after = books.trial()
    books.reverse(closing[nth].ref, on=date(2024, 12, 31))
    assert books.trial() != after
    books.close_year(2024)
    assert books.trial() == after


def test_corrections_of_earlier_years_go_to_net_assets_with_the_year(books: Books) -> None:
    ref = books.post(invoice(100_00, **IN_2024)).ref
    books.close_year(2024)
    books.amend(ref, invoice(130_00))
    assert books.balance("3201") == 30_00
    books.close_year(2025, today=date(2025, 12, 31))
    left = books.trial(today=date(2025, 12, 31))
    assert left == {("220201", "F1"): -130_00, ("3001", "F1"): 130_00}


def test_results_that_cancel_out_are_carried_though_nothing_reaches_net_assets(books: Books) -> None:
    books.post_many([interest(90_00, "F1", **IN_2024), invoice(90_00, **IN_2024)])
    books.close_year(2024)
    assert {account for account, _ in books.trial() if account[0] in "345"} == set()


def test_an_account_closed_during_the_year_is_emptied_all_the_same(books: Books) -> None:
    books.post(petty(50_00, **IN_2024))
    with writing(books.engine) as conn:
        close_account(conn, books.trust_id, "A", "5007", date(2024, 6, 30))
    books.close_year(2024)
    assert books.trial() == {("122101", "F1"): -50_00, ("3001", "F1"): 50_00}


def test_a_year_is_closed_after_it_is_over_and_after_the_one_before(books: Books) -> None:
    a_year(books, **IN_2024)
    with pytest.raises(Refused) as refused:
        books.close_year(2025)
    assert refused.value.codes == {"year_not_over"}
    books.post(petty(5_00))
    with pytest.raises(Refused) as refused:
        books.close_year(2025, today=date(2025, 12, 31))
    assert refused.value.codes == {"year_order"}
    books.close_year(2024)
    books.close_year(2025, today=date(2025, 12, 31))


def test_a_year_in_which_nothing_happened_needs_no_entries(books: Books) -> None:
    assert books.close_year(2024) == []
    assert books.close_year(2024, "M") == []


def test_the_new_year_begins_with_number_one_and_what_was_carried(books: Books) -> None:
    a_year(books, **IN_2024)
    books.close_year(2024)
    first = books.post(petty(5_00, date=date(2025, 1, 2)))
    assert first.ref == "A-2025-000001"
    with reading(books.engine) as conn:
        clock = resolve_clock(conn, books.trust_id, today=TODAY)
        result = account_ledger(conn, books.trust_id, "A", "3001", "F1", date(2025, 1, 1), clock)
        office = account_ledger(conn, books.trust_id, "A", "5007", "F1", date(2025, 1, 1), clock)
    assert result.opening == -205_00
    assert (office.opening, office.closing, office.year_total.debit) == (0, 5_00, 5_00)
    late = books.post(petty(1_00, date=date(2024, 12, 31)))
    assert late.ref.startswith("A-2024-")
    books.check_log()


def households(books: Books, account: str, as_of: date) -> dict[str, int]:
    with reading(books.engine) as conn:
        clock = resolve_clock(conn, books.trust_id, today=TODAY, as_of=as_of)
        found = balances_by(conn, books.trust_id, "M", account, "unit", clock)
        return {unit: -totals.balance for unit, totals in found.items() if totals.balance}


def test_book_m_carries_contributions_and_repairs_to_each_household(books: Books) -> None:
    paid = draft(
        "E23b", [cash("D", 30_00, "M"), line("C", "4101", 30_00, "M")], "bank_line", book="M", **IN_2024
    )
    books.post_many([contribution(**IN_2024), maintenance(**IN_2024), paid])
    books.close_year(2024, "M")
    end = date(2024, 12, 31)
    assert households(books, "3001", end) == {"1-101": 3_400_00, "1-102": 3_600_00}
    assert books.trial(end, book="M") == {
        ("1001", "M"): 7_030_00,
        ("3001", "M"): -7_000_00,
        ("3101", "M"): -30_00,
    }
    assert sum(households(books, "3001", end).values()) == 7_000_00, "3001 is the sum of its households"
    assert households(books, "4001", end) == households(books, "5001", end) == {}


def test_interest_is_given_to_households_by_an_entry_with_each_ones_part(books: Books) -> None:
    paid = draft(
        "E23b", [cash("D", 30_00, "M"), line("C", "4101", 30_00, "M")], "bank_line", book="M", **IN_2024
    )
    books.post_many([contribution(**IN_2024), paid])
    books.close_year(2024, "M")
    parts = contribution([("1-101", 15_00), ("1-102", 15_00)]).lines[1].details
    lines = (line("D", "3101", 30_00, "M"), Line("3001", "M", "C", 30_00, details=parts))
    books.post(draft("E23g", lines, "apportionment", book="M"))
    assert books.trial(book="M") == {("1001", "M"): 8_030_00, ("3001", "M"): -8_030_00}


def test_households_that_cancel_out_in_sum_are_still_carried_each(books: Books) -> None:
    ref = books.post(contribution([("1-101", 100_00)], **IN_2024)).ref
    books.close_year(2024, "M")
    books.amend(ref, contribution([("1-102", 100_00)], date=date(2024, 12, 30)))
    books.close_year(2024, "M")
    assert households(books, "3001", date(2024, 12, 31)) == {"1-102": 100_00}
    assert households(books, "4001", date(2024, 12, 31)) == {}


@pytest.mark.parametrize(("account", "named"), [("5101", {"unit": "1-101"}), ("5901", {}), ("4901", {})])
def test_accounts_taken_over_in_mid_year_are_carried_as_well(
    books: Books, account: str, named: dict[str, str]
) -> None:
    side: Literal["D", "C"] = "D" if account[0] == "5" else "C"
    other: Literal["D", "C"] = "C" if side == "D" else "D"
    lines = [line(side, account, 100_00, "M", **named), cash(other, 100_00, "M")]
    books.post(draft("E00", lines, "handover", book="M", date=date(2024, 1, 1)))
    books.close_year(2024, "M")
    assert {a for a, _ in books.trial(book="M")} == {"1001", "3001" if named else "3101"}


def test_a_whole_year_of_closings_answers_like_books_that_never_closed(books: Books, new_books: Any) -> None:
    open_ones = new_books()
    for each in (books, open_ones):
        each.post_many([petty(50_00 + n, date=date(2024, 1, 31) + timedelta(days=30 * n), key=f"m{n}") for n in range(11)])  # fmt: skip
        each.close_year(2024)
    through(books, 202412)
    for month in range(1, 13):
        day = last_day(202400 + month)
        for known in (3, 7, 11):
            assert books.trial(day, known) == open_ones.trial(day, known)
        assert books.totals(day) == open_ones.totals(day)
    with pytest.raises(Refused) as refused:
        books.post(changed(petty(), date=date(2024, 12, 31)))
    assert refused.value.codes == {"period_closed"}
