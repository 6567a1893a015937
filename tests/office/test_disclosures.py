"""The trustee publishes services, posts and notes in the office, confirms what still holds; the committee sees it."""

from __future__ import annotations

import json
import re
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from disclosure.cli.main import run
from ledger.disclosures.duties import Duty, duties
from ledger.disclosures.fulfilment import read_note
from ledger.disclosures.posts import post_versions
from ledger.disclosures.services import read_services
from ledger.people import Role
from ledger.store.engine import reading
from tests.disclosures.desk import Desk, note
from tests.documents.papers import picture
from tests.ledger.books import TODAY
from tests.office.conftest import PASSWORD, OfficeSite
from tests.shells import CommandClock

pytestmark = pytest.mark.db("sqlite")
LIST: dict[str, Any] = {
    "effective_on": "2025-06-01",
    "authority": "合同附件二",
    "title_1": "保洁",
    "content_1": "打扫楼道。",
    "standard_1": "无杂物。",
    "frequency_1": "每天一次",
    "title_2": "电梯运行",
    "content_2": "维护保养。",
    "standard_2": "困人 30 分钟内到场。",
    "frequency_2": "每 15 天一次",
}


def words(page: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def duty(office: OfficeSite, code: str) -> Duty:
    with reading(office.engine) as conn:
        return next(item for item in duties(conn, office.trust_id, office.act().today) if item.code == code)


def fields(page: str, name: str) -> list[str]:
    """The values of the inputs whose name begins so, in order."""
    return [
        unescape(value)
        for key, value in re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page)
        if key.startswith(name)
    ]


def test_a_list_of_services_is_published_and_taken_up_again(office: OfficeSite) -> None:
    client, path = office.client("preparer"), office.path("/disclosures/services")
    assert "尚未公开" in client.get(office.path("/disclosures")).text
    answer = office.post(client, path, **LIST)
    assert "已公开服务事项第 1 版" in office.follow(client, answer).text
    form = client.get(path).text
    assert fields(form, "title_") == ["保洁", "电梯运行", "", "", ""]
    assert fields(form, "code_") == ["S01", "S02", "", "", ""]
    again: dict[str, Any] = LIST | {
        "code_1": "S01",
        "title_1": "",
        "code_2": "S02",
        "standard_2": "困人 20 分钟内到场。",
    }
    assert office.post(client, path, **again).status_code == 303
    with reading(office.engine) as conn:
        found = read_services(conn, office.trust_id)
    assert (found.version, [item.code for item in found.list.items]) == (2, ["S02"])


def test_mistakes_come_back_with_what_was_typed(office: OfficeSite) -> None:
    client, path = office.client("preparer"), office.path("/disclosures/services")
    answer = office.post(client, path, **(LIST | {"standard_2": "找 13812345678", "content_3": "忘了名称"}))
    assert answer.status_code == 422
    assert "第 3 行没有写名称" in answer.text
    answer = office.post(client, path, **(LIST | {"standard_2": "找 13812345678"}))
    assert "像有手机号" in answer.text
    assert "困人" not in answer.text
    assert "每 15 天一次" in answer.text
    assert duty(office, "services").last_on is None


def test_posts_name_the_services_they_answer_for(office: OfficeSite) -> None:
    client, path = office.client("reviewer"), office.path("/disclosures/posts")
    Desk(office.books).services()
    sent: dict[str, Any] = {
        "effective_on": "2025-06-01",
        "title_1": "工程主管",
        "duty_1": "维修。",
        "services_1": "s02 S01",
    }
    assert office.post(client, path, **sent).status_code == 303
    with reading(office.engine) as conn:
        (found,) = post_versions(conn, office.trust_id)
    assert found.list.items[0].services == ("S02", "S01")
    assert "S02 S01" in client.get(path).text
    answer = office.post(client, path, **(sent | {"services_1": "S77"}))
    assert (answer.status_code, "没有公开过编号 S77" in answer.text) == (422, True)


def test_a_note_is_published_with_a_picture_and_corrected(office: OfficeSite) -> None:
    client, path = office.client("preparer"), office.path("/disclosures/fulfilment")
    assert "请先" in client.get(path).text
    Desk(office.books).services()
    assert 'value="2025-05"' in client.get(path).text
    sent: dict[str, Any] = {
        "period": "2025-05",
        "summary": "两项都达标。",
        "state_S01": "met",
        "done_S01": "打扫 31 次。",
        "state_S02": "none",
        "doc_kind_1": "other",
        "doc_title_1": "保洁照片",
    }
    files = {"doc_file_1": ("x.png", picture("PNG", (40, 40)), "image/png")}
    answer = office.post(client, path, files=files, **sent)
    assert "2025年5月履行情况已公开" in words(office.follow(client, answer).text)
    form = client.get(path + "?period=2025-05").text
    assert "打扫 31 次。" in form
    assert "保洁照片" in form
    with reading(office.engine) as conn:
        paper = read_note(conn, office.trust_id, 202505).note.papers[0]
    corrected: dict[str, Any] = sent | {"done_S01": "打扫 30 次。", "doc_sha_1": paper.original}
    answer = office.post(client, path, files={"doc_file_1": ("", b"", "")}, **corrected)
    assert "更正后的第 2 版" in office.follow(client, answer).text
    with reading(office.engine) as conn:
        newest = read_note(conn, office.trust_id, 202505)
    assert (newest.version, newest.note.items[0].done) == (2, "打扫 30 次。")
    assert newest.note.papers == (paper,)
    answer = office.post(client, path, files={"doc_file_1": ("", b"", "")}, **(sent | {"period": "2025-06"}))
    assert (answer.status_code, "才结束" in answer.text) == (422, True)
    assert "打扫 31 次。" in answer.text


