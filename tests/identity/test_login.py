"""Log-in: nothing is given away, guessing is slow, and every stage has a token of its own."""

from __future__ import annotations

import logging
import time
from dataclasses import replace

import pytest
from sqlalchemy import Engine, select

from disclosure.identity.limits import BY_ACCOUNT, BY_ORIGIN, TOGETHER, count_try, forget_try
from disclosure.identity.passwords import hash_password
from ledger.errors import Refused
from ledger.people import Role
from ledger.people.credentials import read_credential, record_credential
from ledger.store.engine import reading, writing
from ledger.store.tables import login_attempt, metadata, session
from tests.ledger.books import act
from tests.office.conftest import PASSWORD, PUBLIC_URL, OfficeSite

COOKIE = "__Host-mingzhang"
WRONG = "错的密码也要够长"


def try_password(office: OfficeSite, client, account: str, password: str, **more: str):  # type: ignore[no-untyped-def]
    return office.post(client, "/login", page="/login", account=account, password=password, **more)


def test_a_resident_logs_in_with_a_password_alone(office: OfficeSite) -> None:
    client = office.anyone()
    answer = try_password(office, client, "resident-1", PASSWORD, next="/me")
    assert (answer.status_code, answer.headers["location"]) == (303, "/me")
    page = client.get("/me").text
    assert "明和苑" in page
    assert "业主（1-101）" in page


def test_the_account_may_be_typed_in_capitals(office: OfficeSite) -> None:
    assert try_password(office, office.anyone(), " RESIDENT-1", PASSWORD).status_code == 303


def test_unknown_account_and_wrong_password_look_alike(office: OfficeSite) -> None:
    pages = []
    for account in ("resident-1", "nobody-99"):
        answer = try_password(office, office.anyone(), account, WRONG)
        assert COOKIE not in answer.cookies
        pages.append((answer.status_code, answer.text.replace(account, "ACCOUNT")))
    tokens_out = [(status, text.split('name="csrf"')[0]) for status, text in pages]
    assert tokens_out[0] == tokens_out[1]
    assert pages[0][0] == 422
    assert "账号或密码不对" in pages[0][1]


