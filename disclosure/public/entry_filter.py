"""What a search for entries asks, as conditions on the entry's row.

Only columns that are published anyway are searched, so that a search can't be used to guess a private one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    and_,
    case,
    cast,
    exists,
    func,
    literal_column,
    or_,
    select,
    union,
)

from ledger.inquiries.model import PUBLISHED
from ledger.store.tables import entry, entry_reference, inquiry_now, posting
from ledger.totals import flow_rows

DIMENSIONS = ("vendor", "contract", "project", "site")
REFERENCES = ("budget_line", "resolution")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries are wanted; empty fields want all. Amounts in fen, without sign.

    ``fund``, ``account`` (a code or the beginning of one) and the amounts speak of one posting;
    ``direction`` is one of :data:`ledger.totals.DIRECTIONS`; ``corrected`` wants what was reversed or
    amended and what did it; ``late`` what was entered after its month had been closed (补记); ``question`` what
    has a published question.
    """

    first: date | None = None
    last: date | None = None
    fund: str = ""
    book: str = ""
    account: str = ""
    low: int | None = None
    high: int | None = None
    text: str = ""
    budget_line: str = ""
    vendor: str = ""
    contract: str = ""
    project: str = ""
    site: str = ""
    resolution: str = ""
    direction: str = ""
    corrected: bool = False
    late: bool = False
    question: bool = False

    @property
    def named(self) -> tuple[tuple[str, str], ...]:
        """The things entries are wanted of, as kind and key; an account counts as one."""
        kinds = ("account", *DIMENSIONS, *REFERENCES)
        return tuple((kind, str(value)) for kind in kinds if (value := getattr(self, kind)))

    @property
    def odd(self) -> bool:
        """Whether it asks what no sum is kept of."""
        return bool(self.text or self.corrected or self.late or self.question) or (self.low, self.high) != (
            None,
            None,
        )


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """A place between entries in the order of the list: by business day, then by place in the log."""

    day: date
    seq: int


def conditions(trust_id: int, wanted: Filter, without: str = "") -> list[ColumnElement[bool]]:
    """What is asked as conditions on ``entry``, but for the direction; leaving out what the caller sees to."""
    found = day_conditions(wanted)
    if wanted.book and without != "line":
        found.append(entry.c.book == wanted.book)
    line = _line_conditions(wanted, driven=without == "line")
    if line:
        found.append(exists().where(posting.c.trust_id == trust_id, posting.c.seq == entry.c.seq, *line))
    for kind, key in wanted.named:
        if kind not in ("account", without):
            found.append(_named_condition(trust_id, kind, key))
    if wanted.text and without != "ref":
        found.append(_text_condition(wanted.text))
    if wanted.corrected and without != "corrected":
        found.append(entry.c.seq.in_(corrected_places(trust_id)))
    if wanted.late and without != "late":
        found.append(entry.c.original_date.is_not(None))
    if wanted.question and without != "question":
        found.append(entry.c.seq.in_(asked_places(trust_id)))
    return found


def day_conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    """From day to day."""
    found: list[ColumnElement[bool]] = []
    if wanted.first is not None:
        found.append(entry.c.business_date >= wanted.first)
    if wanted.last is not None:
        found.append(entry.c.business_date <= wanted.last)
    return found


def _line_conditions(wanted: Filter, *, driven: bool) -> list[ColumnElement[bool]]:
    """What one posting must meet. If the lines of fund and account are found anyway, only with an amount."""
    line: list[ColumnElement[bool]] = []
    if wanted.low is not None:
        line.append(func.abs(posting.c.amount) >= wanted.low)
    if wanted.high is not None:
        line.append(func.abs(posting.c.amount) <= wanted.high)
    if driven and not line:
        return []
    if wanted.fund:
        line.append(posting.c.fund == wanted.fund)
    if wanted.account:
        line.append(posting.c.account.startswith(wanted.account, autoescape=True))
    return line


def _named_condition(trust_id: int, kind: str, key: str) -> ColumnElement[bool]:
    named = exists().where(
        entry_reference.c.trust_id == trust_id,
        entry_reference.c.seq == entry.c.seq,
        entry_reference.c.kind == literal_column(f"'{kind}'"),  # as its partial index spells it
        entry_reference.c.ref == key,
    )
    if kind in REFERENCES:
        return named
    of_line = posting.c[kind] == key
    line = exists().where(posting.c.trust_id == trust_id, posting.c.seq == entry.c.seq, of_line)
    return or_(line, named) if kind == "project" else line


def direction_condition(trust_id: int, direction: str, among: Select[Any]) -> ColumnElement[bool]:
    """What an entry did with money. It takes all its postings to know; ``among`` selects the places to look."""
    rows = flow_rows(trust_id, [posting.c.seq.in_(among)])
    if direction == "none":
        return entry.c.seq.not_in(select(rows.c.seq).where(rows.c.direction != direction))
    return entry.c.seq.in_(select(rows.c.seq).where(rows.c.direction == direction))


def corrected_places(trust_id: int) -> CompoundSelect[Any]:
    """The places of all corrections and of what they corrected."""
    reverses, amends = entry.alias("reverses"), entry.alias("amends")
    parts = []
    for table, column in ((reverses, reverses.c.reverses), (amends, amends.c.amends)):
        own = (table.c.trust_id == trust_id, column.is_not(None))
        parts += [select(column).where(*own), select(table.c.seq).where(*own)]
    return union(*parts)


def asked_places(trust_id: int) -> Select[Any]:
    """The places of entries that somebody asked about in words that are published."""
    n, e = inquiry_now.c, entry.alias("asked").c

    def part(first: int, *length: int) -> ColumnElement[int]:
        """A number in the name ``A-2025-000123``; others are not read as one, in whatever order that is done."""
        return cast(case((n.about_kind == "entry", func.substr(n.about, first, *length)), else_="0"), Integer)

    return select(e.seq).where(
        n.trust_id == trust_id,
        n.about_kind == "entry",
        n.publication == PUBLISHED,
        e.trust_id == trust_id,
        e.book == func.substr(n.about, 1, 1),
        e.fiscal_year == part(3, 4),
        e.number == part(8),
    )


def read_ref(text: str) -> tuple[str, int, int] | None:
    """Book, year and number if a text is the name of an entry."""
    parts = text.upper().split("-")
    if len(parts) != 3 or parts[0] not in ("A", "M") or not (parts[1] + parts[2]).isascii():
        return None
    if not (parts[1].isdecimal() and parts[2].isdecimal() and len(parts[1]) <= 4 and len(parts[2]) <= 12):
        return None
    return parts[0], int(parts[1]), int(parts[2])


def _text_condition(text: str) -> ColumnElement[bool]:
    ref = read_ref(text)
    if ref is not None:
        return and_(entry.c.book == ref[0], entry.c.fiscal_year == ref[1], entry.c.number == ref[2])
    named = and_(entry.c.counterparty_public, entry.c.counterparty.icontains(text, autoescape=True))
    return or_(entry.c.summary.icontains(text, autoescape=True), named)
