"""Publish and read statements. A version is never replaced; changed content becomes the next version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, exists, insert, select

from disclosure.statements.blocks import block_dates
from disclosure.statements.build import build_statement
from disclosure.statements.codec import decode_statement, encode_statement, same_content
from disclosure.statements.difference import difference
from disclosure.statements.restated import later_corrections
from disclosure.statements.scope import Book
from disclosure.statements.value import Statement
from disclosure.statements.words import statement_title
from ledger.errors import Unanswerable, refuse
from ledger.journal.head import lock_head
from ledger.periods import closed_periods
from ledger.periods.calendar import period_name
from ledger.periods.spans import Span, SpanKind, span_of
from ledger.statements.stored import StatementVersion, of_kind, publish_version
from ledger.store.tables import posting, statement
from ledger.trust.act import Act


@dataclass(frozen=True, slots=True)
class PublishedStatement:
    """A version of a statement as stored; ``body`` are the canonical bytes of its value."""

    period: int
    version: int
    size: int
    body: bytes
    published_at: datetime

    @property
    def value(self) -> Statement:
        """The statement itself."""
        return decode_statement(self.body)

    @property
    def row(self) -> StatementVersion:
        """Which version this is."""
        return StatementVersion(self.period, self.version, self.size, self.published_at)


def publish_statement(conn: Connection, trust_id: int, period: int, act: Act) -> PublishedStatement:
    """Publish a closed month, quarter or year (its code); the same content again gives the version there is.

    A new version becomes a leaf of the log, and says what is different from the one before. Needs a writing
    transaction. Raises :class:`~ledger.errors.Refused` unless book A is closed to the end of the span, and
    book M too if it ever moved by then, and a signed checkpoint covers what it is made from.
    """
    head = lock_head(conn, trust_id)
    span = span_of(period)
    books: list[Book] = ["A"]
    if _moved(conn, trust_id, span):
        books.append("M")
    size = max(_closed_at(conn, trust_id, book, span) for book in books)
    later = later_corrections(conn, trust_id, span, head.tree.size)
    if later:
        size = max(size, later[-1] + 1)
    try:
        value = build_statement(conn, trust_id, span, size, books)
    except Unanswerable as error:
        raise refuse(error.code, f"{statement_title(period)}还不能发布：{error}", "报表") from error
    newest = _first(conn, _versions(trust_id, period=period))
    if newest is not None and same_content(newest.value, value):
        return newest
    if span.kind == "year":
        value = msgspec.structs.replace(
            value, blocks=block_dates(conn, trust_id, act.today), blocks_on=act.today
        )
    if newest is not None:
        changed = difference(conn, trust_id, newest.version, newest.value, value)
        value = msgspec.structs.replace(value, difference=changed)
    return _keep(conn, trust_id, value, newest.version + 1 if newest else 1, act)


def _keep(conn: Connection, trust_id: int, value: Statement, version: int, act: Act) -> PublishedStatement:
    body = encode_statement(value)
    conn.execute(
        insert(statement).values(
            trust_id=trust_id,
            period=value.period,
            version=version,
            size=value.size,
            value=body,
            published_at=act.now,
        )
    )
    made = PublishedStatement(value.period, version, value.size, body, act.now)
    publish_version(conn, trust_id, made.row, body, act)
    return made


def read_statement(
    conn: Connection, trust_id: int, period: int, version: int | None = None
) -> PublishedStatement:
    """A statement, the newest version if none is named. Raises :class:`~ledger.errors.Unanswerable`."""
    query = _versions(trust_id, period=period)
    if version is not None:
        query = query.where(statement.c.version == version)
    found = _first(conn, query)
    if found is None:
        raise Unanswerable("unknown_statement", "这一期还没有发布，或没有这一版")
    return found


def latest_statement(conn: Connection, trust_id: int, kind: SpanKind = "month") -> PublishedStatement | None:
    """The newest version of the latest month (quarter, year), or None before the first."""
    return _first(conn, _versions(trust_id, kind))


def list_statements(
    conn: Connection, trust_id: int, kind: SpanKind | None = None
) -> list[PublishedStatement]:
    """All versions with their content, the highest code of a span and the newest version first.

    For a list without content, in the order of the calendar: :func:`ledger.statements.list_versions`.
    """
    return [_published(row) for row in conn.execute(_versions(trust_id, kind))]


def _versions(trust_id: int, kind: SpanKind | None = None, *, period: int | None = None) -> Select[Any]:
    query = select(statement).where(statement.c.trust_id == trust_id)
    if kind is not None:
        query = query.where(of_kind(kind))
    if period is not None:
        query = query.where(statement.c.period == period)
    return query.order_by(statement.c.period.desc(), statement.c.version.desc())


def _first(conn: Connection, query: Select[Any]) -> PublishedStatement | None:
    row = conn.execute(query.limit(1)).first()
    return None if row is None else _published(row)


def _published(row: Row[Any]) -> PublishedStatement:
    return PublishedStatement(row.period, row.version, row.size, bytes(row.value), row.published_at)


def _closed_at(conn: Connection, trust_id: int, book: Book, span: Span) -> int:
    """The log size at which a book was closed to the end of the span."""
    last = span.months[-1]
    for closed in closed_periods(conn, trust_id, book):
        if closed.period == last:
            return closed.size
    raise refuse(
        "not_closed",
        f"账套 {book} 的{period_name(last)}还没有结账，结账后才能发布{statement_title(span.code)}",
        "期间",
    )


def _moved(conn: Connection, trust_id: int, span: Span) -> bool:
    """Whether the maintenance fund has any movement up to the end of the span."""
    return bool(
        conn.execute(
            select(
                exists().where(
                    posting.c.trust_id == trust_id,
                    posting.c.book == "M",
                    posting.c.business_date <= span.last,
                )
            )
        ).scalar_one()
    )
