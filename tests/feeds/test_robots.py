"""What search engines are told, and whom one may tell about a hole."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.robotparser import RobotFileParser

import pytest
from litestar.testing import TestClient

from disclosure.app import create_app
from disclosure.public.robots import is_personal
from tests.public.community import NOW, SLUG, clock_at
from tests.public.conftest import Site

_PERSONAL_OPTIONS = ("action", "across", "signed_in", "halfway", "stranger")


def handlers(site: Site) -> list[tuple[str, Any]]:
    """Every handler with its path, parameters filled in."""
    found = []
    for route in site.app.routes:
        path = route.path_format.replace("{slug}", SLUG)
        found += [(path, handler) for handler in getattr(route, "route_handlers", ())]
    return found


def test_everything_behind_a_log_in_is_personal_and_nothing_else_is(site: Site) -> None:
    checked = 0
    for path, handler in handlers(site):
        guarded = any(handler.opt.get(name) for name in _PERSONAL_OPTIONS)
        checked += guarded
        if guarded:
            assert is_personal(path), f"{path} is for one person: name it in PERSONAL"
    assert checked > 100
    for path in (
        "/",
        f"/c/{SLUG}",
        f"/c/{SLUG}/entries/A-2025-000001",
        "/api",
        f"/c/{SLUG}/resolutions/2026-1",
    ):
        assert not is_personal(path)


def test_personal_pages_say_so_even_when_they_turn_one_away(site: Site) -> None:
    for path in ("/login", "/me", f"/c/{SLUG}/mine", f"/c/{SLUG}/office", f"/c/{SLUG}/office/charges"):
        answer = site.client.get(path, follow_redirects=False)
        assert answer.headers["x-robots-tag"] == "noindex, nofollow", path
    for path in ("/", f"/c/{SLUG}/entries", f"/c/{SLUG}/feed"):
        assert "x-robots-tag" not in site.client.get(path).headers


def test_robots_may_read_what_everybody_reads(site: Site) -> None:
    answer = site.client.get("/robots.txt")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text.startswith("User-agent: *\n")
    rules = RobotFileParser()
    rules.parse(answer.text.replace("/c/*", f"/c/{SLUG}").splitlines())
    for path in (
        "/",
        f"/c/{SLUG}",
        f"/c/{SLUG}/entries",
        f"/c/{SLUG}/entries/A-2025-000001",
        f"/c/{SLUG}/feed",
    ):
        assert rules.can_fetch("any", path), path
    for path in ("/login", "/me", f"/c/{SLUG}/mine/votes", f"/c/{SLUG}/office", f"/c/{SLUG}/log/tile/0/000"):
        assert not rules.can_fetch("any", path), path


def test_nobody_to_write_to_means_no_file(site: Site) -> None:
    assert site.client.get("/.well-known/security.txt").status_code == 404


@pytest.mark.db("sqlite")
def test_who_is_named_is_published(site: Site) -> None:
    config = replace(site.config, security_contact="mailto:security@example.org")
    with TestClient(create_app(config, now=clock_at(NOW))) as client:
        lines = dict(
            line.split(": ", 1) for line in client.get("/.well-known/security.txt").text.splitlines()
        )
    assert lines["Contact"] == "mailto:security@example.org"
    expires = datetime.strptime(lines["Expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert 0 < (expires - NOW).days < 366, "RFC 9116 recommends less than a year"
    assert lines["Canonical"].endswith("/.well-known/security.txt")
