"""Closed months: in order, sealed against late entries, and with snapshots that add up."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, case, func, select

from ledger.errors import Refused
from ledger.log.findings import Findings
from ledger.money import format_yuan
from ledger.periods.calendar import following, last_day, period_name
from ledger.store.tables import period_balance, period_close, posting

_Key = tuple[str, str, str]
_Sums = dict[_Key, tuple[int, int]]
_BOOKS = {"A": "业主共有资金账", "M": "维修资金账"}


class Periods:
    """The closings of a trust, by book and in order."""

    def __init__(self, conn: Connection, trust_id: int) -> None:
        self._conn = conn
        self._trust_id = trust_id
        self._closings: dict[str, list[Row[Any]]] = defaultdict(list)
        for row in conn.execute(
            select(period_close)
            .where(period_close.c.trust_id == trust_id)
            .order_by(period_close.c.book, period_close.c.period)
        ):
            self._closings[row.book].append(row)

    @property
    def count(self) -> int:
        """How many months of all books are closed."""
        return sum(len(rows) for rows in self._closings.values())

    def sealed_before(self, book: str, day: date, seq: int) -> str:
        """The closed month, in words, into which an entry came after its closing; '' if none."""
        closings = self._closings.get(book, [])
        at = bisect_left(closings, day, key=lambda row: row.ends_on)
        if at < len(closings) and seq >= closings[at].size:
            return period_name(closings[at].period)
        return ""

    def check(self, size: int, closed: Mapping[str, date] | None, findings: Findings) -> None:
        """Order and size of the closings, the head's last closed days, and every snapshot."""
        last = {book: rows[-1].ends_on for book, rows in self._closings.items()}
        if closed != last:
            findings.add("head.closed", "账簿首页记的已结账日期与结账记录不符：被改动过。", "账簿首页")
        for book, rows in self._closings.items():
            for before, row in zip([None, *rows], rows, strict=False):
                self._order(before, row, size, findings)
            self._snapshots(book, rows, findings)
        self._orphans(findings)

    def _order(self, before: Row[Any] | None, row: Row[Any], size: int, findings: Findings) -> None:
        where = _where(row)
        if row.size > size:
            message = f"结账时账簿已有 {row.size} 笔，现在只有 {size} 笔：有账被删掉了。"
            findings.add("period.size", message, where)
        try:
            ends_on = last_day(row.period)
            follows = before is None or following(before.period) == row.period
        except Refused:
            ends_on, follows = None, False
        if ends_on != row.ends_on or not follows or (before is not None and before.size > row.size):
            message = "结账记录的月份不连续，或日期、笔数前后矛盾：结账记录被改动过。"
            findings.add("period.order", message, where)

    def _snapshots(self, book: str, rows: list[Row[Any]], findings: Findings) -> None:
        """Each posting is read once: totals grow from one month's end to the next."""
        sums: _Sums = {}
        since: date | None = None
        for row in rows:
            for key, debit, credit in self._moved(book, since, row.ends_on):
                old = sums.get(key, (0, 0))
                sums[key] = (old[0] + debit, old[1] + credit)
            stored = self._stored(book, row.period)
            wrong = sorted(key for key in sums.keys() | stored.keys() if sums.get(key) != stored.get(key))
            for key in wrong:
                message = _disagreement(key, sums.get(key, (0, 0)), stored.get(key))
                findings.add("period.balance", message, _where(row))
            since = row.ends_on

    def _moved(self, book: str, since: date | None, until: date) -> list[tuple[_Key, int, int]]:
        bank = func.coalesce(posting.c.bank_account, "")
        query = (
            select(
                posting.c.account,
                posting.c.fund,
                bank,
                func.sum(case((posting.c.side == "D", posting.c.amount), else_=0)),
                func.sum(case((posting.c.side == "C", posting.c.amount), else_=0)),
            )
            .where(
                posting.c.trust_id == self._trust_id,
                posting.c.book == book,
                posting.c.business_date <= until,
            )
            .group_by(posting.c.account, posting.c.fund, bank)
        )
        if since is not None:
            query = query.where(posting.c.business_date > since)
        return [((a, f, b), int(debit), int(credit)) for a, f, b, debit, credit in self._conn.execute(query)]

    def _stored(self, book: str, period: int) -> _Sums:
        rows = self._conn.execute(
            select(period_balance).where(
                period_balance.c.trust_id == self._trust_id,
                period_balance.c.book == book,
                period_balance.c.period == period,
            )
        )
        return {(r.account, r.fund, r.bank_account): (r.debit, r.credit) for r in rows}

    def _orphans(self, findings: Findings) -> None:
        known = {(row.book, row.period) for rows in self._closings.values() for row in rows}
        stored = self._conn.execute(
            select(period_balance.c.book, period_balance.c.period)
            .where(period_balance.c.trust_id == self._trust_id)
            .distinct()
        )
        for book, period in stored:
            if (book, period) not in known:
                message = f"账套 {book} 的 {period} 没有结账，却存着月末余额：结账记录被删掉了。"
                findings.add("period.missing", message, f"账套 {book} {period}")


def _where(row: Row[Any]) -> str:
    return f"{_BOOKS.get(row.book, row.book)} {row.period // 100}年{row.period % 100}月"


def _disagreement(key: _Key, computed: tuple[int, int], stored: tuple[int, int] | None) -> str:
    account, fund, bank = key
    title = f"科目 {account}（基金 {fund}" + (f"，账户 {bank}" if bank else "") + "）"
    says = (
        "没有存"
        if stored is None
        else f"存的是借方 {format_yuan(stored[0])} 元、贷方 {format_yuan(stored[1])} 元"
    )
    return (
        f"{title}的月末累计{says}，根据分录重新计算是借方 {format_yuan(computed[0])} 元、"
        f"贷方 {format_yuan(computed[1])} 元。"
    )
