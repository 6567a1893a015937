"""The questions and repairs of the demo community, lived through the real commands, day by day."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from PIL import Image, ImageDraw
from sqlalchemy import Connection, Engine, exists, select

from disclosure.demo.community import PROJECT
from disclosure.demo.inquiry_stories import STORIES, Move, Story
from ledger.documents import Location
from ledger.inquiries import (
    Question,
    accept,
    answer,
    ask,
    assign,
    call_back,
    echo,
    escalate_due,
    keep_private,
    mediate,
    note,
    publish,
    rate,
    read_inquiry,
    rework,
    visit,
)
from ledger.inquiries.model import ANSWERS
from ledger.inquiries.pictures import Chosen, Shot, draw_chosen, read_shot
from ledger.journal.read import read_entry
from ledger.people import Actor, Role
from ledger.people.accounts import create_person
from ledger.people.members import actor_of, grant
from ledger.periods.calendar import period_of, preceding
from ledger.periods.spans import span_slug
from ledger.store.engine import writing
from ledger.store.tables import dimension_value, entry, posting, statement
from ledger.trust import Act, Unit
from ledger.trust.act import BEIJING

_SEED = 20250904
NEIGHBOURS = (("linju-1", "何秋"), ("linju-2", "卢青"), ("linju-3", "季平"), ("linju-4", "穆晴"))
"""Residents without a log-in; the fifth of the stories is the one who has one."""
_CLEANING, _INVOICED = "5003", "E11a"
_FIRST_HOUR, _LAST_HOUR = 9, 18


@dataclass(frozen=True, slots=True)
class _Event:
    """Something on a day: a story begins (``move`` is None) or goes on."""

    day: date
    order: tuple[int, int]
    story: int
    move: Move | None


class Questions:
    """Asks, answers and lets go up, a month at a time, the days in order."""

    def __init__(
        self,
        engine: Engine,
        trust_id: int,
        documents: Location,
        people: Mapping[Role, Actor],
        today: date,
        stories: Sequence[Story] = STORIES,
        neighbours: Sequence[tuple[str, str]] = (),
    ) -> None:
        self._engine, self._trust_id, self._documents = engine, trust_id, documents
        self._people, self._stories, self._moving_in = people, stories, neighbours or NEIGHBOURS
        self._random = Random(f"{_SEED} {trust_id}")  # noqa: S311 - an invented world must be the same every time
        self._numbers: dict[int, int] = {}
        self._neighbours: list[Actor] = []
        self._lived = date.min
        self._events = sorted(_events(stories, today), key=lambda event: (event.day, event.order))

    def move_in(self, units: Sequence[Unit], day: date) -> None:
        """Neighbours who ask too, one a home; to be called once, before the first month."""
        act = self._act(day, 8)
        with writing(self._engine) as conn:
            for (account, name), unit in zip(self._moving_in, units[1:], strict=False):
                person = create_person(conn, account, name, by="demo", act=act)
                grant(
                    conn, self._trust_id, person.person, Role.RESIDENT, by="demo", act=act, unit=unit.unit,
                    reason="演示",
                )  # fmt: skip
                self._neighbours.append(actor_of(conn, person, self._trust_id, origin="演示", on=day))
        if Role.RESIDENT in self._people:
            self._neighbours.append(self._people[Role.RESIDENT])

    def live(self, first: date, last: date) -> None:
        """The days of a month: what is asked and done on each, and in the night what the system does. Raises
        ValueError for days that were lived before: asking again gives the old number, which can't be accepted."""
        if first <= self._lived:
            raise ValueError(f"{first} was lived before {self._lived}")
        self._lived = last
        for offset in range((last - first).days + 1):
            day = first + timedelta(days=offset)
            with writing(self._engine) as conn:
                escalate_due(conn, self._trust_id, self._act(day, 0))
            today = [event for event in self._events if event.day == day]
            for place, event in enumerate(today):
                act = self._act(day, min(_FIRST_HOUR + place, _LAST_HOUR), place)
                with writing(self._engine) as conn:
                    self._carry_out(conn, event, act)

    def _carry_out(self, conn: Connection, event: _Event, act: Act) -> None:
        story = self._stories[event.story]
        if event.move is None:
            self._numbers[event.story] = self._ask(conn, story, act)
        elif event.story in self._numbers:
            self._step(conn, self._numbers[event.story], story, event.move, act)

    def _ask(self, conn: Connection, story: Story, act: Act) -> int:
        actor = self._neighbours[story.asker]
        about = self._about(conn, story.about, act.today)
        question = Question(
            story.kind, story.text, f"demo-{story.ago}", story.about_kind if about else "", about,
            story.place, actor.units[0],
        )  # fmt: skip
        shots = [drawn(story.picture)] if story.picture else []
        return ask(conn, self._trust_id, question, actor, act, shots=shots, location=self._documents)

    def _step(self, conn: Connection, no: int, story: Story, move: Move, act: Act) -> None:
        place, actor = (conn, self._trust_id, no), self._who(story, move)
        match move.step:
            case "accept":
                accept(*place, actor, act)
            case "echo":
                echo(*place, actor, act)
            case "assign":
                assign(*place, move.words[0], actor, act, note=move.words[1])
            case "satisfied" | "unsatisfied":
                rate(*place, move.step == "satisfied", actor, act, text=move.words[0])
            case "settled":
                call_back(*place, True, move.words[0], actor, act)
            case "agreed":
                mediate(*place, "agreed", move.words[0], actor, act)
            case "publish":
                self._publish(conn, no, 1, move, actor, act)
            case "publish_answer":
                steps = read_inquiry(conn, self._trust_id, no).steps
                answers = [step.no for step in steps if step.kind in ANSWERS]
                self._publish(conn, no, answers[-1], move, actor, act)
            case _:
                command = {
                    "visit": visit, "answer": answer, "rework": rework, "note": note, "keep": keep_private,
                }[move.step]  # fmt: skip
                command(*place, move.words[0], actor, act)

    def _publish(self, conn: Connection, no: int, of_step: int, move: Move, actor: Actor, act: Act) -> None:
        """The words, and with the question its picture."""
        file = read_inquiry(conn, self._trust_id, no)
        chosen = [Chosen(of_step, item.picture) for item in file.pictures.get(of_step, ())]
        drawn = draw_chosen(conn, self._trust_id, self._documents, no, chosen)
        publish(
            conn, self._trust_id, no, of_step, move.words[0], actor, act, redacted=drawn,
            location=self._documents,
        )  # fmt: skip

    def _who(self, story: Story, move: Move) -> Actor:
        if move.by == "asker":
            return self._neighbours[story.asker]
        return self._neighbours[int(move.by)] if move.by.isdigit() else self._people[Role(move.by)]

    def _about(self, conn: Connection, about: str, day: date) -> str:
        """The public name of what a story is about; '' for what is not there yet."""
        match about:
            case "cleaning":
                return self._cleaning(conn, day)
            case "last":
                period = preceding(period_of(day))
                known = exists().where(statement.c.trust_id == self._trust_id, statement.c.period == period)
                return span_slug(period) if conn.execute(select(known)).scalar_one() else ""
            case "lift":
                d = dimension_value.c
                known = exists().where(
                    d.trust_id == self._trust_id, d.dimension == "project", d.code == PROJECT[0]
                )
                return PROJECT[0] if conn.execute(select(known)).scalar_one() else ""
        return about

    def _cleaning(self, conn: Connection, day: date) -> str:
        """The last invoice of the cleaners: not what a closing of the year took from the account."""
        p, e = posting.c, entry.c
        query = (
            select(e.seq)
            .join(posting, (p.trust_id == e.trust_id) & (p.seq == e.seq))
            .where(
                e.trust_id == self._trust_id,
                e.event == _INVOICED,
                e.business_date < day,
                p.account.startswith(_CLEANING),
            )
            .order_by(e.seq.desc())
            .limit(1)
        )
        seq = conn.execute(query).scalar()
        return "" if seq is None else read_entry(conn, self._trust_id, seq).ref

    def _act(self, day: date, hour: int, minute: int = 0) -> Act:
        moment = datetime.combine(day, time(hour, minute), BEIJING).astimezone(UTC)
        return Act(moment, self._random.randbytes)


