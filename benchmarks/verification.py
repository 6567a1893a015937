"""`verify_books` over books of 1,000,000 postings: every row against its leaf, the whole tree, all snapshots."""

from __future__ import annotations

import time
from collections.abc import Iterator

from benchmarks.community import TRUST
from benchmarks.report import Figure, skipped
from benchmarks.world import World, say
from ledger.store.engine import reading


def run(world: World) -> Iterator[Figure]:
    """Entries a second."""
    try:
        from ledger.verify import verify_books
    except ImportError as problem:
        yield skipped("verification", "", f"ledger.verify cannot be imported: {problem}")
        return
    for kind in world.engines:
        books = world.books(kind)
        say(f"{kind}: verifying {books.entries:,} entries")
        start = time.perf_counter()
        with reading(books.engine) as conn:
            report = verify_books(conn, TRUST, books.signer.verifier)
        seconds = time.perf_counter() - start
        found = f"{len(report.findings)} findings" + (
            f", first: {report.findings[0]}" if report.findings else ""
        )
        yield Figure(
            "verification", kind, f"verify_books, {report.entries:,} entries", report.entries / seconds, "entries/s",
            note=f"{seconds:.0f} s, {found}",
        )  # fmt: skip
