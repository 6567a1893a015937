"""Entries in words: what a row and a page of an entry say, all formatted before the template."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from disclosure.public.entries import Single
from disclosure.public.held import Held
from disclosure.public.in_words import in_words
from disclosure.public.leaves import PublicDocument, PublicEntry, PublicLine
from disclosure.public.listed import Listed
from disclosure.public.words import (
    BOOKS,
    DIMENSIONS,
    REFERENCES,
    SEALED,
    SIDES,
    Amount,
    day_text,
    fund_name,
    moment_text,
    yuan,
)
from ledger.events import DOCUMENT_KINDS, load_events
from ledger.journal.person_names import shown_name
from ledger.log.tree import leaf_hash
from ledger.totals import DIRECTIONS, direction_of, is_cash
from ledger.trust.setup import Setup

Names = Mapping[tuple[str, str], str]
_SHARE = re.compile(r"=([0-9]+)[.]([0-9]{2})\b")
_HOUSEHOLD = "业主或住户（姓名、房号不公开）"
_LABELS = {"收入": ("谁付的", "存到哪里", "收的是"), "支出": ("付给谁", "从哪里付", "付的是")}


@dataclass(frozen=True, slots=True)
class Fund:
    """A fund as a chip."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Row:
    """An entry in a list."""

    ref: str
    date: str
    date_iso: str
    summary: str
    kind: str
    amount: Amount
    funds: tuple[Fund, ...]
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """A labelled fact; ``field`` names it to the check in the browser."""

    label: str
    text: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class LineView:
    """A posting in accounting form."""

    no: int
    side: str
    account: str
    name: str
    fund: Fund
    amount: Amount
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A source document."""

    kind: str
    title: str
    number: str
    original: str
    public: str


@dataclass(frozen=True, slots=True)
class EntryView:
    """Everything the page of an entry shows."""

    row: Row
    sentence: str
    event: str
    book: str
    facts: tuple[Fact, ...]
    late: str
    posted_at: str
    lines: tuple[LineView, ...]
    documents: tuple[DocumentView, ...]
    references: tuple[Fact, ...]
    reverses: str
    amends: str
    reversed_by: str
    amended_by: tuple[str, ...]
    position: int
    leaf_hash: str
    signed_size: int
    signed_at: str


def public_names(setup: Setup) -> Names:
    """Names of vendors, contracts and other things that may be published; never of units or people."""
    return _names.of(setup)


def _public_names(setup: Setup) -> Names:
    return {
        key: shown_name(value.name) if key[0] == "vendor" else value.name
        for key, value in setup.values.items()
        if key[0] in DIMENSIONS
    }


_names = Held(_public_names)


def headline(item: PublicEntry) -> tuple[str, int]:
    """One word for what an entry did with money, and how much in fen."""
    direction, fen = direction_of(item.book, item.event, item.lines)
    return DIRECTIONS[direction], item.total if direction == "none" else fen


def marks_of(listed: Listed) -> tuple[str, ...]:
    """What is to be said of an entry as such: that it corrects or was corrected, that it came late."""
    item = listed.entry
    marks = {
        "红字冲销": bool(item.reverses),
        "订正": bool(item.amends),
        "已冲销": bool(listed.reversed_by),
        "已订正": bool(listed.amended_by),
        "补记": item.original_date is not None,
    }
    return tuple(mark for mark, holds in marks.items() if holds)


def row_of(listed: Listed) -> Row:
    """An entry as one row of a list."""
    item = listed.entry
    kind, fen = headline(item)
    red = kind != "期初" and any(line.amount < 0 for line in item.lines)
    funds = tuple(Fund(code, fund_name(code)) for code in sorted({line.fund for line in item.lines}))
    return Row(
        ref=item.ref,
        date=day_text(item.date),
        date_iso=item.date.isoformat(),
        summary=item.summary,
        kind=kind,
        amount=yuan(fen, red_letter=red),
        funds=funds,
        marks=marks_of(listed),
    )


def entry_view(single: Single, names: Names) -> EntryView:
    """The page of one entry."""
    listed, item = single.listed, single.listed.entry
    row = row_of(listed)
    event = load_events().get(item.event)
    late = ""
    if item.original_date is not None:
        late = (
            f"这笔业务实际发生在{day_text(item.original_date)}，当时所在的月份已经结账，"
            f"所以记在{day_text(item.date)}。"
        )
    return EntryView(
        row=row,
        sentence=in_words(item, headline(item)[1], names),
        event=event.name if event else item.event,
        book=BOOKS.get(item.book, item.book),
        facts=tuple(_facts(item, row.kind, names)),
        late=late,
        posted_at=moment_text(item.posted_at),
        lines=tuple(_line(line, names) for line in item.lines),
        documents=tuple(_document(document) for document in item.documents),
        references=tuple(
            Fact(REFERENCES.get(kind, "其他依据"), _reference_text(kind, ref))
            for kind, ref in sorted(item.references.items())
        ),
        reverses=item.reverses,
        amends=item.amends,
        reversed_by=listed.reversed_by,
        amended_by=listed.amended_by,
        position=item.seq + 1,
        leaf_hash=leaf_hash(single.body).hex(),
        signed_size=single.signed_size,
        signed_at=moment_text(single.signed_at) if single.signed_at else "",
    )


def _reference_text(kind: str, ref: str) -> str:
    """As written; amounts of sources and grants (``政府补助=75000.00``) as people read them."""
    if kind not in ("source", "grant"):
        return ref
    return _SHARE.sub(lambda part: f" {yuan(int(part[1]) * 100 + int(part[2])).text}", ref).replace(
        " ¥", "\u00a0¥"
    )


def _facts(item: PublicEntry, kind: str, names: Names) -> list[Fact]:
    """Where the money came from and went, in words."""
    cash = [line for line in item.lines if is_cash(item.book, line.account)]
    others = [line for line in item.lines if not is_cash(item.book, line.account)]
    purpose = _joined(line.name for line in others)
    party = _other_party(item, names)
    if kind in _LABELS:
        who, where, what = _LABELS[kind]
        facts = [Fact(who, party, "party"), Fact(where, _places(cash, names)), Fact(what, purpose)]
        return [fact for fact in facts if fact.text]
    if kind == "划转":
        facts = [
            Fact("从哪里转出", _places([x for x in cash if x.side == "C"], names)),
            Fact("转到哪里", _places([x for x in cash if x.side == "D"], names)),
        ]
        return [*facts, Fact("同时记", purpose)] if purpose else facts
    if kind == "期初":
        return [
            Fact("说明", "建账时接收的各项余额，作为这本账的起点"),
            Fact("存在哪里", _places(cash, names)),
        ]
    facts = [Fact("说明", "这一笔只记账，没有收钱也没有付钱"), Fact("涉及", purpose or _places(cash, names))]
    return [*facts, Fact("对方", party, "party")] if party else facts


def _other_party(item: PublicEntry, names: Names) -> str:
    if item.counterparty:
        return item.counterparty
    vendors = {names.get(("vendor", code), code) for line in item.lines if (code := line.dims.get("vendor"))}
    if vendors:
        return "、".join(sorted(vendors))
    if any("unit" in line.sealed or line.detail for line in item.lines):
        count = max((line.detail.count for line in item.lines if line.detail), default=0)
        return f"{count} 户业主或住户（分户金额不公开）" if count > 1 else _HOUSEHOLD
    if "counterparty" in item.sealed or any("party" in line.sealed for line in item.lines):
        return "对方姓名不公开"
    return ""


def _places(lines: list[PublicLine], names: Names) -> str:
    texts = []
    for line in lines:
        bank = names.get(("bank_account", line.dims.get("bank_account", "")))
        texts.append(f"{line.name}（{bank}）" if bank and bank != line.name else line.name)
    return _joined(texts)


def _joined(texts: Any) -> str:
    return "、".join(dict.fromkeys(texts))


def _line(line: PublicLine, names: Names) -> LineView:
    notes = [
        f"{DIMENSIONS[name]}：{fund_name(code) if name == 'counter_fund' else names.get((name, code), code)}"
        for name, code in sorted(line.dims.items())
        if name in DIMENSIONS
    ]
    notes += [f"{SEALED.get(name, '其他')}不公开" for name in sorted(line.sealed)]
    if line.detail is not None:
        notes.append(f"共 {line.detail.count} 户，分户金额不公开")
    return LineView(
        no=line.no,
        side=SIDES[line.side],
        account=line.account,
        name=line.name,
        fund=Fund(line.fund, fund_name(line.fund)),
        amount=yuan(line.amount, red_letter=True),
        notes=tuple(notes),
    )


def _document(document: PublicDocument) -> DocumentView:
    kind = DOCUMENT_KINDS.get(document.kind, "其他凭证")
    return DocumentView(
        kind=kind,
        title="" if document.title == kind else document.title,
        number=document.number or ("编号不公开" if "number" in document.sealed else ""),
        original=document.original,
        public=document.public,
    )
