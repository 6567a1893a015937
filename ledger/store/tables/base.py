"""The metadata of all tables, and the columns every table of a trust begins with."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    String,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def trust_id_column() -> Column[int]:
    return Column("trust_id", BigInteger, primary_key=True, autoincrement=False)


def key_column(
    name: str, kind: type[String] | type[BigInteger] | type[Integer] | type[Date] = String
) -> Column[object]:
    return Column(name, kind, primary_key=True, autoincrement=False)


def to_entry() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["trust_id", "seq"], ["entry.trust_id", "entry.seq"], deferrable=True, initially="DEFERRED"
    )
