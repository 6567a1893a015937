"""What the registers of the organisations say: steps in step, posts, activities, safeguards, institutions.

A register that nobody ever kept says nothing: then the rule is not rated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date

from sqlalchemy import Connection

from ledger.evaluation.measures import Window
from ledger.evaluation.score import Found, Item
from ledger.registers.read import ever_kept, rows_during, rows_of
from ledger.registers.value import (
    ACTIVITY_KINDS,
    SAFEGUARD_KINDS,
    SYNC_ITEMS,
    Activity,
    Institution,
    Plan,
    Posts,
    Safeguard,
    Sync,
)
from ledger.revenue.schedule import add_months

_PAGE = "/registers"


def sync_missing(conn: Connection, trust_id: int, window: Window, args: Mapping[str, int]) -> Found | None:
    """Which of the three do not go in step on the last day."""
    rows = rows_of(conn, trust_id, Sync, before=window.moment, last=window.last)
    if not rows:
        return None
    in_step = {row.body.item for row in rows if row.body.in_step}
    return Found(
        tuple(
            Item(window.last, f"建党组织与{title}没有同步", 1, f"{_PAGE}#sync")
            for item, title in SYNC_ITEMS.items()
            if item not in in_step
        )
    )


def posts_crosswise(conn: Connection, trust_id: int, window: Window, args: Mapping[str, int]) -> Found | None:
    """Posts held crosswise, of all posts on the last day."""
    rows = rows_of(conn, trust_id, Posts, before=window.moment, last=window.last)
    seats = sum(row.body.seats for row in rows)
    if not seats:
        return None
    items = (
        Item(
            row.on,
            f"{row.body.organisation} {row.body.seats} 个职位，交叉任职 {row.body.held} 个",
            row.body.held,
            f"{_PAGE}#posts",
        )
        for row in rows
    )
    return Found(tuple(items), seats)


def activities_held(conn: Connection, trust_id: int, window: Window, args: Mapping[str, int]) -> Found | None:
    """Activities since the year began, of what its plan has until the last day; of a kind never more than
    planned. The plan is that of the day on which the span began: what is struck or planned anew during it, or once it is
    over, excuses nothing. None without a plan."""
    year = window.last.year
    plans = rows_during(
        conn, trust_id, Plan, window.first, window.last, window.moment, only=lambda plan: plan.year == year
    )
    due: dict[str, int] = {}
    for row, _ in plans:
        due[row.body.kind] = max(due.get(row.body.kind, 0), _so_far(row.body.times, window.last))
    if not sum(due.values()):
        return None
    held = Counter(
        row.body.kind
        for row in rows_of(
            conn, trust_id, Activity, before=window.moment, first=date(year, 1, 1), last=window.last
        )
    )
    items = (
        Item(
            window.last,
            f"{ACTIVITY_KINDS[kind]}：{year}年计划到期末 {times} 次，办了 {held[kind]} 次",
            min(times, held[kind]),
            f"{_PAGE}#activities",
        )
        for kind, times in due.items()
        if times
    )
    return Found(tuple(items), sum(due.values()))


def _so_far(times: int, day: date) -> int:
    """What a year's plan has until the end of the month of a day, rounded down."""
    return times * day.month // 12


def safeguards_missing(
    conn: Connection, trust_id: int, window: Window, args: Mapping[str, int]
) -> Found | None:
    """Whether there is a list of those with special needs and an emergency plan on the last day."""
    if not ever_kept(conn, trust_id, Safeguard, before=window.moment):
        return None
    kinds = {
        row.body.kind for row in rows_of(conn, trust_id, Safeguard, before=window.moment, last=window.last)
    }
    return Found(
        tuple(
            Item(window.last, f"没有{SAFEGUARD_KINDS[kind]}", 1, f"{_PAGE}#safeguards")
            for kind in ("list", "plan")
            if kind not in kinds
        )
    )


def drills_missing(conn: Connection, trust_id: int, window: Window, args: Mapping[str, int]) -> Found | None:
    """Whether there was no drill within ``months`` up to the last day."""
    if not ever_kept(conn, trust_id, Safeguard, before=window.moment):
        return None
    since = add_months(window.last, -args["months"])
    rows = rows_of(conn, trust_id, Safeguard, before=window.moment, last=window.last)
    if any(row.body.kind == "drill" and row.on > since for row in rows):
        return Found()
    return Found((Item(window.last, f"{args['months']} 个月内没有应急演练", 1, f"{_PAGE}#safeguards"),))


def institutions_missing(
    conn: Connection, trust_id: int, window: Window, args: Mapping[str, int]
) -> Found | None:
    """Rules and files that ought to be there and are not, on the last day."""
    rows = rows_of(conn, trust_id, Institution, before=window.moment, last=window.last)
    if not rows:
        return None
    return Found(
        tuple(
            Item(row.on, f"缺“{row.body.title}”", 1, f"{_PAGE}#institutions")
            for row in rows
            if not row.body.kept
        )
    )
