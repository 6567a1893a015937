"""The maintenance fund from contribution to use: sub-accounts always add up to the books."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from ledger.balances import resolve_clock
from ledger.errors import Refused, Unanswerable
from ledger.maintenance import (
    Scope,
    Use,
    list_plans,
    list_subaccounts,
    preview_use,
    read_plan,
    unit_statement,
)
from ledger.maintenance.cash import CashIn, by_hand
from ledger.maintenance.contributions import check_pairs, contribution_work
from ledger.maintenance.interest import (
    distribution_work,
    interest_work,
    plan_distribution,
)
from ledger.maintenance.low import initial_amounts, low_list, record_initial, record_initial_by_rate
from ledger.maintenance.plans import Plan, record_plan
from ledger.maintenance.use import use_work
from ledger.store.engine import reading, writing
from ledger.trust.units import change_unit
from ledger.work import Work, withdraw
from tests.ledger.books import OPENED, TODAY, act, contribution
from tests.maintenance.desk import PAID, PREPARER, REVIEWER, Fund, M, open_fund


@pytest.fixture
def fund(engine: Engine) -> Fund:
    return open_fund(engine)


def cash(fund: Fund, fen: int, number: str = "H-1", on: date = TODAY) -> CashIn:
    return by_hand(fund.setup(), bank_account=M, fen=fen, on=on, number=number, paper="bank_line", fund="M")


def contribute(fund: Fund, pairs: list[tuple[str, str]], fen: int, number: str = "H-1") -> Work:
    with reading(fund.engine) as conn:
        rows = check_pairs(conn, fund.trust_id, [(no, *pair) for no, pair in enumerate(pairs, 2)])
        return contribution_work(conn, fund.trust_id, rows, cash(fund, fen, number))


def pay_for(fund: Fund, plan: Plan, fen: int, bill: str = "F-1", payee: str = "蜀迅电梯公司") -> Work:
    with writing(fund.engine) as conn:
        use = Use(plan, fen, TODAY, payee, bill, M)
        return use_work(conn, fund.setup(), use, act())


# --- contributions ------------------------------------------------------------------------------------------


def test_a_list_of_contributions_fills_the_sub_accounts(fund: Fund) -> None:
    fund.carry(contribute(fund, [("04-1-0101", "12,000.00"), ("03-2-0102", "1.5")], 12_001_50))
    balances = fund.balances()
    assert balances["04-1-0101"] == 12_000_00
    assert balances["03-2-0102"] == 101_50
    assert fund.position().agrees


def test_every_faulty_row_of_a_list_is_named_and_nothing_is_prepared(fund: Fund) -> None:
    pairs = [("9-999", "1"), ("03-1-0101", "一百"), ("03-1-0102", "5"), ("03-1-0102", "6"), ("", "-3")]
    with pytest.raises(Refused) as refused:
        contribute(fund, pairs, 100)
    said = [str(problem) for problem in refused.value.problems]
    assert said == [
        "第 2 行 9-999：没有登记过这个房号",
        "第 3 行 03-1-0101：金额读不懂，请写成 1234.56 的样子",
        "第 5 行 03-1-0102：房号与第 4 行重复，请合并成一行",
        "第 6 行：金额应大于零；缺房号",
    ]


def test_a_list_that_is_not_the_money_that_came_in_is_refused(fund: Fund) -> None:
    with pytest.raises(Refused, match=r"各户合计 5\.00 元，到账 6\.00 元"):
        contribute(fund, [("03-1-0101", "5")], 6_00)


def test_the_same_slip_is_not_booked_twice_but_again_after_red_letters(fund: Fund) -> None:
    work = contribute(fund, [("03-1-0101", "5")], 5_00)
    no = fund.prepare(work)
    with pytest.raises(Refused, match="等待办理"):
        fund.prepare(work)
    fund.finish(no)
    with pytest.raises(Refused, match="入账"):
        fund.carry(contribute(fund, [("03-1-0101", "6")], 6_00))
    fund.books.reverse("M-2025-000002", TODAY)
    fund.carry(contribute(fund, [("03-1-0101", "6")], 6_00))
    assert fund.balances()["03-1-0101"] == 8_006_00


# --- use ----------------------------------------------------------------------------------------------------


def test_a_use_is_borne_by_the_units_of_the_scope_by_area_to_the_fen(fund: Fund) -> None:
    before = fund.balances()
    plan = fund.plan(1_000_01, scope=Scope("entrance", ("03-1",)))
    fund.carry(pay_for(fund, plan, 1_000_01))
    after = fund.balances()
    # 1,000.01 by 89.37 and 101.20 m²
    assert before["03-1-0101"] - after["03-1-0101"] == 468_97
    assert before["03-1-0102"] - after["03-1-0102"] == 531_04
    assert after["03-2-0101"] == before["03-2-0101"]
    assert fund.position().agrees


def test_the_area_in_force_on_the_day_counts(fund: Fund) -> None:
    with writing(fund.engine) as conn:
        change_unit(
            conn,
            fund.trust_id,
            "03-1-0101",
            use_kind="home",
            area=101_20,
            effective_on=date(2025, 2, 1),
            authority="实测报告",
            act=act(),
        )
    plan = fund.plan(1_000_00, scope=Scope("entrance", ("03-1",)))
    with reading(fund.engine) as conn:
        preview = preview_use(conn, fund.setup(), plan, 1_000_00, act())
    assert [part.share for part in preview.parts] == [500_00, 500_00]


def test_a_sub_account_is_not_overdrawn_without_a_decision(fund: Fund) -> None:
    plan = fund.plan(20_000_00)
    with pytest.raises(Refused) as refused:
        pay_for(fund, plan, 6_000_00)
    assert refused.value.codes == {"subaccount_short"}
    assert "1 户的户分账不足，共差 929.05 元（03-2-0102 差 929.05 元）" in str(refused.value)


def test_a_decision_lets_a_sub_account_go_below_nothing_and_is_named_in_the_entry(fund: Fund) -> None:
    plan = fund.plan(20_000_00, "advance")
    no = fund.carry(pay_for(fund, plan, 6_000_00))
    assert fund.balances()["03-2-0102"] == -929_05
    assert fund.position().agrees
    assert no
    assert fund.books.stored("M-2025-000002").draft.references["shortfall_decision"] == "业决4号"


def test_a_decision_lets_the_others_bear_what_is_missing(fund: Fund) -> None:
    before = fund.balances()
    plan = fund.plan(20_000_00, "spread")
    fund.carry(pay_for(fund, plan, 6_000_00))
    after = fund.balances()
    assert after["03-2-0102"] == 0
    assert sum(before.values()) - sum(after.values()) == 6_000_00
    assert min(after.values()) == 0


def test_what_open_work_will_take_is_counted_before_more_is_prepared(fund: Fund) -> None:
    plan = fund.plan(40_000_00, scope=Scope("units", ("03-1-0101",)))
    no = fund.prepare(pay_for(fund, plan, 5_000_00))
    with pytest.raises(Refused, match=r"差 2,000\.00 元"):
        pay_for(fund, plan, 5_000_00, "F-2")
    with writing(fund.engine) as conn:
        withdraw(conn, fund.trust_id, no, PREPARER, act())
    assert fund.prepare(pay_for(fund, plan, 5_000_00, "F-2"))


def test_a_plan_can_be_used_up_to_its_estimate_and_as_far_beyond_as_the_rule_allows(fund: Fund) -> None:
    plan = fund.plan(1_000_00, scope=Scope("entrance", ("03-1",)))
    fund.carry(pay_for(fund, plan, 600_00))
    with pytest.raises(Refused) as refused:
        pay_for(fund, plan, 500_00, "F-2")
    assert refused.value.codes == {"beyond_estimate"}
    fund.rule("maintenance_excess_percent", 10)
    fund.carry(pay_for(fund, plan, 500_00, "F-2"))
    with reading(fund.engine) as conn:
        assert [(row.plan.plan, row.used) for row in list_plans(conn, fund.trust_id)] == [("WX-1", 1_100_00)]


def test_a_reversed_use_gives_the_money_back_to_plan_and_units(fund: Fund) -> None:
    before = fund.balances()
    plan = fund.plan(1_000_00)
    fund.carry(pay_for(fund, plan, 300_00))
    fund.books.reverse("M-2025-000002", TODAY)
    assert fund.balances() == before
    with reading(fund.engine) as conn:
        assert list_plans(conn, fund.trust_id)[0].used == 0


def test_a_plan_needs_resolution_filing_and_for_a_shortfall_a_decision(fund: Fund) -> None:
    plan = Plan("", "", 0, Scope("building", ("03",)), "", "", "advance", "")
    with pytest.raises(Refused) as refused, writing(fund.engine) as conn:
        record_plan(conn, fund.trust_id, plan, PREPARER, act())
    assert refused.value.codes == {
        "no_plan",
        "no_title",
        "no_resolution",
        "no_filing",
        "no_estimate",
        "no_decision",
    }


def test_a_plan_for_a_place_nobody_knows_is_refused(fund: Fund) -> None:
    with pytest.raises(Refused, match="没有登记过楼栋“99”"):
        fund.plan(1, scope=Scope("building", ("99",)))
    with reading(fund.engine) as conn, pytest.raises(Unanswerable, match="没有登记过使用方案"):
        read_plan(conn, fund.trust_id, "无")


def test_only_the_preparer_records_plans(fund: Fund) -> None:
    plan = Plan("X", "修", 1, Scope("all"), "决", "案")
    with pytest.raises(Refused, match="权限"), writing(fund.engine) as conn:
        record_plan(conn, fund.trust_id, plan, REVIEWER, act())


# --- interest -----------------------------------------------------------------------------------------------


def earn(fund: Fund, fen: int) -> None:
    """Interest of 2024, carried to 3101 at the end of that year."""
    day = date(2024, 12, 21)
    with reading(fund.engine) as conn:
        work = interest_work(conn, fund.trust_id, cash(fund, fen, "JX-1", day), "4101")
    fund.carry(work)
    fund.books.close_year(2024, "M")


@pytest.mark.parametrize("basis", ["average_daily", "balance_on_day", "area"])
def test_yields_are_distributed_to_the_last_fen(fund: Fund, basis: str) -> None:
    earn(fund, 1_234_57)
    fund.rule("maintenance_distribution", basis)
    before = fund.balances()
    with reading(fund.engine) as conn:
        plan = plan_distribution(conn, fund.setup(), 1_234_57, date(2025, 1, 1), date(2025, 3, 31), act())
        work = distribution_work(conn, fund.trust_id, plan, TODAY)
    fund.carry(work)
    position = fund.position()
    assert position.undistributed == 0
    assert position.agrees
    assert sum(fund.balances().values()) - sum(before.values()) == 1_234_57


def test_by_average_daily_balance_twice_the_days_bring_twice_the_yield(fund: Fund) -> None:
    earn(fund, 300_00)
    fund.rule("maintenance_distribution", "average_daily")
    fund.books.post(contribution((("1-101", 1_000_00),), date=date(2025, 2, 1)))
    fund.books.post(contribution((("1-102", 1_000_00),), date=date(2025, 2, 6)))
    with reading(fund.engine) as conn:
        plan = plan_distribution(conn, fund.setup(), 300_00, date(2025, 2, 1), date(2025, 2, 10), act())
    assert plan.weights["1-101"] == 2 * plan.weights["1-102"]
    # 10 days of 1,000 yuan among 10 days of 26,100 yuan and 5 of 1,000 more
    assert plan.weights["1-101"] == 10 * 1_000_00
    assert sum(plan.weights.values()) == 10 * (sum(fen for _, fen in PAID) + 1_000_00) + 5 * 1_000_00


def test_yields_are_not_distributed_without_a_rule_nor_beyond_what_there_is(fund: Fund) -> None:
    earn(fund, 10_00)
    with reading(fund.engine) as conn, pytest.raises(Refused, match="还没有登记收益分配办法"):
        plan_distribution(conn, fund.setup(), 10_00, OPENED, TODAY, act())
    fund.rule("maintenance_distribution", "area")
    with reading(fund.engine) as conn, pytest.raises(Refused, match=r"可分配收益为 10\.00 元"):
        plan_distribution(conn, fund.setup(), 10_01, OPENED, TODAY, act())


def test_what_waits_to_be_distributed_is_not_distributed_again(fund: Fund) -> None:
    earn(fund, 10_00)
    fund.rule("maintenance_distribution", "area")
    with reading(fund.engine) as conn:
        plan = plan_distribution(conn, fund.setup(), 7_00, OPENED, TODAY, act())
        work = distribution_work(conn, fund.trust_id, plan, TODAY)
    fund.prepare(work)
    with reading(fund.engine) as conn, pytest.raises(Refused, match=r"可分配收益为 3\.00 元"):
        plan_distribution(conn, fund.setup(), 4_00, OPENED, TODAY, act())


# --- sub-accounts -------------------------------------------------------------------------------------------


def test_a_sub_account_is_opening_plus_what_came_less_what_went(fund: Fund) -> None:
    plan = fund.plan(1_000_00)
    fund.carry(pay_for(fund, plan, 500_00))
    earn(fund, 99_99)
    fund.rule("maintenance_distribution", "area")
    with reading(fund.engine) as conn:
        shares = plan_distribution(conn, fund.setup(), 99_99, OPENED, TODAY, act())
        work = distribution_work(conn, fund.trust_id, shares, TODAY)
    fund.carry(work)
    with reading(fund.engine) as conn:
        clock = resolve_clock(conn, fund.trust_id, today=TODAY)
        rows = list_subaccounts(conn, fund.trust_id, clock, date(2025, 2, 1), limit=None)
    assert {row.unit: row.closing for row in rows if row.closing} == fund.balances()
    home = next(row for row in rows if row.unit == "03-1-0101")
    assert (home.opening, home.contributions, home.uses > 0, home.yields > 0) == (8_000_00, 0, True, True)
    assert sum(row.uses for row in rows) == 500_00
    assert sum(row.yields for row in rows) == 99_99


def test_a_year_close_moves_nothing_between_units_nor_in_a_statement(fund: Fund) -> None:
    before = fund.balances()
    fund.books.close_year(2024, "M")
    fund.books.close_year(2025, "M", today=date(2026, 1, 5))
    with reading(fund.engine) as conn:
        clock = resolve_clock(conn, fund.trust_id, today=date(2026, 1, 5))
        opening, lines = unit_statement(conn, fund.trust_id, "03-1-0101", date(2025, 1, 1), clock)
        rows = list_subaccounts(conn, fund.trust_id, clock, date(2026, 1, 1), limit=None)
    assert (opening, [(line.kind, line.amount, line.balance) for line in lines]) == (
        0,
        [("交存", 8_000_00, 8_000_00)],
    )
    assert {row.unit: row.opening for row in rows if row.opening} == before
    position = fund.position(date(2026, 1, 5))
    assert position.by_account["3001"] == position.subaccounts == sum(before.values())


def test_a_list_of_many_units_takes_no_more_queries(fund: Fund, count_queries) -> None:  # type: ignore[no-untyped-def]
    counts = []
    for limit in (1, None):
        with count_queries(fund.engine) as queries, reading(fund.engine) as conn:
            clock = resolve_clock(conn, fund.trust_id, today=TODAY)
            list_subaccounts(conn, fund.trust_id, clock, OPENED, limit=limit)
        counts.append(len(queries))
    assert counts[0] == counts[1]


# --- first contributions and the low list -------------------------------------------------------------------


def test_who_has_less_than_three_tenths_left_is_to_fill_up(fund: Fund) -> None:
    with writing(fund.engine) as conn:
        rows = check_pairs(
            conn,
            fund.trust_id,
            [(2, "03-1-0101", "26666.66"), (3, "03-2-0102", "400"), (4, "04-1-0101", "50")],
        )
        assert record_initial(conn, fund.trust_id, rows, "川建〔2020〕1号", PREPARER, act()) == 3
    with reading(fund.engine) as conn:
        clock = resolve_clock(conn, fund.trust_id, today=TODAY)
        low = low_list(conn, fund.setup(), clock, act())
    # 8,000.00 is just above 30 % of 26,666.66
    assert [(row.unit, row.renewal) for row in low.rows] == [("03-2-0102", 300_00), ("04-1-0101", 50_00)]
    assert (low.count, low.total, low.unknown) == (2, 350_00, 5)


def test_another_line_may_be_set(fund: Fund) -> None:
    with writing(fund.engine) as conn:
        rows = check_pairs(conn, fund.trust_id, [(2, "03-1-0101", "10000")])
        record_initial(conn, fund.trust_id, rows, "文件", PREPARER, act())
    fund.rule("maintenance_low_percent", 81)
    with reading(fund.engine) as conn:
        clock = resolve_clock(conn, fund.trust_id, today=TODAY)
        assert [row.unit for row in low_list(conn, fund.setup(), clock, act()).rows] == ["03-1-0101"]


def test_first_contributions_by_a_rate_and_only_changes_are_kept(fund: Fund) -> None:
    with writing(fund.engine) as conn:
        kept = record_initial_by_rate(conn, fund.trust_id, 60_00, ["shop"], "文件", PREPARER, act())
        again = record_initial_by_rate(conn, fund.trust_id, 60_00, ["shop"], "文件", PREPARER, act())
        amounts = initial_amounts(conn, fund.trust_id)
    assert (kept, again, amounts) == (1, 0, {"03-2-0102": 3_333_00})


@given(st.integers(-(10**6), 10**6), st.integers(1, 10**6))
def test_a_renewal_brings_a_low_sub_account_back_to_its_first_contribution(
    balance: int, initial: int
) -> None:
    from ledger.maintenance.low import LowRow, is_low

    row = LowRow("u", "b", initial, balance)
    assert balance + row.renewal == initial
    assert not is_low(balance + row.renewal, initial, 30)
