"""Who else signs a trust's log: witnesses, their cosignatures, and time stamps from outside."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, LargeBinary, String, Table, UniqueConstraint

from ledger.store.tables.base import key_column, metadata, trust_id_column
from ledger.store.types import UtcTime

witness = Table(
    "witness",
    metadata,
    trust_id_column(),
    key_column("name"),
    Column("vkey", String, nullable=False),
    Column("title", String, nullable=False),
    Column("registered_by", String, nullable=False),
    Column("registered_at", UtcTime, nullable=False),
    UniqueConstraint("trust_id", "vkey"),
)
"""A witness the community recognises; ``title`` is who it is, such as the owners' committee."""

witness_end = Table(
    "witness_end",
    metadata,
    trust_id_column(),
    key_column("name"),
    Column("reason", String, nullable=False),
    Column("ended_by", String, nullable=False),
    Column("ended_at", UtcTime, nullable=False),
    ForeignKeyConstraint(["trust_id", "name"], ["witness.trust_id", "witness.name"]),
)
"""From here on the witness's signatures are not taken any more; the old ones stay."""

cosignature = Table(
    "cosignature",
    metadata,
    trust_id_column(),
    key_column("name"),
    key_column("size", BigInteger),
    key_column("signed_at", BigInteger),
    Column("line", String, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    ForeignKeyConstraint(["trust_id", "name"], ["witness.trust_id", "witness.name"]),
    ForeignKeyConstraint(["trust_id", "size"], ["checkpoint.trust_id", "checkpoint.size"]),
)
"""``signed_at``: POSIX seconds, said by the witness and signed; ``line``: the signature line."""

time_stamp = Table(
    "time_stamp",
    metadata,
    trust_id_column(),
    key_column("size", BigInteger),
    Column("authority", String, nullable=False),
    Column("stamped_at", UtcTime, nullable=False),
    Column("response", LargeBinary, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    ForeignKeyConstraint(["trust_id", "size"], ["checkpoint.trust_id", "checkpoint.size"]),
)
"""An RFC 3161 answer over the exact bytes of the checkpoint's note; ``authority``: the address asked."""
