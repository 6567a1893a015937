"""Finding entries in the office: by month, account, fund, unit, vendor, amount, people and words.

Searches private fields too (memo, counterparty, unit): only for those who may read the books.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select, tuple_

from ledger.books.vouchers import Voucher, vouchers_of
from ledger.store.tables import entry, posting, posting_detail

_REF = re.compile(r"([AM])-(\d{4})-(\d{1,12})")
PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries; empty fields want all. Amounts in fen, without sign, of a single line."""

    book: str = ""
    first: date | None = None
    last: date | None = None
    account: str = ""
    fund: str = ""
    unit: str = ""
    vendor: str = ""
    low: int | None = None
    high: int | None = None
    text: str = ""
    preparer: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of entries, newest first; ``next`` is the place to go on from, None at the end."""

    vouchers: tuple[Voucher, ...]
    next: tuple[date, int] | None


def search_entries(
    conn: Connection,
    trust_id: int,
    wanted: Wanted,
    *,
    before: tuple[date, int] | None = None,
    limit: int = PAGE_SIZE,
) -> Found:
    """Entries older than ``before``, or the newest."""
    query = select(entry.c.seq, entry.c.business_date).where(
        entry.c.trust_id == trust_id, *_conditions(trust_id, wanted)
    )
    if before is not None:
        query = query.where(tuple_(entry.c.business_date, entry.c.seq) < tuple_(*before))
    rows = conn.execute(
        query.order_by(entry.c.business_date.desc(), entry.c.seq.desc()).limit(limit + 1)
    ).all()
    more, rows = len(rows) > limit, rows[:limit]
    by_seq = {item.seq: item for item in vouchers_of(conn, trust_id, sorted(row.seq for row in rows))}
    last = (rows[-1].business_date, rows[-1].seq) if more else None
    return Found(tuple(by_seq[row.seq] for row in rows), last)


def _conditions(trust_id: int, wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.book:
        found.append(entry.c.book == wanted.book)
    if wanted.first is not None:
        found.append(entry.c.business_date >= wanted.first)
    if wanted.last is not None:
        found.append(entry.c.business_date <= wanted.last)
    if line := _line_conditions(trust_id, wanted):
        of_entry = and_(posting.c.trust_id == trust_id, posting.c.seq == entry.c.seq)
        found.append(exists().where(of_entry, *line))
    if wanted.unit:
        found.append(_names_unit(trust_id, wanted.unit))
    if wanted.preparer:
        found.append(
            or_(
                entry.c.preparer.icontains(wanted.preparer, autoescape=True),
                entry.c.reviewer.icontains(wanted.preparer, autoescape=True),
            )
        )
    if wanted.text:
        found.append(_says(wanted.text))
    return found


def _line_conditions(trust_id: int, wanted: Wanted) -> list[ColumnElement[bool]]:
    line: list[ColumnElement[bool]] = []
    if wanted.account:
        line.append(posting.c.account.startswith(wanted.account, autoescape=True))
    if wanted.fund:
        line.append(posting.c.fund == wanted.fund)
    if wanted.vendor:
        line.append(posting.c.vendor == wanted.vendor)
    if wanted.low is not None:
        line.append(func.abs(posting.c.amount) >= wanted.low)
    if wanted.high is not None:
        line.append(func.abs(posting.c.amount) <= wanted.high)
    return line


def _names_unit(trust_id: int, unit: str) -> ColumnElement[bool]:
    """The unit stands on a line, or is one of the households a line was posted for in total."""
    return entry.c.seq.in_(
        select(posting.c.seq)
        .where(posting.c.trust_id == trust_id, posting.c.unit == unit)
        .union(
            select(posting_detail.c.seq).where(
                posting_detail.c.trust_id == trust_id, posting_detail.c.unit == unit
            )
        )
    )


def _says(text: str) -> ColumnElement[bool]:
    if match := _REF.fullmatch(text.strip().upper()):
        book, year, number = match.groups()
        return and_(entry.c.book == book, entry.c.fiscal_year == int(year), entry.c.number == int(number))
    fields = (entry.c.summary, entry.c.counterparty, entry.c.memo)
    return or_(*(column.icontains(text, autoescape=True) for column in fields))
