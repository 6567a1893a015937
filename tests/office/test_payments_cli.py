"""Vendors, contracts, invoices and requests from the shell: the same rules, somebody's name, honest exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from disclosure.cli.main import run
from ledger.people import Role
from tests.documents.papers import e_invoice, picture
from tests.office.conftest import PASSWORD, OfficeSite
from tests.payments.desk import finish, invoiced, owed
from tests.shells import CommandClock

pytestmark = pytest.mark.db("sqlite")


@pytest.fixture
def shell(office: OfficeSite, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a command as the preparer and gives its exit code and JSON answer."""
    office.client("preparer")
    monkeypatch.setenv("DATA_DIR", str(office.config.data_dir))
    monkeypatch.setenv("DATABASE_URL", office.config.database_url)
    monkeypatch.setenv("MINGZHANG_PASSWORD", PASSWORD)
    clock = CommandClock(monkeypatch)

    def command(*arguments: str) -> tuple[int, Any]:
        if "--as" in arguments:
            clock.show_code(office.secrets[Role.PREPARER])
        capsys.readouterr()
        code = run([*arguments, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return command


AS = ("--as", "preparer-1")


def test_a_vendor_and_a_contract_are_registered_and_listed(
    office: OfficeSite, shell: Any, tmp_path: Path
) -> None:
    scan = tmp_path / "合同.png"
    scan.write_bytes(picture())
    assert shell("vendor", "add", "某某绿化公司", "--bank-number", "6222 0001", *AS) == (
        0,
        {"ok": True, "vendor": "V003"},
    )
    code, made = shell(
        "contract", "add", "LH-1", "绿化养护", "--vendor", "V003", "--from", "2025-01-01", "--total", "9000",
        "--file", str(scan), *AS,
    )  # fmt: skip
    assert (code, made["contract"]) == (0, "LH-1")
    _, listed = shell("vendor", "list", "--find", "绿化")
    assert listed["vendors"] == [{"vendor": "V003", "name": "某某绿化公司", "related": False, "open": 0}]


def test_a_vendor_that_is_known_is_refused_with_exit_code_one(shell: Any) -> None:
    code, said = shell("vendor", "add", "电梯公司", *AS)
    assert code == 1
    assert said["problems"][0]["code"] == "vendor_known"


def test_an_e_invoice_is_read_without_being_kept(shell: Any, tmp_path: Path) -> None:
    file = tmp_path / "发票.xml"
    file.write_bytes(e_invoice())
    code, said = shell("invoice", "read", str(file))
    assert (code, said["adds_up"]) == (0, True)
    assert (said["invoice"]["number"], said["invoice"]["total"]) == ("25327000001739485410", 1_060_00)
    file.write_bytes(b"<Other/>")
    assert shell("invoice", "read", str(file))[0] == 1
    assert run(["invoice", "read"]) == 2


def test_a_request_is_prepared_in_part_and_not_beyond(office: OfficeSite, shell: Any) -> None:
    key = f"{invoiced(office.books)}:220201"
    _, listed = shell("pay", "list")
    assert [(x["payable"], x["open"]) for x in listed["payables"]] == [(key, 1_000_00)]
    code, said = shell("pay", "request", f"{key}=1000.01", "--bank", "F1-CCB", *AS)
    assert (code, said["problems"][0]["code"]) == (1, "beyond_payable")
    code, said = shell("pay", "request", f"{key}=400", "--bank", "F1-CCB", "--on", "2025-03-10", *AS)
    assert (code, said["waiting_for"]) == (0, "review")
    finish(office.books, said["work"])
    assert owed(office.books)[0].open == 600_00
