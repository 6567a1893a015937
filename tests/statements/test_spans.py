"""Codes, slugs and names of months, quarters and years."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import Refused
from ledger.periods.spans import quarter_of, read_span, span_name, span_of, span_slug, spans_ending, year_of

YEARS = st.integers(1900, 2998)
CODES = st.builds(
    lambda year, part: year * 100 + part, YEARS, st.sampled_from([0, *range(1, 13), 33, 34, 35, 36])
)


@given(CODES)
def test_a_code_and_its_slug_name_the_same_span(code: int) -> None:
    span = span_of(code)
    assert read_span(span_slug(code)) == span
    assert span.code == code
    assert len(span.months) == {"month": 1, "quarter": 3, "year": 12}[span.kind]
    assert span.first.day == 1
    assert (span.last + timedelta(days=1)).day == 1
    assert span in spans_ending(span.months[-1])


@given(YEARS)
def test_quarters_follow_each_other_and_fill_the_year(year: int) -> None:
    quarters = [span_of(year * 100 + 33 + number) for number in range(4)]
    whole = span_of(year * 100)
    assert [month for quarter in quarters for month in quarter.months] == list(whole.months)
    assert (quarters[0].first, quarters[-1].last) == (whole.first, whole.last)
    for one, other in pairwise(quarters):
        assert one.last + timedelta(days=1) == other.first
    for quarter in quarters:
        assert {quarter_of(month) for month in quarter.months} == {quarter.code}
        assert {year_of(month) for month in quarter.months} == {whole.code}


def test_names_are_plain_chinese() -> None:
    assert [span_name(code) for code in (202503, 202533, 202536, 202500)] == [
        "2025年3月",
        "2025年第一季度",
        "2025年第四季度",
        "2025年度",
    ]
    assert [span_slug(code) for code in (202503, 202533, 202500)] == ["2025-03", "2025-Q1", "2025"]
    assert span_of(202533).last == date(2025, 3, 31)


@pytest.mark.parametrize(
    "text", ["", "2025-13", "2025-00", "2025-Q5", "2025-Q0", "2025-3", "25", "２０２５", "2025-Q1 ", "0000"]
)
def test_anything_else_is_refused_with_the_right_form(text: str) -> None:
    with pytest.raises(Refused):
        read_span(text)


@pytest.mark.parametrize("code", [202513, 202532, 202537, 202599, 0])
def test_a_code_that_names_no_span_is_refused(code: int) -> None:
    with pytest.raises(Refused):
        span_of(code)
