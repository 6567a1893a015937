"""Days and amounts as people write them."""

from __future__ import annotations

from datetime import date

import pytest

from disclosure.evaluation.words import spoken
from disclosure.public.rendering import load_pages
from disclosure.public.words import shown_day


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        (date(2026, 3, 5), "2026年3月5日"),
        ("2026-03-05", "2026年3月5日"),
        ("2026-02-30", "2026-02-30"),
        ("不定期", "不定期"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_day_is_written_out(day: date | str | None, shown: str) -> None:
    assert shown_day(day) == shown


def test_days_in_a_fact_are_written_out_and_numbers_that_look_like_them_are_left() -> None:
    said = "2025-05-03 漏巡，见合同 2025-99-12 第 3 条"
    assert spoken(said) == "2025年5月3日 漏巡，见合同 2025-99-12 第 3 条"


def test_a_minus_stands_before_the_sign_of_the_yuan() -> None:
    template = load_pages(demo=False).environment.from_string("{{ -6886 | money }} {{ 1234567 | money }}")
    assert template.render() == "-¥68.86 ¥12,345.67"
