"""Special projects: needs, resources, plans, owners' parts, restricted grants, and the steps of a project."""

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

from ledger.store.guards import Keys, guard_append_only, let_change
from ledger.store.types import UtcTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

APPEND_ONLY: Mapping[str, Keys] = {
    "project_need": (("need", "version"),),
    "project_resource": (("resource", "version"),),
    "project_plan": (("project", "version"),),
    "project_part": (("project", "version", "unit"),),
    "project_grant": (("code", "version"),),
    "project_step": (("project", "step_no"),),
}
CHANGING: Mapping[str, tuple[str, ...]] = {}


def upgrade() -> None:
    _lists()
    _plans()
    _grants()
    of_project = sa.text("kind = 'project'")
    op.create_index(
        "ix_entry_reference_project",
        "entry_reference",
        ["trust_id", "ref", "seq"],
        postgresql_where=of_project,
        sqlite_where=of_project,
    )
    guard_append_only(APPEND_ONLY)
    let_change(CHANGING)


def _lists() -> None:
    op.create_table(
        "project_need",
        *_key(need=sa.Integer(), version=sa.Integer()),
        *_texts("title", "place"),
        sa.Column("homes", sa.Integer(), nullable=False),
        *_texts("urgency", "reporter"),
        sa.Column("note", sa.Text(), nullable=False),
        *_texts("state"),
        *_recorded(),
        sa.CheckConstraint("homes >= 0", name=op.f("ck_project_need_homes_not_negative")),
        sa.PrimaryKeyConstraint("trust_id", "need", "version", name=op.f("pk_project_need")),
    )
    op.create_table(
        "project_resource",
        *_key(resource=sa.Integer(), version=sa.Integer()),
        *_texts("source", "giver", "title"),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        *_texts("state", "paper", "document"),
        *_recorded(),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_project_resource_amount_not_negative")),
        sa.PrimaryKeyConstraint("trust_id", "resource", "version", name=op.f("pk_project_resource")),
    )


def _plans() -> None:
    op.create_table(
        "project_plan",
        *_key(project=sa.String(), version=sa.Integer()),
        *_texts("title"),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        *_texts("person"),
        *_recorded(),
        sa.CheckConstraint("total > 0", name=op.f("ck_project_plan_total_positive")),
        sa.PrimaryKeyConstraint("trust_id", "project", "version", name=op.f("pk_project_plan")),
    )
    op.create_table(
        "project_part",
        *_key(project=sa.String(), version=sa.Integer(), unit=sa.String()),
        *_texts("building"),
        sa.Column("area", sa.BigInteger(), nullable=False),
        sa.Column("weight", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "project", "version", "unit", name=op.f("pk_project_part")),
    )
    op.create_table(
        "project_step",
        *_key(project=sa.String(), step_no=sa.Integer()),
        *_texts("step", "subject"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        *_texts("document"),
        sa.Column("happened_on", sa.Date(), nullable=False),
        *_texts("person", "signature"),
        sa.Column("acted_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("trust_id", "project", "step_no", name=op.f("pk_project_step")),
    )


def _grants() -> None:
    op.create_table(
        "project_grant",
        *_key(code=sa.String(), version=sa.Integer()),
        *_texts("title", "kind", "source", "giver"),
        sa.Column("purpose", sa.Text(), nullable=False),
        *_texts("project"),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        *_texts("paper", "document"),
        sa.Column("approved_on", sa.Date(), nullable=False),
        *_recorded(),
        sa.CheckConstraint("amount > 0", name=op.f("ck_project_grant_amount_positive")),
        sa.PrimaryKeyConstraint("trust_id", "code", "version", name=op.f("pk_project_grant")),
    )


def _key(**columns: sa.types.TypeEngine[object]) -> tuple[sa.Column[object], ...]:
    return tuple(
        sa.Column(name, kind, autoincrement=False, nullable=False)
        for name, kind in {"trust_id": sa.BigInteger(), **columns}.items()
    )


def _texts(*names: str) -> tuple[sa.Column[object], ...]:
    return tuple(sa.Column(name, sa.String(), nullable=False) for name in names)


def _recorded() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("recorded_at", UtcTime(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
    )


def downgrade() -> None:
    raise RuntimeError("posted books are never migrated backwards: restore a backup instead")
