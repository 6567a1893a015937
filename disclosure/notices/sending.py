"""The job that empties the outbox, in a thread of its own: a slow mail server holds up nothing else."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import Engine

from disclosure.notices.channels import Channel, Letter, UndeliveredError
from ledger.notices.outbox import REFUSED, SENT, Waiting, claim, due, settle, verdict
from ledger.store.engine import reading, writing

_log = logging.getLogger("mingzhang.notices")
EVERY = 5.0
"""Seconds between two looks."""
AT_ONCE = 50
"""Letters between two looks."""


class Sender:
    """Sends what is due. Log lines name channel and kind of failure, never a person, address or inquiry."""

    def __init__(
        self,
        engine: Engine,
        channels: Mapping[str, Channel],
        public_url: str,
        now: Callable[[], datetime],
    ) -> None:
        self._engine = engine
        self._channels = channels
        self._public_url = public_url
        self._now = now

    def __call__(self) -> int:
        """One look; returns how many were sent."""
        if not self._channels:
            return 0
        with reading(self._engine) as conn:
            waiting = due(conn, self._channels, self._now(), AT_ONCE)
        return sum(self._one(item) for item in waiting)

    def _one(self, waiting: Waiting) -> bool:
        now = self._now()
        with writing(self._engine) as conn:
            if over := verdict(waiting, now):
                settle(conn, waiting, over, now)
                return False
            if not claim(conn, waiting, now):
                return False
        try:
            self._channels[waiting.channel].send(letter_of(waiting, self._public_url), waiting.address)
        except Exception as error:
            for_good = isinstance(error, UndeliveredError) and error.for_good
            self._note(waiting, error, for_good)
            if for_good:
                self._settle(waiting, REFUSED)
            return False
        self._settle(waiting, SENT)
        return True

    def _settle(self, waiting: Waiting, outcome: str) -> None:
        with writing(self._engine) as conn:
            settle(conn, waiting, outcome, self._now())

    def _note(self, waiting: Waiting, error: Exception, for_good: bool) -> None:
        cause = type(error.__cause__ or error).__name__
        _log.warning(
            "event=notice_failed channel=%s trust_id=%s tries=%s for_good=%s error=%s",
            waiting.channel,
            waiting.trust_id,
            waiting.tries + 1,
            for_good,
            cause,
        )


def letter_of(waiting: Waiting, public_url: str) -> Letter:
    """A notice as a letter: what is new, where to read on, how to end it."""
    text = "\n".join(
        (
            f"{waiting.community}：",
            "",
            waiting.text,
            "",
            f"详情请看：{public_url}/c/{waiting.slug}{waiting.path}",
            "",
            f"这是系统自动发出的，请不要回复。不想再收到，请在 {public_url}/account 停用邮件通知。",
            "",
        )
    )
    place = f"{waiting.trust_id}/{waiting.person}/{waiting.key}/{waiting.channel}"
    mark = hashlib.sha256(place.encode()).hexdigest()[:40]
    return Letter(f"{waiting.community}：{waiting.subject}", text, mark, waiting.created_at)


class SendingThread:
    """Calls a :class:`Sender` again and again until ``stop``."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="notices", daemon=True)

    def start(self) -> None:
        """Begin in the background."""
        self._thread.start()

    def stop(self) -> None:
        """End; a letter under way may still take its time."""
        self._stopped.set()
        self._thread.join(timeout=EVERY)

    def _run(self) -> None:
        failing = ""
        while not self._stopped.wait(EVERY):
            try:
                self._sender()
                failing = ""
            except Exception as error:
                kind = type(error).__name__
                if kind != failing:
                    _log.error("event=notices_failed error=%s", kind)
                failing = kind
