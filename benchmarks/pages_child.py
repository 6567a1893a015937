"""The file of a list in a process of its own, to see its memory: ``python -m benchmarks.pages_child URL UNTIL KIND``.

UNTIL: the last month, '' for all; KIND: ``simple`` or ``full``. Prints seconds, bytes and the peak of resident
memory in KiB.
"""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path

from benchmarks.community import TRUST
from disclosure.public.entries import stream_entries
from disclosure.public.entries_csv import entries_csv
from disclosure.public.query_string import read_query
from ledger.store.engine import open_engine, reading


def main(url: str, until: str, kind: str) -> None:
    """Make the file and throw it away."""
    engine = open_engine(url)
    wanted = read_query({"to": until}).filter
    written = 0
    start = time.perf_counter()
    with reading(engine) as conn:
        found = stream_entries(conn, TRUST, wanted)
        for piece in entries_csv(
            found, {}, lambda ref: f"https://mingzhang.example/{ref}", full=kind == "full"
        ):
            written += len(piece)
    seconds = time.perf_counter() - start
    peak = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    assert peak is not None
    print(seconds, written, peak[1])


if __name__ == "__main__":
    main(*sys.argv[1:])
