"""Lines and pages of a long listing, before anything is set."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from disclosure.paper import Column, Listing, Row
from disclosure.paper.lines import break_lines, text_width
from disclosure.paper.listing import LINE_ROOM, listing_pieces
from tests.paper.documents import listing, rows

CHINESE = st.text(st.sampled_from("电梯维保费物业公共收益，。（）《》：、¥0123456789-. abcXYZ"), max_size=200)
ANY = st.text(st.characters(exclude_categories=("C",)), max_size=200)


def bare(text: str) -> str:
    return re.sub(r"\s", "", text)


@given(CHINESE | ANY, st.integers(4, 80))
def test_lines_keep_every_character_in_order_and_never_exceed_their_room(text: str, room: int) -> None:
    lines = break_lines(text, room)
    assert bare("".join(lines)) == bare(text)
    assert all(text_width(line) <= room for line in lines)


def test_a_number_or_word_stays_on_one_line_if_it_can() -> None:
    assert break_lines("合计12,345.67元整", 10) == ["合计", "12,345.67", "元整"]
    assert break_lines("A-2025-000123", 8) == ["A-2025-0", "00123"]


def test_closing_punctuation_does_not_begin_a_line() -> None:
    assert break_lines("一二三四五，六", 10) == ["一二三四", "五，六"]
    assert break_lines("一二三四（五）", 10) == ["一二三四", "（五）"]


def test_no_line_of_a_page_is_wider_than_the_page() -> None:
    long = Row(("A-2025-000001", "123,456,789,012,345,678.00", "很长的摘要" * 100))
    for html in listing_pieces(listing([long, *rows(30)]), "A4"):
        for paragraph in re.findall(r"<p[^>]*>(.*?)</p>", html, re.DOTALL):
            assert max(map(text_width, paragraph.split("\n"))) <= LINE_ROOM


def test_markup_in_a_text_stays_text() -> None:
    html = "".join(listing_pieces(listing([Row(("1", "2", "<script>&amp;"))], "<b>标题"), "A4"))
    assert "&lt;script&gt;&amp;amp;" in html
    assert "&lt;b&gt;标题" in html


def test_pages_depend_only_on_the_listing() -> None:
    alone = list(listing_pieces(listing(rows(900)), "A4"))
    again = list(listing_pieces(listing(iter(rows(900))), "A4"))
    assert alone == again
    assert len(alone) == 2


def test_an_empty_listing_is_a_page_with_its_heads() -> None:
    (html,) = listing_pieces(Listing("没有记账", (Column("凭证号", 13), Column("摘要", 0)), []), "A3")
    assert "凭证号" in html
