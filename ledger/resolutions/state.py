"""How far a resolution has come: its newest draft and the steps done, in two queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, func, insert, select

from ledger.errors import Unanswerable, refuse
from ledger.people import Actor
from ledger.resolutions.value import STAGE_NAMES, Draft, Motion, Notice, Stage
from ledger.store.tables import resolution as resolution_table
from ledger.store.tables import resolution_step as step_table
from ledger.trust.act import Act

MOTION, NOTICE, OPEN, CLOSE = "motion", "notice", "open", "close"
PUBLISH, FILING, WITHDRAW = "publish", "filing", "withdraw"
STEP_NAMES = {
    MOTION: "提议",
    NOTICE: "通知业主",
    OPEN: "开始表决",
    CLOSE: "截止、计票",
    PUBLISH: "公布结果",
    FILING: "备案",
    WITHDRAW: "撤回",
}
_STAGES: dict[str, Stage] = {
    MOTION: "moved",
    NOTICE: "noticed",
    OPEN: "open",
    CLOSE: "closed",
    PUBLISH: "published",
    WITHDRAW: "withdrawn",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step as it was recorded. ``body`` is what belongs to that kind of step."""

    no: int
    step: str
    on_day: date
    note: str
    document: str
    body: dict[str, Any]
    signature: str
    acted_at: datetime

    @property
    def title(self) -> str:
        """In words."""
        return STEP_NAMES[self.step]


@dataclass(frozen=True, slots=True)
class State:
    """A resolution's newest draft, its stage and its steps in order."""

    number: str
    version: int
    draft: Draft
    salt: bytes
    drafted_at: datetime
    drafted_by: str
    steps: tuple[Step, ...]

    @property
    def stage(self) -> Stage:
        """Where it stands."""
        return next((_STAGES[s.step] for s in reversed(self.steps) if s.step in _STAGES), "draft")

    @property
    def stage_name(self) -> str:
        """In words."""
        return STAGE_NAMES[self.stage]

    def step(self, kind: str) -> Step | None:
        """The newest step of a kind."""
        return next((step for step in reversed(self.steps) if step.step == kind), None)

    @property
    def motion(self) -> Motion | None:
        """Who asked for the vote."""
        step = self.step(MOTION)
        return msgspec.convert(step.body["motion"], Motion) if step else None

    def done(self, kind: str) -> Step:
        """The newest step of a kind, which must have been done. Raises ValueError if it was not."""
        step = self.step(kind)
        if step is None:
            raise ValueError(f"resolution {self.number} has no step {kind}")
        return step

    @property
    def told(self) -> Notice:
        """The notice, once it was given."""
        return msgspec.convert(self.done(NOTICE).body, Notice)

    @property
    def notice(self) -> Notice | None:
        """How the owners were told."""
        step = self.step(NOTICE)
        return msgspec.convert(step.body, Notice) if step else None


def read_state(conn: Connection, trust_id: int, number: str) -> State:
    """Raises :class:`~ledger.errors.Unanswerable` if there is no such resolution."""
    found = read_states(conn, trust_id, [number])
    if not found:
        raise Unanswerable("unknown_resolution", f"没有“{number}”这项表决")
    return found[0]


def read_states(conn: Connection, trust_id: int, numbers: Sequence[str]) -> list[State]:
    """Several at once, in the order asked; unknown ones are left out."""
    numbers = [number for number in numbers if number.isprintable()]  # not every database compares the rest
    newest = (
        select(resolution_table.c.number, func.max(resolution_table.c.version).label("version"))
        .where(resolution_table.c.trust_id == trust_id, resolution_table.c.number.in_(numbers))
        .group_by(resolution_table.c.number)
        .subquery()
    )
    rows = conn.execute(
        select(resolution_table)
        .join(
            newest,
            (newest.c.number == resolution_table.c.number) & (newest.c.version == resolution_table.c.version),
        )
        .where(resolution_table.c.trust_id == trust_id)
    )
    steps: dict[str, list[Step]] = {}
    query = (
        select(step_table)
        .where(step_table.c.trust_id == trust_id, step_table.c.number.in_(numbers))
        .order_by(step_table.c.number, step_table.c.step_no)
    )
    for row in conn.execute(query):
        steps.setdefault(row.number, []).append(_step(row))
    found = {row.number: _state(row, steps.get(row.number, ())) for row in rows}
    return [found[number] for number in numbers if number in found]


def state_in(conn: Connection, trust_id: int, number: str, stages: Sequence[Stage], doing: str) -> State:
    """A resolution that stands at one of these stages. Raises :class:`~ledger.errors.Refused`."""
    found = read_states(conn, trust_id, [number])
    if not found:
        raise refuse("unknown_resolution", f"没有“{number}”这项表决，请核对编号", "表决编号")
    state = found[0]
    if state.stage not in stages:
        wanted = "、".join(f"“{STAGE_NAMES[stage]}”" for stage in stages)
        raise refuse(
            "wrong_stage", f"“{number}”现在是“{state.stage_name}”，只有{wanted}时才能{doing}", "表决进度"
        )
    return state


def add_step(
    conn: Connection,
    trust_id: int,
    number: str,
    step: str,
    actor: Actor,
    act: Act,
    *,
    on_day: date | None = None,
    note: str = "",
    document: str = "",
    body: Any = None,
) -> None:
    """Write the next step; the caller holds the trust's lock."""
    last = conn.execute(
        select(func.coalesce(func.max(step_table.c.step_no), 0)).where(
            step_table.c.trust_id == trust_id, step_table.c.number == number
        )
    ).scalar_one()
    conn.execute(
        insert(step_table).values(
            trust_id=trust_id,
            number=number,
            step_no=int(last) + 1,
            step=step,
            on_day=on_day or act.today,
            note=note.strip(),
            document=document,
            body=msgspec.json.encode(body if body is not None else {}).decode(),
            person=actor.person,
            signature=actor.signature,
            acted_at=act.now,
        )
    )


def _step(row: Row[Any]) -> Step:
    return Step(
        row.step_no,
        row.step,
        row.on_day,
        row.note,
        row.document,
        msgspec.json.decode(row.body),
        row.signature,
        row.acted_at,
    )


def _state(row: Row[Any], steps: Sequence[Step]) -> State:
    return State(
        number=row.number,
        version=row.version,
        draft=msgspec.json.decode(row.body, type=Draft),
        salt=bytes(row.salt),
        drafted_at=row.recorded_at,
        drafted_by=row.signature,
        steps=tuple(steps),
    )
