"""Posting and reporting are recorded apart from publishing, and a report counts once the committee confirms it."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Connection, text, update
from sqlalchemy.exc import DBAPIError

from ledger.errors import Refused
from ledger.people import Actor, Role
from ledger.people.roles import Forbidden
from ledger.records import places_of
from ledger.statements import (
    confirm_report,
    list_acts,
    list_versions,
    record_posting,
    record_report,
    statement_values,
    statements_due,
    withdraw_act,
)
from ledger.store.engine import reading, writing
from ledger.store.tables import statement_act
from ledger.verify import verify_books
from tests.ledger.books import act
from tests.statements.year import TODAY, Year
from tests.verify.tamper import behind_the_back
from tests.work.people import ACCOUNTANT, CHECKER, MEMBER, SUPERVISOR

Q1 = 202533


def posting(conn: Connection, year: Year, first: date = TODAY, last: date = date(2025, 7, 29)) -> int:
    return record_posting(conn, 1, Q1, 1, first, last, "东门公示栏", "", ACCOUNTANT, act())


def reporting(conn: Connection, year: Year, to: str = "committee", actor: Actor = ACCOUNTANT) -> int:
    return record_report(conn, 1, Q1, 1, to, TODAY, "会议当面报告", "", actor, act())


def codes(error: pytest.ExceptionInfo[Refused]) -> set[str]:
    return set(error.value.codes)


def test_a_report_counts_once_somebody_else_of_the_committee_confirms_it(own_year: Year) -> None:
    own_year.publish(Q1)
    with writing(own_year.engine) as conn:
        hung, told = posting(conn, own_year), reporting(conn, own_year)
        assert [(item.no, item.holds, item.waits) for item in list_acts(conn, 1)] == [
            (told, False, True),
            (hung, True, False),
        ]
        confirm_report(conn, 1, told, MEMBER, act())
        assert [item.holds for item in list_acts(conn, 1, [Q1])] == [True, True]
        assert list_acts(conn, 1, [202534]) == []


@pytest.mark.db("sqlite")
def test_nobody_confirms_what_they_recorded_and_the_trustee_confirms_nothing(own_year: Year) -> None:
    own_year.publish(Q1)
    both = Actor("p-9", "两边（liangbian）", frozenset({Role.PREPARER, Role.COMMITTEE}))
    with writing(own_year.engine) as conn:
        told = reporting(conn, own_year)
    for actor in (both, Actor(ACCOUNTANT.person, "王芳", frozenset({Role.COMMITTEE}))):
        with writing(own_year.engine) as conn, pytest.raises(Refused) as refused:
            confirm_report(conn, 1, told, actor, act())
        assert codes(refused) == {"same_person"}
    for actor in (CHECKER, SUPERVISOR):
        with writing(own_year.engine) as conn, pytest.raises(Forbidden):
            confirm_report(conn, 1, told, actor, act())


@pytest.mark.db("sqlite")
def test_a_denied_report_does_not_count_and_needs_a_reason(own_year: Year) -> None:
    own_year.publish(Q1)
    with writing(own_year.engine) as conn:
        told = reporting(conn, own_year, "assembly")
    with writing(own_year.engine) as conn, pytest.raises(Refused) as refused:
        confirm_report(conn, 1, told, MEMBER, act(), received=False)
    assert codes(refused) == {"no_reason"}
    with writing(own_year.engine) as conn:
        confirm_report(conn, 1, told, MEMBER, act(), received=False, note="没有开会")
        (item,) = list_acts(conn, 1)
    assert (item.holds, item.waits, item.step) == (False, False, "denied")
    with writing(own_year.engine) as conn, pytest.raises(Refused) as refused:
        confirm_report(conn, 1, told, MEMBER, act())
    assert codes(refused) == {"ended"}


@pytest.mark.db("sqlite")
def test_a_posting_lasts_thirty_days_and_has_begun(own_year: Year) -> None:
    own_year.publish(Q1)
    for first, last, code in (
        (TODAY, date(2025, 7, 28), "too_short"),
        (date(2025, 7, 1), date(2025, 8, 30), "future_day"),
        (TODAY, date(2029, 7, 29), "too_long"),
    ):
        with writing(own_year.engine) as conn, pytest.raises(Refused) as refused:
            posting(conn, own_year, first, last)
        assert codes(refused) == {code}


@pytest.mark.db("sqlite")
def test_only_what_is_published_can_hang_and_no_place_may_name_a_home(own_year: Year) -> None:
    own_year.publish(Q1)
    with writing(own_year.engine) as conn, pytest.raises(Refused) as refused:
        record_posting(conn, 1, 202434, 1, TODAY, date(2025, 8, 30), "", "ab" * 32, ACCOUNTANT, act())
    assert codes(refused) == {"unknown_statement", "empty_field", "unknown_document"}
    with writing(own_year.engine) as conn, pytest.raises(Refused) as refused:
        record_posting(conn, 1, Q1, 1, TODAY, date(2025, 8, 30), "张三 13812345678", "", ACCOUNTANT, act())
    assert codes(refused) == {"private_data"}


@pytest.mark.db("sqlite")
def test_who_recorded_an_act_takes_it_back_and_both_stay(own_year: Year) -> None:
    own_year.publish(Q1)
    with writing(own_year.engine) as conn:
        hung = posting(conn, own_year)
    with writing(own_year.engine) as conn, pytest.raises(Refused) as refused:
        withdraw_act(conn, 1, hung, CHECKER, act(), "不是我登记的")
    assert codes(refused) == {"not_yours"}
    with writing(own_year.engine) as conn:
        withdraw_act(conn, 1, hung, ACCOUNTANT, act(), "地点写错")
        (item,) = list_acts(conn, 1)
    assert (item.holds, item.step, item.note) == (False, "withdrawn", "地点写错")
    with pytest.raises(DBAPIError), writing(own_year.engine) as conn:
        conn.execute(update(statement_act).values(place="西门"))


def test_every_version_is_a_leaf_of_the_log_and_can_be_made_again(own_year: Year) -> None:
    made = own_year.publish(Q1)
    own_year.sign()
    with reading(own_year.engine) as conn:
        assert set(places_of(conn, 1, "statement", [f"{Q1}-1"])) == {f"{Q1}-1"}
        value = statement_values(conn, 1, [f"{Q1}-1", "202434-7"])
        assert set(value) == {f"{Q1}-1"}
        assert value[f"{Q1}-1"]["size"] == made.size
        report = verify_books(conn, 1, own_year.signer.verifier)
    assert report.ok, report.findings


def test_an_edited_statement_is_found(own_year: Year) -> None:
    own_year.publish(Q1)
    own_year.sign()
    with behind_the_back(own_year.database) as conn:
        conn.execute(text("UPDATE statement SET size = size + 1"))
    with reading(own_year.engine) as conn:
        report = verify_books(conn, 1, own_year.signer.verifier)
    assert [finding.code for finding in report.findings] != []
    assert not report.ok


def test_what_is_late_is_reckoned_from_the_calendar(year: Year) -> None:
    year.publish(202401, TODAY)
    with reading(year.engine) as conn:
        due = {item.span.code: item for item in statements_due(conn, 1, date(2025, 7, 1))}
    january = due[202401]
    assert (january.due_on, january.published_on) == (date(2024, 2, 15), TODAY)
    assert january.late_days == (TODAY - date(2024, 2, 15)).days
    assert not january.over
    assert not due[202506].over
    assert due[202505].over
    assert due[202505].late_days == (date(2025, 7, 1) - date(2025, 6, 15)).days
    assert due[202500].due_on == date(2026, 4, 30)
    assert 202312 not in due
    assert 202508 not in due


def test_versions_are_listed_by_the_end_of_their_span(year: Year) -> None:
    for code in (202400, 202436, 202412, 202501):
        year.publish(code)
    with reading(year.engine) as conn:
        listed = [item.period for item in list_versions(conn, 1)]
        assert [code for code in listed if code in (202400, 202436, 202412, 202501)] == [
            202501,
            202400,
            202436,
            202412,
        ]
        assert {item.period % 100 for item in list_versions(conn, 1, "year")} == {0}
        assert {item.period for item in list_versions(conn, 1, period=202400)} == {202400}
