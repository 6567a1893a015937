"""What work that is still on its way would add to projects, and which project a debt belongs to."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import msgspec
from sqlalchemy import Connection, or_, select, tuple_

from ledger.journal.public_view import entry_ref
from ledger.projects.file import ProjectFile
from ledger.projects.movements import FUND, MILESTONE, PLAN, PROJECT, Movement, of_lines
from ledger.store.tables import entry, entry_reference, work, work_status
from ledger.work.value import OPEN, Work

_ENTRY = re.compile(r"([AM])-(\d{4})-(\d{6,9})")
_decode = msgspec.json.Decoder(Work).decode
_FACTS: Mapping[str, Any] = {"seq": -1, "ref": "", "summary": "", "counterparty": ""}


def debts_of_projects(conn: Connection, trust_id: int, names: Collection[str]) -> dict[str, tuple[str, str]]:
    """Project and milestone that entries say they are for, by the name of the entry."""
    seqs = _places(conn, trust_id, names)
    found = {name: ["", ""] for name in names}
    kinds = (PROJECT, MILESTONE)
    for row in conn.execute(
        select(entry_reference.c.seq, entry_reference.c.kind, entry_reference.c.ref).where(
            entry_reference.c.trust_id == trust_id,
            entry_reference.c.seq.in_(sorted(seqs)),
            entry_reference.c.kind.in_(kinds),
        )
    ):
        found[seqs[row.seq]][kinds.index(row.kind)] = row.ref
    return {name: (project, milestone) for name, (project, milestone) in found.items()}


def _places(conn: Connection, trust_id: int, names: Collection[str]) -> dict[int, str]:
    """The places of entries in the log by their names; names of no entry are left out."""
    parsed = [match.groups() for name in names if (match := _ENTRY.fullmatch(name))]
    keys = [(book, int(year), int(number)) for book, year, number in parsed]
    query = select(entry.c.seq, entry.c.book, entry.c.fiscal_year, entry.c.number).where(
        entry.c.trust_id == trust_id,
        tuple_(entry.c.book, entry.c.fiscal_year, entry.c.number).in_(keys),
    )
    rows = conn.execute(query) if keys else ()
    return {seq: entry_ref(book, year, number) for seq, book, year, number in rows}


def with_waiting(conn: Connection, trust_id: int, files: Mapping[str, ProjectFile]) -> dict[str, ProjectFile]:
    """The files with what work still on its way would add."""
    plans = {name: code for file in files.values() for name, code in file.linked_plans.items()}
    payloads = conn.execute(
        select(work.c.payload)
        .join(work_status, (work_status.c.trust_id == work.c.trust_id) & (work_status.c.no == work.c.no))
        .where(
            work.c.trust_id == trust_id,
            work_status.c.waiting_for.in_(OPEN),
            work.c.kind.not_in(("charge", "amendment", "reversal")),
            or_(work.c.payload.contains('"F5"'), work.c.kind == "maintenance_use"),
        )
    ).scalars()
    more: dict[str, list[Movement]] = {code: [] for code in files}
    for payload in payloads:
        for draft in _decode(payload).drafts:
            facts = {**_FACTS, "on": draft.date, "book": draft.book}
            for code, movement in of_lines(draft.lines, draft.references, plans, facts):
                if code in more:
                    more[code].append(_spent_only(movement))
    return {code: replace(file, movements=(*file.movements, *more[code])) for code, file in files.items()}


def _spent_only(movement: Movement) -> Movement:
    """Money that has not come in yet can't be spent; a use of the maintenance fund pays for itself."""
    return movement if movement.book == "M" else replace(movement, received={}, received_on={})


def work_under_way(conn: Connection, trust_id: int, file: ProjectFile) -> list[int]:
    """Numbers of the work on its way that names the project, or a plan linked to it."""
    plans = file.linked_plans
    rows = conn.execute(
        select(work.c.no, work.c.payload)
        .join(work_status, (work_status.c.trust_id == work.c.trust_id) & (work_status.c.no == work.c.no))
        .where(work.c.trust_id == trust_id, work_status.c.waiting_for.in_(OPEN))
        .order_by(work.c.no)
    )
    return [
        row.no
        for row in rows
        if any(
            draft.references.get(PROJECT) == file.code
            or draft.references.get(PLAN) in plans
            or any(line.fund == FUND and line.project == file.code for line in draft.lines)
            for draft in _decode(row.payload).drafts
        )
    ]
