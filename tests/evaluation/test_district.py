"""Many communities side by side: a fixed number of queries, nothing told of few."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert, update

from ledger.evaluation.district import (
    evaluation_overview,
    half_spreads_of,
    neighbours_of,
    rounds_of,
    spreads_of,
)
from ledger.evaluation.scheme import HALVES
from ledger.store.engine import writing
from ledger.store.tables import district_summary, evaluation_now
from tests.evaluation.many import CODES, many
from tests.evaluation.rounds import HOMES, Community, open_community
from tests.ledger.books import act

TODAY = date(2025, 8, 1)


def test_the_overview_takes_three_queries_however_many_there_are(
    engine: Engine, count_queries: Callable[..., Any]
) -> None:
    with writing(engine) as conn:
        many(conn, 30)
    with writing(engine) as conn, count_queries(engine) as queries:
        found = evaluation_overview(conn, range(100, 131), TODAY)
    assert len(queries) == 3
    assert found.periods == (202436, 202435, 202434, 202433)
    assert (len(found.communities), found.missing) == (30, 0)
    newest = found.sums[0]
    assert (newest.stages, newest.late) == ({"scoring": 1, "final": 29}, 1)
    assert newest.grades["service"] == {"B": 29}
    assert found.communities[0].rounds[202436].late_days(TODAY) == 12
    assert set(found.communities[1].rounds[202433].figures) == set(CODES)


def test_the_overview_goes_page_by_page_in_any_order(engine: Engine) -> None:
    with writing(engine) as conn:
        many(conn, 7)

        def page(after: str = "", **asked: Any) -> tuple[list[str], bool]:
            found = evaluation_overview(conn, range(100, 110), TODAY, after=after, **asked)
            return [one.slug for one in found.communities], found.more

        assert page(limit=3) == (["t0", "t1", "t2"], True)
        assert page("t2", limit=3) == (["t3", "t4", "t5"], True)
        assert page("t5", limit=3) == (["t6"], False)
        assert page(sort="service", limit=2) == (["t1", "t2"], True), "those without points come last"
        assert page(sort="late", limit=1) == (["t0"], True)
        assert page(limit=None) == ([f"t{n}" for n in range(7)], False)
        assert evaluation_overview(conn, range(100, 107), TODAY, periods=2).periods == (202436, 202435)
        nothing = evaluation_overview(conn, [], TODAY, over=True)
        assert (nothing.total, nothing.periods, nothing.now) == (0, (), None)


def test_the_overview_begins_with_any_span_and_shows_a_part(engine: Engine) -> None:
    with writing(engine) as conn:
        many(conn, 6)
        n = evaluation_now
        for no, change in ((1, {"appeals": 2}), (2, {"vetoes": 1}), (3, {"service_possible": 60_00})):
            one = (n.c.trust_id == 100 + no) & (n.c.period == 202435)
            conn.execute(update(n).where(one).values(**change))
        conn.execute(update(n).where(n.c.trust_id == 104, n.c.period == 202435).values(stage="withdrawn"))

        def page(only: str, **asked: Any) -> tuple[list[str], int, int]:
            found = evaluation_overview(conn, range(100, 110), TODAY, newest=202435, only=only, **asked)
            assert found.periods == (202435, 202434, 202433)
            assert found.sums[0].period == 202436
            assert found.now is found.sums[1]
            return [one.slug for one in found.communities], found.found, found.total

        assert page("appeals") == (["t1"], 1, 6)
        assert page("vetoes") == (["t2"], 1, 6)
        assert page("missing") == (["t4"], 1, 6)
        assert page("late") == ([], 0, 6), "the one that is late is in a later span"
        ordered = page("", sort="service")[0]
        assert ordered == ["t0", "t1", "t2", "t5", "t3", "t4"], "by the share of what was rated"


def test_distributions_are_anonymous_and_of_a_hundred(engine: Engine) -> None:
    with writing(engine) as conn:
        many(conn, 9)
        few = spreads_of(conn, range(100, 104), 202433)
        spread = spreads_of(conn, range(100, 109), 202433)
        for ids in (range(100, 104), range(100, 109)):
            halves = {name: one for name, one in spreads_of(conn, ids, 202433).items() if name in HALVES}
            assert half_spreads_of(conn, ids, 202433) == halves
    assert few == {}, "four communities would know each other"
    assert (spread["service"].least, spread["service"].middle, spread["service"].most) == (
        80_00,
        80_04,
        80_08,
    )
    assert spread["party"].middle == 77_77, "70 of the 90 that were rated"
    assert (spread["S1"].of, spread["S1"].least, spread["S1"].most) == (9, 5_00, 5_06)
    assert "P5" not in spread, "nobody was rated in it"


def test_neighbours_are_those_of_the_same_district_or_else_all(engine: Engine) -> None:
    with writing(engine) as conn:
        many(conn, 6)
        for trust_id, district in ((100, "桂花街道"), (101, "桂花街道"), (102, "河东街道"), (103, "")):
            conn.execute(insert(district_summary).values(_summary(trust_id, district)))
        assert neighbours_of(conn, 100) == ("桂花街道", (100, 101))
        assert neighbours_of(conn, 102) == ("河东街道", (102,))
        for without in (103, 104):
            assert neighbours_of(conn, without) == ("", tuple(range(100, 106)))


def _summary(trust_id: int, district: str) -> dict[str, object]:
    """A row in which only the district matters."""
    texts = {
        "slug": f"t{trust_id}",
        "name": "小区",
        "trustee": "物业",
        "grid": "",
        "funds": "{}",
        "late_titles": "[]",
    }
    moment = {"refreshed_at": act().now, "signed_at": None, "day": act().today}
    known = {"trust_id": trust_id, "district": district, **texts, **moment}
    return {column.name: known.get(column.name, 0) for column in district_summary.c}


def test_a_real_round_shows_in_the_overview_when_its_figures_do(engine: Engine, tmp_path: Path) -> None:
    community: Community = open_community(engine, tmp_path)
    community.open()
    community.figures()
    with community.desk.reading() as (conn, trust_id):
        before = rounds_of(conn, trust_id)[0]
    assert (before.stage, before.points["service"], before.figures) == ("scoring", None, {})
    community.sheets()
    community.survey(dict.fromkeys(HOMES[:6], "yes"))
    community.preview()
    result = community.finalise()
    with community.desk.reading() as (conn, trust_id):
        after = rounds_of(conn, trust_id)[0]
        assert rounds_of(conn, trust_id, before=1) == []
    assert after.points["service"] == result.value["halves"]["service"]["points"]
    assert after.figures["S8"] == 8_00
    assert after.figures["P5"] is None


def test_the_overview_begins_with_what_is_over_if_asked_to(engine: Engine) -> None:
    with writing(engine) as conn:
        many(conn, 2)

        def first(today: date, **asked: Any) -> int:
            return evaluation_overview(conn, range(100, 102), today, **asked).periods[0]

        assert first(date(2024, 12, 31), over=True) == 202435, "the fourth quarter is not over"
        assert first(date(2025, 1, 1), over=True) == 202436
        assert first(date(2024, 12, 31)) == 202436
        assert first(date(2024, 12, 31), over=True, newest=202436) == 202436
        assert first(date(2024, 1, 1), over=True) == 202436, "none is over: the newest of all"
