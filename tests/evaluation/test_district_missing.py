"""Who has not rated yet, over many communities: bodies by their sheets, until when, and how late."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Engine

from ledger.evaluation import course, survey
from ledger.evaluation.district import evaluation_overview
from ledger.evaluation.district_missing import Missing, missing_bodies
from ledger.evaluation.district_order import ONLY
from ledger.evaluation.scheme import SHEET_BODIES
from ledger.evaluation.sheets import unscored
from ledger.evaluation.value import Sheet
from ledger.store.engine import writing
from tests.evaluation.many import many, under_way
from tests.evaluation.rounds import BY_COMMITTEE, HOMES, LAST, Community
from tests.inquiries.desk import COMMITTEE, PARTY, SUPERVISOR

MEASURED = date(2025, 7, 5)
UNTIL = MEASURED + timedelta(days=15)


def missing_in(community: Community) -> tuple[Missing, ...] | None:
    """Who has not rated the community's round; None if it is not under way."""
    with community.desk.reading() as (conn, trust_id):
        return missing_bodies(conn, [trust_id]).get((trust_id, community.no))


def test_the_trustee_is_missing_until_it_has_assessed_itself(community: Community) -> None:
    community.open()
    assert missing_in(community) == (Missing("trustee", LAST + timedelta(days=10)),)
    community.figures()
    assert {one.body for one in missing_in(community) or ()} == set(SHEET_BODIES)


def test_bodies_are_missing_by_indicator_until_the_days_after_the_figures(community: Community) -> None:
    community.open()
    community.figures(MEASURED)
    sheet = Sheet("committee", BY_COMMITTEE[:3])
    community.do(course.submit_sheet, sheet, by=COMMITTEE, unrelated=True)
    committee, party, supervisor = missing_in(community) or ()
    assert committee == Missing("committee", UNTIL, BY_COMMITTEE[3:], begun=True)
    assert (party.body, party.until, party.begun) == ("party", UNTIL, False)
    assert supervisor.indicators == ("S7",)
    assert [committee.late_days(UNTIL + timedelta(days=days)) for days in (-1, 0, 1, 4)] == [0, 0, 1, 4]


def test_it_says_of_every_step_of_a_round_what_the_round_says_itself(community: Community) -> None:
    community.open()
    steps: list[Callable[[], Any]] = [
        community.figures,
        community.sheets,
        lambda: community.do(course.recuse, PARTY.person, "亲属在受托人处任职", by=PARTY),
        lambda: community.survey(dict.fromkeys(HOMES[:6], "yes")),
    ]
    for step in steps:
        step()
        state = community.state()
        said = {one.body: one.indicators for one in missing_in(community) or ()}
        assert said == {
            body: tuple(one.code for one in left) for body in SHEET_BODIES if (left := unscored(state, body))
        }
    assert set(said) == {"party", "supervisor"}, "sheets of people with ties to the trustee do not count"
    community.desk.today = state.scoring_until + timedelta(days=1)
    community.preview()
    assert missing_in(community) is None, "what is shown can't be rated any more"


def test_a_body_whose_sheet_counts_no_more_is_not_late_before_it_could_know(community: Community) -> None:
    community.open()
    community.figures(MEASURED)
    community.sheets()
    community.do(survey.open_survey, MEASURED + timedelta(days=30), by=PARTY)
    found_out = UNTIL + timedelta(days=10)
    community.desk.today = found_out
    community.do(course.recuse, COMMITTEE.person, "亲属在受托人处任职", by=SUPERVISOR)
    committee, *others = missing_in(community) or ()
    assert committee == Missing("committee", found_out, BY_COMMITTEE)
    assert [committee.late_days(found_out + timedelta(days=days)) for days in (0, 1)] == [0, 1]
    assert {one.until for one in others} == {UNTIL}, "whoever handed in nothing is late all the same"


def test_a_body_is_late_with_what_nobody_of_it_ever_handed_in(community: Community) -> None:
    community.open()
    community.figures(MEASURED)
    community.do(course.submit_sheet, Sheet("committee", BY_COMMITTEE[:3]), by=COMMITTEE, unrelated=True)
    community.desk.today = UNTIL + timedelta(days=10)
    community.do(course.recuse, COMMITTEE.person, "亲属在受托人处任职", by=SUPERVISOR)
    committee = (missing_in(community) or ())[0]
    assert committee == Missing("committee", UNTIL, BY_COMMITTEE)


def test_ties_found_out_within_the_days_leave_the_days_as_they_were(community: Community) -> None:
    community.open()
    community.figures(MEASURED)
    community.sheets()
    community.do(course.recuse, COMMITTEE.person, "亲属在受托人处任职", by=SUPERVISOR)
    assert (missing_in(community) or ())[0] == Missing("committee", UNTIL, BY_COMMITTEE)


def test_it_takes_three_queries_however_many_there_are(
    engine: Engine, count_queries: Callable[..., Any]
) -> None:
    with writing(engine) as conn:
        many(conn, 30)
        under_way(conn, 20)
    with writing(engine) as conn, count_queries(engine) as queries:
        found = missing_bodies(conn, range(100, 131))
    assert len(queries) == 3
    assert len(found) == 20
    assert {one.body for one in found[105, 4]} == {"party", "supervisor"}
    with writing(engine) as conn, count_queries(engine) as queries:
        assert missing_bodies(conn, range(121, 131)) == {}
    assert len(queries) == 1, "nothing is under way"


def test_the_overview_shows_those_where_somebody_is_missing(engine: Engine) -> None:
    with writing(engine) as conn:
        many(conn, 6)
        under_way(conn, 3)
        ids = range(100, 107)
        missing = missing_bodies(conn, ids)
        first = missing[101, 4][0]
        missing = {**missing, (101, 4): (), (102, 4): (replace(first, body="trustee"),)}

        def page(only: str) -> list[str]:
            found = evaluation_overview(conn, ids, date(2025, 8, 1), only=only, missing=missing)
            return [one.slug for one in found.communities]

        assert page("unrated") == ["t0", "t2"]
        assert page("unrated-trustee") == ["t2"]
        assert page("unrated-party") == ["t0"]
        assert page("unrated-committee") == []
    assert {name for name in ONLY if name.startswith("unrated-")} == {
        "unrated-trustee",
        *(f"unrated-{body}" for body in SHEET_BODIES),
    }