def _events(stories: Sequence[Story], today: date) -> Iterator[_Event]:
    for number, story in enumerate(stories):
        asked = today - timedelta(days=story.ago)
        yield _Event(asked, (number, 0), number, None)
        for place, move in enumerate(story.moves, start=1):
            yield _Event(asked + timedelta(days=move.day), (number, place), number, move)


def drawn(what: str) -> Shot:
    """A photograph of sorts."""
    image = Image.new("RGB", (640, 480), "#9db4c0")
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 300, 640, 480), fill="#5c6b73")
    if what == "fire":
        for left in range(0, 640, 80):
            pen.line((left, 330, left + 60, 470), fill="#f4c430", width=10)
        pen.rounded_rectangle((180, 220, 470, 380), 30, fill="#a63d40")
        pen.rectangle((220, 235, 430, 290), fill="#dfe7ea")
        pen.ellipse((210, 345, 280, 415), fill="#222222")
        pen.ellipse((375, 345, 445, 415), fill="#222222")
    else:
        pen.rectangle((310, 120, 326, 430), fill="#333333")
        pen.polygon(((270, 60), (366, 60), (340, 130), (296, 130)), fill="#f6f1d3")
        pen.line((300, 62, 318, 95, 308, 128), fill="#333333", width=4)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return read_shot(out.getvalue())
