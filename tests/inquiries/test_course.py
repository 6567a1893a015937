"""From asking to closing, in sentences: who may do what, what is due when, what goes up by itself."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ledger.errors import Refused, Unanswerable
from ledger.inquiries import (
    Wanted,
    accept,
    answer,
    assign,
    call_back,
    due_trusts,
    echo,
    escalate_due,
    keep_private,
    list_inquiries,
    mediate,
    note,
    publish,
    rate,
    read_inquiry,
    rework,
    visit,
    withdraw,
)
from ledger.inquiries.allowed import steps_open_to
from ledger.inquiries.model import COMMUNITY, STREET, TRUSTEE
from ledger.inquiries.numbers import on_the_desk
from ledger.people import Forbidden
from tests.inquiries.desk import (
    ASKER,
    COMMITTEE,
    NEIGHBOUR,
    PARTY,
    PREPARER,
    PUBLIC,
    REVIEWER,
    STREETS,
    SUPERVISOR,
    TENANT,
    TUESDAY,
    Desk,
    at,
)


def refused(desk: Desk, command: object, no: int, *words: object, by: object, **named: object) -> set[str]:
    with pytest.raises(Refused) as error:
        desk.do(command, no, *words, by=by, **named)  # type: ignore[arg-type]
    return error.value.codes


# --- Asking -------------------------------------------------------------------------------------------------


def test_a_question_gets_a_number_a_post_and_a_day(desk: Desk) -> None:
    no = desk.ask()
    state = desk.state(no)
    assert (no, state.status, state.level) == (1, "waiting", TRUSTEE)
    assert state.duty == "物业服务中心负责人"
    assert state.due_on == date(2025, 6, 4), "one working day to accept"
    with desk.reading() as (conn, trust_id):
        assert read_inquiry(conn, trust_id, no).asked.answer_by == date(2025, 6, 6), "three to answer"


def test_sending_the_form_twice_asks_once(desk: Desk) -> None:
    assert desk.ask(key="same") == desk.ask(key="same")
    assert desk.ask(key="same", actor=NEIGHBOUR) == 2, "another person's form is another question"


def test_each_kind_has_its_own_time(desk: Desk) -> None:
    days = {}
    for kind in ("question", "snapshot", "repair", "inspection"):
        no = desk.ask(kind=kind, about_kind="area", about="elevator")
        with desk.reading() as (conn, trust_id):
            days[kind] = read_inquiry(conn, trust_id, no).asked.answer_by.isoformat()
    assert days == {
        "question": "2025-06-06",
        "snapshot": "2025-06-13",
        "repair": "2025-06-06",
        "inspection": "2025-06-10",
    }


def test_a_repair_is_taken_on_within_hours_by_night_on_the_next_day(desk: Desk) -> None:
    first = desk.state(desk.ask(kind="repair", about_kind="area", about="elevator"))
    desk.hour = 22
    second = desk.state(desk.ask(kind="repair", about_kind="area", about="elevator"))
    assert (first.due_on, second.due_on) == (TUESDAY, TUESDAY + timedelta(days=1))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"text": " "}, "missing"),
        ({"text": "问" * 2001}, "too_long"),
        ({"text": "问\x00"}, "bad_characters"),
        ({"kind": "petition"}, "unknown_kind"),
        ({"about_kind": "entry", "about": "A-2025-999999"}, "unknown_about"),
        ({"about_kind": "entry", "about": "x\x00"}, "unknown_about"),
        ({"about_kind": "statement", "about": "2025-03"}, "unknown_about"),
        ({"about_kind": "project", "about": "P9"}, "unknown_about"),
        ({"about_kind": "area", "about": "moon"}, "unknown_about"),
        ({"about_kind": "", "about": "x"}, "bad_about"),
        ({"about_kind": "house", "about": "x"}, "bad_about"),
        ({"unit": "2-201"}, "not_your_home"),
        ({"follows": 5}, "not_your_inquiry"),
        ({"key": ""}, "bad_key"),
    ],
)
def test_what_cannot_be_asked(desk: Desk, changes: dict[str, object], code: str) -> None:
    with pytest.raises(Refused) as error:
        desk.ask(**changes)
    assert code in error.value.codes


def test_one_person_cannot_flood_the_desk_but_may_always_inspect(desk: Desk) -> None:
    for _ in range(20):
        desk.ask()
    with pytest.raises(Refused, match="一人一天最多 20 件"):
        desk.ask()
    for _ in range(21):
        desk.ask(kind="inspection")
    desk.today += timedelta(days=1)
    desk.ask()


def test_tenants_ask_but_the_books_are_the_owners_to_inspect(desk: Desk) -> None:
    desk.ask(actor=TENANT)
    with pytest.raises(Forbidden):
        desk.ask(actor=TENANT, kind="inspection")
    with pytest.raises(Forbidden):
        desk.ask(actor=PREPARER)


# --- The usual course ---------------------------------------------------------------------------------------


def test_a_question_answered_rated_and_called_back_is_closed(desk: Desk) -> None:
    no = desk.ask()
    desk.do(accept, no, by=PREPARER)
    assert desk.state(no).due_on == date(2025, 6, 6), "the answer stays due when it was promised"
    desk.do(answer, no, "换了更大的垃圾桶，附合同。", by=REVIEWER)
    assert desk.state(no).status == "answered"
    desk.do(rate, no, True, by=ASKER)
    assert desk.state(no).status == "closing"
    desk.do(call_back, no, True, "电话回访，没有别的问题", by=COMMITTEE)
    state = desk.state(no)
    assert (state.status, state.due_on, state.rating, state.late) == ("closed", None, "satisfied", False)
    assert state.closed_on == desk.today
    assert desk.tick(400) == []


def test_accepting_late_does_not_move_the_answer(desk: Desk) -> None:
    no = desk.ask()
    desk.today = date(2025, 6, 4)
    desk.do(assign, no, "工程维修岗", by=PREPARER, note="先看合同")
    assert desk.state(no).due_on == date(2025, 6, 6)
    desk.do(note, no, "还有一点：二月也请说明", by=ASKER)
    assert desk.state(no).due_on == date(2025, 6, 6)


def test_a_repair_is_visited_done_and_done_again(desk: Desk) -> None:
    no = desk.ask(kind="repair", about_kind="area", about="elevator")
    desk.hour = 12
    assert "wrong_state" in refused(desk, rework, no, "再修", by=PREPARER)
    desk.do(visit, no, "门机皮带断", by=PREPARER)
    desk.do(answer, no, "已换皮带", by=PREPARER)
    desk.do(rework, no, "又停了，再换门机", by=PREPARER)
    desk.do(answer, no, "已换门机", by=PREPARER)
    state = desk.state(no)
    assert (state.status, state.reworks, state.response_minutes) == ("answered", 1, 120)
    assert desk.kinds(no) == ["opened", "visited", "done", "rework", "done"]


def test_a_question_is_not_a_piece_of_work(desk: Desk) -> None:
    no = desk.ask()
    assert refused(desk, visit, no, "看过了", by=PREPARER) == {"wrong_state"}


def test_the_asker_may_withdraw_and_then_nothing_is_due(desk: Desk) -> None:
    no = desk.ask()
    desk.do(withdraw, no, "已经明白了", by=ASKER)
    assert desk.state(no).status == "withdrawn"
    assert desk.tick(30) == []
    assert refused(desk, answer, no, "答复", by=PREPARER) == {"wrong_state"}


# --- Who ----------------------------------------------------------------------------------------------------


def test_only_the_asker_rates_and_withdraws(desk: Desk) -> None:
    no = desk.ask()
    desk.do(answer, no, "答复", by=PREPARER)
    assert refused(desk, rate, no, True, by=NEIGHBOUR) == {"not_the_asker"}
    assert refused(desk, withdraw, no, "", by=NEIGHBOUR) == {"not_the_asker"}
    assert refused(desk, rate, no, True, by=PREPARER) == {"not_allowed"}


def test_each_level_answers_only_what_has_come_to_it_and_nobody_below_it_any_more(desk: Desk) -> None:
    no = desk.ask()
    for actor in (PARTY, STREETS):
        assert refused(desk, accept, no, by=actor) == {"not_this_level"}
    desk.tick(10)
    for actor in (PREPARER, REVIEWER, STREETS):
        assert refused(desk, answer, no, "按合同付的", by=actor) == {"not_this_level"}
    desk.do(note, no, "请看合同第八条", by=PREPARER)
    desk.do(answer, no, "社区核过合同", by=PARTY)
    desk.do(rate, no, False, by=ASKER)
    for actor in (PREPARER, PARTY):
        assert refused(desk, answer, no, "还是这样", by=actor) == {"not_this_level"}
    desk.do(answer, no, "街道核过发票", by=STREETS)
    with desk.reading() as (conn, trust_id):
        steps = read_inquiry(conn, trust_id, no).steps
    handled = [step.signature for step in steps if step.kind in ("noted", "answered")]
    assert handled == ["受托人", "社区党组织负责人", "街道物业管理负责人"]


def test_the_work_of_a_repair_stays_the_trustees_at_any_level(desk: Desk) -> None:
    no = desk.ask(kind="repair", about_kind="area", about="elevator")
    desk.tick(10)
    desk.tick(10)
    assert desk.state(no).level == STREET
    assert refused(desk, accept, no, by=PREPARER) == {"not_this_level"}
    assert refused(desk, accept, no, by=PARTY) == {"not_this_level"}
    desk.do(accept, no, by=STREETS)
    desk.do(visit, no, "已到场", by=PREPARER)
    desk.do(answer, no, "修好了", by=PREPARER)
    assert (desk.state(no).status, desk.state(no).level) == ("answered", STREET)


def test_nobody_handles_what_they_asked_themselves(desk: Desk) -> None:
    no = desk.ask(actor=PARTY)
    desk.tick(10)
    assert refused(desk, accept, no, by=PARTY) == {"own_inquiry"}
    assert refused(desk, mediate, no, "agreed", "谈妥", by=PARTY) == {"own_inquiry"}


def test_the_supervisor_and_neighbours_only_read(desk: Desk) -> None:
    no = desk.ask()
    for actor in (SUPERVISOR, NEIGHBOUR, TENANT):
        assert refused(desk, accept, no, by=actor) == {"not_allowed"}
        assert refused(desk, note, no, "插话", by=actor) == {"not_allowed"}


def test_a_page_offers_just_the_steps_that_are_open(desk: Desk) -> None:
    no = desk.ask()
    with desk.reading() as (conn, trust_id):
        file = read_inquiry(conn, trust_id, no)
    offered = {actor.person: set(steps_open_to(actor, file.asked, file.state)) for actor in (ASKER, PREPARER, COMMITTEE, PARTY, STREETS)}  # fmt: skip
    assert offered["p-zhao"] == {"withdrawn", "noted"}
    assert offered["p-lin"] == {"accepted", "assigned", "answered", "noted"}
    assert offered["p-wei"] == {"mediated", "published", "kept"}
    assert offered["p-she"] == offered["p-jie"] == {"mediated", "noted"}


# --- Going up by itself -------------------------------------------------------------------------------------


def test_what_nobody_answers_goes_up_to_the_community_and_the_street(desk: Desk) -> None:
    no = desk.ask()
    assert desk.tick(1) == [], "on the last day it is not late"
    assert desk.tick(1) == [no]
    state = desk.state(no)
    assert (state.level, state.duty, state.due_on) == (COMMUNITY, "社区党组织负责人", date(2025, 6, 12))
    assert desk.tick() == [], "once"
    assert desk.tick(8) == [no]
    state = desk.state(no)
    assert (state.level, state.duty, state.late) == (STREET, "街道物业管理负责人", True)
    assert desk.tick(100) == [], "there is nothing above the street: it stays late"
    assert desk.by_system(no) == [("escalated", 2, "late"), ("escalated", 3, "late")]


def test_accepting_at_a_higher_level_does_not_buy_time(desk: Desk) -> None:
    no = desk.ask()
    desk.tick(2)
    due = desk.state(no).due_on
    desk.do(accept, no, by=PARTY)
    assert desk.state(no).due_on == due


def test_not_satisfied_goes_up_at_once_and_at_the_top_once_more(desk: Desk) -> None:
    no = desk.ask()
    desk.do(answer, no, "按合同付的", by=PREPARER)
    desk.do(rate, no, False, by=ASKER, text="没有说明多在哪里")
    assert (desk.state(no).level, desk.state(no).status) == (COMMUNITY, "waiting")
    assert desk.tick() == []
    for by in (PARTY, STREETS):
        desk.do(answer, no, "附明细", by=by)
        desk.do(rate, no, False, by=ASKER)
    assert desk.by_system(no) == [("escalated", 2, "not"), ("escalated", 3, "not"), ("reopened", 3, "not")]
    assert desk.state(no).rating == "not"
    assert not desk.state(no).late


def test_silence_is_no_rating(desk: Desk) -> None:
    no = desk.ask()
    desk.do(answer, no, "答复", by=PREPARER)
    assert desk.tick(8) == [no]
    state = desk.state(no)
    assert (state.status, state.rating) == ("closing", "")
    desk.do(call_back, no, True, "电话无人接，留了言", by=REVIEWER)
    assert (desk.state(no).status, desk.state(no).rating) == ("closed", "")


def test_who_answered_does_not_settle_what_the_asker_was_silent_about(desk: Desk) -> None:
    silent, rated = desk.ask(), desk.ask()
    for no in (silent, rated):
        desk.do(answer, no, "无", by=REVIEWER)
    desk.do(rate, rated, True, by=ASKER)
    desk.tick(8)
    assert refused(desk, call_back, silent, True, "已解决", by=REVIEWER) == {"own_answer"}
    desk.do(call_back, silent, True, "问过了", by=COMMITTEE)
    desk.do(call_back, rated, True, "问过了", by=REVIEWER)
    assert [desk.state(no).status for no in (silent, rated)] == ["closed", "closed"]


def test_the_asker_may_still_rate_until_it_is_closed_but_an_answer_once(desk: Desk) -> None:
    no = desk.ask()
    assert refused(desk, rate, no, True, by=ASKER) == {"nothing_to_rate"}
    desk.do(answer, no, "答复", by=PREPARER)
    desk.tick(8)
    desk.do(rate, no, True, by=ASKER)
    assert refused(desk, rate, no, False, by=ASKER) == {"nothing_to_rate"}


def test_what_went_up_the_trustee_does_not_call_settled(desk: Desk) -> None:
    no = desk.ask(kind="repair", about_kind="area", about="elevator")
    desk.tick(10)
    desk.do(answer, no, "修好了", by=PREPARER)
    desk.tick(8)
    assert desk.state(no).status == "closing"
    assert refused(desk, call_back, no, True, "问过了", by=REVIEWER) == {"not_this_level"}
    with desk.reading() as (conn, trust_id):
        file = read_inquiry(conn, trust_id, no)
        found = on_the_desk(conn, trust_id, desk.today)
    assert "called_back" not in steps_open_to(REVIEWER, file.asked, file.state)
    assert (found.to_call_back, found.to_call_back_low) == (1, 0)
    desk.do(call_back, no, True, "问过了", by=COMMITTEE)
    assert desk.state(no).status == "closed"


def test_a_call_back_that_finds_it_unsettled_sends_it_up(desk: Desk) -> None:
    no = desk.ask()
    desk.do(answer, no, "答复", by=PREPARER)
    desk.do(rate, no, True, by=ASKER)
    desk.do(call_back, no, False, "又坏了", by=COMMITTEE)
    assert (desk.state(no).level, desk.state(no).status) == (COMMUNITY, "waiting")


def test_having_been_satisfied_once_says_nothing_of_what_is_done_again(desk: Desk) -> None:
    no = desk.ask(kind="repair", about_kind="area", about="elevator")
    desk.do(answer, no, "已修", by=PREPARER)
    desk.do(rate, no, True, by=ASKER)
    desk.do(rework, no, "又坏", by=PREPARER)
    desk.do(answer, no, "再修", by=PREPARER)
    desk.tick(8)
    assert (desk.state(no).status, desk.state(no).rating) == ("closing", "")
    desk.do(rate, no, True, by=ASKER)
    desk.do(call_back, no, False, "还是坏的", by=COMMITTEE)
    assert desk.state(no).rating == ""


def test_a_mediation_agrees_fails_or_refers(desk: Desk) -> None:
    no = desk.ask()
    assert refused(desk, mediate, no, "won", "x", by=COMMITTEE) == {"bad_result"}
    before = desk.state(no)
    desk.do(mediate, no, "failed", "双方各执一词", by=COMMITTEE)
    assert (desk.state(no).status, desk.state(no).due_on) == (before.status, before.due_on)
    desk.do(mediate, no, "agreed", "物业退还差额", by=COMMITTEE)
    assert (desk.state(no).status, desk.state(no).mediation) == ("answered", "agreed")
    other = desk.ask()
    desk.do(answer, other, "按合同付的", by=PREPARER)
    desk.do(rate, other, False, by=ASKER)
    desk.do(mediate, other, "referred", "建议起诉", by=COMMITTEE)
    assert (desk.state(other).status, desk.state(other).rating) == ("closed", "not")


def test_what_nobody_answered_and_the_right_to_inspect_are_not_referred_away(desk: Desk) -> None:
    no, books = desk.ask(), desk.ask(kind="inspection")
    desk.tick(10)
    assert refused(desk, mediate, no, "referred", "请起诉", by=COMMITTEE) == {"not_answered"}
    desk.do(answer, books, "不给看", by=PARTY)
    desk.do(rate, books, False, by=ASKER)
    assert refused(desk, mediate, books, "referred", "请起诉", by=COMMITTEE) == {"right_to_inspect"}
    assert [desk.state(one).status for one in (no, books)] == ["waiting", "waiting"]


def test_many_late_ones_go_up_in_as_many_queries_as_few(desk: Desk, count_queries: object) -> None:
    lengths = []
    for many in (2, 12):
        for _ in range(many):
            desk.ask()
        desk.today += timedelta(days=5)
        with count_queries(desk.books.engine) as queries:  # type: ignore[operator]
            assert len(desk.tick()) >= many
        lengths.append(len(queries))
    assert lengths[0] == lengths[1] <= 11


def test_trusts_with_something_due_are_known_without_looking_into_each(desk: Desk) -> None:
    desk.ask()
    with desk.reading() as (conn, trust_id):
        assert due_trusts(conn, at(desk.today)) == []
        assert due_trusts(conn, at(desk.today + timedelta(days=9))) == [trust_id]


def test_an_escalation_needs_no_more_than_the_day(desk: Desk) -> None:
    no = desk.ask()
    with desk.writing() as (conn, trust_id, _):
        assert escalate_due(conn, trust_id, at(date(2025, 6, 5), 0, 1)) == [no]


# --- Settings -----------------------------------------------------------------------------------------------


def test_a_community_sets_its_own_days_and_posts(desk: Desk) -> None:
    desk.set("inquiry_accept_days", 2)
    desk.set("inquiry_duty_trustee", "项目经理")
    state = desk.state(desk.ask())
    assert (state.due_on, state.duty) == (date(2025, 6, 5), "项目经理")


# --- Echoes and lists ---------------------------------------------------------------------------------------


def test_people_ask_the_same_once_each_and_only_what_is_public(desk: Desk) -> None:
    no = desk.ask()
    assert refused(desk, echo, no, by=NEIGHBOUR) == {"unknown_inquiry"}
    desk.do(publish, no, 1, PUBLIC, by=COMMITTEE)
    assert [desk.do(echo, no, by=actor) for actor in (NEIGHBOUR, NEIGHBOUR, TENANT, ASKER)] == [1, 1, 2, 2]
    assert desk.summary(no).echoes == 2
    assert desk.findings() == []


def test_lists_are_by_number_newest_first_and_say_nothing_private(desk: Desk) -> None:
    nos = [desk.ask() for _ in range(5)]
    desk.do(publish, nos[1], 1, PUBLIC, by=COMMITTEE)
    desk.do(keep_private, nos[2], "只关一户", by=COMMITTEE)
    with desk.reading() as (conn, trust_id):
        first = list_inquiries(conn, trust_id, limit=3)
        rest = list_inquiries(conn, trust_id, before=first[-1].no)
        mine = list_inquiries(conn, trust_id, Wanted(person=NEIGHBOUR.person))
        late = list_inquiries(conn, trust_id, Wanted(late_on=date(2025, 7, 1)), private=True)
        undecided = list_inquiries(conn, trust_id, Wanted(undecided=True))
    assert [row.no for row in first + rest] == nos[::-1]
    assert {row.words for row in first + rest} == {"", PUBLIC}
    assert mine == []
    assert len(late) == 5 and "保洁费" in late[0].words
    assert late[0].late_days(date(2025, 6, 6)) == 2
    assert [row.no for row in undecided] == [5, 4, 1]


def test_an_unknown_number_has_no_file(desk: Desk) -> None:
    for no in (0, 1, 2**40):
        with desk.reading() as (conn, trust_id), pytest.raises(Unanswerable):
            read_inquiry(conn, trust_id, no)
        assert refused(desk, accept, no, by=PREPARER) == {"unknown_inquiry"}
