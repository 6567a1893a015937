"""Shared revenue from contract to books: what falls due, what came in, where it goes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from ledger.errors import Refused, Unanswerable
from ledger.journal import Draft
from ledger.maintenance.cash import CashIn, by_hand
from ledger.revenue import DueLine, DueRow, NewTerms, Terms, due_list, read_terms, record_terms
from ledger.revenue.booking import receipt_work
from ledger.revenue.costs import Cost, cost_work, to_service_work
from ledger.revenue.due import _oldest_first
from ledger.revenue.month import month_lines, month_work
from ledger.revenue.moves import list_transfers, unfinished_transfers
from ledger.revenue.overview import overview
from ledger.revenue.schedule import Plan
from ledger.revenue.transfer import (
    free_revenue,
    prepare_in,
    prepare_out,
    start_transfer,
)
from ledger.store.engine import reading, writing
from ledger.work import Work, withdraw
from tests.ledger.books import BANK, CASH, MAJOR, OPENED, SITE_USE, TODAY, act, draft, interest, line, some
from tests.maintenance.desk import PREPARER, REVIEWER, Fund, M, open_fund

F2 = BANK["F2"]
YEAR = Plan("accrue", date(2025, 1, 1), date(2025, 12, 31), 1, 10, amount=1_090_00)


@pytest.fixture
def fund(engine: Engine) -> Fund:
    fund = open_fund(engine)
    fund.rule("revenue_vat_bp", {"default": 900, "400305": 0})
    return fund


def sign(fund: Fund, code: str = "G-1", plan: Plan = YEAR, **changes: Any) -> Terms:
    values: dict[str, Any] = {
        "contract": code,
        "title": "快递柜场地",
        "party": "邻收科技公司",
        "site": "南门",
        "account": "400303",
        "resolution": SITE_USE,
    }
    with writing(fund.engine) as conn:
        record_terms(conn, fund.setup(), NewTerms(plan=plan, **(values | changes)), PREPARER, act())
    with reading(fund.engine) as conn:
        return read_terms(conn, fund.trust_id, code)


def cash(fund: Fund, fen: int, number: str = "H-1", on: date = TODAY, home: str = "F2") -> CashIn:
    account = M if home == "M" else F2
    return by_hand(
        fund.setup(), bank_account=account, fen=fen, on=on, number=number, paper="bank_line", fund=home
    )


def receive(fund: Fund, terms: Terms, fen: int, number: str = "H-1", schedule: str = "") -> Work:
    with reading(fund.engine) as conn:
        return receipt_work(conn, fund.setup(), terms, cash(fund, fen, number), act(), schedule=schedule)


def recognise(fund: Fund, period: int) -> Work:
    with reading(fund.engine) as conn:
        return month_work(conn, fund.setup(), period, act())


def due(fund: Fund, today: date = TODAY) -> list[DueLine]:
    with reading(fund.engine) as conn:
        return due_list(conn, fund.trust_id, today)


# --- contracts ----------------------------------------------------------------------------------------------


def test_a_contract_names_party_and_site_and_makes_its_schedule(fund: Fund) -> None:
    terms = sign(fund)
    assert (terms.party_name, terms.site_name, terms.version) == ("邻收科技公司", "南门", 1)
    rows = due(fund)
    assert [line.row.due_on for line in rows[:2]] == [date(2025, 2, 10), date(2025, 3, 10)]
    assert sum(line.row.amount for line in rows) == 12 * 1_090_00


def test_a_second_contract_at_the_same_site_uses_the_same_codes(fund: Fund) -> None:
    assert sign(fund).site == sign(fund, "G-2").site


def test_a_contract_on_record_keeps_its_party_and_site(fund: Fund) -> None:
    sign(fund)
    dearer = Plan("accrue", date(2026, 1, 1), date(2026, 12, 31), 1, 10, amount=2_000_00)
    with pytest.raises(Refused) as refused:
        sign(fund, plan=dearer, authority="补充协议1号", party="别家公司", site="北门")
    assert [problem.where for problem in refused.value.problems] == ["对方单位", "点位"]
    assert "登记的点位是“南门”" in str(refused.value)


def test_new_terms_take_the_place_of_the_periods_they_begin_with(fund: Fund) -> None:
    sign(fund)
    dearer = Plan("accrue", date(2025, 7, 1), date(2026, 6, 30), 1, 10, amount=2_000_00)
    with pytest.raises(Refused, match="补充协议"):
        sign(fund, plan=dearer)
    terms = sign(fund, plan=dearer, authority="补充协议1号")
    amounts = [line.row.amount for line in due(fund)]
    assert terms.version == 2
    assert amounts == [1_090_00] * 6 + [2_000_00] * 12


def test_new_terms_begin_where_a_period_begins(fund: Fund) -> None:
    sign(fund)
    within = Plan("accrue", date(2025, 7, 15), date(2026, 6, 30), 1, 10, amount=2_000_00)
    with pytest.raises(Refused, match="须从某一期的第一天起算"):
        sign(fund, plan=within, authority="补充协议1号")


def test_a_contract_needs_the_owners_decision_and_an_income_account(fund: Fund) -> None:
    with pytest.raises(Refused) as refused:
        sign(fund, resolution="", account="400101", title="", site="", party="")
    assert refused.value.codes == {
        "no_resolution",
        "not_shared_income",
        "no_title",
        "no_site",
        "no_party",
    }


def test_only_the_preparer_records_contracts(fund: Fund) -> None:
    new = NewTerms("G-9", "广告", "某公司", "电梯", "400301", "决", YEAR)
    with pytest.raises(Refused, match="权限"), writing(fund.engine) as conn:
        record_terms(conn, fund.setup(), new, REVIEWER, act())


# --- due and overdue ----------------------------------------------------------------------------------------


def test_income_that_did_not_come_in_shows_as_overdue(fund: Fund) -> None:
    terms = sign(fund)
    for period in range(202501, 202506):
        fund.carry(recognise(fund, period))
    fund.carry(receive(fund, terms, 2 * 1_090_00 + 500_00))
    late = [line for line in due(fund) if line.overdue_days(TODAY)]
    # five months fell due by 10 June, two and a half were paid
    assert [(line.row.period_no, line.open) for line in late] == [(3, 590_00), (4, 1_090_00), (5, 1_090_00)]


def test_what_came_in_before_the_books_counts(fund: Fund) -> None:
    sign(fund, received_before=4 * 1_090_00)
    assert [line.row.period_no for line in due(fund) if line.overdue_days(TODAY)] == [5]


def test_a_reversed_receipt_is_owed_again(fund: Fund) -> None:
    terms = sign(fund)
    fund.carry(recognise(fund, 202501))
    before = due(fund)
    fund.carry(receive(fund, terms, 1_090_00))
    assert due(fund)[0].settled
    fund.books.reverse("A-2025-000002", TODAY)
    assert due(fund) == before


rows = st.lists(st.integers(1, 10**6), min_size=1, max_size=20)


@given(rows, st.integers(0, 10**7))
def test_overdue_is_due_less_received(amounts: list[int], received: int) -> None:
    terms = Terms("C", 1, "t", "P", "p", "S", "s", "400303", "accrue", TODAY, TODAY, 1, "决", 0)
    schedule = [(1, DueRow(no, TODAY, TODAY, date(2025, 1, no), fen)) for no, fen in enumerate(amounts, 1)]
    lines = _oldest_first(terms, schedule, received)
    assert sum(line.open for line in lines) == max(0, sum(amounts) - received)
    assert all(0 <= line.received <= line.row.amount for line in lines)
    paid = [line.received == line.row.amount for line in lines]
    assert paid == sorted(paid, reverse=True)  # nothing is paid behind what is not


# --- booking ------------------------------------------------------------------------------------------------


def test_a_month_is_accrued_with_its_tax_once(fund: Fund) -> None:
    sign(fund)
    fund.carry(recognise(fund, 202501))
    trial = fund.books.trial()
    assert trial["112205", "F2"] == 1_090_00
    assert trial["400303", "F2"] == -1_000_00
    assert trial["222101", "F2"] == -90_00
    with pytest.raises(Refused, match="都已确认"):
        recognise(fund, 202501)


def test_a_reversed_month_can_be_booked_again(fund: Fund) -> None:
    sign(fund)
    fund.carry(recognise(fund, 202501))
    fund.books.reverse("A-2025-000001", TODAY)
    fund.carry(recognise(fund, 202501))
    assert fund.books.trial()["112205", "F2"] == 1_090_00


def test_prepaid_rent_becomes_income_month_by_month(fund: Fund) -> None:
    plan = Plan("prepaid", date(2025, 1, 1), date(2025, 12, 31), 12, 5, total=1_090_01)
    terms = sign(fund, plan=plan)
    with reading(fund.engine) as conn:
        (line,) = month_lines(conn, fund.setup(), 202501, act())
    assert (line.state, line.why) == ("blocked", "账上预收只有 0.00 元，请先登记收到的租金")
    fund.carry(receive(fund, terms, 1_090_01))
    for period in range(202501, 202507):
        fund.carry(recognise(fund, period))
    trial = fund.books.trial()
    # twelve months of 90.84 or 90.83, the first five of them dearer
    assert trial["220303", "F2"] == -(1_090_01 - 5 * 90_84 - 90_83)
    assert trial["400303", "F2"] + trial["222101", "F2"] == -(1_090_01 + trial["220303", "F2"])


def by_voucher(fen: int) -> Draft:
    """A receivable booked by hand, before anybody recorded the schedule."""
    lines = [
        line("D", "112205", fen, "F2", contract="G-1"),
        line("C", "400303", fen, "F2", contract="G-1", site="S-002"),
    ]
    return draft("E19a", lines, "contract", references={"contract": "G-1"}, date=date(2025, 2, 28))


def states(fund: Fund, *periods: int) -> list[str]:
    with reading(fund.engine) as conn:
        return [month_lines(conn, fund.setup(), period, act())[0].state for period in periods]


def test_what_was_booked_by_voucher_is_not_booked_again_by_schedule(fund: Fund) -> None:
    terms = sign(fund)
    assert terms.site == "S-002"
    fund.books.post(by_voucher(2 * 1_090_00))
    assert states(fund, 202501, 202502, 202503) == ["booked", "booked", "ready"]
    posted = fund.books.post(by_voucher(500_00))
    assert states(fund, 202502, 202503, 202504) == ["booked", "blocked", "ready"]
    fund.books.reverse(posted.ref, TODAY)
    fund.carry(recognise(fund, 202503))
    assert states(fund, 202502, 202503, 202504) == ["booked", "booked", "ready"]


def test_more_than_was_accrued_is_not_taken_against_an_old_debt(fund: Fund) -> None:
    terms = sign(fund)
    fund.carry(recognise(fund, 202501))
    with pytest.raises(Refused, match=r"账上应收 1,090\.00 元，收到 1,090\.01 元"):
        receive(fund, terms, 1_090_01)


def test_a_share_is_income_of_the_period_it_is_for(fund: Fund) -> None:
    plan = Plan("share", date(2025, 1, 1), date(2025, 12, 31), 3, 15, amount=0)
    terms = sign(fund, plan=plan, account="400305", title="充电桩分成")
    with pytest.raises(Refused, match="属于哪一期"):
        receive(fund, terms, 321_00)
    first, *_ = due(fund)
    assert first.overdue_days(TODAY) == 76
    fund.carry(receive(fund, terms, 321_00, schedule=first.schedule))
    assert due(fund)[0].settled
    assert fund.books.trial()["400305", "F2"] == -321_00  # exempt: no tax in it


def test_without_a_tax_rate_nothing_is_booked(engine: Engine) -> None:
    fund = open_fund(engine)
    sign(fund)
    with reading(fund.engine) as conn:
        (line,) = month_lines(conn, fund.setup(), 202501, act())
    assert line.why == "还没有登记这类收入的增值税税率"


def test_a_rate_holds_from_its_day(fund: Fund) -> None:
    sign(fund)
    fund.rule("revenue_vat_bp", {"default": 0}, on=date(2025, 2, 1))
    fund.carry(recognise(fund, 202501))
    fund.carry(recognise(fund, 202502))
    assert fund.books.trial()["222101", "F2"] == -90_00


def test_a_cost_needs_evidence_and_is_paid_by_the_cashier(fund: Fund) -> None:
    with reading(fund.engine) as conn, pytest.raises(Refused) as refused:
        cost_work(conn, fund.setup(), Cost(100_00, TODAY, "灯箱维修", "某公司", "", "", "F1-CCB"))
    assert refused.value.codes == {"no_proof", "wrong_bank_account"}
    fund.books.post(interest(500_00))
    with reading(fund.engine) as conn:
        cost = Cost(100_00, TODAY, "灯箱维修", "某公司", "维修清单与发票", "WX-7", F2)
        work = cost_work(conn, fund.setup(), cost)
    no = fund.prepare(work)
    assert ("5015", "F2") not in fund.books.trial()
    fund.finish(no)
    assert fund.books.trial()["5015", "F2"] == 100_00


# --- moves --------------------------------------------------------------------------------------------------


def move(fund: Fund, fen: int, resolution: str = MAJOR) -> tuple[int, int]:
    with writing(fund.engine) as conn:
        number, prepared = start_transfer(
            conn, fund.setup(), fen, resolution, from_account=F2, to_account=M, actor=PREPARER, act=act()
        )
    return number, prepared.no


def arrive(fund: Fund, number: int, fen: int, slip: str = "D-1") -> int:
    with writing(fund.engine) as conn:
        return prepare_in(conn, fund.setup(), number, cash(fund, fen, slip, home="M"), PREPARER, act()).no


def test_a_move_stands_in_both_books_with_the_same_amount(fund: Fund) -> None:
    fund.books.post(interest(5_000_00))
    number, out = move(fund, 3_000_00)
    with reading(fund.engine) as conn:
        (waiting,) = unfinished_transfers(conn, fund.trust_id)
    assert waiting.next_step == "等待审核"
    with pytest.raises(Refused, match="还没有划出"):
        arrive(fund, number, 3_000_00)
    fund.finish(out)
    with pytest.raises(Refused, match=r"划出 3,000\.00 元，到账 2,999\.99 元，两边必须相等"):
        arrive(fund, number, 2_999_99)
    fund.finish(arrive(fund, number, 3_000_00))
    with reading(fund.engine) as conn:
        assert unfinished_transfers(conn, fund.trust_id) == []
        assert list_transfers(conn, fund.trust_id)[0].finished
        assert free_revenue(conn, fund.trust_id, act()) == 2_000_00
    assert fund.books.trial(book="M")["4201", "M"] == -3_000_00
    assert ("2501", "F2") not in fund.books.trial()


def test_what_waits_to_be_moved_is_not_moved_again(fund: Fund) -> None:
    fund.books.post(interest(5_000_00))
    move(fund, 3_000_00)
    with pytest.raises(Refused, match=r"结余只有 2,000\.00 元"):
        move(fund, 2_000_01)


def test_a_side_is_not_prepared_twice_but_again_when_it_was_withdrawn(fund: Fund) -> None:
    fund.books.post(interest(5_000_00))
    number, out = move(fund, 3_000_00)
    with writing(fund.engine) as conn, pytest.raises(Refused, match="不能重复办理"):
        prepare_out(conn, fund.setup(), number, TODAY, PREPARER, act())
    with writing(fund.engine) as conn:
        withdraw(conn, fund.trust_id, out, PREPARER, act())
    with writing(fund.engine) as conn:
        again = prepare_out(conn, fund.setup(), number, TODAY, PREPARER, act())
    fund.finish(again.no)
    with reading(fund.engine) as conn:
        assert list_transfers(conn, fund.trust_id)[0].next_step == "已划出，等维修资金专户到账后办理收款"


def test_a_reversed_side_puts_the_move_back_on_the_list(fund: Fund) -> None:
    fund.books.post(interest(5_000_00))
    number, out = move(fund, 3_000_00)
    fund.finish(out)
    fund.finish(arrive(fund, number, 3_000_00))
    fund.books.reverse("M-2025-000002", TODAY)
    with reading(fund.engine) as conn:
        (left,) = unfinished_transfers(conn, fund.trust_id)
    assert left.into.words == "已冲销，须重新办理"
    fund.finish(arrive(fund, number, 3_000_00, "D-2"))
    with reading(fund.engine) as conn:
        assert unfinished_transfers(conn, fund.trust_id) == []


def test_a_move_needs_a_resolution_the_right_accounts_and_the_money(fund: Fund) -> None:
    with writing(fund.engine) as conn, pytest.raises(Refused) as refused:
        start_transfer(
            conn, fund.setup(), 1_00, "", from_account="F1-CCB", to_account=F2, actor=PREPARER, act=act()
        )
    assert refused.value.codes == {"no_resolution", "wrong_bank_account", "not_enough_revenue"}


def test_shared_revenue_makes_up_the_service_fund_by_resolution(fund: Fund) -> None:
    fund.books.post(interest(5_000_00))
    with reading(fund.engine) as conn:
        with pytest.raises(Refused, match="决议"):
            to_service_work(
                conn, fund.setup(), 1_00, TODAY, "", from_account=F2, to_account=BANK["F1"], act=act()
            )
        work = to_service_work(
            conn, fund.setup(), 700_00, TODAY, MAJOR, from_account=F2, to_account=BANK["F1"], act=act()
        )
    fund.carry(work)
    trial = fund.books.trial()
    assert (trial["5902", "F2"], trial["4902", "F1"]) == (700_00, -700_00)


def refused(fund: Fund, what: Callable[[], object]) -> set[str]:
    before = fund.books.footprint()
    with pytest.raises(Refused) as caught:
        what()
    assert fund.books.footprint() == before
    return caught.value.codes


def a_cost(fund: Fund, fen: int, proof: str) -> Work:
    with reading(fund.engine) as conn:
        return cost_work(conn, fund.setup(), Cost(fen, TODAY, "灯箱维修", "某公司", "发票", proof, F2))


def help_service(fund: Fund, fen: int) -> Work:
    with reading(fund.engine) as conn:
        return to_service_work(
            conn, fund.setup(), fen, TODAY, MAJOR, from_account=F2, to_account=BANK["F1"], act=act()
        )


def test_costs_moves_and_help_share_one_balance(fund: Fund) -> None:
    fund.books.post(interest(5_000_00))
    fund.prepare(a_cost(fund, 1_000_00, "WX-1"))
    helped = fund.prepare(help_service(fund, 1_500_00))
    with reading(fund.engine) as conn:
        assert free_revenue(conn, fund.trust_id, act()) == 2_500_00
    assert refused(fund, lambda: move(fund, 2_500_01)) == {"not_enough_revenue"}
    move(fund, 2_000_00)
    assert refused(fund, lambda: fund.prepare(a_cost(fund, 500_01, "WX-2"))) == {"not_enough_revenue"}
    assert refused(fund, lambda: fund.prepare(help_service(fund, 500_01))) == {"not_enough_revenue"}
    with writing(fund.engine) as conn:
        withdraw(conn, fund.trust_id, helped, PREPARER, act())
    fund.carry(help_service(fund, 2_000_00))


def test_what_was_free_when_prepared_is_asked_again_when_it_is_paid(fund: Fund) -> None:
    ref = fund.books.post(interest(5_000_00)).ref
    no = fund.prepare(a_cost(fund, 4_000_00, "WX-1"))
    fund.books.reverse(ref, TODAY)
    fund.books.post(interest(3_000_00))
    assert refused(fund, lambda: fund.finish(no)) == {"not_enough_revenue"}
    fund.books.post(interest(1_000_00))
    fund.finish(no)
    assert fund.books.trial()["5015", "F2"] == 4_000_00


def test_a_resolution_may_help_twice_on_a_day_with_the_same_amount(fund: Fund) -> None:
    fund.books.post(interest(5_000_00))
    fund.carry(help_service(fund, 1_000_00))
    fund.carry(help_service(fund, 1_000_00))
    assert fund.books.trial()["4902", "F1"] == -2_000_00


@pytest.mark.db("sqlite")
@given(st.lists(st.tuples(st.sampled_from(["cost", "move", "help"]), st.integers(1, 30)), max_size=6))
@some(0.3)
def test_whatever_is_asked_shared_revenue_is_never_overspent(
    databases: Any, asked: list[tuple[str, int]]
) -> None:
    from ledger.store.engine import open_engine

    with databases.database("sqlite") as fresh:
        engine = open_engine(fresh.url)
        fund = open_fund(engine)
        fund.books.post(interest(50))
        works = []
        for no, (kind, fen) in enumerate(asked):
            try:
                if kind == "move":
                    works.append(move(fund, fen)[1])
                else:
                    work = a_cost(fund, fen, f"WX-{no}") if kind == "cost" else help_service(fund, fen)
                    works.append(fund.prepare(work))
            except Refused:
                continue
        for work_no in works:
            fund.finish(work_no)
        with reading(engine) as conn:
            left = free_revenue(conn, fund.trust_id, act())
        assert left >= 0
        assert left == fund.books.trial().get((CASH["F2"], "F2"), 0)
        engine.dispose()


# --- overview -----------------------------------------------------------------------------------------------


def test_the_overview_sets_income_beside_the_schedule(fund: Fund) -> None:
    terms = sign(fund)
    sign(fund, "G-2", title="道闸广告", site="道闸", account="400301")
    for period in range(202501, 202504):
        fund.carry(recognise(fund, period))
    fund.carry(receive(fund, terms, 1_090_00))
    with reading(fund.engine) as conn:
        seen = overview(conn, fund.setup(), TODAY)
    assert [(s.site, s.income, s.planned) for s in seen.sources] == [
        ("道闸", 3_000_00, 6_000_00),
        ("南门", 3_000_00, 6_000_00),
    ]
    assert (seen.due, seen.received, seen.overdue) == (10 * 1_090_00, 1_090_00, 9 * 1_090_00)


def test_a_contract_nobody_recorded_is_not_answered_with_nothing(fund: Fund) -> None:
    with reading(fund.engine) as conn, pytest.raises(Unanswerable):
        read_terms(conn, fund.trust_id, "R1")


def test_many_contracts_take_no_more_queries(fund: Fund, count_queries) -> None:  # type: ignore[no-untyped-def]
    counts = []
    for more in (1, 6):
        for no in range(more):
            sign(fund, f"N-{more}-{no}")
        with count_queries(fund.engine) as queries, reading(fund.engine) as conn:
            due_list(conn, fund.trust_id, TODAY)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert OPENED < TODAY
