"""Many communities side by side: a fixed number of queries, nothing told of few."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, insert

from ledger.evaluation.district import evaluation_overview, evaluation_state, rounds_of, spreads_of
from ledger.evaluation.scheme import default_scheme
from ledger.store.engine import writing
from ledger.store.tables import evaluation_now, trust
from tests.evaluation.rounds import HOMES, Community, open_community
from tests.ledger.books import OPENED, act

CODES = [indicator.code for _, indicator in default_scheme().indicators()]
TODAY = date(2025, 8, 1)


def many(conn: Connection, communities: int, rounds: int = 4) -> None:
    """So many communities, each with a final round a quarter, the first one waiting in its newest."""
    names = [{"trust_id": 100 + n, "slug": f"t{n}", "name": f"小区{n:04d}"} for n in range(communities)]
    rest = {"trustee": "物业", "currency": "CNY", "opened_on": OPENED, "created_at": act().now}
    conn.execute(insert(trust), [{**row, **rest, "origin": row["slug"]} for row in names])
    rows = []
    for n in range(communities):
        for no in range(rounds):
            waiting = n == 0 and no == rounds - 1
            figures = {code: None if code == "P5" else 500 + n % 7 for code in CODES}
            rows.append(
                {
                    "trust_id": 100 + n,
                    "round": no + 1,
                    "period": 202433 + no,
                    "stage": "scoring" if waiting else "final",
                    "due_on": date(2025, 7, 20) if waiting else None,
                    "version": 0 if waiting else 1,
                    "service_points": None if waiting else 8_000 + n,
                    "service_possible": 0 if waiting else 100_00,
                    "service_grade": "" if waiting else "B",
                    "party_points": None if waiting else 7_000,
                    "party_possible": 0 if waiting else 90_00,
                    "party_grade": "" if waiting else "C",
                    "vetoes": 0,
                    "appeals": 0,
                    "figures": "{}" if waiting else msgspec.json.encode(figures).decode(),
                }
            )
    conn.execute(insert(evaluation_now), rows)


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
        assert evaluation_overview(conn, [], TODAY).total == 0


def test_distributions_are_anonymous_and_of_a_hundred(engine: Engine) -> None:
    with writing(engine) as conn:
        many(conn, 9)
        few = spreads_of(conn, range(100, 104), 202433)
        spread = spreads_of(conn, range(100, 109), 202433)
    assert few == {}, "four communities would know each other"
    assert (spread["service"].least, spread["service"].middle, spread["service"].most) == (
        80_00,
        80_04,
        80_08,
    )
    assert spread["party"].middle == 77_77, "70 of the 90 that were rated"
    assert (spread["S1"].of, spread["S1"].least, spread["S1"].most) == (9, 5_00, 5_06)
    assert "P5" not in spread, "nobody was rated in it"


def test_a_real_round_shows_in_the_overview_when_its_figures_do(engine: Engine, tmp_path: Path) -> None:
    community: Community = open_community(engine, tmp_path)
    community.open()
    community.figures()
    with community.desk.reading() as (conn, trust_id):
        before = rounds_of(conn, trust_id)[0]
        state = evaluation_state(conn, trust_id)
    assert (before.stage, before.points["service"], before.figures) == ("scoring", None, {})
    community.sheets()
    community.survey(dict.fromkeys(HOMES[:6], "yes"))
    community.preview()
    result = community.finalise()
    with community.desk.reading() as (conn, trust_id):
        after = rounds_of(conn, trust_id)[0]
        assert evaluation_state(conn, trust_id) != state
        assert rounds_of(conn, trust_id, before=1) == []
    assert after.points["service"] == result.value["halves"]["service"]["points"]
    assert after.figures["S8"] == 8_00
    assert after.figures["P5"] is None
