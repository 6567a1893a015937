"""Joint conference."""

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

from ledger.store.guards import Keys, guard_append_only, let_change
from ledger.store.types import UtcTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

APPEND_ONLY: Mapping[str, Keys] = {
    "conference_item": (("item",),),
    "conference_session": (("item", "no"),),
    "conference_attendance": (("item", "no", "body"),),
    "conference_paper": (("item", "no", "sha256"),),
    "conference_task": (("item", "task"),),
    "conference_task_step": (("item", "task", "no"),),
    "conference_link": (("item", "kind", "reference", "version"),),
}
CHANGING: Mapping[str, tuple[str, ...]] = {}


def upgrade() -> None:
    _sessions()
    _tasks()
    guard_append_only(APPEND_ONLY)
    let_change(CHANGING)


def _sessions() -> None:
    op.create_table(
        "conference_item",
        *_key(item=sa.Integer()),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(), nullable=False),
        *_recorded(),
        sa.PrimaryKeyConstraint("trust_id", "item", name=op.f("pk_conference_item")),
    )
    op.create_table(
        "conference_session",
        *_key(item=sa.Integer(), no=sa.Integer()),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        *_recorded(),
        sa.PrimaryKeyConstraint("trust_id", "item", "no", name=op.f("pk_conference_session")),
    )
    op.create_table(
        "conference_attendance",
        *_key(item=sa.Integer(), no=sa.Integer(), body=sa.String()),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("roles", sa.String(), nullable=False),
        sa.CheckConstraint("people > 0", name=op.f("ck_conference_attendance_people_positive")),
        sa.PrimaryKeyConstraint("trust_id", "item", "no", "body", name=op.f("pk_conference_attendance")),
    )
    op.create_table(
        "conference_paper",
        *_key(item=sa.Integer(), no=sa.Integer(), sha256=sa.String()),
        sa.Column("title", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "item", "no", "sha256", name=op.f("pk_conference_paper")),
    )


def _tasks() -> None:
    op.create_table(
        "conference_task",
        *_key(item=sa.Integer(), task=sa.Integer()),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("owner_role", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        *_recorded(),
        sa.PrimaryKeyConstraint("trust_id", "item", "task", name=op.f("pk_conference_task")),
    )
    op.create_table(
        "conference_task_step",
        *_key(item=sa.Integer(), task=sa.Integer(), no=sa.Integer()),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("acted_on", sa.Date(), nullable=False),
        *_recorded(),
        sa.PrimaryKeyConstraint("trust_id", "item", "task", "no", name=op.f("pk_conference_task_step")),
    )
    op.create_table(
        "conference_link",
        *_key(item=sa.Integer(), kind=sa.String(), reference=sa.String(), version=sa.Integer()),
        sa.Column("standing", sa.Boolean(), nullable=False),
        *_recorded(),
        sa.PrimaryKeyConstraint(
            "trust_id", "item", "kind", "reference", "version", name=op.f("pk_conference_link")
        ),
    )


def _key(**columns: sa.types.TypeEngine[object]) -> tuple[sa.Column[object], ...]:
    return tuple(
        sa.Column(name, kind, autoincrement=False, nullable=False)
        for name, kind in {"trust_id": sa.BigInteger(), **columns}.items()
    )


def _recorded() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("recorded_at", UtcTime(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
    )


def downgrade() -> None:
    raise RuntimeError("posted books are never migrated backwards: restore a backup instead")
