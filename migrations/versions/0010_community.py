"""The community: tenures, changes of units, owners and tenants, handovers of the trustee, sheets to confirm."""

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

from ledger.store.guards import Keys, guard_append_only, let_change
from ledger.store.types import UtcTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

APPEND_ONLY: Mapping[str, Keys] = {
    "tenure": (("version",),),
    "unit_version": (("unit", "no"),),
    "owner": (("owner",),),
    "title": (("unit", "no"),),
    "title_share": (("unit", "no", "owner"),),
    "tenancy": (("unit", "no"),),
    "handover": (("no",),),
    "handover_step": (("no", "step_no"),),
    "handover_snapshot": (("no", "step_no"),),
}
CHANGING: Mapping[str, tuple[str, ...]] = {
    "owner_contact": ("name", "phone", "address", "changed_at"),
    "sheet_draft": (),
    "trust": ("trustee",),  # follows the newest tenure
}
DELETE = ("owner_contact", "sheet_draft")


def upgrade() -> None:
    _trustee()
    _units()
    _owners()
    _handover()
    guard_append_only(APPEND_ONLY)
    let_change(CHANGING, delete=DELETE)


def _key(name: str, kind: type[sa.String] | type[sa.Integer] = sa.String) -> sa.Column[object]:
    return sa.Column(name, kind(), autoincrement=False, nullable=False)


def _trust() -> sa.Column[int]:
    return sa.Column("trust_id", sa.BigInteger(), autoincrement=False, nullable=False)


def _pk(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("trust_id", *columns, name=op.f(f"pk_{table}"))


def _trustee() -> None:
    op.create_table(
        "tenure",
        _trust(),
        _key("version", sa.Integer),
        sa.Column("trustee", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("contract", sa.Text(), nullable=False),
        sa.Column("notice_days", sa.Integer(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        _pk("tenure", "version"),
    )


def _units() -> None:
    op.create_table(
        "unit_version",
        _trust(),
        _key("unit"),
        _key("no", sa.Integer),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("use_kind", sa.String(), nullable=False),
        sa.Column("area", sa.BigInteger(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        sa.CheckConstraint("area > 0", name=op.f("ck_unit_version_area_positive")),
        _pk("unit_version", "unit", "no"),
    )
    op.create_table(
        "sheet_draft",
        _trust(),
        _key("token"),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("uploaded_at", UtcTime(), nullable=False),
        _pk("sheet_draft", "token"),
    )


def _owners() -> None:
    op.create_table(
        "owner",
        _trust(),
        _key("owner"),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        _pk("owner", "owner"),
    )
    op.create_table(
        "owner_contact",
        _trust(),
        _key("owner"),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        _pk("owner_contact", "owner"),
    )
    op.create_index("ix_owner_contact_name", "owner_contact", ["trust_id", "name"])
    op.create_table(
        "title",
        _trust(),
        _key("unit"),
        _key("no", sa.Integer),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        _pk("title", "unit", "no"),
    )
    op.create_table(
        "title_share",
        _trust(),
        _key("unit"),
        _key("no", sa.Integer),
        _key("owner"),
        sa.Column("numerator", sa.BigInteger(), nullable=False),
        sa.Column("denominator", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "numerator > 0 AND numerator <= denominator", name=op.f("ck_title_share_share_within_whole")
        ),
        _pk("title_share", "unit", "no", "owner"),
    )
    op.create_index("ix_title_share_owner", "title_share", ["trust_id", "owner"])
    op.create_table(
        "tenancy",
        _trust(),
        _key("unit"),
        _key("no", sa.Integer),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        _pk("tenancy", "unit", "no"),
    )
    op.create_index("ix_tenancy_tenant", "tenancy", ["trust_id", "tenant"])


def _handover() -> None:
    op.create_table(
        "handover",
        _trust(),
        _key("no", sa.Integer),
        sa.Column("outgoing", sa.String(), nullable=False),
        sa.Column("incoming", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        _pk("handover", "no"),
    )
    op.create_table(
        "handover_step",
        _trust(),
        _key("no", sa.Integer),
        _key("step_no", sa.Integer),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("acted_at", UtcTime(), nullable=False),
        _pk("handover_step", "no", "step_no"),
    )
    op.create_table(
        "handover_snapshot",
        _trust(),
        _key("no", sa.Integer),
        _key("step_no", sa.Integer),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("checkpoint_size", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("taken_at", UtcTime(), nullable=False),
        _pk("handover_snapshot", "no", "step_no"),
    )


def downgrade() -> None:
    raise RuntimeError("posted books are never migrated backwards: restore a backup instead")
