"""Units, owners and their import, through the browser's forms."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction

import httpx
import pytest

from ledger.store.engine import reading
from ledger.trust.owners import owners_on
from ledger.trust.register_rows import REGISTER_FORM
from ledger.trust.sheet import read_sheet
from ledger.trust.units import units_on
from tests.ledger.books import TODAY
from tests.office.conftest import OfficeSite
from tests.trust.sheets import Row, filled, home

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def upload(office: OfficeSite, rows: list[Row] | bytes, name: str = "房屋.xlsx") -> httpx.Response:
    data = rows if isinstance(rows, bytes) else filled(rows)
    client = office.client("preparer")
    return office.post(client, office.path("/units/import"), files={"file": (name, data, XLSX)})


def owners(office: OfficeSite, unit: str, day: date = TODAY) -> dict[str, Fraction]:
    with reading(office.engine) as conn:
        return {s.name: s.share for s in owners_on(conn, office.trust_id, unit, day)}


def test_a_sheet_is_previewed_then_confirmed_and_is_then_on_record(office: OfficeSite) -> None:
    client = office.client("preparer")
    answer = upload(office, [home(), home(room="1202", name="李四", phone="")])
    page = office.follow(client, answer)
    assert "还没有写入任何东西" in page.text
    assert "2 套" in page.text
    assert owners(office, "03-2-1201") == {}
    token = answer.headers["location"].rsplit("/", 1)[-1]
    done = office.post(client, office.path(f"/units/import/{token}"))
    assert "已登记 2 套房屋" in office.follow(client, done).text
    assert owners(office, "03-2-1201") == {"张三": 1}
    gone = client.get(office.path(f"/units/import/{token}"))
    assert gone.status_code == 422
    assert "请重新上传" in gone.text


def test_a_wrong_sheet_shows_each_mistake_in_its_cell_and_writes_nothing(office: OfficeSite) -> None:
    client = office.client("preparer")
    answer = upload(
        office, [home(), home(room="1202", area="约90", phone="不知道"), home(room="1203", use="别墅")]
    )
    page = office.follow(client, answer).text
    assert "有 2 行要改" in page
    for said in ("读不懂面积“约90”", "不像电话号码", "“别墅”不在可填的范围里"):
        assert re.search(rf'<td class="wrong">[^<]*<p class="cell-problem">[^<]*{said}', page), said
    assert "确认登记" not in page
    token = answer.headers["location"].rsplit("/", 1)[-1]
    refused = office.post(client, office.path(f"/units/import/{token}"))
    assert refused.status_code == 422
    assert "第 3 行" in refused.text
    with reading(office.engine) as conn:
        assert len(units_on(conn, office.trust_id, TODAY)) == 3
    marked = client.get(office.path(f"/units/import/{token}/marked"))
    assert marked.headers["content-type"] == XLSX
    assert len(read_sheet(marked.content, "x.xlsx", REGISTER_FORM)) == 3


def test_names_from_a_sheet_are_shown_as_text_only(office: OfficeSite) -> None:
    client = office.client("preparer")
    page = office.follow(client, upload(office, [home(name="<script>alert(1)</script>", phone="=1+1")])).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_a_file_that_is_no_sheet_is_refused_on_the_same_page(office: OfficeSite) -> None:
    answer = upload(office, b"%PDF-1.7 nothing", "x.xlsx")
    assert answer.status_code == 422
    assert "还不能办理" in answer.text


def test_an_uploaded_sheet_belongs_to_its_uploader_and_can_be_dropped(office: OfficeSite) -> None:
    client = office.client("preparer")
    answer = upload(office, [home()])
    page = answer.headers["location"]
    assert office.client("reviewer").get(page).status_code == 403
    office.post(client, f"{page}/drop")
    assert client.get(page).status_code == 422


def test_the_template_can_be_downloaded(office: OfficeSite) -> None:
    answer = office.client("preparer").get(office.path("/units/import/template"))
    assert (answer.status_code, answer.headers["content-type"]) == (200, XLSX)
    assert answer.content.startswith(b"PK")


def transfer(office: OfficeSite, unit: str = "1-101", **fields: str) -> httpx.Response:
    values = {
        "starts_on": "2025-06-16",
        "reason": "sale",
        "title_authority": "川（2025）不动产权第1号",
        "name_1": "李四",
        "phone_1": "13900000002",
    }
    return office.post(
        office.client("preparer"), office.path(f"/units/of/{unit}/transfer"), **(values | fields)
    )


def test_a_home_changes_hands_from_a_day_on(office: OfficeSite) -> None:
    client = office.client("preparer")
    first = transfer(
        office,
        starts_on="2020-01-01",
        reason="first",
        title_authority="",
        name_1="张三",
        share_1="1/2",
        name_2="张四",
        share_2="1/2",
    )
    assert first.status_code == 303
    page = office.follow(client, transfer(office))
    assert "李四" in page.text
    assert owners(office, "1-101", date(2025, 6, 15)) == {"张三": Fraction(1, 2), "张四": Fraction(1, 2)}
    assert owners(office, "1-101", date(2025, 6, 16)) == {"李四": Fraction(1)}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"title_authority": ""}, "请填写依据"),
        ({"name_1": "", "phone_1": ""}, "至少填写一位业主"),
        ({"share_1": "1/2"}, "应正好是 1"),
        ({"share_1": "1/2", "name_2": "王五"}, "要么每位都写"),
        ({"reason": "bought"}, "没有“bought”这个选项"),
        ({"starts_on": "昨天"}, "读不懂日期"),
    ],
)
@pytest.mark.db("sqlite")
def test_a_transfer_that_is_not_right_is_shown_again_as_typed(
    office: OfficeSite, fields: dict[str, str], said: str
) -> None:
    answer = transfer(office, **fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="川（2025）不动产权第1号"' in answer.text or "title_authority" in fields
    assert owners(office, "1-101") == {}


def test_contact_data_is_for_those_who_need_it(office: OfficeSite) -> None:
    transfer(office)
    assert office.client("supervisor").get(office.path("/units")).status_code == 200
    for role in ("supervisor", "committee", "resident", "operator"):
        assert office.client(role).get(office.path("/owners")).status_code == 403
    client = office.client("preparer")
    assert "13900000002" in client.get(office.path("/owners?q=李四")).text
    (key,) = re.findall(r"/office/owners/(Y\d+)", client.get(office.path("/owners")).text)
    office.post(client, office.path(f"/owners/{key}"), name="李四光", phone="13900000003", address="")
    assert "李四光" in client.get(office.path("/units/of/1-101")).text
    office.post(client, office.path(f"/owners/{key}/erase"))
    page = client.get(office.path("/units/of/1-101")).text
    assert "李四光" not in page
    assert key in page
    public = office.anyone().get(f"/c/{office.slug}").text
    assert "李四" not in public


def test_a_unit_is_registered_once_and_its_use_can_change(office: OfficeSite) -> None:
    client = office.client("preparer")
    fields = {"building": "5栋", "unit": "05-1-0301", "use_kind": "unsold", "area": "98.60"}
    assert office.post(client, office.path("/units/new"), **fields).status_code == 303
    again = office.post(client, office.path("/units/new"), **fields)
    assert again.status_code == 422
    assert "已经登记过" in again.text
    change = {"use_kind": "home", "area": "98.60", "effective_on": "2025-06-01", "authority": "交付单"}
    assert office.post(client, office.path("/units/of/05-1-0301/change"), **change).status_code == 303
    with reading(office.engine) as conn:
        for day, use in ((date(2025, 5, 31), "unsold"), (date(2025, 6, 1), "home")):
            assert {u.unit: u.use_kind for u in units_on(conn, office.trust_id, day)}["05-1-0301"] == use
    assert office.post(client, office.path("/units/of/05-1-0301/change"), **change).status_code == 422


def test_a_tenancy_is_registered_and_ended(office: OfficeSite) -> None:
    client = office.client("preparer")
    path = office.path("/units/of/1-102")
    office.post(client, f"{path}/tenants", tenant_name="王五", tenant_from="2025-01-01")
    page = client.get(path).text
    (key,) = re.findall(r"王五（编号 (Y\d+)）", page)
    office.post(client, f"{path}/tenants", tenant=key, tenant_from="2025-01-01", tenant_until="2025-05-31")
    assert "王五" not in client.get(path).text


def test_units_are_found_by_building_and_number(office: OfficeSite) -> None:
    client = office.client("reviewer")
    page = client.get(office.path("/units?q=201")).text
    assert "2-201" in page
    assert "/units/of/1-101" not in page
    assert "/units/of/1-101" in client.get(office.path("/units?building=1")).text
    assert client.get(office.path("/units/of/9-999")).status_code == 404
