"""What every format is rendered from: the trust, its chart, and the entries its public log shows."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from ledger.chart import Chart
from ledger.errors import Unanswerable
from ledger.log.entries import Entry, Line, decode_entry

ROOTS = {"A": "Assets", "L": "Liabilities", "N": "Equity", "I": "Income", "E": "Expenses"}
"""Account class to the root account that plain-text accounting programs know."""


@dataclass(frozen=True, slots=True)
class Book:
    """A trust as an export names it, with its chart of both books. ``size``: entries exported."""

    name: str
    slug: str
    opened_on: date
    size: int
    chart: Chart
    _names: dict[tuple[str, str, str], str] = field(default_factory=dict)

    def account_name(self, book: str, account: str, fund: str) -> str:
        """``Assets:F1:100201-物业服务资金户``: class, fund, code and name; good for beancount and hledger.

        Book M has only fund M, so the books never share an account. Raises
        :class:`~ledger.errors.Unanswerable` for a code the chart does not have.
        """
        key = book, account, fund
        name = self._names.get(key)
        if name is None:
            found = self.chart.get(book, account)
            if found is None:
                raise Unanswerable("unknown_account", f"科目表里没有账套 {book} 的科目 {account}，无法导出")
            name = f"{ROOTS[found.class_]}:{fund}:{account}-{component(found.name)}"
            self._names[key] = name
        return name

    def line_name(self, entry: Entry, line: Line) -> str:
        """The account name of a posting."""
        return self.account_name(entry.book, line.account, line.fund)


def component(text: str) -> str:
    """``text`` with all but letters and decimal digits as hyphens (beancount.core.account)."""
    return "".join(c if _letter_or_digit(c) else "-" for c in text)


def _letter_or_digit(char: str) -> bool:
    category = unicodedata.category(char)
    return category[0] == "L" or category == "Nd"


def public_entries(leaves: Iterable[bytes]) -> Iterator[Entry]:
    """The entries among the leaves, in the order of the log."""
    for leaf in leaves:
        entry = decode_entry(leaf)
        if entry is not None:
            yield entry


def shown_dimensions(line: Line) -> dict[str, str]:
    """The public dimensions of a line: vendor, contract, project, site, bank account, other fund."""
    return line.dims if isinstance(line.dims, dict) else {}


def text_of(value: object) -> str:
    """An optional public text; '' when the entry has none."""
    return value if isinstance(value, str) else ""


def references_text(entry: Entry) -> str:
    """``contract=HT-01; resolution=JY-2``: what the entry rests on."""
    references = entry.references if isinstance(entry.references, dict) else {}
    return "; ".join(f"{kind}={ref}" for kind, ref in references.items())


def documents_text(entry: Entry) -> str:
    """``发票 123; 验收单``: the source documents with their public numbers."""
    documents = entry.documents if isinstance(entry.documents, list) else []
    return "; ".join(f"{item['title']} {item.get('number', '')}".strip() for item in documents)
