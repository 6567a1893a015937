"""What has to be published, and by when: services, posts, contact points."""

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

from ledger.store.guards import Keys, guard_append_only, let_change
from ledger.store.types import UtcTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

APPEND_ONLY: Mapping[str, Keys] = {
    "service_version": (("version",),),
    "service_item": (("version", "place"),),
    "staff_post_version": (("version",),),
    "staff_post": (("version", "place"),),
    "fulfilment": (("period", "version"),),
    "fulfilment_item": (("period", "version", "place"),),
    "fulfilment_document": (("period", "version", "place"),),
    "block_review": (("review",),),
}
CHANGING: Mapping[str, tuple[str, ...]] = {}


def upgrade() -> None:
    _services()
    _posts()
    _fulfilment()
    op.create_table(
        "block_review",
        *_key(review=sa.Integer()),
        sa.Column("block", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "review", name=op.f("pk_block_review")),
    )
    guard_append_only(APPEND_ONLY)
    let_change(CHANGING)


def _services() -> None:
    op.create_table(
        "service_version",
        *_key(version=sa.Integer()),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        *_published(),
        sa.PrimaryKeyConstraint("trust_id", "version", name=op.f("pk_service_version")),
    )
    op.create_table(
        "service_item",
        *_key(version=sa.Integer(), place=sa.Integer()),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("standard", sa.Text(), nullable=False),
        sa.Column("frequency", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "version", "place", name=op.f("pk_service_item")),
    )


def _posts() -> None:
    op.create_table(
        "staff_post_version",
        *_key(version=sa.Integer()),
        sa.Column("effective_on", sa.Date(), nullable=False),
        *_published(),
        sa.PrimaryKeyConstraint("trust_id", "version", name=op.f("pk_staff_post_version")),
    )
    op.create_table(
        "staff_post",
        *_key(version=sa.Integer(), place=sa.Integer()),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("duty", sa.Text(), nullable=False),
        sa.Column("services", sa.Text(), nullable=False),
        sa.Column("desk", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "version", "place", name=op.f("pk_staff_post")),
    )


def _fulfilment() -> None:
    op.create_table(
        "fulfilment",
        *_key(period=sa.Integer(), version=sa.Integer()),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        *_published(),
        sa.PrimaryKeyConstraint("trust_id", "period", "version", name=op.f("pk_fulfilment")),
    )
    op.create_table(
        "fulfilment_item",
        *_key(period=sa.Integer(), version=sa.Integer(), place=sa.Integer()),
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("done", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "period", "version", "place", name=op.f("pk_fulfilment_item")),
    )
    op.create_table(
        "fulfilment_document",
        *_key(period=sa.Integer(), version=sa.Integer(), place=sa.Integer()),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("original", sa.String(), nullable=False),
        sa.Column("public", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint(
            "trust_id", "period", "version", "place", name=op.f("pk_fulfilment_document")
        ),
    )


def _key(**columns: sa.types.TypeEngine[object]) -> list[sa.Column[object]]:
    kinds = {"trust_id": sa.BigInteger(), **columns}
    return [sa.Column(name, kind, autoincrement=False, nullable=False) for name, kind in kinds.items()]


def _published() -> list[sa.Column[object]]:
    return [
        sa.Column("published_at", UtcTime(), nullable=False),
        sa.Column("published_by", sa.String(), nullable=False),
    ]


def downgrade() -> None:
    raise RuntimeError("posted books are never migrated backwards: restore a backup instead")
