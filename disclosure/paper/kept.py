"""Files that are kept because making them takes long: noted when used, removed when there are too many."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

MOST_KEPT = 1 << 30
"""Bytes of a folder; what was used longest ago goes first. A finished year is about a megabyte."""
SPARED = 3600
"""Seconds for which a file is sure to stay after it was used: somebody may be about to read it."""


def is_kept(file: Path) -> bool:
    """Whether a file is there; if so it counts as used now."""
    try:
        os.utime(file)
    except FileNotFoundError:
        return False
    return True


def tidy(folder: Path, *, most: int | None = None) -> None:
    """Remove files until at most ``most`` bytes (:data:`MOST_KEPT`) stay, and what was left half made.

    Whatever was used in the last :data:`SPARED` seconds stays.
    """
    left = MOST_KEPT if most is None else most
    old = time.time() - SPARED
    for used, size, file in sorted(_files(folder), reverse=True):
        half_made = file.suffix in (".part", ".foot")
        left -= 0 if half_made else size
        if used < old and (half_made or left < 0):
            file.unlink(missing_ok=True)


def _files(folder: Path) -> Iterator[tuple[float, int, Path]]:
    """When each file was last used, its size, and where it is."""
    for file in folder.rglob("*"):
        try:
            seen = file.stat()
        except FileNotFoundError:
            continue  # somebody else tidies, too
        if file.is_file():
            yield seen.st_mtime, seen.st_size, file
