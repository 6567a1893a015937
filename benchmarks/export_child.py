"""Export in a process of its own, to see its memory: ``python -m benchmarks.export_child URL FORMAT SIZE``.

Prints seconds, bytes written and the peak of resident memory in KiB.
"""

from __future__ import annotations

import os
import re
import sys
import time
from pathlib import Path
from typing import cast

from benchmarks.community import TRUST
from ledger.export import stream_book
from ledger.export.stream import FormatName
from ledger.store.engine import open_engine, reading


def main(url: str, format: str, size: str) -> None:
    """Export the first ``size`` entries to nowhere."""
    engine = open_engine(url)
    written = 0
    start = time.perf_counter()
    with reading(engine) as conn, Path(os.devnull).open("wb") as out:
        for chunk in stream_book(conn, TRUST, cast(FormatName, format), size=int(size)):
            written += out.write(chunk)
    seconds = time.perf_counter() - start
    # Not getrusage: its peak begins with what the parent had before the exec.
    peak = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    assert peak is not None
    print(seconds, written, peak[1])


if __name__ == "__main__":
    main(*sys.argv[1:])
