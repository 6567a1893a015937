"""Any search: its pages one after another, its file, its totals and a plain look at every leaf say the same.

However far the kept sums have come, and however little a page may look at.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from io import StringIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from disclosure.public import entry_scan
from disclosure.public.entries import (
    Cursor,
    Filter,
    Listed,
    cheap_totals,
    entry_page,
    entry_totals,
    stream_entries,
)
from disclosure.public.entries_csv import entries_csv
from disclosure.public.entry_totals import Totals
from disclosure.public.flows import flows_by_fund, flows_by_month
from disclosure.public.leaves import PublicEntry, decode_leaf
from disclosure.public.present import headline
from ledger.journal.public_view import LEAF_KIND
from ledger.money import plain_yuan
from ledger.store.engine import reading
from ledger.store.tables import leaf
from ledger.totals import DIRECTIONS, Flow, entry_flows, keep_totals
from tests.public.community import TRUST_ID
from tests.public.conftest import Site

MONTHS = st.sampled_from(
    [
        (None, None),
        (date(2025, 8, 1), date(2025, 8, 31)),
        (date(2025, 9, 1), date(2025, 9, 30)),
        (date(2025, 8, 1), date(2025, 10, 31)),
        (date(2025, 9, 5), date(2025, 9, 21)),
        (date(2024, 1, 1), date(2024, 12, 31)),
        (date(2025, 9, 1), None),
    ]
)


def sometimes(*values: object) -> st.SearchStrategy[object]:
    """Mostly nothing, else one of these."""
    return st.one_of(st.just(""), st.just(""), st.just(""), st.sampled_from(values))


AMOUNTS = st.one_of(st.none(), st.none(), st.sampled_from([1, 107, 17_820, 20_000, 636_000]))
FILTERS = st.builds(
    lambda months, **fields: Filter(first=months[0], last=months[1], **fields),
    MONTHS,
    fund=sometimes("F1", "F2", "F3", "F4", "M"),
    book=sometimes("A", "M"),
    account=sometimes("1002", "100201", "1001", "22", "2202", "220201", "4001", "5016", "999999"),
    low=AMOUNTS,
    high=AMOUNTS,
    text=sometimes("电梯", "物业费", "迅达", "欧阳隐名", "%", "A-2025-000003"),
    vendor=sometimes("V1", "V9"),
    contract=sometimes("C1", "C2"),
    site=sometimes("S1"),
    resolution=sometimes("决议2号"),
    direction=sometimes(*DIRECTIONS),
    corrected=st.sampled_from([False, False, False, True]),
    late=st.sampled_from([False, False, False, True]),
)


def in_order(item: PublicEntry) -> tuple[date, int]:
    return item.date, item.seq


@pytest.fixture
def leaves(site: Site) -> list[PublicEntry]:
    """Every entry of the log, newest first."""
    with reading(site.community.engine) as conn:
        bodies = conn.execute(
            select(leaf.c.body).where(leaf.c.trust_id == TRUST_ID, leaf.c.kind == LEAF_KIND)
        ).scalars()
        return sorted((decode_leaf(bytes(body)) for body in bodies), key=in_order, reverse=True)


def passes(item: PublicEntry, wanted: Filter, corrections: set[str]) -> bool:
    """The same question, asked of a leaf in plain Python."""
    lines = [
        line
        for line in item.lines
        if wanted.fund in ("", line.fund)
        and line.account.startswith(wanted.account)
        and (wanted.low is None or abs(line.amount) >= wanted.low)
        and (wanted.high is None or abs(line.amount) <= wanted.high)
    ]
    dims = all(
        any(line.dims.get(kind) == getattr(wanted, kind) for line in item.lines)
        for kind in ("vendor", "contract", "site")
        if getattr(wanted, kind)
    )
    named = wanted.text == item.ref or any(
        wanted.text in text
        for text in (item.summary, item.counterparty)
        if not wanted.text.startswith("A-2025")
    )
    return (
        bool(lines)
        and dims
        and named
        and (wanted.first is None or item.date >= wanted.first)
        and (wanted.last is None or item.date <= wanted.last)
        and wanted.book in ("", item.book)
        and wanted.resolution in ("", item.references.get("resolution"))
        and (not wanted.direction or headline(item)[0] == DIRECTIONS[wanted.direction])
        and (not wanted.corrected or bool(item.reverses or item.amends or item.ref in corrections))
        and (not wanted.late or item.original_date is not None)
    )


def added_up(items: list[PublicEntry], fund: str) -> Totals:
    """Totals from the leaves."""
    flows = {"A": Flow(), "M": Flow()}
    for item in items:
        for of_fund, flow in entry_flows(item.book, item.event, item.lines)[0].items():
            if fund in ("", of_fund):
                flows[item.book] += flow
    return Totals(len(items), flows["A"], flows["M"])


def pages(conn: Connection, wanted: Filter, size: int) -> Iterator[Listed]:
    """The list as somebody reads it who presses 更早的 or 继续找 until the end."""
    before: Cursor | None = None
    while True:
        page = entry_page(conn, TRUST_ID, wanted, before=before, size=size)
        yield from page.rows
        assert len(page.rows) <= size
        before = page.rows[-1].cursor if page.older else page.looked_to
        if before is None:
            return


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    wanted=FILTERS,
    kept=st.sampled_from([0, 1, 11, 1_000]),
    size=st.sampled_from([1, 3, 50]),
    steps=st.sampled_from([(1, 3), (2,), (120, 600)]),
)
def test_pages_file_and_totals_of_any_search_say_the_same(
    site: Site, leaves: list[PublicEntry], wanted: Filter, kept: int, size: int, steps: tuple[int, ...]
) -> None:
    corrections = {ref for item in leaves for ref in (item.reverses, item.amends) if ref}
    expected = [item for item in leaves if passes(item, wanted, corrections)]
    with site.community.engine.connect() as conn, pytest.MonkeyPatch.context() as patch:
        patch.setattr(entry_scan, "STEPS", steps)
        with conn.begin() as transaction:
            if kept:
                keep_totals(conn, TRUST_ID, most=kept)
            refs = [listed.entry.ref for listed in pages(conn, wanted, size)]
            assert refs == [item.ref for item in expected]
            file = b"".join(
                entries_csv(stream_entries(conn, TRUST_ID, wanted), {}, lambda ref: f"/{ref}", full=False)
            )
            rows = list(csv.DictReader(StringIO(file.decode("utf-8-sig"))))
            assert [row["凭证号"] for row in rows] == refs
            assert [row["金额（元）"] for row in rows] == [plain_yuan(headline(item)[1]) for item in expected]
            totals = added_up(expected, wanted.fund)
            assert entry_totals(conn, TRUST_ID, wanted) == totals
            assert cheap_totals(conn, TRUST_ID, wanted) == totals
            transaction.rollback()


@pytest.mark.parametrize("kept", [0, 7, 1_000])
def test_flows_by_month_are_those_of_each_month_alone(site: Site, kept: int) -> None:
    with site.community.engine.connect() as conn, conn.begin() as transaction:
        if kept:
            keep_totals(conn, TRUST_ID, most=kept)
        for period, last in ((202508, 31), (202509, 30), (202510, 31)):
            first = date(period // 100, period % 100, 1)
            expected = {
                (book, fund): flow
                for book in ("A", "M")
                for fund, flow in flows_by_fund(conn, TRUST_ID, book, first, first.replace(day=last)).items()
                if flow != Flow()
            }
            assert {
                (item.book, item.fund): item.flow for item in flows_by_month(conn, TRUST_ID, period, period)
            } == expected
        whole = flows_by_month(conn, TRUST_ID, 202501, 202512)
        assert [(i.period, i.book, i.fund) for i in whole] == sorted(
            (i.period, i.book, i.fund) for i in whole
        )
        assert {i.period for i in whole} == {202508, 202509, 202510}
        transaction.rollback()


def test_a_page_going_back_is_the_page_one_came_from(site: Site) -> None:
    wanted = Filter(account="1002", book="A")
    with reading(site.community.engine) as conn:
        first = entry_page(conn, TRUST_ID, wanted, size=4)
        second = entry_page(conn, TRUST_ID, wanted, before=first.rows[-1].cursor, size=4)
        back = entry_page(conn, TRUST_ID, wanted, after=second.rows[0].cursor, size=4)
    assert back.rows == first.rows
    assert not back.newer
