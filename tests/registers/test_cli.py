"""Registers and inspections from the shell, each step in somebody's name."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from sqlalchemy import Engine

from disclosure.cli.main import run
from ledger.people.credentials import record_credential
from ledger.people.roles import Role
from ledger.store.engine import writing
from tests.ledger.books import OPENED, TODAY, act, open_books
from tests.office.conftest import settle
from tests.registers.town import picture

PASSWORD = "一句好记的话 2025"
SECRET = pyotp.random_base32()
pytestmark = pytest.mark.db("sqlite")


class Shell:
    """Runs commands at ten on the day of the tests, as somebody if a role is named."""

    def __init__(self, folder: Path, people: dict[Role, Any], capsys: Any, monkeypatch: Any) -> None:
        self.folder, self.people, self.capsys, self.monkeypatch = folder, people, capsys, monkeypatch
        self.moment = datetime(TODAY.year, TODAY.month, TODAY.day, 2, tzinfo=UTC)

    def __call__(self, *words: str, role: str = "", code: int = 0) -> dict[str, Any]:
        self.moment += timedelta(seconds=60)
        self.monkeypatch.setenv("MINGZHANG_CODE", pyotp.TOTP(SECRET).at(self.moment))
        name = ["--as", self.people[Role(role)].account] if role else []
        ended = run(["registers", *words, *name, "--json"])
        said: dict[str, Any] = json.loads(self.capsys.readouterr().out)
        assert ended == code, said
        return said

    def file(self, value: object, name: str = "line.json") -> str:
        path = self.folder / name
        path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
        return str(path)


@pytest.fixture
def shell(
    engine: Engine, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> Shell:
    books = open_books(engine)
    people = settle(books)
    with writing(engine) as conn:
        for person in people.values():
            record_credential(conn, person.person, by="测试", act=act(OPENED), totp_secret=SECRET)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("MINGZHANG_PASSWORD", PASSWORD)
    made = Shell(tmp_path, people, capsys, monkeypatch)

    class Clock:
        @staticmethod
        def now(_zone: object) -> datetime:
            return made.moment

    monkeypatch.setattr("disclosure.cli.common.datetime", Clock)
    return made


def test_a_line_is_kept_updated_listed_and_struck(shell: Shell) -> None:
    assert shell("list", "posts")["rows"] == []
    posts = {"organisation": "业主委员会", "seats": 5, "held": 1}
    assert shell("keep", "posts", shell.file(posts), "--on", "2025-03-01", role="party")["no"] == 1
    scan = shell.folder / "scan.jpg"
    scan.write_bytes(picture())
    better = shell.file(posts | {"held": 3})
    shell("keep", "posts", better, "--no", "1", "--scan", str(scan), role="party")
    (row,) = shell("list", "posts")["rows"]
    assert (row["version"], row["body"]["held"], len(row["document"])) == (2, 3, 64)
    shell("strike", "posts", "1", "--why", "换届", role="party")
    assert [one["standing"] for one in shell("show", "posts", "1")["versions"]] == [True, True, False]
    assert shell("list", "posts")["rows"] == []


def test_what_cannot_be_read_or_may_not_be_done_is_said(shell: Shell) -> None:
    bad = shell("keep", "posts", shell.file({"organisation": 1}), role="party", code=1)
    assert bad["problems"][0]["code"] == "bad_json"
    good = shell.file({"organisation": "业主委员会", "seats": 5, "held": 1})
    assert shell("keep", "posts", good, role="preparer", code=1)["problems"][0]["code"] == "not_allowed"
    assert shell("show", "posts", "7", code=1)["ok"] is False


def test_an_inspection_from_a_file_is_registered_once_and_put_right(shell: Shell) -> None:
    lift = shell.file({"kind": "lift", "title": "1号楼电梯"})
    shell("keep", "equipment", lift, role="preparer")
    assert shell("equipment")["equipment"][0]["state"] == "none"
    points = [{"area": "fire", "what": "消防通道"}, {"area": "clean", "what": "垃圾房"}]
    shell("keep", "checklists", shell.file({"title": "巡查", "points": points}), role="preparer")
    (shell.folder / "p.jpg").write_bytes(picture())
    checks = {"1": {"ok": False, "words": "堵了", "photo": "p.jpg"}, "2": {"ok": True}}
    seen = shell.file(
        {"checklist": 1, "held_on": TODAY.isoformat(), "checks": checks, "key": "k1"}, "seen.json"
    )
    assert shell("inspect", seen, role="committee")["no"] == 1
    assert shell("inspect", seen, role="committee")["no"] == 1
    listed = shell("inspections")
    assert [one["by"] for one in listed["inspections"]] == ["committee"]
    assert listed["open_points"][0]["what"] == "消防通道"
    shell("settle", "1", "1", "--words", "清走了", role="preparer")
    assert shell("inspection", "1")["points"][0]["fixed_on"] == TODAY.isoformat()
    shell("settle", "1", "1", "--words", "又堵了", "--open", role="committee")
    assert shell("inspection", "1")["points"][0]["fixed_on"] is None
