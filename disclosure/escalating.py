"""What inquiries need done by the clock: once an hour, beside the signing of the logs."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Engine

from ledger.inquiries import due_trusts, escalate_due
from ledger.store.engine import reading, writing
from ledger.trust.act import Act

_log = logging.getLogger("mingzhang.inquiries")
EVERY = timedelta(hours=1)


class Escalator:
    """Called over and over from the background: every hour lets what is late go up, each community by itself.

    One that fails does not hold up the others; it is tried again an hour later.
    """

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now
        self._next: datetime | None = None
        self._failing: set[int] = set()

    def __call__(self) -> None:
        """Do what is due, if the hour has come."""
        act = Act(self._now(), secrets.token_bytes)
        if self._next is not None and act.now < self._next:
            return
        with reading(self._engine) as conn:
            due = due_trusts(conn, act)
        for trust_id in due:
            self._one(trust_id, act)
        self._next = act.now + EVERY

    def _one(self, trust_id: int, act: Act) -> None:
        try:
            with writing(self._engine) as conn:
                escalate_due(conn, trust_id, act)
        except Exception as error:
            if trust_id not in self._failing:
                _log.error("event=escalation_failed trust_id=%s error=%s", trust_id, type(error).__name__)
            self._failing.add(trust_id)
        else:
            self._failing.discard(trust_id)
