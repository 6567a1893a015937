"""Shared revenue (公共收益) in a statement: by site and contract, with its costs, and what is left."""

from __future__ import annotations

from sqlalchemy import func, select

from disclosure.statements.scope import Scope, signed
from disclosure.statements.sums import less, pair_of
from disclosure.statements.value import BookReport, Revenue, RevenueSource
from ledger.books.span import of_closing, of_opening
from ledger.store.tables import contract, dimension_value, entry, posting

FUND = "F2"
SOURCES = "4003"
"""Beginning of the accounts that name a kind of shared revenue."""


def shared_revenue(scope: Scope, report: BookReport) -> Revenue:
    """From the report of book A, with the income split by where it came from."""
    sources = _sources(scope)
    earned = [line for line in report.income if line.fund == FUND]
    costs = tuple(line for line in report.expense if line.fund == FUND)
    income, cost = pair_of(sources), pair_of(costs)
    return Revenue(
        sources=sources,
        income=income,
        other=less(pair_of(earned), income),
        costs=costs,
        cost=cost,
        net=less(pair_of(earned), cost),
    )


def _sources(scope: Scope) -> tuple[RevenueSource, ...]:
    chart = scope.setup.chart
    codes = [a.code for a in chart.of_book("A") if a.leaf and a.code.startswith(SOURCES)]
    site, deal = (func.coalesce(column, "") for column in (posting.c.site, posting.c.contract))
    rows = scope.conn.execute(
        select(posting.c.account, site, deal, func.sum(scope.of_span(-signed())), func.sum(-signed()))
        .join(entry, (entry.c.trust_id == posting.c.trust_id) & (entry.c.seq == posting.c.seq))
        .where(
            *scope.postings("A", scope.new_year),
            posting.c.account.in_(codes),
            posting.c.fund == FUND,
            ~of_closing(),
            ~of_opening(),
        )
        .group_by(posting.c.account, site, deal)
        .order_by(posting.c.account, site, deal)
    ).all()
    names = _names(scope)
    return tuple(
        RevenueSource(
            account=account,
            name=chart["A", account].name.removeprefix("公共收益-"),
            site=where,
            site_name=names.get(("site", where), where) or "未注明点位",
            contract=under,
            title=names.get(("contract", under), under) or "没有合同",
            amount=int(of_span),
            year=int(of_year),
        )
        for account, where, under, of_span, of_year in rows
        if of_span or of_year
    )


def _names(scope: Scope) -> dict[tuple[str, str], str]:
    sites = select(dimension_value.c.code, dimension_value.c.name).where(
        dimension_value.c.trust_id == scope.trust_id, dimension_value.c.dimension == "site"
    )
    contracts = select(contract.c.contract, contract.c.title).where(contract.c.trust_id == scope.trust_id)
    return {("site", code): name for code, name in scope.conn.execute(sites)} | {
        ("contract", code): title for code, title in scope.conn.execute(contracts)
    }
