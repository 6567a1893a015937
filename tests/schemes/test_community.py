"""A community's evaluation scheme in the browser: checked, recorded, compared with the one before, by form or file."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from typing import Any

import httpx
import pytest

from disclosure.schemes.sheet import Sheet, sheet_of
from ledger.evaluation.scheme import default_scheme, read_scheme
from ledger.evaluation.scheme_text import write_scheme
from ledger.evaluation.schemes_kept import record_district_scheme, scheme_on, scheme_versions
from ledger.people import Role
from ledger.people.audit import AuditFilter, read_audit
from ledger.store.engine import reading, writing
from tests.office.conftest import OfficeSite
from tests.schemes.form import fields_of

pytestmark = pytest.mark.db("sqlite")
PATH = "/evaluation-scheme"
NEXT = {"effective_on": "2025-07-01", "authority": "联席会议第3次"}


def said(page: httpx.Response) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page.text)))


def typed(page: httpx.Response) -> dict[str, str]:
    """What a browser would send from the form on the page."""
    form = re.search(r'<form class="scheme-form".*?</form>', page.text, re.S)
    assert form is not None
    fields = {}
    for tag in re.findall(r"<input[^>]*>", form[0]):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        assert name is not None
        if 'type="checkbox"' not in tag or " checked" in tag:
            fields[name[1]] = unescape(value[1]) if value else ""
    for name_, options in re.findall(r'<select[^>]*name="([^"]+)">(.*?)</select>', form[0], re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        fields[name_] = unescape(chosen[1]) if chosen else ""
    return {name: value for name, value in fields.items() if name not in ("csrf", "once")}


def send(office: OfficeSite, fields: dict[str, str], do: str, **more: str) -> httpx.Response:
    return office.post(office.client("chair"), office.path(f"{PATH}/edit"), **{**fields, **more, "do": do})


def heavier(sheet: Sheet | None = None) -> dict[str, str]:
    """The default scheme with S1 two points heavier and S2 as much lighter."""
    sheet = sheet or sheet_of(default_scheme())
    sheet["service"][0]["weight"], sheet["service"][1]["weight"] = "12", "13"
    return dict(fields_of(sheet))


def test_a_changed_scheme_is_checked_recorded_and_in_force_from_its_day(office: OfficeSite) -> None:
    chair = office.client("chair")
    form = chair.get(office.path(f"{PATH}/edit"))
    fields = typed(form)
    assert fields["service.0.title"] == "合同履约与基础管理"
    fields |= {"service.0.weight": "12", "service.1.weight": "13", **NEXT}
    checked = send(office, fields, "check")
    assert "检查过了，没有问题" in said(checked)
    assert "S1 权重：由 10 分 改为 12 分" in said(checked)
    with reading(office.engine) as conn:
        assert scheme_versions(conn, office.trust_id) == [], "checking records nothing"
    page = said(office.follow(chair, send(office, typed(checked) | NEXT, "record")))
    assert "第 1 版方案已登记，2025-07-01 起生效" in page
    assert "还没生效" in page
    assert "与默认方案相比改了 2 处" in page
    with reading(office.engine) as conn:
        assert scheme_on(conn, office.trust_id, date(2025, 6, 30)).scope == "default"
        kept = scheme_on(conn, office.trust_id, date(2025, 7, 1))
        (event,) = read_audit(conn, office.trust_id, AuditFilter(action="evaluation.scheme"))
    assert (kept.scope, kept.scheme.service[0].weight) == ("own", 12_00)
    assert (event.person, event.outcome) == (office.person("chair").person, "done")
    shown = said(chair.get(office.path(f"{PATH}/own-1")))
    assert "S1 合同履约与基础管理 12" in shown
    assert "漏巡：每次扣 0.5 分；由评分人登记" in shown


def test_all_mistakes_are_said_at_once_each_with_its_place(office: OfficeSite) -> None:
    fields = heavier() | {
        "service.0.weight": "十二",
        "service.5.rules.0.source": "conference_missed",
        "party.0.code": "P2",
        "bands.3.least": "10",
        "survey": "x",
        "least_answers": "3",
        "effective_on": "2025-06-30",
        "authority": "",
    }
    answer = send(office, fields, "record")
    assert answer.status_code == 422
    problems = re.findall(r'<li><a href="#([^"]+)">(.*?)</a></li>', answer.text)
    told = {place: unescape(text) for place, text in problems}
    assert told["service-0"].startswith("指标 S1：权重应写成")
    assert told["service"].endswith("现在是 88 分")
    assert "“联席会议缺会次数”只能按次数扣" in told["service-5"]
    assert "编号“P2”重复了" in " ".join(told.values())
    assert {"bands", "survey", "effective_on", "authority"} <= set(told)
    for place in told:
        assert f'id="{place}"' in answer.text, place
    assert typed(answer)["service.0.weight"] == "十二", "what was typed is still there"
    with reading(office.engine) as conn:
        assert scheme_versions(conn, office.trust_id) == []


def test_rows_are_added_moved_and_dropped_before_anything_is_recorded(office: OfficeSite) -> None:
    page = send(office, heavier() | NEXT, "add:service")
    assert typed(page)["service.8.code"] == "S9"
    assert 'id="service-8" open' in page.text
    assert "处要改" not in page.text, "a row that was just added is no mistake yet"
    page = send(office, typed(page), "add:service.8.rules")
    assert typed(page)["service.8.rules.1.how"] == "count"
    page = send(office, typed(page), "up:service.8")
    assert typed(page)["service.7.code"] == "S9"
    page = send(office, typed(page), "drop:service.7")
    assert typed(page)["service.7.code"] == "S8"
    assert typed(page) == typed(send(office, heavier() | NEXT, "check"))


def test_a_measure_with_parameters_asks_for_them_by_name(office: OfficeSite) -> None:
    page = send(office, heavier() | {"party.2.rules.0.args.months": "6", **NEXT}, "check")
    assert "几个月一次" in said(page)
    assert "P3 规则“缺会”：由 每次扣 3 分；系统取数“联席会议缺会次数”（3） 改为" in said(page)
    assert typed(page)["party.2.rules.0.args.months"] == "6"


def test_a_version_is_compared_with_the_one_before_it_and_never_changes(office: OfficeSite) -> None:
    chair = office.client("chair")
    send(office, heavier() | NEXT, "record")
    again = heavier() | {"appeal_days": "10", "effective_on": "2025-10-01", "authority": "联席会议第4次"}
    page = said(office.follow(chair, send(office, again, "record", **{"from": "own-1"})))
    assert "第 2 版" in page
    assert "与本小区的方案第 1 版相比改了 1 处 申诉期限：由 7 天 改为 10 天" in page
    assert "与默认方案相比改了 2 处" in page
    form = chair.get(office.path(f"{PATH}/edit?from=own-1"))
    assert typed(form)["appeal_days"] == "7"
    assert typed(chair.get(office.path(f"{PATH}/edit")))["appeal_days"] == "10", "the newest is the draft"
    assert chair.get(office.path(f"{PATH}/edit?from=own-9")).status_code == 404
    assert chair.get(office.path(f"{PATH}/own-9")).status_code == 404


def test_a_form_sent_twice_makes_one_version(office: OfficeSite) -> None:
    page = office.client("chair").get(office.path(f"{PATH}/edit"))
    once = re.search(r'name="once" value="([^"]+)"', page.text)
    assert once is not None
    for _ in range(2):
        assert send(office, heavier() | NEXT, "record", once=once[1]).status_code == 303
    with reading(office.engine) as conn:
        assert len(scheme_versions(conn, office.trust_id)) == 1


def test_a_file_is_the_second_way_there_and_back(office: OfficeSite) -> None:
    chair = office.client("chair")
    saved = send(office, heavier() | NEXT, "download")
    assert saved.headers["content-disposition"] == 'attachment; filename="evaluation-scheme-draft.toml"'
    assert read_scheme(saved.text).service[0].weight == 12_00
    assert chair.get(office.path(f"{PATH}/default-0.toml")).text == write_scheme(default_scheme())

    def upload(body: bytes) -> httpx.Response:
        file = {"file": ("方案.toml", body, "application/toml")}
        return office.post(chair, office.path(f"{PATH}/upload"), files=file)

    page = upload(saved.content)
    assert page.status_code == 200
    assert "检查过了，没有问题" in said(page)
    assert typed(page)["service.0.weight"] == "12"
    wrong = upload(saved.text.replace('code = "S3"', 'code = "S2"').encode())
    assert "编号“S2”重复了" in said(wrong)
    for body, told in (
        (b"title = \xff", "UTF-8"),
        (b"title = ", "方案读不懂"),
        (b"x" * 300_000, "最大 200 KB"),
        (b"", "方案读不懂"),
    ):
        refused = upload(body)
        assert refused.status_code in (413, 422), body[:9]
        assert told in said(refused)
    unreadable = send(office, heavier() | {"self_days": "x"} | NEXT, "download")
    assert "自评的期限：应是整数，不能是“x”" in said(unreadable)


def test_only_the_chair_and_the_party_committee_edit_others_read(office: OfficeSite) -> None:
    for role in (Role.PARTY, Role.COMMITTEE, Role.SUPERVISOR, Role.REVIEWER):
        page = office.client(role).get(office.path(PATH))
        assert page.status_code == 200
        assert ("以它为底稿" in page.text) == (role is Role.PARTY)
        editor = office.client(role).get(office.path(f"{PATH}/edit"))
        assert editor.status_code == (200 if role is Role.PARTY else 403)
    assert office.client("resident").get(office.path(PATH)).status_code == 403


def test_what_the_street_made_is_named_and_can_be_a_draft(office: OfficeSite) -> None:
    with writing(office.engine) as conn:
        scheme = default_scheme()
        party: Any = office.actor("party")
        record_district_scheme(conn, "", scheme, date(2025, 7, 1), "街道文件", party, office.act())
    page = said(office.client("chair").get(office.path(PATH)))
    assert "街道的方案第 1 版" in page
    assert "所有小区" in page
    form = office.client("chair").get(office.path(f"{PATH}/edit?from=district-1"))
    assert "底稿是街道的方案第 1 版" in said(form)
