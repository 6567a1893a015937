"""Publish a question or an answer in words that may be read by everybody, as a record of the log.

The publisher words it anew; what the asker wrote is shown to nobody else. An inquiry that is not published is
public as a number only: kind, level, dates, state.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from ledger.documents import Location
from ledger.errors import Problem
from ledger.inquiries.course import Course, take
from ledger.inquiries.model import ANSWERS, FAILED, PUBLISHED
from ledger.inquiries.pictures import Redacted, count_problems, pictures_of, show
from ledger.inquiries.privacy import WHERE, privacy_problems
from ledger.inquiries.shown import ANSWER, QUESTION
from ledger.inquiries.state import State, Step
from ledger.inquiries.store import Asked, asked_of, steps_of
from ledger.inquiries.texts import LONGEST_ANSWER, LONGEST_NOTE, words_problems
from ledger.people import Actor
from ledger.people.roles import STAFF
from ledger.records import Value, publish_record
from ledger.store.tables import inquiry_step
from ledger.trust.act import Act

RECORD = "inquiry"
_SUBJECT = re.compile(r"(\d{1,9})-(\d{1,9})", re.ASCII)


def publish(
    conn: Connection,
    trust_id: int,
    no: int,
    of_step: int,
    text: str,
    actor: Actor,
    act: Act,
    *,
    redacted: Sequence[Redacted] = (),
    location: Location | None = None,
) -> int:
    """Publish the question (``of_step`` 1) or the answer given at a step, in these words; returns the leaf's place.

    The question comes first. Publishing again replaces what pages show; both stay in the log. The trustee does not
    replace the words of a question, nor those the committee published. Pictures come from
    :func:`~ledger.inquiries.pictures.draw_chosen`. Raises :class:`~ledger.errors.Refused` with all problems.
    """
    course = take(conn, trust_id, no, act)
    problems = [
        *words_problems(text, WHERE, LONGEST_ANSWER),
        *privacy_problems(conn, trust_id, text),
        *count_problems(redacted),
        *_order_problems(course, of_step, text, actor),
    ]
    course.check("published", actor, problems)
    step = course.add("published", actor, text=text, of_step=of_step, due_on=course.state.due_on)
    shown = show(conn, trust_id, location, no, step.no, redacted, step.signature, act)
    source = course.steps[of_step - 1]
    value = _value(course.asked, source, step, shown)
    return publish_record(conn, trust_id, RECORD, subject_of(no, step.no), value, act)


def keep_private(conn: Connection, trust_id: int, no: int, reason: str, actor: Actor, act: Act) -> State:
    """Decide that the words are not published (they are about one home, say); the reason is for the asker.

    Raises :class:`~ledger.errors.Refused`: what is published stays so.
    """
    course = take(conn, trust_id, no, act)
    course.check("kept", actor, words_problems(reason, "不公开的原因", LONGEST_NOTE))
    course.add("kept", actor, text=reason, due_on=course.state.due_on)
    return course.state


def subject_of(no: int, step: int) -> str:
    """``12-4``: inquiry and step of publication."""
    return f"{no}-{step}"


def inquiry_values(conn: Connection, trust_id: int, subjects: Sequence[str]) -> dict[str, Value]:
    """The published values again, from the rows."""
    keys = [(int(found[1]), int(found[2])) for found in map(_SUBJECT.fullmatch, subjects) if found]
    nos = sorted({no for no, _ in keys})
    asked, steps = asked_of(conn, trust_id, nos), steps_of(conn, trust_id, nos)
    pictures: dict[tuple[int, int], list[str]] = {}
    for item in pictures_of(conn, trust_id, nos):
        pictures.setdefault((item.no, item.step), []).append(item.redacted)
    values: dict[str, Value] = {}
    for no, place in keys:
        by_no = {step.no: step for step in steps.get(no, ())}
        step = by_no.get(place)
        source = by_no.get(step.of_step) if step is not None else None
        if no in asked and step is not None and source is not None and step.kind == "published":
            values[subject_of(no, place)] = _value(asked[no], source, step, pictures.get((no, place), ()))
    return values


def published_steps(conn: Connection, trust_id: int, nos: Sequence[int]) -> Mapping[tuple[int, int], str]:
    """The newest public words by inquiry and by the step they are the words of; one query."""
    s = inquiry_step.c
    query = (
        select(s.no, s.of_step, s.text)
        .where(s.trust_id == trust_id, s.kind == "published", s.no.in_(nos))
        .order_by(s.no, s.step)
    )
    return {(row.no, row.of_step): row.text for row in conn.execute(query)}


def _order_problems(course: Course, of_step: int, text: str, actor: Actor) -> list[Problem]:
    source = course.steps[of_step - 1] if 1 <= of_step <= len(course.steps) else None
    is_answer = source is not None and source.kind in ANSWERS and source.result != FAILED
    if of_step != 1 and not is_answer:
        return [Problem("not_an_answer", f"第 {of_step} 步不是答复，只能公开提问和答复", "公开哪一步")]
    if of_step != 1 and course.state.publication != PUBLISHED:
        return [Problem("question_first", "请先公开提问，再公开答复", "公开哪一步")]
    said = [step for step in course.steps if step.kind == "published" and step.of_step == of_step]
    if said and _of_others(course, said[-1], actor):
        return [Problem("others_words", "已经公开的这段文字只能由业主委员会改写", "公开哪一步")]
    if said and said[-1].text == text.strip():
        return [Problem("nothing_changed", "与已公开的文字完全相同", WHERE)]
    return []


def _of_others(course: Course, said: Step, actor: Actor) -> bool:
    """Whether the trustee would put other words to what somebody else asked, or was published as saying."""
    if not actor.roles & STAFF or actor.person == course.asked.person:
        return False
    return said.of_step == 1 or said.signature != course.by(actor)


def _value(asked: Asked, source: Step, step: Step, pictures: Sequence[str]) -> dict[str, Any]:
    return {
        "no": asked.no,
        "step": step.no,
        "of_step": source.no,
        "says": QUESTION if source.no == 1 else ANSWER,
        "kind": asked.kind,
        "about_kind": asked.about_kind,
        "about": asked.about,
        "level": source.level,
        "by": source.signature,
        "said_on": source.on.isoformat(),
        "text": step.text,
        "pictures": list(pictures),
    }
