"""A log that is really served, on loopback, and what a dishonest operator could make of it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.note import Signer
from ledger.log.tiles import ENTRIES, encode_bundle, parse_tile_path
from ledger.log.tree import consistency_proof, root_at
from tests.log.books import SIGNER, entries, leaves_of
from tests.log.trees import MemoryLog
from tests.serving import serving

NOW = datetime(2026, 11, 20, 1, 2, 3, tzinfo=UTC)
SLUG = "mingheyuan"


@cache
def small_log(count: int, **changed: str) -> MemoryLog:
    """A log of ``count`` entries, not to be changed; ``changed`` gives another summary to entries named by their number."""
    made = entries(count)
    for number, summary in changed.items():
        made[int(number.removeprefix("no"))]["summary"] = summary
    return MemoryLog(leaves_of(made))


@dataclass
class Operator:
    """Serves whatever log it is told to, signed with the true key, as a dishonest operator would.

    ``spoil`` changes the bytes of single files; ``missing`` are not given out at all; at ``failing`` ones the
    site breaks. ``reply`` answers a cosignature; ``encoding`` is how every answer says it is packed.
    """

    log: MemoryLog
    signer: Signer = SIGNER
    size: int = 0
    spoil: dict[str, bytes] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    failing: set[str] = field(default_factory=set)
    reply: bytes = b'{"ok": true, "taken": []}'
    encoding: bytes = b""
    asked: list[str] = field(default_factory=list)
    posted: list[bytes] = field(default_factory=list)

    def note(self, size: int = 0) -> str:
        shown = size or self.size or len(self.log.leaves)
        head = Checkpoint(SIGNER.name, shown, root_at(shown, self.log.read_nodes))
        return sign_checkpoint(head, self.signer)

    def file(self, path: str) -> bytes | None:
        if path in self.missing:
            return None
        if path in self.spoil:
            return self.spoil[path]
        if path == "checkpoint":
            return self.note().encode()
        if path == "key":
            return (self.signer.verifier.vkey + "\n").encode()
        if path.startswith("consistency/"):
            old, new = map(int, path.split("/")[1:])
            proof = consistency_proof(old, new, self.log.read_nodes)
            return "".join(b64encode(item).decode() + "\n" for item in proof).encode()
        if path.startswith("tile/"):
            tile = parse_tile_path(path)
            if tile.stop > len(self.log.leaves):
                return None
            if tile.level == ENTRIES:
                return encode_bundle(self.log.leaves[tile.start : tile.stop])
            return b"".join(self.log.read_nodes(tile.nodes()))
        return None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while True:
                message = await receive()
                await send({"type": message["type"] + ".complete"})
                if message["type"] == "lifespan.shutdown":
                    return
        path = scope["path"].removeprefix(f"/c/{SLUG}/log/")
        if scope["method"] == "POST":
            self.posted.append((await receive()).get("body", b""))
            body: bytes | None = self.reply
        else:
            self.asked.append(path)
            body = self.file(path)
        status = 503 if path in self.failing else 404 if body is None else 200
        headers = [(b"content-encoding", self.encoding)] if self.encoding else []
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body or b""})


@contextmanager
def operating(operator: Operator) -> Iterator[str]:
    """Serve an operator's log; the community's address."""
    with serving(operator) as address:
        yield f"{address}/c/{SLUG}"


__all__ = ["NOW", "SLUG", "Operator", "operating", "small_log"]
