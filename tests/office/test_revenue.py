"""Shared revenue in the browser: contracts, what is overdue, receipts, months, moves between the books."""

from __future__ import annotations

import json
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from disclosure.cli.main import run
from ledger.store.engine import writing
from ledger.trust import record_setting
from tests.documents.papers import pdf
from tests.ledger.books import BANK, MAJOR, OPENED, SITE_USE, act, interest
from tests.office.conftest import OfficeSite

F2, M = BANK["F2"], BANK["M"]


@pytest.fixture
def office(office: OfficeSite) -> OfficeSite:
    """With a rate of tax on record."""
    with writing(office.engine) as conn:
        record_setting(
            conn,
            office.trust_id,
            "revenue_vat_bp",
            {"default": 900},
            effective_on=OPENED,
            authority="税法",
            act=act(),
        )
    return office


def send(office: OfficeSite, path: str, **fields: Any) -> Any:
    """Post a form as the preparer; the form with papers as multipart, as browsers do."""
    if path == "/costs":
        fields.setdefault("files", {"none": ("", b"", "application/octet-stream")})
    return office.post(office.client("preparer"), office.path(f"/revenue{path}"), **fields)


def see(office: OfficeSite, path: str = "", role: str = "preparer") -> str:
    page = office.client(role).get(office.path(f"/revenue{path}"))
    assert page.status_code == 200, page.text
    return page.text


def agree(office: OfficeSite, answer, *, pays: bool = False) -> None:  # type: ignore[no-untyped-def]
    assert answer.status_code == 303, answer.text
    work = answer.headers["location"]
    reviewed = office.post(office.client("reviewer"), f"{work}/review", note="")
    assert reviewed.status_code == 303, reviewed.text
    if pays:
        paid = office.post(office.client("cashier"), f"{work}/pay", paid_on="2025-06-30", bank_number="H9")
        assert paid.status_code == 303, paid.text


def sign(office: OfficeSite, **changes: object):  # type: ignore[no-untyped-def]
    values = {
        "contract": "G-1",
        "title": "快递柜场地",
        "party": "邻收科技公司",
        "site": "南门",
        "account": "400303",
        "mode": "accrue",
        "starts_on": "2025-01-01",
        "ends_on": "2025-12-31",
        "period_months": "1",
        "amount": "1090",
        "due_days": "10",
        "escalation_months": "12",
        "resolution": SITE_USE,
    }
    return send(office, "/contracts", **(values | changes))


def slip(amount: str, number: str, account: str = F2) -> dict[str, str]:
    return {
        "amount": amount,
        "number": number,
        "bank_account": account,
        "on": "2025-06-20",
        "paper": "bank_line",
    }


def test_a_contract_makes_a_schedule_and_what_is_overdue_shows(office: OfficeSite) -> None:
    page = office.follow(office.client("preparer"), sign(office))
    assert "收款计划已生成" in page.text
    assert "13,080.00" in page.text
    assert "逾期 140 天" in page.text  # January was due on 10 February
    assert "逾期合计" in see(office, "/due", "committee")
    assert "5,450.00" in see(office, "/due")
    sheet = office.client("committee").get(office.path("/revenue/sheets/due/xlsx"))
    with CalamineWorkbook.from_filelike(BytesIO(sheet.content)) as book:
        rows = book.get_sheet_by_index(0).to_python()
    assert next(row for row in rows if row[0] == "合计")[5] == 5450.0


def test_the_desk_counts_what_contracts_owe_for_whoever_collects_it(office: OfficeSite) -> None:
    desk = office.client("preparer").get(office.path()).text
    assert "公共收益逾期未收" not in desk
    sign(office)
    desk = office.client("preparer").get(office.path()).text
    assert "公共收益逾期未收" in desk
    assert office.path("/revenue/due") in desk
    assert "公共收益逾期未收" not in office.client("cashier").get(office.path()).text


def test_a_wrong_contract_comes_back_with_what_was_typed(office: OfficeSite) -> None:
    answer = sign(office, resolution="", amount="", title="广告牌")
    assert answer.status_code == 422
    assert "请填写业主共同决定的决议号" in answer.text or "每期金额" in answer.text
    assert 'value="广告牌"' in answer.text


def test_a_month_is_confirmed_and_the_money_received(office: OfficeSite) -> None:
    sign(office)
    assert "可确认" in see(office, "/month?period=202501")
    agree(office, send(office, "/month", period="2025-01"))
    assert "已入账" in see(office, "/month?period=202501")
    too_much = send(office, "/receipts", contract="G-1", **slip("1090.01", "S-1"))
    assert too_much.status_code == 422
    assert "账上应收 1,090.00 元" in too_much.text
    agree(office, send(office, "/receipts", contract="G-1", **slip("1090", "S-1")))
    trial = office.books.trial()
    assert ("112205", "F2") not in trial
    assert trial["400303", "F2"] == -1_000_00
    page = see(office, "")
    assert "南门" in page
    assert "1,000.00" in page


def test_a_share_is_received_for_its_period(office: OfficeSite) -> None:
    sign(office, contract="G-2", mode="share", amount="0", account="400305", title="充电桩分成")
    assert "待结算" in see(office, "/due")
    missing = send(office, "/receipts", contract="G-2", **slip("109", "S-1"))
    assert "属于哪一期" in missing.text
    agree(office, send(office, "/receipts", contract="G-2", schedule="G-2#1.1", **slip("109", "S-1")))
    assert office.books.trial()["400305", "F2"] == -100_00


