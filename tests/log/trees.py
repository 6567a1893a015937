"""A log in memory for tests, and the tree once more, written straight from the definitions of RFC 6962."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from hashlib import sha256

from ledger.log.tree import Frontier, NodeId, leaf_hash


class MemoryLog:
    """Leaves and rows in lists; counts how often nodes are read."""

    def __init__(self, leaves: Sequence[bytes] = ()) -> None:
        self.leaves: list[bytes] = []
        self.rows: list[bytes] = []
        self.frontier = Frontier()
        self.reads = 0
        for leaf in leaves:
            self.append(leaf)

    def append(self, leaf: bytes) -> None:
        self.leaves.append(leaf)
        self.rows.append(self.frontier.append(leaf_hash(leaf)))

    def read_nodes(self, nodes: Sequence[NodeId]) -> list[bytes]:
        self.reads += 1
        found = [self.rows[node.row][node.offset : node.offset + 32] for node in nodes]
        assert all(len(item) == 32 for item in found)
        return found

    def read_leaves(self, start: int, stop: int) -> list[bytes]:
        return self.leaves[start:stop]


def numbered(count: int) -> tuple[bytes, ...]:
    """Leaves that tell their index."""
    return tuple(f"leaf {index}".encode() for index in range(count))


def split(count: int) -> int:
    """Largest power of two smaller than ``count``."""
    power = 1
    while power * 2 < count:
        power *= 2
    return power


@cache
def naive_root(leaves: tuple[bytes, ...]) -> bytes:
    """MTH of RFC 6962 section 2.1."""
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return sha256(b"\0" + leaves[0]).digest()
    k = split(len(leaves))
    return sha256(b"\1" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


def naive_path(index: int, leaves: tuple[bytes, ...]) -> list[bytes]:
    """PATH of RFC 6962 section 2.1.1."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if index < k:
        return [*naive_path(index, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_path(index - k, leaves[k:]), naive_root(leaves[:k])]


def naive_consistency(old: int, leaves: tuple[bytes, ...], known: bool = True) -> list[bytes]:
    """PROOF and SUBPROOF of RFC 6962 section 2.1.2, for old > 0."""
    if old == len(leaves):
        return [] if known else [naive_root(leaves)]
    k = split(len(leaves))
    if old <= k:
        return [*naive_consistency(old, leaves[:k], known), naive_root(leaves[k:])]
    return [*naive_consistency(old - k, leaves[k:], False), naive_root(leaves[:k])]
