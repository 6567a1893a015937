"""What the system knows around an entry that is not part of its leaf: who did what when, budget, bank, corrections.

None of it names a person or a bank account. As the public log does not hold it, a page shows it apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    CompoundSelect,
    Connection,
    Select,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    union_all,
)

from disclosure.public.entry_ranges import TRUST
from disclosure.public.leaves import PublicEntry, decode_leaf
from disclosure.public.listed import Listed
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
_SEQ: Any = bindparam("seq", type_=BigInteger)


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


def read_around(conn: Connection, trust_id: int, listed: Listed) -> Around:
    """All of it, in a handful of queries."""
    item = listed.entry
    line = item.references.get("budget_line", "")
    previous, following = _neighbours(conn, trust_id, item)
    return Around(
        acts=_acts(conn, trust_id, item.seq),
        bank=_bank(conn, trust_id, item.seq),
        budget=available(conn, trust_id, [line]).get(line) if line else None,
        related=_related(conn, trust_id, listed),
        previous=previous,
        following=following,
        media=_media(conn, trust_id, [paper.public for paper in item.documents if paper.public]),
    )


def _acts(conn: Connection, trust_id: int, seq: int) -> tuple[Act, ...]:
    """Who did what in the office, if the entry came of work there."""
    steps = conn.execute(_steps(), {"trust": trust_id, "seq": seq}).all()
    return tuple(Act(step, at) for _, step, at in sorted(steps))


@cache
def _steps() -> CompoundSelect[Any]:
    own = select(work_entry.c.no).where(work_entry.c.trust_id == TRUST, work_entry.c.seq == _SEQ)
    done: list[Any] = [literal_column(f"'{step}'") for step in _DONE]
    return union_all(
        select(
            literal_column("0").label("step_no"),
            literal_column("'prepare'").label("step"),
            work.c.prepared_at,
        ).where(work.c.trust_id == TRUST, work.c.no.in_(own)),
        select(work_step.c.step_no, work_step.c.step, work_step.c.acted_at).where(
            work_step.c.trust_id == TRUST,
            work_step.c.no.in_(own),
            or_(*(work_step.c.step == step for step in done)),
        ),
    )


def _bank(conn: Connection, trust_id: int, seq: int) -> BankCheck | None:
    """The matched lines, and how many entries they are matched with in all."""
    lines = conn.execute(_matched_lines(), {"trust": trust_id, "seq": seq}).all()
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


@cache
def _matched_lines() -> Select[Any]:
    return (
        select(bank_line.c.bank_account, bank_line.c.line_key, bank_line.c.amount, bank_line.c.occurred_on)
        .join(
            bank_match,
            (bank_match.c.trust_id == bank_line.c.trust_id)
            & (bank_match.c.bank_account == bank_line.c.bank_account)
            & (bank_match.c.line_key == bank_line.c.line_key),
        )
        .where(bank_match.c.trust_id == TRUST, bank_match.c.seq == _SEQ)
    )


def _related(conn: Connection, trust_id: int, listed: Listed) -> tuple[PublicEntry, ...]:
    """The entries that belong to the same correction: original, red-letter, corrected."""
    item = listed.entry
    if not (item.reverses or item.amends or listed.reversed_by or listed.amended_by):
        return ()
    roots = {item.seq}
    if item.reverses or item.amends:
        roots.add(find_seq(conn, trust_id, item.reverses or item.amends))
    later = [
        select(entry.c.seq).where(entry.c.trust_id == trust_id, target.is_not(None), target.in_(roots))
        for target in (entry.c.reverses, entry.c.amends)
    ]
    wanted = {*roots, *conn.execute(union_all(*later)).scalars()} - {item.seq}
    bodies = conn.execute(
        select(leaf.c.body).where(leaf.c.trust_id == trust_id, leaf.c.seq.in_(wanted)).order_by(leaf.c.seq)
    )
    return tuple(decode_leaf(bytes(body)) for body in bodies.scalars())


def _neighbours(conn: Connection, trust_id: int, item: PublicEntry) -> tuple[str, str]:
    """The entries numbered before and after in the same book and year, '' if there is none."""
    beside = (item.number - 1, item.number + 1)
    asked = {"trust": trust_id, "book": item.book, "year": item.year, "before": beside[0], "after": beside[1]}
    numbers = set(conn.execute(_numbers_beside(), asked).scalars())
    before, after = (
        entry_ref(item.book, item.year, number) if number in numbers else "" for number in beside
    )
    return before, after


@cache
def _numbers_beside() -> Select[Any]:
    e = entry.c
    return select(e.number).where(
        e.trust_id == TRUST,
        e.book == bindparam("book"),
        e.fiscal_year == bindparam("year"),
        or_(e.number == bindparam("before"), e.number == bindparam("after")),
    )


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
