"""Which year of which books is exported, as known at one moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, select

from ledger.errors import Unanswerable
from ledger.journal.head import peek_head
from ledger.log.store import SignedCheckpoint, latest_checkpoint
from ledger.periods.calendar import period_of
from ledger.store.tables import entry, trust
from ledger.trust.setup import Setup, load_setup

BOOKS = {"A": "物业共有资金账", "M": "住宅专项维修资金账"}


@dataclass(frozen=True, slots=True)
class Scope:
    """What every table is made from. ``months`` (yyyymm) are those of the year that the books cover so far.

    ``full`` adds what is not public. ``size`` is the length of the log the export was made at.
    """

    conn: Connection
    trust_id: int
    setup: Setup
    trustee: str
    year: int
    today: date
    months: tuple[int, ...]
    books: tuple[str, ...]
    entries: int
    size: int
    signed: SignedCheckpoint | None
    full: bool
    shown: Callable[[str], str]

    @property
    def last(self) -> date:
        """The last day that is covered."""
        return min(date(self.year, 12, 31), self.today)


def open_scope(
    conn: Connection,
    trust_id: int,
    year: int,
    *,
    today: date,
    full: bool = False,
    shown: Callable[[str], str] | None = None,
) -> Scope:
    """Begin an export. ``conn`` should be one reading transaction that lasts until the end.

    ``shown`` makes of a vendor's name what everybody may read; without it the public form has codes only.
    Raises :class:`~ledger.errors.Unanswerable` for a year that these books do not cover.
    """
    row = conn.execute(select(trust.c.opened_on, trust.c.trustee).where(trust.c.trust_id == trust_id)).first()
    if row is None:
        raise Unanswerable("unknown_trust", f"没有编号为 {trust_id} 的小区账套")
    if not row.opened_on.year <= year <= today.year:
        raise Unanswerable(
            "unknown_year", f"{year} 年没有账：账套 {row.opened_on} 启用，现在是 {today.year} 年"
        )
    first = max(period_of(row.opened_on), year * 100 + 1)
    last = min(period_of(today), year * 100 + 12)
    books = conn.execute(select(entry.c.book).where(entry.c.trust_id == trust_id).distinct()).scalars()
    count = select(func.count()).where(entry.c.trust_id == trust_id, entry.c.fiscal_year == year)
    return Scope(
        conn=conn,
        trust_id=trust_id,
        setup=load_setup(conn, trust_id),
        trustee=row.trustee,
        year=year,
        today=today,
        months=tuple(range(first, last + 1)),
        books=tuple(sorted(books)) or ("A",),
        entries=int(conn.execute(count).scalar_one()),
        size=peek_head(conn, trust_id).tree.size,
        signed=latest_checkpoint(conn, trust_id),
        full=full,
        shown=str if full else shown or _nothing,
    )


def _nothing(_: str) -> str:
    return ""


def audit_years(opened_on: date, today: date) -> list[int]:
    """The years that can be exported, newest first."""
    return list(range(today.year, opened_on.year - 1, -1))
