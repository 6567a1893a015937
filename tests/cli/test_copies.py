"""``verifier`` writes one file and never over another; ``timestamp`` says what it lacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from disclosure.cli.main import run


def test_the_verifier_is_written_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "verifier.html"
    assert run(["verifier", "--out", str(out)]) == 0
    page = out.read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert "nacl" in page
    assert "src=" not in page
    assert "href=" not in page
    assert run(["verifier", "--out", str(out)]) == 1
    assert "文件已存在" in capsys.readouterr().err


def test_a_time_stamp_needs_an_authority(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TIMESTAMP_URL", raising=False)
    assert run(["timestamp"]) == 1
    assert "TIMESTAMP_URL" in capsys.readouterr().err


def test_mistyped_addresses_are_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["mirror", "heyuan", str(tmp_path / "copy")]) == 1
    assert "应像 https://" in capsys.readouterr().err
    assert (
        run(["witness", "run", "http://127.0.0.1:9/c/x", "--once", "--folder", str(tmp_path / "none")]) == 1
    )
