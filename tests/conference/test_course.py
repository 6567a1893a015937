"""Items of the joint conference go through four stages; what is left out, late or missing stays visible."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from ledger.conference import (
    Attendance,
    ConferenceItem,
    ItemRow,
    Meeting,
    NewItem,
    NewTask,
    add_task,
    list_items,
    open_tasks,
    propose,
    read_item,
    record_meeting,
    settle_task,
    skip_stage,
    stages,
)
from ledger.conference.links import add_link, drop_link
from ledger.conference.read import conference_state
from ledger.conference.tasks import TaskStep
from ledger.errors import Refused, Unanswerable
from ledger.people import Actor, Forbidden, Role
from ledger.store.engine import reading, writing
from tests.ledger.books import TODAY, Books, act, fee_charge, open_books, some

PARTY = Actor("d1", "佘区（shequ）", frozenset({Role.PARTY}))
COMMITTEE = Actor("d2", "魏源（weiyuan）", frozenset({Role.COMMITTEE}))
PREPARER = Actor("d3", "林会（kuaiji）", frozenset({Role.PREPARER}))
CASHIER = Actor("d4", "楚纳（chuna）", frozenset({Role.CASHIER}))
ALL = {
    "party": Attendance(2, "书记、网格员"),
    "committee": Attendance(3),
    "trustee": Attendance(1, "项目经理"),
}


@dataclass(frozen=True)
class Conference:
    """A trust's joint conference, a transaction a call."""

    books: Books

    @contextmanager
    def open(self) -> Iterator[Connection]:
        with writing(self.books.engine) as conn:
            yield conn

    def propose(self, title: str = "电梯换新", actor: Actor = PARTY, **changes: object) -> int:
        values: dict[str, object] = {
            "body": "两部电梯十八年了，常停。",
            "proposed_by": "residents",
            "proposed_on": TODAY - timedelta(days=30),
            "papers": {},
        }
        with self.open() as conn:
            new = NewItem(title, **(values | changes))  # type: ignore[arg-type]
            return propose(conn, self.books.trust_id, new, actor, act())

    def meet(self, item: int, stage: str, outcome: str, actor: Actor = COMMITTEE, **changes: object) -> int:
        values: dict[str, object] = {
            "held_on": TODAY - timedelta(days=10),
            "minutes": "三方同意换新，请物业测算。",
            "attendance": ALL,
            "papers": {},
        }
        with self.open() as conn:
            meeting = Meeting(outcome=outcome, **(values | changes))  # type: ignore[arg-type]
            return record_meeting(conn, self.books.trust_id, item, stage, meeting, actor, act())

    def skip(self, item: int, stage: str, reason: str = "情况紧急，电梯已停运") -> int:
        with self.open() as conn:
            return skip_stage(conn, self.books.trust_id, item, stage, reason, COMMITTEE, act())

    def task(self, item: int, days: int = 10, actor: Actor = PARTY, role: str = "项目经理") -> int:
        with self.open() as conn:
            new = NewTask("请三家单位报价", "trustee", role, TODAY + timedelta(days=days))
            return add_task(conn, self.books.trust_id, item, new, actor, act())

    def settle(self, item: int, task: int, state: str, note: str = "报价已收齐", today: date = TODAY) -> None:
        with self.open() as conn:
            step = TaskStep(state, note, "", today)
            settle_task(conn, self.books.trust_id, item, task, step, PREPARER, act(today))

    def read(self, item: int) -> ConferenceItem:
        with reading(self.books.engine) as conn:
            return read_item(conn, self.books.trust_id, item)

    def rows(self, today: date = TODAY, **page: int) -> list[ItemRow]:
        with reading(self.books.engine) as conn:
            return list_items(conn, self.books.trust_id, today, **page)


@pytest.fixture
def conference(engine: Engine) -> Conference:
    return Conference(open_books(engine))


def codes(refused: pytest.ExceptionInfo[Refused]) -> set[str]:
    return refused.value.codes


def test_an_item_goes_through_all_four_stages(conference: Conference) -> None:
    item = conference.propose()
    conference.meet(item, "consult", "agreed")
    conference.meet(item, "review", "passed")
    conference.meet(item, "evaluate", "satisfied")
    found = conference.read(item)
    assert [row.state for row in found.stages] == ["held"] * 4
    assert found.standing.next_stage is None
    assert conference.rows()[0].state == "评议：满意"


def test_attendance_is_kept_by_body_and_absent_parties_are_named(conference: Conference) -> None:
    item = conference.propose()
    conference.meet(
        item, "consult", "agreed", attendance={"party": Attendance(1), "residents": Attendance(12)}
    )
    meeting = conference.read(item).sessions[-1]
    assert {body: who.people for body, who in meeting.attendance.items()} == {"party": 1, "residents": 12}
    assert [body.title for body in meeting.absent] == ["业委会", "物业"]


