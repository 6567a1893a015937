"""Merkle tree over SHA-256 (RFC 6962 section 2.1, RFC 9162 section 2.1).

Storage model. A *node* (level L, index j) is the complete subtree over the leaves j·2^L up to (j+1)·2^L - 1;
it never changes once its last leaf is there. Row i of the store holds, one after another, the hashes of all
complete subtrees that end at leaf i, level 0 first. So a node lives in row ((j+1) << L) - 1 at byte 32·L,
rows are only ever appended, and a proof is made from at most a few dozen rows fetched in one query. What is
not complete (the ragged right edge of a tree) is hashed together from complete nodes when it is asked for.

Sizes and indices count leaves from 0. All hashes are 32 bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()
"""Root of a tree without leaves: the hash of nothing (RFC 6962 section 2.1)."""


class ProofError(ValueError):
    """A proof, a position or stored hashes do not fit together. The message is Chinese and may be shown."""


@dataclass(frozen=True, slots=True)
class NodeId:
    """Name of a complete subtree: the leaves index·2^level up to (index+1)·2^level - 1."""

    level: int
    index: int

    @property
    def row(self) -> int:
        """The row of the store that holds this node: the index of the subtree's last leaf."""
        return ((self.index + 1) << self.level) - 1

    @property
    def offset(self) -> int:
        """Where in its row the 32 bytes begin."""
        return HASH_SIZE * self.level


ReadNodes = Callable[[Sequence[NodeId]], Sequence[bytes]]
"""Fetch the hashes of nodes, in the order asked for. Called once a proof."""


class Plan(NamedTuple):
    """What to read for a proof, and how to put it together.

    ``nodes`` are the complete subtrees to read; the first ``folds[0]`` of them hash together into the proof's
    first item, the next ``folds[1]`` into its second, and so on.
    """

    nodes: tuple[NodeId, ...]
    folds: tuple[int, ...]

    def assemble(self, hashes: Sequence[bytes]) -> list[bytes]:
        """The proof's items from the hashes of ``nodes``; ProofError if some are missing or not 32 bytes."""
        if len(hashes) != len(self.nodes) or any(len(item) != HASH_SIZE for item in hashes):
            raise ProofError("存储的校验数据不完整，无法生成证明。")
        items: list[bytes] = []
        start = 0
        for count in self.folds:
            items.append(_fold(hashes[start : start + count]))
            start += count
        return items


def leaf_hash(data: bytes) -> bytes:
    """Hash of a leaf's bytes (RFC 6962 section 2.1: prefix 0x00)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node from its children (RFC 6962 section 2.1: prefix 0x01)."""
    return sha256(b"\x01" + left + right).digest()


def _fold(peaks: Sequence[bytes]) -> bytes:
    """Hash neighbouring subtrees, largest first, into one: the shape RFC 6962 gives to a ragged edge."""
    accumulated = peaks[-1]
    for peak in reversed(peaks[:-1]):
        accumulated = sha256(b"\x01" + peak + accumulated).digest()
    return accumulated


class Frontier:
    """The growing edge of a tree: its size and the roots of its maximal complete subtrees, largest first.

    Enough to append and to give the root, in at most 64 hashes whatever the size.
    """

    __slots__ = ("_peaks", "_size")

    def __init__(self) -> None:
        self._size = 0
        self._peaks: list[bytes] = []

    @property
    def size(self) -> int:
        """Number of leaves."""
        return self._size

    def append(self, leaf: bytes) -> bytes:
        """Add the next leaf's hash; return its row for the store. ProofError if it is not 32 bytes."""
        if len(leaf) != HASH_SIZE:
            raise ProofError("叶子校验值的长度不对。")
        node, row, remaining, peaks = leaf, [leaf], self._size, self._peaks
        while remaining & 1:  # a one bit is a complete left sibling waiting for this node
            node = sha256(b"\x01" + peaks.pop() + node).digest()
            row.append(node)
            remaining >>= 1
        peaks.append(node)
        self._size += 1
        return b"".join(row)

    def root(self) -> bytes:
        """Root of the tree as it stands."""
        return _fold(self._peaks) if self._peaks else EMPTY_ROOT

    def copy(self) -> Frontier:
        """An independent frontier of the same tree."""
        return Frontier.from_bytes(self._size, self.to_bytes())

    def to_bytes(self) -> bytes:
        """The peaks one after another; with the size, all that must be kept."""
        return b"".join(self._peaks)

    @classmethod
    def from_bytes(cls, size: int, data: bytes) -> Frontier:
        """The frontier ``to_bytes`` gave at ``size`` leaves; ProofError if the length does not fit."""
        if size < 0 or len(data) != HASH_SIZE * size.bit_count():
            raise ProofError("保存的树状态与笔数对不上。")
        frontier = cls()
        frontier._size = size
        frontier._peaks = [data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE)]
        return frontier


def _cover(low: int, high: int) -> list[NodeId]:
    """Complete subtrees covering leaves low..high-1, largest first; low is a multiple of their sizes."""
    nodes: list[NodeId] = []
    count = high - low
    while count:
        level = count.bit_length() - 1
        nodes.append(NodeId(level, low >> level))
        low += 1 << level
        count -= 1 << level
    return nodes


def _plan(ranges: Sequence[tuple[int, int]]) -> Plan:
    covers = [_cover(low, high) for low, high in ranges]
    return Plan(tuple(node for cover in covers for node in cover), tuple(map(len, covers)))


