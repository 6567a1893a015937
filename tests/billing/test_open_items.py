"""What a unit owes, month by month, adds up to its balance in the books, whatever has happened to it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from fractions import Fraction
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import Engine

from ledger.billing import OpenItem, SharedBill, Waiver, prepayment_work, shared_utility_work, waiver_work
from ledger.billing.open_items import prepaid_balances
from ledger.billing.shared import parts_by_area
from ledger.errors import Refused
from ledger.journal import Detail, Draft
from ledger.receipts import Payment, arrears, list_units, plan_payment, receipt_work, unit_account
from ledger.store.engine import open_engine, reading
from ledger.trust import Unit
from ledger.work import Work
from tests.billing.desk import Desk, open_desk, token
from tests.conftest import Queries
from tests.ledger.books import DAY, MAJOR, TODAY, UNITS, Books, fee_charge, line, open_books, some
from tests.ledger.books import draft as any_draft
from tests.servers import Databases

FEE = 17_820


@pytest.fixture
def desk(engine: Engine) -> Desk:
    return open_desk(engine)


def pays(desk: Desk, unit: str, amount: int, *chosen: str, **changes: object) -> Work:
    values = {"on": DAY, "way": "cash", "token": token(), "chosen": chosen} | changes
    with reading(desk.engine) as conn:
        return receipt_work(conn, desk.trust_id, Payment(unit=unit, amount=amount, **values))  # type: ignore[arg-type]


def left(desk: Desk, unit: str) -> list[tuple[int, int]]:
    return [(item.month, item.amount) for item in desk.items(unit).get(unit, [])]


def test_a_payment_settles_the_oldest_month_first_and_the_rest_is_kept_ahead(desk: Desk) -> None:
    for period in (202501, 202502, 202503):
        desk.charge(period)
    desk.post(pays(desk, "1-101", FEE + 5_000))
    assert left(desk, "1-101") == [(202502, FEE - 5_000), (202503, FEE)]
    desk.post(pays(desk, "1-101", 3 * FEE))
    assert left(desk, "1-101") == []
    assert desk.owed("220301") == {"1-101": -(FEE + 5_000)}


def test_a_household_may_choose_which_month_it_pays(desk: Desk) -> None:
    for period in (202501, 202502, 202503):
        desk.charge(period)
    desk.post(pays(desk, "1-101", FEE, "112201-F1-202503"))
    assert left(desk, "1-101") == [(202501, FEE), (202502, FEE)]
    with pytest.raises(Refused, match="已经结清或不存在"):
        pays(desk, "1-101", FEE, "112201-F1-202503")


def test_a_payment_taken_back_is_owed_again_for_the_month_it_settled(desk: Desk) -> None:
    for period in (202501, 202502):
        desk.charge(period)
    posted = desk.post(pays(desk, "1-101", FEE, "112201-F1-202502"))[0]
    desk.post(Work(kind="reversal", title="冲销", reverses=posted.ref, on=DAY, reason="退票"))
    assert left(desk, "1-101") == [(202501, FEE), (202502, FEE)]


def test_a_charge_taken_back_leaves_what_was_paid_for_it_to_the_other_months(desk: Desk) -> None:
    first = desk.charge(202501)
    desk.charge(202502)
    desk.post(pays(desk, "1-101", FEE, "112201-F1-202501"))
    desk.post(Work(kind="reversal", title="冲销", reverses=first.ref, on=DAY, reason="错"))
    assert left(desk, "1-101") == []
    assert left(desk, "1-102") == [(202502, FEE)]


def test_more_paid_than_owed_shows_as_paid_too_much(desk: Desk) -> None:
    first = desk.charge(202501)
    desk.post(pays(desk, "1-101", FEE))
    desk.post(Work(kind="reversal", title="冲销", reverses=first.ref, on=DAY, reason="错"))
    assert left(desk, "1-101") == [(0, -FEE)]
    assert desk.items("1-101")["1-101"][0].title == "多收的物业费"


def test_prepayments_settle_without_naming_a_month(desk: Desk) -> None:
    desk.post(pays(desk, "1-101", 20_000))
    desk.charge(202501)
    with reading(desk.engine) as conn:
        work = prepayment_work(conn, desk.trust_id, DAY, TODAY)
    desk.post(work)
    assert left(desk, "1-101") == []
    with reading(desk.engine) as conn:
        assert prepaid_balances(conn, desk.trust_id, ["1-101"]) == {"1-101": {"220301": 2_180}}
    with pytest.raises(Refused, match="没有可以抵扣的预收款"), reading(desk.engine) as conn:
        prepayment_work(conn, desk.trust_id, DAY, TODAY)


# --- Waivers ------------------------------------------------------------------------------------------------


def waives(desk: Desk, fees: dict[tuple[str, int], int], resolution: str = MAJOR) -> Work:
    asked = Waiver(fees=fees, on=DAY, resolution=resolution, reason="电梯停运补偿", token=token())
    with reading(desk.engine) as conn:
        return waiver_work(conn, desk.trust_id, asked)


def test_a_waiver_lessens_this_years_income_and_earlier_years_result(desk: Desk) -> None:
    desk.charge(202412)
    desk.charge(202501)
    posted = desk.post(
        waives(desk, {("1-101", 202412): FEE, ("1-101", 202501): 5_000, ("1-102", 202501): 100})
    )
    entries = [desk.stored(place).draft for place in posted]
    assert [(d.event, [(x.account, x.amount) for x in d.lines]) for d in entries] == [
        ("E05", [("400190", 5_100), ("112201", 5_100)]),
        ("E05b", [("3201", FEE), ("112201", FEE)]),
    ]
    assert left(desk, "1-101") == [(202501, FEE - 5_000)]
    assert "1-101" not in entries[0].summary


def test_nothing_is_waived_without_an_authority_or_beyond_what_is_owed(desk: Desk) -> None:
    desk.charge(202501)
    with pytest.raises(Refused, match="请填写决议或授权文件编号"):
        waives(desk, {("1-101", 202501): 100}, resolution=" ")
    with pytest.raises(Refused, match=r"1-101：2025年1月只欠 178.20 元，不能减免 178.21 元"):
        waives(desk, {("1-101", 202501): FEE + 1})


# --- Shared utilities ---------------------------------------------------------------------------------------


def bill(**changes: object) -> SharedBill:
    values = {
        "kind": "electricity",
        "period": 202503,
        "quantity": 1_000_00,
        "price_e4": 5_383,
        "total": 538_30,
    }
    return SharedBill(**(values | {"bill_number": "D202503", "authority": "规约第12条"} | changes))  # type: ignore[arg-type]


def shared(desk: Desk, asked: SharedBill) -> Work:
    with reading(desk.engine) as conn:
        return shared_utility_work(conn, desk.trust_id, asked)


def test_a_shared_bill_is_apportioned_by_area_to_the_fen_and_its_figures_are_published(desk: Desk) -> None:
    desk.add_units(Unit("3-101", "3", "home", 33_33))
    work = shared(desk, bill())
    details = work.drafts[0].lines[0].details
    assert sum(d.amount for d in details) == 538_30
    assert [d.amount for d in details] == [15972, 15972, 15971, 5915]
    assert "用量 1000.00 度，单价 0.5383 元，合计 538.30 元" in work.drafts[0].summary
    posted = desk.post(work)[0]
    assert desk.owed("112203")["3-101"] == 5_915
    with pytest.raises(Refused, match=f"已经分摊（{posted.ref}）"):
        shared(desk, bill())


def test_a_shared_bill_can_be_for_some_buildings_only(desk: Desk) -> None:
    desk.add_units(*(Unit(f"7-{n}", "7", "home", 50_00) for n in range(120)))
    work = shared(desk, bill(buildings=("7",)))
    assert {d.unit for d in work.drafts[0].lines[0].details} == {f"7-{n}" for n in range(120)}
    assert "按面积分摊 120 户（限 1 栋楼）" in work.drafts[0].summary
    desk.post(work)  # a count after a building must not be taken for a room


@given(
    st.dictionaries(st.text("0123456789-", min_size=1), st.integers(1, 10**6), min_size=1),
    st.integers(1, 10**9),
)
def test_the_parts_of_a_bill_add_up_and_are_in_proportion_to_the_fen(
    areas: dict[str, int], total: int
) -> None:
    parts = {detail.unit: detail.amount for detail in parts_by_area(areas, total)}
    assert sum(parts.values()) == total
    for unit, area in areas.items():
        assert abs(parts.get(unit, 0) - Fraction(total * area, sum(areas.values()))) < 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"total": 600_00}, "与合计 600.00 元不符"),
        ({"authority": ""}, "须写明依据"),
        ({"bill_number": ""}, "账单的编号"),
        ({"buildings": ("99",)}, "没有可以分摊的房屋"),
    ],
)
def test_a_shared_bill_that_does_not_add_up_is_refused(
    desk: Desk, changes: dict[str, object], said: str
) -> None:
    with pytest.raises(Refused, match=said):
        shared(desk, bill(**changes))


# --- The account of a unit ----------------------------------------------------------------------------------


def test_the_account_of_a_unit_runs_to_what_it_owes_and_pages_join_up(desk: Desk) -> None:
    for period in (202501, 202502, 202503):
        desk.charge(period)
    desk.post(pays(desk, "1-101", 2 * FEE))
    desk.post(pays(desk, "1-101", FEE + 900, late_fee=100))
    with reading(desk.engine) as conn:
        whole = unit_account(conn, desk.trust_id, "1-101")
        first = unit_account(conn, desk.trust_id, "1-101", limit=2)
        rest = unit_account(conn, desk.trust_id, "1-101", before=first[-1].seq)
    assert whole == first + rest
    assert whole[0].balance == -800
    assert [x.balance for x in whole[::-1]] == [FEE, 2 * FEE, 3 * FEE, 2 * FEE, FEE, 0, -800]


def test_the_list_of_units_that_owe_is_in_order_and_searched_and_paged(desk: Desk) -> None:
    desk.charge(202501)
    desk.charge(202502)
    desk.post(pays(desk, "1-102", 2 * FEE))
    with reading(desk.engine) as conn:
        assert [(u.unit, u.owed, u.oldest) for u in list_units(conn, desk.trust_id)] == [
            ("1-101", 2 * FEE, 202501),
            ("2-201", 2 * FEE, 202501),
        ]
        assert [u.unit for u in list_units(conn, desk.trust_id, search="2-")] == ["2-201"]
        assert [u.unit for u in list_units(conn, desk.trust_id, after="1-101", owing=False)] == [
            "1-102",
            "2-201",
        ]
        assert arrears(conn, desk.trust_id).owed == 4 * FEE
        assert arrears(conn, desk.trust_id).units == 2


def test_a_longer_list_costs_no_more_queries(
    desk: Desk, count_queries: Callable[[Engine], AbstractContextManager[Queries]]
) -> None:
    def asked() -> int:
        with count_queries(desk.engine) as queries, reading(desk.engine) as conn:
            list_units(conn, desk.trust_id, limit=500)
            arrears(conn, desk.trust_id)
        return len(queries)

    desk.charge(202412)
    few = asked()
    desk.add_units(*(Unit(f"7-{n:03d}", "7", "home", 5_000 + n) for n in range(200)))
    desk.charge(202501)
    assert asked() == few


# --- Whatever happens ---------------------------------------------------------------------------------------

_trusts = count(5_001)
steps = st.lists(
    st.tuples(
        st.sampled_from(["charge", "plain", "pay", "reverse"]),
        st.sampled_from(UNITS),
        st.integers(1, 500_00),
        st.sampled_from([202501, 202502, 202503]),
        st.booleans(),
    ),
    min_size=1,
    max_size=10,
)


@pytest.fixture(scope="module")
def fresh(databases: Databases) -> Callable[[], Books]:
    with databases.database("sqlite") as database:
        engine = open_engine(database.url)
        yield lambda: open_books(engine, next(_trusts))  # type: ignore[misc]
        engine.dispose()


@some(0.5)
@given(steps=steps)
def test_the_open_items_of_a_unit_add_up_to_its_balance(
    fresh: Callable[[], Books], steps: list[tuple]
) -> None:  # type: ignore[type-arg]
    desk = Desk(fresh())
    refs: list[str] = []
    for what, unit, fen, period, oldest in steps:
        day = date(period // 100, period % 100, 5)
        if what == "charge":
            refs.append(desk.books.post(fee_charge([(unit, fen), ("2-201", 1)], date=day)).ref)
        elif what == "plain":
            cash = [line("D", "101203", fen), line("C", "112201", fen, unit=unit)]
            refs.append(desk.books.post(any_draft("E02b", cash, "receipt", date=day)).ref)
        elif what == "pay":
            owed = [item.key for item in desk.items(unit).get(unit, []) if item.amount > 0]
            work = pays(desk, unit, fen, *(() if oldest else owed[-1:]), on=day)
            refs += [posted.ref for posted in desk.books.post_many([signed(d) for d in work.drafts])]
        elif refs:
            desk.books.reverse(refs.pop(fen % len(refs)), on=TODAY)
    sums = {unit: sum(i.amount for i in items) for unit, items in desk.items(*UNITS).items()}
    assert {unit: fen for unit, fen in sums.items() if fen} == desk.owed()
    for items in desk.items(*UNITS).values():
        assert all(item.amount > 0 or item.month == 0 for item in items)


def signed(draft: Draft) -> Draft:
    return replace(draft, preparer="会计甲", reviewer="审核乙")


@given(
    owed=st.lists(st.integers(1, 10_000), max_size=6),
    amount=st.integers(1, 50_000),
    late=st.integers(0, 100),
)
def test_a_payment_is_used_up_exactly(owed: list[int], amount: int, late: int) -> None:
    items = [OpenItem("1-101", "112201", "F1", 202501 + n, fen) for n, fen in enumerate(owed)]
    late = min(late, amount)
    plan = plan_payment(items, Payment("1-101", DAY, "cash", amount, "t", late_fee=late))
    assert sum(part for _, part in plan.items) + plan.late_fee + plan.ahead == amount
    assert all(0 < part <= item.amount for item, part in plan.items)
    assert not plan.ahead or sum(part for _, part in plan.items) == sum(owed)


def test_details_name_the_month_they_settle(desk: Desk) -> None:
    desk.charge(202501)
    draft = pays(desk, "1-101", FEE).drafts[0]
    assert draft.lines[1].details == (Detail("1-101", FEE, "2025年1月"),)
    assert "1-101" not in draft.summary
