"""The filters of the entry list as they stand in the address, both ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from disclosure.public.entries import Cursor, Filter
from ledger.chart import FUNDS
from ledger.errors import Refused
from ledger.money import parse_yuan
from ledger.periods.calendar import first_day, last_day

FIELDS = ("month", "fund", "account", "min", "max", "q", "budget_line")
_TEXT_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked: the fields as typed, the filter they mean, and what could not be understood."""

    fields: Mapping[str, str]
    filter: Filter
    problems: tuple[str, ...]
    before: Cursor | None
    after: Cursor | None

    @property
    def active(self) -> bool:
        """Whether anything is filtered."""
        return any(self.fields.values())

    def address(self, **cursor: str) -> str:
        """The query string that asks the same, at another place of the list."""
        return urlencode({name: value for name, value in {**self.fields, **cursor}.items() if value})


def read_query(query: Mapping[str, str]) -> Asked:
    """Understand an address. What makes no sense is left out of the filter and named in ``problems``."""
    fields = {name: _clean(query.get(name, "")) for name in FIELDS}
    problems: list[str] = []
    first, last = _month(fields["month"], problems)
    fund = fields["fund"] if fields["fund"] in FUNDS else ""
    if fields["fund"] and not fund:
        problems.append("没有这个资金类别，已忽略")
    book, _, account = fields["account"].partition("-")
    if fields["account"] and not (book in ("A", "M") and account.isascii() and account.isdecimal()):
        problems.append("没有这个科目，已忽略")
        book = account = ""
    return Asked(
        fields=fields,
        filter=Filter(
            first=first,
            last=last,
            fund=fund,
            book=book,
            account=account,
            low=_amount(fields["min"], problems),
            high=_amount(fields["max"], problems),
            text=fields["q"],
            budget_line=fields["budget_line"],
        ),
        problems=tuple(problems),
        before=_cursor(query.get("before", "")),
        after=_cursor(query.get("after", "")),
    )


def cursor_text(cursor: Cursor) -> str:
    """A place in the list as it stands in an address."""
    return f"{cursor.day.isoformat()}.{cursor.seq}"


def _clean(text: str) -> str:
    return "".join(char for char in text if char.isprintable()).strip()[:_TEXT_LIMIT]


def _month(text: str, problems: list[str]) -> tuple[date | None, date | None]:
    if not text:
        return None, None
    try:
        period = read_period(text)
        return first_day(period), last_day(period)
    except (ValueError, Refused):
        problems.append(f"读不懂月份“{text}”，请写成 2025-09 的样子")
        return None, None


def read_period(text: str) -> int:
    """``2025-09`` as 202509. Raises ValueError, or Refused for a month that does not exist."""
    year, dash, month = text.partition("-")
    if not (
        dash
        and len(year) == 4
        and len(month) == 2
        and (year + month).isascii()
        and (year + month).isdecimal()
    ):
        raise ValueError(text)
    period = int(year) * 100 + int(month)
    first_day(period)
    return period


def _amount(text: str, problems: list[str]) -> int | None:
    if not text:
        return None
    try:
        return min(abs(parse_yuan(text)), 10**17)
    except ValueError as error:
        problems.append(str(error))
        return None


def _cursor(text: str) -> Cursor | None:
    day, _, seq = text.partition(".")
    try:
        return Cursor(date.fromisoformat(day), max(0, min(int(seq), 10**17)))
    except ValueError:
        return None
