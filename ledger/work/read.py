"""What is on the desks: lists of work, one piece of work with its steps, bank lines in work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, func, select

from ledger.errors import Unanswerable
from ledger.journal.public_view import entry_ref
from ledger.store.tables import entry, work_entry, work_line, work_status, work_step
from ledger.store.tables import work as work_table
from ledger.trust.setup import Setup
from ledger.work.needs import steps_needed
from ledger.work.value import MOST_WORK, OPEN, Work, work_kinds

_decode = msgspec.json.Decoder(Work).decode


@dataclass(frozen=True, slots=True)
class WorkItem:
    """A line of a list of work. ``amount`` in fen."""

    no: int
    kind: str
    title: str
    amount: int
    person: str
    signature: str
    prepared_at: datetime
    waiting_for: str

    @property
    def kind_title(self) -> str:
        """The kind as people call it."""
        return work_kinds().get(self.kind, self.kind)


@dataclass(frozen=True, slots=True)
class WorkStep:
    """What somebody did with a piece of work."""

    step: str
    person: str
    signature: str
    note: str
    paid_on: date | None
    bank_number: str
    acted_at: datetime


@dataclass(frozen=True, slots=True)
class WorkFile:
    """A piece of work with its history and the entries that came of it (seq and public name)."""

    item: WorkItem
    work: Work
    steps: tuple[WorkStep, ...]
    entries: tuple[tuple[int, str], ...]

    def needed(self, setup: Setup) -> tuple[str, ...]:
        """The steps it has to pass, by the settings now in force."""
        return steps_needed(self.work, setup)


def list_work(
    conn: Connection,
    trust_id: int,
    *,
    waiting_for: Sequence[str] = (),
    kind: str = "",
    person: str = "",
    before: int | None = None,
    limit: int = 50,
) -> list[WorkItem]:
    """Work, newest first; ``before`` is the number of the last one seen, ``person`` who prepared it."""
    query = _items(trust_id).order_by(work_table.c.no.desc()).limit(limit)
    if waiting_for:
        query = query.where(work_status.c.waiting_for.in_(waiting_for))
    if kind:
        query = query.where(work_table.c.kind == kind)
    if person:
        query = query.where(work_table.c.person == person)
    if before is not None:
        query = query.where(work_table.c.no < before)
    return [WorkItem(*tuple(row)) for row in conn.execute(query)]


def count_waiting(conn: Connection, trust_id: int) -> dict[str, int]:
    """How many pieces of work wait for each step."""
    query = (
        select(work_status.c.waiting_for, func.count())
        .where(work_status.c.trust_id == trust_id, work_status.c.waiting_for.in_(OPEN))
        .group_by(work_status.c.waiting_for)
    )
    return {waiting_for: count for waiting_for, count in conn.execute(query)}  # noqa: C416


def read_work(conn: Connection, trust_id: int, no: int) -> WorkFile:
    """One piece of work. Raises :class:`~ledger.errors.Unanswerable` if there is none."""
    query = _items(trust_id).where(work_table.c.no == no).add_columns(work_table.c.payload)
    row: Any = conn.execute(query).first() if 0 < no < MOST_WORK else None
    if row is None:
        raise Unanswerable("unknown_work", f"没有第 {no} 号单据")
    steps = conn.execute(
        select(work_step)
        .where(work_step.c.trust_id == trust_id, work_step.c.no == no)
        .order_by(work_step.c.step_no)
    )
    entries = conn.execute(
        select(entry.c.seq, entry.c.book, entry.c.fiscal_year, entry.c.number)
        .join(work_entry, (work_entry.c.trust_id == entry.c.trust_id) & (work_entry.c.seq == entry.c.seq))
        .where(work_entry.c.trust_id == trust_id, work_entry.c.no == no)
        .order_by(entry.c.seq)
    )
    *item, payload = row
    return WorkFile(
        WorkItem(*item),
        _decode(payload),
        tuple(
            WorkStep(s.step, s.person, s.signature, s.note, s.paid_on, s.bank_number, s.acted_at)
            for s in steps
        ),
        tuple((seq, entry_ref(book, year, number)) for seq, book, year, number in entries),
    )


def work_of_entry(conn: Connection, trust_id: int, seq: int) -> int | None:
    """The number of the work an entry came of; None if it was posted another way."""
    query = select(work_entry.c.no).where(work_entry.c.trust_id == trust_id, work_entry.c.seq == seq)
    return conn.execute(query).scalar()


def lines_in_work(conn: Connection, trust_id: int) -> dict[tuple[str, str], int]:
    """Bank lines (account, line key) that open work explains already, with its number."""
    query = (
        select(work_line.c.bank_account, work_line.c.line_key, work_line.c.no)
        .join(
            work_status,
            (work_status.c.trust_id == work_line.c.trust_id) & (work_status.c.no == work_line.c.no),
        )
        .where(work_line.c.trust_id == trust_id, work_status.c.waiting_for.in_(OPEN))
    )
    return {(account, key): no for account, key, no in conn.execute(query)}


def _items(trust_id: int) -> Select[Any]:
    return (
        select(
            work_table.c.no,
            work_table.c.kind,
            work_table.c.title,
            work_table.c.amount,
            work_table.c.person,
            work_table.c.signature,
            work_table.c.prepared_at,
            work_status.c.waiting_for,
        )
        .join(
            work_status,
            (work_status.c.trust_id == work_table.c.trust_id) & (work_status.c.no == work_table.c.no),
        )
        .where(work_table.c.trust_id == trust_id)
    )
