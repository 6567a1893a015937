"""A corrected statement: what it says otherwise, because of which entries, and that nothing else changes."""

from __future__ import annotations

from datetime import date

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select, text

from disclosure.statements import list_statements, read_statement
from disclosure.statements.codec import decode_statement
from disclosure.statements.difference import changes
from disclosure.statements.maintenance import COLUMNS, merged
from disclosure.statements.value import BuildingFund, Statement
from ledger.journal.public_view import entry_ref
from ledger.store.engine import reading, writing
from ledger.store.tables import entry, statement
from ledger.trust import record_setting
from tests.ledger.books import act, fee_receipt, interest
from tests.statements.year import COST_LINE, Year, advert_income, proven_cost
from tests.verify.tamper import behind_the_back

LATE = date(2025, 5, 8)


def test_the_same_content_is_the_same_version(year: Year) -> None:
    for code in (202401, 202433, 202400):
        first = year.publish(code)
        again = year.publish(code, date(2025, 8, 1))
        assert (again.version, again.body, again.published_at) == (1, first.body, first.published_at)
        assert first.value.difference is None


def test_an_entry_corrected_months_later_makes_a_corrected_version(own_year: Year) -> None:
    first = own_year.publish(202533)
    wrong = own_year.books.stored(own_year.refs["interest-202502"])
    red = own_year.books.reverse(own_year.refs["interest-202502"], on=LATE, reason="银行退回").ref
    second = own_year.publish(202533)
    assert (first.version, second.version) == (1, 2)
    assert second.size > first.size
    said = second.value.difference
    assert said is not None
    assert said.version == 1
    assert [(item.ref, item.target) for item in said.later] == [(red, own_year.refs["interest-202502"])]
    amount = wrong.draft.lines[0].amount
    by_key = {change.key: change for change in said.changes}
    for key, sign in {
        "A.cash.F2.received": -1,
        "A.cash.F2.closing": -1,
        "A.cash.all.closing": -1,
        "A.income.F2.4101.amount": -1,
        "A.income.all.amount": -1,
        "A.result.amount": -1,
    }.items():
        change = by_key[key]
        assert change.entries == (red,)
        assert change.new - change.old == sign * amount, key  # type: ignore[operator]
    assert "A.cash.F1.closing" not in by_key
    # the tables are still what is in the closed books, so that spans add up
    assert [report.cash for report in second.value.books] == [report.cash for report in first.value.books]
    assert own_year.publish(202533).version == 2


def test_a_correction_belongs_to_the_spans_of_the_entry_that_was_wrong(own_year: Year) -> None:
    for code in (202502, 202501, 202533):
        own_year.publish(code)
    own_year.books.reverse(own_year.refs["interest-202502"], on=LATE)
    assert [own_year.publish(code).version for code in (202502, 202501, 202533)] == [2, 1, 2]


def test_a_correction_within_the_span_is_no_second_version(year: Year) -> None:
    """The interest of February was taken back in May: a correction of the quarter, but not of the year."""
    quarter, whole = year.value(202433), year.value(202400)
    assert {item.key for item in quarter.restated} >= {"A.income.F2.4101.amount", "A.cash.F2.received"}
    assert {item.entries for item in quarter.restated} == {(year.refs["late"],)}
    assert whole.restated == ()
    assert year.refs["late"] in [item.ref for item in whole.books[0].corrections]
    assert year.refs["late"] not in [item.ref for item in quarter.books[0].corrections]


def test_the_correction_of_a_correction_counts_for_the_first_mistake(own_year: Year) -> None:
    wrong = own_year.refs["interest-202503"]
    blue = own_year.books.amend(wrong, interest(7_77, "F1", date=LATE, summary="利息是 F1 的"))[-1].ref
    own_year.publish(202503)
    day = date(2025, 5, 9)
    last = own_year.books.amend(blue, interest(8_88, "F1", date=day, summary="利息应为 8.88 元"))[-1].ref
    second = own_year.publish(202503)
    corrected = {item.key: item for item in second.value.restated}
    assert corrected["A.income.F1.4101.amount"].corrected == 8_88
    assert corrected["A.income.F2.4101.amount"].corrected == 0
    said = second.value.difference
    assert said is not None
    assert [
        (c.key, c.old, c.new, c.entries) for c in said.changes if c.key.startswith("A.income.F1.4101")
    ] == [
        ("A.income.F1.4101.amount", 7_77, 8_88, (last,)),
        ("A.income.F1.4101.year", 7_77, 8_88, (last,)),
    ]
    assert [item.ref for item in said.later] == [last]


