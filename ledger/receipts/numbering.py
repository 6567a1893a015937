"""Printed receipts (收据): a number without gaps per trust and year, once an entry; every print is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from ledger.errors import Unanswerable, refuse
from ledger.journal.head import lock_head
from ledger.journal.public_view import entry_ref
from ledger.journal.read import Stored, find_seq, read_entry
from ledger.people import Actor
from ledger.receipts.counter import receipt_words
from ledger.store.tables import entry, receipt, receipt_print
from ledger.trust.act import Act

PRINTABLE = ("E02", "E02b", "E04a", "E07", "E08a", "E09a")
"""Events in which a household pays something."""


@dataclass(frozen=True, slots=True)
class SlipLine:
    """What was paid for: words, the months or basis, fen."""

    title: str
    basis: str
    amount: int


@dataclass(frozen=True, slots=True)
class Slip:
    """A receipt as it is printed; ``print_no`` above 1 is marked 补打. No phone, no identity number."""

    year: int
    number: int
    print_no: int
    ref: str
    seq: int
    date: date
    unit: str
    fund: str
    way: str
    lines: tuple[SlipLine, ...]
    amount: int
    preparer: str
    reviewer: str
    issued_at: datetime

    @property
    def number_text(self) -> str:
        """``2025-000123``."""
        return f"{self.year}-{self.number:06d}"


@dataclass(frozen=True, slots=True)
class Taken:
    """A posted payment in the list of receipts; ``number`` '' until it was printed."""

    seq: int
    ref: str
    date: date
    summary: str
    amount: int
    number: str
    prints: int
    reversed: bool


def print_receipt(conn: Connection, trust_id: int, ref: str, actor: Actor, act: Act) -> Slip:
    """Take a number for a payment's receipt, or print it again. Raises :class:`~ledger.errors.Refused`
    for an entry that is no payment of a household, or was reversed."""
    lock_head(conn, trust_id)
    stored = read_entry(conn, trust_id, find_seq(conn, trust_id, ref))
    if stored.draft.event not in PRINTABLE or not unit_of(stored):
        raise refuse("no_receipt", f"{ref} 不是业主缴款，不能打印收据", "凭证号")
    if _is_reversed(conn, trust_id, stored.seq):
        raise refuse("reversed", f"{ref} 已被红字冲销，收据作废，不能再打印", "凭证号")
    row = conn.execute(
        select(receipt).where(receipt.c.trust_id == trust_id, receipt.c.seq == stored.seq)
    ).first()
    year, number = (row.year, row.number) if row else _next(conn, trust_id, act.today.year)
    if row is None:
        conn.execute(
            insert(receipt).values(
                trust_id=trust_id,
                year=year,
                number=number,
                seq=stored.seq,
                issued_by=actor.signature,
                issued_at=act.now,
            )
        )
    here = (
        receipt_print.c.trust_id == trust_id,
        receipt_print.c.year == year,
        receipt_print.c.number == number,
    )
    last = conn.execute(
        select(func.coalesce(func.max(receipt_print.c.print_no), 0)).where(*here)
    ).scalar_one()
    conn.execute(
        insert(receipt_print).values(
            trust_id=trust_id,
            year=year,
            number=number,
            print_no=int(last) + 1,
            printed_by=actor.signature,
            printed_at=act.now,
        )
    )
    return _slip(stored, year, number, int(last) + 1, row.issued_at if row else act.now)


def read_slip(conn: Connection, trust_id: int, ref: str, print_no: int) -> Slip:
    """A receipt as it was printed the ``print_no``-th time. Raises :class:`~ledger.errors.Unanswerable`."""
    stored = read_entry(conn, trust_id, find_seq(conn, trust_id, ref))
    row = conn.execute(
        select(receipt.c.year, receipt.c.number, receipt.c.issued_at)
        .join(
            receipt_print,
            (receipt_print.c.trust_id == receipt.c.trust_id)
            & (receipt_print.c.year == receipt.c.year)
            & (receipt_print.c.number == receipt.c.number),
        )
        .where(
            receipt.c.trust_id == trust_id, receipt.c.seq == stored.seq, receipt_print.c.print_no == print_no
        )
    ).first()
    if row is None:
        raise Unanswerable("not_printed", f"{ref} 没有第 {print_no} 次打印的收据")
    return _slip(stored, row.year, row.number, print_no, row.issued_at)


def payments_taken(
    conn: Connection, trust_id: int, *, before: int | None = None, limit: int = 50
) -> list[Taken]:
    """Payments of households, newest first; ``before`` is the place in the log of the last one seen."""
    red = entry.alias()
    prints = (
        select(func.count())
        .where(
            receipt_print.c.trust_id == receipt.c.trust_id,
            receipt_print.c.year == receipt.c.year,
            receipt_print.c.number == receipt.c.number,
        )
        .correlate(receipt)
        .scalar_subquery()
    )
    query = (
        select(
            entry.c.seq,
            entry.c.book,
            entry.c.fiscal_year,
            entry.c.number,
            entry.c.business_date,
            entry.c.summary,
            entry.c.total,
            receipt.c.year,
            receipt.c.number,
            prints,
            red.c.seq,
        )
        .outerjoin(receipt, (receipt.c.trust_id == trust_id) & (receipt.c.seq == entry.c.seq))
        .outerjoin(red, (red.c.trust_id == trust_id) & (red.c.reverses == entry.c.seq))
        .where(entry.c.trust_id == trust_id, entry.c.event.in_(PRINTABLE))
        .order_by(entry.c.seq.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(entry.c.seq < before)
    return [_taken(tuple(row)) for row in conn.execute(query)]


def _taken(row: tuple[Any, ...]) -> Taken:
    seq, book, fiscal_year, no, on, summary, total, year, number, prints, reversed_by = row
    return Taken(
        seq=seq,
        ref=entry_ref(book, fiscal_year, no),
        date=on,
        summary=summary,
        amount=total,
        number=f"{year}-{number:06d}" if year else "",
        prints=prints if year else 0,
        reversed=reversed_by is not None,
    )


def unit_of(stored: Stored) -> str:
    """The one unit an entry is about; '' if there is none or several."""
    units = {line.unit for line in stored.draft.lines if line.unit}
    units |= {detail.unit for line in stored.draft.lines for detail in line.details}
    return units.pop() if len(units) == 1 else ""


def _next(conn: Connection, trust_id: int, year: int) -> tuple[int, int]:
    """The next number of a year; the caller holds the trust's lock, so none is given twice or left out."""
    query = select(func.coalesce(func.max(receipt.c.number), 0)).where(
        receipt.c.trust_id == trust_id, receipt.c.year == year
    )
    return year, int(conn.execute(query).scalar_one()) + 1


