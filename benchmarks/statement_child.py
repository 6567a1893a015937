"""The full CSV of a statement in a process of its own: ``python -m benchmarks.statement_child DO URL SPAN FILE``.

``build`` makes the statement as of the end of the log and writes it to FILE; ``stream`` reads it there and makes the
CSV, so that its memory is not hidden below that of building. SPAN: ``2024-01`` or ``2024``. Prints seconds, bytes,
and the peak of resident memory in KiB.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from benchmarks.audit_child import peak
from benchmarks.community import TRUST
from disclosure.statements.build import build_statement
from disclosure.statements.codec import decode_statement, encode_statement
from disclosure.statements.full_csv import full_csv
from disclosure.statements.publish import PublishedStatement
from ledger.log.store import latest_checkpoint
from ledger.periods.spans import Span, read_span
from ledger.store.engine import open_engine, reading


def main(do: str, url: str, slug: str, file: str) -> None:
    """Build it, or make the CSV and throw it away."""
    span, start = read_span(slug), time.perf_counter()
    with reading(open_engine(url)) as conn:
        size = (_build if do == "build" else _stream)(conn, span, Path(file))
    print(time.perf_counter() - start, size, peak())


def _build(conn: Connection, span: Span, file: Path) -> int:
    checkpoint = latest_checkpoint(conn, TRUST)
    assert checkpoint is not None
    return file.write_bytes(encode_statement(build_statement(conn, TRUST, span, checkpoint.size, ["A"])))


def _stream(conn: Connection, span: Span, file: Path) -> int:
    body = file.read_bytes()
    size, made = decode_statement(body).size, datetime(2026, 1, 1, tzinfo=UTC)
    return sum(map(len, full_csv(conn, TRUST, PublishedStatement(span.code, 1, size, body, made))))


if __name__ == "__main__":
    main(*sys.argv[1:])
