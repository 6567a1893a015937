"""Everybody who tries the demo can log in as anybody, and finds something to do."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
from litestar.testing import TestClient

from disclosure.app import create_app
from disclosure.demo.people import PASSWORD, PEOPLE
from ledger.people import Role
from tests.demo.conftest import Demo

ADDRESS = "https://books.example"
OFFICE = "/c/mingheyuan/office"
NEXT_DAY = datetime(2026, 11, 23, 4, tzinfo=UTC)


def post(client: TestClient[Any], path: str, page: str, **fields: str) -> Any:
    token = re.search(r'name="csrf" value="([^"]+)"', client.get(page).text)
    assert token is not None
    data = {"csrf": unescape(token[1]), **fields}
    return client.post(path, data=data, headers={"origin": ADDRESS})


def log_in(client: TestClient[Any], account: str) -> None:
    answer = post(client, "/login", "/login", account=account, password=PASSWORD, next="/me")
    if answer.headers["location"].startswith("/login/code"):
        shown = re.search(r"现在的动态码是 <strong[^>]*>(\d{6})<", client.get("/login/code").text)
        assert shown is not None
        answer = post(client, "/login/code", "/login/code", code=shown[1], next="/me")
    assert answer.headers["location"] == "/me"


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.account)
def test_every_printed_log_in_works(demo: Demo, person: Any) -> None:
    with TestClient(create_app(demo.config), base_url=ADDRESS) as client:
        client.follow_redirects = False
        log_in(client, person.account)
        assert person.name in client.get("/me").text
        office = client.get(OFFICE)
        if person.role is Role.RESIDENT:
            assert office.status_code == 403
        else:
            assert office.status_code == 200
        waiting = {
            Role.REVIEWER: "待我审核",
            Role.CASHIER: "待我付款",
            Role.CHAIR: "待我会签",
            Role.COMMITTEE: "待我会签",
        }
        if person.role in waiting:
            assert re.search(
                rf"{waiting[person.role]}.*?<span class=\"count[^>]*>[1-9]", office.text, re.DOTALL
            )


def test_the_resident_finds_a_questionnaire_to_answer(demo: Demo) -> None:
    with TestClient(create_app(demo.config, now=lambda: NEXT_DAY), base_url=ADDRESS) as client:
        client.follow_redirects = False
        log_in(client, "yezhu")
        surveys = "/c/mingheyuan/mine/evaluations"
        open_now = re.findall(rf'href="({surveys}/\d+)">去填写<', client.get(surveys).text)
        assert len(open_now) == 1
        page = client.get(open_now[0]).text
        assert page.count('name="choice"') >= 2, "there is something to choose"
