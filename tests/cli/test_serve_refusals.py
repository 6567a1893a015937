"""``serve`` opens no real site over a demo's data: its password is in print."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine

from disclosure.cli.main import DONE, REFUSED, run
from disclosure.config import config_from_env
from disclosure.demo.people import PASSWORD, published_log_ins
from disclosure.identity.passwords import hash_password
from ledger.people.accounts import create_person, find_account
from ledger.people.credentials import record_credential
from ledger.store.engine import open_engine, reading, writing
from ledger.store.migrate import migrate
from ledger.trust import Act

CHEAP = (1, 8, 1)
ACT = Act(datetime(2025, 1, 1, tzinfo=UTC), Random(1).randbytes)


def settle(engine: Engine, account: str, password: str) -> None:
    with writing(engine) as conn:
        known = find_account(conn, account)
        person = known or create_person(conn, account, "林会", by="测试", act=ACT)
        record_credential(
            conn, person.person, by="测试", act=ACT, password_hash=hash_password(password, CHEAP)
        )


def test_accounts_with_the_printed_password_are_found(engine: Engine) -> None:
    settle(engine, "kuaiji", PASSWORD)
    settle(engine, "shenhe", "另一句好记的话 2025")
    settle(engine, "wangfang", PASSWORD + "x")
    with reading(engine) as conn:
        assert published_log_ins(conn, CHEAP) == ["kuaiji"]
    settle(engine, "kuaiji", "换过的好记的话 2025")
    with reading(engine) as conn:
        assert published_log_ins(conn, CHEAP) == []


def test_serve_refuses_to_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    config = config_from_env()
    migrate(config.database_url)
    engine = open_engine(config.database_url)
    settle(engine, "chuna", PASSWORD)
    opened: list[int] = []
    monkeypatch.setattr("disclosure.cli.site.serve_site", lambda *_: opened.append(1))
    assert run(["serve"]) == REFUSED
    assert "chuna" in "".join(capsys.readouterr())
    assert not opened
    settle(engine, "chuna", "换过的好记的话 2025")
    engine.dispose()
    assert run(["serve"]) == DONE
    assert opened == [1]
