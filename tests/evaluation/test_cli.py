"""A round from the shell, each step in somebody's name."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from sqlalchemy import Engine

from disclosure.cli.main import run
from disclosure.identity.passwords import hash_password
from ledger.district import keep_summary
from ledger.evaluation.scheme_text import write_scheme
from ledger.evaluation.schemes_kept import scheme_on, scheme_versions
from ledger.people.audit import AuditFilter, read_audit
from ledger.people.credentials import record_credential
from ledger.people.members import grant
from ledger.people.roles import Role
from ledger.store.engine import reading, writing
from ledger.store.tables import INSTALLATION
from tests.district.summaries import made_up
from tests.evaluation.rounds import EVIDENCE, Community, open_community, small_scheme
from tests.ledger.books import OPENED, act, open_books
from tests.office.conftest import CHEAP, PASSWORD, settle

SECRET = pyotp.random_base32()
pytestmark = pytest.mark.db("sqlite")


class Shell:
    """Runs commands on a day, as somebody if a role is named."""

    def __init__(self, community: Community, people: dict[Role, Any], capsys: Any, monkeypatch: Any) -> None:
        self.community, self.people = community, people
        self.capsys, self.monkeypatch = capsys, monkeypatch
        self.on(date(2025, 7, 2))

    def on(self, day: date) -> None:
        self.moment = datetime(day.year, day.month, day.day, 2, tzinfo=UTC)

    def __call__(self, *words: str, role: str = "") -> tuple[int, dict[str, Any]]:
        self.moment += timedelta(seconds=60)
        self.monkeypatch.setenv("MINGZHANG_CODE", pyotp.TOTP(SECRET).at(self.moment))
        name = ["--as", self.people[Role(role)].account] if role else []
        code = run(["evaluation", *words, *name, "--json"])
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
    community = open_community(engine, tmp_path)
    people = settle(community.desk.books)
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
    made = Shell(community, people, capsys, monkeypatch)

    class Clock:
        @staticmethod
        def now(_zone: object) -> datetime:
            return made.moment

    monkeypatch.setattr("disclosure.cli.common.datetime", Clock)
    return made


def file_of(folder: Path, value: object) -> str:
    path = folder / "file.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    return str(path)


def test_a_round_from_opening_to_the_final_record(shell: Shell, tmp_path: Path) -> None:
    assert shell.done("open", "2025-Q2", role="party")["round"] == 1
    assert shell.refused("open", "2025-Q2", role="party") == {"round_taken"}
    assert shell.refused("figures", "1", role="reviewer") == {"not_allowed"}
    shell.done("self", "1", "S1=9.5", "--text", "按合同履约", role="reviewer")
    assert shell.done("figures", "1", role="party")["stage"] == "scoring"
    line = {"indicator": "S2", "rule": "patrol", "on": "2025-05-03", "what": "漏巡", "document": EVIDENCE}
    sheet = {"body": "committee", "indicators": ["S1", "S2"], "lines": [line]}
    path = file_of(tmp_path, sheet)
    assert shell.refused("score", "1", path, role="committee") == {"not_declared"}
    shell.done("score", "1", path, "--unrelated", role="committee")
    shell.done("survey", "1", "2025-07-10", role="party")
    assert shell.refused("preview", "1", role="party") == {"survey_open"}
    shell.on(date(2025, 7, 11))
    assert shell.refused("preview", "1", role="party") == {"scoring_open"}
    shell.on(date(2025, 7, 18))
    shell.done("preview", "1", role="party")
    shell.community.no = 1
    status = shell.done("status", "1")
    assert (status["stage"], status["unscored"]["committee"]) == ("preview", ["S3", "S4", "S5"])
    ref = next(one["ref"] for one in status["deductions"] if "漏巡" in one["text"])
    appeal = shell.done("appeal", "1", ref, "下暴雨", role="reviewer")["appeal"]
    shell.done("rule", "1", str(appeal), "0", "属实", "--unrelated", role="party")
    shell.done("reply", "1", "感谢监督", role="reviewer")
    shell.on(date(2025, 7, 26))
    assert shell.done("final", "1", role="party")["stage"] == "final"
    shown = shell.done("show", "1")
    assert shown["result"]["reply"] == "感谢监督"
    assert shown["result"]["halves"]["service"]["indicators"][1]["points"] == 15_00
    rows = shell.done("list")["rounds"]
    assert (rows[0]["span"], rows[0]["stage"], rows[0]["late_days"]) == ("2025-Q2", "final", 0)
    with reading(shell.community.desk.books.engine) as conn:
        trail = read_audit(conn, shell.community.desk.books.trust_id, AuditFilter())
    assert {"evaluation.open", "evaluation.score", "evaluation.finish"} <= {row.action for row in trail}


def test_what_is_late_ends_with_one(shell: Shell) -> None:
    shell.done("open", "2025-Q2", role="party")
    assert shell("list")[0] == 0
    shell.on(date(2025, 8, 1))
    code, answer = shell("list")
    assert (code, answer["rounds"][0]["late_days"]) == (1, 20)
    overview = shell.done("district")
    assert overview["periods"] == ["2025-Q2"]
    assert overview["communities"][0]["rounds"][0]["stage"] == "self"


def test_a_scheme_is_taken_out_changed_and_adopted(shell: Shell, tmp_path: Path) -> None:
    text = shell.done("scheme", "--scope", "own")["toml"]
    assert text == write_scheme(small_scheme())
    path = tmp_path / "scheme.toml"
    path.write_text(text.replace("appeal_days = 7", "appeal_days = 10"), encoding="utf-8")
    who = ("--from", "2025-10-01", "--authority", "业委会决定")
    checked = shell.done("check", str(path))
    assert (checked["against"], checked["changes"]) == ("own-1", ["申诉期限：由 7 天 改为 10 天"])
    assert shell.done("adopt", str(path), *who, role="party")["version"] == 2
    path.write_text(text.replace('weight = "10"', 'weight = "11"', 1), encoding="utf-8")
    assert shell.refused("check", str(path)) == {"weights"}
    assert shell.refused("adopt", str(path), *who, role="party") == {"weights"}
    path.write_text("title =", encoding="utf-8")
    assert shell.refused("adopt", str(path), *who, role="party") == {"bad_scheme"}
    path.write_bytes(text.encode("gbk"))
    for command in (("check",), ("adopt", *who)):
        role = "party" if command[0] == "adopt" else ""
        assert shell.refused(command[0], str(path), *command[1:], role=role) == {"bad_scheme"}, "not in UTF-8"
    assert "appeal_days = 10" in shell.done("scheme", "--on", "2025-10-01")["toml"]


def test_a_streets_scheme_is_recorded_by_whoever_oversees_all_of_it(shell: Shell, tmp_path: Path) -> None:
    engine, party = shell.community.desk.books.engine, shell.people[Role.PARTY]
    open_books(engine, 2)
    with writing(engine) as conn:
        for trust_id in (shell.community.desk.books.trust_id, 2):
            keep_summary(conn, made_up(trust_id, district="东街道"))
    path = tmp_path / "scheme.toml"
    path.write_text(write_scheme(small_scheme()), encoding="utf-8")
    words = ("adopt-district", str(path), "--from", "2025-10-01", "--authority", "街道文件〔2025〕1号")
    east = (*words, "--district", "东街道")
    assert shell.refused(*east, role="party") == {"not_all"}, "one of the two"
    assert shell.refused(*east, role="committee") == {"not_allowed"}
    with writing(engine) as conn:
        grant(conn, 2, party.person, Role.PARTY, by="测试", act=act(OPENED))
    assert shell.done(*east, role="party") == {"ok": True, "district": "东街道", "version": 1}
    assert shell.refused(*words, "--district", "西街道", role="party") == {"not_all"}
    everywhere = shell.done(*words, role="party")
    assert (everywhere["district"], everywhere["version"]) == ("", 2), "these are all communities"
    early = [*east[:3], "2025-07-01", *east[4:]]
    assert shell.refused(*early, role="party") == {"too_early"}
    with reading(engine) as conn:
        assert scheme_on(conn, 2, date(2025, 10, 1)).scope == "district"
        assert [one.signature for one in scheme_versions(conn, INSTALLATION, "东街道")] == [party.signature]
        trail = read_audit(conn, INSTALLATION, AuditFilter(action="evaluation.district"))
    assert [(one.subject, one.outcome) for one in trail][::-1][:3] == [
        ("东街道", "forbidden"),
        ("东街道", "forbidden"),
        ("东街道", "done"),
    ]
