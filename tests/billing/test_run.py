"""The monthly run: what it would do is seen beforehand, it is made once, and only red letters undo it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from ledger.billing import charge_work, preview_run
from ledger.billing.parking import Space, assign_space
from ledger.billing.readings import Reading, record_readings
from ledger.billing.run import Preview
from ledger.errors import Refused
from ledger.journal.rules import RED_LETTER
from ledger.log.store import read_leaf
from ledger.store.engine import reading, writing
from ledger.store.tables import title, unit_version
from ledger.trust import Unit
from ledger.work import Work
from tests.billing.desk import CLERK, Desk, open_desk
from tests.conftest import Queries
from tests.ledger.books import OPENED, TODAY, act


@pytest.fixture
def desk(engine: Engine) -> Desk:
    return open_desk(engine)


def previewed(desk: Desk, period: int, kind: str = "property") -> Preview:
    with reading(desk.engine) as conn:
        return preview_run(conn, desk.trust_id, period, kind)


def sell(desk: Desk, unit: str, on: date, no: int) -> None:
    """The land register's day, as the office records it."""
    with writing(desk.engine) as conn:
        values = {
            "trust_id": desk.trust_id,
            "unit": unit,
            "reason": "买卖",
            "authority": "",
            "signature": "甲",
        }
        conn.execute(insert(title).values(no=no, starts_on=on, recorded_at=act().now, **values))


def details(desk: Desk, work: Work) -> list[tuple[str, int, str]]:
    return [(d.unit, d.amount, d.basis) for d in work.drafts[0].lines[0].details]


def work_of(desk: Desk, period: int, kind: str = "property") -> Work:
    with reading(desk.engine) as conn:
        return charge_work(conn, desk.trust_id, period, kind)


# --- Preview, once, again -----------------------------------------------------------------------------------


def test_the_preview_counts_and_sums_by_use_what_the_entry_then_posts(desk: Desk) -> None:
    desk.add_units(Unit("1-S1", "1", "shop", 50_00))
    desk.standard(45_000, target="shop")
    seen = previewed(desk, 202503)
    assert [(g.title, g.count, g.fen) for g in seen.groups] == [("住宅", 3, 53_460), ("商铺", 1, 22_500)]
    assert (seen.units, seen.total) == (4, 75_960)
    posted = desk.charge(202503)
    lines = {x.account: x.amount for x in desk.stored(posted).draft.lines}
    assert lines == {"112201": 75_960, "400101": 53_460, "400102": 22_500}


def test_a_second_run_is_refused_naming_the_entry_already_made(desk: Desk) -> None:
    posted = desk.charge(202503)
    assert previewed(desk, 202503).standing.ref == posted.ref  # type: ignore[union-attr]
    with pytest.raises(Refused, match=rf"2025年3月物业费已经计提（{posted.ref}）.*红字冲销"):
        work_of(desk, 202503)


def test_a_run_that_waits_for_review_is_shown_and_not_prepared_twice(desk: Desk) -> None:
    no = desk.prepare(work_of(desk, 202503))
    assert previewed(desk, 202503).waiting == no
    with pytest.raises(Refused, match=f"已在第 {no} 号单据里等待办理"):
        desk.prepare(work_of(desk, 202503))


def test_after_red_letters_the_month_can_be_run_again_with_a_new_standard(desk: Desk) -> None:
    first = desk.charge(202503)
    reversal = Work(kind="reversal", title="冲销", reverses=first.ref, on=date(2025, 4, 2), reason="单价有误")
    red = desk.post(reversal)[0]
    assert desk.stored(red).draft.event == RED_LETTER
    assert desk.owed() == {}
    assert desk.items("1-101") == {}
    desk.new_standard(20_000, on=date(2025, 3, 1))
    second = desk.charge(202503)
    assert second.ref != first.ref
    assert desk.owed() == {"1-101": 18_000, "1-102": 18_000, "2-201": 18_000}
    with pytest.raises(Refused, match=second.ref):
        work_of(desk, 202503)


def test_the_preview_names_units_that_change_against_the_month_before(desk: Desk) -> None:
    desk.charge(202502)
    desk.new_standard(30_000, on=date(2025, 3, 1), scope="units", target="", units=("1-102",))
    desk.add_units(Unit("2-202", "2", "home", 10_00))
    changes = previewed(desk, 202503).changes
    assert [(c.unit, c.before, c.now) for c in changes] == [("1-102", 17_820, 27_000), ("2-202", 0, 1_980)]