def test_a_stage_cannot_be_held_before_the_one_before_it(conference: Conference) -> None:
    item = conference.propose()
    with pytest.raises(Refused, match="现在该进行“商议”") as refused:
        conference.meet(item, "review", "passed")
    assert codes(refused) == {"wrong_stage"}


def test_a_skipped_stage_needs_a_reason_and_stays_on_the_list(conference: Conference) -> None:
    item = conference.propose()
    with pytest.raises(Refused, match="跳过的原因"):
        conference.skip(item, "consult", " ")
    conference.skip(item, "consult")
    conference.meet(item, "review", "passed")
    found = conference.read(item)
    assert [row.state for row in found.stages] == ["held", "skipped", "held", "due"]
    assert found.sessions[1].minutes == "情况紧急，电梯已停运"
    assert [stage.title for stage in conference.rows()[0].skipped] == ["商议"]


def test_a_skipped_stage_can_be_made_good_until_the_next_begins(conference: Conference) -> None:
    item = conference.propose()
    conference.skip(item, "consult")
    conference.meet(item, "consult", "agreed", held_on=TODAY)
    assert conference.read(item).stages[1].state == "held"
    assert conference.rows()[0].skipped == ()
    conference.meet(item, "review", "passed", held_on=TODAY)
    with pytest.raises(Refused):
        conference.meet(item, "consult", "agreed", held_on=TODAY)


def test_without_agreement_the_stage_is_held_again_and_cannot_be_called_skipped(
    conference: Conference,
) -> None:
    item = conference.propose()
    conference.meet(item, "consult", "again")
    with pytest.raises(Refused, match="没有通过"):
        conference.meet(item, "review", "passed")
    with pytest.raises(Refused, match="不能算跳过"):
        conference.skip(item, "consult")
    conference.meet(item, "consult", "agreed")
    assert len(conference.read(item).stages[1].sessions) == 2


def test_an_item_that_was_given_up_takes_nothing_more(conference: Conference) -> None:
    item = conference.propose()
    conference.meet(item, "consult", "closed")
    assert [row.state for row in conference.read(item).stages] == ["held", "held", "never", "never"]
    with pytest.raises(Refused, match="不再推进"):
        conference.meet(item, "review", "passed")
    with pytest.raises(Refused, match="不再推进"):
        conference.skip(item, "review")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"held_on": TODAY + timedelta(days=1)}, "not_yet"),
        ({"held_on": TODAY - timedelta(days=31)}, "out_of_order"),
        ({"minutes": " "}, "missing"),
        ({"minutes": "业主电话 13800138000"}, "private_data"),
        ({"attendance": {}}, "nobody_came"),
        ({"attendance": {"party": Attendance(0)}}, "bad_number"),
        ({"attendance": {"police": Attendance(1)}}, "bad_body"),
        ({"papers": {"0" * 64: "签到表"}}, "unknown_document"),
    ],
)
def test_minutes_that_cannot_be_kept_are_refused(
    conference: Conference, changes: dict[str, Any], code: str
) -> None:
    item = conference.propose()
    with pytest.raises(Refused) as refused:
        conference.meet(item, "consult", "agreed", **changes)
    assert codes(refused) == {code}
    with pytest.raises(Refused, match="结果只能是"):
        conference.meet(item, "consult", "satisfied")


def test_a_proposal_says_who_and_carries_no_personal_data(conference: Conference) -> None:
    with pytest.raises(Refused) as refused:
        conference.propose(
            title="", body="3栋 1201 的业主欠费", proposed_by="police", proposed_on=TODAY + timedelta(days=1)
        )
    assert codes(refused) == {"missing", "private_data", "bad_body", "not_yet"}


def test_who_may_do_what(conference: Conference) -> None:
    for actor in (PARTY, COMMITTEE, PREPARER):
        item = conference.propose(actor=actor)
    with pytest.raises(Forbidden):
        conference.propose(actor=CASHIER)
    with pytest.raises(Forbidden):
        conference.meet(item, "consult", "agreed", actor=PREPARER)
    with pytest.raises(Forbidden):
        conference.task(item, actor=PREPARER)


