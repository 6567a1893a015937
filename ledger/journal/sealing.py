"""Commitments to private fields: provable to whom it concerns, unreadable to everyone else.

A plain hash of a room number or a phone can be guessed by trying all of them, so each field has its
own 128-bit salt, derived from one random salt of the entry. Once that salt is deleted, nothing published
can be tied to the field again, while the log and its proofs stay as they are. (The private value itself
stays in the trustee's own rows.) The commitment of a value is
``SHA-256(JCS([salt, path, value]))`` (RFC 8785), so that no two fields can be mistaken for each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import msgspec

from ledger.journal.draft import Detail
from ledger.log.tree import Frontier, leaf_hash

SALT_BYTES = 16
_BLOCK = 64  # of SHA-256
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


class Sealer:
    """Seals the private fields of one entry, whose salt keys an HMAC-SHA-256 (RFC 2104) of each path.

    The HMAC is put together from plain hashes: ``hmac.digest`` sets its key up anew each time and takes
    twice as long for texts of this size.
    """

    __slots__ = ("_inner", "_outer")

    def __init__(self, entry_salt: bytes) -> None:
        short = entry_salt if len(entry_salt) <= _BLOCK else sha256(entry_salt).digest()
        key = short.ljust(_BLOCK, b"\0")
        self._inner = key.translate(_INNER)
        self._outer = key.translate(_OUTER)

    def salt(self, path: str) -> bytes:
        """The salt of one field: shown to whoever is to check that field, and says nothing of others."""
        digest = sha256(self._outer + sha256(self._inner + path.encode()).digest()).digest()
        return digest[:SALT_BYTES]

    def seal(self, path: str, value: str) -> str:
        """Hex commitment to a private text."""
        return sha256(msgspec.json.encode([self.salt(path).hex(), path, value])).hexdigest()

    def detail_leaf(self, line_no: int, detail_no: int, detail: Detail) -> bytes:
        """The bytes a household needs to prove its own part of a line."""
        path = f"lines.{line_no}.details.{detail_no}"
        return msgspec.json.encode([self.salt(path).hex(), path, detail.unit, detail.amount, detail.basis])

    def details_root(self, line_no: int, details: Sequence[Detail]) -> str:
        """Hex RFC 6962 root over all households' parts of a line."""
        tree = Frontier()
        for detail_no, detail in enumerate(details, start=1):
            tree.append(leaf_hash(self.detail_leaf(line_no, detail_no, detail)))
        return tree.root().hex()


def field_salt(entry_salt: bytes, path: str) -> bytes:
    """The salt of one field of the entry that has this salt."""
    return Sealer(entry_salt).salt(path)


def commitment(entry_salt: bytes, path: str, value: str) -> str:
    """Hex commitment to a private text of the entry that has this salt."""
    return Sealer(entry_salt).seal(path, value)


def detail_leaf(entry_salt: bytes, line_no: int, detail_no: int, detail: Detail) -> bytes:
    """The bytes that prove one household's part, of the entry that has this salt."""
    return Sealer(entry_salt).detail_leaf(line_no, detail_no, detail)
