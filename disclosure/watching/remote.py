"""Reads a site's log over HTTP. Nothing that comes is believed; sizes and times are bounded.

What a site says is also printed: words of its own reach a terminal without control characters and cut short.
"""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import BAD_REQUEST, INTERNAL_SERVER_ERROR, OK
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx
import msgspec

from ledger.log.note import NoteError, decode_base64
from ledger.log.tiles import LEAF_LIMIT, TILE_WIDTH

TIMEOUT = 30.0
"""Seconds without a byte, or until a connection stands."""
_PATIENCE = 300.0
"""Seconds for one file altogether: a site that drips a byte now and then must not hold up the others."""
_SMALL, _LARGE = 1 << 16, TILE_WIDTH * (LEAF_LIMIT + 2)
_PROOF_LIMIT = 64
_LONGEST_SAID = 300


class Unreachable(Exception):
    """The site did not answer, or not with what was asked for. The message is Chinese; not an alarm yet.

    ``refused`` if it answered that it won't or can't (HTTP 4xx), rather than not at all or with a failure.
    """

    def __init__(self, message: str, *, refused: bool = False) -> None:
        self.refused = refused
        super().__init__(message)


class Remote:
    """The log of one community at ``address``, such as ``https://mingzhang.example/c/heyuan``."""

    def __init__(self, address: str, *, timeout: float = TIMEOUT) -> None:
        parts = urlsplit(address.strip().rstrip("/"))
        if parts.scheme not in ("http", "https") or not parts.hostname or "/c/" not in parts.path + "/":
            raise ValueError(f"“{address}”不是小区的网址，应像 https://网站/c/小区")
        path = "/c/" + parts.path.split("/c/", 1)[1].split("/", 1)[0]
        self.address = f"{parts.scheme}://{parts.netloc}{parts.path.split('/c/', 1)[0]}{path}"
        self._client = httpx.Client(
            timeout=timeout,
            follow_redirects=True,
            # Only gzip: what little a reader asks for can't unfold without bounds, as other packings could.
            headers={"user-agent": "mingzhang", "cache-control": "no-cache", "accept-encoding": "gzip"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._client.close()

    def checkpoint(self) -> str:
        """The newest signed head, as text."""
        return self.text("log/checkpoint")

    def key(self) -> str:
        """The public key the site shows."""
        return self.text("log/key").strip()

    def consistency(self, old: int, new: int) -> list[bytes]:
        """The proof between two sizes, as the site gives it; undecodable lines make it empty."""
        lines = self.text(f"log/consistency/{old}/{new}").split("\n")
        try:
            return [decode_base64(line) for line in lines if line][:_PROOF_LIMIT]
        except NoteError:
            return []

    def tile(self, path: str) -> bytes:
        """A hash tile or entry bundle."""
        return self._get(f"log/{path}", _LARGE)

    def send_cosignature(self, note: str) -> dict[str, Any]:
        """Send a witnessed checkpoint; the site's answer. Raises :class:`Unreachable`."""
        status, body = self._ask(
            "log/cosignature", _SMALL, note.encode(), {"content-type": "text/plain; charset=utf-8"}
        )
        try:
            answer = msgspec.json.decode(body)
        except msgspec.DecodeError:
            answer = None
        if not isinstance(answer, dict):
            raise Unreachable(f"网站没有接受见证签名（{status}）：{self.address}")
        return answer

    def text(self, path: str) -> str:
        """A small text file. Bytes that are not UTF-8 become lone surrogates, which no signature covers."""
        return self._get(path, _SMALL).decode("utf-8", "surrogateescape")

    def _get(self, path: str, limit: int) -> bytes:
        status, body = self._ask(path, limit)
        if status != OK:
            refused = BAD_REQUEST <= status < INTERNAL_SERVER_ERROR
            raise Unreachable(f"网站没有给出 {path}（{status}）：{self.address}", refused=refused)
        return body

    def _ask(
        self, path: str, limit: int, sent: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Status and at most ``limit`` bytes of an answer; ``sent`` is posted."""
        url, body, until = f"{self.address}/{path}", bytearray(), time.monotonic() + _PATIENCE
        method = "GET" if sent is None else "POST"
        with _reached(url), self._client.stream(method, url, content=sent, headers=headers) as response:
            if response.headers.get("content-encoding", "identity") not in ("identity", "gzip"):
                raise Unreachable(f"网站给出的 {path} 用了这里不收的压缩方式：{self.address}")
            for part in response.iter_bytes():
                body += part
                if len(body) > limit:
                    raise Unreachable(f"网站给出的 {path} 太大：{self.address}")
                if time.monotonic() > until:
                    raise Unreachable(f"网站给 {path} 给得太慢，没有等下去：{self.address}")
            return response.status_code, bytes(body)


@contextmanager
def _reached(url: str) -> Iterator[None]:
    try:
        yield
    except httpx.HTTPError as error:
        raise Unreachable(f"连不上网站：{url}（{type(error).__name__}）") from error


def printable(text: str) -> str:
    """What a site says, fit for a terminal: control characters would let it paint over an alarm."""
    return "".join(char if char.isprintable() else " " for char in text[:_LONGEST_SAID])


def proof_lines(proof: list[bytes]) -> str:
    """A proof as it is served: one base64 hash a line."""
    return "".join(b64encode(item).decode() + "\n" for item in proof)
