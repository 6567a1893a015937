"""Exports of 1,000,000 postings: speed, and that memory does not grow with the books."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.report import Figure
from benchmarks.world import World, say
from ledger.export import FORMATS

_MOST_GROWTH = 1.10


def run(world: World) -> Iterator[Figure]:
    """Entries a second and peak memory, each format in a process of its own."""
    for kind in world.engines:
        books = world.books(kind)
        for format in FORMATS:
            say(f"{kind}: exporting {format}")
            tenth = books.entries // 10
            _, _, before = _export(books.database.url, format, tenth)
            seconds, size, peak = _export(books.database.url, format, books.entries)
            yield Figure(
                "exports", kind, f"{format}, speed", books.entries / seconds, "entries/s",
                note=f"{size / 1e6:,.0f} MB in {seconds:.1f} s",
            )  # fmt: skip
            growth = peak / before
            yield Figure(
                "exports", kind, f"{format}, peak memory", peak / 1024, "MiB", before / 1024,
                f"for {tenth * 2:,} postings", growth, f"<= {_MOST_GROWTH:.2f}", growth <= _MOST_GROWTH,
            )  # fmt: skip


def _export(url: str, format: str, entries: int) -> tuple[float, int, int]:
    """Seconds, bytes, and peak memory in KiB."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.export_child", url, format, str(entries)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[1],
    )
    seconds, size, peak = done.stdout.split()
    return float(seconds), int(size), int(peak)
