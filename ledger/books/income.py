"""Income and expense by fund (收支表): the month, the year so far, and the same of the year before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Select, case, func, select

from ledger.balances.query import known_fund
from ledger.books.span import View, of_closing
from ledger.books.trial import level_of
from ledger.chart import Chart, load_chart
from ledger.periods.calendar import last_day
from ledger.store.tables import entry, posting


@dataclass(frozen=True, slots=True)
class Figures:
    """Fen; income positive on the credit side, expense on the debit side. The year before is None when
    the books did not cover it from its beginning."""

    month: int = 0
    year: int = 0
    last_month: int | None = None
    last_year: int | None = None

    def __add__(self, other: Figures) -> Figures:
        return Figures(
            self.month + other.month,
            self.year + other.year,
            _sum(self.last_month, other.last_month),
            _sum(self.last_year, other.last_year),
        )

    def __sub__(self, other: Figures) -> Figures:
        return self + Figures(*(None if part is None else -part for part in other.parts()))  # type: ignore[arg-type]

    def parts(self) -> tuple[int | None, ...]:
        """In the order of the columns."""
        return (self.month, self.year, self.last_month, self.last_year)


@dataclass(frozen=True, slots=True)
class IncomeLine:
    """One account; parents repeat what is below them."""

    account: str
    name: str
    level: int
    leaf: bool
    figures: Figures


@dataclass(frozen=True, slots=True)
class IncomeTable:
    """Income and expense of one fund, or of all when ``fund`` is ''."""

    fund: str
    income: tuple[IncomeLine, ...]
    expense: tuple[IncomeLine, ...]
    income_total: Figures
    expense_total: Figures

    @property
    def result(self) -> Figures:
        """Income minus expense."""
        return self.income_total - self.expense_total


def income_tables(conn: Connection, view: View, *, fund: str = "") -> list[IncomeTable]:
    """A table for each fund that earned or spent anything, and of all together if there are several.

    The month is the whole span of the view, the year is that of its end. Entries that carry income and
    expense to the year's result are left out.
    """
    if fund:
        known_fund(view.book, fund)
    chart = load_chart(conn, view.trust_id)
    found = _figures(conn, view, chart)
    funds = [fund] if fund else sorted({of_fund for _, of_fund in found})
    tables = [_table(chart, view, name, found) for name in funds]
    return [*tables, _table(chart, view, "", found)] if len(tables) != 1 else tables


def _table(chart: Chart, view: View, fund: str, found: Mapping[tuple[str, str], Figures]) -> IncomeTable:
    leaves: dict[str, list[Figures]] = defaultdict(list)
    for (account, of_fund), figures in found.items():
        if fund in ("", of_fund):
            leaves[account].append(figures)
    nil = _nil(view)
    sums = {code: sum(parts, nil) for code, parts in leaves.items()}
    parts = {class_: _lines(chart, view.book, class_, sums, nil) for class_ in "IE"}
    totals = {
        class_: sum((line.figures for line in lines if line.leaf), nil) for class_, lines in parts.items()
    }
    return IncomeTable(fund, parts["I"], parts["E"], totals["I"], totals["E"])


def _lines(
    chart: Chart, book: str, class_: str, leaves: Mapping[str, Figures], nil: Figures
) -> tuple[IncomeLine, ...]:
    sums: dict[str, Figures] = {}
    for code, figures in leaves.items():
        at = code if chart[book, code].class_ == class_ else ""
        while at:
            sums[at] = sums.get(at, nil) + figures
            at = chart[book, at].parent
    return tuple(
        IncomeLine(code, account.name, level_of(chart, book, code), account.leaf, figures)
        for code, figures in sorted(sums.items())
        for account in [chart[book, code]]
        if any(figures.parts())
    )


def _figures(conn: Connection, view: View, chart: Chart) -> dict[tuple[str, str], Figures]:
    classes = {a.code: a.class_ for a in chart.of_book(view.book) if a.leaf and a.class_ in ("I", "E")}
    compared = _nil(view)
    found = {}
    for account, fund, *sums in conn.execute(_query(view, classes)):
        sign = -1 if classes[account] == "I" else 1
        month, year, last_month, last_year = (sign * int(value) for value in sums)
        figures = Figures(
            month,
            year,
            None if compared.last_month is None else last_month,
            None if compared.last_year is None else last_year,
        )
        if any(figures.parts()):
            found[account, fund] = figures
    return found


def _query(view: View, codes: Iterable[str]) -> Select[Any]:
    day, signed = (
        posting.c.business_date,
        case((posting.c.side == "D", posting.c.amount), else_=-posting.c.amount),
    )
    first, start, last = view.span.first_day, view.span.year_start, view.last

    def between(since: date, until: date) -> Any:
        return func.sum(case((day.between(since, until), signed), else_=0))

    return (
        select(
            posting.c.account,
            posting.c.fund,
            between(first, last),
            between(start, last),
            between(_year_before(first), _end_before(view)),
            between(_year_before(start), _end_before(view)),
        )
        .join(entry, (entry.c.trust_id == posting.c.trust_id) & (entry.c.seq == posting.c.seq))
        .where(
            posting.c.trust_id == view.trust_id,
            posting.c.book == view.book,
            posting.c.account.in_(list(codes)),
            day.between(min(first, _year_before(start)), last),
            posting.c.seq < view.clock.known_at,
            ~of_closing(),
        )
        .group_by(posting.c.account, posting.c.fund)
    )


def _nil(view: View) -> Figures:
    """Nought where there are figures at all, None where the books do not reach back."""
    return Figures(
        0,
        0,
        0 if _year_before(view.span.first_day) >= view.opened_on.replace(day=1) else None,
        0 if _year_before(view.span.year_start) >= view.opened_on.replace(day=1) else None,
    )


def _year_before(day: date) -> date:
    return date(day.year - 1, day.month, 1)


def _end_before(view: View) -> date:
    """The end of the same month a year ago; a whole month even while this one is under way."""
    last = view.span.last
    return last_day(last - 100)


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other
