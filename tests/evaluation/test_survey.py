"""Small groups stay hidden, and can't be worked out from what is shown beside them."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from ledger.evaluation import survey
from ledger.evaluation.survey import LEAST_GROUP, OTHERS, Group, shown_groups, survey_result
from tests.evaluation.rounds import HOMES, Community, owner
from tests.inquiries.desk import PARTY

groups = st.lists(
    st.integers(1, 20).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))), max_size=8
).map(lambda pairs: [Group(str(no), n, good) for no, (n, good) in enumerate(pairs, start=1)])


@given(groups)
def test_no_group_of_fewer_than_five_is_shown_nor_left_over(found: list[Group]) -> None:
    shown = shown_groups(found)
    assert all(group.answers >= LEAST_GROUP for group in shown)
    total, seen = sum(group.answers for group in found), sum(group.answers for group in shown)
    assert seen == total or not shown, "what is left over would be a small group"


def test_small_buildings_are_put_together_with_the_next_larger() -> None:
    found = [Group("1", 3, 1), Group("2", 6, 6), Group("3", 9, 2)]
    assert shown_groups(found) == [Group("3", 9, 2), Group(OTHERS, 9, 7)]
    assert shown_groups([Group("1", 4, 4)]) == []


def test_four_answers_are_counted_and_nothing_else_is_said(community: Community) -> None:
    community.open()
    community.figures()
    community.do(survey.open_survey, community.desk.today + timedelta(days=5), by=PARTY)
    for home in HOMES[:4]:
        community.do(survey.answer, home, "no", by=owner(home))
    with community.desk.reading() as (conn, trust_id):
        found = survey_result(conn, trust_id, community.state())
    assert (found.answers, found.satisfied, found.choices, found.groups) == (4, None, None, ())
    assert not found.enough
    for home in HOMES[4:6]:
        community.do(survey.answer, home, "very", by=owner(home))
    with community.desk.reading() as (conn, trust_id):
        found = survey_result(conn, trust_id, community.state())
        mine = survey.my_answer(conn, trust_id, community.no, HOMES[0], owner(HOMES[0]))
        others = survey.my_answer(conn, trust_id, community.no, HOMES[0], owner(HOMES[1]))
    assert (found.answers, found.satisfied, found.groups) == (6, 2, (Group("3", 6, 2),))
    assert (mine, others) == ("no", "")


def test_what_was_answered_can_be_opened_with_the_receipt_and_not_guessed(community: Community) -> None:
    def seal(salt: str, said: str) -> str:
        return sha256(msgspec.json.encode([salt, "answer", said])).hexdigest()

    community.open()
    community.figures()
    community.do(survey.open_survey, community.desk.today + timedelta(days=5), by=PARTY)
    receipts = [community.do(survey.answer, home, "yes", by=owner(home)) for home in HOMES[:2]]
    first, second = receipts
    assert seal(first.salt, first.said) == first.commitment
    assert seal(second.salt, first.said) != first.commitment
    for leaf in community.desk.leaves("mingzhang.evaluation_answer.v1"):
        assert not {"yes", HOMES[0], HOMES[1]} & set(map(str, leaf["value"].values()))
