"""JSON Lines: the leaves themselves, byte for byte, one a line (RFC 8785 spelling has no line breaks).

The SHA-256 of ``0x00`` and a line is that leaf's hash in the tree (RFC 6962): nothing is lost here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ledger.export.public import Book


def render(_book: Book, leaves: Iterable[bytes]) -> Iterator[str]:
    """One line a leaf, of whatever kind."""
    for leaf in leaves:
        yield leaf.decode() + "\n"
