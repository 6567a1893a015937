"""The files of a downloaded copy of a log. Nothing in them is trusted."""

from __future__ import annotations

from collections.abc import Iterator
from os import fstat, walk
from pathlib import Path

from ledger.log.note import SIZE_LIMIT
from ledger.log.tiles import ENTRIES, LEAF_LIMIT, TILE_WIDTH, Tile, TileError, decode_bundle, parse_tile_path
from ledger.log.tree import HASH_SIZE

_BUNDLE_LIMIT = TILE_WIDTH * (LEAF_LIMIT + 2)
_TILE_LIMIT = TILE_WIDTH * HASH_SIZE


class CopyFiles:
    """Reads a copy in ``directory``, no file beyond its largest lawful size. Missing files read as None.

    Files in ``newer`` stand in for those of the same path.
    """

    def __init__(self, directory: Path, newer: Path | None = None) -> None:
        self._directory = directory
        self._folders = (directory,) if newer is None else (newer, directory)
        self._last: tuple[Tile, list[bytes] | None] | None = None

    def text(self, path: str) -> str | None:
        """A small text file. Bytes that are not UTF-8 become lone surrogates, which no signature covers."""
        data = self._read(path, SIZE_LIMIT)
        return None if data is None else data.decode("utf-8", "surrogateescape")

    def tile(self, tile: Tile) -> bytes | None:
        """The bytes of a hash tile or an entry bundle."""
        return self._read(tile.path, _BUNDLE_LIMIT if tile.level == ENTRIES else _TILE_LIMIT)

    def leaf(self, index: int, size: int) -> bytes | None:
        """One leaf of a log of ``size`` leaves; for looking back. The last file read is kept."""
        number = index // TILE_WIDTH
        tile = Tile(ENTRIES, number, min(TILE_WIDTH, size - number * TILE_WIDTH))
        if self._last is None or self._last[0] != tile:
            data = self.tile(tile)
            try:
                self._last = tile, None if data is None else decode_bundle(data)
            except TileError:
                self._last = tile, None
        leaves = self._last[1]
        offset = index - tile.start
        return leaves[offset] if leaves is not None and offset < len(leaves) else None

    def unexpected(self, size: int) -> Iterator[str]:
        """Files below ``tile`` that reach past the first ``size`` leaves, or are no tile at all.

        Narrower partial files left by an earlier download are harmless and pass.
        """
        for folder, _, names in walk(self._directory / "tile"):
            for name in names:
                path = (Path(folder) / name).relative_to(self._directory).as_posix()
                try:
                    if parse_tile_path(path).stop <= size:
                        continue
                except TileError:
                    pass
                yield path

    def _read(self, path: str, limit: int) -> bytes | None:
        """At most ``limit`` bytes and one more, which shows that there is more."""
        for folder in self._folders:
            try:
                with (folder / path).open("rb") as file:
                    # A read allocates what it is asked for, so ask for what is there.
                    return file.read(min(fstat(file.fileno()).st_size, limit + 1))
            except OSError:
                continue
        return None
