"""Money and time are read exactly or not at all."""

# ruff: noqa: DTZ001 - statements tell Beijing time without naming it, so the values are naive
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.bank.amounts import MAX_FEN, parse_fen, parse_time, yuan


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("0", 0),
        ("1", 100),
        ("1.5", 150),
        ("50.0", 5000),
        ("1,234.56", 123456),
        ("-1,000.00", -100000),
        ("+3.00", 300),
        ("¥28.16", 2816),
        ("￥28.16", 2816),
        ("-¥0.01", -1),
        ("¥-0.01", -1),
        ("CNY 12.00", 1200),
        ("12.00元", 1200),
        ("１，２３４．５６", 123456),
        ("13.40               \t", 1340),
        ('"13.40"', 1340),
        ("`0.02", 2),
        (".85", 85),
        ("−5.00", -500),
        ("99,999,999,999.99", MAX_FEN - 1),
    ],
)
def test_reads_what_statements_write(text: str, fen: int) -> None:
    assert parse_fen(text) == fen


NO_AMOUNTS = """- abc 1.234 1.230 1e5 1E+05 NaN nan inf Infinity 1,23.45 12,34 ,123 1. . --1 -¥-1 1- (5.00) 0x10 1_000
① ½ ١٢ xx,yyyy.zz 1.2.3 =1+1 5%"""


@pytest.mark.parametrize("text", ["", *NO_AMOUNTS.split()])
def test_refuses_what_is_no_amount(text: str) -> None:
    with pytest.raises(ValueError, match="金额"):
        parse_fen(text)


@pytest.mark.parametrize("text", ["100000000000.00", "100,000,000,000", "9" * 20])
def test_refuses_absurd_amounts(text: str) -> None:
    with pytest.raises(ValueError, match="不合情理"):
        parse_fen(text)


def test_long_numbers_are_refused_quickly_and_shortly() -> None:
    with pytest.raises(ValueError) as caught:
        parse_fen("9" * 100_000)
    assert len(str(caught.value)) < 100


def test_more_decimals_only_where_the_format_prints_them_and_only_zeros() -> None:
    assert parse_fen("7.79000", zeros_to=5) == 779
    assert parse_fen("-0.24000", zeros_to=5) == -24
    for text in ("0.05940", "0.000000"):
        with pytest.raises(ValueError, match="小数"):
            parse_fen(text, zeros_to=5)


@given(st.integers(-MAX_FEN + 1, MAX_FEN - 1))
def test_writing_and_reading_is_exact(fen: int) -> None:
    assert parse_fen(yuan(fen)) == fen
    assert parse_fen(yuan(fen).replace(",", "")) == fen


def test_times() -> None:
    formats = ("%Y-%m-%d %H:%M:%S", "%Y%m%d %H:%M:%S", "%Y-%m-%d", "%Y%m%d")
    assert parse_time(" 2026-01-05  09:30:00\t", formats) == datetime(2026, 1, 5, 9, 30)
    assert parse_time("20260105 09:30:00", formats) == datetime(2026, 1, 5, 9, 30)
    assert parse_time("２０２６０１０５", formats) == datetime(2026, 1, 5)
    for text in ("2026011", "20261301", "2026-02-30", "", "昨天", "0001-01-01", "9999-01-01", "46027"):
        with pytest.raises(ValueError, match="日期"):
            parse_time(text, formats)