def test_every_part_of_a_quarter_that_a_correction_touches_is_restated(own_year: Year) -> None:
    """Shared revenue moved to another contract, a cost to another amount, a use of the fund taken back."""
    books, on = own_year.books, LATE
    first = own_year.value(202533)
    (source,) = [row for row in first.revenue.sources if row.site == "S1"]  # type: ignore[union-attr]
    advert, cost, use = (_one_of(own_year, event) for event in ("E17", "E20", "E23c"))
    amount = books.stored(advert).draft.lines[0].amount
    books.amend(advert, advert_income(amount - 1_00, on))
    spent = books.stored(cost).draft.lines[0].amount
    books.amend(cost, proven_cost(spent + 5_00, on, budgeted=True))
    books.reverse(use, on=on, reason="没有完工")
    used = books.stored(use).draft.lines[0].amount
    value = own_year.value(202533)
    restated = {item.key: item.corrected - item.booked for item in value.restated}
    key = f"revenue.source.400301.S1.{source.contract}"
    for name, fen in {
        f"{key}.amount": -1_00,
        f"{key}.year": -1_00,
        "revenue.income.amount": -1_00,
        "revenue.cost.F2.5015.amount": 5_00,
        "revenue.costs.amount": 5_00,
        "revenue.net.amount": -6_00,
        f"budget.{COST_LINE}.amount": 5_00,
        f"budget.{COST_LINE}.year": 5_00,
        f"budget.{COST_LINE}.left": -5_00,
        "budget.F2.all.spent.year": 5_00,
        "budget.F2.all.left": -5_00,
        "uses.total": -used,
        "M.expense.M.5001.year": -used,
        "A.result.year": -6_00,
    }.items():
        assert restated[name] == fen, name
    assert "budget.F2.all.outside" not in restated
    said = {change.key for change in value.difference.changes}  # type: ignore[union-attr]
    assert said >= set(restated)


def _one_of(year: Year, event: str) -> str:
    """The last entry of a kind in the first quarter of 2025."""
    query = (
        select(entry.c.book, entry.c.fiscal_year, entry.c.number)
        .where(
            entry.c.trust_id == year.books.trust_id,
            entry.c.event == event,
            entry.c.business_date.between(date(2025, 1, 1), date(2025, 3, 31)),
        )
        .order_by(entry.c.seq.desc())
    )
    with reading(year.engine) as conn:
        return entry_ref(*tuple(conn.execute(query.limit(1)).one()))


def test_an_amendment_of_an_ended_year_changes_what_was_carried_forward(own_year: Year) -> None:
    """Through 3201: neither income nor expense of either year, but what the fund owned at its end."""
    spans = (202411, 202436, 202412, 202435, 202501)
    assert [own_year.publish(code).version for code in spans] == [1, 1, 1, 1, 1]
    first = {row.fund: row for row in own_year.value(202400).results}
    wrong = own_year.refs["interest-202411"]
    was = own_year.books.stored(wrong).draft.lines[0].amount
    fund = own_year.books.stored(wrong).draft.lines[0].fund
    own_year.books.amend(wrong, interest(was + 3_00, fund, date=LATE))
    value = own_year.value(202400)
    restated = {item.key: (item.booked, item.corrected) for item in value.restated}
    closing = first[fund].closing
    assert restated[f"results.{fund}.closing"] == (closing, closing + 3_00)
    assert restated[f"A.prior.{fund}"] == (0, 3_00)
    assert f"results.{fund}.income" not in restated
    assert [own_year.publish(code).version for code in spans] == [2, 2, 1, 1, 1]


def test_arrears_corrected_later_are_restated(own_year: Year) -> None:
    receipt = own_year.refs["receipt-202503"]
    before = own_year.value(202503).arrears.total
    amount = own_year.books.stored(receipt).draft.lines[0].amount
    own_year.books.reverse(receipt, on=LATE, reason="收错户")
    own_year.books.post(fee_receipt(amount, "1-102", date=LATE))
    restated = {item.key: item for item in own_year.value(202503).restated}
    assert (restated["arrears.total"].booked, restated["arrears.total"].corrected) == (
        before,
        before + amount,
    )


