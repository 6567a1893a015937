"""A community's summary says what its own books say, and nothing of any home in it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from disclosure.district.refresh import Refresher, refresh
from ledger.disclosures.duties import duties
from ledger.district import due_trusts, findings_of, keep_summary, summarise
from ledger.district.summary import months_behind
from ledger.district.value import NEVER, Summary
from ledger.journal import Draft
from ledger.log.keys import create_key, load_signer
from ledger.log.store import sign_log
from ledger.store.engine import reading, writing
from ledger.store.tables import district_summary
from ledger.trust import record_setting
from tests.district.summaries import made_up
from tests.ledger.books import (
    OPENED,
    TODAY,
    Books,
    act,
    contribution,
    fee_charge,
    fee_receipt,
    invoice,
    open_books,
    payment,
    petty,
)


def of(books: Books, day: date = TODAY) -> Summary:
    with reading(books.engine) as conn:
        return summarise(conn, books.trust_id, act(day))


def test_money_is_told_by_fund_and_book(engine: Engine) -> None:
    books = open_books(engine)
    books.post_many([fee_receipt(500_00), contribution((("1-101", 70_00),))])
    summary = of(books)
    assert summary.funds == {"F1": 500_00, "M": 70_00}
    assert (summary.common, summary.maintenance, summary.overdrawn) == (500_00, 70_00, 0)
    books.post(payment(600_00))
    assert (of(books).common, of(books).overdrawn) == (-100_00, 1)


def test_days_since_the_last_entry_are_counted_from_when_it_was_posted(engine: Engine) -> None:
    books = open_books(engine)
    assert of(books).quiet_days == NEVER
    books.post(fee_receipt(), today=TODAY - timedelta(days=12))
    assert of(books).quiet_days == 12
    books.post(fee_receipt(date=date(2024, 5, 1)), today=TODAY)
    assert of(books).quiet_days == 0


def test_duties_that_are_late_are_those_the_community_itself_shows(engine: Engine) -> None:
    books = open_books(engine)
    with reading(engine) as conn:
        late = [duty for duty in duties(conn, books.trust_id, TODAY) if duty.late_days > 0]
    summary = of(books)
    assert late, "books opened long ago with nothing published"
    assert (summary.late, summary.late_days) == (len(late), max(duty.late_days for duty in late))
    assert max(late, key=lambda duty: duty.late_days).title in summary.late_titles


def test_corrections_and_spending_without_papers_count_for_ninety_days(engine: Engine) -> None:
    books = open_books(engine)
    posted = books.post(petty(10_00, date=date(2025, 6, 1)))
    assert of(books).bare == 0
    books.post(_bare(date(2025, 6, 2)))
    books.post(_bare(date(2025, 1, 2)))
    assert of(books).bare == 1
    books.reverse(posted.ref, on=date(2025, 6, 3))
    assert of(books).corrections == 1
    assert of(books, TODAY + timedelta(days=89)).corrections == 0


def _bare(day: date) -> Draft:
    """Spending whose paper was never scanned."""
    made = petty(10_00, date=day)
    papers = tuple(msgspec.structs.replace(item, original="") for item in made.documents)
    return msgspec.structs.replace(made, documents=papers)


def test_the_log_is_told_by_its_checkpoints(engine: Engine, tmp_path: Path) -> None:
    books = open_books(engine)
    create_key(tmp_path / "k.pem", Random(1).randbytes)
    signer = load_signer(tmp_path / "k.pem", "mingzhang.example/c/trust-1/log")
    books.post_many([fee_receipt(), fee_receipt()])
    assert (of(books).checkpoint_days, of(books).signed_size) == (NEVER, 0)
    sign_log(engine, books.trust_id, signer, act(TODAY - timedelta(days=40)).now)
    books.post_many([fee_receipt(), fee_receipt(), fee_receipt()])
    summary = of(books)
    assert (summary.checkpoint_days, summary.signed_size, summary.growth) == (40, 2, 3)
    assert "公开日志 40 天没有签名" in [finding.text for finding in findings_of(summary)]


def test_nothing_of_a_single_home_is_in_the_row(engine: Engine) -> None:
    books = open_books(engine)
    books.post_many([fee_charge(), fee_receipt(77_77, "1-102"), invoice(100_00)])
    refresh(engine, [books.trust_id], act())
    with reading(engine) as conn:
        row = " ".join(map(str, conn.execute(select(district_summary)).one()))
    assert not any(unit in row for unit in ("1-101", "1-102", "2-201"))


def test_the_number_of_queries_does_not_follow_the_number_of_entries(
    engine: Engine, count_queries: Callable[[Engine], AbstractContextManager[Any]]
) -> None:
    books = open_books(engine)
    counts = []
    for batch in (1, 30):
        books.post_many([fee_receipt() for _ in range(batch)])
        with count_queries(engine) as queries:
            of(books)
        counts.append(len(queries))
    assert counts[0] == counts[1]


# --- Keeping it ---------------------------------------------------------------------------------------------


def test_a_later_summary_takes_the_place_of_the_earlier(engine: Engine) -> None:
    first = made_up(7)
    later = replace(first, late=99, name="改了名", signed_at=None)
    with writing(engine) as conn:
        keep_summary(conn, first)
        keep_summary(conn, later)
    with reading(engine) as conn:
        (row,) = conn.execute(select(district_summary)).all()
    assert (row.late, row.name, row.signed_at) == (99, "改了名", None)


def due(engine: Engine, day: date = TODAY, later: timedelta = timedelta()) -> list[int]:
    now = act(day)
    with reading(engine) as conn:
        return due_trusts(conn, replace(now, now=now.now + later), 10)


def test_a_summary_is_due_when_missing_grown_over_or_of_another_day(engine: Engine) -> None:
    books, other = open_books(engine, 1), open_books(engine, 2)
    assert due(engine) == [1, 2]
    refresh(engine, [1, 2], act())
    assert due(engine) == []
    books.post(fee_receipt())
    assert due(engine) == [], "not at every entry of a busy day"
    assert due(engine, later=timedelta(seconds=61)) == [books.trust_id]
    assert due(engine, later=timedelta(minutes=61)) == [1, 2], "work that waits leaves no trace in the log"
    assert due(engine, TODAY + timedelta(days=1)) == [1, 2]
    refresh(engine, [2], replace(act(), now=act().now + timedelta(seconds=90)))
    with writing(engine) as conn:
        record_setting(
            conn, other.trust_id, "district", "东街道", effective_on=OPENED, authority="街道", act=act()
        )
    assert other.trust_id in due(engine, later=timedelta(seconds=180))
    refresh(engine, [2], act())
    assert of(other).district == "东街道"


def test_the_background_makes_what_is_due_and_goes_on_past_a_failure(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for trust_id in (1, 2, 3):
        open_books(engine, trust_id)
    from disclosure.district import refresh as module

    real = module.summarise

    def fails(conn: Any, trust_id: int, now: Any) -> Summary:
        if trust_id == 2:
            raise ValueError("broken")
        return real(conn, trust_id, now)

    monkeypatch.setattr(module, "summarise", fails)
    Refresher(engine, lambda: act().now)()
    with reading(engine) as conn:
        kept = conn.execute(select(district_summary.c.trust_id).order_by(district_summary.c.trust_id))
        assert kept.scalars().all() == [1, 3]
    monkeypatch.undo()
    Refresher(engine, lambda: act().now)()
    assert due(engine) == []


# --- What is out of order -----------------------------------------------------------------------------------

CALM = made_up(
    1,
    quiet_days=0,
    late=0,
    open_lines=0,
    months_behind=0,
    corrections=0,
    co_sign=3,
    over_budget=0,
    votes=2,
    bare=0,
    overdrawn=0,
    checkpoint_days=0,
    log_size=100,
)


def test_a_community_in_order_has_no_findings_whatever_waits_or_is_voted_on() -> None:
    assert findings_of(CALM) == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"quiet_days": 8}, "8 天没有入账"),
        ({"quiet_days": NEVER}, "开账后还没有入过账"),
        ({"open_lines": 4, "open_days": 16}, "4 笔银行流水没有入账，最久 16 天"),
        ({"months_behind": 2}, "结账落后 2 个月"),
        ({"corrections": 11}, "90 天内更正 11 笔"),
        ({"bare": 3}, "90 天内有 3 笔支出没有附件"),
        ({"late": 2, "late_days": 9, "late_titles": "甲、乙"}, "2 项公开逾期，最久 9 天（甲、乙）"),
        ({"overdrawn": 1}, "1 个账户余额是负数"),
        ({"over_budget": 1}, "1 行预算超支"),
        ({"checkpoint_days": NEVER}, "公开日志没有签过名"),
        ({"checkpoint_days": 2, "log_size": 101}, "公开日志 2 天没有签名"),
    ],
)
def test_each_thing_out_of_order_is_said_in_words(change: dict[str, Any], said: str) -> None:
    (finding,) = findings_of(replace(CALM, **change))
    assert finding.text == said
    assert finding.code in asdict(CALM)


def test_an_old_checkpoint_over_a_log_that_did_not_grow_is_no_finding() -> None:
    assert findings_of(replace(CALM, checkpoint_days=200)) == ()


def test_grave_findings_come_first() -> None:
    codes = [finding.code for finding in findings_of(replace(CALM, late=1, late_days=1, overdrawn=1))]
    assert codes == ["overdrawn", "late"]


@pytest.mark.parametrize(
    ("closed", "today", "behind"),
    [
        (date(2025, 5, 31), date(2025, 7, 15), 0),
        (date(2025, 5, 31), date(2025, 7, 16), 1),
        (date(2025, 6, 30), date(2025, 7, 16), 0),
        (None, date(2024, 2, 15), 0),
        (None, date(2024, 4, 20), 3),
    ],
)
def test_months_behind(closed: date | None, today: date, behind: int) -> None:
    assert months_behind(OPENED, closed, today) == behind


@given(st.dates(date(2024, 1, 1), date(2030, 1, 1)))
def test_a_month_more_time_is_at_most_a_month_more_behind(today: date) -> None:
    now, then = months_behind(OPENED, None, today), months_behind(OPENED, None, today + timedelta(days=28))
    assert 0 <= now <= then <= now + 1
