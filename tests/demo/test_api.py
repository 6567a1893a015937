"""The demo through the API, the feed and the auditors' files: all of it, checked against its own description."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import feedparser
import msgspec
import pytest
from jsonschema import Draft202012Validator
from litestar.testing import TestClient

from disclosure.api.description import description
from disclosure.app import create_app
from ledger.balances import resolve_clock, trial_balance
from ledger.budget.read import first_day, lines_of, list_versions
from ledger.budget.report import read_report
from ledger.projects.file import project_files
from ledger.store.engine import reading
from ledger.trust.setup import load_setup
from tests.demo.conftest import TODAY, Demo

NOW = datetime(TODAY.year, TODAY.month, TODAY.day, 6, tzinfo=UTC)
DOCUMENT = msgspec.json.decode(description())
_MANY = 3
"""Entries whose own answer is read; the rest is in the list."""


@pytest.fixture(scope="module")
def client(demo: Demo) -> Iterator[TestClient]:
    with TestClient(create_app(demo.config, now=lambda: NOW)) as client:
        yield client


def ask(client: TestClient, path: str) -> Any:
    """An answer, valid by what the description says of its path."""
    answer = client.get(path)
    assert answer.status_code == 200, f"{path}: {answer.text[:300]}"
    value = msgspec.json.decode(answer.content)
    schema = _schema(path)
    problems = [error.message for error in Draft202012Validator(schema).iter_errors(value)]
    assert problems == [], path
    return value


def _schema(path: str) -> dict[str, Any]:
    bare = path.partition("?")[0]
    templates = sorted(DOCUMENT["paths"], key=lambda template: template.count("{"))
    template = next(t for t in templates if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", t), bare))
    content = DOCUMENT["paths"][template]["get"]["responses"]["200"]["content"]
    return {**content["application/json"]["schema"], "components": DOCUMENT["components"]}


def _rows(client: TestClient, path: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    while path:
        page = ask(client, path)
        rows += page["items"]
        path = page.get("next") or ""
    return rows


def test_everything_that_is_linked_answers_as_described(client: TestClient, demo: Demo) -> None:
    (row,) = [row for row in _rows(client, "/api/v1/communities") if row["slug"] == demo.slug]
    links = ask(client, row["api"])["links"]
    assert client.get(links.pop("page")).status_code == 200
    assert client.get(links.pop("feed")).status_code == 200
    for name, address in links.items():
        first = ask(client, f"{address}?limit=200" if name == "entries" else address)
        items = [*first.get("items", ()), *first.get("under_way", ())]
        for item in items[: _MANY if name in ("entries", "statements") else None]:
            ask(client, item["api"])
            assert client.get(item["page"]).status_code == 200, item["page"]


def test_statements_have_all_their_forms(client: TestClient, demo: Demo) -> None:
    row = _rows(client, f"/api/v1/communities/{demo.slug}/statements")[0]
    told = client.get(row["api"]).content
    for form in ("csv", "json"):
        answer = client.get(row[form])
        assert answer.status_code == 200, row[form]
        assert form != "json" or answer.content in told


def test_budgets_say_what_the_ledger_says(client: TestClient, demo: Demo) -> None:
    rows = _rows(client, f"/api/v1/communities/{demo.slug}/budgets")
    with reading(demo.engine) as conn:
        versions = [v for v in list_versions(conn, demo.trust_id) if v.notice is not None]
        assert [(row["name"], row["version"]) for row in rows] == [
            (v.key.name, v.key.version) for v in versions
        ]
        (row,) = [row for row in rows if row["standing"] == "in_force"]
        version = next(v for v in versions if (v.key.name, v.key.version) == (row["name"], row["version"]))
        setup = load_setup(conn, demo.trust_id)
        report = read_report(conn, setup, version, version.fixed, TODAY)
        assert lines_of(conn, demo.trust_id, {version.key: version.fixed})[version.key]
        assert first_day(versions, version.key.year, version.key.fund) is not None
    told = ask(client, row["api"])
    assert (told["income_fen"], told["expense_fen"]) == (report.income, report.expense)
    planned = Counter[str]()
    for line in told["lines"]:
        planned[line["kind"]] += line["planned_fen"]
    assert planned == {"income": report.income, "expense": report.expense}
    assert report.execution is not None
    spending = [line for line in told["lines"] if line["kind"] == "expense"]
    assert sum(line["actual_fen"] for line in spending) == report.execution.actual
    assert sum(line["left_fen"] for line in spending) == report.execution.left


def test_decisions_are_those_of_their_pages(client: TestClient, demo: Demo) -> None:
    listed = ask(client, f"/api/v1/communities/{demo.slug}/resolutions")
    every = _rows(client, f"/api/v1/communities/{demo.slug}/resolutions?limit=1")
    assert [row["number"] for row in every] == [row["number"] for row in listed["items"]]
    assert listed["under_way"], "a vote is under way in the demo"
    for row in (*listed["under_way"], *listed["items"]):
        if row["number"] in {item["number"] for item in listed["under_way"]}:
            assert ask(client, row["api"])["result"] is None
        assert (
            client.get(row["api"]).content == client.get(f"{row['page']}.json", follow_redirects=True).content
        )


def test_projects_say_what_the_books_say(client: TestClient, demo: Demo) -> None:
    rows = _rows(client, f"/api/v1/communities/{demo.slug}/projects")
    with reading(demo.engine) as conn:
        files = project_files(conn, demo.trust_id)
    assert [row["code"] for row in rows] == sorted(files)
    for row in rows:
        told, sums = ask(client, row["api"]), files[row["code"]].tally
        assert (told["received_fen"], told["paid_fen"]) == (sums.total_received, sums.total_paid)
        assert sum(source["received_fen"] for source in told["sources"]) == sums.total_received
        assert sum(milestone["cost_fen"] for milestone in told["milestones"]) == sums.total_cost


def test_the_feed_tells_of_everything_and_leads_there(client: TestClient, demo: Demo) -> None:
    found: dict[str, Any] = {}
    for topic in ("statements", "budgets", "decisions", "projects"):
        feed = feedparser.parse(client.get(f"/c/{demo.slug}/feed?only={topic}").content)
        assert not feed.bozo
        assert feed.entries, f"the demo has {topic}"
        for item in feed.entries:
            path = item.link.removeprefix(demo.config.public_url)
            assert client.get(path).status_code == 200, path
            assert "{" not in item.title + item.summary
        found[topic] = feed.entries
    assert any("表决结果" in item.title for item in found["decisions"])
    assert any("开始表决" in item.title for item in found["decisions"])
    whole = feedparser.parse(client.get(f"/c/{demo.slug}/feed").content)
    assert len(whole.entries) == 50
    assert any(link.rel == "next" for link in whole.feed.links)


def test_auditors_files_add_up_to_the_books(client: TestClient, demo: Demo) -> None:
    answer = client.get(f"/c/{demo.slug}/audit/{TODAY.year}.zip")
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        (name,) = [name for name in archive.namelist() if "科目余额" in name]
        rows = list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig"))))
    last: dict[tuple[str, str, str], Decimal] = {}
    for row in rows:
        sign = -1 if row["期末余额方向"] == "贷" else 1
        last[row["电子账簿编号"], row["科目编号"], row["资金代号"]] = sign * Decimal(row["期末余额"])
    with reading(demo.engine) as conn:
        clock = resolve_clock(conn, demo.trust_id, today=TODAY)
        for book in ("A", "M"):
            for total in trial_balance(conn, demo.trust_id, book, clock):
                key = (book, total.account, total.fund)
                assert last.pop(key, Decimal(0)) == Decimal(total.totals.balance).scaleb(-2)
    assert not any(last.values())
