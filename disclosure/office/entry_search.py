"""The search for entries as it stands in the address, both ways, and its results in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from disclosure.public.query_string import read_period
from disclosure.public.words import BOOKS
from ledger.books import Voucher, Wanted
from ledger.chart import FUNDS
from ledger.errors import Refused
from ledger.money import format_yuan, parse_yuan
from ledger.periods.calendar import first_day, last_day
from ledger.trust.setup import Setup

_FIELDS = ("book", "from", "to", "account", "fund", "unit", "vendor", "min", "max", "q", "person")
_LONGEST = 50
Place = tuple[date, int]


@dataclass(frozen=True, slots=True)
class Search:
    """What was asked: fields as typed, what they mean, and what could not be understood."""

    fields: Mapping[str, str]
    wanted: Wanted
    before: Place | None
    problems: tuple[str, ...]

    @property
    def active(self) -> bool:
        """Whether anything is narrowed down."""
        return any(self.fields.values())

    def address(self, before: Place | None = None) -> str:
        """The query string that asks the same, further on in the list."""
        fields = {**self.fields, "before": f"{before[0].isoformat()}.{before[1]}" if before else ""}
        return urlencode({name: value for name, value in fields.items() if value})


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry in the list."""

    ref: str
    date: str
    summary: str
    event: str
    amount: str
    red: bool
    funds: str
    people: str
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SearchChoices:
    """What the form offers."""

    books: list[tuple[str, str]]
    accounts: list[tuple[str, str]]
    funds: list[tuple[str, str]]
    vendors: list[tuple[str, str]]


def search_choices(setup: Setup) -> SearchChoices:
    """Accounts and vendors of the trust."""
    accounts = sorted({a.code: f"{a.code} {a.name}" for a in setup.chart}.items())
    vendors = [
        (code, f"{code} {value.name}")
        for (dimension, code), value in sorted(setup.values.items())
        if dimension == "vendor"
    ]
    funds = [(code, fund.name) for code, fund in FUNDS.items()]
    return SearchChoices(list(BOOKS.items()), accounts, funds, vendors)


def read_search(query: Mapping[str, str]) -> Search:
    """Understand an address. What makes no sense is left out and named in ``problems``."""
    fields = {name: _clean(query.get(name, "")) for name in _FIELDS}
    problems: list[str] = []
    first, last = _month(fields["from"], problems), _month(fields["to"], problems)
    account = fields["account"].split(" ", 1)[0]
    wanted = Wanted(
        book=fields["book"] if fields["book"] in BOOKS else "",
        first=first_day(first) if first else None,
        last=last_day(last) if last else None,
        account=account if account.isascii() and account.isdecimal() else "",
        fund=fields["fund"] if fields["fund"] in FUNDS else "",
        unit=fields["unit"],
        vendor=fields["vendor"].split(" ", 1)[0],
        low=_amount(fields["min"], problems),
        high=_amount(fields["max"], problems),
        text=fields["q"],
        preparer=fields["person"],
    )
    return Search(fields, wanted, _place(query.get("before", "")), tuple(problems))


def entry_rows(vouchers: Iterable[Voucher]) -> list[EntryRow]:
    """Entries in words."""
    return [_row(item) for item in vouchers]


def _row(item: Voucher) -> EntryRow:
    marks = [
        mark
        for mark, there in (
            ("红字冲销", item.reverses),
            ("订正", item.amends),
            ("已冲销", item.reversed_by),
            ("已订正", item.amended_by),
            ("补记", item.original_date),
        )
        if there
    ]
    return EntryRow(
        ref=item.ref,
        date=item.date.isoformat(),
        summary=item.summary,
        event=item.event_name,
        amount=format_yuan(item.total),
        red=item.total < 0,
        funds="、".join(dict.fromkeys(line.fund_name for line in item.lines)),
        people=f"{item.preparer} / {item.reviewer}",
        marks=tuple(marks),
    )


def _month(text: str, problems: list[str]) -> int:
    if not text:
        return 0
    try:
        period = read_period(text)
        last_day(period)
        return period
    except (ValueError, Refused):
        problems.append(f"读不懂月份“{text}”，请写成 2025-09 的样子")
        return 0


def _amount(text: str, problems: list[str]) -> int | None:
    if not text:
        return None
    try:
        return min(abs(parse_yuan(text)), 10**17)
    except ValueError as error:
        problems.append(str(error))
        return None


def _place(text: str) -> Place | None:
    day, _, seq = text.partition(".")
    try:
        return date.fromisoformat(day), max(0, min(int(seq), 10**17))
    except ValueError:
        return None


def _clean(text: str) -> str:
    return "".join(char for char in text if char.isprintable()).strip()[:_LONGEST]
