"""A month's charges are one entry, exact to the fen, and never charged twice."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select

from ledger.balances import balances_by, resolve_clock
from ledger.billing import charge_parking, charge_property_fee, record_fee_standard, use_prepayments
from ledger.errors import Refused
from ledger.journal import Draft, Line, post
from ledger.journal.read import read_entry
from ledger.journal.sealing import detail_leaf
from ledger.log.store import read_leaf
from ledger.log.tree import Frontier, leaf_hash
from ledger.store.engine import reading, writing
from ledger.store.tables import entry, posting_detail
from ledger.trust import Unit, add_units
from tests.conftest import Queries
from tests.ledger.books import PREPARER, REVIEWER, TODAY, act, cash, draft, line, open_books

PEOPLE = {"preparer": PREPARER, "reviewer": REVIEWER}
AREAS = {"9-101": 8_915, "9-102": 12_033, "9-103": 101}


def community(engine: Engine) -> int:
    """Books with three more homes and a fee of 1.98 yuan per m²."""
    books = open_books(engine)
    with writing(engine) as conn:
        add_units(conn, books.trust_id, [Unit(code, "9", "home", area) for code, area in AREAS.items()])
        record_fee_standard(
            conn, books.trust_id, "home", 19_800, effective_on=date(2024, 1, 1), authority="业决〔2024〕1号"
        )
    return books.trust_id


def owed(engine: Engine, trust_id: int, account: str = "112201") -> dict[str, int]:
    with reading(engine) as conn:
        clock = resolve_clock(conn, trust_id, today=TODAY)
        return {
            unit: totals.balance
            for unit, totals in balances_by(conn, trust_id, "A", account, "unit", clock).items()
            if totals.balance
        }


def test_each_home_owes_area_times_rate_rounded_half_up(engine: Engine) -> None:
    trust_id = community(engine)
    with writing(engine) as conn:
        charge_property_fee(conn, trust_id, 202503, **PEOPLE, act=act())
    due = owed(engine, trust_id)
    # 89.15 m² × 1.98 = 176.517; 120.33 × 1.98 = 238.2534; 1.01 × 1.98 = 1.9998
    assert {unit: due[unit] for unit in AREAS} == {"9-101": 17_652, "9-102": 23_825, "9-103": 200}


def test_the_run_is_one_entry_and_a_second_run_is_the_same_entry(engine: Engine) -> None:
    trust_id = community(engine)
    with writing(engine) as conn:
        first = charge_property_fee(conn, trust_id, 202503, **PEOPLE, act=act())
        again = charge_property_fee(conn, trust_id, 202503, **PEOPLE, act=act())
        count = conn.execute(select(func.count()).select_from(entry)).scalar_one()
    assert (again.ref, again.already, count) == (first.ref, True, 1)


def test_a_household_can_prove_its_part_and_the_leaf_names_no_one(engine: Engine) -> None:
    trust_id = community(engine)
    with writing(engine) as conn:
        posted = charge_property_fee(conn, trust_id, 202503, **PEOPLE, act=act())
    with reading(engine) as conn:
        stored = read_entry(conn, trust_id, posted.seq)
        leaf = read_leaf(conn, trust_id, posted.seq).decode()
    assert stored.salt is not None
    assert not any(code in leaf for code in AREAS)
    tree = Frontier()
    for number, detail in enumerate(stored.draft.lines[0].details, start=1):
        tree.append(leaf_hash(detail_leaf(stored.salt, 1, number, detail)))
    assert tree.root().hex() in leaf


def test_ten_thousand_units_cost_no_query_each(
    engine: Engine, count_queries: Callable[[Engine], AbstractContextManager[Queries]]
) -> None:
    trust_id = community(engine)
    with writing(engine) as conn:
        add_units(conn, trust_id, [Unit(f"{n}", "8", "home", 9_000 + n) for n in range(10_000)])
    with writing(engine) as conn, count_queries(engine) as queries:
        charge_property_fee(conn, trust_id, 202503, **PEOPLE, act=act())
    queries.expect_at_most(30)
    with reading(engine) as conn:
        rows = conn.execute(select(func.count()).select_from(posting_detail)).scalar_one()
    assert rows >= 20_000


def test_a_use_without_a_fee_standard_is_refused_by_name(engine: Engine) -> None:
    trust_id = community(engine)
    with writing(engine) as conn:
        add_units(conn, trust_id, [Unit("9-S1", "9", "shop", 5_000)])
    with pytest.raises(Refused, match=r"商铺.*收费标准.*请先登记"), writing(engine) as conn:
        charge_property_fee(conn, trust_id, 202503, **PEOPLE, act=act())


def test_prepayments_settle_what_is_owed_and_no_more(engine: Engine) -> None:
    trust_id = community(engine)
    paid = {"9-101": 10_000, "9-102": 99_999}
    with writing(engine) as conn:
        for unit, fen in paid.items():
            ahead: Draft = draft(
                "E04a",
                [cash("D", fen), line("C", "220301", fen, unit=unit)],
                "bank_line",
                date=date(2025, 2, 1),
            )
            post(conn, trust_id, ahead, act())
        charge_property_fee(conn, trust_id, 202503, **PEOPLE, act=act())
        use_prepayments(conn, trust_id, 202503, **PEOPLE, act=act())
        assert use_prepayments(conn, trust_id, 202504, **PEOPLE, act=act()) is None
    due, ahead_left = owed(engine, trust_id), owed(engine, trust_id, "220301")
    assert due.get("9-101") == 17_652 - 10_000
    assert "9-102" not in due
    assert ahead_left == {"9-102": -(99_999 - 23_825)}


def test_what_was_paid_or_given_back_since_is_not_settled_from_prepayments_as_well(engine: Engine) -> None:
    trust_id = community(engine)
    first, later = date(2025, 2, 1), date(2025, 3, 5)
    with writing(engine) as conn:
        for unit in ("9-101", "9-102"):
            lines = [cash("D", 10_000), line("C", "220301", 10_000, unit=unit)]
            post(conn, trust_id, draft("E04a", lines, "bank_line", date=first), act())
        charge_property_fee(conn, trust_id, 202503, **PEOPLE, act=act())
        paid = [cash("D", 17_652), line("C", "112201", 17_652, unit="9-101")]
        post(conn, trust_id, draft("E02", paid, "bank_line", date=later), act())
        returned = [line("D", "220301", 10_000, unit="9-102"), cash("C", 10_000)]
        post(conn, trust_id, draft("E06", returned, "receipt", date=later), act())
        assert use_prepayments(conn, trust_id, 202503, **PEOPLE, act=act()) is None


def test_parking_is_owed_by_unit(engine: Engine) -> None:
    trust_id = community(engine)
    with writing(engine) as conn:
        charge_parking(conn, trust_id, 202503, {"9-101": 150_00}, authority="停车协议", **PEOPLE, act=act())
    assert owed(engine, trust_id, "112202") == {"9-101": 150_00}


@given(area=st.integers(1, 10**7), rate=st.integers(1, 10**6))
def test_the_fee_is_within_half_a_fen_of_the_exact_product(area: int, rate: int) -> None:
    fen = (area * rate * 2 + 10_000) // 20_000
    assert abs(fen * 10_000 - area * rate) * 2 <= 10_000


def test_a_line_with_details_needs_them_to_add_up(engine: Engine) -> None:
    trust_id = community(engine)
    wrong = draft(
        "E01",
        [Line("112201", "F1", "D", 100, unit="9-101"), Line("400101", "F1", "C", 100)],
        "charge_list",
        references={"fee_standard": "x"},
    )
    with pytest.raises(Refused, match="须写明房号"), writing(engine) as conn:
        post(conn, trust_id, wrong, act())
