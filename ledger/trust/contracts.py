"""Contracts with vendors, and of shared revenue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, insert

from ledger.store.tables import contract as contract_table
from ledger.trust.dimensions import add_dimension_values


@dataclass(frozen=True, slots=True)
class Contract:
    """A purchase or shared-revenue contract; ``party`` is a vendor or party code, ``site`` may be ''."""

    contract: str
    title: str
    party: str
    site: str
    starts_on: date
    ends_on: date | None


def add_contracts(conn: Connection, trust_id: int, contracts: Sequence[Contract]) -> None:
    """Record contracts. Raises :class:`~ledger.errors.Refused` for numbers that are taken."""
    if not contracts:
        return
    add_dimension_values(
        conn, trust_id, "contract", [{"code": item.contract, "name": item.title} for item in contracts]
    )
    conn.execute(
        insert(contract_table),
        [
            {
                "trust_id": trust_id,
                "contract": item.contract,
                "title": item.title,
                "party": item.party,
                "site": item.site,
                "starts_on": item.starts_on,
                "ends_on": item.ends_on,
            }
            for item in contracts
        ],
    )
