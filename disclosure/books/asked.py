"""Which book is asked for, as it stands in an address or on the command line, both ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from disclosure.public.query_string import read_period
from ledger.books import ALL_LEVELS, Place, Scope, Span
from ledger.chart import FUNDS
from ledger.errors import Problem, Refused
from ledger.periods.calendar import period_of
from ledger.store.tables import DIMENSIONS

FIELDS = (
    "book",
    "from",
    "to",
    "fund",
    "account",
    "dimension",
    "value",
    "levels",
    "first_no",
    "last_no",
    "building",
    "bank_account",
)
_LONGEST = 60
_LONGEST_NUMBER = 9
_SMALL = 2**31
"""Lines and details are counted in four bytes."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked, understood. ``fields`` are as typed; ``after`` is a place to go on from."""

    fields: Mapping[str, str]
    book: str
    span: Span
    fund: str
    account: str
    dimension: str
    value: str
    levels: int
    first_no: int
    last_no: int
    building: str
    bank_account: str
    after: str

    @property
    def scope(self) -> Scope:
        """What a subsidiary ledger is about."""
        return Scope(self.account, self.fund, self.dimension if self.value else "", self.value)

    def address(self, **changes: str) -> str:
        """The query string that asks the same, with some fields changed."""
        fields = {**self.fields, **changes}
        return urlencode({name: value for name, value in fields.items() if value})


def read_asked(query: Mapping[str, str], *, today: date, opened_on: date, whole_year: bool = False) -> Asked:
    """Understand the fields; what is not given is this month (or this year) of book A.

    Raises :class:`~ledger.errors.Refused` naming what makes no sense.
    """
    fields = {name: _clean(query.get(name, "")) for name in FIELDS}
    problems: list[Problem] = []
    book = fields["book"] or "A"
    if book not in ("A", "M"):
        problems.append(Problem("bad_book", f"没有账套“{book}”", "账套"))
    fund = fields["fund"]
    if fund and (fund not in FUNDS or FUNDS[fund].book != book):
        problems.append(Problem("unknown_fund", f"这个账套没有资金“{fund}”", "资金"))
    last = _month(fields["to"], "截止月份", problems) or period_of(today)
    default = max(last // 100 * 100 + 1, period_of(opened_on)) if whole_year else last
    first = _month(fields["from"], "起始月份", problems) or min(default, last)
    account, dimension = fields["account"].split(" ", 1)[0], fields["dimension"]
    if dimension and dimension not in DIMENSIONS:
        problems.append(Problem("unknown_dimension", f"没有辅助核算“{dimension}”", "辅助核算"))
    asked = Asked(
        fields={**fields, "book": book, "from": month_text(first), "to": month_text(last)},
        book=book,
        span=Span(first, last),
        fund=fund,
        account=account,
        dimension=dimension,
        value=fields["value"].split(" ", 1)[0],
        levels=_number(fields["levels"], "科目级次", problems) or ALL_LEVELS,
        first_no=_number(fields["first_no"], "起始号", problems),
        last_no=_number(fields["last_no"], "截止号", problems),
        building=fields["building"],
        bank_account=fields["bank_account"],
        after=_clean(query.get("after", "")),
    )
    if problems:
        raise Refused(problems)
    return asked


def month_text(period: int) -> str:
    """``2025-09``."""
    return f"{period // 100:04d}-{period % 100:02d}"


def place_text(place: Place) -> str:
    """A place in a subsidiary ledger as it stands in an address."""
    return f"{place.day.isoformat()}.{place.seq}.{place.line}.{place.detail}"


def read_place(text: str) -> Place | None:
    """The place, None for the beginning or for what is not one."""
    day, *numbers = text.split(".")
    try:
        seq, line, detail = (int(number[:18]) for number in numbers)
        return Place(date.fromisoformat(day), seq, line % _SMALL, detail % _SMALL)
    except ValueError:
        return None


def _month(text: str, where: str, problems: list[Problem]) -> int:
    if not text:
        return 0
    try:
        return read_period(text)
    except (ValueError, Refused):
        problems.append(Problem("bad_month", f"读不懂月份“{text}”，请写成 2025-09 的样子", where))
        return 0


def _number(text: str, where: str, problems: list[Problem]) -> int:
    if not text:
        return 0
    if not (text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER):
        problems.append(Problem("bad_number", f"“{text}”不是号数，请填数字", where))
        return 0
    return int(text)


def _clean(text: str) -> str:
    return "".join(char for char in text if char.isprintable()).strip()[:_LONGEST]
