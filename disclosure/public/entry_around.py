"""What the system knows around an entry that is not part of its leaf: who did what when, budget, bank, corrections.

None of it names a person or a bank account. As the public log does not hold it, a page shows it apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, func, literal_column, select, union_all

from disclosure.public.leaves import PublicEntry, decode_leaf
from ledger.budget.available import Available, available
from ledger.documents import public_documents
from ledger.journal.public_view import entry_ref
from ledger.journal.read import find_seq
from ledger.store.tables import (
    bank_line,
    bank_match,
    document,
    entry,
    leaf,
    work,
    work_entry,
    work_step,
)

_DONE = ("review", "co_sign", "pay")


@dataclass(frozen=True, slots=True)
class Act:
    """A step somebody took, by role: ``prepare``, ``review``, ``co_sign`` or ``pay``."""

    step: str
    at: datetime


@dataclass(frozen=True, slots=True)
class BankCheck:
    """Lines of bank statements an entry was matched with: how many, their sum in fen, first and last day."""

    lines: int
    amount: int
    first: date
    last: date
    entries: int


@dataclass(frozen=True, slots=True)
class Around:
    """What surrounds an entry. ``related``: the other entries of its correction, oldest first."""

    acts: tuple[Act, ...]
    bank: BankCheck | None
    budget: Available | None
    related: tuple[PublicEntry, ...]
    previous: str
    following: str
    media: dict[str, str]


def read_around(conn: Connection, trust_id: int, item: PublicEntry) -> Around:
    """All of it, in a handful of queries."""
    line = item.references.get("budget_line", "")
    previous, following = _neighbours(conn, trust_id, item)
    return Around(
        acts=_acts(conn, trust_id, item.seq),
        bank=_bank(conn, trust_id, item.seq),
        budget=available(conn, trust_id, [line]).get(line) if line else None,
        related=_related(conn, trust_id, item),
        previous=previous,
        following=following,
        media=_media(conn, trust_id, [paper.public for paper in item.documents if paper.public]),
    )


def _acts(conn: Connection, trust_id: int, seq: int) -> tuple[Act, ...]:
    """Who did what in the office, if the entry came of work there."""
    own = select(work_entry.c.no).where(work_entry.c.trust_id == trust_id, work_entry.c.seq == seq)
    steps = union_all(
        select(
            literal_column("0").label("step_no"),
            literal_column("'prepare'").label("step"),
            work.c.prepared_at,
        ).where(work.c.trust_id == trust_id, work.c.no.in_(own)),
        select(work_step.c.step_no, work_step.c.step, work_step.c.acted_at).where(
            work_step.c.trust_id == trust_id, work_step.c.no.in_(own), work_step.c.step.in_(_DONE)
        ),
    )
    return tuple(Act(step, at) for _, step, at in sorted(conn.execute(steps).all()))


def _bank(conn: Connection, trust_id: int, seq: int) -> BankCheck | None:
    """The matched lines, and how many entries they are matched with in all."""
    own = (bank_match.c.trust_id == trust_id, bank_match.c.seq == seq)
    lines = conn.execute(
        select(bank_line.c.bank_account, bank_line.c.line_key, bank_line.c.amount, bank_line.c.occurred_on)
        .join(
            bank_match,
            (bank_match.c.trust_id == bank_line.c.trust_id)
            & (bank_match.c.bank_account == bank_line.c.bank_account)
            & (bank_match.c.line_key == bank_line.c.line_key),
        )
        .where(*own)
    ).all()
    if not lines:
        return None
    keys = {row.line_key for row in lines}
    accounts = {row.bank_account for row in lines}
    shared = select(func.count(bank_match.c.seq.distinct())).where(
        bank_match.c.trust_id == trust_id,
        bank_match.c.bank_account.in_(accounts),
        bank_match.c.line_key.in_(keys),
    )
    days = [row.occurred_on for row in lines]
    return BankCheck(
        len(lines), sum(row.amount for row in lines), min(days), max(days), conn.execute(shared).scalar_one()
    )


def _related(conn: Connection, trust_id: int, item: PublicEntry) -> tuple[PublicEntry, ...]:
    """The entries that belong to the same correction: original, red-letter, corrected."""
    roots = {item.seq}
    if item.reverses or item.amends:
        roots.add(find_seq(conn, trust_id, item.reverses or item.amends))
    later = [
        select(entry.c.seq).where(entry.c.trust_id == trust_id, target.is_not(None), target.in_(roots))
        for target in (entry.c.reverses, entry.c.amends)
    ]
    wanted = {*roots, *conn.execute(union_all(*later)).scalars()} - {item.seq}
    if not wanted:
        return ()
    bodies = conn.execute(
        select(leaf.c.body).where(leaf.c.trust_id == trust_id, leaf.c.seq.in_(wanted)).order_by(leaf.c.seq)
    )
    return tuple(decode_leaf(bytes(body)) for body in bodies.scalars())


def _neighbours(conn: Connection, trust_id: int, item: PublicEntry) -> tuple[str, str]:
    """The entries numbered before and after in the same book and year, '' if there is none."""
    found = conn.execute(
        select(entry.c.number).where(
            entry.c.trust_id == trust_id,
            entry.c.book == item.book,
            entry.c.fiscal_year == item.year,
            entry.c.number.in_([item.number - 1, item.number + 1]),
        )
    )
    numbers = set(found.scalars())
    before, after = (
        entry_ref(item.book, item.year, number) if number in numbers else ""
        for number in (item.number - 1, item.number + 1)
    )
    return before, after


def _media(conn: Connection, trust_id: int, digests: Sequence[str]) -> dict[str, str]:
    """Media types of the copies that are public, by hash: pictures are shown on the page."""
    shown = public_documents(conn, trust_id, digests)
    if not shown:
        return {}
    rows = conn.execute(
        select(document.c.sha256, document.c.media_type).where(
            document.c.trust_id == trust_id, document.c.sha256.in_(shown)
        )
    )
    return {row.sha256: row.media_type for row in rows}
