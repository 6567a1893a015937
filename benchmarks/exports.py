"""Exports of 1,000,000 postings: speed, and that memory does not grow with the books."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.community import OPENED
from benchmarks.report import Figure
from benchmarks.world import Books, World, say
from ledger.export import FORMATS
from tests.servers import Kind

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
        yield from _audit(kind, books)
        yield from _statement(world, kind, books)


def _audit(kind: Kind, books: Books) -> Iterator[Figure]:
    """The first year for auditors, half of the books: memory after the first four megabytes and at the end."""
    say(f"{kind}: exporting a year for auditors")
    year = OPENED.year
    told = _child("benchmarks.audit_child", books.database.url, str(year), f"{year + 1}-12-31")
    seconds, size, early, peak = (float(text) for text in told)
    yield Figure(
        "exports", kind, "audit year, speed", books.entries / 2 / seconds, "entries/s",
        note=f"{size / 1e6:,.0f} MB packed in {seconds:.1f} s",
    )  # fmt: skip
    growth = peak / early
    yield Figure(
        "exports", kind, "audit year, peak memory", peak / 1024, "MiB", early / 1024,
        "after the first 4 MB", growth, f"<= {_MOST_GROWTH:.2f}", growth <= _MOST_GROWTH,
    )  # fmt: skip


def _statement(world: World, kind: Kind, books: Books) -> Iterator[Figure]:
    """The first year's statement with every line, beside that of its first month."""
    say(f"{kind}: the full CSV of a year's statement")
    year = OPENED.year
    _, _, before = _full(world, books, f"{year}-01")
    seconds, size, peak = _full(world, books, str(year))
    yield Figure(
        "exports", kind, "statement of a year, full CSV: speed", books.entries / 2 / seconds, "entries/s",
        note=f"{size / 1e6:,.0f} MB in {seconds:.1f} s",
    )  # fmt: skip
    growth = peak / before
    yield Figure(
        "exports", kind, "statement of a year, full CSV: peak memory", peak / 1024, "MiB", before / 1024,
        "for a month", growth, f"<= {_MOST_GROWTH:.2f}", growth <= _MOST_GROWTH,
    )  # fmt: skip


def _full(world: World, books: Books, span: str) -> tuple[float, int, int]:
    """Seconds, bytes, and peak memory in KiB of the CSV alone."""
    asked = (books.database.url, span, str(world.folder / "statement.json"))
    _child("benchmarks.statement_child", "build", *asked)
    seconds, size, peak = _child("benchmarks.statement_child", "stream", *asked)
    return float(seconds), int(size), int(peak)


def _export(url: str, format: str, entries: int) -> tuple[float, int, int]:
    """Seconds, bytes, and peak memory in KiB."""
    seconds, size, peak = _child("benchmarks.export_child", url, format, str(entries))
    return float(seconds), int(size), int(peak)


def _child(module: str, *arguments: str) -> list[str]:
    """What a module run in a process of its own prints."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[1],
    )
    return done.stdout.split()
