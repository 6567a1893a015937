"""People, their credentials and sessions, the roles they hold, and the trail of what they did.

A person may belong to several trusts, so person, credential, session and the like belong to the
installation, not to a trust: their ``trust_id`` is :data:`INSTALLATION` in every row. What someone is
to one trust, and what was done there, carries that trust's id.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from ledger.store.tables.base import key_column, metadata, trust_id_column
from ledger.store.types import UtcTime

INSTALLATION = 0
"""Stands for "no one trust" where a row belongs to the whole installation."""

person = Table(
    "person",
    metadata,
    trust_id_column(),
    key_column("person"),
    Column("account", String, nullable=False),
    Column("name", String, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("created_by", String, nullable=False),
    UniqueConstraint("trust_id", "account"),
)
"""``person`` is random and never changes; ``account`` is what one types to log in."""

person_trust = Table(
    "person_trust",
    metadata,
    trust_id_column(),
    key_column("person"),
    key_column("member_of", BigInteger),
    Column("since", UtcTime, nullable=False),
)
"""In which trusts a person has, or once had, a role: where to look when someone logs in."""

credential = Table(
    "credential",
    metadata,
    trust_id_column(),
    key_column("person"),
    key_column("version", Integer),
    Column("password_hash", Text, nullable=False),
    Column("totp_secret", String, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    Column("recorded_by", String, nullable=False),
)
"""How a person proves who they are; the newest version counts. ``totp_secret`` is empty until set up."""

totp_use = Table(
    "totp_use",
    metadata,
    trust_id_column(),
    key_column("person"),
    key_column("step", BigInteger),
    Column("used_at", UtcTime, nullable=False),
)
"""One-time codes already used, by their half minute since 1970: none is taken twice."""

role_grant = Table(
    "role_grant",
    metadata,
    trust_id_column(),
    key_column("person"),
    key_column("role"),
    key_column("unit"),
    key_column("version", Integer),
    Column("granted", Boolean, nullable=False),
    Column("from_day", Date, nullable=False),
    Column("until_day", Date),
    Column("recorded_at", UtcTime, nullable=False),
    Column("recorded_by", String, nullable=False),
    Column("reason", Text, nullable=False),
    Index("ix_role_grant_unit", "trust_id", "unit", "person"),
)
"""Roles given and taken back; of one person, role and unit the newest version counts.

``unit`` is the home of a resident or tenant, empty for other roles. ``until_day`` is the last day."""

session = Table(
    "session",
    metadata,
    trust_id_column(),
    key_column("token_hash"),
    Column("person", String, nullable=False),
    Column("csrf", String, nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("last_seen", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("idle_minutes", Integer, nullable=False),
    Column("second_factor", Boolean, nullable=False),
    Column("origin", String, nullable=False),
    Column("device", String, nullable=False),
    Column("ended_at", UtcTime),
    Column("notice", Text, nullable=False),
    Column("pending_secret", String, nullable=False),
    Index("ix_session_person", "trust_id", "person", "opened_at"),
    Index("ix_session_expires_at", "trust_id", "expires_at"),
)
"""Who is logged in. Only the SHA-256 of the token is kept, so a copy of the database opens no session.

``notice`` is shown once on the next page; ``pending_secret`` is a TOTP secret not confirmed yet."""

invitation = Table(
    "invitation",
    metadata,
    trust_id_column(),
    key_column("code_hash"),
    Column("kind", String, nullable=False),
    Column("for_trust", BigInteger, nullable=False),
    Column("role", String, nullable=False),
    Column("unit", String, nullable=False),
    Column("person", String, nullable=False),
    Column("label", String, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("created_by", String, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("used_at", UtcTime),
    Column("used_by", String, nullable=False),
    Column("cancelled_at", UtcTime),
    Index("ix_invitation_for_trust", "trust_id", "for_trust", "created_at", "code_hash"),
)
"""One-time codes, by their SHA-256. ``kind`` is ``join`` (a role in ``for_trust``) or ``recover`` (a new
password for ``person``)."""

login_attempt = Table(
    "login_attempt",
    metadata,
    trust_id_column(),
    key_column("attempt"),
    Column("account_hash", String, nullable=False),
    Column("origin", String, nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("ix_login_attempt_account", "trust_id", "account_hash", "at"),
    Index("ix_login_attempt_origin", "trust_id", "origin", "at"),
)
"""Failed tries of the last hours, to slow down guessing. The account is hashed: people type passwords there."""

audit_event = Table(
    "audit_event",
    metadata,
    trust_id_column(),
    key_column("event"),
    Column("at", UtcTime, nullable=False),
    Column("person", String, nullable=False),
    Column("signature", String, nullable=False),
    Column("roles", String, nullable=False),
    Column("action", String, nullable=False),
    Column("subject", Text, nullable=False),
    Column("origin", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("detail", Text, nullable=False),
    Index("ix_audit_event_person", "trust_id", "person", "event"),
    Index("ix_audit_event_action", "trust_id", "action", "event"),
)
"""Who did or tried what, when and from where. ``event`` sorts by time; ``detail`` holds refusal codes."""
