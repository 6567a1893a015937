"""The charts of a printed statement, drawn from its stored figures alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from disclosure.charts import Burn, Chart, Part, bars_by_source, burn, flow_bands, printed
from disclosure.public.words import fund_name
from disclosure.statements.value import BookReport, BudgetReport, Revenue, Statement
from ledger.periods.spans import span_name

SERVICE_FUND = "F1"
_MOST_BARS = 8


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart with its drawing for paper; ``section`` is the code of the section it goes with."""

    section: str
    chart: Chart
    drawing: Markup


def pictures(value: Statement) -> tuple[Picture, ...]:
    """What has something to show, in the order of the sections."""
    return tuple(Picture(section, chart, _described(chart)) for section, chart in _charts(value) if chart.svg)


def _described(chart: Chart) -> Markup:
    """The drawing with its words inside, which a screen reader reads instead of the picture."""
    start, mark, rest = printed(chart).partition(">")
    return start + mark + Markup("<title>{}</title>").format(chart.summary) + rest


def _charts(value: Statement) -> Iterator[tuple[str, Chart]]:
    span = span_name(value.period)
    for report in value.books:
        if report.book == "A":
            yield "book-A", _service(report, span)
    if value.revenue:
        yield "revenue", _revenue(value.revenue, span)
    for budget in value.budgets:
        yield "budget", _budget(budget)


def _service(report: BookReport, span: str) -> Chart:
    sources, uses = (
        [Part(line.name, line.amount) for line in lines if line.fund == SERVICE_FUND and line.amount]
        for lines in (report.income, report.expense)
    )
    title = f"{fund_name(SERVICE_FUND)}：每一元去了哪里"
    return flow_bands(sources, uses, name="flow", title=title, span=span)


def _revenue(revenue: Revenue, span: str) -> Chart:
    parts: dict[str, int] = {}
    for source in revenue.sources:
        name = source.site_name or source.name
        parts[name] = parts.get(name, 0) + source.amount
    shown = [Part(name, amount) for name, amount in parts.items() if amount]
    return bars_by_source(shown, title="公共收益从哪里来", of="公共收益", span=span)


def _budget(report: BudgetReport) -> Chart:
    """The lines with the largest budgets and all that were overspent; the rest together, its table has all."""
    lines = [
        Burn(line.title, line.budget, line.year or 0, 0)
        for line in report.lines
        if line.kind == "expense" and line.year is not None
    ]
    lines.sort(key=lambda line: (line.left >= 0, -line.budgeted))
    over = sum(line.left < 0 for line in lines)
    most = max(_MOST_BARS, over + 1)
    if len(lines) > most:
        rest = lines[most - 1 :]
        budgeted, used = sum(line.budgeted for line in rest), sum(line.used for line in rest)
        lines[most - 1 :] = [Burn(f"其余 {len(rest)} 项", budgeted, used, 0)]
    title = f"{fund_name(report.fund)}：预算用了多少"
    return burn(lines, name=f"burn-{report.fund.lower()}", title=title, span=f"{report.year}年")
