"""Rebuild the tree of a downloaded copy from its leaves, and compare everything on the way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping

from ledger.log.checkpoint import Checkpoint
from ledger.log.copy_files import CopyFiles
from ledger.log.entries import EntryRules, place
from ledger.log.findings import Findings
from ledger.log.tiles import TILE_HEIGHT, TILE_WIDTH, Tile, TileError, decode_bundle, entry_bundles
from ledger.log.tree import EMPTY_ROOT, HASH_SIZE, Frontier, leaf_hash

_LEVEL_STEP = HASH_SIZE * TILE_HEIGHT
"""Bytes in a stored row between the hashes of one tile level and of the next."""

Progress = Callable[[int], None]
"""Told how many leaves are done, after each file."""


class Replay:
    """One pass over a copy.

    ``prefixes`` gives, for sizes below the present one, the root that an old checkpoint proves for that size.
    After ``run``: ``leaves`` read, ``confirmed`` prefixes that agree.
    """

    def __init__(
        self,
        files: CopyFiles,
        head: Checkpoint,
        prefixes: Mapping[int, bytes],
        rules: EntryRules,
        findings: Findings,
    ) -> None:
        self.leaves = 0
        self.confirmed = 0
        self._files = files
        self._head = head
        self._prefixes = prefixes
        self._rules = rules
        self._findings = findings
        self._frontier = Frontier()
        self._whole = True  # until a leaf is missing whose hash is not in the copy either
        self._pending: dict[int, bytearray] = defaultdict(bytearray)  # hashes of unfinished upper tiles
        self._last_confirmed = 0

    def run(self, progress: Progress | None = None) -> None:
        """Read every file once; what is wrong goes to the findings."""
        self._compare_prefix()
        for tile in entry_bundles(self._head.size):
            self._read_bundle(tile)
            if progress is not None:
                progress(tile.stop)
            if not self._whole and self._findings.omitted:
                break  # hopeless, and a size can be signed that would keep us looking for files for years
        self._finish()

    def _read_bundle(self, tile: Tile) -> None:
        leaves = self._leaves(tile)
        stored = self._stored_hashes(Tile(0, tile.index, tile.width))
        for offset in range(tile.width):
            index = tile.start + offset
            known = stored[offset] if stored else None
            if offset < len(leaves):
                leaf = leaves[offset]
                computed = leaf_hash(leaf)
                if known is not None and computed != known:
                    self._findings.add(
                        "leaf.hash",
                        "这一笔的内容与校验文件里记的指纹不符：内容或校验文件被改动过，或下载时损坏。",
                        place(index),
                    )
                known = computed
                for finding in self._rules.check(index, leaf):
                    self._findings.add(finding.code, finding.message, finding.where)
            else:
                self._rules.skip()
            self._grow(known)
        self.leaves += min(len(leaves), tile.width)

    def _leaves(self, tile: Tile) -> list[bytes]:
        """The leaves of an entry bundle; fewer or more than promised is a finding."""
        where = tile.path
        data = self._files.tile(tile)
        if data is None:
            self._findings.add("file.missing", f"缺少第 {tile.start + 1} 到第 {tile.stop} 笔的内容。", where)
            return []
        try:
            leaves = decode_bundle(data)
        except TileError as error:
            self._findings.add("leaves.missing", str(error), where)
            return []
        if len(leaves) < tile.width:
            message = f"这个文件应有 {tile.width} 笔，实际只有 {len(leaves)} 笔。"
            self._findings.add("leaves.missing", message, where)
        elif len(leaves) > tile.width:
            message = f"这个文件应有 {tile.width} 笔，实际有 {len(leaves)} 笔，多出的没有凭据作证。"
            self._findings.add("leaves.extra", message, where)
        return leaves

    def _stored_hashes(self, tile: Tile) -> list[bytes] | None:
        data = self._files.tile(tile)
        if data is None:
            self._findings.add("file.missing", "缺少校验文件。", tile.path)
            return None
        if len(data) != tile.width * HASH_SIZE:
            self._findings.add("tile.size", "校验文件的长度不对，可能没有下载完整。", tile.path)
            return None
        return [data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE)]

    def _grow(self, leaf: bytes | None) -> None:
        """Add the next leaf to the rebuilt tree; upper tiles are compared as soon as they are full."""
        if leaf is None or not self._whole:
            self._whole = False
            return
        row = self._frontier.append(leaf)
        if len(row) > _LEVEL_STEP:
            for level in range(1, (len(row) - 1) // _LEVEL_STEP + 1):
                hashes = self._pending[level]
                hashes += row[level * _LEVEL_STEP : level * _LEVEL_STEP + HASH_SIZE]
                if len(hashes) == TILE_WIDTH * HASH_SIZE:
                    self._compare_tile(level, hashes)
        if self._frontier.size in self._prefixes:
            self._compare_prefix()

    def _compare_tile(self, level: int, hashes: bytearray) -> None:
        width = len(hashes) // HASH_SIZE
        index = (self._frontier.size >> (TILE_HEIGHT * level)) - 1
        tile = Tile(level, index // TILE_WIDTH, width)
        stored = self._files.tile(tile)
        if stored is None:
            self._findings.add("file.missing", "缺少校验文件。", tile.path)
        elif stored != hashes:
            message = "校验文件与根据流水重新算出的不符：文件被改动过，或下载时损坏。"
            self._findings.add("tile.hash", message, tile.path)
        hashes.clear()

    def _compare_prefix(self) -> None:
        """Compare the tree as it stands with the old checkpoint of this size, if one was kept."""
        size = self._frontier.size
        proven = self._prefixes.get(size)
        if proven is None:
            return
        if self._frontier.root() == proven:
            self.confirmed += 1
            self._last_confirmed = size
            return
        start = min(self._last_confirmed + 1, size)
        self._findings.add(
            "old.rewritten",
            f"第 {start} 到第 {size} 笔里有旧账被改写：重新计算的结果与您保存的凭据（当时共 {size} 笔）不符，"
            "现在的签名不能掩盖这一点。",
            f"第 {start} 到第 {size} 笔",
        )

    def _finish(self) -> None:
        if not self._whole:
            message = "副本缺少文件，算不出总校验值，也无法与您保存的旧凭据逐一核对。请重新下载。"
            self._findings.add("root.unchecked", message, f"第 {self._frontier.size + 1} 笔起")
            return
        for level, hashes in self._pending.items():
            if hashes:
                self._compare_tile(level, hashes)
        root = self._frontier.root() if self._head.size else EMPTY_ROOT
        if root != self._head.root:
            message = "根据全部流水重新算出的总校验值，与凭据上签名的不符：这不是凭据所证明的那份账。"
            self._findings.add("root.differs", message, "checkpoint")
