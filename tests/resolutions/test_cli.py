"""A vote from the shell, by the same people and rules: draft to publication, and the auditor's recount offline."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from sqlalchemy import Engine

from disclosure.cli.main import run
from disclosure.config import config_from_env
from disclosure.identity.passwords import hash_password
from ledger.log.keys import create_key, load_signer
from ledger.log.store import sign_log
from ledger.people.credentials import record_credential
from ledger.store.engine import writing
from tests.ledger.books import OPENED, act
from tests.office.conftest import CHEAP, PASSWORD, settle
from tests.resolutions.assembly import AFTER, CLOSES, DAY, OPENS, assemble

SECRET = pyotp.random_base32()
pytestmark = pytest.mark.db("sqlite")
DRAFT = """
title = "更新 3 栋电梯"
text = "用维修资金更新 3 栋两部电梯。"
documents = [{ title = "方案", file = "plan.pdf" }]
[[items]]
title = "同意更新电梯"
matter = "use_maintenance_fund"
[[unlocks]]
kind = "project"
ref = "X-1"
"""
PAPER = """
number = "业主大会2024-2号"
matter = "use_maintenance_fund"
title = "更换水泵"
text = "同意使用维修资金更换水泵"
decided_on = 2025-01-10
[figures]
total = { area = "83404.00", people = 782 }
took_part = { area = "60000.00", people = 600 }
agreed = { area = "50000.00", people = 500 }
"""
PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 10 10]>>endobj
trailer<</Root 1 0 R>>
%%EOF
"""


class Shell:
    """Runs commands on a day, as somebody if a role is named."""

    def __init__(self, people: dict[Any, Any], capsys: Any, monkeypatch: Any) -> None:
        self.people, self.capsys, self.monkeypatch = people, capsys, monkeypatch
        self.moment = datetime(DAY.year, DAY.month, DAY.day, 2, tzinfo=UTC)

    def on(self, day: date) -> None:
        self.moment = datetime(day.year, day.month, day.day, 2, tzinfo=UTC)

    def __call__(self, *words: str, role: str = "") -> tuple[int, dict[str, Any]]:
        self.moment += timedelta(seconds=60)
        self.monkeypatch.setenv("MINGZHANG_CODE", pyotp.TOTP(SECRET).at(self.moment))
        name = ["--as", next(p.account for r, p in self.people.items() if r == role)] if role else []
        code = run(["resolutions", *words, *name, "--json"])
        return code, json.loads(self.capsys.readouterr().out)

    def refused(self, *words: str, role: str = "") -> set[str]:
        code, answer = self(*words, role=role)
        assert code == 1
        return {problem["code"] for problem in answer["problems"]}


