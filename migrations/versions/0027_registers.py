"""Registers of evidence, and inspections on the spot with what was put right."""

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

from ledger.store.guards import Keys, guard_append_only
from ledger.store.types import UtcTime

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

APPEND_ONLY: Mapping[str, Keys] = {
    "register_row": (("register", "no", "version"),),
    "inspection": (("no",), ("person", "key")),
    "inspection_point": (("no", "place"),),
    "inspection_fix": (("no", "place", "step"),),
}


def upgrade() -> None:
    _registers()
    _inspections()
    guard_append_only(APPEND_ONLY)


def _registers() -> None:
    op.create_table(
        "register_row",
        *_key(register=sa.String(), no=sa.Integer(), version=sa.Integer()),
        sa.Column("acted_on", sa.Date(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("standing", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        *_signed(),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "register", "no", "version", name=op.f("pk_register_row")),
    )


def _inspections() -> None:
    op.create_table(
        "inspection",
        *_key(no=sa.Integer()),
        sa.Column("checklist", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        *_signed(),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        sa.CheckConstraint(
            "body IN ('trustee', 'committee', 'party', 'supervisor')", name=op.f("ck_inspection_body")
        ),
        sa.PrimaryKeyConstraint("trust_id", "no", name=op.f("pk_inspection")),
        sa.UniqueConstraint("trust_id", "person", "key", name=op.f("uq_inspection_trust_id_person_key")),
    )
    op.create_index("ix_inspection_held_on", "inspection", ["trust_id", "held_on"])
    op.create_table(
        "inspection_point",
        *_key(no=sa.Integer(), place=sa.Integer()),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        *_picture(),
        sa.Column("fix_by", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("trust_id", "no", "place", name=op.f("pk_inspection_point")),
    )
    op.create_table(
        "inspection_fix",
        *_key(no=sa.Integer(), place=sa.Integer(), step=sa.Integer()),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        *_picture(),
        sa.Column("acted_on", sa.Date(), nullable=False),
        *_signed(),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        sa.CheckConstraint("state IN ('done', 'open')", name=op.f("ck_inspection_fix_state")),
        sa.PrimaryKeyConstraint("trust_id", "no", "place", "step", name=op.f("pk_inspection_fix")),
    )


def _key(**columns: sa.types.TypeEngine[object]) -> list[sa.Column[object]]:
    kinds = {"trust_id": sa.BigInteger(), **columns}
    return [sa.Column(name, kind, autoincrement=False, nullable=False) for name, kind in kinds.items()]


def _signed() -> list[sa.Column[object]]:
    return [
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
    ]


def _picture() -> list[sa.Column[object]]:
    return [
        sa.Column("original", sa.String(), nullable=False),
        sa.Column("redacted", sa.String(), nullable=False),
    ]


def downgrade() -> None:
    raise RuntimeError("posted books are never migrated backwards: restore a backup instead")
