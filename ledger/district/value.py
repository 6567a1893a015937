"""What the overview knows of one community: the row that is kept, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

NEVER = -1
"""Stands for "never" where days are counted."""
RECENT_DAYS, GROWTH_DAYS = 90, 30
"""Over how many days corrections and bare spending, and the growth of the log, are counted."""


@dataclass(frozen=True, slots=True)
class Summary:
    """One community on one day.

    ``common`` and ``maintenance`` are the money of books A and M, ``funds`` by fund, in fen. ``quiet_days``
    since the last entry and ``checkpoint_days`` since the log was signed are :data:`NEVER` if neither was done.
    ``late`` duties are late by up to ``late_days``; ``open_lines`` of bank statements have no entry, the oldest
    for ``open_days``; ``months_behind`` ended more than half a month ago and are not closed; ``co_sign``
    payments wait for the committee; ``over_budget`` lines are spent beyond; ``bare`` entries of spending have
    no paper; ``overdrawn`` accounts are below nought.
    """

    trust_id: int
    slug: str
    name: str
    trustee: str
    district: str
    grid: str
    refreshed_at: datetime
    day: date
    log_size: int
    setup_version: int
    signed_size: int
    signed_at: datetime | None
    growth: int
    common: int
    maintenance: int
    funds: Mapping[str, int]
    quiet_days: int
    late: int
    late_days: int
    late_titles: str
    open_lines: int
    open_days: int
    months_behind: int
    corrections: int
    co_sign: int
    over_budget: int
    votes: int
    bare: int
    overdrawn: int
    checkpoint_days: int