def test_a_charge_for_a_closed_month_is_booked_on_the_first_open_day_and_says_its_true_one(
    desk: Desk,
) -> None:
    desk.books.close(202401)
    draft = work_of(desk, 202401).drafts[0]
    assert (draft.date, draft.original_date) == (date(2024, 2, 1), date(2024, 1, 1))
    desk.post(work_of(desk, 202401))
    assert [item.month for item in desk.items("1-101")["1-101"]] == [202401]


def test_a_month_to_come_is_refused(desk: Desk) -> None:
    with pytest.raises(Refused, match="还没到"):
        desk.prepare(work_of(desk, 202507))


def test_ten_times_the_units_cost_no_more_queries(
    desk: Desk, count_queries: Callable[[Engine], AbstractContextManager[Queries]]
) -> None:
    def asked() -> int:
        with count_queries(desk.engine) as queries:
            desk.charge(202503)
        return len(queries)

    few = asked()
    desk.add_units(*(Unit(f"7-{n}", "7", "home", 5_000 + n) for n in range(300)))
    desk.post(
        Work(
            kind="reversal",
            title="冲销",
            reverses=previewed(desk, 202503).standing.ref,
            on=TODAY,
            reason="重做",
        )  # type: ignore[union-attr]
    )
    assert asked() <= few + 2


# --- Standards ----------------------------------------------------------------------------------------------


def test_units_without_a_standard_are_counted_in_the_preview_and_stop_the_run(desk: Desk) -> None:
    desk.add_units(Unit("1-S1", "1", "shop", 50_00), Unit("1-S2", "1", "shop", 60_00))
    assert previewed(desk, 202503).missing_uses == (("商铺", 2),)
    with pytest.raises(Refused, match="有 2 个“商铺”没有物业费的收费标准"):
        work_of(desk, 202503)


def test_a_unit_is_left_out_only_by_a_standard_that_says_on_whose_authority(desk: Desk) -> None:
    desk.standard(0, scope="units", target="", units=("2-201",), method="none", authority="业决〔2025〕3号")
    seen = previewed(desk, 202503)
    assert seen.reckoned.free == (("2-201", "业决〔2025〕3号"),)
    assert seen.units == 2


def test_the_narrower_standard_goes_before_the_wider_until_it_is_ended(desk: Desk) -> None:
    desk.standard(10_000, scope="building", target="1")
    desk.standard(50_000, scope="units", target="", units=("1-101",), method="fixed")
    assert details(desk, work_of(desk, 202503)) == [
        ("1-101", 500, "每月5.00元"),
        ("1-102", 9_000, "90.00㎡×1.0000元"),
        ("2-201", 17_820, "90.00㎡×1.9800元"),
    ]
    desk.standard(0, on=date(2025, 4, 1), scope="units", target="", units=("1-101",), method="general")
    assert {unit: fen for unit, fen, _ in details(desk, work_of(desk, 202504))}["1-101"] == 9_000


def test_a_standard_that_changes_within_the_month_counts_by_the_day(desk: Desk) -> None:
    desk.standard(22_000, on=date(2025, 4, 16))
    found = [d for d in details(desk, work_of(desk, 202504)) if d[0] == "1-101"]
    # 90 m² × 1.98 × 15/30 = 89.10; 90 × 2.20 × 15/30 = 99.00
    assert found == [
        ("1-101", 8_910, "4月1日—15日 90.00㎡×1.9800元×15/30天"),
        ("1-101", 9_900, "4月16日—30日 90.00㎡×2.2000元×15/30天"),
    ]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"authority": " "}, "须写明依据"),
        ({"rate_e4": 0}, "单价必须大于零"),
        ({"scope": "units", "target": ""}, "哪几套房屋"),
        ({"scope": "units", "target": "", "units": ("9-999",)}, "没有登记过房号“9-999”"),
        ({"scope": "building", "target": "99"}, "没有登记过楼栋“99”"),
        ({"method": "meter"}, "计费方式只能是"),
        ({"target": "castle"}, "没有“castle”这种用途"),
        ({"item": "internet"}, "没有“internet”这个收费项目"),
    ],
)
def test_a_standard_that_makes_no_sense_is_refused(desk: Desk, fields: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused, match=said):
        desk.standard(**fields)


# --- Homes that change hands --------------------------------------------------------------------------------


def test_a_home_sold_within_the_month_is_charged_day_by_day_to_the_fen(desk: Desk) -> None:
    sell(desk, "1-101", OPENED, 1)
    sell(desk, "1-101", date(2025, 4, 11), 2)
    found = [d for d in details(desk, work_of(desk, 202504)) if d[0] == "1-101"]
    assert found == [
        ("1-101", 5_940, "过户前 4月1日—10日 90.00㎡×1.9800元×10/30天"),
        ("1-101", 11_880, "过户后 4月11日—30日 90.00㎡×1.9800元×20/30天"),
    ]
    assert sum(fen for _, fen, _ in found) == 17_820