def test_an_unknown_account_costs_a_hash_too(office: OfficeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    from argon2 import PasswordHasher

    verified: list[str] = []
    real = PasswordHasher.verify
    monkeypatch.setattr(PasswordHasher, "verify", lambda self, h, p: verified.append(h) or real(self, h, p))
    try_password(office, office.anyone(), "nobody-99", WRONG)
    assert len(verified) == 1


def test_what_is_typed_for_an_account_is_kept_nowhere(office: OfficeSite) -> None:
    """People type their password into the wrong field."""
    try_password(office, office.anyone(), "mima-in-the-wrong-field", WRONG)
    with office.engine.connect() as conn:
        for table in metadata.tables.values():
            assert "mima-in-the-wrong-field" not in repr(conn.execute(select(table)).all()), table.name


def test_a_hash_made_too_cheaply_is_made_again(office: OfficeSite) -> None:
    person = office.person("resident").person
    with writing(office.engine) as conn:
        old = hash_password(PASSWORD, (1, 16, 1))
        record_credential(conn, person, by="测试", act=office.act(), password_hash=old)
    for _ in range(2):
        assert try_password(office, office.anyone(), "resident-1", PASSWORD).status_code == 303
    with reading(office.engine) as conn:
        now = read_credential(conn, person)
    assert now is not None
    assert (now.version, "m=8,t=1,p=1" in now.password_hash) == (3, True)


def test_whoever_touches_money_sets_up_a_second_factor_first(office: OfficeSite) -> None:
    client = office.anyone()
    try_password(office, client, "cashier-1", PASSWORD)
    answer = client.get(office.path("/work-items"))
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/account/code?next={office.path('/work-items')}"
    page = client.get(answer.headers["location"]).text
    assert "data:image/svg+xml" in page
    assert client.get("/account/code").text.count('class="secret"') == 1
    answer = office.post(client, "/account/code", code="000000")
    assert answer.status_code == 422
    assert "动态码不对" in answer.text


@pytest.mark.parametrize("role", ["supervisor", "operator", "chair"])
def test_whoever_sees_or_opens_everything_sets_one_up_too(office: OfficeSite, role: str) -> None:
    client = office.anyone()
    account = office.person(role).account
    try_password(office, client, account, PASSWORD)
    assert client.get(office.path()).headers["location"].startswith("/account/code")


@pytest.mark.parametrize("role", ["party", "resident", "tenant"])
def test_who_only_looks_at_what_concerns_him_needs_none(office: OfficeSite, role: str) -> None:
    client = office.anyone()
    try_password(office, client, office.person(role).account, PASSWORD)
    assert "/account/code" not in client.get(office.path()).headers.get("location", "")


def test_the_second_factor_is_asked_for_ever_after(office: OfficeSite) -> None:
    office.client("cashier")
    office.clock.forward(minutes=1)
    client = office.anyone()
    answer = try_password(office, client, "cashier-1", PASSWORD, next=office.path("/work-items"))
    assert answer.headers["location"] == f"/login/code?next={office.path('/work-items')}"
    for closed in (office.path("/work-items"), "/account", "/me", "/account/code"):
        assert client.get(closed).headers["location"].startswith("/login/code"), closed
    answer = office.post(
        client, "/account/password", page="/login/code", old=PASSWORD, password=WRONG, again=WRONG
    )
    assert answer.status_code == 303, "half a log-in changes no password"
    assert answer.headers["location"] == "/login/code"
    answer = office.post(client, "/login/code", code=office.code("cashier"), next=office.path("/work-items"))
    assert answer.headers["location"] == office.path("/work-items")
    assert client.get(office.path("/work-items")).status_code == 200


def test_a_one_time_code_opens_one_session(office: OfficeSite) -> None:
    office.client("cashier")
    office.clock.forward(minutes=1)
    code = office.code("cashier")
    first, second = office.anyone(), office.anyone()
    for client in (first, second):
        try_password(office, client, "cashier-1", PASSWORD)
    assert office.post(first, "/login/code", code=code).status_code == 303
    answer = office.post(second, "/login/code", code=code)
    assert answer.status_code == 422
    assert "已经用过" in answer.text


def test_one_time_codes_cannot_be_guessed_at_leisure(office: OfficeSite) -> None:
    office.client("cashier")
    office.clock.forward(minutes=1)
    client = office.anyone()
    try_password(office, client, "cashier-1", PASSWORD)
    wrong = f"{(int(office.code('cashier')) + 1) % 1_000_000:06d}"
    statuses = [office.post(client, "/login/code", code=wrong).status_code for _ in range(TOGETHER + 1)]
    assert statuses == [422] * TOGETHER + [429]
    assert office.post(client, "/login/code", code=office.code("cashier")).status_code == 429
    office.clock.forward(minutes=16)
    assert office.post(client, "/login/code", code=office.code("cashier")).status_code == 303


def test_every_stage_has_a_token_of_its_own(office: OfficeSite) -> None:
    client = office.anyone()
    client.cookies.set(COOKIE, "planted-by-somebody", domain="mingzhang.example")
    tokens = [client.cookies[COOKIE]]
    try_password(office, client, "cashier-1", PASSWORD)
    tokens.append(client.cookies[COOKIE])
    office.set_up_code(client, Role.CASHIER)
    tokens.append(client.cookies[COOKIE])
    assert len(set(tokens)) == 3
    old = office.anyone()
    old.cookies.set(COOKIE, tokens[1], domain="mingzhang.example")
    assert old.get("/me").headers["location"].startswith("/login"), "the token of half a log-in is dead"


def test_the_cookie_is_for_this_site_and_for_no_script(office: OfficeSite) -> None:
    answer = try_password(office, office.anyone(), "resident-1", PASSWORD)
    cookie = next(value for value in answer.headers.get_list("set-cookie") if value.startswith(f"{COOKIE}="))
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "secure", "samesite=lax", "path=/"} <= parts
    assert not any(part.startswith(("domain", "max-age", "expires")) for part in parts)


def test_the_database_holds_no_token_and_no_password(office: OfficeSite) -> None:
    client = office.client("cashier")
    token = client.cookies[COOKIE]
    with office.engine.connect() as conn:
        text = repr(conn.execute(select(session)).all())
    assert token not in text
    assert PASSWORD not in text


@pytest.mark.parametrize(
    "wanted",
    ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nb"],
)
def test_after_log_in_one_stays_on_this_site(office: OfficeSite, wanted: str) -> None:
    answer = try_password(office, office.anyone(), "resident-1", PASSWORD, next=wanted)
    assert answer.headers["location"] == "/me"


def test_pages_with_secrets_are_not_kept(office: OfficeSite) -> None:
    client = office.client("preparer")
    for path in ("/me", "/account", "/account/code", office.path()):
        answer = client.get(path)
        assert answer.headers["cache-control"] == "no-store", path
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert " style=" not in answer.text
        assert "<script" not in answer.text or 'src="/static/' in answer.text


