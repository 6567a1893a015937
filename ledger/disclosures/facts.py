"""What is known of when things were published, for one community or many; a steady number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import (
    Column,
    CompoundSelect,
    Connection,
    Integer,
    Select,
    and_,
    bindparam,
    exists,
    func,
    literal,
    literal_column,
    select,
    union_all,
)

from ledger.disclosures.rules import FIRST_SETTING, rules
from ledger.store.among import among
from ledger.store.tables import (
    bank_account,
    bank_line,
    bank_reconciliation,
    block_review,
    charge_standard,
    entry,
    fee_standard,
    fulfilment,
    maintenance_plan,
    period_close,
    revenue_terms,
    service_version,
    setting,
    staff_post_version,
    statement,
    trust,
)
from ledger.trust.act import BEIJING

_SOURCES: Mapping[str, tuple[str, ...]] = {
    "service_version": ("services", "quality"),
    "staff_post_version": ("posts",),
    "charge_standard": ("charge_items", "charge_rates"),
    "maintenance_plan": ("maintenance",),
    "revenue_terms": ("operation",),
    "fulfilment": ("fulfilment",),
    "statement": ("maintenance", "revenue"),
}
"""A new row of a register is also the publication of these blocks; a statement shows the figures of two."""


@dataclass(slots=True)
class Facts:
    """What one community has published. ``begun``: the day its duties began; ``last``: by duty, the newest
    day; ``covered``: the last day that notes on fulfilment cover; ``reconciled``: the last month (yyyymm)
    reconciled on all accounts, None if there is none; ``days``: its own deadlines."""

    begun: date
    last: dict[str, date] = field(default_factory=dict)
    covered: date | None = None
    statements: set[int] = field(default_factory=set)
    reconciled: int | None = None
    days: dict[str, int] = field(default_factory=dict)

    def seen(self, code: str, day: date) -> None:
        """Something that fulfils a duty happened on a day."""
        if code not in self.last or self.last[code] < day:
            self.last[code] = day


def facts_of(conn: Connection, trust_ids: Sequence[int], today: date) -> dict[int, Facts]:
    """Facts by trust. Trusts that do not exist are left out."""
    found = _begun(conn, trust_ids)
    _settings(conn, found, today)
    _registers(conn, found)
    _fee_standards(conn, found, today)
    _reviews(conn, found)
    _notes(conn, found)
    _statements(conn, found)
    _reconciled(conn, found)
    return found


def _day(moment: datetime) -> date:
    return moment.astimezone(BEIJING).date()


def _begun(conn: Connection, trust_ids: Sequence[int]) -> dict[int, Facts]:
    """Duties begin with the books, and not before the community came here."""
    found = {}
    for row in conn.execute(_beginnings(), {"trusts": list(trust_ids)}):
        facts = found[row.trust_id] = Facts(max(row.opened_on, _day(row.created_at)))
        if row.posted is not None:
            facts.seen("entries", _day(row.posted))
    return found


@cache
def _beginnings() -> Select[Any]:
    newest = (
        select(entry.c.posted_at)
        .where(entry.c.trust_id == trust.c.trust_id)
        .order_by(entry.c.seq.desc())
        .limit(literal_column("1", Integer))
        .correlate(trust)
        .scalar_subquery()
    )
    return select(trust.c.trust_id, trust.c.opened_on, trust.c.created_at, newest.label("posted")).where(
        among(trust.c.trust_id, "trusts")
    )


def _settings(conn: Connection, found: Mapping[int, Facts], today: date) -> None:
    for row in conn.execute(_promised(), {"trusts": list(found), "today": today}):
        found[row.trust_id].days[row.name] = msgspec.json.decode(row.value, type=int)


@cache
def _promised() -> Select[Any]:
    names = [FIRST_SETTING, *(rule.setting for rule in rules().values())]
    s = setting.c
    return (
        select(s.trust_id, s.name, s.value)
        .where(among(s.trust_id, "trusts"), s.name.in_(names), s.effective_on <= bindparam("today"))
        .order_by(s.effective_on)
    )


def _registers(conn: Connection, found: Mapping[int, Facts]) -> None:
    for trust_id, name, moment in conn.execute(_register_moments(), {"trusts": list(found)}):
        for code in _SOURCES[name]:
            found[trust_id].seen(code, _day(moment))


@cache
def _register_moments() -> CompoundSelect[Any]:
    moments: list[tuple[str, Any]] = [
        ("service_version", service_version.c.published_at),
        ("staff_post_version", staff_post_version.c.published_at),
        ("charge_standard", charge_standard.c.recorded_at),
        ("maintenance_plan", maintenance_plan.c.recorded_at),
        ("revenue_terms", revenue_terms.c.recorded_at),
        ("fulfilment", fulfilment.c.published_at),
        ("statement", statement.c.published_at),
    ]
    return union_all(*(_newest(column, literal(name).label("name")) for name, column in moments))


def _newest(column: Any, *also: Any) -> Select[Any]:
    """The newest value of a column by trust, and by what else is asked."""
    trust_id = column.table.c.trust_id
    grouped = [of for of in also if isinstance(of, Column)]
    return (
        select(trust_id, *also, func.max(column).label("newest"))
        .where(among(trust_id, "trusts"))
        .group_by(trust_id, *grouped)
    )


def _fee_standards(conn: Connection, found: Mapping[int, Facts], today: date) -> None:
    """Those brought along at the opening carry only the day from which they hold."""
    for trust_id, day in conn.execute(_standards(), {"trusts": list(found), "today": today}):
        facts = found[trust_id]
        for code in ("charge_items", "charge_rates"):
            facts.seen(code, max(day, facts.begun))


@cache
def _standards() -> Select[Any]:
    effective = fee_standard.c.effective_on
    return _newest(effective).where(effective <= bindparam("today"))


def _reviews(conn: Connection, found: Mapping[int, Facts]) -> None:
    for trust_id, code, moment in conn.execute(_reviewed(), {"trusts": list(found)}):
        found[trust_id].seen(code, _day(moment))


@cache
def _reviewed() -> Select[Any]:
    return _newest(block_review.c.recorded_at, block_review.c.block)


def _notes(conn: Connection, found: Mapping[int, Facts]) -> None:
    for trust_id, day in conn.execute(_covered(), {"trusts": list(found)}):
        found[trust_id].covered = day


@cache
def _covered() -> Select[Any]:
    return _newest(fulfilment.c.ends_on)


def _statements(conn: Connection, found: Mapping[int, Facts]) -> None:
    for trust_id, period, moment in conn.execute(_published(), {"trusts": list(found)}):
        facts = found[trust_id]
        facts.statements.add(period)
        facts.seen(_statement_code(period), _day(moment))


@cache
def _published() -> Select[Any]:
    return _newest(statement.c.published_at, statement.c.period)


def _statement_code(period: int) -> str:
    part = period % 100
    return "statement_year" if part == 0 else "statement_quarter" if part > 12 else "statement_month"


def _reconciled(conn: Connection, found: Mapping[int, Facts]) -> None:
    """An account is reconciled up to the last month that was signed for it, or that its book closed on."""
    trusts = {"trusts": list(found)}
    closed: dict[tuple[int, str], tuple[int, date]] = {}
    for trust_id, book, period, moment in conn.execute(_closed(), trusts):
        closed[trust_id, book] = (period, _day(moment))
    done: dict[int, list[tuple[int, date | None]]] = defaultdict(list)
    for row in conn.execute(_accounts(), trusts):
        period, day = closed.get((row.trust_id, row.book), (0, None))
        if row.period is not None and row.period > period:
            period, day = row.period, _day(row.moment)
        done[row.trust_id].append((period, day))
    for trust_id, accounts in done.items():
        least = min(period for period, _ in accounts)
        found[trust_id].reconciled = least or None
        for _, day in accounts:
            if day is not None:
                found[trust_id].seen("reconciliation", day)


@cache
def _closed() -> Select[Any]:
    c = period_close.c
    return (
        select(c.trust_id, c.book, func.max(c.period), func.max(c.closed_at))
        .where(among(c.trust_id, "trusts"))
        .group_by(c.trust_id, c.book)
    )


@cache
def _accounts() -> Select[Any]:
    """Accounts at banks that ever had a line, with the last month signed for each."""
    a, line, r = bank_account.c, bank_line.alias(), bank_reconciliation.c
    moved = exists().where(line.c.trust_id == a.trust_id, line.c.bank_account == a.bank_account)
    return (
        select(a.trust_id, a.bank_account, a.book, func.max(r.period).label("period"),
               func.max(r.reconciled_at).label("moment"))
        .outerjoin(
            bank_reconciliation, and_(r.trust_id == a.trust_id, r.bank_account == a.bank_account)
        )
        .where(among(a.trust_id, "trusts"), a.kind == "bank", moved)
        .group_by(a.trust_id, a.bank_account, a.book)
    )  # fmt: skip
