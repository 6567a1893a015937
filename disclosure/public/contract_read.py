"""Contracts for everybody: parties, term, sum, what moved. Purchases and contracts that bring shared revenue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Select, exists, func, select

from disclosure.public.paid import cash_by_year, total
from ledger.errors import Unanswerable
from ledger.journal.person_names import shown_name
from ledger.store.tables import (
    contract,
    contract_detail,
    dimension_value,
    entry_reference,
    posting,
    revenue_terms,
)
from ledger.totals import Flow


@dataclass(frozen=True, slots=True)
class ContractRow:
    """One contract. ``vendor``: the vendor's code, '' if the other side has no page; ``total`` fen or None;
    ``revenue``: it brings shared revenue, by its terms or because the other side is no vendor."""

    number: str
    title: str
    vendor: str
    party: str
    site: str
    starts_on: date
    ends_on: date | None
    total: int | None
    revenue: bool
    flow: Flow

    def state(self, today: date) -> str:
        """``未开始``, ``履行中`` or ``已到期``."""
        if today < self.starts_on:
            return "未开始"
        return "已到期" if self.ends_on is not None and today > self.ends_on else "履行中"


def contract_rows(
    conn: Connection, trust_id: int, *, vendor: str = "", after: str = "", limit: int = 50
) -> list[ContractRow]:
    """Contracts by number; ``after`` is the last one seen."""
    query = _contracts(trust_id).order_by(contract.c.contract).limit(limit)
    if vendor:
        query = query.where(contract.c.party == vendor)
    if after:
        query = query.where(contract.c.contract > after)
    return _rows(conn, trust_id, query)


def contract_row(conn: Connection, trust_id: int, number: str) -> ContractRow:
    """One contract. Raises :class:`~ledger.errors.Unanswerable`."""
    for row in _rows(conn, trust_id, _contracts(trust_id).where(contract.c.contract == number)):
        return row
    raise Unanswerable("unknown_contract", "没有登记过这份合同，请核对合同号")


def decisions_of(conn: Connection, trust_id: int, number: str) -> list[str]:
    """Numbers of the owners' decisions that the contract's entries and terms rest on."""
    kinds = ("resolution", "related_party_consent")
    booked = (
        select(entry_reference.c.ref)
        .where(
            entry_reference.c.trust_id == trust_id,
            entry_reference.c.kind.in_(kinds),
            entry_reference.c.seq.in_(
                select(posting.c.seq).where(posting.c.trust_id == trust_id, posting.c.contract == number)
            ),
        )
        .distinct()
    )
    terms = select(revenue_terms.c.resolution).where(
        revenue_terms.c.trust_id == trust_id, revenue_terms.c.contract == number
    )
    found = {*conn.execute(booked).scalars(), *conn.execute(terms).scalars()}
    return sorted(ref for ref in found if ref)


def _contracts(trust_id: int) -> Select[Any]:
    vendor, party, site = (dimension_value.alias() for _ in range(3))
    newest = (
        select(func.max(contract_detail.c.version))
        .where(
            contract_detail.c.trust_id == contract.c.trust_id,
            contract_detail.c.contract == contract.c.contract,
        )
        .correlate(contract)
        .scalar_subquery()
    )

    def named(alias: Any, dimension: str, code: Any) -> Any:
        return (
            (alias.c.trust_id == contract.c.trust_id)
            & (alias.c.dimension == dimension)
            & (alias.c.code == code)
        )

    return (
        select(
            contract,
            contract_detail.c.total,
            vendor.c.name.label("vendor_name"),
            party.c.name.label("party_name"),
            site.c.name.label("site_name"),
            exists()
            .where(
                revenue_terms.c.trust_id == contract.c.trust_id,
                revenue_terms.c.contract == contract.c.contract,
            )
            .label("revenue"),
        )
        .outerjoin(
            contract_detail,
            (contract_detail.c.trust_id == contract.c.trust_id)
            & (contract_detail.c.contract == contract.c.contract)
            & (contract_detail.c.version == newest),
        )
        .outerjoin(vendor, named(vendor, "vendor", contract.c.party))
        .outerjoin(party, named(party, "party", contract.c.party))
        .outerjoin(site, named(site, "site", contract.c.site))
        .where(contract.c.trust_id == trust_id)
    )


def _rows(conn: Connection, trust_id: int, query: Select[Any]) -> list[ContractRow]:
    rows: Sequence[Any] = conn.execute(query).all()
    moved = cash_by_year(conn, trust_id, "contract", [row.contract for row in rows])
    return [
        ContractRow(
            number=row.contract,
            title=row.title,
            vendor=row.party if row.vendor_name is not None else "",
            party=shown_name(row.vendor_name or row.party_name or "未注明"),
            site=row.site_name or "",
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            total=row.total,
            revenue=row.revenue or (row.vendor_name is None and row.party_name is not None),
            flow=total(moved.get(row.contract, {})),
        )
        for row in rows
    ]
