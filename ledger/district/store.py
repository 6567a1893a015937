"""Keep summaries, and know which are out of date."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, and_, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from ledger.district.findings import findings_of
from ledger.district.value import Summary
from ledger.store.tables import checkpoint, district_summary, trust, trust_head
from ledger.trust.act import Act

SOON, LATEST = timedelta(minutes=1), timedelta(hours=1)
"""How soon at most a busy log is summarised again, and how late at most a quiet one: work that waits and votes
that close leave no trace in the log."""


def keep_summary(conn: Connection, summary: Summary) -> None:
    """Put the summary in place of the community's last one."""
    made = postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert
    values = _values(summary)
    statement: Any = made(district_summary).values(values)
    changed = {name: statement.excluded[name] for name in values if name != "trust_id"}
    conn.execute(statement.on_conflict_do_update(index_elements=["trust_id"], set_=changed))


def _values(summary: Summary) -> dict[str, Any]:
    funds = msgspec.json.encode(dict(summary.funds)).decode()
    return {**asdict(summary), "funds": funds, "findings": len(findings_of(summary))}


def due_trusts(conn: Connection, act: Act, limit: int) -> list[int]:
    """Trusts whose summary is missing, of another day, or behind their log, those without any first."""
    d = district_summary.c
    signed = (
        select(func.coalesce(func.max(checkpoint.c.size), 0))
        .where(checkpoint.c.trust_id == trust_head.c.trust_id)
        .scalar_subquery()
    )
    behind = or_(
        d.log_size != trust_head.c.size,
        d.setup_version != trust_head.c.setup_version,
        d.signed_size != signed,
    )
    query = (
        select(trust_head.c.trust_id)
        .join(trust, trust.c.trust_id == trust_head.c.trust_id)
        .outerjoin(district_summary, d.trust_id == trust_head.c.trust_id)
        .where(
            or_(
                d.trust_id.is_(None),
                d.day != act.today,
                d.refreshed_at < act.now - LATEST,
                and_(behind, d.refreshed_at < act.now - SOON),
            )
        )
        .order_by(d.trust_id.is_not(None), d.refreshed_at, trust_head.c.trust_id)
        .limit(limit)
    )
    return list(conn.execute(query).scalars())
