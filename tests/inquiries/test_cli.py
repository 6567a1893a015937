"""Inquiries from the shell, each step in somebody's name; and what the site does every hour by itself."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from sqlalchemy import Engine, select

from disclosure.cli.main import run
from disclosure.escalating import Escalator
from disclosure.identity.passwords import hash_password
from ledger.people.audit import AuditFilter, read_audit
from ledger.people.credentials import record_credential
from ledger.people.roles import Role
from ledger.store.engine import reading, writing
from ledger.store.tables import inquiry_step
from tests.inquiries.desk import ASKER, TUESDAY, WORDS, Desk, open_desk
from tests.inquiries.test_publishing import photo
from tests.ledger.books import OPENED, act
from tests.office.conftest import CHEAP, PASSWORD, settle

SECRET = pyotp.random_base32()
pytestmark = pytest.mark.db("sqlite")


class Shell:
    """Runs commands on a day, as somebody if a role is named."""

    def __init__(self, desk: Desk, people: dict[Role, Any], capsys: Any, monkeypatch: Any) -> None:
        self.desk, self.people, self.capsys, self.monkeypatch = desk, people, capsys, monkeypatch
        self.on(TUESDAY)

    def on(self, day: date) -> None:
        self.moment = datetime(day.year, day.month, day.day, 2, tzinfo=UTC)

    def __call__(self, *words: str, role: str = "") -> tuple[int, dict[str, Any]]:
        self.moment += timedelta(seconds=60)
        self.monkeypatch.setenv("MINGZHANG_CODE", pyotp.TOTP(SECRET).at(self.moment))
        name = ["--as", self.people[Role(role)].account] if role else []
        code = run(["inquiries", *words, *name, "--json"])
        return code, json.loads(self.capsys.readouterr().out)

    def done(self, *words: str, role: str = "") -> dict[str, Any]:
        code, answer = self(*words, role=role)
        assert code == 0, answer
        return answer

    def refused(self, *words: str, role: str = "") -> set[str]:
        code, answer = self(*words, role=role)
        assert code == 1, answer
        return {problem["code"] for problem in answer["problems"]}


@pytest.fixture
def shell(
    engine: Engine, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> Shell:
    desk = open_desk(engine, tmp_path)
    people = settle(desk.books)
    hashed = hash_password(PASSWORD, CHEAP)
    with writing(engine) as conn:
        for person in people.values():
            record_credential(
                conn, person.person, by="测试", act=act(OPENED), password_hash=hashed, totp_secret=SECRET
            )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("MINGZHANG_PASSWORD", PASSWORD)
    made = Shell(desk, people, capsys, monkeypatch)

    class Clock:
        @staticmethod
        def now(_zone: object) -> datetime:
            return made.moment

    monkeypatch.setattr("disclosure.cli.common.datetime", Clock)
    Path("photo.jpg").write_bytes(photo())
    return made


def test_a_question_nobody_answers_goes_up_twice_is_answered_published_and_rated(shell: Shell) -> None:
    asked = shell.done(
        "ask", WORDS, "--about", f"entry:{shell.desk.ref}", "--picture", "photo.jpg", role="resident"
    )
    assert asked == {"ok": True, "no": 1, "accept_by": "2025-06-04", "answer_by": "2025-06-06"}
    assert shell.done("tick")["moved"] == []
    for day in (date(2025, 6, 5), date(2025, 6, 13)):
        shell.on(day)
        assert shell("list", "--late")[0] == 1
        assert shell.done("tick")["moved"] == [1]
    assert shell("list", "--late")[0] == 0
    assert shell.refused("answer", "1", "答复", role="resident") == {"not_allowed"}
    assert shell.refused("accept", "1", role="party") == {"not_this_level"}
    shell.done("accept", "1", role="street")
    shell.done("answer", "1", "多出的两千元是夜间保洁", "--picture", "photo.jpg", role="street")
    assert shell.refused("publish", "1", "1", "请打13812345678", role="committee") == {"private_data"}
    first = shell.done("publish", "1", "1", "三月保洁费为什么多？", "--picture", "1:1", role="committee")
    shell.done("publish", "1", "5", "增加了夜间保洁", role="reviewer")
    assert shell.done("rate", "1", "满意", "--text", "谢谢", role="resident")["status"] == "closing"
    shell.done("call-back", "1", "已解决", "电话回访", role="committee")
    shown = shell.done("show", "1")
    assert (shown["status"], shown["level"], shown["rating"]) == ("closed", 3, "satisfied")
    assert [(item["says"], item["text"]) for item in shown["said"]] == [
        ("question", "三月保洁费为什么多？"),
        ("answer", "增加了夜间保洁"),
    ]
    assert shown["said"][0]["seq"] == first["seq"]
    assert WORDS not in str(shown)
    month = shell.done("numbers", "2025-06")
    assert (month["asked"], month["late"], month["at_street"], month["satisfied"]) == (1, 1, 1, 1)


def test_what_was_written_is_shown_to_the_asker_and_the_desk_only(shell: Shell) -> None:
    shell.done("ask", WORDS, role="resident")
    for role in ("resident", "supervisor", "preparer"):
        assert shell.done("show", "1", role=role)["text"] == WORDS
    assert shell.refused("show", "1", role="tenant") == {"not_allowed"}
    assert WORDS not in str(shell.done("list"))


def test_a_repair_and_a_mediation_from_the_shell(shell: Shell) -> None:
    shell.done("ask", "电梯停了", "--kind", "repair", "--about", "area:elevator", role="tenant")
    shell.done("assign", "1", "工程岗", "--text", "尽快", role="preparer")
    shell.done("visit", "1", "皮带断了", role="preparer")
    shell.done("note", "1", "等配件", role="preparer")
    shell.done("answer", "1", "修好", role="preparer")
    assert shell.done("rework", "1", "又停", role="preparer")["status"] == "working"
    shell.done("mediate", "1", "agreed", "换新门机", role="committee")
    shell.done("keep", "1", "只说是日常维修", role="committee")
    assert shell.done("rate", "1", "不满意", role="tenant")["level"] == 2
    assert shell.done("withdraw", "1", role="tenant")["status"] == "withdrawn"


def test_an_owner_asks_to_inspect_a_tenant_cannot(shell: Shell) -> None:
    assert shell.refused("ask", "我要查账", "--kind", "inspection", role="tenant") == {"not_allowed"}
    assert shell.done("ask", "我要查账", "--kind", "inspection", role="resident")["no"] == 1


def test_every_step_is_on_the_trail_without_its_words(shell: Shell, engine: Engine) -> None:
    shell.done("ask", WORDS, role="resident")
    shell.done("answer", "1", "机密答复", role="preparer")
    with reading(engine) as conn:
        trail = read_audit(conn, shell.desk.books.trust_id, AuditFilter())
    assert {event.action for event in trail} >= {"inquiry.ask", "inquiry.handle"}
    assert not [event for event in trail if "机密" in str(event) or WORDS in str(event)]


def test_what_was_typed_wrong_is_said_in_chinese(shell: Shell) -> None:
    assert shell.refused("ask", WORDS, "--about", "entry:A-2025-999999", role="resident") == {"unknown_about"}
    assert shell.refused("show", "99") == {"unknown_inquiry"}
    assert shell("publish", "1", "1", "x", "--picture", "one", role="committee")[0] == 2
    assert run(["inquiries", "list"]) == 0


# --- The clock ----------------------------------------------------------------------------------------------


def escalated(engine: Engine) -> list[tuple[int, int]]:
    with reading(engine) as conn:
        query = select(inquiry_step.c.trust_id, inquiry_step.c.no).where(inquiry_step.c.kind == "escalated")
        return [tuple(row) for row in conn.execute(query.order_by(inquiry_step.c.trust_id))]


def test_the_site_lets_what_is_late_go_up_every_hour(engine: Engine, tmp_path: Path) -> None:
    desk = open_desk(engine, tmp_path)
    desk.ask(actor=ASKER)
    moment = [datetime(2025, 6, 4, 15, 30, tzinfo=UTC)]
    clock = Escalator(engine, lambda: moment[0])
    clock()
    moment[0] += timedelta(minutes=40)  # past midnight in China
    clock()
    assert escalated(engine) == []
    moment[0] += timedelta(minutes=20)
    clock()
    clock()
    assert escalated(engine) == [(7, 1)]


def test_one_community_that_fails_does_not_hold_up_the_others(
    engine: Engine, tmp_path: Path, monkeypatch: Any, caplog: Any
) -> None:
    for trust_id in (7, 8):
        open_desk(engine, tmp_path, trust_id).ask(actor=ASKER)
    real = Escalator.__call__.__globals__["escalate_due"]

    def broken(conn: Any, trust_id: int, now: Any) -> Any:
        if trust_id == 7:
            raise ValueError("broken")
        return real(conn, trust_id, now)

    monkeypatch.setattr("disclosure.escalating.escalate_due", broken)
    Escalator(engine, lambda: datetime(2025, 6, 9, 4, tzinfo=UTC))()
    assert escalated(engine) == [(8, 1)]
    assert "event=escalation_failed trust_id=7" in caplog.text
