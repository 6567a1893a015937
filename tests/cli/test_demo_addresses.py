"""What ``mingzhang demo`` prints once the demo is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from disclosure.cli.main import run
from disclosure.demo import run as demo_run


def test_the_pages_to_begin_with_are_printed_each_with_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr(demo_run, "demo_exists", lambda _engine: True)
    assert run(["demo", "--no-serve", "--port", "8123"]) == 0
    shown = capsys.readouterr().out
    for title, path in (
        ("首页", ""),
        ("每一笔", "/entries"),
        ("质询报修", "/inquiries"),
        ("双百分评价", "/evaluations"),
        ("台账和现场检查", "/registers"),
    ):
        assert f"  {title}\thttp://127.0.0.1:8123/c/mingheyuan{path}\n" in shown, title
