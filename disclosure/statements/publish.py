"""Publish and read statements. A version is never replaced; changed content becomes the next version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, exists, insert, select

from disclosure.statements.build import Book, build_statement
from disclosure.statements.value import MonthlyStatement, decode_statement, encode_statement
from ledger.errors import Unanswerable, refuse
from ledger.journal.head import lock_head
from ledger.periods import closed_periods
from ledger.periods.calendar import last_day, period_name
from ledger.store.tables import posting, statement
from ledger.trust.act import Act


@dataclass(frozen=True, slots=True)
class PublishedStatement:
    """A version of a month's statement as stored; ``body`` are the canonical bytes of its value."""

    period: int
    version: int
    size: int
    body: bytes
    published_at: datetime

    @property
    def value(self) -> MonthlyStatement:
        """The statement itself."""
        return decode_statement(self.body)


def publish_statement(conn: Connection, trust_id: int, period: int, act: Act) -> PublishedStatement:
    """Publish a closed month (yyyymm); the same content again gives the version that is there.

    Needs a writing transaction. Raises :class:`~ledger.errors.Refused` unless book A is closed, and book M
    too if it ever moved by then, and a signed checkpoint covers the closing.
    """
    lock_head(conn, trust_id)
    books: list[Book] = ["A"]
    if _moved(conn, trust_id, period):
        books.append("M")
    size = max(_closed_at(conn, trust_id, book, period) for book in books)
    try:
        body = encode_statement(build_statement(conn, trust_id, period, size, books))
    except Unanswerable as error:
        raise refuse(error.code, f"{period_name(period)}的月报还不能发布：{error}", "月报") from error
    newest = _first(conn, _versions(trust_id).where(statement.c.period == period))
    if newest is not None and newest.body == body:
        return newest
    version = newest.version + 1 if newest else 1
    conn.execute(
        insert(statement).values(
            trust_id=trust_id,
            period=period,
            version=version,
            size=size,
            value=body,
            published_at=act.now,
        )
    )
    return PublishedStatement(period, version, size, body, act.now)


def read_statement(
    conn: Connection, trust_id: int, period: int, version: int | None = None
) -> PublishedStatement:
    """A month's statement, the newest version if none is named. Raises :class:`Unanswerable`."""
    query = _versions(trust_id).where(statement.c.period == period)
    if version is not None:
        query = query.where(statement.c.version == version)
    found = _first(conn, query)
    if found is None:
        raise Unanswerable("unknown_statement", "这个月的月报还没有发布，或没有这一版")
    return found


def latest_statement(conn: Connection, trust_id: int) -> PublishedStatement | None:
    """The newest version of the newest month, or None before the first."""
    return _first(conn, _versions(trust_id))


def list_statements(conn: Connection, trust_id: int) -> list[PublishedStatement]:
    """All versions, newest month and version first."""
    return [_published(row) for row in conn.execute(_versions(trust_id))]


def _versions(trust_id: int) -> Select[Any]:
    return (
        select(statement)
        .where(statement.c.trust_id == trust_id)
        .order_by(statement.c.period.desc(), statement.c.version.desc())
    )


def _first(conn: Connection, query: Select[Any]) -> PublishedStatement | None:
    row = conn.execute(query.limit(1)).first()
    return None if row is None else _published(row)


def _published(row: Row[Any]) -> PublishedStatement:
    return PublishedStatement(row.period, row.version, row.size, bytes(row.value), row.published_at)


def _closed_at(conn: Connection, trust_id: int, book: Book, period: int) -> int:
    for closed in closed_periods(conn, trust_id, book):
        if closed.period == period:
            return closed.size
    raise refuse("not_closed", f"账套 {book} 的{period_name(period)}还没有结账，结账后才能发布月报", "月份")


def _moved(conn: Connection, trust_id: int, period: int) -> bool:
    """Whether the maintenance fund has any movement up to the month's end."""
    return bool(
        conn.execute(
            select(
                exists().where(
                    posting.c.trust_id == trust_id,
                    posting.c.book == "M",
                    posting.c.business_date <= last_day(period),
                )
            )
        ).scalar_one()
    )
