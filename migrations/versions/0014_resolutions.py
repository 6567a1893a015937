"""Resolutions, rolls and ballots."""

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

from ledger.store.guards import Keys, guard_append_only, let_change
from ledger.store.types import UtcTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

APPEND_ONLY: Mapping[str, Keys] = {
    "decision": (("number",),),
    "resolution": (("number", "version"),),
    "resolution_step": (("number", "step_no"),),
    "roll": (("number",),),
    "roll_entry": (("number", "voter"),),
    "roll_unit": (("number", "unit"),),
    "vote_proxy": (("number", "proxy_no"),),
    "vote_delivery": (("number", "voter"),),
    "vote_code": (("number", "voter", "issue"),),
    "vote_slip": (("number", "slip_no"),),
    "ballot": (("number", "ballot_no"), ("seq",)),
    "vote_result": (("number",),),
}
CHANGING: Mapping[str, tuple[str, ...]] = {"vote_code_try": ()}


def upgrade() -> None:
    _decisions()
    _course()
    _roll()
    _papers()
    _ballots()
    _references()
    guard_append_only(APPEND_ONLY)
    let_change(CHANGING, delete=("vote_code_try",))


def _references() -> None:
    """Which entries rest on a decision, for its page."""
    named = sa.column("kind") == "resolution"
    op.create_index(
        "ix_entry_reference_resolution",
        "entry_reference",
        ["trust_id", "ref", "seq"],
        postgresql_where=named,
        sqlite_where=named,
    )


def _decisions() -> None:
    op.create_table(
        "decision",
        *_key(number=sa.String()),
        *_texts("title", "matter", short=True),
        *_texts("text"),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        *_texts("source", "resolution", short=True),
        sa.Column("item", sa.Integer(), nullable=False),
        *_texts("body"),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        *_texts("recorded_by", short=True),
        sa.PrimaryKeyConstraint("trust_id", "number", name=op.f("pk_decision")),
    )
    op.create_index("ix_decision_day", "decision", ["trust_id", "decided_on", "number"])
    op.create_index("ix_decision_resolution", "decision", ["trust_id", "resolution", "item"])


