"""Whatever people do in whatever order, and however long nobody does anything, these hold:

the row that lists read is the fold of the steps; somebody has it in hand by a day until it is closed; what went
up by itself does not go up again for the same reason; nobody is called satisfied who did not say so; the owners'
request to inspect is never turned down; and no word reaches the log but the published ones.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine, select

from ledger.errors import Refused
from ledger.inquiries import (
    accept,
    answer,
    assign,
    call_back,
    echo,
    keep_private,
    mediate,
    note,
    publish,
    rate,
    rework,
    visit,
    withdraw,
)
from ledger.inquiries.allowed import steps_open_to
from ledger.inquiries.model import AGREED, ENDED, FAILED, LEVELS, OPEN_STATES, REFERRED, SYSTEM
from ledger.inquiries.state import State, state_of
from ledger.inquiries.store import asked_of, steps_of, summary_of
from ledger.store.tables import inquiry_now, leaf
from ledger.trust.settings import known_settings
from tests.inquiries.desk import (
    ASKER,
    COMMITTEE,
    NEIGHBOUR,
    PARTY,
    PREPARER,
    REVIEWER,
    STREETS,
    SUPERVISOR,
    TENANT,
    Desk,
    open_desk,
)
from tests.ledger.books import some

PEOPLE = (ASKER, NEIGHBOUR, TENANT, PREPARER, REVIEWER, COMMITTEE, PARTY, STREETS, SUPERVISOR)
people = st.sampled_from(PEOPLE)
SECRET = "机密原话"
PUBLIC = "公开的话"


class Inquiries(RuleBasedStateMachine):
    """Everybody tries everything, allowed or not; refusals change nothing."""

    desk: Desk

    def __init__(self) -> None:
        super().__init__()
        self.nos: list[int] = []
        self.said_satisfied: set[int] = set()
        self.published: list[str] = []
        self.first = self.asked("question", "first")

    def asked(self, kind: str, key: str) -> int:
        about = {"about_kind": "area", "about": "elevator"} if kind == "repair" else {}
        no = self.desk.ask(kind=kind, text=f"{SECRET}{key}", **about)
        self.nos.append(no)
        return no

    @rule(kind=st.sampled_from(("question", "snapshot", "repair", "inspection")))
    def ask(self, kind: str) -> None:
        if len(self.nos) < 4:
            self.asked(kind, "more")

    def tried(self, command: Callable[..., Any], no: int, *words: Any, by: Any, **named: Any) -> bool:
        before = self.desk.kinds(no)
        try:
            self.desk.do(command, no, *words, by=by, **named)
        except Refused:
            assert self.desk.kinds(no) == before
            return False
        return True

    @rule(data=st.data(), by=people)
    def handle(self, data: st.DataObject, by: Any) -> None:
        no = data.draw(st.sampled_from(self.nos))
        command, words = data.draw(
            st.sampled_from(
                (
                    (accept, ()),
                    (assign, (SECRET,)),
                    (visit, (SECRET,)),
                    (answer, (SECRET,)),
                    (rework, (SECRET,)),
                    (note, (SECRET,)),
                    (withdraw, (SECRET,)),
                    (keep_private, (SECRET,)),
                    (mediate, (AGREED, SECRET)),
                    (mediate, (FAILED, SECRET)),
                    (mediate, (REFERRED, SECRET)),
                    (call_back, (True, SECRET)),
                    (call_back, (False, SECRET)),
                )
            )
        )
        undone = command is rework or (command is call_back and words[0] is False)
        if self.tried(command, no, *words, by=by) and undone:
            self.said_satisfied.discard(no)  # of that, not of what is done again

    @rule(data=st.data(), satisfied=st.booleans(), by=people)
    def rated(self, data: st.DataObject, satisfied: bool, by: Any) -> None:
        no = data.draw(st.sampled_from(self.nos))
        if self.tried(rate, no, satisfied, by=by, text=SECRET):
            (self.said_satisfied.add if satisfied else self.said_satisfied.discard)(no)

    @rule(data=st.data(), by=people)
    def put_out(self, data: st.DataObject, by: Any) -> None:
        no = data.draw(st.sampled_from(self.nos))
        step = data.draw(st.integers(1, 6))
        text = f"{PUBLIC}{len(self.published)}"
        if self.tried(publish, no, step, text, by=by):
            self.published.append(text)

    @rule(data=st.data(), by=people)
    def echoed(self, data: st.DataObject, by: Any) -> None:
        self.tried(echo, data.draw(st.sampled_from(self.nos)), by=by)

    @rule(days=st.sampled_from((0, 1, 2, 7, 9)))
    def time_passes(self, days: int) -> None:
        self.desk.tick(days)
        assert self.desk.tick() == [], "what went up does not go up again on the same day"

    @precondition(lambda self: self.desk.today < date(2026, 12, 1))
    @rule()
    def nobody_does_anything_for_long(self) -> None:
        for _ in range(4):
            self.desk.tick(40)
        for no in self.nos:
            state = self.desk.state(no)
            assert state.status not in OPEN_STATES or state.level == max(LEVELS), "it has reached the street"
            assert state.status != "answered"

    @invariant()
    def what_is_listed_is_what_happened(self) -> None:
        with self.desk.reading() as (conn, trust_id):
            rows = {
                r.no: r for r in conn.execute(select(inquiry_now).where(inquiry_now.c.trust_id == trust_id))
            }
            steps = steps_of(conn, trust_id, self.nos)
        for no in self.nos:
            state = state_of(steps[no])
            assert {name: getattr(rows[no], name) for name in summary_of(state)} == summary_of(state)
            self.judged(no, state, steps[no])

    def judged(self, no: int, state: State, steps: Any) -> None:
        assert state.level in LEVELS
        assert state.duty
        assert (state.due_on is None) == (state.status in ENDED), "a day for every level, until it ends"
        assert (state.rating == "satisfied") == (no in self.said_satisfied)
        levels = [step.level for step in steps]
        assert levels == sorted(levels)
        raised = [step for step in steps if step.signature == SYSTEM and step.kind == "escalated"]
        assert len(raised) == state.level - 1, "one escalation a level"
        assert [step.no for step in steps] == list(range(1, len(steps) + 1))

    @invariant()
    def only_published_words_are_in_the_log(self) -> None:
        with self.desk.reading() as (conn, trust_id):
            bodies = [body.decode() for body in conn.execute(select(leaf.c.body).where(leaf.c.trust_id == trust_id)).scalars()]  # fmt: skip
        assert not [body for body in bodies if SECRET in body]
        assert [record["value"]["text"] for record in self.desk.leaves()] == self.published

    def teardown(self) -> None:
        assert self.desk.findings() == []
        with self.desk.reading() as (conn, trust_id):
            asked, steps = asked_of(conn, trust_id, self.nos), steps_of(conn, trust_id, self.nos)
        for no in self.nos:
            for by in PEOPLE:  # what a page offers never depends on words
                steps_open_to(by, asked[no], state_of(steps[no]))


def test_any_order_of_steps_keeps_the_rules(engine: Engine, tmp_path_factory: Any) -> None:
    trusts = iter(range(100, 10_000))

    class Here(Inquiries):
        def __init__(self) -> None:
            self.desk = open_desk(engine, tmp_path_factory.getbasetemp(), next(trusts))
            super().__init__()

    run_state_machine_as_test(Here, settings=settings(some(0.25), stateful_step_count=25, deadline=None))


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Anything that may be set."""
    low, high = kind.low or 0, kind.high if kind.high is not None else 10**6
    return {
        "fen": st.integers(low, high),
        "int": st.integers(low, high),
        "flag": st.booleans(),
        "choice": st.sampled_from(sorted(kind.choices) or [""]),
    }.get(kind.kind, st.just("x"))


