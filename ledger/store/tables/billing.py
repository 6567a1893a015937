"""What charges rest on (standards, parking, meters) and the numbers of printed receipts."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, Index, Integer, String, Table, Text
from sqlalchemy import UniqueConstraint as Unique

from ledger.store.tables.base import key_column, metadata, to_entry, trust_id_column
from ledger.store.types import UtcTime

charge_standard = Table(
    "charge_standard",
    metadata,
    trust_id_column(),
    key_column("number", Integer),
    Column("item", String, nullable=False),
    Column("scope", String, nullable=False),
    Column("target", String, nullable=False),
    Column("method", String, nullable=False),
    Column("rate_e4", BigInteger, nullable=False),
    Column("effective_on", Date, nullable=False),
    Column("authority", Text, nullable=False),
    Column("recorded_by", String, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    CheckConstraint("rate_e4 >= 0", name="rate_not_negative"),
)
"""Versions of fee standards (收费标准). ``item``: what is charged; ``scope``: use, building or units;
``target``: the use or building; ``method``: area, fixed, meter, none or general; ``rate_e4``: 0.0001 yuan
a month per m², per unit or space, or per unit of the meter. ``fee_standard`` holds those recorded plainly."""

charge_standard_unit = Table(
    "charge_standard_unit",
    metadata,
    trust_id_column(),
    key_column("number", Integer),
    key_column("unit"),
)
"""The units a standard of scope ``units`` is for."""

parking_space = Table(
    "parking_space",
    metadata,
    trust_id_column(),
    key_column("space"),
    key_column("effective_on", Date),
    key_column("version", Integer),
    Column("unit", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("recorded_by", String, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
)
"""Who has a parking space from a day on; no unit: given back. The highest version of a day holds."""

meter_reading = Table(
    "meter_reading",
    metadata,
    trust_id_column(),
    key_column("item"),
    key_column("period", Integer),
    key_column("unit"),
    key_column("version", Integer),
    Column("previous", BigInteger, nullable=False),
    Column("current", BigInteger, nullable=False),
    Column("read_on", Date, nullable=False),
    Column("note", Text, nullable=False),
    Column("recorded_by", String, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    CheckConstraint("current >= previous AND previous >= 0", name="runs_forward"),
)
"""Readings of households' meters in 0.01 of the meter's unit; the highest version holds."""

receipt = Table(
    "receipt",
    metadata,
    trust_id_column(),
    key_column("year", Integer),
    key_column("number", Integer),
    Column("seq", BigInteger, nullable=False),
    Column("issued_by", String, nullable=False),
    Column("issued_at", UtcTime, nullable=False),
    to_entry(),
    Unique("trust_id", "seq"),
    CheckConstraint("number >= 1", name="counted"),
)
"""Numbers of printed receipts (收据号), by year, without gaps; one a posted entry."""

receipt_print = Table(
    "receipt_print",
    metadata,
    trust_id_column(),
    key_column("year", Integer),
    key_column("number", Integer),
    key_column("print_no", Integer),
    Column("printed_by", String, nullable=False),
    Column("printed_at", UtcTime, nullable=False),
    Index("ix_receipt_print_day", "trust_id", "printed_at"),
)
"""Every time a receipt was printed: the second and later ones are marked 补打."""