def _is_reversed(conn: Connection, trust_id: int, seq: int) -> bool:
    query = select(entry.c.seq).where(entry.c.trust_id == trust_id, entry.c.reverses == seq)
    return conn.execute(query).first() is not None


_WAYS = {"101201": "微信支付", "101202": "支付宝", "101203": "POS 刷卡", "101204": "现金"}


def _slip(stored: Stored, year: int, number: int, print_no: int, issued_at: datetime) -> Slip:
    draft = stored.draft
    paid = next(line for line in draft.lines if line.side == "D")
    return Slip(
        year=year,
        number=number,
        print_no=print_no,
        ref=stored.ref,
        seq=stored.seq,
        date=draft.date,
        unit=unit_of(stored),
        fund=paid.fund,
        way=_WAYS.get(paid.account, "银行转账"),
        lines=tuple(_slip_lines(stored)),
        amount=sum(line.amount for line in draft.lines if line.side == "D"),
        preparer=draft.preparer,
        reviewer=draft.reviewer,
        issued_at=issued_at,
    )


def _slip_lines(stored: Stored) -> Sequence[SlipLine]:
    found = []
    for line in stored.draft.lines:
        if line.side == "C":
            title = receipt_words(line)
            found += [SlipLine(title, detail.basis, detail.amount) for detail in line.details] or [
                SlipLine(title, "", line.amount)
            ]
    return found
