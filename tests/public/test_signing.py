"""The log is signed soon after it grew, and the site goes on when it can't be."""

from __future__ import annotations

import logging
import time
from datetime import date

import pytest
from litestar.testing import TestClient

from disclosure.app import create_app
from disclosure.signing import Keys, sign_pending
from ledger.journal import Line, post
from ledger.log.store import latest_checkpoint
from ledger.store.engine import reading, writing
from tests.public.community import NOW, SLUG, TRUST_ID, act_on, cash, clock_at, draft
from tests.public.conftest import Site

BASE = f"/c/{SLUG}"


def post_one(site: Site) -> str:
    made = draft(
        "E16b",
        date(2025, 10, 10),
        "银行手续费",
        [Line("5016", "F1", "D", 500), cash("C", "F1", 500)],
        "bank_line",
    )
    with writing(site.community.engine) as conn:
        return post(conn, TRUST_ID, made, act_on(made.date)).ref


def test_a_new_entry_is_signed_within_a_second_or_so(own_site: Site) -> None:
    ref = post_one(own_site)
    assert own_site.client.get(f"{BASE}/entries/{ref}").status_code == 200
    ends = time.monotonic() + 10
    while own_site.client.get(f"{BASE}/entries/{ref}/proof").status_code != 200:
        assert time.monotonic() < ends, "not signed"
        time.sleep(0.05)


def test_what_was_left_unsigned_is_signed_at_the_start(own_site: Site) -> None:
    own_site.client.app.state.services.engine.dispose()
    with TestClient(create_app(own_site.config, now=clock_at(NOW))):
        post_one(own_site)
    with (
        TestClient(create_app(own_site.config, now=clock_at(NOW))),
        reading(own_site.community.engine) as conn,
    ):
        signed = latest_checkpoint(conn, TRUST_ID)
        assert signed is not None
        assert signed.size == 25


def test_without_a_key_the_site_is_read_only_and_serves(own_site: Site) -> None:
    own_site.config.key_path(SLUG).unlink()
    with TestClient(create_app(own_site.config, now=clock_at(NOW))) as client:
        assert client.get(f"{BASE}/log/key").status_code == 404
        assert client.get(f"{BASE}/log/checkpoint").status_code == 200
        assert "没有保存本小区的签名密钥" in client.get(f"{BASE}/verify").text
        assert sign_pending(own_site.community.engine, Keys(own_site.config), clock_at(NOW)) == 0


def test_a_failure_is_logged_once_and_survived(own_site: Site, caplog: pytest.LogCaptureFixture) -> None:
    own_site.client.app.state.services.engine.dispose()
    keys = Keys(own_site.config)
    own_site.config.key_path(SLUG).write_bytes(b"not a key")
    with writing(own_site.community.engine):
        pass
    with caplog.at_level(logging.WARNING, "mingzhang.signing"):
        ref = ""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("disclosure.signing.load_signer", broken)
            ref = post_one(own_site)
            for _ in range(3):
                sign_pending(own_site.community.engine, keys, clock_at(NOW))
    assert ref
    failures = [record for record in caplog.records if "event=signing_failed" in record.getMessage()]
    assert len(failures) <= 1


def broken(*_: object) -> None:
    raise ValueError("制单人隐甲")
