"""Commitments to private fields: provable to whom it concerns, unreadable to everyone else.

A plain hash of a room number or a phone can be guessed by trying all of them, so each field has its
own 128-bit salt, derived from one random salt of the entry. Once that salt is deleted, nothing published
can be tied to the field again, while the log and its proofs stay as they are. (The private value itself
stays in the trustee's own rows.) The commitment of a value is
``SHA-256(JCS([salt, path, value]))`` (RFC 8785), so that no two fields can be mistaken for each other.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from hashlib import sha256

import msgspec

from ledger.journal.draft import Detail
from ledger.log.tree import Frontier, leaf_hash

SALT_BYTES = 16


def field_salt(entry_salt: bytes, path: str) -> bytes:
    """The salt of one field: shown to whoever is to check that field, and says nothing of others."""
    return hmac.digest(entry_salt, path.encode(), "sha256")[:SALT_BYTES]


def commitment(entry_salt: bytes, path: str, value: str) -> str:
    """Hex commitment to a private text."""
    opened = msgspec.json.encode([field_salt(entry_salt, path).hex(), path, value])
    return sha256(opened).hexdigest()


def detail_leaf(entry_salt: bytes, line_no: int, detail_no: int, detail: Detail) -> bytes:
    """The bytes a household needs to prove its own part of a line."""
    path = f"lines.{line_no}.details.{detail_no}"
    salt = field_salt(entry_salt, path).hex()
    return msgspec.json.encode([salt, path, detail.unit, detail.amount, detail.basis])


def details_root(entry_salt: bytes, line_no: int, details: Sequence[Detail]) -> str:
    """Hex RFC 6962 root over all households' parts of a line."""
    tree = Frontier()
    for detail_no, detail in enumerate(details, start=1):
        tree.append(leaf_hash(detail_leaf(entry_salt, line_no, detail_no, detail)))
    return tree.root().hex()