def test_rates_are_typed_as_percentages_from_a_day_on(office: OfficeSite) -> None:
    bad = send(office, "/vat", effective_on="2025-02-01", authority="核定书", default="六")
    assert bad.status_code == 422
    assert "读不懂税率" in bad.text
    done = send(office, "/vat", effective_on="2025-02-01", authority="核定书", default="1.5")
    assert "2025-02-01 起的税率已登记" in office.follow(office.client("preparer"), done).text
    sign(office)
    assert "16.11" in see(office, "/month?period=202502")  # 1,090 at 1.5 %


def test_a_move_is_one_flow_through_both_books(office: OfficeSite) -> None:
    office.books.post(interest(5_000_00))
    begun = send(office, "/transfers", move_amount="3000", resolution=MAJOR, from_account=F2, to_account=M)
    assert "有 1 笔转维修资金没有办完" in see(office, "")
    agree(office, begun, pays=True)
    assert "等维修资金专户到账后办理收款" in see(office, "/transfers")
    other = send(office, "/transfers/1/in", **slip("2999", "D-1", M))
    assert other.status_code == 422
    assert "两边必须相等" in other.text
    agree(office, send(office, "/transfers/1/in", **slip("3000", "D-1", M)))
    assert "没有办完" not in see(office, "")
    assert "ZH-0001" in see(office, "/transfers")
    assert office.books.trial(book="M")["4201", "M"] == -3_000_00


def test_a_cost_needs_evidence(office: OfficeSite) -> None:
    office.books.post(interest(500_00))
    cost = {"amount": "100", "on": "2025-06-30", "what": "灯箱维修", "payee": "某公司", "bank_account": F2}
    refused = send(office, "/costs", **cost)
    assert refused.status_code == 422
    assert "须逐笔有证据" in refused.text
    agree(office, send(office, "/costs", proof_title="清单", proof_number="P-1", **cost), pays=True)
    assert office.books.trial()["5015", "F2"] == 100_00


def test_the_evidence_of_a_cost_is_kept_as_a_file_with_the_entry(office: OfficeSite) -> None:
    office.books.post(interest(500_00))
    picture = Path("disclosure/static/icon.svg").read_bytes()
    paper = pdf()
    cost = {"amount": "100", "on": "2025-06-30", "what": "灯箱维修", "payee": "某公司", "bank_account": F2}
    proof = {"proof_title": "维修清单", "proof_number": "P-1", "doc_kind_1": "cost_proof"}
    wrong = send(office, "/costs", files={"doc_file_1": ("a.svg", picture, "image/svg+xml")}, **proof, **cost)
    assert wrong.status_code == 422
    sent = send(office, "/costs", files={"doc_file_1": ("a.pdf", paper, "application/pdf")}, **proof, **cost)
    agree(office, sent, pays=True)
    (document, *_) = office.books.stored("A-2025-000002").draft.documents
    assert (document.kind, document.number) == ("cost_proof", "P-1")
    assert document.original == sha256(paper).hexdigest()


def test_the_service_fund_is_made_up_by_resolution(office: OfficeSite) -> None:
    office.books.post(interest(500_00))
    asked = {"service_amount": "70", "service_on": "2025-06-30", "from_account": F2, "to_account": BANK["F1"]}
    assert send(office, "/to-service", **asked).status_code == 422
    agree(office, send(office, "/to-service", resolution=MAJOR, **asked), pays=True)
    assert office.books.trial()["4902", "F1"] == -70_00


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/month?period=202513", 422),
        ("/month?period=abc", 200),
        ("/contract?contract=nothing", 404),
        ("/receipts?contract=nothing", 200),
        ("/transfers?move=7", 200),
        ("/sheets/due/doc", 404),
        ("/due?all=1", 200),
    ],
)
def test_odd_addresses_are_answered_in_words(office: OfficeSite, path: str, status: int) -> None:
    answer = office.client("preparer").get(office.path(f"/revenue{path}"))
    assert answer.status_code == status, answer.text


def test_only_the_preparer_records(office: OfficeSite) -> None:
    for role in ("reviewer", "cashier", "committee", "supervisor"):
        assert "登记并生成收款计划" not in see(office, "/contracts", role)
        answer = office.post(office.client(role), office.path("/revenue/contracts"), contract="X")
        assert answer.status_code == 403
    assert office.client("resident").get(office.path("/revenue")).status_code == 403


@pytest.mark.db("sqlite")  # commands leave closing the connections to the end of their process
def test_the_shell_says_what_is_due(
    office: OfficeSite, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sign(office, ends_on="2025-03-31")
    monkeypatch.setenv("DATA_DIR", str(office.config.data_dir))
    monkeypatch.setenv("DATABASE_URL", office.config.database_url)
    assert run(["revenue", "due"]) == 0
    assert "G-1 快递柜场地 未收 1,090.00 元，逾期" in capsys.readouterr().out
    assert run(["revenue", "due", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["overdue"] == 3 * 1_090_00
    assert [row["schedule"] for row in said["due"]] == ["G-1#1.1", "G-1#1.2", "G-1#1.3"]