def test_nothing_secret_is_logged(office: OfficeSite, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    try_password(office, office.anyone(), "resident-1", WRONG)
    try_password(office, office.anyone(), "resident-1", PASSWORD)
    ours = "".join(record.getMessage() for record in caplog.records if not record.name.startswith("httpx"))
    assert WRONG not in ours
    assert PASSWORD not in ours


# --- Limits -------------------------------------------------------------------------------------------------


def test_after_five_wrong_passwords_one_waits_a_quarter_of_an_hour(office: OfficeSite) -> None:
    client = office.anyone()
    for _ in range(TOGETHER):
        assert try_password(office, client, "resident-1", WRONG).status_code == 422
    answer = try_password(office, client, "resident-1", PASSWORD)
    assert answer.status_code == 429
    assert "请过 15 分钟再试" in answer.text
    assert try_password(office, client, "tenant-1", PASSWORD).status_code == 303, "others are not locked out"
    office.clock.forward(minutes=15, seconds=1)
    assert try_password(office, office.anyone(), "resident-1", PASSWORD).status_code == 303


def test_limits_do_not_tell_whether_an_account_exists(office: OfficeSite) -> None:
    for account in ("resident-1", "nobody-99"):
        client = office.anyone()
        statuses = [try_password(office, client, account, WRONG).status_code for _ in range(TOGETHER + 1)]
        assert statuses == [422] * TOGETHER + [429]


def test_right_passwords_are_not_counted(office: OfficeSite) -> None:
    for _ in range(TOGETHER + 2):
        assert try_password(office, office.anyone(), "resident-1", PASSWORD).status_code == 303


@pytest.mark.parametrize(
    ("tries", "limit"),
    [
        ([("a", "here")], TOGETHER),
        ([("a", f"place {n}") for n in range(50)], BY_ACCOUNT),
        ([(f"account {n}", "here") for n in range(100)], BY_ORIGIN),
    ],
    ids=["one account from one place", "one account from many places", "many accounts from one place"],
)
def test_tries_are_counted_together_by_account_and_by_origin(
    engine: Engine, tries: list[tuple[str, str]], limit: int
) -> None:
    with writing(engine) as conn:
        for number in range(limit):
            count_try(conn, *tries[number % len(tries)], act())
        with pytest.raises(Refused) as refused:
            count_try(conn, *tries[limit % len(tries)], act())
        assert refused.value.codes == {"too_many_tries"}
        count_try(conn, "somebody else", "elsewhere", act())


def test_a_try_taken_back_does_not_count_and_old_ones_are_cleared(engine: Engine) -> None:
    with writing(engine) as conn:
        for _ in range(3 * TOGETHER):
            forget_try(conn, count_try(conn, "a", "here", act()))
        count_try(conn, "a", "here", act())
    with writing(engine) as conn:
        from datetime import timedelta

        count_try(conn, "b", "there", act(act().today + timedelta(days=3)))
    with reading(engine) as conn:
        rows = conn.execute(select(login_attempt)).all()
    assert [row.origin for row in rows] == ["there"]
    assert "b" not in {row.account_hash for row in rows}


# --- Sessions -----------------------------------------------------------------------------------------------


def is_in(client) -> bool:  # type: ignore[no-untyped-def]
    return bool(client.get("/me").status_code == 200)


def test_staff_are_logged_out_after_half_an_hour_without_a_page(office: OfficeSite) -> None:
    client = office.client("preparer")
    for _ in range(4):
        office.clock.forward(minutes=29)
        assert is_in(client)
    office.clock.forward(minutes=31)
    answer = client.get(office.path("/work-items?state=review"))
    assert answer.headers["location"] == f"/login?next={office.path('/work-items')}%3Fstate%3Dreview"


def test_nobody_stays_in_longer_than_twelve_hours(office: OfficeSite) -> None:
    resident, cashier = office.client("resident"), office.client("cashier")
    for _ in range(25):
        office.clock.forward(minutes=28)
        assert is_in(resident)
        assert is_in(cashier)
    office.clock.forward(minutes=21)
    assert not is_in(resident)
    assert not is_in(cashier)


@pytest.mark.db("sqlite")
def test_a_long_job_that_writes_does_not_hold_up_reading(office: OfficeSite) -> None:
    client = office.client("preparer")
    office.clock.forward(minutes=2)
    started = time.monotonic()
    with writing(office.engine):
        assert client.get(office.path("/work-items")).status_code == 200
    assert time.monotonic() - started < 20, "the database would be waited for two minutes"
    office.clock.forward(minutes=2)
    assert is_in(client)
    office.clock.forward(minutes=29)
    assert is_in(client), "the page after was noted"


def test_log_out_ends_the_session_on_the_server(office: OfficeSite) -> None:
    client = office.client("resident")
    token = client.cookies[COOKIE]
    assert office.post(client, "/logout").headers["location"] == "/login"
    assert COOKIE not in client.cookies
    copied = office.anyone()
    copied.cookies.set(COOKIE, token, domain="mingzhang.example")
    assert not is_in(copied)


def test_log_out_everywhere_ends_every_session_of_one_person(office: OfficeSite) -> None:
    phone, computer, other = office.anyone(), office.anyone(), office.client("tenant")
    for client in (phone, computer):
        office.log_in(client, "resident")
    assert computer.get("/account").text.count("其他设备") == 2
    assert office.post(phone, "/account/log-out").headers["location"] == "/login"
    assert [is_in(client) for client in (phone, computer, other)] == [False, False, True]


def test_a_new_password_ends_all_other_sessions(office: OfficeSite) -> None:
    here, elsewhere = office.anyone(), office.anyone()
    for client in (here, elsewhere):
        office.log_in(client, "resident")
    new = "另一句好记的话 2026"
    for old, password, again, words in (
        (WRONG, new, new, "现在的密码不对"),
        (PASSWORD, "短", "短", "至少 10 个字符"),
        (PASSWORD, new, new + "x", "两次填的新密码不一样"),
    ):
        answer = office.post(here, "/account/password", old=old, password=password, again=again)
        assert answer.status_code == 422
        assert words in answer.text
    answer = office.post(here, "/account/password", old=PASSWORD, password=new, again=new)
    assert answer.headers["location"] == "/account"
    assert "密码已改" in here.get("/account").text
    assert [is_in(here), is_in(elsewhere)] == [True, False]
    assert try_password(office, office.anyone(), "resident-1", PASSWORD).status_code == 422
    assert try_password(office, office.anyone(), "resident-1", new).status_code == 303


def test_a_new_phone_needs_the_password(office: OfficeSite) -> None:
    client = office.client("cashier")
    office.clock.forward(minutes=1)
    page = client.get("/account/code").text
    assert "现在的密码" in page
    answer = office.post(client, "/account/code", code="123456", old=WRONG)
    assert "现在的密码不对" in answer.text


def test_a_role_taken_back_closes_the_door_at_once(office: OfficeSite) -> None:
    from ledger.people.members import revoke

    client = office.client("reviewer")
    assert client.get(office.path("/work-items")).status_code == 200
    with writing(office.engine) as conn:
        revoke(
            conn,
            office.trust_id,
            office.person("reviewer").person,
            Role.REVIEWER,
            by="测试",
            act=office.act(),
        )
    assert client.get(office.path("/work-items")).status_code == 403


def test_another_communitys_office_stays_closed(office: OfficeSite) -> None:
    from tests.ledger.books import open_books

    open_books(office.engine, 2)
    assert office.client("chair").get("/c/trust-2/office").status_code == 403
    assert office.client("chair").get("/c/no-such-place/office").status_code == 404


def test_a_message_is_shown_once(office: OfficeSite) -> None:
    client = office.client("operator")
    answer = office.post(client, office.path("/people/log-out"), person=office.person("tenant").person)
    assert "已退出 0 处登录" in office.follow(client, answer).text
    assert "已退出 0 处登录" not in client.get(office.path("/people")).text


@pytest.mark.parametrize(
    ("passed_on", "shown"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("203.0.113.9, 192.0.2.1", "203.0.113.9"),
        ("", "testclient"),
    ],
    ids=["as our proxy saw it", "what the browser claims is not believed", "through two of ours", "direct"],
)
def test_behind_our_own_proxy_the_origin_is_what_the_proxy_saw(
    office: OfficeSite, passed_on: str, shown: str
) -> None:
    services = office.app.services
    trusting = replace(services.config, trusted_proxies=("testclient", "192.0.2.1"))
    office.app.services = replace(services, config=trusting)
    client = office.anyone()
    client.headers["x-forwarded-for"] = passed_on
    office.log_in(client, "resident")
    assert f"<td>{shown}</td>" in client.get("/account").text


def test_origin_is_told_by_our_own_proxy_only(office: OfficeSite) -> None:
    client = office.anyone()
    client.headers["x-forwarded-for"] = "203.0.113.9"
    office.log_in(client, "resident")
    page = client.get("/account").text
    assert "203.0.113.9" not in page
    assert "testclient" in page
    assert PUBLIC_URL not in page
