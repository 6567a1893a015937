"""A long file's lines are kept packed: the same lines in the same order, in a fraction of the memory."""

from __future__ import annotations

import tracemalloc
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select

from ledger.bank import BankLine, line_keys, read_statement
from ledger.bank import packed as packed_module
from ledger.bank.chain import chronological, in_order, verified_order
from ledger.bank.packed import PackedLines, kept
from ledger.bank.statement import keyed_lines
from ledger.store.engine import reading
from ledger.store.tables import bank_line
from tests.bank.samples import long_statement
from tests.bank.test_importing import bank, bring

START = datetime(2026, 1, 1)  # noqa: DTZ001 - statements are in Beijing time and never say so


@st.composite
def files(draw: st.DrawFn) -> list[BankLine]:
    """Lines as a file has them: some rows with a fee, times in any order, balances that may chain."""
    found: list[BankLine] = []
    balance = 0
    for row in range(1, draw(st.integers(1, 12)) + 1):
        moment = START + timedelta(hours=draw(st.integers(0, 3)))
        for amount in draw(st.lists(st.sampled_from([5, -5, 7]), min_size=1, max_size=2)):
            balance += amount + draw(st.sampled_from([0, 0, 0, 1]))
            found.append(BankLine(row, moment, amount, balance, "甲", "", "物业费", ""))
    return found


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed_module, "BLOCK", 3)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("turned", [False, True])
def test_packed_lines_are_the_lines(turned: bool) -> None:
    @given(files(), st.slices(20))
    def check(lines: list[BankLine], piece: slice) -> None:
        packed = PackedLines(lines)
        expected = sorted(lines, key=lambda line: line.row, reverse=True) if turned else lines
        seen = packed.turned() if turned else packed
        assert list(seen) == expected
        assert len(seen) == len(lines)
        assert seen[piece] == tuple(expected[piece])
        assert (seen[0], seen[-1]) == (expected[0], expected[-1])
        assert list(seen.turned().turned()) == expected

    check()


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("newest_first", [False, True])
def test_an_order_found_in_one_pass_is_the_one_found_with_all_lines(newest_first: bool) -> None:
    @given(files())
    def check(lines: list[BankLine]) -> None:
        packed = PackedLines(lines)
        by_time = in_order(packed, newest_first=newest_first, balances=False)
        if by_time is not None:
            assert list(by_time) == chronological(lines, newest_first=newest_first)
        singles = [line for no, line in enumerate(lines) if no == 0 or line.row != lines[no - 1].row]
        by_balance = in_order(PackedLines(singles), newest_first=newest_first, balances=True)
        if by_balance is not None:
            assert verified_order(singles, "余额", newest_first=newest_first) == (list(by_balance), [])

    check()


def test_a_short_file_is_not_packed_and_a_long_one_is() -> None:
    assert isinstance(read_statement(long_statement(50).encode(), "a.csv").lines, tuple)
    assert isinstance(read_statement(long_statement(5_000).encode(), "a.csv").lines, PackedLines)
    assert kept([]) == ()


def test_the_newest_line_first_is_turned_without_holding_the_file() -> None:
    head, *body = long_statement(5_000).splitlines()
    found = read_statement("\n".join([head, *reversed(body)]).encode(), "a.csv")
    assert isinstance(found.lines, PackedLines)
    assert found.balance_verified
    assert [line.flow_no for line in found.lines] == [f"F{n}" for n in range(5_000)]


def test_equal_lines_far_apart_still_get_keys_of_their_own() -> None:
    twin = BankLine(1, START, 5, None, "甲", "", "物业费", "A1")
    others = [BankLine(n, START, 5, None, "乙", "", "物业费", f"B{n}") for n in range(2, 3_000)]
    keys = line_keys(PackedLines([twin, *others, twin]))
    assert keys[0] == "flow:A1:5"
    assert keys[-1] == "flow:A1:5#2"
    assert len(set(keys)) == len(keys)


def test_reading_a_long_file_takes_little_more_than_reading_a_short_one() -> None:
    def peak(count: int) -> int:
        data = long_statement(count).encode()
        tracemalloc.start()
        try:
            lines = read_statement(data, "流水.csv").lines
            assert sum(1 for _ in keyed_lines(lines)) == count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(4_000)  # what is read once and kept: the formats
    assert peak(40_000) < 3 * peak(4_000)


def test_a_long_file_is_imported_whole_and_never_twice(engine: Engine) -> None:
    books = bank(engine)
    data = long_statement(11_000)
    assert bring(books, data.encode()).new == 11_000
    shorter = "\n".join(data.splitlines()[:6_001]) + "\n"
    assert bring(books, shorter.encode()).new == 0
    with reading(engine) as conn:
        assert conn.scalar(select(func.count()).select_from(bank_line)) == 11_000
