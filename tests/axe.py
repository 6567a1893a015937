"""The accessibility checker axe-core, run inside an open page."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_SOURCE = Path(__file__).resolve().parents[1] / "node_modules" / "axe-core" / "axe.min.js"


@cache
def _source() -> str:
    return _SOURCE.read_text(encoding="utf-8")


def violations(page: Page) -> list[str]:
    """What WCAG 2.2 AA and good practice forbid on this page, one line each; empty if all is well."""
    page.evaluate(_source())
    found: list[dict[str, Any]] = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}}).then(result => result.violations)",
        TAGS,
    )
    return [
        f"{item['id']} ({item['impact']}): {node['html'][:200]}\n    {node['failureSummary']}"
        for item in found
        for node in item["nodes"]
    ]
