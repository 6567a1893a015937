"""The bank reconciliation (银行存款余额调节表) as a table: the books' side, the bank's side, both adjusted."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, select

from disclosure.books.report import Column, Row, Table
from disclosure.public.words import fund_name, moment_text
from ledger.bank.reconciliation import Outstanding, Reconciliation, reconciliation, recorded
from ledger.books import View
from ledger.money import format_yuan
from ledger.store.tables import bank_account

_COLUMNS = (
    Column("项目", "text", 16),
    Column("日期", "day", 9),
    Column("凭证号", "ref", 12),
    Column("摘要、对方", "text", 26),
    Column("金额", "money", 14),
)


def reconcilable(conn: Connection, trust_id: int, book: str) -> list[tuple[str, str]]:
    """Code and bank of the accounts of a book that have a bank balance; payment channels have none."""
    query = select(bank_account.c.bank_account, bank_account.c.bank).where(
        bank_account.c.trust_id == trust_id, bank_account.c.book == book, bank_account.c.kind == "bank"
    )
    return [(row.bank_account, row.bank) for row in conn.execute(query.order_by(bank_account.c.bank_account))]


def reconciliation_tables(conn: Connection, view: View, wanted: str = "") -> Iterator[Table]:
    """At the end of the view's last month, of one account or of every bank account of the book."""
    for code, _ in reconcilable(conn, view.trust_id, view.book):
        if wanted in ("", code):
            found = reconciliation(conn, view.trust_id, code, view.span.last, view.last)
            yield Table(
                title=f"{found.bank}（尾号 {found.number[-4:]}）",
                columns=_COLUMNS,
                rows=tuple(_rows(found)),
                facts=(fund_name(found.fund),),
                notes=tuple(_notes(conn, view, found)),
            )


def _rows(found: Reconciliation) -> Iterator[Row]:
    yield Row(("企业银行存款日记账余额", found.as_of, "", "", found.book_balance), "opening")
    yield from _items("加：银行已收、企业未收", found.bank_received)
    yield from _items("减：银行已付、企业未付", found.bank_paid)
    yield Row(("调节后的存款余额", None, "", "", found.adjusted_book), "subtotal")
    if found.bank_balance is None:
        yield Row(("银行对账单余额", found.as_of, "", "还没有导入对账单", None), "opening")
    else:
        yield Row(("银行对账单余额", found.bank_as_of or found.as_of, "", "", found.bank_balance), "opening")
    yield from _items("加：企业已收、银行未收", found.books_received)
    yield from _items("减：企业已付、银行未付", found.books_paid)
    yield Row(("调节后的存款余额", None, "", "", found.adjusted_bank), "subtotal")
    yield Row(("两边相差", None, "", "", found.difference), "total")


def _items(label: str, items: tuple[Outstanding, ...]) -> Iterator[Row]:
    """One row an item; what is paid shows in red, as it lowers the balance."""
    if not items:
        yield Row((label, None, "", "无", None))
    for item in items:
        text = "　".join(part for part in (item.text, item.counterparty) if part)
        yield Row((label, item.on, item.ref, text, item.amount))


def _notes(conn: Connection, view: View, found: Reconciliation) -> Iterator[str]:
    if found.difference:
        yield f"两边相差 {format_yuan(found.difference)} 元，请核对是否有流水没有导入、期初余额是否与银行一致。"
    for signed in recorded(conn, view.trust_id, found.bank_account, found.period)[:1]:
        note = f"：{signed.note}" if signed.note else ""
        yield f"已由 {signed.by} 于{moment_text(signed.at)}核对确认{note}。"
