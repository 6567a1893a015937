"""The numbers of a community: what is open, late, answered in time, satisfied; medians in working days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from statistics import median as plain_median

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from ledger.inquiries import Wanted, accept, answer, list_inquiries, mediate, rate, rework, withdraw
from ledger.inquiries.history import Then, counts, stood_on
from ledger.inquiries.numbers import by_kind, district_numbers, median, numbers, on_the_desk, trend
from tests.inquiries.desk import ASKER, COMMITTEE, PARTY, PREPARER, TUESDAY, Desk, open_desk

FIRST, LAST = date(2025, 6, 1), date(2025, 6, 30)


def busy(desk: Desk) -> None:
    """Four questions and a repair: one satisfied, one not, one silent, one late, one done twice; one withdrawn."""
    good, bad, silent, late, gone = (desk.ask() for _ in range(5))
    repair = desk.ask(kind="repair", about_kind="area", about="elevator")
    desk.do(withdraw, gone, "", by=ASKER)
    for no in (good, bad):
        desk.do(answer, no, "答复", by=PREPARER)
    desk.do(rate, good, True, by=ASKER)
    desk.do(rate, bad, False, by=ASKER)
    desk.do(answer, repair, "修好", by=PREPARER)
    desk.do(rework, repair, "又坏", by=PREPARER)
    desk.today += timedelta(days=1)
    desk.do(answer, silent, "答复", by=PREPARER)
    desk.do(answer, repair, "再修好", by=PREPARER)
    desk.do(mediate, late, "failed", "没有谈成", by=COMMITTEE)
    desk.tick(6)


def test_the_numbers_of_a_month(desk: Desk) -> None:
    busy(desk)
    with desk.reading() as (conn, trust_id):
        n = numbers(conn, trust_id, FIRST, LAST, desk.today)
        assert numbers(conn, trust_id, LAST, LAST, desk.today).asked == 0
    assert (n.asked, n.open, n.overdue, n.late, n.raised) == (5, 2, 0, 1, 2)
    assert (n.answered, n.in_time, n.rated, n.satisfied, n.reworks) == (4, 4, 2, 1, 1)
    assert n.satisfied_share == Fraction(1, 2), "silence is neither satisfied nor not"
    assert n.median_days == 0
    assert n.mediations == {"failed": 1}


def test_nothing_asked_is_no_share_at_all(desk: Desk) -> None:
    with desk.reading() as (conn, trust_id):
        n = numbers(conn, trust_id, FIRST, LAST, TUESDAY)
    assert (n.satisfied_share, n.in_time_share, n.median_days) == (None, None, None)


def test_each_kind_by_itself_and_months_in_a_row(desk: Desk) -> None:
    busy(desk)
    desk.today = date(2025, 7, 1)
    desk.ask(kind="repair", about_kind="area", about="gate")
    with desk.reading() as (conn, trust_id):
        kinds = by_kind(conn, trust_id, FIRST, LAST, desk.today)
        months = trend(conn, trust_id, FIRST, date(2025, 7, 31))
    assert {name: found.asked for name, found in kinds.items()} == {
        "question": 4,
        "snapshot": 0,
        "repair": 1,
        "inspection": 0,
    }
    assert kinds["repair"].reworks == 1
    assert [(month.period, month.asked, month.rated) for month in months] == [(202506, 5, 2), (202507, 1, 0)]


def test_in_time_is_a_share_of_each_answered_or_unanswered_once(desk: Desk) -> None:
    silent, unhappy, prompt = desk.ask(), desk.ask(), desk.ask()
    for no in (unhappy, prompt):
        desk.do(answer, no, "答复", by=PREPARER)
    desk.do(rate, unhappy, False, by=ASKER)
    shares = []
    for day in (date(2025, 6, 5), date(2025, 6, 9), date(2025, 6, 30)):
        while desk.today < day:
            desk.tick(1)
        with desk.reading() as (conn, trust_id):
            n = numbers(conn, trust_id, FIRST, LAST, desk.today)
        shares.append((n.overdue, n.unanswered, n.in_time_share))
    assert shares == [
        (0, 0, Fraction(1)),
        (0, 1, Fraction(2, 3)),
        (3, 1, Fraction(2, 3)),
    ], "gone up, late after an answer, not called back: still one of three was not answered"
    assert desk.state(silent).answered_on is None


def test_what_nobody_called_back_is_overdue_and_found_in_the_list(desk: Desk) -> None:
    no = desk.ask()
    desk.do(answer, no, "答复", by=PREPARER)
    desk.do(rate, no, True, by=ASKER)
    due_on = desk.state(no).due_on
    assert due_on is not None
    counted = []
    for day in (due_on, due_on + timedelta(days=1)):
        with desk.reading() as (conn, trust_id):
            n = numbers(conn, trust_id, FIRST, LAST, day)
            rows = list_inquiries(conn, trust_id, Wanted(late_on=day))
            district = district_numbers(conn, [trust_id], day)[trust_id]
            waiting = on_the_desk(conn, trust_id, day)
        days = [row.late_days(day) for row in rows]
        counted.append((n.overdue, waiting.overdue, district.overdue, days, n.open, n.late))
    assert counted == [(0, 0, 0, [], 0, 0), (1, 1, 1, [1], 0, 0)]


def test_withdrawing_undoes_nothing_that_was_late_or_had_gone_up(desk: Desk) -> None:
    early, up, late, slow = (desk.ask() for _ in range(4))
    desk.do(withdraw, early, "", by=ASKER)
    for no in (late, slow):
        desk.do(accept, no, by=PREPARER)
    desk.tick(2)
    desk.do(withdraw, up, "", by=ASKER)
    desk.today = date(2025, 6, 9)
    desk.do(answer, slow, "晚了", by=PREPARER)
    for no in (late, slow):
        desk.do(withdraw, no, "", by=ASKER)
    with desk.reading() as (conn, trust_id):
        n = numbers(conn, trust_id, FIRST, LAST, desk.today)
        (month,) = trend(conn, trust_id, FIRST, LAST)
        then = [(t.asked.no, counts(t), t.answered_late) for t in stood_on(conn, trust_id, FIRST, LAST, LAST)]
    assert (n.asked, n.late, n.raised, n.answered, n.in_time) == (3, 3, 1, 1, 0)
    assert (month.asked, month.late) == (3, 3)
    assert then == [(early, False, False), (up, True, False), (late, True, True), (slow, True, True)]


def test_the_district_counts_no_rating_of_what_was_withdrawn_in_good_time(desk: Desk) -> None:
    early, up = desk.ask(), desk.ask()
    for no, satisfied in ((early, True), (up, False)):
        desk.do(answer, no, "答复", by=PREPARER)
        desk.do(rate, no, satisfied, by=ASKER)
        desk.do(withdraw, no, "", by=ASKER)
    with desk.reading() as (conn, trust_id):
        found = district_numbers(conn, [trust_id], desk.today)[trust_id]
    assert (found.rated, found.satisfied) == (1, 0)


def test_what_waits_on_the_desks(desk: Desk) -> None:
    first, second = desk.ask(), desk.ask()
    desk.do(accept, second, by=PREPARER)
    with desk.reading() as (conn, trust_id):
        today = on_the_desk(conn, trust_id, desk.today)
        later = on_the_desk(conn, trust_id, desk.today + timedelta(days=2))
    assert (today.to_accept, today.to_answer, today.overdue, later.overdue) == (1, 1, 0, 1)
    desk.tick(5)
    desk.do(answer, first, "答复", by=PARTY)
    desk.do(rate, first, True, by=ASKER)
    with desk.reading() as (conn, trust_id):
        found = on_the_desk(conn, trust_id, desk.today)
    assert (found.to_accept, found.at_community, found.to_call_back, found.to_publish) == (0, 1, 1, 1)


def test_many_communities_in_one_query(
    engine: Engine, tmp_path: object, count_queries: Callable[..., object]
) -> None:
    desks = [open_desk(engine, tmp_path, trust_id) for trust_id in (7, 8)]  # type: ignore[arg-type]
    busy(desks[0])
    with desks[0].reading() as (conn, _), count_queries(engine) as queries:  # type: ignore[attr-defined]
        found = district_numbers(conn, [7, 8, 9], desks[0].today)
    assert len(queries) == 1
    assert list(found) == [7]
    assert (found[7].open, found[7].at_community, found[7].rated, found[7].satisfied) == (2, 2, 2, 1)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=40))
def test_the_median_of_counts_is_the_median_of_the_values(values: list[int]) -> None:
    assert median(Counter(values)) == Fraction(plain_median(values))


def test_each_figure_leads_to_the_inquiries_it_counts(desk: Desk) -> None:
    busy(desk)
    again = desk.ask(follows=1)
    lists = {
        "late": Wanted(ever_late=True),
        "raised": Wanted(raised=True),
        "reworked": Wanted(reworked=True),
        "repeated": Wanted(repeated=True, opened=(FIRST, LAST)),
        "before": Wanted(opened=(FIRST, TUESDAY)),
    }
    with desk.reading() as (conn, trust_id):
        found = {
            name: [row.no for row in list_inquiries(conn, trust_id, wanted)] for name, wanted in lists.items()
        }
    assert found == {
        "late": [4],
        "raised": [4, 2],
        "reworked": [6],
        "repeated": [again],
        "before": [6, 5, 4, 3, 2, 1],
    }


def test_a_figure_of_the_past_stays_whatever_happens_later(desk: Desk) -> None:
    def on(day: date) -> list[tuple[int, str, int, bool, bool]]:
        with desk.reading() as (conn, trust_id):
            found: list[Then] = list(stood_on(conn, trust_id, FIRST, LAST, day))
        return [(t.asked.no, t.state.status, t.state.level, t.late, t.answered_late) for t in found]

    desk.ask()
    before = on(TUESDAY)
    assert before == [(1, "waiting", 1, False, False)]
    assert on(TUESDAY - timedelta(days=1)) == []
    assert on(TUESDAY + timedelta(days=2)) == [(1, "waiting", 1, True, False)], "late before anybody noticed"
    desk.tick(6)
    desk.do(answer, 1, "答复", by=PARTY)
    desk.do(rate, 1, True, by=ASKER)
    assert on(TUESDAY) == before
    assert on(TUESDAY + timedelta(days=5)) == [(1, "waiting", 1, True, True)]
    assert on(desk.today) == [(1, "closing", 2, True, True)]
