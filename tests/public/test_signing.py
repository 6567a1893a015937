"""The log is signed soon after it grew, and the site goes on when it can't be."""

from __future__ import annotations

import time
from datetime import date, datetime
from random import Random

import pytest
from litestar.testing import TestClient

from disclosure.app import create_app
from disclosure.signing import Keys, SigningThread, sign_pending
from ledger.journal import Line, post
from ledger.log.keys import create_key
from ledger.log.store import latest_checkpoint
from ledger.store.engine import reading, writing
from tests.public.community import NOW, SLUG, TRUST_ID, act_on, cash, clock_at, draft
from tests.public.conftest import Books, Site

BASE = f"/c/{SLUG}"


def post_one(books: Books | Site) -> str:
    made = draft(
        "E16b",
        date(2025, 10, 10),
        "银行手续费",
        [Line("5016", "F1", "D", 500), cash("C", "F1", 500)],
        "bank_line",
    )
    with writing(books.community.engine) as conn:
        return post(conn, TRUST_ID, made, act_on(made.date)).ref


def signed_size(books: Books) -> int:
    with reading(books.community.engine) as conn:
        signed = latest_checkpoint(conn, TRUST_ID)
    assert signed is not None
    return signed.size


def test_a_new_entry_is_signed_within_a_second_or_so(own_site: Site) -> None:
    ref = post_one(own_site)
    assert own_site.client.get(f"{BASE}/entries/{ref}").status_code == 200
    ends = time.monotonic() + 10
    while own_site.client.get(f"{BASE}/entries/{ref}/proof").status_code != 200:
        assert time.monotonic() < ends, "not signed"
        time.sleep(0.05)


def test_an_entry_not_signed_yet_says_so(own_books: Books) -> None:
    key = own_books.config.key_path(SLUG)
    key.rename(key.with_suffix(".away"))
    ref = post_one(own_books)
    with TestClient(create_app(own_books.config, now=clock_at(NOW))) as client:
        assert "一秒钟内就会生成" in client.get(f"{BASE}/entries/{ref}").text
        assert client.get(f"{BASE}/entries/{ref}/proof").status_code == 404


def test_what_was_left_unsigned_is_signed_at_the_start(own_books: Books) -> None:
    post_one(own_books)
    before = signed_size(own_books)
    with TestClient(create_app(own_books.config, now=clock_at(NOW))):
        assert signed_size(own_books) == before + 1


def test_without_a_key_the_site_is_read_only_and_serves(own_books: Books) -> None:
    own_books.config.key_path(SLUG).unlink()
    post_one(own_books)
    before = signed_size(own_books)
    with TestClient(create_app(own_books.config, now=clock_at(NOW))) as client:
        assert client.get(f"{BASE}/log/key").status_code == 200  # the public key is in the books
        assert client.get(f"{BASE}/log/checkpoint").status_code == 200
    assert signed_size(own_books) == before


def test_a_failure_is_logged_once_without_its_words_and_survived(
    own_books: Books, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("制单人隐甲")

    post_one(own_books)
    before = signed_size(own_books)
    engine, keys = own_books.community.engine, Keys(own_books.config)
    with monkeypatch.context() as patch:
        patch.setattr("disclosure.signing.load_signer", broken)
        for _ in range(3):
            assert sign_pending(engine, keys, clock_at(NOW)) == 0
    assert sign_pending(engine, keys, clock_at(NOW)) == 1
    assert signed_size(own_books) == before + 1
    assert [record.getMessage() for record in caplog.records] == [
        f"event=signing_failed trust={SLUG} error=ValueError",
        f"event=signing_recovered trust={SLUG}",
    ]


def test_a_database_that_is_away_does_not_end_the_thread(own_books: Books) -> None:
    rounds = []

    def away() -> datetime:
        rounds.append(1)
        raise OSError("away")

    post_one(own_books)
    thread = SigningThread(own_books.community.engine, Keys(own_books.config), away)
    thread.start()
    ends = time.monotonic() + 10
    while len(rounds) < 3:
        assert time.monotonic() < ends
        time.sleep(0.05)
    thread.stop()


def test_another_key_is_refused_and_the_log_stays_as_it_was(own_books: Books) -> None:
    path = own_books.config.key_path(SLUG)
    path.unlink()
    create_key(path, Random(7).randbytes)
    post_one(own_books)
    before = signed_size(own_books)
    with TestClient(create_app(own_books.config, now=clock_at(NOW))):
        pass
    assert signed_size(own_books) == before