def test_a_task_is_overdue_until_it_is_done_with_evidence(conference: Conference) -> None:
    item = conference.propose()
    task = conference.task(item, days=10)
    late = TODAY + timedelta(days=13)
    row = conference.read(item).tasks[0]
    assert (row.who, row.overdue_days(TODAY), row.overdue_days(late)) == ("物业项目经理", 0, 3)
    assert (conference.rows(late)[0].open_tasks, conference.rows(late)[0].overdue) == (1, 1)
    with pytest.raises(Refused, match="办结的凭据"):
        conference.settle(item, task, "done", "")
    conference.settle(item, task, "done", today=late)
    done = conference.read(item).tasks[0]
    assert (done.state, done.overdue_days(late + timedelta(days=50))) == ("done", 3)
    assert (conference.rows(late)[0].open_tasks, conference.rows(late)[0].overdue) == (0, 0)
    conference.settle(item, task, "open", "漏了一家", today=late)
    with reading(conference.books.engine) as conn:
        assert [one.task for one in open_tasks(conn, 1, ["trustee"])] == [task]
        assert open_tasks(conn, 1, ["party"]) == []
        assert open_tasks(conn, 2) == []


def test_a_task_names_a_body_and_a_post_and_a_day_to_come(conference: Conference) -> None:
    item = conference.propose()
    with pytest.raises(Refused, match="已经过了"):
        conference.task(item, days=-1)
    with pytest.raises(Refused, match="负责岗位"):
        conference.task(item, role="")
    with pytest.raises(Unanswerable):
        conference.settle(item, 7, "done")
    task = conference.task(item)
    with pytest.raises(Refused, match="已经是“办理中”"):
        conference.settle(item, task, "open")


def test_links_lead_to_things_that_exist_and_can_be_taken_back(conference: Conference) -> None:
    item, books = conference.propose(), conference.books
    posted = books.post(fee_charge())
    with conference.open() as conn:
        add_link(conn, 1, item, "entry", posted.ref, COMMITTEE, act())
        add_link(conn, 1, item, "project", "P1", COMMITTEE, act())
    for kind, reference in (("entry", "A-2025-99"), ("project", "P9"), ("work", "1"), ("work", "01x"),
                            ("budget", "2025-F1"), ("budget", "x"), ("resolution", "2025-1")):  # fmt: skip
        with pytest.raises(Refused) as refused, conference.open() as conn:
            add_link(conn, 1, item, kind, reference, COMMITTEE, act())
        assert codes(refused) == {"unknown_reference"}, (kind, reference)
    assert [(one.kind, one.entries) for one in conference.read(item).links] == [
        ("project", ()),
        ("entry", (posted.ref,)),
    ]
    with conference.open() as conn:
        drop_link(conn, 1, item, "project", "P1", COMMITTEE, act())
    assert [one.kind for one in conference.read(item).links] == ["entry"]
    with pytest.raises(Refused, match="没有关联"), conference.open() as conn:
        drop_link(conn, 1, item, "project", "P1", COMMITTEE, act())


def test_the_list_goes_on_by_key_in_a_steady_number_of_queries(
    conference: Conference, count_queries: object
) -> None:
    for number in range(7):
        item = conference.propose(title=f"议题{number}")
        conference.skip(item, "consult")
        conference.task(item)
    first = conference.rows(limit=3)
    assert [row.item for row in first] == [7, 6, 5]
    assert [row.item for row in conference.rows(before=5, limit=3)] == [4, 3, 2]
    with count_queries(conference.books.engine) as queries:  # type: ignore[operator]
        conference.rows()
    queries.expect_at_most(3)


def test_the_state_changes_with_every_record(conference: Conference) -> None:
    seen = set()

    def note() -> None:
        with reading(conference.books.engine) as conn:
            state = conference_state(conn, 1)
        assert state not in seen
        seen.add(state)

    note()
    item = conference.propose()
    note()
    conference.skip(item, "consult")
    note()
    task = conference.task(item)
    note()
    conference.settle(item, task, "done")
    note()


@pytest.mark.db("sqlite")
@some(0.3)
@given(
    moves=st.lists(
        st.tuples(st.sampled_from(list(stages())), st.sampled_from(["skip", "go", "again", "closed"]))
    )
)
def test_whatever_is_tried_every_stage_before_the_present_one_is_held_or_shown_as_skipped(
    databases: object, moves: list[tuple[str, str]]
) -> None:
    from ledger.store.engine import open_engine

    with databases.database("sqlite") as fresh:  # type: ignore[attr-defined]
        engine = open_engine(fresh.url)
        conference = Conference(open_books(engine))
        item = conference.propose()
        for stage, move in moves:
            outcome = next(iter(stages()[stage].onward)) if move == "go" else move
            try:
                conference.skip(item, stage) if move == "skip" else conference.meet(
                    item, stage, outcome, held_on=TODAY
                )
            except Refused:
                continue
        rows = conference.read(item).stages
        engine.dispose()
    states = [row.state for row in rows]
    reached = max(place for place, state in enumerate(states) if state in ("held", "skipped"))
    assert all(state in ("held", "skipped") for state in states[: reached + 1])
    assert all(state in ("due", "later", "never") for state in states[reached + 1 :])
    assert states[0] == "held"
