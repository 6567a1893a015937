"""Who bears what: by area to the fen, together exactly the bill, nobody beyond what was decided."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import Refused
from ledger.maintenance.apportion import apportion
from ledger.maintenance.interest import money_days
from ledger.maintenance.scope import Home

areas = st.lists(st.integers(1, 300_00), min_size=1, max_size=40)


def homes_of(sizes: list[int]) -> list[Home]:
    return [Home(f"U{no:03d}", area) for no, area in enumerate(sizes)]


@given(areas, st.integers(1, 10**9))
def test_parts_by_area_add_up_to_the_bill_and_are_within_a_fen_of_their_share(
    sizes: list[int], fen: int
) -> None:
    homes = homes_of(sizes)
    parts = apportion(homes, {}, fen, "advance")
    assert sum(part.share for part in parts) == fen
    whole = sum(sizes)
    assert all(abs(part.share * whole - fen * part.area) < whole for part in parts)


@given(st.data())
def test_a_shortage_that_others_bear_takes_nobody_below_nothing(data: st.DataObject) -> None:
    homes = homes_of(data.draw(areas))
    have = {home.unit: data.draw(st.integers(-1000, 10**6)) for home in homes}
    able = sum(max(0, fen) for fen in have.values())
    fen = data.draw(st.integers(1, 2 * 10**6))
    if able < fen:
        with pytest.raises(Refused, match="不够支付"):
            apportion(homes, have, fen, "spread")
        return
    parts = apportion(homes, have, fen, "spread")
    assert sum(part.share for part in parts) == fen
    assert all(0 <= part.share <= max(0, have[part.unit]) for part in parts)


@given(st.data())
def test_spreading_changes_nothing_where_nobody_is_short(data: st.DataObject) -> None:
    homes = homes_of(data.draw(areas))
    fen = data.draw(st.integers(1, 10**6))
    rich = dict.fromkeys((home.unit for home in homes), 10**6)
    assert apportion(homes, rich, fen, "spread") == apportion(homes, rich, fen, "refuse")


@given(areas, st.integers(1, 10**7), st.integers(-100, 10**6))
def test_what_a_unit_lacks_is_its_part_less_what_it_has(sizes: list[int], fen: int, have: int) -> None:
    homes = homes_of(sizes)
    for part in apportion(homes, dict.fromkeys((h.unit for h in homes), have), fen, "refuse"):
        assert part.short == max(0, part.due - max(0, have))


FIRST = date(2025, 1, 1)
moves = st.lists(st.tuples(st.integers(-40, 60), st.integers(-500, 10**6)), max_size=8)


@given(moves, st.integers(0, 50))
def test_money_days_are_the_balances_of_all_days_added_up(drawn: list[tuple[int, int]], length: int) -> None:
    movements = [(FIRST + timedelta(days=day), fen) for day, fen in drawn]
    until = FIRST + timedelta(days=length)
    slow = sum(
        sum(fen for day, fen in movements if day <= FIRST + timedelta(days=n)) for n in range(length + 1)
    )
    assert money_days(movements, FIRST, until) == max(0, slow)
