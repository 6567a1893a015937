"""Keep the summaries fresh: beside the signing of the logs, and by the command ``district refresh``."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Engine

from ledger.district import due_trusts, keep_summary, summarise
from ledger.store.engine import reading, writing
from ledger.trust.act import Act

_log = logging.getLogger("mingzhang.district")
EVERY = timedelta(seconds=10)
AT_ONCE = 5
"""Summaries made in one go: the signing of logs must not wait for a thousand of them."""


def refresh(engine: Engine, trust_ids: Sequence[int], act: Act) -> None:
    """Summarise these communities and keep the rows; each is read and written by itself."""
    for trust_id in trust_ids:
        with reading(engine) as conn:
            summary = summarise(conn, trust_id, act)
        with writing(engine) as conn:
            keep_summary(conn, summary)


class Refresher:
    """Called over and over from the background: makes the few summaries that are due, now and then."""

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now
        self._next: datetime | None = None
        self._failing: set[int] = set()

    def __call__(self) -> None:
        """Make what is due. One community failing does not hold up the others; it is tried again in a while."""
        act = Act(self._now(), secrets.token_bytes)
        if self._next is not None and act.now < self._next:
            return
        with reading(self._engine) as conn:
            due = due_trusts(conn, act, AT_ONCE + len(self._failing))
        for trust_id in due:
            self._one(trust_id, act)
        self._next = act.now if len(due) >= AT_ONCE else act.now + EVERY

    def _one(self, trust_id: int, act: Act) -> None:
        try:
            refresh(self._engine, [trust_id], act)
        except Exception as error:
            if trust_id not in self._failing:
                _log.error("event=summary_failed trust_id=%s error=%s", trust_id, type(error).__name__)
            self._failing.add(trust_id)
        else:
            self._failing.discard(trust_id)
