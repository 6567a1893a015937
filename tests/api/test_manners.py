"""How the API behaves: revalidation, other origins, refusals in words, and what is described."""

from __future__ import annotations

import io
import zipfile

import msgspec
import pytest

from ledger.export.audit import CAVEAT
from tests.public.community import SECRETS, SLUG
from tests.public.conftest import Site

BASE = f"/api/v1/communities/{SLUG}"
ANSWERS = (
    "/api/v1/communities",
    BASE,
    f"{BASE}/entries",
    f"{BASE}/budgets",
    f"{BASE}/log",
    "/api/v1/openapi.json",
)


@pytest.mark.parametrize("path", ANSWERS)
def test_an_answer_that_did_not_change_is_not_sent_again(site: Site, path: str) -> None:
    first = site.client.get(path)
    again = site.client.get(path, headers={"if-none-match": first.headers["etag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert first.headers["cache-control"] == "public, no-cache"


@pytest.mark.parametrize("path", [*ANSWERS, f"{BASE}/entries?fund=F9", "/api/v1/communities/nobody"])
def test_any_site_may_read_but_nobody_is_let_in(site: Site, path: str) -> None:
    answer = site.client.get(path, headers={"origin": "https://elsewhere.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (f"{BASE}/entries?mont=2025-09", 400, "unknown_parameter"),
        (f"{BASE}/entries?month=2025-13", 400, "bad_filter"),
        (f"{BASE}/entries?fund=F9", 400, "bad_filter"),
        (f"{BASE}/entries?min=abc", 400, "bad_filter"),
        (f"{BASE}/entries?before=nowhere", 400, "bad_cursor"),
        (f"{BASE}/entries?limit=0", 400, "bad_limit"),
        (f"{BASE}/entries?limit=201", 400, "bad_limit"),
        (f"{BASE}/entries?limit=²", 400, "bad_limit"),
        (f"{BASE}/entries/A-2025-999999", 404, "unknown_entry"),
        (f"{BASE}/entries/A-2025-000001.json", 404, "unknown_entry"),
        (f"{BASE}/statements/2025-13", 404, "bad_span"),
        (f"{BASE}/statements/2025-09?version=x", 400, "bad_version"),
        (f"{BASE}/statements?before=a.b", 400, "bad_cursor"),
        (f"{BASE}/budgets/2025-F9", 404, "unknown_budget"),
        (f"{BASE}/resolutions/2999-9", 404, "unknown_decision"),
        (f"{BASE}/resolutions?before=x", 400, "bad_cursor"),
        (f"{BASE}/projects/none", 404, "unknown_project"),
        ("/api/v1/communities/nobody", 404, "unknown_trust"),
        ("/api/v1/nothing", 404, "not_found"),
    ],
)
def test_a_refusal_is_a_problem_in_words(site: Site, path: str, status: int, code: str) -> None:
    answer = site.client.get(path)
    assert answer.headers["content-type"] == "application/problem+json"
    problem = msgspec.json.decode(answer.content)
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert set(problem) == {"type", "title", "status", "detail", "code"}
    assert any("\u4e00" <= char <= "\u9fff" for char in problem["detail"])


@pytest.mark.parametrize("path", [BASE, f"{BASE}/entries", "/api/v1/openapi.json"])
def test_nothing_can_be_written(site: Site, path: str) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert site.client.request(method, path).status_code in (403, 405)


def test_heads_are_answered_without_a_body(site: Site) -> None:
    answer = site.client.head(f"{BASE}/entries")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["etag"] == site.client.get(f"{BASE}/entries").headers["etag"]


def test_only_the_api_is_described(site: Site) -> None:
    document = msgspec.json.decode(site.client.get("/api/v1/openapi.json").content)
    assert document["paths"]
    for path, methods in document["paths"].items():
        assert path.startswith("/api/v1/communities")
        assert set(methods) == {"get"}
    routes = {route.path_format for route in site.app.routes if route.path.startswith("/api/v1")}
    assert set(document["paths"]) == routes - {"/api/v1/openapi.json"}, "and all of it"


def test_everything_described_says_what_it_is_in_chinese(site: Site) -> None:
    document = msgspec.json.decode(site.client.get("/api/v1/openapi.json").content)
    said = [(path, item["get"]["summary"]) for path, item in document["paths"].items()]
    said += (
        [
            (f"{path} {parameter['name']}", parameter["description"])
            for path, item in document["paths"].items()
            for parameter in item["get"]["parameters"]
        ]
        if all(item["get"].get("parameters") for item in document["paths"].values())
        else []
    )
    said += [(name, schema["description"]) for name, schema in document["components"]["schemas"].items()]
    for where, text in said:
        assert any("\u4e00" <= char <= "\u9fff" for char in text), where


def test_amounts_are_whole_fen_by_name_and_type(site: Site) -> None:
    schemas = msgspec.json.decode(site.client.get("/api/v1/openapi.json").content)["components"]["schemas"]
    for name, schema in schemas.items():
        for field, described in schema["properties"].items():
            assert described.get("type") != "number", f"{name}.{field}: nothing here is inexact"
            if field.endswith("_fen"):
                kinds = [one["type"] for one in described.get("oneOf", [described])]
                assert kinds in (["integer"], ["integer", "null"]), f"{name}.{field}"
                assert "分" in described["description"]


def test_the_page_about_it_names_every_route(site: Site) -> None:
    page = site.client.get("/api").text
    document = msgspec.json.decode(site.client.get("/api/v1/openapi.json").content)
    for path in document["paths"]:
        assert path.removeprefix("/api/v1") in page
    assert 'href="/api/v1/openapi.json"' in page and "curl" in page


AUDIT = f"/c/{SLUG}/audit"


def test_a_year_for_auditors_can_be_downloaded_without_private_data(site: Site) -> None:
    page = site.client.get(AUDIT)
    assert f"{AUDIT}/2025.zip" in page.text and CAVEAT in page.text
    answer = site.client.get(f"{AUDIT}/2025.zip")
    assert answer.headers["content-type"] == "application/zip"
    assert "content-encoding" not in answer.headers, "not packed twice"
    assert f"{SLUG}-audit-2025.zip" in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        for name in archive.namelist():
            text = archive.read(name).decode()
            assert not [secret for secret in SECRETS if secret in text], name
    again = site.client.get(f"{AUDIT}/2025.zip", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", ["2024.zip", "2026.zip", "2025", "2025.xml", "²025.zip", "0000.zip"])
def test_a_year_that_is_not_there_is_not_found(site: Site, name: str) -> None:
    assert site.client.get(f"{AUDIT}/{name}").status_code == 404
