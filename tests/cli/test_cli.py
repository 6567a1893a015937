"""The command line: what a bookkeeper and an auditor do from the shell, with honest exit codes."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from disclosure.cli.main import run

COMMUNITY = """
[trust]
slug = "xingfuli"
name = "幸福里"
trustee = "诚信物业有限公司"
opened_on = 2025-01-01

[deed]
purpose = "管理共有资金"
parties = "委托人：业主大会；受托人：诚信物业有限公司"
beneficiaries = "全体业主"
property_scope = "物业费与公共收益"
benefit_form = "按专有部分面积"
authority = "业决〔2025〕1号"

[[unit]]
unit = "01-1-0101"
building = "01"
use_kind = "home"
area = 8912

[[bank_account]]
code = "F1-CCB"
kind = "bank"
book = "A"
fund = "F1"
account = "100201"
bank = "建设银行"
holder = "幸福里业主大会"
number = "51050100000000000001"
"""


def interest(amount: str = "12.34", key: str = "k1", **more: object) -> dict[str, object]:
    return {
        "book": "A",
        "date": "2025-01-20",
        "event": "E16",
        "summary": "一季度存款利息",
        "lines": [
            {"account": "100201", "fund": "F1", "side": "D", "amount": amount, "bank_account": "F1-CCB"},
            {"account": "4101", "fund": "F1", "side": "C", "amount": amount},
        ],
        "preparer": "p1",
        "reviewer": "p2",
        "key": key,
        "documents": [{"kind": "bank_line", "number": "F1"}],
        **more,
    }


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a community in an embedded database."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("PUBLIC_URL", "https://books.example")
    file = tmp_path / "community.toml"
    file.write_text(COMMUNITY, encoding="utf-8")
    assert run(["init", str(file)]) == 0
    return tmp_path


def write(folder: Path, drafts: object, name: str = "entry.json") -> str:
    path = folder / name
    path.write_text(json.dumps(drafts, ensure_ascii=False), encoding="utf-8")
    return str(path)


def test_an_entry_is_posted_from_json_and_a_retry_says_so(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(desk, interest())
    capsys.readouterr()
    assert run(["post", file, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["entries"] == [
        {"ref": "A-2025-000001", "seq": 0, "already": False}
    ]
    assert run(["post", file]) == 0
    assert "以前已入账" in capsys.readouterr().out


def test_a_refusal_has_exit_code_one_and_says_where(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = interest(key="k2")
    wrong["reviewer"] = "p1"
    assert run(["post", write(desk, [interest(), wrong])]) == 1
    assert "第 2 张凭证 制单与审核：制单人和审核人不能是同一人" in capsys.readouterr().err
    assert run(["post", write(desk, [interest(), wrong]), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["problems"][0]["code"] == "same_person"
    assert run(["verify", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["entries"] == 0


def test_an_amount_that_is_a_number_is_refused(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    draft = interest()
    draft["lines"][0]["amount"] = 12.34  # type: ignore[index]
    assert run(["post", write(desk, draft)]) == 1
    assert "请写成带引号的元" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["{", '{"book": "B"}', '[{"unknown": 1}]', "3"])
def test_a_file_that_is_not_an_entry_is_refused_in_words(
    desk: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    path = desk / "bad.json"
    path.write_text(text, encoding="utf-8")
    assert run(["post", str(path)]) == 1
    assert "bad.json" in capsys.readouterr().err


def test_usage_errors_are_chinese_and_exit_two(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["post"]) == 2
    assert run(["nonsense"]) == 2
    assert run(["close", "--book", "Z", "202501"]) == 2
    assert run(["import", str(desk / "community.toml")]) == 2
    assert run(["post", "--wat", "x"]) == 2
    shown = capsys.readouterr().err
    assert "缺少参数" in shown
    assert "没有这个命令" in shown
    assert "--account" in shown
    assert "没有选项 --wat" in shown


def test_help_is_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    assert run(["import", "--help"]) == 0
    shown = capsys.readouterr().out
    for word in ("Usage", "Options", "Commands", "required", "Show this"):
        assert word not in shown
    for command in (
        "init",
        "demo",
        "serve",
        "import",
        "post",
        "close",
        "publish",
        "export",
        "verify",
        "bench",
    ):
        assert command in shown


def test_a_month_is_closed_once_the_bank_agrees_and_then_published(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from datetime import datetime

    from disclosure.demo.statement_files import write_statement
    from ledger.bank import BankLine

    moment = datetime(2025, 1, 20, 9)  # noqa: DTZ001 - statements carry no zone
    line = BankLine(0, moment, 12_34, None, "建设银行", "", "转账 1-1-101", "F1")
    data = write_statement(
        "ccb-corporate", [line], account_no="51050100000000000001", account_name="幸福里业主大会", opening=0
    )
    file = desk / "jan.csv"
    file.write_bytes(data)
    assert run(["import", str(file), "--account", "F1-CCB"]) == 0
    assert run(["close", "202501"]) == 1
    assert "流水没有入账" in capsys.readouterr().err
    assert run(["import", str(file), "--account", "F1-CCB", "--match", "p2"]) == 0
    assert "按规则处理 1 条流水" in capsys.readouterr().out
    assert run(["close", "202501"]) == 0
    assert run(["publish", "202501"]) == 0
    assert "https://books.example/c/xingfuli/statements/2025-01" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["beancount", "hledger", "csv", "jsonl"])
def test_the_book_is_exported_in_each_format(desk: Path, name: str) -> None:
    run(["post", write(desk, interest())])
    out = desk / "book.txt"
    assert run(["export", "--format", name, "--out", str(out)]) == 0
    assert "利息" in out.read_text(encoding="utf-8-sig")


def test_a_copy_is_verified_offline_and_a_changed_one_is_not(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["post", write(desk, [interest(), interest("5.00", "k2")])])
    bundle = desk / "copy"
    assert run(["export", "--format", "bundle", "--out", str(bundle)]) == 0
    old = desk / "kept.txt"
    old.write_bytes((bundle / "checkpoint").read_bytes())
    arguments = ["verify", "--bundle", str(bundle), "--key", str(bundle / "key"), "--old", str(old)]
    assert run(arguments) == 0
    (tile,) = (bundle / "tile" / "entries").rglob("*.p/*")
    tile.write_bytes(tile.read_bytes().replace("一季度".encode(), "二季度".encode(), 1))
    capsys.readouterr()
    assert run(arguments) == 1
    assert "第 1 笔" in capsys.readouterr().out


def test_verify_finds_an_edited_database(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import sqlite3

    run(["post", write(desk, interest())])
    with sqlite3.connect(desk / "data" / "mingzhang.sqlite3") as raw:
        raw.execute("DROP TRIGGER entry_no_update")
        raw.execute("UPDATE entry SET summary = '一季度存款利息（改）'")
    raw.close()
    capsys.readouterr()
    assert run(["verify"]) == 1
    assert "A-2025-000001" in capsys.readouterr().out


def test_a_community_file_with_a_gap_is_refused_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    file = tmp_path / "community.toml"
    file.write_text(COMMUNITY.replace('purpose = "管理共有资金"', 'purpose = " "'), encoding="utf-8")
    assert run(["init", str(file)]) == 1
    assert "信托文件缺少“信托目的”" in capsys.readouterr().err
    assert run(["verify"]) == 1
    assert "还没有小区" in capsys.readouterr().err
