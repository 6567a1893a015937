"""The overview from the shell, and in the background of the signing."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from disclosure.cli.main import run
from disclosure.config import Config
from disclosure.signing import Keys, SigningThread
from tests.cli.test_cli import desk
from tests.ledger.books import act

__all__ = ["desk"]


def said(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> Any:
    capsys.readouterr()
    assert run([*arguments, "--json"]) == code
    return json.loads(capsys.readouterr().out)


def test_all_communities_are_summarised_at_once_and_listed(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(capsys, "district", "list")["communities"] == []
    assert said(capsys, "district", "refresh")["communities"] == 1
    (one,) = said(capsys, "district", "list")["communities"]
    assert "开账后还没有入过账" in one["findings"]
    capsys.readouterr()
    assert run(["district", "refresh"]) == 0
    assert "已重新汇总 1 个小区" in capsys.readouterr().out


@pytest.mark.db("sqlite")
def test_what_else_the_background_does_never_stops_the_signing(engine: Engine, tmp_path: Path) -> None:
    config = Config(tmp_path, "unused", "http://127.0.0.1")
    started, twice, calls = threading.Event(), threading.Event(), []

    def also() -> None:
        calls.append((threading.current_thread().name, started.wait(20)))
        if len(calls) > 1:
            twice.set()
        raise ValueError("broken")

    thread = SigningThread(engine, Keys(config), lambda: act().now, also=(also,))
    thread.start()
    started.set()
    assert twice.wait(20)
    thread.stop()
    assert set(calls) == {("signing", True)}, "a start does not wait for it"