def _course() -> None:
    op.create_table(
        "resolution",
        *_key(number=sa.String(), version=sa.Integer()),
        *_texts("body"),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        *_texts("person", "signature", short=True),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "number", "version", name=op.f("pk_resolution")),
    )
    op.create_table(
        "resolution_step",
        *_key(number=sa.String(), step_no=sa.Integer()),
        *_texts("step", short=True),
        sa.Column("on_day", sa.Date(), nullable=False),
        *_texts("note"),
        *_texts("document", short=True),
        *_texts("body"),
        *_texts("person", "signature", short=True),
        sa.Column("acted_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "number", "step_no", name=op.f("pk_resolution_step")),
    )
    op.create_index("ix_resolution_step_step", "resolution_step", ["trust_id", "step", "number"])


def _roll() -> None:
    op.create_table(
        "roll",
        *_key(number=sa.String()),
        sa.Column("opened_at", UtcTime(), nullable=False),
        sa.Column("closes_at", UtcTime(), nullable=False),
        *_texts("rules"),
        sa.Column("voters", sa.Integer(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("area", sa.BigInteger(), nullable=False),
        *_texts("root", short=True),
        sa.CheckConstraint("voters > 0 AND area > 0", name=op.f("ck_roll_somebody_votes")),
        sa.PrimaryKeyConstraint("trust_id", "number", name=op.f("pk_roll")),
    )
    op.create_table(
        "roll_entry",
        *_key(number=sa.String(), voter=sa.Integer()),
        *_texts("kind", short=True),
        *_texts("owners"),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("area", sa.BigInteger(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("area > 0", name=op.f("ck_roll_entry_area_positive")),
        sa.PrimaryKeyConstraint("trust_id", "number", "voter", name=op.f("pk_roll_entry")),
    )
    op.create_table(
        "roll_unit",
        *_key(number=sa.String(), unit=sa.String()),
        sa.Column("voter", sa.Integer(), nullable=False),
        *_texts("building", "use_kind", short=True),
        sa.Column("area", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "number", "unit", name=op.f("pk_roll_unit")),
    )
    op.create_index("ix_roll_unit_voter", "roll_unit", ["trust_id", "number", "voter"])


def _papers() -> None:
    op.create_table(
        "vote_proxy",
        *_key(number=sa.String(), proxy_no=sa.Integer()),
        sa.Column("voter", sa.Integer(), nullable=False),
        *_texts("giver", "holder", short=True),
        sa.Column("until_day", sa.Date(), nullable=False),
        *_texts("document", short=True),
        sa.Column("granted", sa.Boolean(), nullable=False),
        *_texts("person", "signature", short=True),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "number", "proxy_no", name=op.f("pk_vote_proxy")),
    )
    op.create_table(
        "vote_delivery",
        *_key(number=sa.String(), voter=sa.Integer()),
        sa.Column("delivered_on", sa.Date(), nullable=False),
        *_texts("how", "document", "signature", short=True),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "number", "voter", name=op.f("pk_vote_delivery")),
    )
    op.create_table(
        "vote_code",
        *_key(number=sa.String(), voter=sa.Integer(), issue=sa.Integer()),
        *_texts("code_hash", "issued_by", short=True),
        sa.Column("issued_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "number", "voter", "issue", name=op.f("pk_vote_code")),
    )
    op.create_table(
        "vote_code_try",
        *_key(attempt=sa.String()),
        *_texts("number", "person", short=True),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "attempt", name=op.f("pk_vote_code_try")),
    )
    op.create_index("ix_vote_code_try_person", "vote_code_try", ["trust_id", "number", "person", "at"])


def _ballots() -> None:
    op.create_table(
        "vote_slip",
        *_key(number=sa.String(), slip_no=sa.Integer()),
        sa.Column("voter", sa.Integer(), nullable=False),
        *_texts("choices"),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("proxy_no", sa.Integer(), nullable=False),
        *_texts("document", "person", "signature", short=True),
        sa.Column("entered_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "number", "slip_no", name=op.f("pk_vote_slip")),
    )
    op.create_index("ix_vote_slip_voter", "vote_slip", ["trust_id", "number", "voter"])
    op.create_table(
        "ballot",
        *_key(number=sa.String(), ballot_no=sa.Integer()),
        sa.Column("voter", sa.Integer(), nullable=False),
        *_texts("channel", short=True),
        *_texts("choices"),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        *_texts("commitment", short=True),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("last_slip", sa.Integer(), nullable=False),
        *_texts("document", "person", "signature", short=True),
        sa.Column("cast_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "number", "ballot_no", name=op.f("pk_ballot")),
        sa.UniqueConstraint("trust_id", "seq", name=op.f("uq_ballot_trust_id_seq")),
    )
    op.create_index("ix_ballot_voter", "ballot", ["trust_id", "number", "voter", "ballot_no"])
    op.create_table(
        "vote_result",
        *_key(number=sa.String()),
        *_texts("body"),
        sa.Column("closed_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "number", name=op.f("pk_vote_result")),
    )


def _key(**columns: sa.types.TypeEngine[object]) -> tuple[sa.Column[object], ...]:
    return tuple(
        sa.Column(name, kind, autoincrement=False, nullable=False)
        for name, kind in {"trust_id": sa.BigInteger(), **columns}.items()
    )


def _texts(*names: str, short: bool = False) -> tuple[sa.Column[str], ...]:
    return tuple(sa.Column(name, sa.String() if short else sa.Text(), nullable=False) for name in names)


def downgrade() -> None:
    raise RuntimeError("posted books are never migrated backwards: restore a backup instead")