@pytest.fixture
def shell(
    engine: Engine, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> Shell:
    assembly = assemble(engine)
    people = settle(assembly.books)
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
    made = Shell(people, capsys, monkeypatch)

    class Clock:
        @staticmethod
        def now(_zone: object) -> datetime:
            return made.moment

    monkeypatch.setattr("disclosure.cli.common.datetime", Clock)
    Path("plan.pdf").write_bytes(PDF)
    Path("draft.toml").write_text(DRAFT, encoding="utf-8")
    Path("paper.toml").write_text(PAPER, encoding="utf-8")
    return made


def test_a_vote_from_the_shell(shell: Shell, engine: Engine, tmp_path: Path, monkeypatch: Any) -> None:
    key = config_from_env().key_path("trust-1")
    create_key(key, lambda n: bytes(range(n)))
    signer = load_signer(key, "mingzhang.example/c/trust-1/log")
    code, made = shell("draft", "draft.toml", role="committee")
    assert (code, made["number"]) == (0, "2025-1")
    assert shell("motion", "2025-1", role="committee")[0] == 0
    times = (
        "--opens",
        str(OPENS),
        "--closes",
        str(CLOSES),
        "--how",
        "公告栏",
        "--neighbourhood",
        "已书面告知",
    )
    early = ("--opens", str(DAY + timedelta(days=14)), *times[2:])
    assert shell.refused("notice", "2025-1", *early, role="committee") == {"notice_too_short"}
    assert shell("notice", "2025-1", *times, role="committee")[0] == 0
    assert shell.refused("open", "2025-1", role="chair") == {"too_early"}
    shell.on(OPENS)
    assert shell.refused("open", "2025-1", role="reviewer") == {"not_allowed"}
    code, roll = shell("open", "2025-1", role="chair")
    assert (code, roll["people"], roll["area"]) == (0, 6, 920_00)
    assert shell("letters", "2025-1", "--out", "codes.csv", role="committee")[1]["letters"] == 6
    assert len(Path("codes.csv").read_text(encoding="utf-8-sig").splitlines()) == 7
    assert Path("codes.csv").stat().st_mode & 0o077 == 0

    Path("votes.txt").write_text("1-101 A\n3-101 A\n3-201 A\n3-301 B\n", encoding="utf-8")
    assert shell("enter", "2025-1", "votes.txt", role="committee")[1]["counted"] == 0
    assert len(shell("pending", "2025-1", role="party")[1]["pending"]) == 4
    Path("votes2.csv").write_text(
        "房号,第1项 同意更新电梯\n1-101,A\n3-101,A\n3-201,A\n3-301,B\n", encoding="utf-8"
    )
    assert shell("enter", "2025-1", "votes2.csv", role="party")[1]["counted"] == 4
    assert shell.refused("close", "2025-1", role="chair") == {"not_over"}
    shell.on(AFTER)
    code, closed = shell("close", "2025-1", role="chair")
    assert (code, closed["result"]["items"][0]["passed"]) == (0, True)
    assert "result" not in shell("show", "2025-1")[1], "not before it is published"
    assert shell("publish", "2025-1", role="chair")[0] == 0
    assert shell("show", "2025-1")[1]["result"]["items"][0]["agreed"]["people"] == 3
    assert shell("recount", "2025-1")[1]["ok"]

    assert shell("audit-file", "2025-1", "--out", "audit.json", role="supervisor")[0] == 0
    sign_log(engine, 1, signer, shell.moment)
    assert run(["export", "--format", "bundle", "--out", "copy"]) == 0
    shell.capsys.readouterr()
    monkeypatch.setenv("DATABASE_URL", "sqlite:///nowhere.sqlite3")
    offline = ("recount", "--file", "audit.json", "--bundle", "copy", "--key", "copy/key")
    assert shell(*offline)[1]["ok"]
    changed = Path("audit.json").read_bytes().replace(b'["against"]', b'["agree"]')
    Path("audit.json").write_bytes(changed)
    code, found = shell(*offline)
    assert (code, found["ok"]) == (1, False)
    assert any("选择被改过" in problem for problem in found["problems"])


def test_a_decision_on_paper_from_the_shell(shell: Shell) -> None:
    words = ("record", "paper.toml", "--scan", "plan.pdf")
    assert shell.refused(*words, role="committee") == {"not_allowed"}
    assert shell(*words, role="chair")[0] == 0
    assert shell.refused(*words, role="chair") == {"number_taken"}
    rows = {row["number"]: row for row in shell("list")[1]["decisions"]}
    assert rows["业主大会2024-2号"]["source"] == "recorded"
    Path("paper.toml").write_text(PAPER.replace('"60000.00"', '"50000.00"'), encoding="utf-8")
    assert "too_few_took_part" in shell.refused(*words, role="chair")
    Path("paper.toml").write_text("title = ", encoding="utf-8")
    assert shell.refused(*words, role="chair") == {"bad_toml"}


def test_a_resolution_is_withdrawn_and_a_file_that_is_wrong_is_refused(shell: Shell) -> None:
    Path("draft.toml").write_text(DRAFT.replace("use_maintenance_fund", "x"), encoding="utf-8")
    assert shell.refused("draft", "draft.toml", role="committee") == {"unknown_matter"}
    Path("draft.toml").write_text(DRAFT.replace('text = "', 'tekst = "'), encoding="utf-8")
    assert shell.refused("draft", "draft.toml", role="committee") == {"bad_toml"}
    Path("draft.toml").write_text(DRAFT, encoding="utf-8")
    assert shell("draft", "draft.toml", role="committee")[0] == 0
    assert shell("withdraw", "2025-1", "--note", "方案有变", role="committee")[0] == 0
    assert shell("show", "2025-1")[1]["stage"] == "withdrawn"
    assert shell.refused("show", "2025-9") == {"unknown_resolution"}
