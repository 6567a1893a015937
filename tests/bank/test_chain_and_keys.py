"""Order within a file, and the key that keeps a second import from doubling it."""

# ruff: noqa: DTZ001 - statements tell Beijing time without naming it, so the values are naive

import random
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ledger.bank import BankLine, line_key, line_keys, read_statement
from ledger.bank.chain import verified_order
from tests.bank import samples

NOON = datetime(2026, 1, 5, 12)


def chain(amounts: list[int], times: list[datetime] | None = None, opening: int = 0) -> list[BankLine]:
    lines, balance = [], opening
    for number, amount in enumerate(amounts):
        balance += amount
        moment = times[number] if times else NOON
        lines.append(BankLine(number + 2, moment, amount, balance, "", "", "", ""))
    return lines


def renumbered(lines: list[BankLine]) -> list[BankLine]:
    return [replace(line, row=number) for number, line in enumerate(lines, 2)]


AMOUNTS = st.lists(st.integers(-500, 500).filter(bool), min_size=1, max_size=12)


@given(AMOUNTS, st.randoms(use_true_random=False))
def test_lines_of_one_moment_are_put_in_an_order_that_chains(amounts: list[int], rng: random.Random) -> None:
    lines = chain([10_000, *amounts, 20_000])
    rng.shuffle(lines)
    order, problems = verified_order(renumbered(lines), "余额", newest_first=False)
    assert not problems
    assert len(order) == len(lines)
    assert all(a.balance is not None and b.balance == a.balance + b.amount for a, b in pairwise(order))


@given(AMOUNTS, st.booleans())
def test_newest_first_and_oldest_first_read_alike(amounts: list[int], flag: bool) -> None:
    times = [NOON + timedelta(hours=number) for number in range(len(amounts))]
    lines = chain(amounts, times)
    assert verified_order(lines, "余额", newest_first=flag) == (lines, [])
    turned = renumbered(lines[::-1])
    assert verified_order(turned, "余额", newest_first=flag) == (turned[::-1], [])


@given(st.lists(st.integers(1, 500), min_size=3, max_size=10), st.data())
def test_any_changed_amount_is_found(amounts: list[int], data: st.DataObject) -> None:
    lines = chain(amounts, [NOON + timedelta(hours=number) for number in range(len(amounts))])
    place = data.draw(st.integers(1, len(lines) - 1))
    lines[place] = replace(lines[place], amount=lines[place].amount + 1)
    _, problems = verified_order(lines, "余额", newest_first=False)
    assert [problem.row for problem in problems] == [lines[place].row]


def test_posting_order_is_kept_where_the_times_shown_are_out_of_step() -> None:
    lines = chain([100, 50, -30], [NOON, NOON - timedelta(hours=1), NOON + timedelta(hours=1)])
    assert verified_order(lines, "余额", newest_first=False) == (lines, [])


def test_a_reordered_file_is_put_right_by_its_times() -> None:
    head, *rows = samples.CMB_CORPORATE.splitlines()
    shuffled = "\n".join([head, rows[2], rows[0], rows[1]])
    statement = read_statement(shuffled.encode(), "a.csv")
    assert statement.balance_verified
    assert [line.flow_no for line in statement.lines] == ["A001", "A002", "A003"]


def line(**changes: object) -> BankLine:
    base = BankLine(2, NOON, 100, 100, "甲", "6222", "物业费", "")
    return replace(base, **changes)  # type: ignore[arg-type]


def test_flow_number_and_amount_are_the_key_where_there_is_a_number() -> None:
    assert line_key(line(flow_no="A1")) == "flow:A1:100"
    assert line_key(line(flow_no="A1", memo="改过", row=9)) == "flow:A1:100"
    assert line_keys([line(flow_no="A1"), line(flow_no="A1", amount=-5), line(flow_no="A1")]) == [
        "flow:A1:100",
        "flow:A1:-5",
        "flow:A1:100#2",
    ]


def test_without_a_number_the_key_covers_every_part_apart_from_the_row() -> None:
    base = line_key(line())
    assert base.startswith("sha256:")
    assert line_key(line(row=99)) == base
    changed: list[dict[str, object]] = [
        {"occurred_at": NOON + timedelta(seconds=1)},
        {"amount": 101},
        {"balance": None},
        {"counterparty_name": "乙"},
        {"counterparty_account": ""},
        {"memo": ""},
        {"counterparty_name": "甲6222", "counterparty_account": ""},
    ]
    keys = {line_key(line(**change)) for change in changed}
    assert len(keys | {base}) == len(changed) + 1


def test_equal_lines_of_one_file_stay_two_and_an_overlapping_file_gives_the_same_keys() -> None:
    twins = [line(), line(row=3)]
    keys = line_keys(twins)
    assert len(set(keys)) == 2
    assert line_keys([line(memo="早"), *twins, line(memo="晚")])[1:3] == keys