def test_who_owes_which_part_is_sealed(desk: Desk) -> None:
    sell(desk, "1-101", OPENED, 1)
    sell(desk, "1-101", date(2025, 4, 11), 2)
    posted = desk.charge(202504)
    with reading(desk.engine) as conn:
        leaf = read_leaf(conn, desk.trust_id, posted.seq).decode()
    assert "过户" not in leaf
    assert "1-101" not in leaf


def test_the_first_owner_on_record_is_no_transfer(desk: Desk) -> None:
    sell(desk, "1-101", date(2025, 4, 11), 1)
    assert [d for d in details(desk, work_of(desk, 202504)) if d[0] == "1-101"] == [
        ("1-101", 17_820, "90.00㎡×1.9800元")
    ]


def test_a_use_that_changes_within_the_month_goes_to_both_incomes(desk: Desk) -> None:
    desk.standard(40_000, target="shop")
    with writing(desk.engine) as conn:
        changed = {
            "trust_id": desk.trust_id,
            "unit": "1-101",
            "no": 1,
            "authority": "批文",
            "recorded_at": act().now,
        }
        conn.execute(
            insert(unit_version).values(
                effective_on=date(2025, 4, 16), use_kind="shop", area=90_00, **changed
            )
        )
    lines = {x.account: x.amount for x in work_of(desk, 202504).drafts[0].lines}
    assert lines["400102"] == 18_000
    assert lines["400101"] == 2 * 17_820 + 8_910


# --- Parking and meters -------------------------------------------------------------------------------------


def test_parking_spaces_are_charged_to_who_holds_them_by_the_day(desk: Desk) -> None:
    desk.standard(1_500_000, item="parking", target="地下", method="fixed")
    with writing(desk.engine) as conn:
        for space in (
            Space("B1-001", "1-101", "地下", OPENED),
            Space("B1-001", "2-201", "地下", date(2025, 4, 11)),
            Space("B1-002", "1-102", "地下", date(2025, 4, 16)),
            Space("B1-003", "1-102", "地下", OPENED),
            Space("B1-003", "", "地下", date(2025, 3, 1)),
        ):
            assign_space(conn, desk.trust_id, space, CLERK, act())
    desk.charge(202504, "parking")
    assert desk.owed("112202") == {"1-101": 5_000, "2-201": 10_000, "1-102": 7_500}


def test_water_is_charged_by_the_meter_into_the_fund_that_passes_it_on(desk: Desk) -> None:
    desk.standard(41_000, item="water", method="meter")
    readings = [
        ("第 2 行", Reading("1-101", 100_00, 112_35, date(2025, 3, 31))),
        ("第 3 行", Reading("1-102", 0, 0, date(2025, 3, 31))),
    ]
    with writing(desk.engine) as conn:
        assert record_readings(conn, desk.trust_id, "water", 202503, readings, CLERK, act()) == 2
    posted = desk.charge(202503, "water")
    first, second = desk.stored(posted).draft.lines
    assert (first.account, first.fund, second.account, second.fund) == ("112203", "F4", "224103", "F4")
    assert first.details[0].basis == "表100.00至112.35，用量12.35吨×4.1000元"
    assert desk.owed("112203") == {"1-101": 5_064}  # 12.35 × 4.1 = 50.635


def test_readings_are_checked_against_the_month_before_all_at_once(desk: Desk) -> None:
    with writing(desk.engine) as conn:
        before = [("", Reading("1-101", 0, 50_00, date(2025, 2, 28)))]
        record_readings(conn, desk.trust_id, "water", 202502, before, CLERK, act())
    wrong = [
        ("第 2 行", Reading("1-101", 40_00, 60_00, date(2025, 3, 31))),
        ("第 3 行", Reading("1-102", 60_00, 50_00, date(2025, 3, 31))),
        ("第 4 行", Reading("9-999", 0, 1_00, date(2025, 3, 31))),
        ("第 5 行", Reading("1-102", 0, 1_00, date(2025, 3, 31))),
    ]
    with pytest.raises(Refused) as refused, writing(desk.engine) as conn:
        record_readings(conn, desk.trust_id, "water", 202503, wrong, CLERK, act())
    said = {(problem.where, problem.code) for problem in refused.value.problems}
    assert said == {
        ("第 2 行", "does_not_continue"),
        ("第 3 行", "runs_backward"),
        ("第 4 行", "unknown_unit"),
        ("第 5 行", "twice"),
    }


def test_nothing_read_nothing_charged(desk: Desk) -> None:
    with pytest.raises(Refused, match="还没有录入抄表读数"):
        work_of(desk, 202503, "water")
