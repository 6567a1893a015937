"""What public pages ask must not read a community's whole books: the plans of SQLite, which has no figures of its own.

Its planner goes by the figures that the migrations give it, so plans are the same over few entries and over millions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Connection, event

from disclosure.public import entry_scan
from disclosure.public.entries import Filter, entry_page, entry_totals, single_entry
from disclosure.public.entry_around import read_around
from disclosure.public.entry_totals import months_with
from disclosure.public.flows import flows_by_month
from disclosure.public.paid import cash_by_year
from ledger.maintenance.plans import used_by_plan
from ledger.payments.payables import open_payables
from ledger.revenue.moves import list_transfers
from ledger.totals import keep_totals
from tests.public.community import TRUST_ID
from tests.public.conftest import Site

pytestmark = pytest.mark.db("sqlite")

WHOLE_TABLE = re.compile(
    r"SCAN (entry|posting|entry_reference|work_entry|leaf)\b"
    r"|SEARCH (entry|posting|entry_reference|work_entry|leaf) (?!USING INDEX ix_entry_reference_).*\((trust_id=\?|[^)]*(account|business_date)[<>]\?.*)\)"
)
"""A table of entries read from end to end, or by a span of days or accounts, which may hold as much. Indexes of
one kind of reference hold no more than what is asked."""
YEAR = (date(2025, 1, 1), date(2025, 12, 31))


@contextmanager
def statements_of(conn: Connection) -> Iterator[list[tuple[str, Any]]]:
    """The statements sent meanwhile."""
    sent: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        sent.append((statement, parameters))

    event.listen(conn, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(conn, "before_cursor_execute", note)


def around(conn: Connection) -> object:
    return read_around(conn, TRUST_ID, single_entry(conn, TRUST_ID, "A-2025-000003").listed)


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda conn: flows_by_month(conn, TRUST_ID, 202501, 202512), id="cash by month"),
        pytest.param(
            lambda conn: entry_totals(conn, TRUST_ID, Filter(first=YEAR[0], last=YEAR[1])),
            id="totals of a year",
        ),
        pytest.param(lambda conn: entry_totals(conn, TRUST_ID, Filter(fund="F1")), id="totals of a fund"),
        pytest.param(
            lambda conn: cash_by_year(conn, TRUST_ID, "vendor", ["V1"]), id="what a vendor was paid"
        ),
        pytest.param(lambda conn: open_payables(conn, TRUST_ID, vendor="V1"), id="what a vendor is owed"),
        pytest.param(lambda conn: entry_page(conn, TRUST_ID, Filter(vendor="V1")), id="entries of a vendor"),
        pytest.param(lambda conn: list_transfers(conn, TRUST_ID), id="moves to the maintenance fund"),
        pytest.param(lambda conn: used_by_plan(conn, TRUST_ID), id="use of the maintenance fund"),
        pytest.param(around, id="what is around an entry"),
    ],
)
def test_no_page_reads_all_entries(site: Site, ask: Callable[[Connection], object]) -> None:
    with site.community.engine.connect() as conn, conn.begin() as transaction:
        keep_totals(conn, TRUST_ID, most=3)
        with statements_of(conn) as sent:
            ask(conn)
        assert sent
        plans = [
            step.detail
            for statement, parameters in sent
            for step in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
        assert not [step for step in plans if WHOLE_TABLE.search(step)]
        transaction.rollback()


def test_what_no_month_has_is_not_looked_for_any_further(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry_scan, "STEPS", (1, 2, 3))
    with site.community.engine.connect() as conn, conn.begin() as transaction:
        keep_totals(conn, TRUST_ID, most=3)
        for wanted, steps in ((Filter(vendor="V1", direction="opened"), 1), (Filter(text="没有这样的字"), 3)):
            with statements_of(conn) as sent:
                page = entry_page(conn, TRUST_ID, wanted)
            assert page.rows == ()
            assert (page.looked_to is None) == (steps == 1)
            assert len([statement for statement, _ in sent if "leaf.body" in statement]) == steps
        transaction.rollback()


@pytest.mark.parametrize(
    "wanted",
    [
        Filter(direction="moved", book="A", account="5001", text="字", question=True),
        Filter(direction="none", vendor="V1", text="字", corrected=True),
        Filter(direction="in", project="P1", text="字", low=5, first=date(2025, 1, 3)),
        Filter(direction="out", fund="F1"),
    ],
    ids=lambda wanted: f"{wanted.direction}, {' '.join(kind for kind, _ in wanted.named)}",
)
def test_the_longest_questions_are_far_from_too_deep_to_parse(site: Site, wanted: Filter) -> None:
    spare = 5
    with site.community.engine.connect() as conn, conn.begin() as transaction:
        keep_totals(conn, TRUST_ID, most=3)
        with statements_of(conn) as sent:
            entry_page(conn, TRUST_ID, wanted)
            entry_totals(conn, TRUST_ID, wanted)
            months_with(conn, TRUST_ID, wanted)
        for statement, parameters in sent:
            deeper = "SELECT 1 FROM (" * spare + statement + ")" * spare
            conn.exec_driver_sql(f"EXPLAIN {deeper}", parameters)
        transaction.rollback()