def test_no_setting_switches_off_the_owners_right_to_inspect(engine: Engine, tmp_path_factory: Any) -> None:
    trusts = iter(range(100, 10_000))
    kinds = [kind for kind in known_settings().values() if kind.kind in ("fen", "int", "flag", "choice")]
    assert len([kind for kind in kinds if kind.name.startswith("inquiry_")]) == 9

    @some(0.3)
    @given(st.fixed_dictionaries({kind.name: values(kind) for kind in kinds}))
    def whatever_is_set(chosen: dict[str, Any]) -> None:
        desk = open_desk(
            engine, tmp_path_factory.getbasetemp(), next(trusts), **(chosen | {"pay_beyond_books": True})
        )
        no = desk.ask(kind="inspection", text="我要查阅三月的凭证并复制")
        with desk.reading() as (conn, trust_id):
            asked, state = asked_of(conn, trust_id, [no])[no], desk.state(no)
        assert state.due_on is not None
        assert asked.answer_by <= desk.today + timedelta(days=35), (
            "and it is due in a while that can be borne"
        )
        offered = {kind for by in PEOPLE if by is not ASKER for kind in steps_open_to(by, asked, state)}
        assert not offered & {"withdrawn", "rated"}, "nobody but the owner ends it"

    whatever_is_set()
