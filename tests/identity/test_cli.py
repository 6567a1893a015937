"""Accounts from the shell: the first operator, lost phones, and the trail."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from disclosure.cli.main import run
from tests.cli.test_cli import desk

__all__ = ["desk"]


def said(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> Any:
    capsys.readouterr()
    assert run([*arguments, "--json"]) == code
    return json.loads(capsys.readouterr().out)


def test_an_account_gets_a_role_and_loses_it(
    desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINGZHANG_PASSWORD", "一句好记的话 2025")
    said(capsys, "people", "add", "guanli", "--name", "管理")
    assert said(capsys, "people", "roles", "guanli", "--role", "operator")["roles"] == ["operator"]
    refused = said(capsys, "people", "roles", "guanli", "--role", "cashier", code=1)
    assert refused["problems"][0]["code"] == "roles_apart"
    assert [row["account"] for row in said(capsys, "people", "list")["people"]] == ["guanli"]
    said(capsys, "people", "revoke", "guanli", "--role", "operator")
    assert said(capsys, "people", "roles", "guanli")["roles"] == []
    events = said(capsys, "audit")["events"]
    assert [row["action"] for row in events] == ["people.revoke", "people.invite"]
    assert {row["origin"] for row in events} == {"命令行"}
    assert "guanli" in said(capsys, "audit", "--installation")["events"][0]["subject"]


def test_an_operator_of_the_installation(
    desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINGZHANG_PASSWORD", "一句好记的话 2025")
    said(capsys, "people", "add", "zongguan", "--name", "总管")
    given = said(capsys, "people", "roles", "zongguan", "--role", "operator", "--installation")
    assert given["roles"] == ["operator"]
    assert said(capsys, "people", "roles", "zongguan")["roles"] == [], "nothing in the community itself"
    said(capsys, "people", "revoke", "zongguan", "--role", "operator", "--installation")
    assert said(capsys, "people", "roles", "zongguan", "--installation")["roles"] == []


def test_a_weak_password_and_a_taken_account_are_refused(
    desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINGZHANG_PASSWORD", "1234567890")
    refused = said(capsys, "people", "add", "guanli", "--name", "管理", code=1)
    assert refused["problems"][0]["code"] == "password_common"
    monkeypatch.setenv("MINGZHANG_PASSWORD", "一句好记的话 2025")
    said(capsys, "people", "add", "guanli", "--name", "管理")
    refused = said(capsys, "people", "add", "GUANLI", "--name", "别人", code=1)
    assert refused["problems"][0]["code"] == "account_taken"


def test_invitations_and_recovery_codes_come_with_an_address(
    desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    invited = said(capsys, "people", "invite", "--role", "resident", "--unit", "01-1-0101")
    assert invited["address"] == f"https://books.example/invite?code={invited['code']}"
    refused = said(capsys, "people", "invite", "--role", "cashier", code=1)
    assert refused["problems"][0]["code"] == "no_label"
    monkeypatch.setenv("MINGZHANG_PASSWORD", "一句好记的话 2025")
    said(capsys, "people", "add", "guanli", "--name", "管理")
    assert said(capsys, "people", "recover", "guanli", "--second-factor")["code"] != invited["code"]
    assert said(capsys, "people", "log-out", "guanli")["ended"] == 0
    assert said(capsys, "people", "recover", "nobody", code=1)["problems"][0]["code"] == "unknown_account"


def test_help_is_chinese(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("add", "invite", "roles", "revoke", "list", "log-out", "recover"):
        assert run(["people", command, "--help"]) == 0
    text = capsys.readouterr().out
    assert "用法" in text
    assert "Usage" not in text
    assert "TEXT" not in text
