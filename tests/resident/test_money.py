"""我家: one's own account on the web, and nobody else's: refused to neighbours, staff, tenants, other communities
and strangers; kept by no cache and no search engine."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date
from html import unescape
from typing import Any

import pytest
from litestar.testing import TestClient

from disclosure.identity.passwords import hash_password
from ledger.billing import record_fee_standard
from ledger.budget.codes import budget_name
from ledger.homes import account_of, homes_of
from ledger.journal import Posted
from ledger.money import format_yuan
from ledger.people import Role
from ledger.people.accounts import create_person
from ledger.people.credentials import record_credential
from ledger.people.members import grant, revoke
from ledger.store.engine import reading, writing
from tests.billing.desk import RATE, Desk
from tests.ledger.books import OPENED, act, contribution, fee_receipt, invoice, open_books, petty
from tests.office.conftest import CHEAP, PASSWORD, OfficeSite
from tests.office.votes import said
from tests.resident.homes import FEE

pytestmark = pytest.mark.db("sqlite")
PAGES = (
    "/mine/money",
    "/mine/money/print",
    "/mine/money.csv",
    "/mine/share",
    "/mine/maintenance",
    "/mine/said",
)


@pytest.fixture
def charged(office: OfficeSite) -> Posted:
    """Two months charged, one paid, something spent; 1-101 is the resident's."""
    with writing(office.engine) as conn:
        record_fee_standard(conn, office.trust_id, "home", RATE, effective_on=OPENED, authority="业决1号")
    desk = Desk(office.books)
    desk.charge(202504)
    posted = desk.charge(202505)
    office.books.post_many(
        [
            fee_receipt(FEE, "1-101", date=date(2025, 5, 9)),
            fee_receipt(7_77, "1-102", date=date(2025, 5, 10)),
            invoice(100_00, "500501", date=date(2025, 5, 20)),
            petty(34_60, date=date(2025, 5, 21)),
            contribution((("1-101", 4_321_00), ("1-102", 8_765_00)), date=date(2025, 5, 22)),
        ]
    )
    return posted


def mine(office: OfficeSite, below: str = "") -> str:
    return f"/c/{office.slug}/mine{below}"


def newcomer(office: OfficeSite, account: str, trust_id: int, unit: str) -> TestClient[Any]:
    """An owner who just used an invitation, logged in."""
    with writing(office.engine) as conn:
        person = create_person(conn, account, "甲女士", by="测试", act=act(OPENED))
        hashed = hash_password(PASSWORD, CHEAP)
        record_credential(conn, person.person, by="测试", act=act(OPENED), password_hash=hashed)
        grant(conn, trust_id, person.person, Role.RESIDENT, by="测试", act=act(OPENED), unit=unit)
    client = office.anyone()
    office.post(client, "/login", page="/login", account=account, password=PASSWORD, next="/me")
    return client


def test_the_page_says_what_is_owed_how_it_was_reckoned_and_what_was_paid(
    office: OfficeSite, charged: Posted
) -> None:
    page = said(office.client("resident").get(mine(office, "/money")).text)
    assert f"还没交 ¥{format_yuan(FEE)}" in page
    assert "90.00㎡×1.9800元" in page
    assert f"2025年5月9日 ¥{format_yuan(FEE)}" in page
    assert "维修资金分账 ¥4,321.00" in page
    raw = office.client("resident").get(mine(office, "/money")).text
    assert f'href="/c/{office.slug}/entries/{charged.ref}"' in raw


def test_nothing_of_a_neighbour_is_on_any_page(office: OfficeSite, charged: Posted) -> None:
    client = office.client("resident")
    for below in (*PAGES, f"/mine/proof/{charged.ref}", f"/mine/proof/{charged.ref}/file", "/mine"):
        page = client.get(f"/c/{office.slug}{below}").text
        assert "1-102" not in page, below
        assert "7.77" not in page, below
        assert "8,765" not in page, below


def test_everybody_else_is_refused(office: OfficeSite, charged: Posted) -> None:
    paths = [*PAGES, f"/mine/proof/{charged.ref}", f"/mine/proof/{charged.ref}/file"]
    for role in Role:
        if role is Role.RESIDENT:
            continue
        for below in paths:
            answer = office.client(role).get(f"/c/{office.slug}{below}")
            assert answer.status_code == 403, (role, below)
            assert "178.20" not in answer.text
    for below in paths:
        answer = office.anyone().get(f"/c/{office.slug}{below}")
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/login?next=")


def test_another_communitys_owner_is_refused_here_and_sees_only_the_own_home_there(
    office: OfficeSite, charged: Posted
) -> None:
    open_books(office.engine, 2)
    client = newcomer(office, "other-trust", 2, "1-101")
    for below in PAGES:
        assert client.get(f"/c/{office.slug}{below}").status_code == 403, below
    page = client.get("/c/trust-2/mine/money").text
    assert "178.20" not in page
    assert "没有应交的费用" in page


def test_the_neighbour_sees_the_own_account_at_the_same_address(office: OfficeSite, charged: Posted) -> None:
    client = newcomer(office, "neighbour", office.trust_id, "1-102")
    page = said(client.get(mine(office, "/money?home=1")).text)
    assert "¥7.77" in page
    assert "1-101" not in page
    mine_only = office.books.post(fee_receipt(55_55, "1-101"))
    assert client.get(mine(office, f"/proof/{mine_only.ref}")).status_code == 404
    assert client.get(mine(office, f"/proof/{mine_only.ref}/file")).status_code == 404


