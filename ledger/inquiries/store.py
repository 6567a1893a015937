"""Rows of inquiries: read many at once; write steps and where they lead in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from ledger.inquiries.model import InquiryKind, kinds
from ledger.inquiries.state import State, Step
from ledger.inquiries.telling import tell_steps
from ledger.store.tables import inquiry, inquiry_now, inquiry_step

_NOT_PRINTED = frozenset({"opened_at", "rateable", "duty"})
"""What a state knows beyond its row."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked; ``place``, ``text``, ``person`` and ``unit`` are never public."""

    no: int
    kind: str
    about_kind: str
    about: str
    place: str
    text: str
    person: str
    unit: str
    follows: int
    answer_by: date
    opened_at: datetime

    @property
    def kind_row(self) -> InquiryKind:
        """Its kind."""
        return kinds()[self.kind]


def asked_of(conn: Connection, trust_id: int, nos: Collection[int]) -> dict[int, Asked]:
    """What was asked, by number; unknown numbers are left out."""
    columns = [column for column in inquiry.c if column.name not in ("trust_id", "key")]
    query = select(*columns).where(inquiry.c.trust_id == trust_id, inquiry.c.no.in_(nos))
    return {row.no: Asked(**row._mapping) for row in conn.execute(query)}


def steps_of(conn: Connection, trust_id: int, nos: Collection[int]) -> dict[int, list[Step]]:
    """The steps of inquiries in order; one query."""
    query = (
        select(inquiry_step)
        .where(inquiry_step.c.trust_id == trust_id, inquiry_step.c.no.in_(nos))
        .order_by(inquiry_step.c.no, inquiry_step.c.step)
    )
    found: dict[int, list[Step]] = {}
    for row in conn.execute(query):
        found.setdefault(row.no, []).append(step_of(row))
    return found


def step_of(row: Row[Any]) -> Step:
    """A row of ``inquiry_step`` as a value."""
    return Step(
        no=row.step,
        kind=row.kind,
        level=row.level,
        person=row.person,
        signature=row.signature,
        text=row.text,
        result=row.result,
        of_step=row.of_step,
        due_on=row.due_on,
        recorded_at=row.recorded_at,
    )


def write_steps(conn: Connection, trust_id: int, steps: Iterable[tuple[int, Step]]) -> None:
    """Append steps of inquiries, by their numbers, and put into the outbox what they are news of."""
    made = list(steps)
    rows = [
        {"trust_id": trust_id, **_without(asdict(step), "no"), "no": no, "step": step.no} for no, step in made
    ]
    if rows:
        conn.execute(insert(inquiry_step), rows)
        tell_steps(conn, trust_id, made)


def summary_of(state: State) -> dict[str, Any]:
    """The columns of ``inquiry_now`` that steps decide."""
    values = {name: value for name, value in asdict(state).items() if name not in _NOT_PRINTED}
    return {**values, "opened_on": state.opened_on}


def open_summary(conn: Connection, trust_id: int, asked: Asked, state: State) -> None:
    """The row of an inquiry that was just asked."""
    values = {name: getattr(asked, name) for name in ("no", "kind", "about_kind", "about", "answer_by")}
    conn.execute(insert(inquiry_now).values(trust_id=trust_id, echoes=0, **values, **summary_of(state)))


def keep_states(conn: Connection, trust_id: int, states: Mapping[int, State]) -> None:
    """Write where inquiries stand now."""
    if not states:
        return
    names = [name for name in summary_of(next(iter(states.values()))) if name != "opened_on"]
    statement = (
        update(inquiry_now)
        .where(inquiry_now.c.trust_id == trust_id, inquiry_now.c.no == bindparam("at_no"))
        .values({name: bindparam(f"new_{name}") for name in names})
    )
    rows = []
    for no, state in states.items():
        values = summary_of(state)
        rows.append({"at_no": no, **{f"new_{name}": values[name] for name in names}})
    conn.execute(statement, rows)


def _without(values: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key != name}
