"""The log as static files (C2SP tlog-tiles).

A hash tile at level L holds up to 256 neighbouring hashes of tree level 8·L; an entry bundle holds up to 256
neighbouring leaves, each after its length as a big-endian uint16. Full files never change; the last file of
each level may be partial and carries its width in its path.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ledger.log.tree import NodeId

TILE_HEIGHT = 8
TILE_WIDTH = 256
ENTRIES = -1
"""The "level" of entry bundles, whose path says ``entries`` instead of a number."""
LEAF_LIMIT = 65_535
"""Longest leaf in bytes, given by the length prefix."""

_PATH = re.compile(
    r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII
)


class TileError(ValueError):
    """A path or content that C2SP tlog-tiles does not allow. The message is Chinese and may be shown."""


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """One file: level (0 to 63, or ``ENTRIES``), index in the level, width in hashes or leaves (1 to 256)."""

    level: int
    index: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        """Path below the log's prefix, such as ``tile/0/x001/x234/067.p/17``; TileError if out of range."""
        if not (ENTRIES <= self.level <= 63 and self.index >= 0 and 1 <= self.width <= TILE_WIDTH):
            raise TileError("没有这样的校验文件。")
        level = "entries" if self.level == ENTRIES else str(self.level)
        groups = [f"{self.index % 1000:03d}"]
        rest = self.index // 1000
        while rest:
            groups.append(f"x{rest % 1000:03d}")
            rest //= 1000
        partial = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{level}/{'/'.join(reversed(groups))}{partial}"

    @property
    def start(self) -> int:
        """Index of the first leaf under this tile."""
        return self.index << (TILE_HEIGHT * (max(self.level, 0) + 1))

    @property
    def stop(self) -> int:
        """One past the index of the last leaf under this tile."""
        return self.start + (self.width << (TILE_HEIGHT * max(self.level, 0)))

    def nodes(self) -> list[NodeId]:
        """The nodes of the tree this hash tile holds, in order; TileError for an entry bundle."""
        if self.level == ENTRIES:
            raise TileError("流水文件里没有校验值。")
        first = self.index * TILE_WIDTH
        return [NodeId(TILE_HEIGHT * self.level, at) for at in range(first, first + self.width)]


def parse_tile_path(path: str) -> Tile:
    """The tile a path names; TileError unless it is spelt exactly as ``Tile.path`` would."""
    match = _PATH.fullmatch(path)
    if match is None:
        raise TileError("校验文件的路径不对。")
    level, index, width = match.groups()
    tile = Tile(
        ENTRIES if level == "entries" else int(level),
        int(index.replace("x", "").replace("/", "")),
        TILE_WIDTH if width is None else int(width),
    )
    if tile.level > 63 or tile.width > TILE_WIDTH or tile.path != path:  # .p/256, x000/..., level 64
        raise TileError("校验文件的路径不对。")
    return tile


def level_tiles(level: int, size: int) -> Iterator[Tile]:
    """Tiles of one level (or the entry bundles) of a tree of ``size`` leaves, left to right."""
    count = size >> (TILE_HEIGHT * max(level, 0))
    full, rest = divmod(count, TILE_WIDTH)
    for index in range(full):
        yield Tile(level, index)
    if rest:
        yield Tile(level, full, rest)


def hash_tiles(size: int) -> Iterator[Tile]:
    """All hash tiles of a tree of ``size`` leaves, level by level."""
    level = 0
    while size >> (TILE_HEIGHT * level):
        yield from level_tiles(level, size)
        level += 1


def entry_bundles(size: int) -> Iterator[Tile]:
    """All entry bundles of a log of ``size`` leaves."""
    return level_tiles(ENTRIES, size)


def all_tiles(size: int) -> Iterator[Tile]:
    """Every file below ``tile/`` of a log of ``size`` leaves."""
    yield from hash_tiles(size)
    yield from entry_bundles(size)


def encode_bundle(leaves: Iterable[bytes]) -> bytes:
    """An entry bundle; TileError if a leaf is longer than 65,535 bytes."""
    parts: list[bytes] = []
    for leaf in leaves:
        if len(leaf) > LEAF_LIMIT:
            raise TileError(f"一笔的内容有 {len(leaf)} 字节，超过 {LEAF_LIMIT} 字节的上限。")
        parts += (len(leaf).to_bytes(2, "big"), leaf)
    return b"".join(parts)


def decode_bundle(data: bytes) -> list[bytes]:
    """The leaves of an entry bundle; TileError if it ends in the middle of one."""
    leaves: list[bytes] = []
    at, end = 0, len(data)
    while at < end:
        start = at + 2
        stop = start + int.from_bytes(data[at:start], "big")
        if start > end or stop > end:
            raise TileError("流水文件不完整：最后一笔被截断。")
        leaves.append(data[start:stop])
        at = stop
    return leaves
