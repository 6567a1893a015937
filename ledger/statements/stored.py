"""Versions of statements as rows, and what the log says of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import ColumnElement, Connection, select

from ledger.periods.spans import FIRST_QUARTER, SpanKind
from ledger.records import Value, publish_record
from ledger.store.tables import statement
from ledger.trust.act import Act

KIND = "statement"
"""The kind of the record that a published version is in the log."""


@dataclass(frozen=True, slots=True)
class StatementVersion:
    """A published version. ``period`` is the code of its span, ``size`` the cut-off."""

    period: int
    version: int
    size: int
    published_at: datetime

    @property
    def subject(self) -> str:
        """What the log calls it."""
        return subject_of(self.period, self.version)


def subject_of(period: int, version: int) -> str:
    """``202533-1``."""
    return f"{period}-{version}"


def of_kind(kind: SpanKind) -> ColumnElement[bool]:
    """The condition that a statement is of a month, quarter or year."""
    part = statement.c.period % 100
    if kind == "year":
        return part == 0
    return part >= FIRST_QUARTER if kind == "quarter" else part.between(1, 12)


def list_versions(
    conn: Connection, trust_id: int, kind: SpanKind | None = None, *, period: int | None = None
) -> list[StatementVersion]:
    """All versions without their content, the latest end of a span and the newest version first; one query."""
    query = select(statement.c.period, statement.c.version, statement.c.size, statement.c.published_at).where(
        statement.c.trust_id == trust_id
    )
    if kind is not None:
        query = query.where(of_kind(kind))
    if period is not None:
        query = query.where(statement.c.period == period)
    rows = [StatementVersion(*tuple(row)) for row in conn.execute(query)]
    return sorted(rows, key=lambda row: (*span_order(row.period), row.version), reverse=True)


def span_order(period: int) -> tuple[int, int]:
    """Sorts spans by their end, and those that end together from the shortest to the longest."""
    year, part = divmod(period, 100)
    if part == 0:
        return year * 100 + 12, 2
    return (year * 100 + 3 * (part - FIRST_QUARTER + 1), 1) if part > 12 else (period, 0)


def publish_version(conn: Connection, trust_id: int, version: StatementVersion, body: bytes, act: Act) -> int:
    """Make a stored version a leaf of the log; returns its place."""
    return publish_record(conn, trust_id, KIND, version.subject, record_value(version, body), act)


def record_value(version: StatementVersion, body: bytes) -> Value:
    """What the log says of a version: which, its cut-off, and the SHA-256 of its bytes."""
    return {
        "period": version.period,
        "version": version.version,
        "size": version.size,
        "sha256": sha256(body).hexdigest(),
    }


def statement_values(conn: Connection, trust_id: int, subjects: Sequence[str]) -> dict[str, Value]:
    """The published values again, from the rows; those that have no row are left out."""
    named = (subject.partition("-")[0] for subject in subjects)
    periods = {int(period) for period in named if period.isascii() and period.isdecimal() and len(period) < 9}
    rows = conn.execute(
        select(statement).where(statement.c.trust_id == trust_id, statement.c.period.in_(periods))
    )
    found = {}
    for row in rows:
        version = StatementVersion(row.period, row.version, row.size, row.published_at)
        if version.subject in subjects:
            found[version.subject] = record_value(version, bytes(row.value))
    return found
