"""What a demo prints is marked on paper too: nobody takes an invented slip for a real one."""

from __future__ import annotations

from pathlib import Path

import pytest

from disclosure.public.rendering import load_pages

TEMPLATES = Path(__file__).parents[2] / "templates"
PRINTED = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*print.html"))


def test_there_are_papers() -> None:
    assert "office/payments_slip_print.html" in PRINTED
    assert len(PRINTED) >= 10


@pytest.mark.parametrize("name", PRINTED)
def test_every_paper_carries_the_mark(name: str) -> None:
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    before, mark, _ = text.partition("{% if demo %}")
    assert mark, f"{name} does not say that a demo's paper is invented"
    assert "演示" in text[len(before) : len(before) + 80]


@pytest.mark.parametrize("demo", [True, False])
def test_the_mark_is_the_demos_alone(demo: bool) -> None:
    pages = load_pages(demo=demo)
    sheet = {"clause": {"text": "每月固定"}, "sentence": "每月固定 1 元"}
    values = {"month": "2025年3月", "base": "", "amount": "1.00", "today": "2025-04-01"}
    site = {"name": "明和苑"}
    text = pages.text("office/payments_remuneration_print.html", site=site, sheet=sheet, **values)
    assert ("演示数据，均为虚构" in text) == demo
