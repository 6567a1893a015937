"""Who owns a unit is answered for any day, however often it changed hands and in whatever order it was told."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from ledger.errors import Refused
from ledger.store.engine import reading, writing
from ledger.trust.owner_register import Person, add_person, change_contact, erase_contact
from ledger.trust.owners import (
    ERASED,
    holdings,
    owners_of,
    owners_on,
    tenants_on,
    title_history,
)
from ledger.trust.titles import NewTenancy, NewTitle, record_tenancies, record_title
from tests.ledger.books import TODAY, Books, act, open_books, some

FIRST = date(2020, 1, 1)
UNIT = "1-101"


def people(books: Books, *names: str) -> list[str]:
    with writing(books.engine) as conn:
        return [
            add_person(conn, books.trust_id, Person("", "person", name, f"139{n:08d}"), act())
            for n, name in enumerate(names)
        ]


def give(books: Books, shares: dict[str, Fraction], day: date = FIRST, **more: Any) -> None:
    values: dict[str, Any] = {"unit": UNIT, "reason": "sale", "authority": "川（2025）不动产权第1号"} | more
    with writing(books.engine) as conn:
        title = NewTitle(values["unit"], day, values["reason"], values["authority"], shares)
        record_title(conn, books.trust_id, title, signature="会计甲", act=act())


def owned_by(books: Books, day: date, unit: str = UNIT) -> dict[str, Fraction]:
    with reading(books.engine) as conn:
        return {share.owner: share.share for share in owners_on(conn, books.trust_id, unit, day)}


def test_a_sold_home_belongs_to_the_buyer_from_the_day_and_to_the_seller_until_the_day_before(
    engine: Engine,
) -> None:
    books = open_books(engine)
    seller, buyer = people(books, "张三", "李四")
    give(books, {seller: Fraction(1)}, reason="first", authority="")
    give(books, {buyer: Fraction(1)}, date(2025, 6, 16))
    assert owned_by(books, FIRST - timedelta(1)) == {}
    assert owned_by(books, date(2025, 6, 15)) == {seller: 1}
    assert owned_by(books, date(2025, 6, 16)) == {buyer: 1}
    with reading(engine) as conn:
        newest, oldest = title_history(conn, books.trust_id, UNIT)
    assert (oldest.starts_on, oldest.until, newest.until) == (FIRST, date(2025, 6, 15), None)


def test_one_person_with_two_homes_is_one_key(engine: Engine) -> None:
    books = open_books(engine)
    one, other = people(books, "张三", "李四")
    give(books, {one: Fraction(1, 3), other: Fraction(2, 3)})
    give(books, {one: Fraction(1)}, unit="1-102")
    with reading(engine) as conn:
        assert holdings(conn, books.trust_id, one, TODAY) == {UNIT: Fraction(1, 3), "1-102": Fraction(1)}


def test_a_mistake_is_put_right_by_a_later_record_of_the_same_day(engine: Engine) -> None:
    books = open_books(engine)
    wrong, right = people(books, "张三", "张山")
    give(books, {wrong: Fraction(1)}, reason="first")
    give(books, {right: Fraction(1)}, reason="correction", authority="不动产登记簿")
    assert owned_by(books, TODAY) == {right: 1}
    with reading(engine) as conn:
        now, before = title_history(conn, books.trust_id, UNIT)
    assert (now.replaced, before.replaced) == (False, True)


@given(data=st.data())
@some(0.3)
def test_any_history_answers_every_day_as_told(data: st.DataObject, shared: Books) -> None:
    """Titles told in any order: on each day holds the one with the latest first day, of one day the newest."""
    keys = people(shared, "甲", "乙", "丙")
    unit = data.draw(st.sampled_from(["1-101", "1-102", "2-201"]))
    told = data.draw(
        st.lists(
            st.tuples(st.integers(0, 12), st.lists(st.integers(1, 5), min_size=1, max_size=3)),
            min_size=1,
            max_size=6,
        )
    )
    with reading(shared.engine) as conn:
        model = [
            (t.starts_on, {s.owner: s.share for s in t.shares})
            for t in title_history(conn, shared.trust_id, unit)[::-1]
        ]
    for months, weights in told:
        day = FIRST + timedelta(days=31 * months)
        shares = {key: Fraction(weight, sum(weights)) for key, weight in zip(keys, weights, strict=False)}
        if owned_by(shared, day, unit) == shares:
            continue
        give(shared, shares, day, unit=unit)
        model.append((day, shares))
    for months in range(-1, 14):
        day = FIRST + timedelta(days=31 * months)
        begun = [(starts_on, no, shares) for no, (starts_on, shares) in enumerate(model) if starts_on <= day]
        wanted = max(begun, key=lambda entry: entry[:2])[2] if begun else {}
        assert owned_by(shared, day, unit) == wanted
        assert sum(wanted.values(), Fraction(0)) in (0, 1)


@pytest.fixture(scope="module", params=["sqlite"])
def shared(databases: Any, request: pytest.FixtureRequest) -> Any:
    from ledger.store.engine import open_engine

    with databases.database(request.param) as database:
        engine = open_engine(database.url)
        yield open_books(engine)
        engine.dispose()


@pytest.mark.parametrize(
    ("shares", "code"),
    [
        ([], "no_owner"),
        ([Fraction(1, 2)], "shares_not_whole"),
        ([Fraction(1, 3), Fraction(1, 3)], "shares_not_whole"),
        ([Fraction(3, 2), Fraction(-1, 2)], "shares_not_whole"),
    ],
)
def test_shares_that_are_not_the_whole_are_refused(engine: Engine, shares: list[Fraction], code: str) -> None:
    books = open_books(engine)
    keys = people(books, "张三", "李四")
    with pytest.raises(Refused) as refused:
        give(books, dict(zip(keys, shares, strict=False)))
    assert code in refused.value.codes
    assert owned_by(books, TODAY) == {}


def test_a_transfer_says_what_it_rests_on_and_changes_something(engine: Engine) -> None:
    books = open_books(engine)
    (one,) = people(books, "张三")
    give(books, {one: Fraction(1)}, reason="first", authority="")
    for changes, code in (
        ({"authority": " "}, "no_authority"),
        ({"reason": "bought"}, "bad_reason"),
        ({"unit": "9-999"}, "unknown_unit"),
        ({"day": TODAY + timedelta(days=400)}, "far_future"),
        ({}, "nothing_changed"),
    ):
        with pytest.raises(Refused) as refused:
            give(books, {one: Fraction(1)}, **({"day": FIRST} | changes))
        assert code in refused.value.codes
    with pytest.raises(Refused) as refused:
        give(books, {"Y99999": Fraction(1)})
    assert refused.value.codes == {"unknown_owner"}


def test_contact_data_can_be_changed_and_erased_while_the_history_stays(engine: Engine) -> None:
    books = open_books(engine)
    (one,) = people(books, "张三")
    give(books, {one: Fraction(1)})
    with writing(engine) as conn:
        change_contact(conn, books.trust_id, Person(one, "person", "张三丰", "13800000000", "武当山"), act())
    with reading(engine) as conn:
        assert owners_on(conn, books.trust_id, UNIT, TODAY)[0].name == "张三丰"
    with writing(engine) as conn:
        erase_contact(conn, books.trust_id, one)
    with reading(engine) as conn:
        (share,) = owners_on(conn, books.trust_id, UNIT, TODAY)
    assert (share.owner, share.name, share.share) == (one, ERASED, 1)


def test_a_tenancy_is_ended_by_a_later_record(engine: Engine) -> None:
    books = open_books(engine)
    (tenant,) = people(books, "王五")
    for ends_on in (None, date(2025, 5, 31)):
        with writing(engine) as conn:
            record_tenancies(
                conn, books.trust_id, [NewTenancy(UNIT, tenant, date(2025, 3, 1), ends_on)], act()
            )
    with reading(engine) as conn:
        assert [t.name for t in tenants_on(conn, books.trust_id, date(2025, 5, 31))] == ["王五"]
        assert tenants_on(conn, books.trust_id, date(2025, 6, 1)) == []
        assert tenants_on(conn, books.trust_id, date(2025, 2, 28)) == []


def test_owners_of_all_units_are_one_query(engine: Engine, count_queries: Any) -> None:
    books = open_books(engine)
    keys = people(books, "张三", "李四", "王五")
    for unit, key in zip(("1-101", "1-102", "2-201"), keys, strict=True):
        give(books, {key: Fraction(1)}, unit=unit)
    with reading(engine) as conn, count_queries(engine) as queries:
        assert len(owners_of(conn, books.trust_id, TODAY)) == 3
    queries.expect_at_most(1)