def _split(low: int, high: int) -> int:
    """Where RFC 6962 parts low..high-1: after the largest power of two smaller than the number of leaves."""
    return low + (1 << ((high - low - 1).bit_length() - 1))


def root_plan(size: int) -> Plan:
    """What to read for the root of the first ``size`` leaves; ProofError if negative."""
    if size < 0:
        raise ProofError("笔数不能是负数。")
    return _plan([(0, size)] if size else [])


def inclusion_plan(index: int, size: int) -> Plan:
    """What to read to prove leaf ``index`` in the tree of ``size`` leaves (RFC 6962 section 2.1.1).

    Raises ProofError if there is no such leaf.
    """
    if not 0 <= index < size:
        raise ProofError(f"没有第 {index + 1} 笔：这棵树只有 {size} 笔。")
    low, high = 0, size
    siblings: list[tuple[int, int]] = []
    while high - low > 1:
        middle = _split(low, high)
        if index < middle:
            siblings.append((middle, high))
            high = middle
        else:
            siblings.append((low, middle))
            low = middle
    return _plan(siblings[::-1])  # a proof runs from the leaf upwards


def consistency_plan(old: int, new: int) -> Plan:
    """What to read to prove that the first ``old`` leaves are a prefix of ``new`` (RFC 6962 section 2.1.2).

    Nothing is needed from an empty tree or between equal sizes. Raises ProofError unless 0 <= old <= new.
    """
    if not 0 <= old <= new:
        raise ProofError(f"不能证明 {old} 笔是 {new} 笔的前一段。")
    if old in (0, new):
        return _plan([])
    low, high = 0, new
    parts: list[tuple[int, int]] = []
    while old != high:
        middle = _split(low, high)
        if old <= middle:
            parts.append((middle, high))
            high = middle
        else:
            parts.append((low, middle))
            low = middle
    if low:  # otherwise this subtree is the old tree itself, whose root the verifier has
        parts.append((low, high))
    return _plan(parts[::-1])


def root_at(size: int, read: ReadNodes) -> bytes:
    """Root of the first ``size`` leaves; one call of ``read`` (none for an empty tree)."""
    plan = root_plan(size)
    return plan.assemble(read(plan.nodes))[0] if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, read: ReadNodes) -> list[bytes]:
    """RFC 6962 section 2.1.1 audit path of leaf ``index``, its sibling first; one call of ``read``."""
    plan = inclusion_plan(index, size)
    return plan.assemble(read(plan.nodes))


def consistency_proof(old: int, new: int, read: ReadNodes) -> list[bytes]:
    """RFC 6962 section 2.1.2 proof from ``old`` to ``new`` leaves; one call of ``read``."""
    plan = consistency_plan(old, new)
    return plan.assemble(read(plan.nodes))


def _check_lengths(hashes: Sequence[bytes]) -> None:
    if any(len(item) != HASH_SIZE for item in hashes):
        raise ProofError("证明里有长度不对的校验值。")


def _climb(position: int, last: int, start: bytes, proof: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Climb from node ``position`` of a level whose last node is ``last`` (the walk RFC 9162 gives twice).

    Returns the root of the tree that ends with the start node, and the root of the whole tree.
    """
    old = new = start
    for item in proof:
        if last == 0:
            raise ProofError("证明太长。")
        if position & 1 or position == last:
            old, new = node_hash(item, old), node_hash(item, new)
            while position and not position & 1:  # the right edge rises past levels where it has no sibling
                position >>= 1
                last >>= 1
        else:
            new = node_hash(new, item)
        position >>= 1
        last >>= 1
    if last:
        raise ProofError("证明太短。")
    return old, new


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that the leaf with hash ``leaf`` stands at ``index`` of the tree (RFC 9162 section 2.1.3.2).

    Raises ProofError if not.
    """
    if not 0 <= index < size:
        raise ProofError(f"没有第 {index + 1} 笔：这棵树只有 {size} 笔。")
    _check_lengths([leaf, root, *proof])
    _, computed = _climb(index, size - 1, leaf, proof)
    if computed != root:
        raise ProofError("证明不成立：这一笔不在这份账里，或者内容被改过。")


def verify_consistency(
    old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the tree of ``old_size`` leaves is a prefix of the newer one (RFC 9162 section 2.1.4.2).

    Raises ProofError if not.
    """
    if not 0 <= old_size <= new_size:
        raise ProofError(f"旧账有 {old_size} 笔，新账只有 {new_size} 笔，账变少了。")
    _check_lengths([old_root, new_root, *proof])
    if old_size in (0, new_size):
        known = new_root if old_size else EMPTY_ROOT
        if proof or old_root != known or (new_size == 0 and new_root != EMPTY_ROOT):
            raise ProofError("证明不成立：两份账对不上。")
        return
    level = (old_size & -old_size).bit_length() - 1  # height of the last complete subtree of the old tree
    position = (old_size - 1) >> level
    if position == 0:  # the old tree is that subtree: the proof leaves its root out
        proof = [old_root, *proof]
    if not proof:
        raise ProofError("证明太短。")
    old, new = _climb(position, (new_size - 1) >> level, proof[0], proof[1:])
    if old != old_root or new != new_root:
        raise ProofError("证明不成立：旧账不是新账的前一段，旧账被改写过。")
