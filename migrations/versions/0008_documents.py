"""Not filled in yet."""

from collections.abc import Mapping

from ledger.store.guards import Keys, guard_append_only, let_change

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

APPEND_ONLY: Mapping[str, Keys] = {}
CHANGING: Mapping[str, tuple[str, ...]] = {}


def upgrade() -> None:
    guard_append_only(APPEND_ONLY)
    let_change(CHANGING)


def downgrade() -> None:
    raise RuntimeError("posted books are never migrated backwards: restore a backup instead")
