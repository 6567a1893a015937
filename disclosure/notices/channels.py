"""Ways to reach people. E-mail is built in; another package can add one, for WeChat say.

Such a package names in the entry point group ``mingzhang.channels`` a function ``(config) -> Channel | None``:
None where its settings are missing. People agree to be told on a channel by its ``name``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import entry_points
from typing import Protocol

from disclosure.config import Config

GROUP = "mingzhang.channels"


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice as it goes out. ``mark`` is the same whenever it is sent again, so that a mailbox can tell."""

    subject: str
    text: str
    mark: str
    at: datetime


class UndeliveredError(Exception):
    """It did not arrive. ``for_good``: trying again is no use, as with an address nobody has."""

    def __init__(self, *, for_good: bool) -> None:
        self.for_good = for_good
        super().__init__("for good" if for_good else "for now")


class Channel(Protocol):
    """One way to reach people."""

    @property
    def name(self) -> str:
        """What addresses are kept under."""

    def send(self, letter: Letter, address: str) -> None:
        """Deliver, within seconds. Raises :class:`UndeliveredError`; whatever else it raises is tried again."""


def channels_of(config: Config) -> Mapping[str, Channel]:
    """The channels this installation has settings for, by name."""
    from disclosure.notices.mail import MailChannel

    found: dict[str, Channel] = {}
    if config.mail is not None:
        found["email"] = MailChannel(config.mail)
    for point in entry_points(group=GROUP):
        channel = point.load()(config)
        if channel is not None:
            found[channel.name] = channel
    return found
