"""One-time codes: for one role or home, once, for a time; and a new start for a forgotten password."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from ledger.errors import Refused
from ledger.people import Role
from ledger.people.accounts import Person, create_person, find_account
from ledger.people.invitations import (
    cancel_invitation,
    find_invitation,
    hash_code,
    invite,
    invite_homes,
    new_code,
    offer_recovery,
    open_invitations,
    use_invitation,
)
from ledger.people.members import grant, membership
from ledger.store.engine import reading, writing
from ledger.store.tables import invitation
from tests.ledger.books import TODAY, act, open_books
from tests.office.conftest import PASSWORD, OfficeSite

CODE = re.compile(r"\b[A-Z2-9]{4}(?:-[A-Z2-9]{4}){3}\b")
NEW = "从信箱里来的密码 88"


def shown_code(page: str) -> str:
    found = CODE.search(page)
    assert found is not None, page
    return found[0]


def join(office: OfficeSite, code: str, account: str, client: Any = None, **more: str) -> Any:
    fields = {"code": code, "account": account, "name": "新来的", "password": NEW, "again": NEW} | more
    return office.post(client or office.anyone(), "/invite/join", page="/invite", **fields)


def someone(engine: Engine, account: str) -> Person:
    with writing(engine) as conn:
        return create_person(conn, account, "某人", by="测试", act=act())


# --- Codes --------------------------------------------------------------------------------------------------


@given(st.binary(min_size=10, max_size=10), st.binary(min_size=10, max_size=10))
def test_codes_hold_all_their_random_bits(first: bytes, second: bytes) -> None:
    codes = [new_code(lambda _, data=data: data) for data in (first, second)]
    assert all(CODE.fullmatch(code) for code in codes)
    assert (codes[0] == codes[1]) == (first == second)


@pytest.mark.parametrize(
    "typed", ["abcdefghjklmnpqr", " ABCD-EFGH JKLM—NPQR ", "ＡＢＣＤ－ＥＦＧＨ－ＪＫＬＭ－ＮＰＱＲ"]
)
def test_a_code_may_be_typed_in_any_way(typed: str) -> None:
    assert hash_code(typed) == hash_code("ABCD-EFGH-JKLM-NPQR")


def test_the_database_holds_no_code(engine: Engine) -> None:
    open_books(engine)
    with writing(engine) as conn:
        code = invite(conn, 1, Role.PREPARER, by="p", act=act(), label="王会计")
        assert code.replace("-", "") not in repr(conn.execute(select(invitation)).all()).replace("-", "")


def test_a_code_works_once_even_when_two_try(engine: Engine) -> None:
    open_books(engine)
    first, second = someone(engine, "first"), someone(engine, "second")
    with writing(engine) as conn:
        code = invite(conn, 1, Role.CASHIER, by="p", act=act(), label="出纳")
        found = find_invitation(conn, code, act().now)
        use_invitation(conn, found, first, act())
    with pytest.raises(Refused) as refused, writing(engine) as conn:
        use_invitation(conn, found, second, act())
    assert refused.value.codes == {"code_used"}
    with reading(engine) as conn:
        assert membership(conn, first.person, 1, TODAY).roles == {Role.CASHIER}
        assert membership(conn, second.person, 1, TODAY).roles == frozenset()
        with pytest.raises(Refused, match="已经用过"):
            find_invitation(conn, code, act().now)


@pytest.mark.parametrize(("days", "works"), [(0, True), (6, True), (7, False), (400, False)])
def test_a_code_for_staff_works_for_a_week(engine: Engine, days: int, works: bool) -> None:
    open_books(engine)
    later = act(TODAY + timedelta(days=days)).now
    with writing(engine) as conn:
        code = invite(conn, 1, Role.CASHIER, by="p", act=act(), label="出纳")
        assert bool(open_invitations(conn, 1, later)) == works
        if works:
            assert find_invitation(conn, code, later).role is Role.CASHIER
        else:
            with pytest.raises(Refused, match="已经过期"):
                find_invitation(conn, code, later)


def test_a_withdrawn_code_is_as_good_as_none(engine: Engine) -> None:
    open_books(engine, 1)
    open_books(engine, 2)
    with writing(engine) as conn:
        code = invite(conn, 1, Role.CASHIER, by="p", act=act(), label="出纳")
        with pytest.raises(Refused):
            cancel_invitation(conn, 2, hash_code(code), act())
        cancel_invitation(conn, 1, hash_code(code), act())
        problems = []
        for typed in (code, "ABCD-EFGH-JKLM-NPQR", ""):
            with pytest.raises(Refused) as refused:
                find_invitation(conn, typed, act().now)
            problems.append(str(refused.value))
        assert len(set(problems)) == 1
        with pytest.raises(Refused):
            cancel_invitation(conn, 1, hash_code(code), act())


@pytest.mark.parametrize(
    ("role", "unit", "label", "code"),
    [
        (Role.RESIDENT, "", "王", "unit_and_role"),
        (Role.RESIDENT, "9-999", "王", "unknown_unit"),
        (Role.CASHIER, "1-101", "王", "unit_and_role"),
        (Role.CASHIER, "", "", "no_label"),
        (Role.CASHIER, "", "王" * 33, "too_long"),
    ],
)
def test_an_invitation_must_say_whom_it_is_for(
    engine: Engine, role: Role, unit: str, label: str, code: str
) -> None:
    open_books(engine)
    with pytest.raises(Refused) as refused, writing(engine) as conn:
        invite(conn, 1, role, by="p", act=act(), unit=unit, label=label)
    assert refused.value.codes == {code}


def test_new_letters_make_the_old_ones_worthless(engine: Engine) -> None:
    open_books(engine)
    with writing(engine) as conn:
        old = invite_homes(conn, 1, ["1-101", "1-102"], Role.RESIDENT, by="p", act=act(), copies=2)
        tenant = invite_homes(conn, 1, ["1-101"], Role.TENANT, by="p", act=act())
        use_invitation(conn, find_invitation(conn, old[0][1], act().now), someone_in(conn), act())
        new = invite_homes(conn, 1, ["1-101"], Role.RESIDENT, by="p", act=act())
        assert [unit for unit, _ in old] == ["1-101", "1-101", "1-102", "1-102"]
        works = []
        for _, code in [*old, *tenant, *new]:
            try:
                find_invitation(conn, code, act().now)
                works.append(True)
            except Refused:
                works.append(False)
        assert works == [False, False, True, True, True, True]


def someone_in(conn: Any) -> Person:
    return create_person(conn, "letter-reader", "某人", by="测试", act=act())


def test_letters_to_homes_that_do_not_exist_are_refused_all_at_once(engine: Engine) -> None:
    open_books(engine)
    with pytest.raises(Refused) as refused, writing(engine) as conn:
        invite_homes(conn, 1, ["1-101", "8-1", "8-2"], Role.RESIDENT, by="p", act=act())
    assert len(refused.value.problems) == 2
    with reading(engine) as conn:
        assert conn.execute(select(invitation)).first() is None


def test_inviting_a_thousand_homes_asks_the_database_a_few_times(engine: Engine, count_queries: Any) -> None:
    from ledger.trust import Unit, add_units

    open_books(engine)
    homes = [f"7-{n:04d}" for n in range(1000)]
    with writing(engine) as conn:
        add_units(conn, 1, [Unit(unit, "7", "home", 90_00) for unit in homes])
    with count_queries(engine) as queries, writing(engine) as conn:
        assert len(invite_homes(conn, 1, homes, Role.RESIDENT, by="p", act=act())) == 1000
    queries.expect_at_most(5)


# --- Pages --------------------------------------------------------------------------------------------------


def test_a_code_opens_an_account_with_the_role_it_names(office: OfficeSite) -> None:
    operator = office.client("operator")
    page = office.post(operator, office.path("/people/invite"), role="preparer", label="新会计")
    code = shown_code(page.text)
    assert "data:image/svg+xml" in page.text
    assert "新会计" in operator.get(office.path("/people")).text
    client = office.anyone()
    answer = office.post(client, "/invite", page=f"/invite?code={code}", code=code.lower())
    assert "明和苑" in answer.text
    assert "制单会计" in answer.text
    answer = join(office, code, "xin-kuaiji", client)
    assert answer.headers["location"] == "/me"
    assert "制单会计" in client.get("/me").text
    assert client.get(office.path("/work-items")).headers["location"].startswith("/account/code")
    assert "新会计" not in operator.get(office.path("/people")).text.partition("还没用的邀请码")[2]
    again = join(office, code, "somebody-else")
    assert again.status_code == 422
    assert "已经用过" in again.text


def test_a_letter_binds_to_its_home(office: OfficeSite) -> None:
    operator = office.client("operator")
    answer = office.post(
        operator, office.path("/people/letters"), role="resident", copies="2", units="1-101，1-102"
    )
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "no-store"
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.content)).pages]
    assert len(pages) == 4
    assert [("1-101" in text, "1-102" in text) for text in pages] == [(True, False)] * 2 + [(False, True)] * 2
    codes = [shown_code(text) for text in pages]
    assert len(set(codes)) == 4
    client = office.anyone()
    assert join(office, codes[2], "yezhu-102", client).status_code == 303
    assert "业主（1-102）" in client.get("/me").text
    assert client.get(office.path()).status_code == 403, "a resident sees nothing of the office"
    assert "yezhu-102" in operator.get(office.path("/people/homes?unit=1-102")).text
    assert "yezhu-102" not in operator.get(office.path("/people/homes?unit=1-101")).text


def test_letters_for_a_whole_building(office: OfficeSite) -> None:
    operator = office.client("operator")
    answer = office.post(operator, office.path("/people/letters"), role="resident", copies="1", building="1")
    assert len(pypdf.PdfReader(io.BytesIO(answer.content)).pages) == 2
    for fields, words in (
        ({"role": "resident", "copies": "1"}, "请选一栋楼"),
        ({"role": "resident", "copies": "0", "building": "1"}, "每户几封"),
        ({"role": "chair", "copies": "1", "building": "1"}, "没有“chair”这个选项"),
        ({"role": "resident", "copies": "1", "units": "7-7"}, "没有登记“7-7”"),
    ):
        answer = office.post(operator, office.path("/people/letters"), **fields)
        assert answer.status_code == 422
        assert words in answer.text


def test_a_code_can_be_added_to_an_account_one_has(office: OfficeSite) -> None:
    operator = office.client("operator")
    page = office.post(operator, office.path("/people/invite"), role="resident", unit="2-201")
    code, client = shown_code(page.text), office.client("tenant")
    offered = office.post(client, "/invite", page="/invite", code=code).text
    assert "加到这个账号" in offered
    client.known_csrf = None
    assert office.post(client, "/invite/accept", code=code).headers["location"] == "/me"
    assert "业主、租户（1-102、2-201）" in client.get("/me").text
    answer = office.post(client, "/invite/accept", code=code)
    assert "已经用过" in answer.text


def test_a_code_gives_no_role_that_clashes(office: OfficeSite) -> None:
    page = office.post(office.client("operator"), office.path("/people/invite"), role="chair", label="某人")
    code = shown_code(page.text)
    answer = office.post(office.client("cashier"), "/invite/accept", code=code)
    assert answer.status_code == 422
    assert "批自己的账" in answer.text
    assert join(office, code, "new-chair").status_code == 303, "the code was not spent"


def test_what_is_wrong_with_a_new_account_is_said_all_at_once(office: OfficeSite) -> None:
    page = office.post(office.client("operator"), office.path("/people/invite"), role="chair", label="某人")
    code = shown_code(page.text)
    answer = join(office, code, "new-chair", password="短", again="不同", name="")
    assert answer.status_code == 422
    for words in ("请填写姓名", "至少 10 个字符", "不一样"):
        assert words in answer.text
    assert 'value="new-chair"' in answer.text
    assert "短" not in answer.text.replace("至少", "")
    assert "已有人使用" in join(office, code, office.person("cashier").account).text


def test_codes_cannot_be_guessed_at_leisure(office: OfficeSite) -> None:
    client = office.anyone()
    wrong = "ABCD-EFGH-JKLM-NPQR"
    statuses = [office.post(client, "/invite", page="/invite", code=wrong).status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]


def test_an_account_is_logged_in_with_a_new_token(office: OfficeSite) -> None:
    page = office.post(office.client("operator"), office.path("/people/invite"), role="chair", label="某人")
    client = office.anyone()
    client.cookies.set("__Host-mingzhang", "planted", domain="mingzhang.example")
    join(office, shown_code(page.text), "new-chair", client)
    assert client.cookies["__Host-mingzhang"] != "planted"


# --- Forgotten passwords ------------------------------------------------------------------------------------


def test_the_operator_gives_a_new_start_but_no_way_past_the_phone(office: OfficeSite) -> None:
    victim = office.client("cashier")
    person = office.person("cashier")
    page = office.post(office.client("operator"), office.path("/people/recover"), person=person.person)
    code = shown_code(page.text)
    assert victim.get("/me").status_code == 200, "nothing happens until the code is used"
    client = office.anyone()
    assert person.account in office.post(client, "/invite", page="/invite", code=code).text
    assert join(office, code, "thief").status_code == 422, "it opens no new account"
    answer = office.post(client, "/invite/recover", page="/invite", code=code, password=NEW, again=NEW)
    assert answer.headers["location"] == "/login"
    assert victim.get("/me").status_code == 303, "every session ended"
    office.clock.forward(minutes=1)
    fields = {"page": "/login", "account": person.account}
    assert office.post(office.anyone(), "/login", password=PASSWORD, **fields).status_code == 422
    answer = office.post(office.anyone(), "/login", password=NEW, **fields)
    assert answer.headers["location"].startswith("/login/code"), "the second factor is still asked for"
    assert (
        office.post(client, "/invite/recover", page="/invite", code=code, password=NEW, again=NEW).status_code
        == 422
    )


def test_a_recovery_code_lasts_a_day_and_replaces_the_one_before(engine: Engine) -> None:
    open_books(engine)
    person = someone(engine, "forgetful")
    with writing(engine) as conn:
        old = offer_recovery(conn, 1, person, by="p", act=act())
        new = offer_recovery(conn, 1, person, by="p", act=act())
        assert find_invitation(conn, new, act().now).person == person.person
        for code, moment in ((old, act().now), (new, act().now + timedelta(days=1))):
            with pytest.raises(Refused):
                find_invitation(conn, code, moment)


def test_the_operator_of_one_community_cannot_take_over_people_of_another(office: OfficeSite) -> None:
    open_books(office.engine, 2)
    cashier, stranger = office.person("cashier"), someone(office.engine, "stranger")
    with writing(office.engine) as conn:
        grant(conn, 2, cashier.person, Role.CHAIR, by="测试", act=act())
    operator = office.client("operator")
    for path in ("/people/recover", "/people/log-out"):
        answer = office.post(operator, office.path(path), person=cashier.person)
        assert answer.status_code == 422
        assert "在别的小区也有身份" in answer.text
        answer = office.post(operator, office.path(path), person=stranger.person)
        assert "在本小区没有身份" in answer.text


def test_the_operator_takes_a_role_back_with_a_reason(office: OfficeSite) -> None:
    operator, person = office.client("operator"), office.person("cashier")
    path, fields = office.path("/people/revoke"), {"person": person.person, "role": "cashier"}
    assert "请填写原因" in office.post(operator, path, **fields).text
    answer = office.post(operator, path, reason="离职", **fields)
    assert "身份已收回" in office.follow(operator, answer).text
    assert person.account not in operator.get(office.path("/people")).text
    with reading(office.engine) as conn:
        assert find_account(conn, person.account) == person, "the account and what it signed stay"


def test_the_operator_does_not_remove_the_last_hand_on_the_door(office: OfficeSite) -> None:
    operator, person = office.client("operator"), office.person("operator")
    answer = office.post(
        operator, office.path("/people/revoke"), person=person.person, role="operator", reason="离职"
    )
    assert "不能收回自己的管理员身份" in answer.text
