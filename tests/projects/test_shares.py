"""Agreed shares and owners' parts come to the whole, to the fen, whatever the numbers."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import Refused
from ledger.maintenance.scope import Scope
from ledger.projects.apportion import Part, apportion, by_building, floor_of
from ledger.projects.shares import (
    amounts,
    parse_portion,
    parts_text,
    portion_problems,
    portion_words,
    read_parts,
)
from ledger.projects.value import Portion, Sharing
from ledger.trust import Unit

fens = st.integers(1, 10**11)
areas = st.integers(1, 300_00)
homes = st.lists(
    st.tuples(st.integers(1, 33), st.integers(1, 8), areas),
    min_size=1,
    max_size=60,
    unique_by=lambda h: h[:2],
)


def units(rows: list[tuple[int, int, int]]) -> list[Unit]:
    return [Unit(f"05-1-{floor * 100 + door:04d}", "05", "home", area) for floor, door, area in rows]


@given(homes, fens, st.sampled_from(["area", "floor", "floor_area", "equal"]), st.data())
def test_owners_parts_come_to_the_owners_part_exactly(rows, fen, by, data) -> None:  # type: ignore[no-untyped-def]
    factors = tuple((floor, data.draw(st.integers(0, 500))) for floor in sorted({row[0] for row in rows}))
    sharing = Sharing(Scope("all"), by, factors)
    if by.startswith("floor") and not any(weight for _, weight in factors):
        with pytest.raises(Refused) as caught:
            apportion(sharing, units(rows), fen)
        assert caught.value.codes == {"nobody_bears"}
        return
    parts = apportion(sharing, units(rows), fen)
    assert sum(part.amount for part in parts) == fen
    whole = sum(part.weight for part in parts)
    for part in parts:  # nobody is a fen or more from the exact share
        assert abs(part.amount - Fraction(fen * part.weight, whole)) < 1


@given(fens, st.lists(st.integers(1, 50), min_size=1, max_size=5), st.lists(fens, max_size=3))
def test_agreed_amounts_come_to_the_total(rest: int, weights: list[int], fixed: list[int]) -> None:
    whole = sum(weights)
    portions = [Portion(str(Fraction(weight, whole))) for weight in weights]
    portions += [Portion(fen=fen) for fen in fixed]
    total = rest + sum(fixed)
    assert portion_problems(total, portions, "来源") == []
    found = amounts(total, portions)
    assert sum(found) == total
    assert found[len(weights) :] == fixed
    for part, weight in zip(found, weights, strict=False):
        assert abs(part - Fraction(rest * weight, whole)) < 1


@pytest.mark.parametrize(
    ("total", "portions", "code"),
    [
        (100, [Portion("1/3"), Portion("1/3")], "not_whole"),
        (100, [Portion("1/2"), Portion("2/3")], "not_whole"),
        (100, [Portion(fen=60), Portion(fen=30)], "not_whole"),
        (100, [Portion(fen=60), Portion(fen=50)], "beyond_total"),
        (100, [Portion(fen=100), Portion("1/1")], "beyond_total"),
        (100, [Portion(), Portion("1/1")], "bad_portion"),
    ],
)
def test_portions_that_are_not_the_whole_are_refused(total: int, portions: list[Portion], code: str) -> None:
    assert [problem.code for problem in portion_problems(total, portions, "来源")] == [code]


def test_portions_are_read_as_people_write_them() -> None:
    assert parse_portion("40%") == Portion("2/5")
    assert parse_portion(" 1 / 3 ") == Portion("1/3")
    assert parse_portion("33.33％") == Portion("3333/10000")
    assert parse_portion("100,000") == Portion(fen=100_000_00)
    assert [portion_words(parse_portion(text)) for text in ("40%", "1/3", "500")] == [
        "40%",
        "1/3",
        "500.00 元",
    ]
    for wrong in ("1/0", "0%", "150%", "-5", "0", "一半"):
        with pytest.raises(ValueError):
            parse_portion(wrong)


@given(st.dictionaries(st.sampled_from(["government", "society", "owners", "opening"]), fens, min_size=1))
def test_what_an_entry_says_it_was_paid_from_can_be_read_again(parts: dict[str, int]) -> None:
    assert read_parts(parts_text(parts)) == parts


def test_floors_are_read_from_the_number_of_a_home() -> None:
    assert [floor_of(unit) for unit in ("03-2-1201", "1-101", "07-1-0602", "商铺A")] == [12, 1, 6, None]


def test_a_floor_without_a_factor_is_named() -> None:
    with pytest.raises(Refused) as caught:
        apportion(Sharing(Scope("all"), "floor", ((1, 0),)), units([(1, 1, 90_00), (4, 1, 90_00)]), 100)
    assert caught.value.codes == {"no_factor"}
    assert "第 4 层" in str(caught.value)


def test_a_floor_of_factor_nought_bears_nothing() -> None:
    parts = apportion(
        Sharing(Scope("all"), "floor", ((1, 0), (2, 1))), units([(1, 1, 90_00), (2, 1, 90_00)]), 100
    )
    assert [(part.unit, part.amount) for part in parts] == [("05-1-0201", 100)]


@given(st.lists(st.tuples(st.integers(1, 6), fens), min_size=1, max_size=30))
def test_the_public_never_sees_fewer_than_five_homes_together(rows: list[tuple[int, int]]) -> None:
    parts = [Part(f"u{no}", f"{building:02d}", 1, 1, fen) for no, (building, fen) in enumerate(rows)]
    groups = by_building(parts, {})
    assert all(group.homes >= 5 for group in groups)
    if len(parts) >= 5:
        assert sum(group.amount for group in groups) == sum(part.amount for part in parts)
    else:
        assert groups == []
