"""CSV (RFC 4180) for spreadsheets: one row a posting, UTF-8 with BOM so that Excel and WPS read Chinese.

Amounts are yuan with two decimals; red-letter amounts are negative on their own side. A text that a
spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV injection); whoever needs the
exact text takes the JSON Lines.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

from ledger.events import load_events
from ledger.export.public import (
    Book,
    documents_text,
    public_entries,
    references_text,
    shown_dimensions,
    text_of,
)
from ledger.log.entries import Entry
from ledger.money import plain_yuan

HEADER = (
    "序号", "凭证号", "账套", "业务日期", "入账时间（UTC）", "原始日期", "业务编号", "业务名称", "摘要", "对方",
    "行号", "基金", "科目编码", "科目名称", "借方金额（元）", "贷方金额（元）", "供应商", "合同", "项目", "点位",
    "银行账户", "对方基金", "分户数", "附件", "依据", "红字冲销凭证", "订正凭证",
)  # fmt: skip
"""序号 counts entries of the log from 1; 分户数 is the number of households a line stands for."""

_DIMENSIONS = ("vendor", "contract", "project", "site", "bank_account", "counter_fund")
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_CONTROL = ("\t", "\r", "\n")


def safe_cell(text: str) -> str:
    """``text`` so that no spreadsheet runs it."""
    if text.startswith(_CONTROL) or text.lstrip().startswith(_FORMULA):
        return "'" + text
    return text


def render(_book: Book, leaves: Iterable[bytes]) -> Iterator[str]:
    """The header and the rows."""
    buffer = StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow(HEADER)
    for entry in public_entries(leaves):
        writer.writerows(_rows(entry))
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _rows(entry: Entry) -> Iterator[tuple[str | int, ...]]:
    event = load_events().get(entry.event)
    before = (
        entry.seq + 1,
        entry.ref,
        entry.book,
        entry.date,
        entry.posted_at,
        text_of(entry.original_date),
        entry.event,
        event.name if event else "",
        safe_cell(entry.summary),
        safe_cell(text_of(entry.counterparty)),
    )
    after = (
        safe_cell(documents_text(entry)),
        safe_cell(references_text(entry)),
        text_of(entry.reverses),
        text_of(entry.amends),
    )
    for line in entry.lines:
        amount = plain_yuan(line.amount)
        dims = shown_dimensions(line)
        yield (
            *before,
            line.no,
            line.fund,
            line.account,
            safe_cell(line.name),
            amount if line.side == "D" else "",
            amount if line.side == "C" else "",
            *(safe_cell(dims.get(name, "")) for name in _DIMENSIONS),
            getattr(line.detail, "count", ""),
            *after,
        )
