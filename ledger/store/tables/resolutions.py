"""What the owners decide: drafts and their course, the frozen roll, ballots, results, decisions (决定)."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from ledger.store.tables.base import key_column, metadata, trust_id_column
from ledger.store.types import UtcTime

decision = Table(
    "decision",
    metadata,
    trust_id_column(),
    key_column("number"),
    Column("title", String, nullable=False),
    Column("matter", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("decided_on", Date, nullable=False),
    Column("effective_on", Date, nullable=False),
    Column("passed", Boolean, nullable=False),
    Column("source", String, nullable=False),
    Column("resolution", String, nullable=False),
    Column("item", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    Column("recorded_by", String, nullable=False),
    Index("ix_decision_day", "trust_id", "decided_on", "number"),
    Index("ix_decision_resolution", "trust_id", "resolution", "item"),
)
"""What was decided, carried or not. ``source``: ``vote`` (held here, of ``resolution`` and ``item``) or
``recorded`` (on paper, outside this system). ``body`` is JSON: documents, figures, who was chosen."""

resolution = Table(
    "resolution",
    metadata,
    trust_id_column(),
    key_column("number"),
    key_column("version", Integer),
    Column("body", Text, nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("person", String, nullable=False),
    Column("signature", String, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
)
"""A draft and its later versions, until notice is given; ``body`` is JSON. ``salt`` seals names in it."""

resolution_step = Table(
    "resolution_step",
    metadata,
    trust_id_column(),
    key_column("number"),
    key_column("step_no", Integer),
    Column("step", String, nullable=False),
    Column("on_day", Date, nullable=False),
    Column("note", Text, nullable=False),
    Column("document", String, nullable=False),
    Column("body", Text, nullable=False),
    Column("person", String, nullable=False),
    Column("signature", String, nullable=False),
    Column("acted_at", UtcTime, nullable=False),
    Index("ix_resolution_step_step", "trust_id", "step", "number"),
)
"""The course of a resolution; ``step``: motion, notice, open, close, publish, filing or withdraw."""

roll = Table(
    "roll",
    metadata,
    trust_id_column(),
    key_column("number"),
    Column("opened_at", UtcTime, nullable=False),
    Column("closes_at", UtcTime, nullable=False),
    Column("rules", Text, nullable=False),
    Column("voters", Integer, nullable=False),
    Column("units", Integer, nullable=False),
    Column("area", BigInteger, nullable=False),
    Column("root", String, nullable=False),
    CheckConstraint("voters > 0 AND area > 0", name="somebody_votes"),
)
"""The roll (名册) as frozen when voting opened: totals, area in 0.01 m², the hash over its rows, the rules."""

roll_entry = Table(
    "roll_entry",
    metadata,
    trust_id_column(),
    key_column("number"),
    key_column("voter", Integer),
    Column("kind", String, nullable=False),
    Column("owners", Text, nullable=False),
    Column("units", Integer, nullable=False),
    Column("area", BigInteger, nullable=False),
    Column("salt", LargeBinary, nullable=False),
    CheckConstraint("area > 0", name="area_positive"),
)
"""One voter, who counts as one person whatever they own. ``owners``: keys of the register, spaces between."""

roll_unit = Table(
    "roll_unit",
    metadata,
    trust_id_column(),
    key_column("number"),
    key_column("unit"),
    Column("voter", Integer, nullable=False),
    Column("building", String, nullable=False),
    Column("use_kind", String, nullable=False),
    Column("area", BigInteger, nullable=False),
    Index("ix_roll_unit_voter", "trust_id", "number", "voter"),
)

vote_proxy = Table(
    "vote_proxy",
    metadata,
    trust_id_column(),
    key_column("number"),
    key_column("proxy_no", Integer),
    Column("voter", Integer, nullable=False),
    Column("giver", String, nullable=False),
    Column("holder", String, nullable=False),
    Column("until_day", Date, nullable=False),
    Column("document", String, nullable=False),
    Column("granted", Boolean, nullable=False),
    Column("person", String, nullable=False),
    Column("signature", String, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
)
"""Written authorisations (授权委托书) on the roll; of one voter the newest counts. Names are private."""

vote_delivery = Table(
    "vote_delivery",
    metadata,
    trust_id_column(),
    key_column("number"),
    key_column("voter", Integer),
    Column("delivered_on", Date, nullable=False),
    Column("how", String, nullable=False),
    Column("document", String, nullable=False),
    Column("signature", String, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
)
"""To whom ballot papers were delivered (送达): where the community's rules make silence count."""

vote_code = Table(
    "vote_code",
    metadata,
    trust_id_column(),
    key_column("number"),
    key_column("voter", Integer),
    key_column("issue", Integer),
    Column("code_hash", String, nullable=False),
    Column("issued_by", String, nullable=False),
    Column("issued_at", UtcTime, nullable=False),
)
"""Voting codes of the notice letters, by their SHA-256; of one voter the newest works."""

vote_code_try = Table(
    "vote_code_try",
    metadata,
    trust_id_column(),
    key_column("attempt"),
    Column("number", String, nullable=False),
    Column("person", String, nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("ix_vote_code_try_person", "trust_id", "number", "person", "at"),
)
"""Codes typed wrong lately, to slow down guessing."""

vote_slip = Table(
    "vote_slip",
    metadata,
    trust_id_column(),
    key_column("number"),
    key_column("slip_no", Integer),
    Column("voter", Integer, nullable=False),
    Column("choices", Text, nullable=False),
    Column("received_on", Date, nullable=False),
    Column("proxy_no", Integer, nullable=False),
    Column("document", String, nullable=False),
    Column("person", String, nullable=False),
    Column("signature", String, nullable=False),
    Column("entered_at", UtcTime, nullable=False),
    Index("ix_vote_slip_voter", "trust_id", "number", "voter"),
)
"""A paper ballot as one person typed it; it counts once another person typed the same (双人复录)."""

ballot = Table(
    "ballot",
    metadata,
    trust_id_column(),
    key_column("number"),
    key_column("ballot_no", Integer),
    Column("voter", Integer, nullable=False),
    Column("channel", String, nullable=False),
    Column("choices", Text, nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("commitment", String, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("last_slip", Integer, nullable=False),
    Column("document", String, nullable=False),
    Column("person", String, nullable=False),
    Column("signature", String, nullable=False),
    Column("cast_at", UtcTime, nullable=False),
    UniqueConstraint("trust_id", "seq"),
    Index("ix_ballot_voter", "trust_id", "number", "voter", "ballot_no"),
)
"""A ballot; of one voter the newest counts, the older ones stay. ``channel``: online, paper or proxy.

``seq``: its leaf, which holds the commitment only. ``last_slip``: the paper entries up to here are used."""

vote_result = Table(
    "vote_result",
    metadata,
    trust_id_column(),
    key_column("number"),
    Column("body", Text, nullable=False),
    Column("closed_at", UtcTime, nullable=False),
)
"""The count at the close, JSON; published as it stands here."""
