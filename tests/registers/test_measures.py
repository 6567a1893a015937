"""Figures of the registers: None while nothing is kept, as on record at the cut-off, an item a fault."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ledger.evaluation.measures import measures
from ledger.evaluation.measures.equipment import uncovered
from ledger.evaluation.scheme import default_scheme
from ledger.registers import (
    Activity,
    Checklist,
    Equipment,
    Institution,
    Paper,
    Plan,
    Point,
    Posts,
    Safeguard,
    Sync,
)
from tests.inquiries.desk import COMMITTEE, PARTY, PREPARER, Desk
from tests.registers.town import FIRST, LAST, ROUND, found, go_round, keep, said, settle, strike

NAMES = (
    "sync_missing",
    "posts_crosswise",
    "activities_held",
    "safeguards_missing",
    "drills_missing",
    "institutions_missing",
    "lifts_overdue",
    "water_untested",
    "fire_unchecked",
    "upkeep_missing",
    "patrols_missed",
    "hazards_overdue",
    "lanes_blocked",
    "dirty_points",
    "rubbish_left",
    "bare_points",
)
FED = {f"ledger.evaluation.measures.{name}" for name in ("registers", "equipment", "inspections")}
FOR_OWN_SCHEMES = {"fire_unchecked"}
"""The default scheme has no such rule."""
APRIL, JULY = date(2025, 4, 10), date(2025, 7, 2)


def test_the_default_scheme_uses_what_the_registers_say() -> None:
    fed = {name for name, one in measures().items() if one.computed_by.split(":")[0] in FED}
    used = {rule.measure: rule for _, rule in default_scheme().measures() if rule.measure in fed}
    assert fed == set(NAMES)
    assert fed - set(used) == FOR_OWN_SCHEMES
    assert not any(rule.needed for rule in used.values()), "who keeps no register is rated by hand"


def test_a_rule_of_the_registers_costs_what_the_rule_beside_it_costs() -> None:
    beside = {"P1": {"sync"}, "S2": {"patrol", "blocked", "hazard"}}
    for code, by_hand in beside.items():
        indicator = default_scheme().indicator(code)
        assert indicator is not None
        costs = {rule.code: rule.each for rule in indicator.rules if rule.by_hand}
        kept = {rule.code.split("_")[0]: rule.each for rule in indicator.rules if rule.measure}
        assert costs == kept
        assert set(kept) == by_hand


def test_empty_registers_give_no_figure(desk: Desk) -> None:
    assert [found(desk, name) for name in NAMES] == [None] * len(NAMES)


def test_what_does_not_go_in_step_costs_a_count_each(desk: Desk) -> None:
    keep(desk, Sync("registration", True), APRIL)
    no = keep(desk, Sync("supervision", False), APRIL)
    assert said(found(desk, "sync_missing")) == [("2025-06-30", 1)] * 2
    keep(desk, Sync("supervision", True), LAST, no=no)
    assert len(said(found(desk, "sync_missing"))) == 1
    keep(desk, Sync("review", True), JULY)
    assert len(said(found(desk, "sync_missing"))) == 1, "that came after the span"


def test_posts_are_counted_over_all_organisations(desk: Desk) -> None:
    keep(desk, Posts("业主委员会", 5, 2), APRIL)
    keep(desk, Posts("受托人项目部", 3, 2), APRIL)
    one = found(desk, "posts_crosswise")
    assert one is not None
    assert (one.part, one.whole) == (4, 8)


def test_activities_are_measured_by_the_plan_so_far(desk: Desk) -> None:
    for _ in range(9):
        keep(desk, Activity("volunteer", "清理楼道", 10, 600), APRIL)
    assert found(desk, "activities_held") is None, "no plan"
    keep(desk, Plan("volunteer", 2025, 12), FIRST)
    keep(desk, Plan("double", 2025, 5), FIRST)
    keep(desk, Plan("service", 2024, 99), FIRST)
    keep(desk, Activity("double", "报到", 10, 600), date(2025, 1, 20))
    keep(desk, Activity("double", "报到", 10, 600), JULY)
    one = found(desk, "activities_held")
    assert one is not None
    assert (one.part, one.whole) == (6 + 1, 6 + 2), "more of one kind does not make up for another"


def test_a_plan_made_smaller_once_the_span_had_begun_excuses_nothing(desk: Desk) -> None:
    def due(today: date = date(2025, 7, 5)) -> int:
        one = found(desk, "activities_held", today)
        assert one is not None
        return one.whole

    no = keep(desk, Plan("volunteer", 2024, 40), date(2024, 1, 5))
    keep(desk, Plan("volunteer", 2025, 24), date(2025, 1, 5), no=no)
    assert due() == 12, "the line was another year's before"
    keep(desk, Plan("volunteer", 2025, 20), date(2025, 3, 31), no=no)
    assert due() == 10
    keep(desk, Plan("volunteer", 2025, 4), date(2025, 1, 5), today=date(2025, 6, 20), no=no)
    assert due() == 10, "during the span, dated back"
    strike(desk, Plan("volunteer", 2025, 4), no, date(2025, 6, 25))
    again = keep(desk, Plan("volunteer", 2025, 2), date(2025, 1, 5), today=date(2025, 7, 2))
    assert due() == 10, "struck, and planned anew on another line"
    keep(desk, Plan("volunteer", 2025, 99), LAST, today=date(2025, 7, 6), no=again)
    assert due() == 10, "recomputed, though the register says something else by now"
    assert due(date(2025, 7, 9)) == 10


def test_a_plan_moved_to_another_year_before_the_span_counts_in_that_year_only(desk: Desk) -> None:
    no = keep(desk, Plan("volunteer", 2025, 24), date(2025, 1, 5))
    keep(desk, Plan("volunteer", 2026, 24), date(2025, 1, 6), no=no)
    assert found(desk, "activities_held") is None, "a year mistyped and put right the next day"
    keep(desk, Plan("volunteer", 2025, 8), date(2025, 3, 20), no=no)
    one = found(desk, "activities_held")
    assert one is not None
    assert one.whole == 4, "it is this year's again"
    keep(desk, Plan("volunteer", 2026, 8), date(2025, 1, 5), today=date(2025, 6, 20), no=no)
    assert found(desk, "activities_held") == one, "moved once the span had begun it excuses nothing"


def test_a_plan_mistyped_and_moved_on_one_day_of_the_span_was_never_of_that_year(desk: Desk) -> None:
    no = keep(desk, Plan("volunteer", 2025, 24), date(2025, 4, 20))
    keep(desk, Plan("volunteer", 2026, 24), date(2025, 4, 20), no=no)
    assert found(desk, "activities_held") is None
    again = keep(desk, Plan("volunteer", 2025, 24), date(2025, 4, 20))
    keep(desk, Plan("volunteer", 2027, 24), date(2025, 4, 21), no=again)
    one = found(desk, "activities_held")
    assert one is not None
    assert one.whole == 12, "the next day is too late"


def test_what_is_registered_after_the_figures_or_speaks_of_later_days_changes_none_of_them(
    desk: Desk,
) -> None:
    lines = {
        "sync_missing": (Sync("registration", False), Sync("registration", True)),
        "posts_crosswise": (Posts("业主委员会", 5, 1), Posts("业主委员会", 5, 5)),
        "activities_held": (Plan("volunteer", 2025, 12), Plan("volunteer", 2025, 2)),
        "safeguards_missing": (Safeguard("plan", "防汛预案"), Safeguard("drill", "防汛预案")),
        "institutions_missing": (Institution("财务制度", False), Institution("财务制度", True)),
    }
    nos = {name: keep(desk, before, APRIL) for name, (before, _) in lines.items()}
    first = {name: found(desk, name) for name in lines}
    assert None not in first.values()
    for name, (_, after) in lines.items():
        keep(desk, after, JULY, no=nos[name])
    assert {name: found(desk, name) for name in lines} == first, (
        "entered before the figures, of days after the span"
    )
    for name, (_, after) in lines.items():
        keep(desk, after, LAST, today=date(2025, 7, 6), no=nos[name])
    assert {name: found(desk, name) for name in lines} == first, "entered after the figures, dated back"
    changed = {name for name in lines if found(desk, name, date(2025, 7, 8)) != first[name]}
    assert changed == set(lines) - {"activities_held"}, (
        "figures taken later have what was said of the last day"
    )


def test_lists_plans_and_drills(desk: Desk) -> None:
    keep(desk, Safeguard("drill", "消防演练"), date(2024, 6, 30))
    assert len(said(found(desk, "safeguards_missing"))) == 2
    assert said(found(desk, "drills_missing")) == [("2025-06-30", 1)]
    assert said(found(desk, "drills_missing", months=13)) == []
    keep(desk, Safeguard("list", "独居老人名册"), APRIL)
    no = keep(desk, Safeguard("plan", "防汛预案"), APRIL)
    assert said(found(desk, "safeguards_missing")) == []
    strike(desk, Safeguard("plan", ""), no, JULY)
    assert said(found(desk, "safeguards_missing")) == [], "it stood until then"


def test_institutions_that_are_missing(desk: Desk) -> None:
    keep(desk, Institution("议事规则", True), APRIL)
    keep(desk, Institution("财务制度", False), APRIL)
    assert said(found(desk, "institutions_missing")) == [("2025-04-10", 1)]


def test_a_lift_is_overdue_from_the_day_its_check_ran_out(desk: Desk) -> None:
    lift = keep(desk, Equipment("lift", "1号楼电梯"), date(2024, 1, 1))
    keep(desk, Paper(lift, "check", "检字1", date(2025, 5, 31)), date(2024, 6, 1))
    assert said(found(desk, "lifts_overdue")) == [("2025-06-01", 1)]
    assert found(desk, "water_untested") is None
    keep(desk, Paper(lift, "check", "检字2", date(2026, 5, 20)), date(2025, 5, 21), today=date(2025, 7, 3))
    assert said(found(desk, "lifts_overdue")) == []
    assert said(found(desk, "lifts_overdue", date(2025, 7, 2))) == [("2025-06-01", 1)], "not on record then"


def test_a_lift_that_came_later_needs_a_check_from_then_on(desk: Desk) -> None:
    keep(desk, Equipment("lift", "加装电梯"), date(2025, 6, 10))
    keep(desk, Equipment("water", "生活水箱"), JULY)
    assert said(found(desk, "lifts_overdue")) == [("2025-06-10", 1)]
    assert found(desk, "water_untested") is None, "it was not there in the span"


def test_every_upkeep_without_a_record_counts(desk: Desk) -> None:
    lift = keep(desk, Equipment("lift", "1号楼电梯", upkeep_days=15), date(2025, 3, 20))
    for day in (date(2025, 4, 3), date(2025, 4, 18), date(2025, 6, 17)):
        keep(desk, Paper(lift, "upkeep"), day)
    # due 4 April (done), 18 April (done), then 3 May, 18 May, 2 June and 17 June (done)
    assert said(found(desk, "upkeep_missing")) == [("2025-05-03", 3)]


def test_a_lift_struck_during_the_span_was_overdue_until_then(desk: Desk) -> None:
    lift = Equipment("lift", "1号楼电梯", upkeep_days=15)
    no = keep(desk, lift, date(2025, 3, 20))
    keep(desk, Paper(no, "check", "检字1", date(2025, 5, 31)), date(2025, 3, 20))
    keep(desk, replace(lift, kind="other", upkeep_days=0), date(2025, 6, 1), no=no)
    assert said(found(desk, "lifts_overdue")) == [("2025-06-01", 1)]
    strike(desk, lift, no, date(2025, 6, 30))
    assert said(found(desk, "lifts_overdue")) == [("2025-06-01", 1)]
    assert said(found(desk, "upkeep_missing")) == [("2025-04-04", 6)]


def test_a_lift_struck_while_its_check_was_good_was_not_overdue(desk: Desk) -> None:
    lift = Equipment("lift", "1号楼电梯")
    no = keep(desk, lift, date(2025, 3, 20))
    keep(desk, Paper(no, "check", "检字1", date(2025, 5, 31)), date(2025, 3, 20))
    strike(desk, lift, no, date(2025, 6, 1))
    assert said(found(desk, "lifts_overdue")) == []


def test_patrols_that_nobody_made(desk: Desk) -> None:
    keep(desk, ROUND, FIRST)
    go_round(desk, date(2025, 4, 30), by=PREPARER)
    go_round(desk, date(2025, 5, 15), by=COMMITTEE)
    assert said(found(desk, "patrols_missed")) == [("2025-05-01", 2)], "the committee's are no patrols"


def test_a_checklist_struck_or_made_easier_during_the_span_excuses_nothing_that_was_missed(
    desk: Desk,
) -> None:
    no = keep(desk, ROUND, FIRST)
    easier = replace(ROUND, every_days=91)
    keep(desk, easier, FIRST, today=date(2025, 6, 10), no=no)
    assert said(found(desk, "patrols_missed")) == [("2025-04-01", 3)]
    strike(desk, ROUND, no, date(2025, 6, 20))
    assert said(found(desk, "patrols_missed")) == [("2025-04-01", 2)], "it stood through 19 June"
    strike(desk, ROUND, keep(desk, ROUND, FIRST, today=JULY), JULY)
    assert said(found(desk, "patrols_missed")) == [("2025-04-01", 2)], (
        "entered and struck on one day: an error"
    )


def test_a_checklist_made_during_the_span_counts_as_it_was_at_the_end_of_its_first_day(desk: Desk) -> None:
    made = date(2025, 5, 2)
    no = keep(desk, replace(ROUND, every_days=1), made)
    keep(desk, ROUND, made, no=no)
    assert said(found(desk, "patrols_missed")) == [("2025-05-02", 2)]
    keep(desk, replace(ROUND, every_days=60), date(2025, 5, 3), no=no)
    assert said(found(desk, "patrols_missed")) == [("2025-05-02", 2)]


def test_a_checklist_changed_before_the_span_counts_as_changed(desk: Desk) -> None:
    no = keep(desk, replace(ROUND, every_days=1), date(2025, 1, 1))
    keep(desk, ROUND, date(2025, 3, 1), no=no)
    assert said(found(desk, "patrols_missed")) == [("2025-04-01", 3)]
    strike(desk, ROUND, no, FIRST)
    assert found(desk, "patrols_missed") is None, "no day of the span was left"
    keep(desk, ROUND, date(2025, 6, 1), no=no)
    assert said(found(desk, "patrols_missed")) == [("2025-06-01", 1)], "it came back"


def test_a_patrol_that_is_registered_long_after_is_none(desk: Desk) -> None:
    keep(desk, ROUND, FIRST)
    go_round(desk, date(2025, 4, 20), by=PREPARER, today=date(2025, 4, 23))
    go_round(desk, date(2025, 5, 20), by=PREPARER, today=date(2025, 5, 24))
    assert said(found(desk, "patrols_missed")) == [("2025-05-01", 2)]


def test_spot_checks_cost_points_and_the_trustees_own_finds_do_not(desk: Desk) -> None:
    keep(desk, ROUND, FIRST)
    go_round(desk, APRIL, 1, 2, by=PREPARER)
    assert found(desk, "dirty_points") is None, "nobody checked"
    go_round(desk, date(2025, 5, 15), 1, 2, by=COMMITTEE)
    go_round(desk, date(2025, 5, 16), 2, by=PARTY)
    assert said(found(desk, "dirty_points")) == [("2025-05-15", 1), ("2025-05-16", 1)]
    assert said(found(desk, "lanes_blocked")) == [("2025-05-15", 1)]
    assert found(desk, "bare_points") is None


@pytest.mark.parametrize(
    ("fixed", "expected"),
    [(date(2025, 4, 15), []), (date(2025, 4, 16), ["2025-04-16"]), (None, ["2025-04-16"])],
)
def test_a_hazard_is_overdue_when_it_was_not_put_right_in_time(
    desk: Desk, fixed: date | None, expected: list[str]
) -> None:
    keep(desk, ROUND, FIRST)
    no = go_round(desk, APRIL, 1, 2, by=PREPARER)
    if fixed:
        settle(desk, no, 1, fixed)
    assert [day for day, _ in said(found(desk, "hazards_overdue"))] == expected


def test_a_checklist_for_the_garden_alone_says_nothing_of_patrols(desk: Desk) -> None:
    keep(desk, Checklist("绿化检查", (Point("green", "中心花园"),), every_days=7), FIRST)
    assert found(desk, "patrols_missed") is None
    go_round(desk, APRIL, 1, points=1)
    assert said(found(desk, "bare_points")) == [("2025-04-10", 1)]
    assert said(found(desk, "hazards_overdue")) == [], "no hazard"


DAYS = st.integers(0, 60).map(lambda days: date(2025, 1, 1) + timedelta(days=days))


@given(DAYS, st.lists(st.tuples(DAYS, st.integers(0, 30)), max_size=6), DAYS)
def test_the_first_uncovered_day_is_found(begun: date, checks: list[tuple[date, int]], last: date) -> None:
    spans = [(made_on, made_on + timedelta(days=days)) for made_on, days in checks]
    days = [begun + timedelta(days=no) for no in range((last - begun).days + 1)]
    bare = [day for day in days if not any(made_on <= day <= until for made_on, until in spans)]
    assert uncovered(begun, spans, last) == (bare[0] if bare else None)
