"""Who may be what: roles given, taken back, for a time, in several trusts, and never two that clash."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count

import pytest
from sqlalchemy import Engine

from ledger.errors import Refused
from ledger.people import Actor, Forbidden, Role, actions, require
from ledger.people.accounts import Person, create_person, find_account
from ledger.people.members import (
    actor_of,
    grant,
    list_grants,
    membership,
    memberships,
    revoke,
    roles_of,
    trusts_of,
)
from ledger.store.engine import reading, writing
from ledger.store.tables import INSTALLATION
from tests.ledger.books import TODAY, Books, act, open_books

_accounts = count(1)
MONEY = {Role.PREPARER, Role.REVIEWER, Role.CASHIER, Role.COMMITTEE, Role.CHAIR}
TRUSTEE = {Role.PREPARER, Role.REVIEWER, Role.CASHIER}
ABOVE = {Role.PARTY, Role.STREET}
OWNERS = {Role.COMMITTEE, Role.CHAIR, Role.SUPERVISOR}
TWO_ROLES = [(one, other) for one in Role for other in Role if one < other]


@pytest.fixture
def books(engine: Engine) -> Books:
    return open_books(engine)


def someone(engine: Engine) -> Person:
    with writing(engine) as conn:
        return create_person(conn, f"person-{next(_accounts)}", "某人", by="测试", act=act())


def give(books: Books, person: Person, role: Role, **more: object) -> None:
    with writing(books.engine) as conn:
        home = {"unit": "1-101"} if role in {Role.RESIDENT, Role.TENANT} else {}
        grant(conn, books.trust_id, person.person, role, by="测试", act=act(), **(home | more))  # type: ignore[arg-type]


def take(books: Books, person: Person, role: Role, unit: str = "") -> None:
    with writing(books.engine) as conn:
        revoke(conn, books.trust_id, person.person, role, by="测试", act=act(), unit=unit)


def held(books: Books, person: Person, on: date = TODAY) -> frozenset[Role]:
    with reading(books.engine) as conn:
        return roles_of(conn, person.person, books.trust_id, on)


def clash(one: Role, other: Role) -> bool:
    pair = {one, other}
    return bool((Role.OPERATOR in pair and pair & MONEY) or (pair & TRUSTEE and pair & (OWNERS | ABOVE)))


@pytest.mark.db("sqlite")
def test_roles_that_must_not_meet_in_one_person(books: Books) -> None:
    for one, other in [*TWO_ROLES, *((b, a) for a, b in TWO_ROLES)]:
        person = someone(books.engine)
        give(books, person, one)
        if not clash(one, other):
            give(books, person, other)
            assert held(books, person) == {one, other}
            continue
        with pytest.raises(Refused) as refused:
            give(books, person, other)
        assert refused.value.codes == {"roles_apart"}
        assert "否则" in str(refused.value), "it says why"
        assert held(books, person) == {one}


def test_a_clash_is_over_when_the_other_role_is_taken_back(books: Books) -> None:
    person = someone(books.engine)
    give(books, person, Role.CASHIER)
    take(books, person, Role.CASHIER)
    give(books, person, Role.CHAIR)
    assert held(books, person) == {Role.CHAIR}


def test_a_role_that_begins_later_clashes_already_and_one_that_ended_does_not(books: Books) -> None:
    person = someone(books.engine)
    give(books, person, Role.CHAIR, from_day=TODAY + timedelta(days=30))
    with pytest.raises(Refused):
        give(books, person, Role.PREPARER)
    give(books, person, Role.CHAIR, from_day=TODAY - timedelta(days=30), until_day=TODAY - timedelta(days=1))
    give(books, person, Role.PREPARER)
    assert held(books, person) == {Role.PREPARER}


def test_a_role_holds_from_its_first_day_through_its_last(books: Books) -> None:
    person = someone(books.engine)
    first, last = TODAY + timedelta(days=2), TODAY + timedelta(days=4)
    give(books, person, Role.COMMITTEE, from_day=first, until_day=last)
    days = [TODAY + timedelta(days=n) for n in range(7)]
    assert [day for day in days if held(books, person, day)] == days[2:5]


def test_a_term_that_ends_before_it_begins_is_refused(books: Books) -> None:
    with pytest.raises(Refused) as refused:
        give(books, someone(books.engine), Role.CHAIR, until_day=TODAY - timedelta(days=1))
    assert refused.value.codes == {"bad_days"}


def test_taking_back_works_at_once_and_only_once(books: Books) -> None:
    person = someone(books.engine)
    give(books, person, Role.REVIEWER)
    take(books, person, Role.REVIEWER)
    assert held(books, person) == frozenset()
    with pytest.raises(Refused) as refused:
        take(books, person, Role.REVIEWER)
    assert refused.value.codes == {"not_held"}
    give(books, person, Role.REVIEWER)
    assert held(books, person) == {Role.REVIEWER}


def test_a_resident_belongs_to_homes_that_exist(books: Books) -> None:
    person = someone(books.engine)
    for unit, code in (("", "unknown_unit"), ("9-999", "unknown_unit")):
        with pytest.raises(Refused) as refused:
            give(books, person, Role.RESIDENT, unit=unit)
        assert refused.value.codes == {code}
    with pytest.raises(Refused) as refused:
        give(books, person, Role.CHAIR, unit="1-101")
    assert refused.value.codes == {"unit_not_wanted"}
    give(books, person, Role.RESIDENT, unit="1-102")
    give(books, person, Role.RESIDENT, unit="1-101")
    with reading(books.engine) as conn:
        assert membership(conn, person.person, 1, TODAY).units == ("1-101", "1-102")
    take(books, person, Role.RESIDENT, "1-102")
    with reading(books.engine) as conn:
        assert membership(conn, person.person, 1, TODAY).units == ("1-101",)


def test_a_home_one_only_rents_is_not_a_home_one_decides_for(books: Books) -> None:
    person = someone(books.engine)
    give(books, person, Role.RESIDENT, unit="1-102")
    give(books, person, Role.TENANT, unit="1-101")
    with reading(books.engine) as conn:
        held = membership(conn, person.person, 1, TODAY)
        actor = actor_of(conn, person, 1, origin="", on=TODAY)
    assert (held.units, held.rented, held.homes) == (("1-102",), ("1-101",), ("1-101", "1-102"))
    assert actor.units == ("1-102",)


def test_a_home_may_have_several_owners_and_a_tenant(books: Books) -> None:
    owners = [someone(books.engine) for _ in range(3)]
    for person, role in zip(owners, (Role.RESIDENT, Role.RESIDENT, Role.TENANT), strict=True):
        give(books, person, role)
    with reading(books.engine) as conn:
        grants = list_grants(conn, 1, [Role.RESIDENT, Role.TENANT], unit="1-101")
    assert {item.person for item in grants} == set(owners)


def test_a_person_may_be_something_else_in_another_trust(engine: Engine) -> None:
    here, there = open_books(engine, 1), open_books(engine, 2)
    person = someone(engine)
    give(here, person, Role.CASHIER)
    give(there, person, Role.CHAIR)
    with reading(engine) as conn:
        assert trusts_of(conn, person.person) == [1, 2]
        both = memberships(conn, person.person, [1, 2, 3], TODAY)
    assert [both[trust].roles for trust in (1, 2, 3)] == [{Role.CASHIER}, {Role.CHAIR}, frozenset()]


def test_the_installation_has_operators_and_nobody_else(engine: Engine) -> None:
    person = someone(engine)
    with writing(engine) as conn:
        grant(conn, INSTALLATION, person.person, Role.OPERATOR, by="测试", act=act())
    for role in (Role.CHAIR, Role.SUPERVISOR):
        with pytest.raises(Refused) as refused, writing(engine) as conn:
            grant(conn, INSTALLATION, person.person, role, by="测试", act=act())
        assert "installation_role" in refused.value.codes
    with reading(engine) as conn:
        assert roles_of(conn, person.person, INSTALLATION, TODAY) == {Role.OPERATOR}


def test_grants_are_listed_page_by_page_without_gaps(books: Books) -> None:
    people = [someone(books.engine) for _ in range(7)]
    for person in people:
        give(books, person, Role.RESIDENT)
    shown, after = [], ("", "", "")
    with reading(books.engine) as conn:
        while page := list_grants(conn, 1, after=after, limit=3):
            shown += [item.person.person for item in page]
            after = (page[-1].unit, page[-1].person.person, page[-1].role.value)
    assert sorted(shown) == sorted(person.person for person in people)


def test_an_account_name_is_one_persons_however_it_is_typed(engine: Engine) -> None:
    with writing(engine) as conn:
        made = create_person(conn, " Wang.Li ", "王丽", by="测试", act=act())
        assert made.account == "wang.li"
        assert find_account(conn, "ＷＡＮＧ.li") == made
    for account, code in (("WANG.LI", "account_taken"), ("王丽", "bad_account"), ("ab", "bad_account")):
        with pytest.raises(Refused) as refused, writing(engine) as conn:
            create_person(conn, account, "王丽", by="测试", act=act())
        assert refused.value.codes == {code}


def test_a_name_must_be_a_name(engine: Engine) -> None:
    for name in ("", "  ", "长" * 33, "换\n行"):
        with pytest.raises(Refused) as refused, writing(engine) as conn:
            create_person(conn, "somebody", name, by="测试", act=act())
        assert refused.value.codes == {"bad_name"}


# --- Permissions --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", Role)
def test_nobody_may_more_than_the_table_says(role: Role) -> None:
    actor = Actor("p", "某人", frozenset({role}))
    for name, action in actions().items():
        asked = action.roles | ({Role.CHAIR} if Role.COMMITTEE in action.roles else set())
        assert actor.may(name) == (role in asked)
        if role not in asked:
            with pytest.raises(Forbidden, match=action.title):
                require(actor, name)


def test_the_operator_never_touches_money() -> None:
    works = [name for name, action in actions().items() if Role.OPERATOR in action.roles]
    assert works, "the operator has something to do"
    assert not [name for name in works if name.startswith("work.") or name.endswith(".prepare")]


def test_preparing_reviewing_and_paying_are_three_roles() -> None:
    only = {"work.prepare": Role.PREPARER, "work.review": Role.REVIEWER, "work.pay": Role.CASHIER}
    assert {name: set(actions()[name].roles) for name in only} == {
        name: {role} for name, role in only.items()
    }


def test_a_stranger_may_nothing() -> None:
    assert not any(Actor("p", "某人", frozenset()).may(name) for name in actions())
