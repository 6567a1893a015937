"""A community's books are opened from the browser and made ready: deed, tenure, rules, accounts, balances."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from ledger.balances import resolve_clock, trial_balance
from ledger.bank.table import read_table
from ledger.payments.remuneration import clause_in_force
from ledger.people import Role
from ledger.people.members import grant, revoke, roles_of
from ledger.store.engine import reading, writing
from ledger.store.tables import INSTALLATION, trust
from ledger.trust.deeds import deed_versions
from ledger.trust.opening_balances import OPENING_FORM
from ledger.trust.readiness import readiness
from ledger.trust.setup import load_setup
from tests.ledger.books import MAJOR, OPENED, TODAY
from tests.office.conftest import OfficeSite
from tests.trust.sheets import Row, filled

NEW = {
    "name": "青禾里",
    "slug": "qingheli",
    "trustee": "清和物业服务有限公司",
    "opened_on": "2025-06-01",
    "purpose": "管理和使用本小区物业费、公共收益等共有资金",
    "parties": "委托人：青禾里业主大会；受托人：清和物业服务有限公司",
    "beneficiaries": "青禾里全体业主",
    "property_scope": "物业费、停车服务费、公共收益",
    "benefit_form": "按专有部分面积享有",
    "authority": "业决〔2025〕1号",
}


def make_operator(office: OfficeSite) -> None:
    """The operator of the trust becomes one of the installation."""
    person = office.person("operator").person
    with writing(office.engine) as conn:
        grant(conn, INSTALLATION, person, Role.OPERATOR, by="测试", act=office.act(OPENED))


def open_new(office: OfficeSite, **fields: str) -> httpx.Response:
    return office.post(office.client("operator"), "/office/new", **(NEW | fields))


def trust_id_of(office: OfficeSite, slug: str) -> int | None:
    with reading(office.engine) as conn:
        return conn.execute(select(trust.c.trust_id).where(trust.c.slug == slug)).scalar_one_or_none()


def test_an_operator_opens_books_and_lands_on_the_checklist(office: OfficeSite) -> None:
    make_operator(office)
    client = office.client("operator")
    assert "/office/new" in client.get("/me").text
    assert "为什么设立" in client.get("/office/new").text
    page = office.follow(client, open_new(office))
    assert "开账准备" in page.text
    assert "还缺" in page.text
    trust_id = trust_id_of(office, "qingheli")
    assert trust_id is not None
    assert office.config.key_path("qingheli").exists()
    with reading(office.engine) as conn:
        assert deed_versions(conn, trust_id)[0].deed.authority == "业决〔2025〕1号"
        assert roles_of(conn, office.person("operator").person, trust_id, TODAY) == {Role.OPERATOR}
    assert client.get("/c/qingheli").status_code == 200


@pytest.mark.db("sqlite")
def test_each_missing_element_of_the_deed_is_named_and_nothing_is_opened(office: OfficeSite) -> None:
    make_operator(office)
    empty = dict.fromkeys(("purpose", "parties", "beneficiaries", "property_scope", "benefit_form"), " ")
    answer = open_new(office, **empty)
    assert answer.status_code == 422
    for title in ("信托目的", "当事人", "受益人范围", "信托财产范围", "受益方式"):
        assert f"信托文件缺少“{title}”" in answer.text
    assert 'value="青禾里"' in answer.text
    assert trust_id_of(office, "qingheli") is None
    assert not office.config.key_path("qingheli").exists()


@pytest.mark.db("sqlite")
@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"slug": "Qing He"}, "只能用小写字母"),
        ({"slug": "trust-1"}, "已被另一个小区使用"),
        ({"name": ""}, "请填写小区名称"),
        ({"opened_on": ""}, "请填写建账日"),
        ({"authority": ""}, "请填写依据"),
        ({"benefit_form": "由全体业主享有"}, "视为人人均等"),
        ({"beneficiaries": " 清和物业服务有限公司"}, "不能是唯一的受益人"),
    ],
)
def test_books_that_can_not_be_opened_are_refused(
    office: OfficeSite, fields: dict[str, str], said: str
) -> None:
    make_operator(office)
    answer = open_new(office, **fields)
    assert (answer.status_code, said in answer.text) == (422, True)


@pytest.mark.db("sqlite")
def test_a_signing_key_is_never_overwritten(office: OfficeSite) -> None:
    make_operator(office)
    key = office.config.key_path("qingheli")
    key.parent.mkdir(parents=True, exist_ok=True)
    key.write_text("old", encoding="utf-8")
    answer = open_new(office)
    assert (answer.status_code, "已有网址名" in answer.text) == (422, True)
    assert key.read_text(encoding="utf-8") == "old"
    assert trust_id_of(office, "qingheli") is None


def test_only_an_operator_of_the_installation_opens_books(office: OfficeSite) -> None:
    for role in Role:
        assert office.client(role).get("/office/new").status_code == 403
        assert office.post(office.client(role), "/office/new", **NEW).status_code == 403
    assert office.anyone().get("/office/new").headers["location"].startswith("/login")
    make_operator(office)
    assert office.client("operator").get("/office/new").status_code == 200
    with writing(office.engine) as conn:
        person = office.person("operator").person
        revoke(conn, INSTALLATION, person, Role.OPERATOR, by="测试", act=office.act())
    assert office.client("operator").get("/office/new").status_code == 403
    assert trust_id_of(office, "qingheli") is None


ACCOUNT = {
    "code": "F2-ABC",
    "kind": "bank",
    "place": "F2:100202",
    "bank": "农业银行公共收益户",
    "holder": "明和苑业主大会共有资金",
    "number": "6228 0000 0000 0000",
}


def add_account(office: OfficeSite, **fields: str) -> httpx.Response:
    return office.post(office.client("preparer"), office.path("/setup/accounts"), **(ACCOUNT | fields))


def test_an_account_belongs_to_one_fund(office: OfficeSite) -> None:
    page = office.follow(office.client("preparer"), add_account(office))
    assert "F2-ABC" in page.text
    again = add_account(office, code="F1-ABC", place="F1:100201", number="6228000000000000")
    assert "不同基金的钱请分户存放" in again.text
    assert "已经登记过" in add_account(office).text


@pytest.mark.db("sqlite")
@pytest.mark.parametrize(
    "holder",
    [
        "锦安物业服务有限公司",
        " 锦安物业服务 有限公司 ",
        "锦安物业服务有限公司\u3000",
        "锦安物业服务（有限公司）".replace("（", "").replace("）", ""),
        "锦安·物业服务有限公司",
    ],
)
def test_the_trustees_own_account_is_refused_however_its_name_is_spelt(
    office: OfficeSite, holder: str
) -> None:
    answer = add_account(office, holder=holder)
    assert answer.status_code == 422
    assert "户名是受托人自己" in answer.text


@pytest.mark.db("sqlite")
def test_a_place_that_is_not_the_funds_is_refused(office: OfficeSite) -> None:
    assert "不是公共收益存放这类资金的科目" in add_account(office, place="F2:100201").text
    assert "不是公共收益存放这类资金的科目" in add_account(office, kind="channel").text
    assert add_account(office, place="").status_code == 422


def change(
    office: OfficeSite, name: str = "co_sign_above", role: str = "chair", **fields: str
) -> httpx.Response:
    values = {"value": "20,000.00", "effective_on": "2025-07-01", "authority": "业决〔2025〕2号"}
    return office.post(office.client(role), office.path(f"/settings/{name}"), **(values | fields))


def test_a_limit_changes_from_a_day_on_and_its_history_stays(office: OfficeSite) -> None:
    client = office.client("chair")
    page = office.follow(client, change(office))
    assert "2025-07-01 起：20,000.00 元" in page.text
    change(office, value="10000", effective_on="2025-06-30")
    with reading(office.engine) as conn:
        setup = load_setup(conn, office.trust_id)
    assert [setup.setting("co_sign_above", date(2025, 6, d)) for d in (29, 30)] == [None, 10_000_00]
    assert setup.setting("co_sign_above", date(2025, 7, 1)) == 20_000_00
    history = client.get(office.path("/settings/co_sign_above")).text
    assert "还没生效" in history
    assert "业决〔2025〕2号" in history


@pytest.mark.db("sqlite")
@pytest.mark.parametrize(
    ("name", "fields", "said"),
    [
        ("co_sign_above", {"value": "三万"}, "应是金额"),
        ("co_sign_above", {"value": "-1"}, "应在"),
        ("co_sign_above", {"authority": ""}, "请填写依据"),
        ("co_sign_above", {"effective_on": "2023-12-31"}, "不能早于建账日"),
        ("budget_in_force", {"value": "也许"}, "请填“是”或“否”"),
        ("match_by_hand", {"value": "租金|("}, "请检查括号"),
        ("match_templates", {"value": "x"}, "不在这里改"),
        ("remuneration_clause", {"kind": "percent", "rate": "8", "of": "income"}, "小于 1"),
        ("remuneration_clause", {"kind": "percent", "rate": "1/12", "of": "income"}, "最多两位小数"),
        ("remuneration_clause", {"kind": "percent", "rate": "8%", "of": ""}, "请选择按什么计算"),
        ("remuneration_clause", {"kind": "fixed", "amount": "0"}, "必须大于零"),
        ("remuneration_clause", {"kind": ""}, "请选择每月固定酬金或每月按比例"),
    ],
)  # fmt: skip
def test_a_rule_that_makes_no_sense_is_refused(
    office: OfficeSite, name: str, fields: dict[str, str], said: str
) -> None:
    answer = change(office, name, **fields)
    assert (answer.status_code, said in answer.text) == (422, True), answer.text


def test_a_value_recorded_for_a_day_is_not_changed_again(office: OfficeSite) -> None:
    change(office)
    again = change(office, value="1")
    assert again.status_code == 422
    assert "请换一个生效日" in again.text


def test_the_remuneration_clause_has_a_form_of_its_own(office: OfficeSite) -> None:
    fields = {"kind": "percent", "rate": "8.5%", "of": "income", "words": "按季支付"}
    page = office.follow(
        office.client("reviewer"), change(office, "remuneration_clause", "reviewer", **fields)
    )
    assert "每月按本月应收确认的物业费、停车费收入的 8.50% 计提。按季支付" in page.text
    with reading(office.engine) as conn:
        clause = clause_in_force(load_setup(conn, office.trust_id), date(2025, 7, 1))
    assert (clause.basis, clause.rate_e4, clause.of) == ("percent", 850, "income")


def test_a_change_of_the_deed_needs_a_resolution_and_shows_what_changed(office: OfficeSite) -> None:
    client = office.client("chair")
    page = client.get(office.path("/deed/new")).text
    values = {
        name: re.search(rf'name="{name}"[^>]*>([^<]*)</textarea>', page)[1]  # type: ignore[index]
        for name in ("purpose", "parties", "beneficiaries", "property_scope", "benefit_form")
    }
    values |= {"effective_on": "2025-07-01", "property_scope": "物业费、停车费、公共收益", "authority": ""}
    assert office.post(client, office.path("/deed/new"), **values).status_code == 422
    values["authority"] = MAJOR
    page = office.follow(client, office.post(client, office.path("/deed/new"), **values)).text
    assert "第 2 版" in page
    assert re.search("物业费<ins>、停车费</ins>|<ins>停车费、</ins>公共收益", page)
    assert "尚未生效" in page
    values["effective_on"] = "2025-06-01"
    assert "不能早于上一版" in office.post(client, office.path("/deed/new"), **values).text


def tenure(office: OfficeSite, **fields: str) -> httpx.Response:
    values = {
        "trustee": "锦安物业服务有限公司",
        "starts_on": "2024-01-01",
        "ends_on": "2026-12-31",
        "contract": "物业服务合同 W-2024-1",
        "notice_days": "90",
        "authority": "业决〔2023〕5号",
    }
    return office.post(office.client("chair"), office.path("/deed/tenure"), **(values | fields))


def test_a_tenure_says_when_notice_is_due(office: OfficeSite) -> None:
    page = office.follow(office.client("chair"), tenure(office))
    assert "2026年10月2日" in page.text


@pytest.mark.db("sqlite")
@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"trustee": "别家物业有限公司"}, "更换受托人请办理“受托人移交”"),
        ({"notice_days": "30"}, "至少提前 60 日"),
        ({"ends_on": "2023-12-31"}, "止日早于起日"),
        ({"contract": ""}, "请填写合同"),
    ],
)
def test_a_tenure_that_is_not_right_is_refused(office: OfficeSite, fields: dict[str, str], said: str) -> None:
    answer = tenure(office, **fields)
    assert (answer.status_code, said in answer.text) == (422, True)


BALANCES: list[Row] = [
    {"fund": "F1", "account": "100201 物业服务资金户", "debit": "1000.00", "bank_account": "F1-CCB"},
    {"fund": "F1", "account": "112201", "debit": "30.00", "unit": "1-101"},
    {"fund": "F1", "account": "112201", "debit": "20.50", "unit": "1-102"},
    {"fund": "F1", "account": "220301", "credit": "50.50", "unit": "2-201"},
    {"fund": "F1", "account": "3001", "credit": "1000.00"},
    {"fund": "F3", "account": "100203", "debit": "200", "bank_account": "F3-ICBC"},
    {"fund": "F3", "account": "224101", "credit": "200", "unit": "1-101"},
    {"fund": "M", "account": "1001", "debit": "900", "bank_account": "M-ICBC"},
    {"fund": "M", "account": "3001", "credit": "400", "unit": "1-101"},
    {"fund": "M", "account": "3001", "credit": "500", "unit": "1-102"},
]


def upload_balances(office: OfficeSite, rows: list[Row]) -> httpx.Response:
    files = {"file": ("期初.xlsx", filled(rows, OPENING_FORM), "application/octet-stream")}
    return office.post(office.client("preparer"), office.path("/setup/opening"), files=files)


def test_opening_balances_become_work_and_are_posted_after_review(office: OfficeSite) -> None:
    client = office.client("preparer")
    answer = upload_balances(office, BALANCES)
    page = office.follow(client, answer).text
    assert page.count("已平") == 3
    confirmed = office.post(client, answer.headers["location"], authority="2024年1月资金移交清册")
    assert "等待审核" in office.follow(client, confirmed).text
    number = confirmed.headers["location"].rsplit("/", 1)[-1]
    reviewed = office.post(office.client("reviewer"), office.path(f"/work-items/{number}/review"))
    assert reviewed.status_code == 303, reviewed.text
    with reading(office.engine) as conn:
        clock = resolve_clock(conn, office.trust_id, today=TODAY, as_of=OPENED)
        balances: dict[Any, int] = {
            (book, row.account, row.fund): row.totals.balance
            for book in ("A", "M")
            for row in trial_balance(conn, office.trust_id, book, clock)
        }
        (item,) = [i for i in readiness(conn, office.trust_id, TODAY) if i.name == "opening"]
    assert balances["A", "112201", "F1"] == 50_50
    assert balances["M", "3001", "M"] == -900_00
    assert item.state == "done"
    again = office.follow(client, upload_balances(office, BALANCES)).text
    assert "基金 F1 的期初余额已经入账" in again


def test_a_second_sheet_of_opening_balances_does_not_wait_beside_the_first(office: OfficeSite) -> None:
    client = office.client("preparer")
    for rows, status in ((BALANCES, 303), (BALANCES[:-3], 422)):
        answer = upload_balances(office, rows)
        confirmed = office.post(client, answer.headers["location"], authority="资金移交清册")
        assert confirmed.status_code == status, confirmed.text
    assert "等待办理" in confirmed.text


def test_the_template_of_opening_balances_brings_accounts_and_codes(office: OfficeSite) -> None:
    answer = office.client("preparer").get(office.path("/setup/opening/template"))
    sheets = {sheet.name: list(sheet.all_rows()) for sheet in read_table(answer.content, "x.xlsx")}
    assert list(sheets) == ["期初余额", "填写说明", "示例", "科目表", "已登记的代码"]
    assert "112201 应收物业费" in {row.cells[0] for row in sheets["科目表"]}
    assert ("账户", "F1-CCB", "F1专户") in {row.cells for row in sheets["已登记的代码"]}


@pytest.mark.db("sqlite")
def test_a_fund_that_does_not_balance_can_not_be_handed_in(office: OfficeSite) -> None:
    client = office.client("preparer")
    answer = upload_balances(office, [row for row in BALANCES if row["account"] != "3001"])
    page = office.follow(client, answer).text
    assert "如果这就是结余，请加一行 3001，贷方 1,000.00" in page
    assert "交给审核" not in page
    refused = office.post(client, answer.headers["location"], authority="清册")
    assert refused.status_code == 422
    assert "基金 F1 物业服务资金借贷相差 1,000.00 元（借方多）" in refused.text


@pytest.mark.db("sqlite")
@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"fund": "F9", "account": "100201", "debit": "1"}, "没有基金“F9”"),
        ({"fund": "F1", "account": "9999", "debit": "1"}, "没有科目"),
        ({"fund": "F1", "account": "1122", "debit": "1"}, "不是末级科目"),
        ({"fund": "F2", "account": "112201", "debit": "1", "unit": "1-101"}, "不属于基金 F2"),
        ({"fund": "F1", "account": "112201", "debit": "1"}, "要写房号"),
        ({"fund": "F1", "account": "112201", "debit": "1", "unit": "9-999"}, "没有登记过房号"),
        ({"fund": "F1", "account": "100201", "debit": "1", "bank_account": "F2-CMB"}, "不记在科目"),
        ({"fund": "F1", "account": "3001", "debit": "1", "credit": "2"}, "只能填借方或贷方"),
        ({"fund": "F1", "account": "3001"}, "请填写借方余额或贷方余额"),
        ({"fund": "F1", "account": "3001", "credit": "1.234"}, "读不懂金额"),
        ({"fund": "F1", "account": "3001", "credit": "-5"}, "要填正数"),
        ({"fund": "F1", "account": "112201", "debit": "1", "unit": "1-101"}, "请合成一行"),
    ],
)
def test_a_wrong_balance_is_marked_in_its_cell(office: OfficeSite, row: Row, said: str) -> None:
    page = office.follow(office.client("preparer"), upload_balances(office, [*BALANCES, row])).text
    assert re.search(rf'<td class="wrong">[^<]*<p class="cell-problem">[^<]*{said}', page), page[-3000:]


def test_the_checklist_leads_each_role_to_what_it_may_do(office: OfficeSite) -> None:
    page = office.client("preparer").get(office.path("/setup")).text
    assert office.path("/setup/opening") in page
    assert office.path("/units/import") in page
    page = office.client("operator").get(office.path("/setup")).text
    assert office.path("/units/import") not in page
    assert office.client("resident").get(office.path("/setup")).status_code == 403
