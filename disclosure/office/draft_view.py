"""An entry or a draft as staff see it: accounts by name, debit and credit in columns, private fields too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

from ledger.chart import FUNDS
from ledger.documents.read import UploadFile
from ledger.events import DOCUMENT_KINDS, load_events
from ledger.journal import Document, Draft, Line
from ledger.journal.rules import DIMENSION_NAMES
from ledger.money import format_yuan
from ledger.trust.act import BEIJING
from ledger.trust.setup import Setup

REFERENCE_NAMES = {
    "resolution": "决议",
    "fee_standard": "收费标准",
    "contract": "合同",
    "project": "项目",
    "budget_line": "预算行",
    "co_sign": "会签",
    "related_party_consent": "关联方同意决议",
    "deposit": "押金收取凭证",
    "payable": "支付的应付凭证",
    "plan": "维修资金使用方案",
    "shortfall_decision": "分账不足的处理决议",
    "schedule": "收款计划",
    "transfer": "划转编号",
}
BOOK_NAMES = {"A": "物业共有资金账", "M": "住宅专项维修资金账"}


@dataclass(frozen=True, slots=True)
class LineView:
    """A line in words: debit or credit text, and what it is about."""

    account: str
    fund: str
    debit: str
    credit: str
    about: tuple[str, ...]
    units: int


@dataclass(frozen=True, slots=True)
class DraftView:
    """A draft in words."""

    book: str
    date: date
    event: str
    summary: str
    total: str
    counterparty: str
    memo: str
    lines: tuple[LineView, ...]
    documents: tuple[tuple[str, int | None], ...]
    """Each paper in words, and the number under which its file can be opened."""
    files: tuple[Document, ...]
    references: tuple[tuple[str, str], ...]


def draft_view(
    setup: Setup, draft: Draft, uploads: Mapping[str, UploadFile] = MappingProxyType({})
) -> DraftView:
    """What staff see of a draft; names come from the trust's set-up, papers from ``uploads`` by digest."""
    event = load_events().get(draft.event)
    return DraftView(
        book=BOOK_NAMES[draft.book],
        date=draft.date,
        event=event.name if event else draft.event,
        summary=draft.summary,
        total=format_yuan(draft.total),
        counterparty=draft.counterparty,
        memo=draft.memo,
        lines=tuple(_line(setup, draft.book, line) for line in draft.lines),
        documents=tuple(
            (_document(item), found.no if (found := uploads.get(item.original)) else None)
            for item in draft.documents
        ),
        files=draft.documents,
        references=tuple((REFERENCE_NAMES.get(kind, kind), ref) for kind, ref in draft.references.items()),
    )


def _line(setup: Setup, book: str, line: Line) -> LineView:
    amount = format_yuan(line.amount)
    return LineView(
        account=f"{line.account} {setup.chart[book, line.account].name}",
        fund=FUNDS[line.fund].name,
        debit=amount if line.side == "D" else "",
        credit=amount if line.side == "C" else "",
        about=tuple(_about(setup, line)),
        units=len(line.details),
    )


def _about(setup: Setup, line: Line) -> Iterator[str]:
    for dimension, code in line.dimensions().items():
        value = setup.values.get((dimension, code))
        named = value is not None and value.name != code
        yield f"{DIMENSION_NAMES[dimension]} {f'{value.name}（{code}）' if value and named else code}"


def _document(item: Document) -> str:
    parts = [DOCUMENT_KINDS.get(item.kind, item.kind)]
    if item.title and item.title != parts[0]:
        parts.append(item.title)
    if item.number:
        parts.append(f"号码 {item.number}")
    return " · ".join(parts)


def local_time(moment: datetime) -> str:
    """A moment as a clock in China showed it."""
    return f"{moment.astimezone(BEIJING):%Y-%m-%d %H:%M}"
