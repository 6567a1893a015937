"""Beancount (version 3): `bean-check` accepts it, and Fava shows it.

Debits are positive, credits negative; a red-letter amount keeps its side and turns its sign, and its
posting says ``redletter: TRUE``. An ``open`` stands before the first entry that uses an account, dated on
the day the books were opened; beancount sorts by date.
"""

from __future__ import annotations

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

_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def quoted(text: str) -> str:
    """A beancount string."""
    return f'"{text.translate(_ESCAPES)}"'


def render(book: Book, leaves: Iterable[bytes]) -> Iterator[str]:
    """Options, and each entry as a transaction, accounts opened on the way."""
    opening = book.opened_on.isoformat()
    yield (
        f'option "title" {quoted(book.name + " 公开账簿")}\n'
        'option "operating_currency" "CNY"\n\n'
        f"{opening} commodity CNY\n"
    )
    opened: set[str] = set()
    for entry in public_entries(leaves):
        names = [book.line_name(entry, line) for line in entry.lines]
        fresh = sorted(set(names) - opened)
        if fresh:
            opened.update(fresh)
            yield "\n" + "".join(f"{opening} open {name} CNY\n" for name in fresh)
        yield _transaction(entry, names)


def _transaction(entry: Entry, names: list[str]) -> str:
    payee = text_of(entry.counterparty)
    head = f"{quoted(payee)} {quoted(entry.summary)}" if payee else quoted(entry.summary)
    lines = [
        f"\n{entry.date} * {head}",
        f'  ref: "{entry.ref}"',
        f'  event: "{entry.event}"',
        f"  seq: {entry.seq}",
        f'  posted_at: "{entry.posted_at}"',
    ]
    optional = (
        ("original_date", text_of(entry.original_date)),
        ("reverses", text_of(entry.reverses)),
        ("amends", text_of(entry.amends)),
        ("documents", documents_text(entry)),
        ("references", references_text(entry)),
    )
    lines += [f"  {key}: {quoted(value)}" for key, value in optional if value]
    for line, name in zip(entry.lines, names, strict=True):
        lines += _posting(line, name)
    return "\n".join(lines) + "\n"


def _posting(line: Line, name: str) -> Iterator[str]:
    yield f"  {name}  {plain_yuan(line.signed)} CNY"
    for key, value in shown_dimensions(line).items():
        yield f"    {key}: {quoted(value)}"
    if line.amount < 0:
        yield "    redletter: TRUE"
