"""Export a year for auditors in a process of its own: ``python -m benchmarks.audit_child URL YEAR DAY``.

Prints seconds, bytes written, and the peak of resident memory in KiB after the first four megabytes and at the end.
"""

from __future__ import annotations

import os
import re
import sys
import time
from datetime import date
from pathlib import Path

from benchmarks.community import TRUST
from ledger.export.audit import audit_zip, open_scope
from ledger.store.engine import open_engine, reading

_EARLY = 4_000_000


def main(url: str, year: str, day: str) -> None:
    """Export a year, as known on a day, to nowhere."""
    engine = open_engine(url)
    written = early = 0
    start = time.perf_counter()
    with reading(engine) as conn, Path(os.devnull).open("wb") as out:
        for piece in audit_zip(open_scope(conn, TRUST, int(year), today=date.fromisoformat(day))):
            written += out.write(piece)
            if not early and written > _EARLY:
                early = peak()
    print(time.perf_counter() - start, written, early or peak(), peak())


def peak() -> int:
    """Not getrusage: its peak begins with what the parent had before the exec."""
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1])


if __name__ == "__main__":
    main(*sys.argv[1:])
