"""Stream the public view of a trust's books in one of the formats."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType
from typing import BinaryIO, Literal, TextIO, cast

from sqlalchemy import Connection, select

from ledger.chart import load_chart
from ledger.errors import Unanswerable
from ledger.export import beancount, csv_table, hledger, jsonl
from ledger.export.public import Book
from ledger.journal.head import peek_head
from ledger.log.store import stream_leaves
from ledger.store.tables import trust

FormatName = Literal["beancount", "hledger", "csv", "jsonl"]
Render = Callable[[Book, Iterable[bytes]], Iterator[str]]
_PIECES_A_CHUNK = 200


@dataclass(frozen=True, slots=True)
class Format:
    """A format: what people call it, the suffix of its files, its media type, and how it is written."""

    title: str
    suffix: str
    media_type: str
    render: Render


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "beancount": Format("Beancount 账本", ".beancount", "text/plain; charset=utf-8", beancount.render),
        "hledger": Format("hledger 账本", ".journal", "text/plain; charset=utf-8", hledger.render),
        "csv": Format(
            "CSV 表格（可用 Excel、WPS 打开）", ".csv", "text/csv; charset=utf-8", csv_table.render
        ),
        "jsonl": Format("JSON Lines（公开日志原文）", ".jsonl", "application/jsonl", jsonl.render),
    }
)


def stream_book(
    conn: Connection, trust_id: int, format: FormatName, *, size: int | None = None
) -> Iterator[bytes]:
    """The first ``size`` entries of the log (default: all there are) in a format, as chunks of UTF-8.

    ``conn`` should be one reading transaction that lasts until the end. Memory does not grow with the
    books. Raises :class:`~ledger.errors.Unanswerable` at once for an unknown trust or format or for more
    entries than there are.
    """
    if format not in FORMATS:
        raise Unanswerable("unknown_format", f"没有“{format}”这种导出格式，可用：{'、'.join(FORMATS)}")
    book = _book(conn, trust_id, size)
    pieces = FORMATS[format].render(book, stream_leaves(conn, trust_id, book.size))
    return _chunks(pieces)


def export_book(
    conn: Connection, trust_id: int, format: FormatName, out: TextIO | BinaryIO, *, size: int | None = None
) -> None:
    """Write :func:`stream_book` to an open file, binary or text (UTF-8, opened with ``newline=""``)."""
    chunks = stream_book(conn, trust_id, format, size=size)
    if hasattr(out, "encoding"):  # what tells a text file from a binary one, wrapped or not
        text = cast(TextIO, out)
        for chunk in chunks:
            text.write(chunk.decode())
    else:
        for chunk in chunks:
            out.write(chunk)


def _book(conn: Connection, trust_id: int, size: int | None) -> Book:
    row = conn.execute(
        select(trust.c.name, trust.c.slug, trust.c.opened_on).where(trust.c.trust_id == trust_id)
    ).first()
    if row is None:
        raise Unanswerable("unknown_trust", f"没有编号为 {trust_id} 的小区账套")
    there = peek_head(conn, trust_id).tree.size
    wanted = there if size is None else size
    if not 0 <= wanted <= there:
        raise Unanswerable("unknown_entry", f"账簿到现在只有 {there} 笔，不能导出 {wanted} 笔")
    return Book(row.name, row.slug, row.opened_on, wanted, load_chart(conn, trust_id))


def _chunks(pieces: Iterator[str]) -> Iterator[bytes]:
    while some := list(islice(pieces, _PIECES_A_CHUNK)):
        yield "".join(some).encode()
