"""Lines and their basis: exact integers, one rounding, and what a set of lines must be."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.budget.amounts import amount_of, basis_text, format_decimal, parse_decimal
from ledger.budget.codes import parse_code
from ledger.budget.difference import changes
from ledger.budget.lines import fresh_codes, line_set_problems
from ledger.chart.store import load_default_chart
from tests.budget.desk import income, spending


@given(price=st.integers(0, 10**12), quantity=st.integers(0, 10**9), times=st.integers(1, 1000))
def test_an_amount_is_the_exact_product_rounded_once(price: int, quantity: int, times: int) -> None:
    exact = Fraction(price, 100) * Fraction(quantity, 1000) * times  # in fen
    fen = amount_of(price, quantity, times)
    assert abs(fen - exact) <= Fraction(1, 2)
    assert fen - exact != Fraction(-1, 2)  # half a fen goes up


@given(value=st.integers(0, 10**15 - 1), places=st.sampled_from([3, 4]))
def test_numbers_are_read_as_they_are_written(value: int, places: int) -> None:
    assert parse_decimal(format_decimal(value, places), places) == value


@pytest.mark.parametrize("text", ["", "一百", "1.23456", "-3", "1,23", "1e3", "１２"])
def test_what_is_not_a_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="读不懂"):
        parse_decimal(text, 4)


def test_a_basis_reads_as_people_write_it() -> None:
    assert basis_text(4_500_0000, 6_000, "人", 12) == "4500 元 × 6 人 × 12 次 = 324,000.00 元"
    assert basis_text(6841, 120_000_000, "度", 1) == "0.6841 元 × 120000 度 = 82,092.00 元"
    assert basis_text(1_000_0000, 1_000, "", 1) == "1,000.00 元"


def test_half_a_fen_goes_up() -> None:
    assert amount_of(50, 1_000, 1) == 1  # 0.005 yuan
    assert amount_of(49, 1_000, 1) == 0


@pytest.mark.parametrize(
    "code", ["2025-F3-01", "2025-M-01", "B-01", "2025-F1-1", "2025-F1-001", "25-F1-01", "2025-F1-J01", ""]
)
def test_only_codes_of_funds_with_budgets_are_codes(code: str) -> None:
    assert parse_code(code) is None
    assert parse_code("2025-F1-01") == (2025, "F1", "E", 1)
    assert parse_code("2026-F2-I12") == (2026, "F2", "I", 12)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (spending(""), "missing"),
        (spending(accounts=()), "no_account"),
        (spending(accounts=("9999",)), "unknown_account"),
        (spending(accounts=("4001",)), "wrong_account"),
        (spending(accounts=("1002",)), "wrong_account"),
        (spending(accounts=("5015",)), "fund_not_allowed"),
        (income(accounts=("5001",)), "wrong_account"),
        (spending("张三 13812345678"), "private_data"),
        (spending(note="x" * 301), "too_long"),
        (spending(times=0), "bad_times"),
        (spending(yuan=10**12), "absurd_amount"),
        (spending(spread="weekly"), "bad_spread"),
        (spending(code="2024-F1-01"), "bad_line_code"),
        (spending(code="2025-F1-I01"), "kind_changed"),
        (spending(kind="X"), "bad_kind"),
    ],
)
def test_a_line_that_is_wrong_is_named(line: Any, code: str) -> None:
    assert [p.code for p in line_set_problems([line], 2025, "F1", load_default_chart())] == [code]


def test_lines_share_accounts_exactly_or_not_at_all() -> None:
    chart = load_default_chart()
    same = [spending("一期"), spending("二期")]
    assert line_set_problems(same, 2025, "F1", chart) == []
    overlapping = [spending("运行", accounts=("5005",)), spending("电梯", accounts=("500501",))]
    assert [p.code for p in line_set_problems(overlapping, 2025, "F1", chart)] == ["accounts_overlap"]
    twice = [spending(code="2025-F1-01"), spending(code="2025-F1-01")]
    assert [p.code for p in line_set_problems(twice, 2025, "F1", chart)] == ["line_twice"]


def test_numbers_that_were_given_are_not_given_again() -> None:
    taken = ["2025-F1-01", "2025-F1-04", "2025-F1-I02"]
    given_codes = fresh_codes([spending(), income(), spending(code="2025-F1-01")], taken, 2025, "F1")
    assert [line.code for line in given_codes] == ["2025-F1-05", "2025-F1-I03", "2025-F1-01"]


def test_a_difference_names_what_is_new_gone_and_changed() -> None:
    before = [spending(code="2025-F1-01"), spending("办公费", 200, code="2025-F1-02")]
    after = [spending(code="2025-F1-01", yuan=1_500), spending("保险", 300, code="2025-F1-03")]
    assert [(c.code, c.before, c.after, c.more) for c in changes(before, after)] == [
        ("2025-F1-01", 1_000_00, 1_500_00, 500_00),
        ("2025-F1-03", None, 300_00, 300_00),
        ("2025-F1-02", 200_00, None, -200_00),
    ]
    assert changes(before, before) == []
