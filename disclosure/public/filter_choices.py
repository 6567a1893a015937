"""What can be chosen in the filter form of the list of entries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from markupsafe import Markup

from disclosure.public.held import Held
from disclosure.public.present import public_names
from disclosure.public.query_string import KINDS
from disclosure.public.words import BOOKS
from ledger.chart import FUNDS
from ledger.periods.calendar import period_name, period_of, preceding
from ledger.totals import DIRECTIONS
from ledger.trust.setup import Setup

_MOST_NAMED = 200


class Options:
    """The options of a select field, values with labels; their markup is made once, as a form has hundreds."""

    __slots__ = ("_all", "_each")

    def __init__(self, labels: Iterable[tuple[str, str]]) -> None:
        plain = Markup('<option value="{}">{}</option>')
        self._each = {value: (label, plain.format(value, label)) for value, label in labels}
        self._all = Markup("").join(markup for _, markup in self._each.values())

    def __len__(self) -> int:
        return len(self._each)

    def chosen(self, value: str = "") -> Markup:
        """All of them, with this one marked if it is one of them."""
        if value not in self._each:
            return self._all
        marked = Markup('<option value="{}" selected>{}</option>').format(value, self._each[value][0])
        return Markup("").join(
            marked if other == value else markup for other, (_, markup) in self._each.items()
        )


@dataclass(frozen=True, slots=True)
class Choices:
    """The options of the filter form; accounts grouped by book."""

    months: Options
    years: Options
    directions: Options
    funds: Options
    books: Options
    accounts: tuple[tuple[str, Options], ...]
    named: Mapping[str, Options]


def choices(setup: Setup, today: date) -> Choices:
    """What can be chosen: months since opening, funds, accounts, vendors and what else has a public name."""
    months, years = _months_and_years(period_of(setup.opened_on), period_of(today))
    return replace(_of_setup.of(setup), months=months, years=years)


@lru_cache(maxsize=200)
def _months_and_years(first: int, last: int) -> tuple[Options, Options]:
    """The months (yyyymm) from first to last and their years, newest first."""
    months, period = [], last
    while period >= first:
        months.append((f"{period // 100}-{period % 100:02d}", period_name(period)))
        period = preceding(period)
    years = range(last // 100, first // 100 - 1, -1)
    return Options(months), Options((str(year), f"{year}年全年") for year in years)


def _choices_of(setup: Setup) -> Choices:
    none = Options(())
    return Choices(
        months=none,
        years=none,
        directions=Options(DIRECTIONS.items()),
        funds=Options((fund.code, fund.name) for fund in FUNDS.values()),
        books=Options(BOOKS.items()),
        accounts=tuple((name, _accounts(setup, book)) for book, name in BOOKS.items()),
        named={kind: Options(_named(setup, kind)) for kind in KINDS},
    )


def _accounts(setup: Setup, book: str) -> Options:
    return Options(
        (f"{book}-{a.code}", f"{a.code} {a.name}" if a.leaf else f"{a.code} {a.name}（全部）")
        for a in setup.chart.of_book(book)
    )


def _named(setup: Setup, kind: str) -> list[tuple[str, str]]:
    names = [(code, name) for (of, code), name in public_names(setup).items() if of == kind]
    return names[:_MOST_NAMED]


_of_setup = Held(_choices_of)
