"""What the rules of posting need to know of a trust, loaded once and kept until it changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary

import msgspec
from sqlalchemy import Connection, Engine, select

from ledger.chart import Chart, load_chart
from ledger.chart.store import setup_changed_here
from ledger.errors import refuse
from ledger.store.tables import bank_account, dimension_value, setting, trust


@dataclass(frozen=True, slots=True)
class DimensionValue:
    """A unit, vendor, contract, … that postings may name."""

    name: str
    related: bool
    closed_on: date | None


@dataclass(frozen=True, slots=True)
class Setup:
    """Chart, dimension values and settings of one trust at one set-up version."""

    trust_id: int
    slug: str
    name: str
    currency: str
    opened_on: date
    version: int
    chart: Chart
    values: Mapping[tuple[str, str], DimensionValue]
    settings: Mapping[str, tuple[tuple[date, Any], ...]]
    bank_accounts: Mapping[str, tuple[str, str, str]]
    """Book, account and fund each bank account or payment channel belongs to."""

    def setting(self, name: str, on: date) -> Any:
        """The value in force on a day, or None. Settings are versioned by their date of effect."""
        in_force = None
        for effective_on, value in self.settings.get(name, ()):
            if effective_on <= on:
                in_force = value
        return in_force


_cache: WeakKeyDictionary[Engine, dict[int, Setup]] = WeakKeyDictionary()


def held_setup(conn: Connection, trust_id: int, version: int) -> Setup | None:
    """The set-up at a version if it is in memory; the database is not asked."""
    known = _cache.get(conn.engine, {}).get(trust_id)
    return known if known is not None and known.version == version else None


def load_setup(conn: Connection, trust_id: int, version: int | None = None) -> Setup:
    """The set-up of a trust; from memory when ``version`` (from the trust's head) is what we hold.

    Raises :class:`~ledger.errors.Refused` if there is no such trust.
    """
    held = _cache.setdefault(conn.engine, {})
    # what this transaction changed itself may be undone, and its version number be used again
    keep = version is not None and not setup_changed_here(conn)
    known = held.get(trust_id) if keep else None
    if known is not None and known.version == version:
        return known
    row = conn.execute(select(trust).where(trust.c.trust_id == trust_id)).first()
    if row is None:
        raise refuse("unknown_trust", f"没有编号为 {trust_id} 的小区账套")
    settings: dict[str, list[tuple[date, Any]]] = {}
    for item in conn.execute(
        select(setting).where(setting.c.trust_id == trust_id).order_by(setting.c.name, setting.c.effective_on)
    ):
        settings.setdefault(item.name, []).append((item.effective_on, msgspec.json.decode(item.value)))
    loaded = Setup(
        trust_id=trust_id,
        slug=row.slug,
        name=row.name,
        currency=row.currency,
        opened_on=row.opened_on,
        version=-1 if version is None else version,
        chart=load_chart(conn, trust_id),
        values={
            (item.dimension, item.code): DimensionValue(item.name, item.related, item.closed_on)
            for item in conn.execute(select(dimension_value).where(dimension_value.c.trust_id == trust_id))
        },
        settings={name: tuple(versions) for name, versions in settings.items()},
        bank_accounts={
            row.bank_account: (row.book, row.account, row.fund)
            for row in conn.execute(select(bank_account).where(bank_account.c.trust_id == trust_id))
        },
    )
    if keep:
        held[trust_id] = loaded
    return loaded
