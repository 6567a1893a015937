"""Vouchers (记账凭证) as rows of a table, and as paper: two or three on a page, signed by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import Connection

from disclosure.books.paper import html_to_pdf
from disclosure.books.report import Column, Row, Table
from disclosure.public.rendering import Pages
from disclosure.public.words import REFERENCES, day_text
from ledger.books import Signatures, View, Voucher, VoucherLine, VoucherRange, signatures_of, voucher_page
from ledger.errors import refuse
from ledger.money import format_yuan

MOST_ON_PAPER = 600
_CHUNK = 200
Signed = tuple[Voucher, Signatures]
_COLUMNS = (
    Column("凭证号", "ref", 12),
    Column("日期", "day", 9),
    Column("业务", "text", 12),
    Column("摘要", "text", 26),
    Column("科目编码", "text", 8),
    Column("科目", "text", 18),
    Column("资金", "text", 9),
    Column("辅助核算", "text", 18),
    Column("借方", "money", 12),
    Column("贷方", "money", 12),
    Column("附件数", "number", 5),
    Column("制单", "text", 8),
    Column("审核", "text", 8),
    Column("出纳", "text", 8),
    Column("会签", "text", 8),
)


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A line in words."""

    account: str
    name: str
    fund_name: str
    about: tuple[str, ...]
    units: int
    debit: str
    credit: str
    red: bool


@dataclass(frozen=True, slots=True)
class PaperVoucher:
    """A voucher in words, for page and paper."""

    ref: str
    day: str
    event: str
    summary: str
    counterparty: str
    red: bool
    lines: tuple[PaperLine, ...]
    debit: str
    credit: str
    total_red: bool
    documents: tuple[str, ...]
    notes: tuple[str, ...]
    preparer: str
    reviewer: str
    cashier: str
    co_signers: str


def each_voucher(conn: Connection, view: View, wanted: VoucherRange) -> Iterator[Signed]:
    """All vouchers of a range, a page at a time."""
    after: int | None = None
    while True:
        page = voucher_page(conn, view, wanted, after=after, limit=_CHUNK)
        signed = signatures_of(conn, view.trust_id, [item.seq for item in page.vouchers])
        yield from ((item, signed.get(item.seq, Signatures())) for item in page.vouchers)
        after = page.next
        if after is None:
            return


def voucher_table(vouchers: Iterable[Signed]) -> Table:
    """One row a line, for spreadsheets."""
    return Table("记账凭证", _COLUMNS, (row for item, signed in vouchers for row in _rows(item, signed)))


def _rows(item: Voucher, signed: Signatures) -> Iterator[Row]:
    for line in item.lines:
        yield Row(
            (
                item.ref,
                item.date,
                item.event_name,
                item.summary,
                line.account,
                line.name,
                line.fund_name,
                "；".join(line.about) + (f"；共 {line.units} 户" if line.units else ""),
                line.debit,
                line.credit,
                len(item.documents),
                item.preparer,
                item.reviewer,
                signed.cashier,
                "、".join(signed.co_signers),
            )
        )


def vouchers_pdf(pages: Pages, community: str, trustee: str, span: str, vouchers: Iterable[Signed]) -> bytes:
    """The PDF. Raises :class:`~ledger.errors.Refused` if there are none, or too many for paper."""
    found = list(islice(vouchers, MOST_ON_PAPER + 1))
    if not found:
        raise refuse("no_vouchers", "这个范围里没有凭证，请核对月份和号段", "打印范围")
    if len(found) > MOST_ON_PAPER:
        raise refuse(
            "too_long_for_paper",
            f"一次最多打印 {MOST_ON_PAPER} 张凭证，请缩小号段（例如 1 到 {MOST_ON_PAPER} 号），分册打印",
            "打印范围",
        )
    views = [paper_voucher(item, signed) for item, signed in found]
    html = pages.text(
        "books/vouchers_print.html", community=community, trustee=trustee, span=span, vouchers=views
    )
    return html_to_pdf(html)


def paper_voucher(item: Voucher, signed: Signatures) -> PaperVoucher:
    """A voucher in words."""
    total = sum(line.debit or 0 for line in item.lines), sum(line.credit or 0 for line in item.lines)
    return PaperVoucher(
        ref=item.ref,
        day=day_text(item.date),
        event=item.event_name,
        summary=item.summary,
        counterparty=item.counterparty,
        red=item.red,
        lines=tuple(_line(line) for line in item.lines),
        debit=format_yuan(total[0]),
        credit=format_yuan(total[1]),
        total_red=total[0] < 0,
        documents=tuple(_paper(kind, document.number) for kind, document in item.documents),
        notes=tuple(_notes(item)),
        preparer=item.preparer,
        reviewer=item.reviewer,
        cashier=signed.cashier,
        co_signers="、".join(signed.co_signers),
    )


def _line(line: VoucherLine) -> PaperLine:
    return PaperLine(
        account=line.account,
        name=line.name,
        fund_name=line.fund_name,
        about=line.about,
        units=line.units,
        debit="" if line.debit is None else format_yuan(line.debit),
        credit="" if line.credit is None else format_yuan(line.credit),
        red=(line.debit or line.credit or 0) < 0,
    )


def _paper(kind: str, number: str) -> str:
    return f"{kind}（{number}）" if number else kind


def _notes(item: Voucher) -> Iterator[str]:
    """What else belongs on the paper: corrections, the true day of a late item, references, papers."""
    if item.reverses:
        yield f"红字冲销 {item.reverses}"
    if item.amends:
        yield f"订正 {item.amends}"
    if item.reversed_by:
        yield f"已由 {item.reversed_by} 红字冲销"
    if item.amended_by:
        yield f"已由 {'、'.join(item.amended_by)} 订正"
    if item.original_date is not None:
        yield f"业务实际发生在{day_text(item.original_date)}，当时所在月份已结账"
    if item.references:
        yield "依据：" + "；".join(
            f"{REFERENCES.get(kind, '其他')} {ref}" for kind, ref in item.references.items()
        )
    if item.documents:
        yield "附件：" + "、".join(_paper(kind, document.number) for kind, document in item.documents)
