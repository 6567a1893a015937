"""The full CSV of a statement in a process of its own: ``python -m benchmarks.statement_child URL SPAN``.

The statement is built first, as of the end of the log; SPAN: ``2024-01`` or ``2024``. Prints the seconds of the
file alone, its bytes, and the peak of resident memory in KiB.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime

from benchmarks.audit_child import peak
from benchmarks.community import TRUST
from disclosure.statements.build import build_statement
from disclosure.statements.codec import encode_statement
from disclosure.statements.full_csv import full_csv
from disclosure.statements.publish import PublishedStatement
from ledger.log.store import latest_checkpoint
from ledger.periods.spans import read_span
from ledger.store.engine import open_engine, reading


def main(url: str, slug: str) -> None:
    """Make the file and throw it away."""
    span, written = read_span(slug), 0
    with reading(open_engine(url)) as conn:
        checkpoint = latest_checkpoint(conn, TRUST)
        assert checkpoint is not None
        value = build_statement(conn, TRUST, span, checkpoint.size, ["A"])
        made = datetime(2026, 1, 1, tzinfo=UTC)
        published = PublishedStatement(span.code, 1, checkpoint.size, encode_statement(value), made)
        start = time.perf_counter()
        for piece in full_csv(conn, TRUST, published):
            written += len(piece)
    print(time.perf_counter() - start, written, peak())


if __name__ == "__main__":
    main(*sys.argv[1:])
