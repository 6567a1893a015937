"""The full file of a statement: all its figures with their codes, then every line of every entry of the span.

One row a figure (``figure``) or line (``line``); headers and codes in ASCII, for programs. Entries are read and
written a few at a time, so that the file of a year needs no more memory than that of a month.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, Engine, select

from disclosure.paper.kept import is_kept, tidy
from disclosure.public.leaves import PublicEntry, decode_leaf
from disclosure.statements.csv_file import safe_text
from disclosure.statements.figures import Figure, figures
from disclosure.statements.publish import PublishedStatement
from ledger.money import plain_yuan
from ledger.periods.spans import Span, span_of
from ledger.store.engine import reading
from ledger.store.tables import entry, leaf

FULL = (
    "row",
    "key",
    "part",
    "book",
    "fund",
    "code",
    "name",
    "measure",
    "amount",
    "count",
    "ref",
    "seq",
    "line",
    "date",
    "event",
    "side",
    "summary",
    "counterparty",
    "corrects",
)
"""The columns: ``key`` names a figure, ``code`` an account or other code, ``amount`` is in yuan."""
_CHUNK = 500
_PARTS = 256 * 1024


def full_csv(conn: Connection, trust_id: int, published: PublishedStatement) -> Iterator[bytes]:
    """The file piece by piece."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(FULL)
    for row in _rows(conn, trust_id, published):
        writer.writerow(row)
        if file.tell() > _PARTS:
            yield file.getvalue().encode()
            file.seek(0)
            file.truncate()
    yield file.getvalue().encode()


def full_file(cache_dir: Path, engine: Engine, trust_id: int, published: PublishedStatement) -> Path:
    """The same as a file, made when first asked for and kept while there is room; it depends on the version alone."""
    name = sha256(repr((trust_id, FULL, published.body)).encode()).hexdigest()
    path = cache_dir / "statement-data" / f"{name}.csv"
    if not is_kept(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with reading(engine) as conn, TemporaryDirectory(dir=path.parent) as folder:
            part = Path(folder) / f"{name}.part"
            with part.open("wb") as file:
                file.writelines(full_csv(conn, trust_id, published))
                file.flush()
                os.fsync(file.fileno())  # or it could have its name and no bytes after a power cut
            part.replace(path)
        tidy(path.parent)
    return path


def _rows(conn: Connection, trust_id: int, published: PublishedStatement) -> Iterator[tuple[str, ...]]:
    value = published.value
    for figure in figures(value):
        yield _figure(figure)
    for item in value.restated:
        yield _row(
            row="figure",
            key=f"{item.key}.corrected",
            part="结账以后的更正",
            name=item.label,
            measure="更正后",
            amount=plain_yuan(item.corrected),
        )
    for found in entries_of(conn, trust_id, span_of(published.period), published.size):
        yield from _lines(found)


def entries_of(conn: Connection, trust_id: int, span: Span, size: int) -> Iterator[PublicEntry]:
    """Every entry dated in the span among the first ``size`` leaves of the log, in the order of the log."""
    query = (
        select(leaf.c.body)
        .join(entry, (entry.c.trust_id == leaf.c.trust_id) & (entry.c.seq == leaf.c.seq))
        .where(
            entry.c.trust_id == trust_id,
            entry.c.business_date.between(span.first, span.last),
            entry.c.seq < size,
        )
        .order_by(entry.c.seq)
        .execution_options(yield_per=_CHUNK)
    )
    for body in conn.execute(query).scalars():
        yield decode_leaf(bytes(body))


def _figure(figure: Figure) -> tuple[str, ...]:
    amount = {"amount": plain_yuan(figure.value)} if figure.unit == "fen" else {"count": str(figure.value)}
    return _row(
        row="figure",
        key=figure.key,
        part=figure.part,
        book=figure.book,
        fund=figure.fund,
        code=figure.code,
        name=figure.name,
        measure=figure.measure,
        **amount,
    )


def _lines(item: PublicEntry) -> Iterator[tuple[str, ...]]:
    for line in item.lines:
        yield _row(
            row="line",
            book=item.book,
            fund=line.fund,
            code=line.account,
            name=line.name,
            amount=plain_yuan(line.amount),
            ref=item.ref,
            seq=str(item.seq),
            line=str(line.no),
            date=item.date.isoformat(),
            event=item.event,
            side=line.side,
            summary=item.summary,
            counterparty=item.counterparty,
            corrects=item.reverses or item.amends,
        )


def _row(**cells: str) -> tuple[str, ...]:
    texts = ("name", "summary", "counterparty")
    return tuple(safe_text(cells.get(name, "")) if name in texts else cells.get(name, "") for name in FULL)