def test_confirming_begins_the_interval_again(office: OfficeSite) -> None:
    Desk(office.books).services(day=date(2024, 2, 1))
    client = office.client("preparer")
    assert "逾期" in words(client.get(office.path("/disclosures")).text)
    assert "公开事项逾期" in client.get(office.path()).text
    path = office.path("/disclosures/confirm")
    answer = office.post(client, path, block="services", note="与合同核对")
    assert "已核对，仍有效" in office.follow(client, answer).text
    assert duty(office, "services").late_days == 0
    answer = office.post(client, path, block="posts", note="")
    assert (answer.status_code, "还没有公开过" in answer.text) == (422, True)
    answer = office.post(client, path, block="fulfilment")
    assert answer.status_code == 422


def test_the_committee_sees_what_is_late_and_publishes_nothing(office: OfficeSite) -> None:
    client = office.client("committee")
    page = client.get(office.path("/disclosures")).text
    assert "尚未公开，已逾期" in page
    assert "<form" not in page.split("<main")[1]
    assert "公开事项逾期" in client.get(office.path()).text
    assert client.get(office.path("/disclosures/services")).status_code == 403


# --- from the shell ---------------------------------------------------------------------------------------------


@pytest.fixture
def shell(office: OfficeSite, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a command as the person of a role; exit code and JSON answer."""
    for role in ("preparer", "reviewer"):
        office.client(role)
    monkeypatch.setenv("DATA_DIR", str(office.config.data_dir))
    monkeypatch.setenv("DATABASE_URL", office.config.database_url)
    monkeypatch.setenv("MINGZHANG_PASSWORD", PASSWORD)
    clock = CommandClock(monkeypatch)

    def command(*arguments: str, as_: str = "preparer") -> tuple[int, Any]:
        if as_:
            clock.show_code(office.secrets[Role(as_)])
            arguments = (*arguments, "--as", office.person(as_).account)
        capsys.readouterr()
        code = run(["disclosure", *arguments, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return command


def test_the_same_from_the_shell(shell: Any, tmp_path: Path, office: OfficeSite) -> None:
    items = [
        {"title": "保洁", "content": "打扫。", "standard": "干净。", "frequency": "每天"},
        {"title": "绿化", "content": "修剪。", "standard": "无枯死。", "frequency": "每月"},
    ]
    file = tmp_path / "list.json"
    file.write_text(json.dumps({"effective_on": "2025-06-01", "authority": "合同", "items": items}))
    assert shell("services", str(file))[1]["version"] == 1
    file.write_text(
        json.dumps(
            {
                "effective_on": "2025-06-01",
                "items": [{"title": "经理", "duty": "负责。", "desk": "前台", "services": ["S01"]}],
            }
        )
    )
    assert shell("posts", str(file))[1]["version"] == 1
    file.write_text(
        json.dumps({"summary": "达标。", "items": [{"service": "S01", "done": "打扫。", "state": "met"}]})
    )
    assert shell("fulfilment", "2025-05", str(file))[1] == {"ok": True, "period": "2025-05", "version": 1}
    code, said = shell("fulfilment", "2025-05", str(file), as_="reviewer")
    assert (code, [item["code"] for item in said["problems"]]) == (1, ["nothing_changed"])
    assert shell("confirm", "operation", "--note", "没有经营", as_="reviewer")[1]["review"] == 1
    code, said = shell("due", as_="")
    found = {item["code"]: item for item in said["duties"]}
    assert (code, len(found)) == (0, 14)
    assert found["services"]["last_on"] == found["operation"]["last_on"] == TODAY.isoformat()
    code, said = shell("due", "--late", as_="")
    assert code == 1
    assert {"statement_month", "maintenance"} <= {item["code"] for item in said["duties"]}


def test_a_file_that_makes_no_sense_is_refused(shell: Any, tmp_path: Path) -> None:
    file = tmp_path / "list.json"
    for text in ("[1]", "{", '{"items": 3}'):
        file.write_text(text)
        code, said = shell("services", str(file), "--as", "nobody", as_="")
        assert (code, [item["code"] for item in said["problems"]]) == (1, ["bad_file"])


def test_what_was_noted_late_stays_late(office: OfficeSite) -> None:
    desk = Desk(office.books)
    desk.services(day=date(2024, 2, 1))
    desk.note(note(202403), day=date(2025, 6, 1))
    assert duty(office, "fulfilment").late_days > 300
