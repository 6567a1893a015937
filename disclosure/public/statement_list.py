"""The list of published statements in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from disclosure.public.words import moment_text
from disclosure.statements.publish import PublishedStatement
from disclosure.statements.view import period_slug
from ledger.periods.calendar import period_name


@dataclass(frozen=True, slots=True)
class VersionLink:
    """A version of a month's statement."""

    number: int
    published_at: str


@dataclass(frozen=True, slots=True)
class MonthLink:
    """A month with all its versions, newest first."""

    name: str
    slug: str
    versions: tuple[VersionLink, ...]


def statement_months(published: Sequence[PublishedStatement]) -> list[MonthLink]:
    """Group versions by month, in the order given."""
    months: dict[int, list[VersionLink]] = {}
    for item in published:
        link = VersionLink(item.version, moment_text(item.published_at))
        months.setdefault(item.period, []).append(link)
    return [
        MonthLink(period_name(period), period_slug(period), tuple(versions))
        for period, versions in months.items()
    ]
