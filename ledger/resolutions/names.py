"""Names of owners on the roll: private, for the office and for letters."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select

from ledger.store.tables import owner_contact
from ledger.trust.owners import ERASED

_ONE_BY_ONE = 1_000


def names_of(conn: Connection, trust_id: int, owners: Collection[str]) -> dict[str, str]:
    """Names by key of the register; one query."""
    wanted = set(owners)
    if not wanted:
        return {}
    query = select(owner_contact.c.owner, owner_contact.c.name).where(owner_contact.c.trust_id == trust_id)
    if len(wanted) < _ONE_BY_ONE:
        query = query.where(owner_contact.c.owner.in_(wanted))
    names = {row.owner: row.name or ERASED for row in conn.execute(query)}
    return {key: names.get(key, ERASED) for key in wanted}
