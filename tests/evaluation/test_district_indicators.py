"""Single indicators side by side: the spread, who has the fewest points, and what cost them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Engine, update

from ledger.evaluation.district_indicators import indicator_lines, indicator_places, lost_by
from ledger.evaluation.scheme import Scheme, default_scheme
from ledger.evaluation.value import Line
from ledger.store.engine import writing
from ledger.store.tables import evaluation_now
from tests.evaluation.many import CODES, many
from tests.evaluation.rounds import EVIDENCE, LAST, QUARTER, open_community


def heavier(scheme: Scheme) -> Scheme:
    """A scheme with S1 heavier and S2 lighter."""
    service = tuple(
        msgspec.structs.replace(one, weight=one.weight + {"S1": 2_00, "S2": -2_00}.get(one.code, 0))
        for one in scheme.service
    )
    return msgspec.structs.replace(scheme, service=service)


def test_every_indicator_is_spread_over_those_that_have_it(
    engine: Engine, count_queries: Callable[..., Any]
) -> None:
    with writing(engine) as conn:
        many(conn, 30, own={3: heavier(default_scheme())})
    with writing(engine) as conn, count_queries(engine) as queries:
        lines = indicator_lines(conn, range(100, 131), 202435)
    queries.expect_at_most(3)
    assert len(lines) == len(CODES) + 2, "S1 and S2 of another weight stand by themselves"
    by = {(line.code, line.weight): line for line in lines}
    usual, mine = by["S1", 10_00], by["S1", 12_00]
    assert (usual.rated, mine.rated) == (29, 1)
    assert usual.spread is not None
    assert (usual.spread.least, usual.spread.middle, usual.spread.most) == (5_00, 5_03, 5_06)
    assert [one.slug for one in usual.lowest] == ["t0", "t7", "t14"]
    unrated = by["P5", 10_00]
    assert (unrated.rated, unrated.unrated, unrated.spread, unrated.lowest) == (0, 30, None, ())
    assert {line.half for line in lines[: len(default_scheme().service)]} == {"service"}


def test_rounds_that_are_not_final_are_left_out(engine: Engine) -> None:
    with writing(engine) as conn:
        many(conn, 3)
        assert indicator_lines(conn, range(100, 103), 202436)[0].rated == 2, "the first one is still scored"
        conn.execute(update(evaluation_now).values(stage="preview"))
        assert indicator_lines(conn, range(100, 103), 202436) == ()
        assert indicator_lines(conn, range(100, 103), 202536) == ()


def test_the_fewest_points_of_an_indicator_come_first(engine: Engine) -> None:
    with writing(engine) as conn:
        many(conn, 4, own={3: heavier(default_scheme())})
        places = indicator_places(conn, range(100, 104), 202435, "S1")
        assert [(one.slug, one.points, one.weight) for one in places] == [
            ("t3", 5_03, 12_00),
            ("t0", 5_00, 10_00),
            ("t1", 5_01, 10_00),
            ("t2", 5_02, 10_00),
        ]
        assert indicator_places(conn, range(100, 104), 202435, "X9") == []
        assert [one.points for one in indicator_places(conn, [100], 202435, "P5")] == [None]


def test_what_cost_points_is_read_from_the_published_result(
    engine: Engine, tmp_path: Path, count_queries: Callable[..., Any]
) -> None:
    community = open_community(engine, tmp_path)
    community.whole(Line("S3", "dirty", LAST, "三号楼北侧积水", 2, document=EVIDENCE))
    with writing(engine) as conn:
        places = indicator_places(conn, [7], QUARTER, "S3")
        with count_queries(engine) as queries:
            found = lost_by(conn, places, "S3")
    queries.expect_at_most(1)
    assert [(one.points, one.weight) for one in places] == [(14_00, 15_00)]
    (rule,) = found[7]
    assert (rule.title, rule.lost) == ("不合格点", 1_00)
    assert [(item.on, item.what, item.count) for item in rule.items] == [(LAST, "三号楼北侧积水", 2)]
    with writing(engine) as conn:
        assert lost_by(conn, [], "S3") == {}
        assert lost_by(conn, places, "S4")[7] == ()
