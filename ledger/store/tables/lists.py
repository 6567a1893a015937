"""Totals kept for lists of entries. Not append-only: they follow from the entries, and ``verify`` recomputes them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Table

from ledger.store.tables.base import key_column, metadata, trust_id_column

list_head = Table(
    "list_head",
    metadata,
    trust_id_column(),
    Column("size", BigInteger, nullable=False),
)
"""How much of the log ``list_total`` covers: the entries at places below ``size``."""

list_total = Table(
    "list_total",
    metadata,
    trust_id_column(),
    key_column("kind"),
    key_column("key"),
    key_column("fund"),
    key_column("book"),
    key_column("period", Integer),
    key_column("direction"),
    *(
        Column(name, BigInteger, nullable=False)
        for name in ("entries", "opened", "received", "paid", "moved_in", "moved_out")
    ),
)
"""Entries and cash by what they touch, see :mod:`ledger.totals`. ``fund`` is '' for all funds together."""
