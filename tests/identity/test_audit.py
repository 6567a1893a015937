"""The audit trail: what was done, refused and forbidden; who, as what, from where; and nothing that was typed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, delete, update
from sqlalchemy.exc import DBAPIError

from ledger.people import Actor, Role
from ledger.people.audit import AuditEvent, AuditFilter, audit, read_audit
from ledger.store.engine import reading, writing
from ledger.store.tables import INSTALLATION, audit_event
from tests.ledger.books import TODAY, act, open_books
from tests.office.conftest import PASSWORD, OfficeSite

ACTOR = Actor("p1", "王会计（wang）", frozenset({Role.PREPARER, Role.RESIDENT}), "192.0.2.7")
ALL = AuditFilter()


def trail(office: OfficeSite, asked: AuditFilter = ALL, trust_id: int | None = None) -> list[AuditEvent]:
    with reading(office.engine) as conn:
        return read_audit(conn, office.trust_id if trust_id is None else trust_id, asked)


def test_what_is_done_is_on_the_trail_with_who_when_and_from_where(office: OfficeSite) -> None:
    office.post(office.client("operator"), office.path("/people/invite"), role="chair", label="新主任")
    event = trail(office)[0]
    assert (event.signature, event.roles) == (office.person("operator").signature, (Role.OPERATOR,))
    assert (event.action, event.title, event.outcome) == ("people.invite", "邀请人员", "done")
    assert (event.subject, event.origin) == ("新主任：业委会主任", "testclient")
    assert event.at == office.act().now


def test_a_refused_try_is_on_the_trail_with_its_codes_and_wrote_nothing(office: OfficeSite) -> None:
    office.post(office.client("operator"), office.path("/people/invite"), role="chair", unit="1-101")
    event = trail(office)[0]
    assert (event.outcome, set(event.detail.split())) == ("refused", {"unit_and_role", "no_label"})
    page = office.client("operator").get(office.path("/people")).text
    assert "还没用的邀请码" not in page


def test_a_refusal_that_leaves_the_page_is_on_the_trail_too(office: OfficeSite) -> None:
    office.post(office.client("operator"), office.path("/people/cancel"), invitation="没有这个码")
    assert [(item.outcome, item.detail) for item in trail(office)] == [("refused", "bad_code")]


def test_a_forbidden_try_is_on_the_trail(office: OfficeSite) -> None:
    assert office.client("cashier").get(office.path("/people")).status_code == 403
    office.post(office.client("cashier"), office.path("/people/invite"), role="chair", label="自己人")
    assert [(item.action, item.outcome) for item in trail(office)] == [
        ("people.invite", "forbidden"),
        ("people.read", "forbidden"),
    ]


def test_log_ins_and_passwords_are_on_the_installations_trail(office: OfficeSite) -> None:
    client = office.client("preparer")
    wrong = "错的密码也要够长"
    office.post(
        client,
        "/account/password",
        old=PASSWORD,
        password="新密码也要够长的才行呀",
        again="新密码也要够长的才行呀",
    )
    office.post(office.anyone(), "/login", page="/login", account="preparer-1", password=wrong)
    events = trail(office, trust_id=INSTALLATION)
    assert [(item.title, item.outcome) for item in events][:2] == [("登录", "refused"), ("改密码", "done")]
    assert ("设置动态码", "done") in {(item.title, item.outcome) for item in events}
    assert wrong not in repr(events)


def test_reading_pages_does_not_fill_the_trail(office: OfficeSite) -> None:
    office.client("supervisor").get(office.path("/work-items"))
    assert trail(office) == []


def test_no_one_changes_the_trail(engine: Engine) -> None:
    open_books(engine)
    with writing(engine) as conn:
        audit(conn, 1, ACTOR, "work.prepare", "A-2025-1", act())
    for change in (update(audit_event).values(person="p2"), delete(audit_event)):
        with pytest.raises(DBAPIError), writing(engine) as conn:
            conn.execute(change)


def test_the_trail_is_filtered_and_paged_without_gaps(engine: Engine) -> None:
    open_books(engine)
    days = [TODAY + timedelta(days=n // 4) for n in range(20)]
    with writing(engine) as conn:
        for number, day in enumerate(days):
            action = "work.prepare" if number % 2 else "work.review"
            outcome = "refused" if number % 5 == 0 else "done"
            audit(conn, 1, ACTOR, action, str(number), act(day), outcome=outcome)  # type: ignore[arg-type]
        audit(conn, 2, ACTOR, "work.review", "another trust's", act())

    def subjects(asked: AuditFilter = ALL, size: int = 100) -> list[int]:
        found: list[int] = []
        before = ""
        with reading(engine) as conn:
            while page := read_audit(conn, 1, asked, before=before, limit=size):
                found += [int(item.subject) for item in page]
                before = page[-1].event
        return found

    newest_first = list(range(19, -1, -1))
    assert subjects() == subjects(size=3) == newest_first
    assert subjects(AuditFilter(action="work.review")) == [n for n in newest_first if n % 2 == 0]
    assert subjects(AuditFilter(outcome="refused")) == [15, 10, 5, 0]
    assert subjects(AuditFilter(person="p1")) == newest_first
    assert subjects(AuditFilter(person="p2")) == []
    second_day = TODAY + timedelta(days=1)
    assert subjects(AuditFilter(since=second_day, until=second_day)) == [7, 6, 5, 4]


def test_the_page_shows_fifty_and_leads_to_the_older_ones(office: OfficeSite) -> None:
    with writing(office.engine) as conn:
        for number in range(60):
            audit(conn, office.trust_id, ACTOR, "work.prepare", f"第{number:02d}张", office.act())
    client = office.client("supervisor")
    page = client.get(office.path("/audit"))
    assert page.text.count("张</span>") == 50
    link = page.text.split('href="?')[-1].split('"')[0].replace("&amp;", "&")
    older = client.get(office.path("/audit?" + link))
    assert older.text.count("张</span>") == 10
    assert "第00张" in older.text
    assert "没有这个账号" in client.get(office.path("/audit?account=nobody")).text
    bad = client.get(office.path("/audit?since=yesterday&action=x.y"))
    assert bad.status_code == 200
    assert "读不懂日期" in bad.text


def test_names_on_the_trail_are_text(office: OfficeSite) -> None:
    office.post(office.client("operator"), office.path("/people/invite"), role="chair", label="<b>粗</b>")
    page = office.client("supervisor").get(office.path("/audit")).text
    assert "<b>粗</b>" not in page
    assert "&lt;b&gt;粗" in page
