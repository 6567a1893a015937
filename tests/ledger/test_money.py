"""Fen in, fen out: nothing is lost between text, Money and integer, and no split creates or loses a fen."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moneyed import CNY, USD, Money

from ledger.money import (
    MAX_FEN,
    format_yuan,
    from_money,
    parse_yuan,
    plain_yuan,
    split_largest_remainder,
    to_money,
)

fen = st.integers(-MAX_FEN * 1000, MAX_FEN * 1000)
weights = st.lists(st.integers(0, 10**7), min_size=1, max_size=40).filter(any)


@given(fen)
def test_what_is_written_reads_back_as_the_same_fen(amount: int) -> None:
    assert parse_yuan(plain_yuan(amount)) == amount
    assert parse_yuan(format_yuan(amount)) == amount
    assert parse_yuan(f" {format_yuan(amount)} ") == amount
    assert from_money(to_money(amount)) == amount


@given(fen)
def test_written_amounts_have_two_decimals_and_grouped_thousands(amount: int) -> None:
    assert format_yuan(amount) == f"{Decimal(amount).scaleb(-2):,.2f}"
    assert plain_yuan(amount) == f"{Decimal(amount).scaleb(-2):.2f}"


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0", 0),
        ("8.5", 850),
        ("¥8.5", 850),
        ("￥1,234.56", 123456),
        ("-3", -300),
        ("-¥0.01", -1),
        ("1,000,000", 100_000_000),
        ("0.10", 10),
        ("007", 700),
    ],
)
def test_amounts_as_people_write_them_are_read(text: str, amount: int) -> None:
    assert parse_yuan(text) == amount


@pytest.mark.parametrize(
    "text",
    ["", " ", "-", "1.234", "1.", ".5", "1,23", "1,2345", ",123", "1e3", "0x10", "12 34", "¥-3", "--1", "nan", "1,234,56", "一元", "1.2.3"],
)  # fmt: skip
def test_a_text_that_is_no_amount_is_refused_and_quoted(text: str) -> None:
    with pytest.raises(ValueError, match="读不懂金额") as refusal:
        parse_yuan(text)
    assert f"“{text}”" in str(refusal.value)


@given(st.text())
def test_reading_never_does_anything_but_read_or_refuse(text: str) -> None:
    try:
        amount = parse_yuan(text)
    except ValueError:
        return
    assert parse_yuan(plain_yuan(amount)) == amount


@given(fen, weights)
def test_a_split_adds_up_and_each_part_is_within_one_fen_of_its_exact_share(
    total: int, weights: list[int]
) -> None:
    parts = split_largest_remainder(total, weights)
    assert sum(parts) == total
    assert len(parts) == len(weights)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(Fraction(total * weight, sum(weights)) - part) < 1
        assert part * total >= 0, "a part has the sign of the whole"
        assert weight or not part, "no weight, no part"


@given(fen, weights)
def test_the_fen_left_over_go_to_the_largest_remainders(total: int, weights: list[int]) -> None:
    parts = split_largest_remainder(total, weights)
    exact = [Fraction(abs(total) * weight, sum(weights)) for weight in weights]
    extra = [abs(part) - int(share) for part, share in zip(parts, exact, strict=True)]
    assert set(extra) <= {0, 1}
    given_to = [share % 1 for share, more in zip(exact, extra, strict=True) if more]
    not_given = [share % 1 for share, more in zip(exact, extra, strict=True) if not more]
    assert not given_to or not not_given or min(given_to) >= max(not_given)


@given(fen, weights)
def test_a_red_letter_split_cancels_the_split_it_reverses(total: int, weights: list[int]) -> None:
    assert split_largest_remainder(-total, weights) == [-p for p in split_largest_remainder(total, weights)]


def test_among_equals_earlier_households_get_the_odd_fen() -> None:
    assert split_largest_remainder(100, [1, 1, 1]) == [34, 33, 33]
    assert split_largest_remainder(200, [1, 1, 1]) == [67, 67, 66]
    assert split_largest_remainder(-100, [1, 1, 1]) == [-34, -33, -33]


@pytest.mark.parametrize("weights", [[], [0], [0, 0], [1, -1], [5, -1], [-3]])
def test_a_split_by_nothing_or_by_negative_weights_is_refused(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="权重"):
        split_largest_remainder(100, weights)


@pytest.mark.parametrize(
    "amount",
    ["0.001", "1.005", "-0.009", "1E-10", "12345678901234567890123456.789", "NaN", "Infinity", "-Infinity"],
)
def test_money_that_is_not_whole_fen_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="不足一分"):
        from_money(Money(Decimal(amount), CNY))


def test_money_of_another_currency_is_refused() -> None:
    with pytest.raises(ValueError, match="USD"):
        from_money(Money(1, USD))


@pytest.mark.parametrize(
    ("amount", "whole"), [("1", 100), ("1.10", 110), ("-0.01", -1), ("1E+3", 100_000), ("2.500", 250)]
)
def test_money_of_whole_fen_is_taken_however_it_is_spelt(amount: str, whole: int) -> None:
    assert from_money(Money(Decimal(amount), CNY)) == whole