def test_a_changed_rule_is_a_difference_without_entries(own_year: Year) -> None:
    own_year.publish(202502)
    with writing(own_year.engine) as conn:
        record_setting(
            conn,
            own_year.books.trust_id,
            "statement_payment_above",
            100,
            effective_on=date(2025, 1, 1),
            authority="业委会决定",
            act=act(),
        )
    said = own_year.value(202502).difference
    assert said is not None
    assert {change.key for change in said.changes} >= {
        "payment_above",
        "A.payments.count",
        "A.payments.total",
    }
    assert all(change.entries == () for change in said.changes)
    with reading(own_year.engine) as conn:
        assert read_statement(conn, own_year.books.trust_id, 202502, 1).value.payment_above == 100_000


def test_differences_are_empty_only_between_equal_statements(year: Year) -> None:
    one, other = year.value(202401), year.value(202402)
    assert changes(one, one) == ()
    assert changes(one, other)
    renamed = msgspec.structs.replace(one, trustee="另一家物业")
    assert [(item.key, item.old, item.new) for item in changes(one, renamed)] == [
        ("trustee", one.trustee, "另一家物业")
    ]


@given(st.lists(st.integers(1, 30), max_size=8))
def test_no_building_of_fewer_than_five_households_is_shown_by_itself(counts: list[int]) -> None:
    rows = [
        BuildingFund((str(no),), households, *(households * 100 + no for _ in COLUMNS))
        for no, households in enumerate(counts)
    ]
    shown = merged(rows)
    assert all(row.households >= 5 for row in shown)
    if sum(counts) >= 5:
        assert sorted(name for row in shown for name in row.buildings) == sorted(
            row.buildings[0] for row in rows
        )
        for name in ("households", *COLUMNS):
            assert sum(getattr(row, name) for row in shown) == sum(getattr(row, name) for row in rows)
    else:
        assert shown == []


def test_the_year_shows_small_buildings_together(year: Year) -> None:
    fund = year.value(202400).maintenance
    assert fund is not None
    assert [(row.buildings, row.households) for row in fund.buildings] == [(("3",), 6), (("4", "5"), 7)]
    for name in COLUMNS:
        assert getattr(fund.total, name) == sum(getattr(row, name) for row in fund.buildings)
    assert fund.total.opening + fund.total.contributions - fund.total.uses == fund.total.closing


def test_statements_of_the_first_form_still_read() -> None:
    body = (
        b'{"arrears":{"households":1,"total":17820},"books":[{"book":"A","cash":[{"closing":30,"fund":"F1",'
        b'"moved_in":0,"moved_out":0,"opened":0,"opening":10,"paid":5,"received":25}],"corrections":[],'
        b'"expense":[{"account":"5016","fund":"F1","month":5,"name":"\xe6\x89\x8b\xe7\xbb\xad\xe8\xb4\xb9","year":9}],'
        b'"income":[{"account":"4101","fund":"F1","month":7,"name":"\xe5\x88\xa9\xe6\x81\xaf","year":8}],'
        b'"payment_count":0,"payment_total":0,"payments":[]}],"checkpoint":"x","first":"2025-08-01",'
        b'"kind":"mingzhang.statement.v1","last":"2025-08-31","name":"n","payment_above":100000,"period":202508,'
        b'"size":20,"trust":"t","trustee":"u"}'
    )
    value: Statement = decode_statement(body)
    report = value.books[0]
    assert (value.span, value.period, value.arrears.total) == ("month", 202508, 17820)
    assert (report.income[0].amount, report.income[0].year) == (7, 8)
    assert (report.result.amount, report.result.year, report.cash_total.closing) == (2, -1, 30)


def test_a_month_stored_in_the_first_form_is_not_published_again(own_year: Year) -> None:
    value = msgspec.to_builtins(own_year.value(202401))
    for name in ("opened_on", "span", "restated", "difference", "revenue", "uses", "budgets", "maintenance"):
        del value[name]
    for report in value["books"]:
        for name in ("cash_total", "income_total", "expense_total", "result"):
            del report[name]
        for line in (*report["income"], *report["expense"]):
            line["month"] = line.pop("amount")
    value["kind"] = "mingzhang.statement.v1"
    trust_id = own_year.books.trust_id
    with behind_the_back(own_year.database) as conn:
        conn.execute(text("DELETE FROM statement"))
        conn.execute(text("DELETE FROM record WHERE kind = 'statement'"))
        body = msgspec.json.encode(value, order="sorted")
        conn.execute(
            insert(statement).values(
                trust_id=trust_id,
                period=202401,
                version=1,
                size=value["size"],
                value=body,
                published_at=act(LATE).now,
            )
        )
    again = own_year.publish(202401)
    assert (again.version, again.body) == (1, body)
    with reading(own_year.engine) as conn:
        assert [item.version for item in list_statements(conn, trust_id)] == [1]
