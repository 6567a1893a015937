"""Questions, snapshots, repairs and inspections: what was asked, the steps, pictures, and where each stands."""

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

from ledger.store.guards import Keys, guard_append_only, let_change
from ledger.store.types import UtcTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

APPEND_ONLY: Mapping[str, Keys] = {
    "inquiry": (("no",), ("person", "key")),
    "inquiry_step": (("no", "step"),),
    "inquiry_picture": (("no", "step", "picture"),),
    "inquiry_echo": (("no", "person"),),
}
CHANGING: Mapping[str, tuple[str, ...]] = {
    "inquiry_now": (
        "status",
        "level",
        "due_on",
        "response_minutes",
        "answered_on",
        "closed_on",
        "late",
        "rating",
        "mediation",
        "reworks",
        "echoes",
        "publication",
    ),
}


def upgrade() -> None:
    _asked()
    _steps()
    op.create_table(
        "inquiry_picture",
        *_key(no=sa.Integer(), step=sa.Integer(), picture=sa.Integer()),
        sa.Column("original", sa.String(), nullable=False),
        sa.Column("redacted", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "no", "step", "picture", name=op.f("pk_inquiry_picture")),
    )
    op.create_index("ix_inquiry_picture_redacted", "inquiry_picture", ["trust_id", "redacted"])
    op.create_table(
        "inquiry_echo",
        *_key(no=sa.Integer(), person=sa.String()),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "no", "person", name=op.f("pk_inquiry_echo")),
    )
    _now()
    guard_append_only(APPEND_ONLY)
    let_change(CHANGING)


def _asked() -> None:
    op.create_table(
        "inquiry",
        *_key(no=sa.Integer()),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("about_kind", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("follows", sa.Integer(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("opened_at", UtcTime(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "no", name=op.f("pk_inquiry")),
        sa.UniqueConstraint("trust_id", "person", "key", name=op.f("uq_inquiry_trust_id_person_key")),
    )
    op.create_index("ix_inquiry_person", "inquiry", ["trust_id", "person", "no"])


def _steps() -> None:
    op.create_table(
        "inquiry_step",
        *_key(no=sa.Integer(), step=sa.Integer()),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("of_step", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        sa.CheckConstraint("level BETWEEN 1 AND 3", name=op.f("ck_inquiry_step_known_level")),
        sa.PrimaryKeyConstraint("trust_id", "no", "step", name=op.f("pk_inquiry_step")),
    )
    op.create_index("ix_inquiry_step_kind", "inquiry_step", ["trust_id", "kind", "recorded_at"])


def _now() -> None:
    op.create_table(
        "inquiry_now",
        *_key(no=sa.Integer()),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("about_kind", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("response_minutes", sa.Integer(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("rating", sa.String(), nullable=False),
        sa.Column("mediation", sa.String(), nullable=False),
        sa.Column("reworks", sa.Integer(), nullable=False),
        sa.Column("echoes", sa.Integer(), nullable=False),
        sa.Column("publication", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "no", name=op.f("pk_inquiry_now")),
    )
    op.create_index("ix_inquiry_now_due", "inquiry_now", ["trust_id", "status", "due_on"])
    op.create_index("ix_inquiry_now_about", "inquiry_now", ["trust_id", "about_kind", "about"])
    op.create_index("ix_inquiry_now_opened", "inquiry_now", ["trust_id", "opened_on"])


def _key(**columns: sa.types.TypeEngine[object]) -> list[sa.Column[object]]:
    kinds = {"trust_id": sa.BigInteger(), **columns}
    return [sa.Column(name, kind, autoincrement=False, nullable=False) for name, kind in kinds.items()]


def downgrade() -> None:
    raise RuntimeError("posted books are never migrated backwards: restore a backup instead")
