"""hledger journal: `hledger check --strict` accepts it (commodity and accounts are declared).

Debits are positive, credits negative. A description ends at its line and at a semicolon, a tag's value at a
comma, and colons and brackets have a meaning in comments, so these become their full-width forms and line
breaks become spaces; the exact text is in the JSON Lines.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from ledger.export.public import (
    Book,
    documents_text,
    public_entries,
    references_text,
    shown_dimensions,
    text_of,
)
from ledger.log.entries import Entry, Line
from ledger.money import plain_yuan

_DESCRIPTION = str.maketrans({";": "；", "|": "｜"})
_TAG = str.maketrans({",": "，", ":": "：", "[": "［", "]": "］"})  # "date:" and "[…]" would be dates


def one_line(text: str) -> str:
    """``text`` without line breaks, control characters and repeated spaces."""
    return " ".join("".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in text).split())


def render(book: Book, leaves: Iterable[bytes]) -> Iterator[str]:
    """The commodity, and each entry as a transaction, accounts declared on the way."""
    yield f"; {one_line(book.name)} 公开账簿\n\ncommodity 1000.00 CNY\n"
    declared: set[str] = set()
    for entry in public_entries(leaves):
        names = [book.line_name(entry, line) for line in entry.lines]
        fresh = sorted(set(names) - declared)
        if fresh:
            declared.update(fresh)
            yield "\n" + "".join(f"account {name}\n" for name in fresh)
        yield _transaction(entry, names)


def _transaction(entry: Entry, names: list[str]) -> str:
    payee = one_line(text_of(entry.counterparty)).translate(_DESCRIPTION)
    note = one_line(entry.summary).translate(_DESCRIPTION)
    tags = (
        ("event", entry.event),
        ("seq", str(entry.seq)),
        ("posted_at", entry.posted_at),
        ("original_date", text_of(entry.original_date)),
        ("reverses", text_of(entry.reverses)),
        ("amends", text_of(entry.amends)),
        ("documents", documents_text(entry)),
        ("references", references_text(entry)),
    )
    head = f"\n{entry.date} * ({entry.ref}) {payee + ' | ' if payee else ''}{note}"
    lines = [head, *(_tag(key, value) for key, value in tags if value)]
    for line, name in zip(entry.lines, names, strict=True):
        lines += _posting(line, name)
    return "\n".join(lines) + "\n"


def _posting(line: Line, name: str) -> Iterator[str]:
    yield f"    {name}  {plain_yuan(line.signed)} CNY"
    for key, value in shown_dimensions(line).items():
        yield _tag(key, value)
    if line.amount < 0:
        yield _tag("redletter", "yes")


def _tag(key: str, value: str) -> str:
    return f"    ; {key}: {one_line(value).translate(_TAG)}"
