"""A handover as people see it: what was done, what was counted, who signed, what is still missing."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from ledger.handover.state import STAGE_NAMES, HandoverState, handover_state
from ledger.store.tables import handover, handover_snapshot, handover_step

PARTIES = {"outgoing": "原受托人", "incoming": "接任受托人", "committee": "业主大会（业委会代表）"}
WITHOUT_ACCOUNT = "incoming"
"""The party that has no people here yet: what it signs on paper is recorded by two persons."""
CONFIRMED = "confirmed"
OUTCOMES = {"agreed": "相符", "difference": "有差异"}


@dataclass(frozen=True, slots=True)
class Item:
    """Something to be counted; see ``items.toml``."""

    name: str
    title: str
    help: str


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was done."""

    step_no: int
    step: str
    subject: str
    outcome: str
    note: str
    document: str
    digest: str
    person: str
    signature: str
    acted_at: datetime


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Balances at a freeze; ``value`` is what ``body`` says."""

    size: int
    checkpoint_size: int
    digest: str
    taken_at: datetime
    value: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class HandoverFile:
    """One handover with everything in it."""

    state: HandoverState
    reason: str
    authority: str
    planned_on: date
    signature: str
    recorded_at: datetime
    steps: tuple[Step, ...]
    snapshot: Snapshot | None

    @property
    def stage_name(self) -> str:
        """The stage in words."""
        return STAGE_NAMES[self.state.stage]

    @property
    def since_freeze(self) -> tuple[Step, ...]:
        """Steps after the newest freeze: an earlier count and its signatures are void."""
        frozen = max((s.step_no for s in self.steps if s.step == "freeze"), default=None)
        return () if frozen is None else tuple(s for s in self.steps if s.step_no > frozen)

    @property
    def counted(self) -> dict[str, Step]:
        """The last finding for each item."""
        return {s.subject: s for s in self.since_freeze if s.step == "item"}

    @property
    def recorded(self) -> dict[str, Step]:
        """Who signed, by party, as first recorded."""
        signs = [s for s in self.since_freeze if s.step == "sign" and s.outcome != CONFIRMED]
        return {s.subject: s for s in signs}

    @property
    def signed(self) -> dict[str, Step]:
        """Signatures that count: by the party itself, or recorded by one person and confirmed by another."""
        confirmed = {s.subject: s.person for s in self.since_freeze if s.outcome == CONFIRMED}
        return {
            party: step
            for party, step in self.recorded.items()
            if party != WITHOUT_ACCOUNT or confirmed.get(party, step.person) != step.person
        }

    @property
    def uncounted(self) -> list[Item]:
        """Items still to be counted."""
        return [item for name, item in handover_items().items() if name not in self.counted]

    @property
    def unsigned(self) -> list[str]:
        """Parties still to sign."""
        return [name for name in PARTIES if name not in self.signed]


@cache
def handover_items() -> Mapping[str, Item]:
    """All items in the order of the file."""
    text = files("ledger.handover").joinpath("items.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(text)
    return MappingProxyType({name: Item(name, row["title"], row["help"]) for name, row in rows.items()})


def read_handover(conn: Connection, trust_id: int) -> HandoverFile | None:
    """The newest handover, or None if there never was one."""
    state = handover_state(conn, trust_id)
    if state is None:
        return None
    head = conn.execute(
        select(handover).where(handover.c.trust_id == trust_id, handover.c.no == state.no)
    ).one()
    steps = conn.execute(
        select(handover_step)
        .where(handover_step.c.trust_id == trust_id, handover_step.c.no == state.no)
        .order_by(handover_step.c.step_no)
    )
    return HandoverFile(
        state,
        head.reason,
        head.authority,
        head.planned_on,
        head.signature,
        head.recorded_at,
        tuple(
            Step(
                r.step_no,
                r.step,
                r.subject,
                r.outcome,
                r.note,
                r.document,
                r.digest,
                r.person,
                r.signature,
                r.acted_at,
            )
            for r in steps
        ),
        _snapshot(conn, trust_id, state.no),
    )


def _snapshot(conn: Connection, trust_id: int, no: int) -> Snapshot | None:
    row = conn.execute(
        select(handover_snapshot)
        .where(handover_snapshot.c.trust_id == trust_id, handover_snapshot.c.no == no)
        .order_by(handover_snapshot.c.step_no.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    return Snapshot(
        row.size, row.checkpoint_size, row.digest, row.taken_at, msgspec.json.decode(row.body.encode())
    )
