"""What the annex of a statement lists: every entry of its span as known at its cut-off."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import select

from disclosure.statements import read_statement
from disclosure.statements.annex import month_lists
from ledger.errors import Refused
from ledger.journal.public_view import entry_ref
from ledger.periods.spans import span_of
from ledger.store.engine import reading
from ledger.store.tables import entry
from tests.statements.year import Year

SPANS = pytest.mark.parametrize("code", [202403, 202433, 202400])


def posted(year: Year, code: int) -> Counter[str]:
    """Names of the entries of a span that its statement knows."""
    span = span_of(code)
    with reading(year.engine) as conn:
        size = read_statement(conn, 1, code).size
        found = conn.execute(
            select(entry.c.book, entry.c.fiscal_year, entry.c.number).where(
                entry.c.business_date.between(span.first, span.last), entry.c.seq < size
            )
        )
        return Counter(entry_ref(*row) for row in found)


@SPANS
def test_every_entry_of_the_span_is_listed_once(year: Year, code: int) -> None:
    year.publish(code)
    with reading(year.engine) as conn:
        lists = list(month_lists(conn, 1, span_of(code), read_statement(conn, 1, code).size))
    expected = posted(year, code)
    rows = [row for item in lists for row in item.listing.rows if not row.strong]
    assert Counter(row.cells[0] for row in rows) == expected
    assert expected.total() > 0
    assert sum(item.count for item in lists) == expected.total()


@SPANS
def test_its_sums_are_those_of_the_statement(year: Year, code: int) -> None:
    year.publish(code)
    with reading(year.engine) as conn:
        value = read_statement(conn, 1, code).value
        lists = list(month_lists(conn, 1, span_of(code), value.size))
    for report in value.books:
        flows = [item.flow for item in lists if item.book == report.book]
        assert sum(flow.received for flow in flows) == report.cash_total.received
        assert sum(flow.paid for flow in flows) == report.cash_total.paid


def test_more_entries_than_anyone_prints_are_refused_before_they_are_read(
    year: Year, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("disclosure.statements.annex.MOST_ROWS", 3)
    with reading(year.engine) as conn, pytest.raises(Refused, match="下载完整数据 CSV"):
        next(month_lists(conn, 1, span_of(202400), 10_000))
