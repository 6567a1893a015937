"""The circumstances of one command, handed in so that nothing reaches for a clock or for randomness."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))
"""China has had one time zone and no summer time since 1991."""


@dataclass(frozen=True, slots=True)
class Act:
    """When a command happens, and where its random bytes come from.

    ``now`` is the posting time (kept to the second, UTC); ``entropy(n)`` gives n random bytes.
    """

    now: datetime
    entropy: Callable[[int], bytes]

    def __post_init__(self) -> None:
        if self.now.tzinfo is None:
            raise ValueError("an act needs a time with a time zone")
        object.__setattr__(self, "now", self.now.astimezone(UTC).replace(microsecond=0))

    @property
    def today(self) -> date:
        """The business day in China at that moment."""
        return self.now.astimezone(BEIJING).date()
