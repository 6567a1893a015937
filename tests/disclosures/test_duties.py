"""What the books say of when things were published: for one community and for many, a steady number of queries."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from ledger.disclosures.duties import BLOCKS, duties, duties_of
from ledger.errors import Refused
from ledger.people import Forbidden
from ledger.store.engine import reading, writing
from ledger.store.tables import bank_line, bank_reconciliation, fee_standard, statement
from ledger.trust import record_setting
from ledger.trust.settings import change_setting
from tests.disclosures.desk import Desk, note, services
from tests.ledger.books import OPENED, TODAY, Books, act, fee_charge, open_books
from tests.work.people import ACCOUNTANT, CHAIR, CHECKER


@pytest.fixture
def desk(engine: Engine) -> Desk:
    return Desk(open_books(engine))


def publish(books: Books, period: int, day: date) -> None:
    with writing(books.engine) as conn:
        row = {"trust_id": books.trust_id, "period": period, "version": 1, "size": 1, "value": b"{}"}
        conn.execute(insert(statement).values(**row, published_at=act(day).now))


def test_a_new_community_has_published_nothing(desk: Desk) -> None:
    with reading(desk.books.engine) as conn:
        found = duties(conn, desk.books.trust_id, OPENED)
    assert [item.code for item in found][:9] == list(BLOCKS)
    assert {item.last_on for item in found} == {None}
    assert {item.state for item in found} == {"尚未公开"}
    assert {item.due_on for item in found if item.block} == {OPENED + timedelta(days=30)}
    with reading(desk.books.engine) as conn, pytest.raises(Refused, match="没有编号为"):
        duties(conn, 999, OPENED)


def test_publishing_starts_the_interval_again(desk: Desk) -> None:
    first = date(2024, 2, 1)
    desk.services(day=first)
    for code in ("services", "quality"):
        assert desk.duty(code, first).last_on == first
        assert desk.duty(code, first).due_on == date(2025, 1, 31)
    assert desk.duty("services", date(2025, 2, 10)).state == "逾期 10 天"
    desk.confirm("services", date(2025, 2, 10))
    assert desk.duty("services", date(2025, 2, 10)).state == "按时"
    assert desk.duty("quality", date(2025, 2, 10)).state == "逾期 10 天"


def test_a_note_is_late_by_what_it_covers(desk: Desk) -> None:
    desk.services()
    desk.note(note(202503), date(2025, 6, 1))
    duty = desk.duty("fulfilment", date(2025, 6, 1))
    assert (duty.last_on, duty.due_on, duty.late_days) == (date(2025, 6, 1), date(2025, 5, 15), 17)
    desk.note(note(202533), date(2025, 6, 2))  # the first quarter reaches no further than March
    assert desk.duty("fulfilment", date(2025, 6, 2)).due_on == date(2025, 5, 15)


def test_statements_are_due_by_the_first_gap(desk: Desk) -> None:
    for period, day in ((202401, 10), (202402, 12)):
        publish(desk.books, period, date(2024, period % 100 + 1, day))
    month = desk.duty("statement_month", date(2024, 4, 20))
    assert (month.last_on, month.due_on, month.late_days) == (date(2024, 3, 12), date(2024, 4, 15), 5)
    publish(desk.books, 202404, date(2024, 5, 5))
    assert desk.duty("statement_month", date(2024, 5, 5)).late_days == 20  # March is still missing
    assert desk.duty("statement_quarter", date(2024, 5, 1)).state == "尚未公开，已逾期 1 天"
    publish(desk.books, 202433, date(2024, 5, 2))
    assert desk.duty("statement_quarter", date(2024, 5, 2)).due_on == date(2024, 7, 30)
    assert desk.duty("maintenance", date(2024, 5, 5)).last_on == date(2024, 5, 5)
    assert desk.duty("revenue", date(2024, 5, 5)).last_on == date(2024, 5, 5)


def test_entries_are_late_when_nothing_is_posted_for_long(desk: Desk) -> None:
    desk.books.post(fee_charge())
    assert desk.duty("entries").state == "按时"
    assert desk.duty("entries", TODAY + timedelta(days=16)).state == "逾期 1 天"


def test_fee_standards_brought_along_count_from_the_opening(desk: Desk) -> None:
    for day in (date(2020, 1, 1), date(2024, 6, 1), date(2026, 1, 1)):
        with writing(desk.books.engine) as conn:
            row = {"trust_id": desk.books.trust_id, "use_kind": "home", "effective_on": day}
            conn.execute(insert(fee_standard).values(**row, rate_e4=19_800, authority="决议1号"))
    assert desk.duty("charge_rates", date(2024, 3, 1)).last_on == OPENED
    assert desk.duty("charge_rates", date(2024, 7, 1)).last_on == date(2024, 6, 1)
    assert desk.duty("charge_items", TODAY).last_on == date(2024, 6, 1)


def reconcile(books: Books, account: str, period: int, day: date) -> None:
    with writing(books.engine) as conn:
        conn.execute(
            insert(bank_reconciliation).values(
                trust_id=books.trust_id,
                bank_account=account,
                period=period,
                version=1,
                book_balance=0,
                bank_balance=0,
                adjusted=0,
                items="[]",
                note="",
                reconciled_at=act(day).now,
                reconciled_by="审核",
            )
        )


def move(books: Books, account: str) -> None:
    """The bank has told of a line on this account."""
    values: dict[str, Any] = {"trust_id": books.trust_id, "bank_account": account, "line_key": f"{account}-1"}
    for column in bank_line.c:
        if column.name not in values and not column.nullable:
            values[column.name] = _filler(column.type.python_type)
    with writing(books.engine) as conn:
        conn.execute(insert(bank_line).values(**values))


def _filler(kind: type[Any]) -> Any:
    made = {int: 1, str: "x", bool: False, bytes: b"x", date: date(2024, 1, 5)}
    return made.get(kind) or act(date(2024, 1, 5)).now


def test_reconciling_is_done_when_every_account_is(desk: Desk) -> None:
    for account in ("F1-CCB", "F2-CMB"):
        move(desk.books, account)
    reconcile(desk.books, "F1-CCB", 202401, date(2024, 2, 5))
    assert desk.duty("reconciliation", date(2024, 2, 20)).late_days == 5  # F2 is missing
    reconcile(desk.books, "F2-CMB", 202401, date(2024, 2, 8))
    duty = desk.duty("reconciliation", date(2024, 2, 20))
    assert (duty.last_on, duty.due_on, duty.state) == (date(2024, 2, 8), date(2024, 3, 15), "按时")


def test_closing_a_month_counts_as_reconciled(desk: Desk) -> None:
    desk.books.close(202401, today=date(2024, 2, 3))
    move(desk.books, "F1-CCB")
    assert desk.duty("reconciliation", date(2024, 2, 20)).due_on == date(2024, 3, 15)


def test_the_community_sets_its_own_deadlines_from_a_day_on(desk: Desk) -> None:
    desk.services(day=date(2024, 2, 1))
    with writing(desk.books.engine) as conn:
        change_setting(
            conn, desk.books.trust_id, "due_services_days", {"value": "180"},
            effective_on=date(2024, 9, 1), authority="业委会会议纪要", actor=CHAIR, act=act(),
        )  # fmt: skip
    assert desk.duty("services", date(2024, 8, 31)).due_on == date(2025, 1, 31)
    assert desk.duty("services", date(2024, 9, 1)).due_on == date(2024, 7, 30)
    with writing(desk.books.engine) as conn, pytest.raises(Forbidden):
        change_setting(
            conn, desk.books.trust_id, "due_posts_days", {"value": "1000"},
            effective_on=TODAY, authority="合同", actor=CHECKER, act=act(),
        )  # fmt: skip


def test_a_desk_with_a_private_number_is_refused(desk: Desk) -> None:
    with writing(desk.books.engine) as conn, pytest.raises(Refused, match="手机号"):
        change_setting(
            conn, desk.books.trust_id, "service_desk", {"value": "找小李 13812345678"},
            effective_on=TODAY, authority="合同", actor=CHAIR, act=act(),
        )  # fmt: skip


def test_many_communities_cost_as_many_queries_as_one(
    engine: Engine, count_queries: Callable[[Engine], AbstractContextManager[Any]]
) -> None:
    desks = [Desk(open_books(engine, number)) for number in (1, 2, 3)]
    desks[0].services(day=date(2024, 3, 1))
    desks[2].services(services(on=date(2025, 1, 1)), day=date(2025, 1, 2))
    with writing(engine) as conn:
        record_setting(conn, 3, "due_services_days", 10, effective_on=OPENED, authority="决议", act=act())
    asked = []
    for wanted in ([1], [1, 2, 3]):
        with reading(engine) as conn, count_queries(engine) as queries:
            found = duties_of(conn, wanted, TODAY)
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 10
    assert {number: found[number][0].last_on for number in found} == {
        1: date(2024, 3, 1),
        2: None,
        3: date(2025, 1, 2),
    }
    assert found[3][0].due_on == date(2025, 1, 12)


def test_only_the_trustee_publishes(desk: Desk) -> None:
    with pytest.raises(Forbidden):
        desk.services(actor=CHAIR)
    desk.services(actor=ACCOUNTANT)
