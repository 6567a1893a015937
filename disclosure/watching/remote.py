"""Reads a site's log over HTTP. Nothing that comes is believed; sizes and times are bounded."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx
import msgspec

from ledger.log.note import NoteError, decode_base64
from ledger.log.tiles import LEAF_LIMIT, TILE_WIDTH

TIMEOUT = 30.0
_SMALL, _LARGE = 1 << 16, TILE_WIDTH * (LEAF_LIMIT + 2)
_PROOF_LIMIT = 64


class Unreachable(Exception):
    """The site did not answer, or not with what was asked for. The message is Chinese; not an alarm yet."""


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
            headers={"user-agent": "mingzhang", "cache-control": "no-cache"},
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
        with _reached(self.address):
            response = self._client.post(
                f"{self.address}/log/cosignature",
                content=note.encode(),
                headers={"content-type": "text/plain; charset=utf-8"},
            )
        try:
            answer = msgspec.json.decode(response.content)
        except msgspec.DecodeError:
            answer = None
        if not isinstance(answer, dict):
            raise Unreachable(f"网站没有接受见证签名（{response.status_code}）：{self.address}")
        return answer

    def text(self, path: str) -> str:
        """A small text file. Bytes that are not UTF-8 become lone surrogates, which no signature covers."""
        return self._get(path, _SMALL).decode("utf-8", "surrogateescape")

    def _get(self, path: str, limit: int) -> bytes:
        url = f"{self.address}/{path}"
        body = bytearray()
        with _reached(url), self._client.stream("GET", url) as response:
            if response.status_code != 200:
                raise Unreachable(f"网站没有给出 {path}（{response.status_code}）：{self.address}")
            for part in response.iter_bytes():
                body += part
                if len(body) > limit:
                    raise Unreachable(f"网站给出的 {path} 太大：{self.address}")
        return bytes(body)


@contextmanager
def _reached(url: str) -> Iterator[None]:
    try:
        yield
    except httpx.HTTPError as error:
        raise Unreachable(f"连不上网站：{url}（{type(error).__name__}）") from error


def proof_lines(proof: list[bytes]) -> str:
    """A proof as it is served: one base64 hash a line."""
    return "".join(b64encode(item).decode() + "\n" for item in proof)
