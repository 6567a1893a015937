"""A street's evaluation scheme: made by whoever oversees all of its communities, and by nobody else."""

from __future__ import annotations

import re
from datetime import date
from html import unescape

import httpx
import pytest

from disclosure.district.refresh import Refresher
from disclosure.escalating import Escalator
from disclosure.schemes.sheet import sheet_of
from ledger.district import keep_summary, whole_districts
from ledger.evaluation.scheme import default_scheme, read_scheme
from ledger.evaluation.schemes_kept import scheme_on, scheme_versions
from ledger.people import Role
from ledger.people.audit import AuditFilter, read_audit
from ledger.people.members import grant
from ledger.store.engine import reading, writing
from ledger.store.tables import INSTALLATION
from tests.district.summaries import made_up
from tests.ledger.books import open_books
from tests.office.conftest import OfficeSite
from tests.schemes.form import fields_of

pytestmark = pytest.mark.db("sqlite")
PATH = "/district/evaluation-scheme"
EAST = f"{PATH}?district=东街道"
NEXT = {"effective_on": "2025-07-01", "authority": "街道文件〔2025〕1号"}


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is summarised or moved on behind a test's back."""
    monkeypatch.setattr(Refresher, "__call__", lambda _self: None)
    monkeypatch.setattr(Escalator, "__call__", lambda _self: None)


def live(office: OfficeSite) -> None:
    """The office's community and one more in the east street, one more in the west; the Party committee's person
    and the street's have those of the east."""
    for trust_id in (2, 3):
        open_books(office.engine, trust_id)
    with writing(office.engine) as conn:
        for trust_id, district in ((1, "东街道"), (2, "东街道"), (3, "西街道")):
            keep_summary(conn, made_up(trust_id, district=district))
        for role in (Role.PARTY, Role.STREET):
            grant(conn, 2, office.person(role).person, role, by="测试", act=office.act())


def oversee_all(office: OfficeSite) -> None:
    with writing(office.engine) as conn:
        grant(conn, 3, office.person("party").person, Role.PARTY, by="测试", act=office.act())


def said(page: httpx.Response) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page.text)))


def fields(**changed: str) -> dict[str, str]:
    return {**dict(fields_of(sheet_of(default_scheme()))), "appeal_days": "10", **NEXT, **changed}


def send(office: OfficeSite, do: str, district: str, **changed: str) -> httpx.Response:
    path = f"{PATH}/edit?district={district}"
    return office.post(office.client("party"), path, **{**fields(**changed), "do": do})


def test_a_street_gets_a_scheme_that_its_communities_fall_back_on(office: OfficeSite) -> None:
    live(office)
    party = office.client("party")
    assert "还没有为东街道定过方案" in said(party.get(EAST))
    assert party.get(f"{PATH}/edit?district=东街道").status_code == 200
    assert "检查过了，没有问题" in said(send(office, "check", "东街道"))
    page = said(office.follow(party, send(office, "record", "东街道")))
    assert "东街道的方案已登记，2025-07-01 起生效" in page
    assert "与默认方案相比改了 1 处 申诉期限：由 7 天 改为 10 天" in page
    with reading(office.engine) as conn:
        (kept,) = scheme_versions(conn, INSTALLATION, "东街道")
        (event,) = read_audit(conn, INSTALLATION, AuditFilter(action="evaluation.district"))
        assert scheme_on(conn, 1, date(2025, 7, 1)).scope == "default", "its own rules name no street"
    assert (kept.scheme.appeal_days, kept.authority) == (10, NEXT["authority"])
    assert (event.subject, event.person) == ("东街道", office.person("party").person)
    assert "漏巡：每次扣 0.5 分" in said(party.get(f"{PATH}/district-1?district=东街道"))
    assert read_scheme(party.get(f"{PATH}/district-1.toml?district=东街道").text) == kept.scheme
    assert party.get(f"{PATH}/district-1?district=西街道").status_code == 404


def test_nobody_makes_rules_for_communities_that_are_not_theirs(office: OfficeSite) -> None:
    live(office)
    party = office.client("party")
    for district in ("西街道", "", "没有的街道"):
        assert party.get(f"{PATH}/edit?district={district}").status_code == 403, district
        answer = send(office, "record", district)
        assert answer.status_code == 403, district
        assert "您没有负责" in said(answer)
        assert "以它为底稿" not in party.get(f"{PATH}?district={district}").text
    with reading(office.engine) as conn:
        assert scheme_versions(conn, INSTALLATION) == scheme_versions(conn, INSTALLATION, "西街道") == []
        assert whole_districts(conn, [1, 2]) == ["东街道"]
        assert whole_districts(conn, [1, 2, 3]) == ["", "东街道", "西街道"]
        assert whole_districts(conn, []) == []
    oversee_all(office)
    assert send(office, "record", "").status_code == 303
    with reading(office.engine) as conn:
        assert scheme_on(conn, 3, date(2025, 7, 1)).scheme.appeal_days == 10, "of the whole installation"


def test_who_only_looks_on_reads_and_does_not_change(office: OfficeSite) -> None:
    live(office)
    for role in Role:
        reads = 200 if role in (Role.PARTY, Role.STREET, Role.SUPERVISOR) else 403
        edits = 200 if role in (Role.PARTY, Role.STREET) else 403
        assert office.client(role).get(EAST).status_code == reads, role
        assert office.client(role).get(f"{PATH}/edit?district=东街道").status_code == edits, role
    assert "改出新的一版" not in office.client("supervisor").get(EAST).text
    answer = office.anyone().get(f"{PATH}/edit?district=东街道")
    assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/login")


def test_mistakes_are_told_and_a_form_sent_twice_counts_once(office: OfficeSite) -> None:
    live(office)
    wrong = send(office, "record", "东街道", **{"service.0.weight": "1", "authority": ""})
    assert wrong.status_code == 422
    assert "现在是 91 分" in said(wrong)
    assert "请填写依据" in said(wrong)
    page = office.client("party").get(f"{PATH}/edit?district=东街道").text
    once = re.search(r'name="once" value="([^"]+)"', page)
    assert once is not None
    for _ in range(2):
        assert send(office, "record", "东街道", once=once[1]).status_code == 303
    with reading(office.engine) as conn:
        assert len(scheme_versions(conn, INSTALLATION, "东街道")) == 1


def test_a_file_is_read_into_the_form(office: OfficeSite) -> None:
    live(office)
    body = office.client("party").get(f"{PATH}/default-0.toml?district=东街道").content
    file = {"file": ("方案.toml", body, "application/toml")}
    path = f"{PATH}/upload?district=东街道"
    assert "检查过了，没有问题" in said(office.post(office.client("party"), path, files=file))
    bad = {"file": ("方案.toml", b"nonsense", "application/toml")}
    assert office.post(office.client("party"), path, files=bad).status_code == 422
    assert send(office, "download", "东街道").text.startswith("title = ")
