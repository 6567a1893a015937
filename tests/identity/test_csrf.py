"""A form counts only when it was sent from our own page by the person who is logged in."""

from __future__ import annotations

from typing import Any

import pytest
from litestar import Litestar, get, post
from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler
from litestar.testing import TestClient

from disclosure.identity.guard import guard
from disclosure.public.services import SERVICES
from tests.office.conftest import PASSWORD, PUBLIC_URL, OfficeSite

FORMS = ["/account/password", "/account/log-out", "/account/code", "/logout", "/invite/accept"]


def office_forms(office: OfficeSite) -> list[str]:
    return [office.path("/people/invite"), office.path("/people/revoke")]


def still_in(client) -> bool:  # type: ignore[no-untyped-def]
    return bool(client.get("/account").status_code == 200)


def test_a_form_without_its_token_is_refused(office: OfficeSite) -> None:
    client = office.client("operator")
    for path in [*FORMS, *office_forms(office)]:
        for data in ({}, {"csrf": ""}, {"csrf": "0" * 48}):
            assert client.post(path, data=data).status_code == 403, path
    assert still_in(client)


def test_somebody_elses_token_is_refused(office: OfficeSite) -> None:
    client, other = office.client("operator"), office.client("resident")
    stolen = office.csrf(other, "/account")
    assert client.post("/account/log-out", data={"csrf": stolen}).status_code == 403
    assert still_in(client)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": PUBLIC_URL + ".evil.example"},
        {"origin": "http://mingzhang.example:8080"},
        {"origin": PUBLIC_URL, "sec-fetch-site": "cross-site"},
        {"origin": PUBLIC_URL, "sec-fetch-site": "same-site"},
        {"origin": PUBLIC_URL, "sec-fetch-site": "none"},
    ],
)
def test_a_form_from_elsewhere_is_refused_even_with_the_token(
    office: OfficeSite, headers: dict[str, str]
) -> None:
    client = office.client("operator")
    token = office.csrf(client, "/account")
    for path in ["/account/log-out", *office_forms(office)]:
        assert client.post(path, data={"csrf": token}, headers=headers).status_code == 403
    assert still_in(client)


def test_a_form_that_does_not_say_where_it_is_from_is_refused(office: OfficeSite) -> None:
    client = office.client("operator")
    token = office.csrf(client, "/account")
    del client.headers["origin"]
    assert client.post("/account/log-out", data={"csrf": token}).status_code == 403
    same = {"sec-fetch-site": "same-origin"}
    assert client.post("/account/log-out", data={"csrf": token}, headers=same).status_code == 303


@pytest.mark.parametrize("path", ["/login", "/invite", "/invite/join", "/invite/recover"])
def test_forms_of_strangers_are_protected_too(office: OfficeSite, path: str) -> None:
    client = office.anyone()
    fields = {"account": "resident-1", "password": PASSWORD, "code": "x"}
    assert client.post(path, data=fields).status_code == 403, "no cookie"
    token = office.csrf(client, "/login")
    assert client.post(path, data=fields).status_code == 403, "no field"
    assert client.post(path, data=fields | {"csrf": "0" * 48}).status_code == 403
    from_elsewhere = {"origin": "https://evil.example"}
    assert client.post(path, data=fields | {"csrf": token}, headers=from_elsewhere).status_code == 403
    assert client.post(path, data=fields | {"csrf": token}).status_code in {303, 422}


def test_a_program_may_send_the_token_as_a_header(office: OfficeSite) -> None:
    client = office.client("operator")
    token = office.csrf(client, "/account")
    assert client.post("/account/log-out", headers={"x-csrf-token": "0" * 48}).status_code == 403
    assert client.post("/account/log-out", headers={"x-csrf-token": token}).status_code == 303


def test_a_refused_form_is_answered_in_plain_words_and_in_json(office: OfficeSite) -> None:
    client = office.client("operator")
    page = client.post(office.path("/people/invite"), data={})
    assert "这张表单已经过期" in page.text
    answer = client.post(office.path("/people/invite"), data={}, headers={"accept": "application/json"})
    assert answer.json()["problems"][0]["code"] == "http_403"


def test_what_does_not_say_who_may_use_it_is_closed(office: OfficeSite) -> None:
    @post("/open/write")
    async def write() -> str:
        return "written"

    @get("/c/{slug:str}/office/forgotten")
    async def forgotten() -> str:
        return "read"

    @get("/c/{slug:str}/office/misspelt", action="work.reed")
    async def misspelt() -> str:
        return "read"

    async def of_the_office(request: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        request.scope["state"][SERVICES] = office.app.services
        await guard(request, handler)

    app = Litestar([write, forgotten, misspelt], guards=[of_the_office], openapi_config=None)
    with TestClient(app, base_url=PUBLIC_URL) as client:
        client.cookies = office.client("preparer").cookies
        client.headers["origin"] = PUBLIC_URL
        assert client.post("/open/write").status_code == 403
        assert client.get(office.path("/forgotten")).status_code == 403
        assert client.get(office.path("/misspelt")).status_code == 403
