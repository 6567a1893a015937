"""Hold what was made from a community's set-up for as long as that set-up holds."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from ledger.trust.setup import Setup

Made = TypeVar("Made")
_MOST = 200


class Held(Generic[Made]):
    """Calls ``make`` once for a set-up; a set-up that was loaded anew is made from anew."""

    def __init__(self, make: Callable[[Setup], Made]) -> None:
        self._make = make
        self._held: dict[int, tuple[Setup, Made]] = {}
        self._lock = Lock()

    def of(self, setup: Setup) -> Made:
        """What was made of it."""
        known = self._held.get(setup.trust_id)
        if known is not None and known[0] is setup:
            return known[1]
        made = self._make(setup)
        with self._lock:
            if len(self._held) >= _MOST:
                self._held.clear()
            self._held[setup.trust_id] = setup, made
        return made
