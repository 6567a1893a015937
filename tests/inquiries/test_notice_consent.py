"""The account page: an address is kept with consent only, and is gone when the consent is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from litestar.testing import TestClient
from sqlalchemy import Engine

from disclosure.app import create_app
from disclosure.config import Config, Mail
from ledger.notices import addresses_of
from ledger.store.engine import reading
from tests.ledger.books import TODAY, open_books
from tests.office.conftest import CHEAP, PUBLIC_URL, Clock, OfficeSite, settle

pytestmark = pytest.mark.db("sqlite")
SERVER = Mail("127.0.0.1", 1, "tongzhi@mingzhang.example", "none")
ADDRESS = "yezhu@example.com"


@pytest.fixture
def site(engine: Engine, database_url: str, tmp_path: Path) -> Iterator[OfficeSite]:
    """The office with a mail server; nothing is sent within a test's time."""
    books = open_books(engine)
    people, clock = settle(books), Clock(TODAY)
    config = Config(tmp_path, database_url, PUBLIC_URL, password_cost=CHEAP, mail=SERVER)
    app = create_app(config, now=clock)
    with TestClient(app, base_url=PUBLIC_URL) as first:
        yield OfficeSite(app, config, engine, books, clock, people, first)


def kept(site: OfficeSite) -> dict[str, str]:
    with reading(site.engine) as conn:
        return dict(addresses_of(conn, site.person("resident").person))


def test_a_resident_agrees_and_takes_it_back(site: OfficeSite) -> None:
    resident = site.client("resident")
    answer = site.post(resident, "/account/notices", address=ADDRESS, agree="1")
    page = site.follow(resident, answer).text
    assert "有新进展会发到这个邮箱" in page
    assert ADDRESS in page
    assert kept(site) == {"email": ADDRESS}
    answer = site.post(resident, "/account/notices", stop="1")
    assert "邮箱地址已删除" in site.follow(resident, answer).text
    assert kept(site) == {}


def test_without_consent_or_a_mailbox_nothing_is_kept_and_what_was_typed_stays(site: OfficeSite) -> None:
    resident = site.client("resident")
    answer = site.post(resident, "/account/notices", address=ADDRESS)
    assert (answer.status_code, f'value="{ADDRESS}"' in answer.text) == (422, True)
    assert "请勾选同意" in answer.text
    answer = site.post(resident, "/account/notices", address="yezhu", agree="1")
    assert answer.status_code == 422
    assert "不像一个邮箱地址" in answer.text
    assert kept(site) == {}


def test_a_site_without_a_mail_server_does_not_ask_for_addresses(site: OfficeSite) -> None:
    app = create_app(replace(site.config, mail=None), now=site.clock)
    with TestClient(app, base_url=PUBLIC_URL) as first:
        other = replace(site, app=app, _first=first, _clients={})
        assert "邮件通知" not in other.client("resident").get("/account").text
