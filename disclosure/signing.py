"""Signs the logs: at the start, and then whenever one has grown, within a second.

In between it brings the sums of the entry lists up to date, when enough entries have come to be worth it.
Posting never waits for a signature. A checkpoint that is missing after a crash is made at the next start.
A trust whose key is not here is served without signing.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Engine, func, select

from disclosure.config import Config
from ledger.log.keys import load_signer
from ledger.log.note import Signer
from ledger.log.store import sign_log
from ledger.store.engine import reading
from ledger.store.tables import checkpoint, trust, trust_head
from ledger.totals import keep_all

_log = logging.getLogger("mingzhang.signing")
INTERVAL = 0.5
"""Seconds between two looks."""
WORTH_KEEPING = 100
"""So many new entries a list adds up in a millisecond; more are added to the kept sums, in some 20."""


class Keys:
    """The signing keys of this installation, each read once, and which logs fail to be signed."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._signers: dict[str, Signer] = {}
        self._failing: dict[str, str] = {}

    def signer(self, slug: str, origin: str) -> Signer | None:
        """The signer of a trust's log, or None if its key is not kept here."""
        if slug not in self._signers:
            try:
                self._signers[slug] = load_signer(self._config.key_path(slug), origin)
            except FileNotFoundError:
                return None
        return self._signers[slug]

    def note_outcome(self, slug: str, error: Exception | None) -> None:
        """Log a failure when it begins and its end, not every half second in between."""
        kind = type(error).__name__ if error else ""
        if kind != self._failing.get(slug, ""):
            if kind:
                _log.error("event=signing_failed trust=%s error=%s", slug, kind)
            else:
                _log.warning("event=signing_recovered trust=%s", slug)
        self._failing[slug] = kind


def sign_pending(engine: Engine, keys: Keys, now: Callable[[], datetime]) -> int:
    """Sign every log that is ahead of its newest checkpoint; one failing does not hold up the others.

    Returns how many were signed.
    """
    signed = (
        select(func.coalesce(func.max(checkpoint.c.size), 0))
        .where(checkpoint.c.trust_id == trust_head.c.trust_id)
        .scalar_subquery()
    )
    with reading(engine) as conn:
        pending = conn.execute(
            select(trust.c.trust_id, trust.c.slug, trust.c.origin)
            .join(trust_head, trust_head.c.trust_id == trust.c.trust_id)
            .where(trust_head.c.size > signed)
        ).all()
    done = 0
    for trust_id, slug, origin in pending:
        try:
            signer = keys.signer(slug, origin)
            if signer is not None:
                sign_log(engine, trust_id, signer, now())
                done += 1
            keys.note_outcome(slug, None)
        except Exception as error:
            keys.note_outcome(slug, error)
    return done


class SigningThread:
    """Calls :func:`sign_pending` once at ``start`` and then again and again until ``stop``; after each further
    round each of ``also``, for what else is done in the background."""

    def __init__(
        self,
        engine: Engine,
        keys: Keys,
        now: Callable[[], datetime],
        also: Sequence[Callable[[], None]] = (),
    ) -> None:
        self._engine = engine
        self._keys = keys
        self._now = now
        self._also = also
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="signing", daemon=True)

    def start(self) -> None:
        """Sign what is missing, then keep watch in the background."""
        self._round()
        self._thread.start()

    def stop(self) -> None:
        """End after the round that is under way."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(INTERVAL):
            self._round()
            self._keep()
            self._do_also()

    def _keep(self) -> None:
        try:
            keep_all(self._engine, behind=WORTH_KEEPING)
        except Exception as error:
            self._keys.note_outcome("lists", error)
        else:
            self._keys.note_outcome("lists", None)

    def _do_also(self) -> None:
        for place, one in enumerate(self._also):
            try:
                one()
                self._keys.note_outcome(f"(also {place})", None)
            except Exception as error:
                self._keys.note_outcome(f"(also {place})", error)

    def _round(self) -> None:
        try:
            sign_pending(self._engine, self._keys, self._now)
            self._keys.note_outcome("", None)
        except Exception as error:
            self._keys.note_outcome("", error)