def test_whose_role_ended_sees_nothing_any_more(office: OfficeSite, charged: Posted) -> None:
    client = office.client("resident")
    assert client.get(mine(office, "/money")).status_code == 200
    with writing(office.engine) as conn:
        person = office.person("resident").person
        revoke(conn, office.trust_id, person, Role.RESIDENT, by="测试", act=office.act(), unit="1-101")
    assert client.get(mine(office, "/money")).status_code == 403


def test_no_cache_keeps_and_no_search_engine_lists_any_of_it(office: OfficeSite, charged: Posted) -> None:
    client = office.client("resident")
    answers = [client.get(f"/c/{office.slug}{below}") for below in (*PAGES, "/mine", "/mine/votes")]
    answers += [client.get(mine(office, f"/proof/{charged.ref}{below}")) for below in ("", "/file")]
    for answer in answers:
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "private, no-store", answer.url
        assert answer.headers["x-robots-tag"] == "noindex, nofollow", answer.url
        assert "etag" not in answer.headers
    assert "no-store" in office.client("preparer").get(mine(office, "/money")).headers["cache-control"]


def test_the_file_has_the_lines_of_the_page_and_no_formulas(office: OfficeSite, charged: Posted) -> None:
    office.books.post(fee_receipt(1_00, "1-101", summary="=HYPERLINK(1)", date=date(2025, 5, 30)))
    client = office.client("resident")
    answer = client.get(mine(office, "/money.csv?year=2025"))
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    with reading(office.engine) as conn:
        homes = homes_of(conn, office.trust_id, office.actor("resident"), office.act().today)
        lines = account_of(conn, office.trust_id, homes, 2025, office.act().today).lines
    assert [(row["凭证号"], row["金额（元）"]) for row in rows] == [
        (line.ref, f"{line.fen // 100}.{line.fen % 100:02d}") for line in reversed(lines)
    ]
    assert {row["房屋"] for row in rows} == {"1-101"}
    page = client.get(mine(office, "/money?year=2025")).text
    assert all(row["凭证号"] in page for row in rows)
    assert any(row["摘要"].startswith("'=") for row in rows)


def test_the_paper_has_the_sums_of_the_page(office: OfficeSite, charged: Posted) -> None:
    page = said(office.client("resident").get(mine(office, "/money/print")).text)
    assert f"合计 {format_yuan(2 * FEE)}" in page
    assert f"还没交 {format_yuan(FEE)} 元" in page


def test_one_of_several_homes_is_chosen_by_its_place_not_by_its_number(
    office: OfficeSite, charged: Posted
) -> None:
    with writing(office.engine) as conn:
        person = office.person("resident").person
        grant(conn, office.trust_id, person, Role.RESIDENT, by="测试", act=office.act(), unit="2-201")
    client = office.client("resident")
    both = client.get(mine(office, "/money")).text
    assert "全部 2 套" in both
    assert not re.search(r'href="[^"]*[12]-[12]01', both), "no address names a home"
    second = said(client.get(mine(office, "/money?home=2")).text)
    assert f"还没交 ¥{format_yuan(2 * FEE)}" in second
    for nonsense in ("home=3", "home=-1", "home=x", "home=1-102", "year=99999", "year=abc"):
        assert client.get(mine(office, f"/money?{nonsense}")).status_code == 200


def test_my_share_of_the_month_adds_up_on_the_page(office: OfficeSite, charged: Posted) -> None:
    page = unescape(office.client("resident").get(mine(office, "/share?month=2025-05")).text)
    text = said(page)
    assert f"2025年5月您家的 ¥{format_yuan(FEE)} 去了哪里" in text
    assert "算出来的份额" in text
    rows = re.findall(r'<td class="number"[^>]*>¥([\d,.]+)</td><td class="number"', page)
    *parts, total = (int(row.replace(",", "").replace(".", "")) for row in rows)
    assert sum(parts) == total == FEE
    assert "/entries?month=2025-05&fund=F1&account=A-5005" in page


def test_the_newest_month_that_is_over_is_shown_first_and_nonsense_is_not_minded(
    office: OfficeSite, charged: Posted
) -> None:
    client = office.client("resident")
    assert "2025年5月您家的" in client.get(mine(office, "/share")).text
    for month in ("2025-13", "x", "0000-00"):
        assert client.get(mine(office, f"/share?month={month}")).status_code == 200
    empty = client.get(mine(office, "/share?month=2024-02")).text
    assert "没有算给您家的" in empty


def test_the_sub_account_of_the_maintenance_fund_is_told_movement_by_movement(
    office: OfficeSite, charged: Posted
) -> None:
    page = said(office.client("resident").get(mine(office, "/maintenance")).text)
    assert "1-101 的余额 ¥4,321.00" in page
    assert "2025年5月22日 交存 +¥4,321.00" in page


def test_the_file_to_check_with_elsewhere_holds_only_ones_own_part(
    office: OfficeSite, charged: Posted
) -> None:
    answer = office.client("resident").get(mine(office, f"/proof/{charged.ref}/file"))
    value = json.loads(answer.content)
    assert (value["kind"], value["ref"], value["trust"]) == ("mingzhang.opening.v1", charged.ref, office.slug)
    assert [part["unit"] for part in value["parts"]] == ["1-101"]


def test_what_one_said_is_listed_with_its_answers(office: OfficeSite) -> None:
    page = office.client("resident").get(mine(office, "/said")).text
    assert "您还没有提过意见" in page
    assert budget_name(2025, "F1") not in page


def test_the_first_page_says_how_ones_money_stands(office: OfficeSite, charged: Posted) -> None:
    page = said(office.client("resident").get(mine(office)).text)
    assert f"还有 {format_yuan(FEE)} 元没有交 最早是2025年5月的" in page
    assert "维修资金分账 ¥4,321.00" in page
    assert f"2025年5月您家的 ¥{format_yuan(FEE)} 去了哪里" in page
