"""In which order the overview shows communities, and which of them: who is late, who has the fewest points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, and_, select

from ledger.evaluation.district_missing import WHO, Missing
from ledger.evaluation.scheme import HALVES
from ledger.store.tables import evaluation_now, trust

ONLY = {
    "late": "超过期限的",
    "appeals": "有申诉待裁定的",
    "vetoes": "有一票否决的",
    "missing": "还没有组织评价的",
    "unrated": "谁没评：任何一方",
    **{f"unrated-{body}": f"谁没评：{title}" for body, title in WHO.items()},
}
"""Parts of the overview that can be asked for."""
Missings = Mapping[tuple[int, int], tuple[Missing, ...]]
"""Who has not rated yet, by community and round."""


def ordered(conn: Connection, ids: Sequence[int], period: int, sort: str, today: date) -> list[Any]:
    """All communities in the order asked, with how their round of a span stands; one query of narrow rows."""
    n, t = evaluation_now.c, trust.c
    query = (
        select(
            t.trust_id,
            t.slug,
            t.name,
            *(n[name] for name in ("round", "stage", "due_on", "appeals", "vetoes")),
            *(n[f"{half}_{what}"] for half in HALVES for what in ("points", "possible")),
        )
        .outerjoin(
            evaluation_now,
            and_(n.trust_id == t.trust_id, n.period == period, n.stage != "withdrawn"),
        )
        .where(t.trust_id.in_(ids))
        .order_by(t.name, t.trust_id)
    )
    rows: list[Any] = list(conn.execute(query))
    if sort in HALVES:
        return sorted(rows, key=lambda row: _share(row, sort))
    if sort == "late":
        return sorted(rows, key=lambda row: -days_late(row.due_on, today))
    return rows


def _share(row: Any, half: str) -> tuple[bool, Fraction]:
    """Those without a rating last."""
    points, possible = getattr(row, f"{half}_points"), getattr(row, f"{half}_possible")
    rated = points is not None and possible
    return not rated, Fraction(points, possible) if rated else Fraction(0)


def asked_for(row: Any, only: str, today: date, missing: Missings) -> bool:
    """Whether a row belongs to a part of :data:`ONLY`; without one all do."""
    what, _, body = only.partition("-")
    if what == "unrated":
        return any(body in ("", one.body) for one in missing.get((row.trust_id, row.round), ()))
    if only == "late":
        return bool(days_late(row.due_on, today))
    if only == "missing":
        return row.stage is None
    return bool(getattr(row, only)) if only in ("appeals", "vetoes") else True


def days_late(due_on: date | None, today: date) -> int:
    """Days past the last day of a stage; a round that has ended has none."""
    return max(0, (today - due_on).days) if due_on else 0
