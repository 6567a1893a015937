"""The postings of an account, one after another, narrowed to a fund, a unit, a vendor, a bank account, …

A household's part of a line that was posted in total counts as a posting of that household.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Subquery,
    case,
    func,
    literal,
    select,
    tuple_,
    union_all,
)

from ledger.balances import Totals, account_totals
from ledger.balances.query import known_fund, leaves_below
from ledger.books.span import View, of_opening
from ledger.chart import Chart
from ledger.errors import Unanswerable
from ledger.journal.public_view import entry_ref
from ledger.store.tables import DIMENSIONS, dimension_value, entry, posting, posting_detail

_CHUNK = 1_000


class Place(NamedTuple):
    """Where a posting stands in the order of an account book."""

    day: date
    seq: int
    line: int
    detail: int


@dataclass(frozen=True, slots=True)
class Scope:
    """Which postings: an account with all below it, '' for the others means any."""

    account: str
    fund: str = ""
    dimension: str = ""
    value: str = ""


class Posted(NamedTuple):
    """A posting in fen, red-letter negative."""

    place: Place
    ref: str
    summary: str
    debit: int
    credit: int


def codes_of(conn: Connection, view: View, scope: Scope, chart: Chart) -> list[str]:
    """The leaf accounts of a scope. Raises :class:`~ledger.errors.Unanswerable` if anything is unknown."""
    if scope.fund:
        known_fund(view.book, scope.fund)
    if scope.dimension or scope.value:
        if scope.dimension not in DIMENSIONS:
            raise Unanswerable("unknown_dimension", f"没有辅助核算“{scope.dimension}”")
        known = select(dimension_value.c.code).where(
            dimension_value.c.trust_id == view.trust_id,
            dimension_value.c.dimension == scope.dimension,
            dimension_value.c.code == scope.value,
        )
        if conn.execute(known).first() is None:
            raise Unanswerable("unknown_value", f"没有登记过“{scope.value}”，无法列出账页")
    return leaves_below(chart, view.book, scope.account)


def stream_postings(
    conn: Connection,
    view: View,
    scope: Scope,
    codes: list[str],
    *,
    after: Place | None = None,
    limit: int | None = None,
) -> Iterator[Posted]:
    """The postings of the view's months in order, in flat memory; what was taken over is left out."""
    rows = _rows(view, scope, codes, view.span.first_day, view.last)
    place = (rows.c.day, rows.c.seq, rows.c.line_no, rows.c.detail_no)
    query = (
        select(*place, rows.c.side, rows.c.amount)
        .add_columns(entry.c.book, entry.c.fiscal_year, entry.c.number, entry.c.summary)
        .join(entry, (entry.c.trust_id == view.trust_id) & (entry.c.seq == rows.c.seq))
        .where(~of_opening())
        .order_by(*place)
    )
    if after is not None:
        query = query.where(rows.c.day >= after.day, tuple_(*place) > tuple_(*after))
    if limit is not None:
        query = query.limit(limit)
    for row in conn.execute(query, execution_options={"yield_per": _CHUNK}):
        debit = row.amount if row.side == "D" else 0
        yield Posted(
            Place(row.day, row.seq, row.line_no, row.detail_no),
            entry_ref(row.book, row.fiscal_year, row.number),
            row.summary,
            debit,
            row.amount - debit,
        )


def totals_until(conn: Connection, view: View, scope: Scope, codes: list[str], day: date) -> Totals:
    """Totals since the books opened up to the evening of ``day``, what was taken over included."""
    if day < view.opened_on:
        return Totals(0, 0)
    clock = view.at(day)
    if not scope.dimension:
        return account_totals(conn, view.trust_id, view.book, scope.account, clock, fund=scope.fund)
    if scope.dimension == "bank_account":
        return account_totals(
            conn,
            view.trust_id,
            view.book,
            scope.account,
            clock,
            fund=scope.fund,
            bank_account=scope.value,
        )
    return _sum(conn, _rows(view, scope, codes, view.opened_on, day))


def totals_to_place(conn: Connection, view: View, scope: Scope, codes: list[str], place: Place) -> Totals:
    """Totals of the month of ``place`` up to and including it, what was taken over left out."""
    rows = _rows(view, scope, codes, place.day.replace(day=1), place.day)
    here = tuple_(rows.c.day, rows.c.seq, rows.c.line_no, rows.c.detail_no) <= tuple_(*place)
    return _sum(conn, rows, here, opening=False)


def opening_totals(conn: Connection, view: View, scope: Scope, codes: list[str]) -> Totals:
    """What was taken over when the books opened."""
    return _sum(conn, _rows(view, scope, codes, view.opened_on, view.opened_on), opening=True)


def _sum(
    conn: Connection, rows: Subquery, *conditions: ColumnElement[bool], opening: bool | None = None
) -> Totals:
    debit = func.coalesce(func.sum(case((rows.c.side == "D", rows.c.amount), else_=0)), 0)
    credit = func.coalesce(func.sum(case((rows.c.side == "C", rows.c.amount), else_=0)), 0)
    query = select(debit, credit).where(*conditions)
    if opening is not None:
        query = query.join(entry, (entry.c.trust_id == rows.c.trust_id) & (entry.c.seq == rows.c.seq))
        query = query.where(of_opening() if opening else ~of_opening())
    found = conn.execute(query).one()
    return Totals(int(found[0]), int(found[1]))


def _rows(view: View, scope: Scope, codes: list[str], first: date, last: date) -> Subquery:
    conditions = [
        posting.c.trust_id == view.trust_id,
        posting.c.book == view.book,
        posting.c.account.in_(codes),
        posting.c.business_date.between(first, last),
    ]
    if not view.clock.everything:
        conditions.append(posting.c.seq < view.clock.known_at)
    if scope.fund:
        conditions.append(posting.c.fund == scope.fund)
    plain = _columns(literal(0), posting.c.amount).where(*conditions)
    if not scope.dimension:
        return plain.subquery()
    named = plain.where(posting.c[scope.dimension] == scope.value)
    if scope.dimension != "unit":
        return named.subquery()
    parts = (
        _columns(posting_detail.c.detail_no, posting_detail.c.amount)
        .join(
            posting_detail,
            (posting_detail.c.trust_id == posting.c.trust_id)
            & (posting_detail.c.seq == posting.c.seq)
            & (posting_detail.c.line_no == posting.c.line_no),
        )
        .where(*conditions, posting_detail.c.unit == scope.value)
    )
    return union_all(named, parts).subquery()


def _columns(detail_no: ColumnElement[Any], amount: ColumnElement[Any]) -> Select[Any]:
    return select(
        posting.c.trust_id,
        posting.c.business_date.label("day"),
        posting.c.seq,
        posting.c.line_no,
        detail_no.label("detail_no"),
        posting.c.side,
        amount.label("amount"),
    )
