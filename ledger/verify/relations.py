"""Rows that must agree with each other, checked set by set: copies of a date, counts, rows left alone.

One query a rule; each yields the places that break it, at most a screenful.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Select, Table, and_, exists, func, select

from ledger.journal.public_view import entry_ref
from ledger.log.entries import place
from ledger.log.findings import FINDING_LIMIT, Finding, Findings
from ledger.store.tables import (
    bank_line,
    bank_match,
    entry,
    entry_document,
    entry_reference,
    invoice_use,
    posting,
    posting_detail,
)

_TITLES = {
    "posting": "分录",
    "entry_document": "附件",
    "entry_reference": "依据",
    "invoice_use": "发票使用记录",
    "bank_match": "银行流水的匹配",
}
_OF_ENTRY = (posting, entry_document, entry_reference, invoice_use, bank_match)
_NAMED = (entry.c.seq, entry.c.book, entry.c.fiscal_year, entry.c.number)


def check_relations(conn: Connection, trust_id: int, findings: Findings) -> None:
    """All rules over the whole trust."""
    for rule in (
        _lines_repeat_their_entry,
        _details_are_counted,
        _nothing_stands_alone,
        _details_stand_on_lines,
        _invoices_are_used_once,
        _reversed_once,
        _matches_have_bank_lines,
    ):
        for finding in rule(conn, trust_id):
            findings.add(finding.code, finding.message, finding.where)


def _same_entry(table: Table, trust_id: int) -> Any:
    return and_(entry.c.trust_id == trust_id, table.c.trust_id == trust_id, entry.c.seq == table.c.seq)


def _rows(conn: Connection, query: Select[Any]) -> Iterator[Any]:
    yield from conn.execute(query.limit(FINDING_LIMIT + 1))


def _name(row: Any) -> tuple[str, str]:
    """Reference and place of the entry in a row that begins with ``_NAMED``."""
    ref = entry_ref(row[1], row[2], row[3])
    return ref, place(row[0], ref)


def _lines_repeat_their_entry(conn: Connection, trust_id: int) -> Iterator[Finding]:
    query = (
        select(*_NAMED, posting.c.line_no)
        .join_from(entry, posting, _same_entry(posting, trust_id))
        .where((posting.c.book != entry.c.book) | (posting.c.business_date != entry.c.business_date))
        .order_by(entry.c.seq, posting.c.line_no)
    )
    for row in _rows(conn, query):
        ref, where = _name(row)
        message = f"{ref} 第 {row.line_no} 行分录的日期或账套与凭证不一致：分录被改动过。"
        yield Finding("posting.copy", message, where)


def _details_are_counted(conn: Connection, trust_id: int) -> Iterator[Finding]:
    counted = (
        select(posting_detail.c.seq, posting_detail.c.line_no, func.count().label("found"))
        .where(posting_detail.c.trust_id == trust_id)
        .group_by(posting_detail.c.seq, posting_detail.c.line_no)
        .subquery()
    )
    query = (
        select(*_NAMED, posting.c.line_no, posting.c.detail_count, func.coalesce(counted.c.found, 0))
        .join_from(entry, posting, _same_entry(posting, trust_id))
        .outerjoin(counted, (counted.c.seq == posting.c.seq) & (counted.c.line_no == posting.c.line_no))
        .where(posting.c.detail_count != func.coalesce(counted.c.found, 0))
        .order_by(entry.c.seq, posting.c.line_no)
    )
    for row in _rows(conn, query):
        ref, where = _name(row)
        message = f"{ref} 第 {row[4]} 行登记有 {row[5]} 户明细，实有 {row[6]} 户：明细被增加或删掉了。"
        yield Finding("detail.count", message, where)


def _nothing_stands_alone(conn: Connection, trust_id: int) -> Iterator[Finding]:
    for table in _OF_ENTRY:
        alone = ~exists().where(entry.c.trust_id == trust_id, entry.c.seq == table.c.seq)
        query = select(table.c.seq).where(table.c.trust_id == trust_id, alone).distinct().order_by("seq")
        for (seq,) in _rows(conn, query):
            message = f"{_TITLES[table.name]}指向第 {seq + 1} 笔，但账簿里没有这张凭证：凭证被删掉了。"
            yield Finding(f"{table.name}.alone", message, place(seq))


def _details_stand_on_lines(conn: Connection, trust_id: int) -> Iterator[Finding]:
    alone = ~exists().where(
        posting.c.trust_id == trust_id,
        posting.c.seq == posting_detail.c.seq,
        posting.c.line_no == posting_detail.c.line_no,
    )
    query = (
        select(posting_detail.c.seq, posting_detail.c.line_no)
        .where(posting_detail.c.trust_id == trust_id, alone)
        .distinct()
        .order_by("seq", "line_no")
    )
    for seq, line_no in _rows(conn, query):
        message = f"第 {seq + 1} 笔有第 {line_no} 行的分户明细，却没有这一行分录：分录被删掉了。"
        yield Finding("posting_detail.alone", message, place(seq))


def _invoices_are_used_once(conn: Connection, trust_id: int) -> Iterator[Finding]:
    used = exists().where(
        invoice_use.c.trust_id == trust_id,
        invoice_use.c.invoice == entry_document.c.number,
        invoice_use.c.seq == entry_document.c.seq,
    )
    unrecorded = (
        select(*_NAMED, entry_document.c.number.label("invoice"))
        .join_from(entry, entry_document, _same_entry(entry_document, trust_id))
        .where(entry_document.c.kind == "invoice", entry_document.c.number != "", ~used)
    )
    attached = exists().where(
        entry_document.c.trust_id == trust_id,
        entry_document.c.seq == invoice_use.c.seq,
        entry_document.c.kind == "invoice",
        entry_document.c.number == invoice_use.c.invoice,
    )
    unattached = (
        select(*_NAMED, invoice_use.c.invoice)
        .join_from(entry, invoice_use, _same_entry(invoice_use, trust_id))
        .where(~attached)
    )
    for query, what in (
        (unrecorded, "没有使用记录，可能被重复报销"),
        (unattached, "有使用记录，却不在附件里"),
    ):
        for row in _rows(conn, query.order_by(entry.c.seq)):
            ref, where = _name(row)
            yield Finding("invoice_use.differs", f"{ref} 的发票 {row[4]} {what}：记录被改动过。", where)


def _reversed_once(conn: Connection, trust_id: int) -> Iterator[Finding]:
    query = (
        select(entry.c.reverses, func.min(entry.c.seq), func.max(entry.c.seq))
        .where(entry.c.trust_id == trust_id, entry.c.reverses.is_not(None))
        .group_by(entry.c.reverses)
        .having(func.count() > 1)
    )
    for target, first, last in _rows(conn, query):
        message = f"第 {target + 1} 笔被红字冲销了不止一次（第 {first + 1} 笔和第 {last + 1} 笔）。"
        yield Finding("entry.reversed_twice", message, place(last))


def _matches_have_bank_lines(conn: Connection, trust_id: int) -> Iterator[Finding]:
    there = exists().where(
        bank_line.c.trust_id == trust_id,
        bank_line.c.bank_account == bank_match.c.bank_account,
        bank_line.c.line_key == bank_match.c.line_key,
    )
    query = (
        select(bank_match.c.seq, bank_match.c.bank_account)
        .where(bank_match.c.trust_id == trust_id, ~there)
        .order_by(bank_match.c.seq)
    )
    for seq, account in _rows(conn, query):
        message = f"第 {seq + 1} 笔所匹配的银行流水（账户 {account}）不见了：流水被删掉了。"
        yield Finding("bank_match.line", message, place(seq))
