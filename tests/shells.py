"""Commands typed one after the other by people whose phones show one-time codes."""

from __future__ import annotations

from datetime import datetime, timedelta

import pyotp
import pytest

from tests.ledger.books import act


class CommandClock:
    """The clock of the command line: a minute on for every code, as each code is good once.

    It begins at the hour of the tests' own books, so that no test depends on the hour it runs at.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, start: datetime | None = None) -> None:
        self.moment = start or act().now
        self._monkeypatch = monkeypatch
        monkeypatch.setattr("disclosure.cli.common.datetime", self)

    def now(self, _zone: object = None) -> datetime:
        return self.moment

    def show_code(self, secret: str) -> None:
        """Put what the phone of this secret shows a minute later where commands look for it."""
        self.moment += timedelta(minutes=1)
        self._monkeypatch.setenv("MINGZHANG_CODE", pyotp.TOTP(secret).at(self.moment))
