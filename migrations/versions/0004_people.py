"""People: accounts, credentials, sessions, roles, invitations, the audit trail"""

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

from ledger.store.guards import Keys, guard_append_only, let_change
from ledger.store.types import UtcTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

APPEND_ONLY: Mapping[str, Keys] = {
    "person": (("person",), ("account",)),
    "person_trust": (("person", "member_of"),),
    "credential": (("person", "version"),),
    "totp_use": (("person", "step"),),
    "role_grant": (("person", "role", "unit", "version"),),
    "audit_event": (("event",),),
}
CHANGING: Mapping[str, tuple[str, ...]] = {
    "session": ("last_seen", "ended_at", "notice", "pending_secret"),
    "invitation": ("used_at", "used_by", "cancelled_at"),
    "login_attempt": (),
}


def upgrade() -> None:
    _accounts()
    _roles()
    _sessions()
    _invitations()
    _trail()
    guard_append_only(APPEND_ONLY)
    let_change(CHANGING, delete=("login_attempt",))


def _trust_id() -> sa.Column[int]:
    return sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False)


def _key(name: str, kind: type[sa.types.TypeEngine[object]] = sa.String) -> sa.Column[object]:
    return sa.Column(name, kind(), autoincrement=False, nullable=False)


def _accounts() -> None:
    op.create_table(
        "person",
        _trust_id(),
        _key("person"),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "person", name=op.f("pk_person")),
        sa.UniqueConstraint("trust_id", "account", name=op.f("uq_person_trust_id_account")),
    )
    op.create_table(
        "credential",
        _trust_id(),
        _key("person"),
        _key("version", sa.Integer),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("totp_secret", sa.String(), nullable=False),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "person", "version", name=op.f("pk_credential")),
    )
    op.create_table(
        "totp_use",
        _trust_id(),
        _key("person"),
        _key("step", sa.BigInteger),
        sa.Column("used_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "person", "step", name=op.f("pk_totp_use")),
    )


def _roles() -> None:
    op.create_table(
        "person_trust",
        _trust_id(),
        _key("person"),
        _key("member_of", sa.BigInteger),
        sa.Column("since", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "person", "member_of", name=op.f("pk_person_trust")),
    )
    op.create_table(
        "role_grant",
        _trust_id(),
        _key("person"),
        _key("role"),
        _key("unit"),
        _key("version", sa.Integer),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=True),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "person", "role", "unit", "version", name=op.f("pk_role_grant")),
    )
    op.create_index("ix_role_grant_unit", "role_grant", ["trust_id", "unit", "person"])


def _sessions() -> None:
    op.create_table(
        "session",
        _trust_id(),
        _key("token_hash"),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("csrf", sa.String(), nullable=False),
        sa.Column("opened_at", UtcTime(), nullable=False),
        sa.Column("last_seen", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("idle_minutes", sa.Integer(), nullable=False),
        sa.Column("second_factor", sa.Boolean(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("pending_secret", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "token_hash", name=op.f("pk_session")),
    )
    op.create_index("ix_session_person", "session", ["trust_id", "person", "opened_at"], unique=False)
    op.create_table(
        "login_attempt",
        _trust_id(),
        _key("attempt"),
        sa.Column("account_hash", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "attempt", name=op.f("pk_login_attempt")),
    )
    op.create_index("ix_login_attempt_account", "login_attempt", ["trust_id", "account_hash", "at"])
    op.create_index("ix_login_attempt_origin", "login_attempt", ["trust_id", "origin", "at"])


def _invitations() -> None:
    op.create_table(
        "invitation",
        _trust_id(),
        _key("code_hash"),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("for_trust", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("used_at", UtcTime(), nullable=True),
        sa.Column("used_by", sa.String(), nullable=False),
        sa.Column("cancelled_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("trust_id", "code_hash", name=op.f("pk_invitation")),
    )
    op.create_index(
        "ix_invitation_for_trust", "invitation", ["trust_id", "for_trust", "created_at", "code_hash"]
    )


def _trail() -> None:
    op.create_table(
        "audit_event",
        _trust_id(),
        _key("event"),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("roles", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "event", name=op.f("pk_audit_event")),
    )
    op.create_index("ix_audit_event_person", "audit_event", ["trust_id", "person", "event"])
    op.create_index("ix_audit_event_action", "audit_event", ["trust_id", "action", "event"])


def downgrade() -> None:
    raise RuntimeError("posted books are never migrated backwards: restore a backup instead")
