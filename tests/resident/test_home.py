"""The residents' area: who gets in, where a log-in leads, what the first page says."""

from __future__ import annotations

from ledger.people import Role
from ledger.people.members import grant
from ledger.store.engine import writing
from tests.office.conftest import PASSWORD, OfficeSite


def test_a_resident_lands_on_the_page_of_the_own_community(office: OfficeSite) -> None:
    client = office.anyone()
    answer = office.post(
        client, "/login", page="/login", account=office.person("resident").account, password=PASSWORD, next=""
    )
    assert (answer.status_code, answer.headers["location"]) == (303, f"/c/{office.slug}/mine")
    page = client.get(answer.headers["location"]).text
    assert "我的房屋" in page
    assert "1-101" in page
    assert "1-102" not in page, "nobody else's home"


def test_somebody_with_an_office_role_too_chooses(office: OfficeSite) -> None:
    with writing(office.engine) as conn:
        chair = office.person("chair")
        grant(conn, office.trust_id, chair.person, Role.RESIDENT, by="测试", act=office.act(), unit="2-201")
    client = office.client("chair")
    page = client.get("/me").text
    assert f'href="/c/{office.slug}/mine"' in page
    assert f'href="/c/{office.slug}/office"' in page
    assert "2-201" in client.get(f"/c/{office.slug}/mine").text


def test_an_owner_who_rents_another_home_sees_and_decides_for_the_own_one_only(office: OfficeSite) -> None:
    with writing(office.engine) as conn:
        owner = office.person("resident")
        grant(conn, office.trust_id, owner.person, Role.TENANT, by="测试", act=office.act(), unit="1-102")
    client = office.client("resident")
    page = client.get(f"/c/{office.slug}/mine").text
    assert "1-101" in page
    assert "1-102" not in page
    assert "1-101、1-102" in client.get("/me").text


def test_a_log_in_on_the_way_to_a_page_goes_there(office: OfficeSite) -> None:
    client = office.anyone()
    wanted = f"/c/{office.slug}/owners/documents"
    assert client.get(wanted).headers["location"] == f"/login?next={wanted}"
    account = office.person("resident").account
    answer = office.post(client, "/login", page="/login", account=account, password=PASSWORD, next=wanted)
    assert answer.headers["location"] == wanted


def test_tenants_and_staff_have_no_residents_page(office: OfficeSite) -> None:
    for role in ("tenant", "preparer"):
        answer = office.client(role).get(f"/c/{office.slug}/mine")
        assert answer.status_code == 403
        assert "需由业主办理" in answer.text
    answer = office.anyone().get(f"/c/{office.slug}/mine")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/login?next=/c/{office.slug}/mine")
