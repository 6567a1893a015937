"""Shared revenue at a glance: income by source and site this year, against what contracts promise."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, case, func, select
from sqlalchemy import literal as value

from ledger.periods.calendar import period_of
from ledger.revenue.contracts import list_terms, schedules
from ledger.revenue.due import due_list
from ledger.revenue.schedule import month_parts
from ledger.revenue.vat import split_vat, vat_rate
from ledger.store.tables import contract, dimension_value, entry, posting
from ledger.trust.setup import Setup

_CLOSINGS = ("E28a", "E28b", "E28c")


@dataclass(frozen=True, slots=True)
class Source:
    """Income of a year by kind, site and contract, fen without tax; ``planned`` by its schedule to date."""

    account: str
    source: str
    site: str
    contract: str
    title: str
    income: int
    planned: int

    @property
    def behind(self) -> int:
        """What is missing against the schedule; negative if more came."""
        return self.planned - self.income


@dataclass(frozen=True, slots=True)
class Overview:
    """``due``/``received``/``overdue`` in fen with tax, over all contracts since they began."""

    year: int
    until: date
    sources: tuple[Source, ...]
    due: int
    received: int
    overdue: int
    overdue_periods: int

    @property
    def income(self) -> int:
        """This year's income without tax."""
        return sum(source.income for source in self.sources)

    @property
    def planned(self) -> int:
        """What the schedules promise for the year up to the day."""
        return sum(source.planned for source in self.sources)


def overview(conn: Connection, setup: Setup, today: date) -> Overview:
    """The year so far."""
    trust_id = setup.trust_id
    income = _income(conn, trust_id, today)
    planned, where = _planned(conn, setup, today)
    names = _names(conn, trust_id)
    keys = sorted({*income, *(where[code] for code in planned)})
    sources = tuple(
        Source(
            account=account,
            source=setup.chart["A", account].name.removeprefix("公共收益-"),
            site=names.get(("site", site), site) or "未注明点位",
            contract=code,
            title=names.get(("contract", code), "无合同"),
            income=income.get((account, site, code), 0),
            planned=planned.get(code, 0) if where.get(code) == (account, site, code) else 0,
        )
        for account, site, code in keys
    )
    lines = [line for line in due_list(conn, trust_id, today) if line.row.due_on <= today]
    late = [line for line in lines if line.overdue_days(today)]
    return Overview(
        year=today.year,
        until=today,
        sources=sources,
        due=sum(max(line.row.amount, line.received) for line in lines),  # a share: at least what came
        received=sum(line.received for line in lines),
        overdue=sum(line.open for line in late if line.open > 0),
        overdue_periods=len(late),
    )


def _income(conn: Connection, trust_id: int, today: date) -> dict[tuple[str, str, str], int]:
    signed = case((posting.c.side == "C", posting.c.amount), else_=-posting.c.amount)
    query = (
        select(posting.c.account, posting.c.site, posting.c.contract, func.sum(signed))
        .join(entry, (entry.c.trust_id == value(trust_id)) & (entry.c.seq == posting.c.seq))
        .where(
            posting.c.trust_id == trust_id,
            posting.c.book == "A",
            posting.c.fund == "F2",
            posting.c.account.like("4003%"),
            posting.c.business_date.between(date(today.year, 1, 1), today),
            entry.c.event.not_in(_CLOSINGS),
        )
        .group_by(posting.c.account, posting.c.site, posting.c.contract)
    )
    return {(account, site or "", code or ""): int(fen) for account, site, code, fen in conn.execute(query)}


def _planned(
    conn: Connection, setup: Setup, today: date
) -> tuple[dict[str, int], dict[str, tuple[str, str, str]]]:
    """By contract: what the months of the year up to today's bring by schedule, without tax; and where."""
    rows = schedules(conn, setup.trust_id)
    planned: dict[str, int] = defaultdict(int)
    where = {}
    for terms in list_terms(conn, setup.trust_id):
        where[terms.contract] = (terms.account, terms.site, terms.contract)
        rate = vat_rate(setup, terms.account, today) or 0
        for _, row in rows.get(terms.contract, []):
            for period, fen in month_parts(row).items():
                if today.year * 100 < period <= period_of(today):
                    planned[terms.contract] += split_vat(fen, rate)[0]
    return dict(planned), where


def _names(conn: Connection, trust_id: int) -> dict[tuple[str, str], str]:
    values = select(dimension_value.c.code, dimension_value.c.name).where(
        dimension_value.c.trust_id == trust_id, dimension_value.c.dimension == "site"
    )
    contracts = select(contract.c.contract, contract.c.title).where(contract.c.trust_id == trust_id)
    return {("site", code): name for code, name in conn.execute(values)} | {
        ("contract", code): title for code, title in conn.execute(contracts)
    }
