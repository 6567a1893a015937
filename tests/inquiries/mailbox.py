"""A mail server of the tests' own, on this machine."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from disclosure.config import Mail

SENDER = "明账 <tongzhi@mingzhang.example>"


@dataclass
class Sink:
    """What came in; ``answers`` are given to RCPT one after another, then all is well."""

    letters: list[tuple[str, EmailMessage]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    port: int = 0

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if self.answers:
            return self.answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        letter = message_from_bytes(envelope.content, policy=default)
        assert isinstance(letter, EmailMessage)
        self.letters.append((envelope.rcpt_tos[0], letter))
        return "250 OK"

    @property
    def mail(self) -> Mail:
        return Mail("127.0.0.1", self.port, SENDER, "none")


class _Server(Controller):  # type: ignore[misc]
    """On a port that is held from the start, so that no other process takes it in between."""

    def __init__(self, sink: Sink) -> None:
        self._held = socket.create_server(("127.0.0.1", 0))
        sink.port = self._held.getsockname()[1]
        super().__init__(sink, hostname="127.0.0.1", port=sink.port, ready_timeout=60)

    def _create_server(self) -> Awaitable[Any]:
        return self.loop.create_server(self._factory_invoker, sock=self._held)


@contextmanager
def mail_server() -> Iterator[Sink]:
    sink = Sink()
    controller = _Server(sink)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()
