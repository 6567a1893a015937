"""Budgets in the browser: drawn up, shown to all, commented on, approved, spent from; and what is refused."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta
from typing import Any

import pytest

from ledger.budget.sheet import lines_from_sheet
from ledger.people import Role
from ledger.store.engine import writing
from ledger.trust import record_setting
from tests.budget.desk import IN_FORCE, LIFT, in_force
from tests.decisions import note_decision
from tests.ledger.books import MAJOR, OPENED, TODAY, act, fee_charge, invoice
from tests.office.conftest import OfficeSite

PAGE = "/budgets/2025-F1/1"
SHEET = {
    "kind_1": "I", "title_1": "物业费收入", "accounts_1": "4001", "price_1": "1.80", "quantity_1": "10000",
    "unit_1": "平方米", "times_1": "12", "spread_1": "monthly",
    "kind_2": "E", "title_2": "电梯维保", "accounts_2": "500501", "price_2": "500", "quantity_2": "2",
    "unit_2": "台", "times_2": "1", "spread_2": "once", "note_2": "合同期内不涨价",
    "kind_3": "E", "title_3": "", "accounts_3": "", "price_3": "",
}  # fmt: skip


@pytest.fixture
def office(office: OfficeSite) -> OfficeSite:
    """Whose committee approves budgets."""
    settle_body(office, "committee")
    return office


def settle_body(office: OfficeSite, body: str, on: date = OPENED) -> None:
    with writing(office.engine) as conn:
        record_setting(
            conn,
            office.trust_id,
            "budget_approved_by",
            body,
            effective_on=on,
            authority="信托文件",
            act=act(OPENED),
        )


def send(office: OfficeSite, role: str, path: str, **fields: Any) -> Any:
    if path.endswith(("/papers", "/invoice")):
        fields.setdefault("files", {"none": ("", b"", "application/octet-stream")})
    return office.post(office.client(role), office.path(path), **fields)


def done(answer: Any) -> Any:
    assert answer.status_code == 303, answer.text
    return answer


def public(office: OfficeSite, path: str = "/2025-F1") -> Any:
    return office.anyone().get(f"/c/{office.slug}/budgets{path}")


def later(office: OfficeSite, day: date) -> None:
    """Another day: everybody has to log in again."""
    office.clock.to(day)
    office._clients.clear()


def drawn_up(office: OfficeSite) -> None:
    done(send(office, "preparer", "/budgets", year="2025", fund="F1"))
    done(send(office, "preparer", f"{PAGE}/edit", **SHEET))


def notice(office: OfficeSite, overrun: str = "", *, page: str = PAGE) -> Any:
    """Press the button of the page as it stands now."""
    shown = office.client("reviewer").get(office.path(page)).text
    found = re.search(r'name="revision" value="(\d+)"', shown)
    assert found, shown
    return send(office, "reviewer", f"{page}/notice", overrun=overrun, revision=found[1])


def say(office: OfficeSite, text: str, line: str = "") -> Any:
    client = office.client("resident")
    return office.post(client, f"/c/{office.slug}/mine/budgets/2025-F1", text=text, line=line)


def invoice_form(office: OfficeSite, yuan: str, line: str) -> Any:
    return send(
        office, "preparer", "/payments/invoice",
        contract="C1", number="26000000000001234567", on=office.act().today.isoformat(), fund="F1",
        account_1="500501", amount_1=yuan, budget_line=line,
        doc_kind_1="invoice", doc_number_1="26000000000001234567", doc_title_1="发票",
        doc_kind_2="acceptance", doc_title_2="验收单", doc_number_2="Y-1",
    )  # fmt: skip


def test_from_an_empty_sheet_to_a_payment_that_does_not_fit(office: OfficeSite) -> None:
    drawn_up(office)
    assert "还没有公示过预算" in public(office, "").text
    assert public(office).status_code == 404
    done(notice(office))
    shown = public(office)
    assert shown.status_code == 200
    assert "500 元 × 2 台" in shown.text
    assert "公示中" in shown.text
    done(say(office, "电梯维保为什么是两台？", LIFT))
    assert "一位业主" in public(office).text
    assert "还没有答复" in public(office).text
    desk = office.client("chair").get(office.path())
    assert "预算意见待答复" in desk.text
    done(send(office, "reviewer", f"{PAGE}/answers", comment="1", text="三单元只有两台电梯"))
    assert (
        "三单元只有两台电梯" in office.client("resident").get(f"/c/{office.slug}/mine/budgets/2025-F1").text
    )
    later(office, IN_FORCE)
    done(
        send(
            office,
            "chair",
            f"{PAGE}/adopt",
            decision="业委会2025年第5次会议纪要",
            effective_on=IN_FORCE.isoformat(),
        )
    )
    page = public(office)
    assert "业委会2025年第5次会议纪要" in page.text
    assert "用了多少，还剩多少" in page.text
    offered = office.client("preparer").get(office.path("/payments/invoice")).text
    assert f"{LIFT} 电梯维保（物业服务资金，还剩 1,000.00 元）" in offered
    refused = invoice_form(office, "1000.01", LIFT)
    assert refused.status_code == 422
    assert (
        "还剩 1,000.00 元，这笔 1,000.01 元，超出 0.01 元；请先申请预算调整，或换一个预算行" in refused.text
    )
    without = invoice_form(office, "10", "")
    assert "请先申请预算调整，或填写预算行" in without.text
    work = done(invoice_form(office, "400", LIFT)).headers["location"]
    assert "在途 400.00 元" in public(office).text
    done(office.post(office.client("reviewer"), f"{work}/review", note=""))
    page = public(office)
    assert "已入账 400.00 元，在途 0.00 元，共占预算的 40%" in page.text
    entries = office.anyone().get(f"/c/{office.slug}/entries?budget_line={LIFT}")
    assert "共 <strong>1</strong> 笔" in entries.text
    assert "共 <strong>0</strong> 笔" in office.anyone().get(f"/c/{office.slug}/entries?budget_line=X").text


def test_a_sheet_with_mistakes_comes_back_as_typed_with_every_problem(office: OfficeSite) -> None:
    done(send(office, "preparer", "/budgets", year="2025", fund="F1"))
    wrong = SHEET | {"price_1": "一块八", "accounts_2": "1002", "title_2": "找 13812345678"}
    answer = send(office, "preparer", f"{PAGE}/edit", **wrong)
    assert answer.status_code == 422
    assert "读不懂“一块八”" in answer.text
    assert 'value="一块八"' in answer.text
    answer = send(office, "preparer", f"{PAGE}/edit", **(wrong | {"price_1": "1.8"}))
    for message in ("不能做支出预算", "像有手机号"):
        assert message in answer.text


def test_rows_are_crossed_out_and_keep_their_codes(office: OfficeSite) -> None:
    drawn_up(office)
    sheet = SHEET | {"code_1": "2025-F1-I01", "code_2": LIFT, "drop_1": "1", "title_3": "办公费", "accounts_3": "5007", "price_3": "20"}  # fmt: skip
    done(send(office, "preparer", f"{PAGE}/edit", **sheet))
    page = office.client("preparer").get(office.path(PAGE)).text
    assert "物业费收入" not in page
    assert "2025-F1-02" in page
    assert LIFT in page


def test_a_sheet_can_be_filled_in_outside_and_uploaded(office: OfficeSite) -> None:
    done(send(office, "preparer", "/budgets", year="2025", fund="F1"))
    empty = office.client("preparer").get(office.path("/budgets/template.xlsx"))
    assert empty.headers["content-type"].endswith("spreadsheetml.sheet")
    heads = "名称,科目,单价（元）,数量,次数\n"
    rows = heads + "保洁,5003,26000,,12\n"
    files = {"file": ("预算.csv", rows.encode(), "text/csv")}
    done(send(office, "preparer", f"{PAGE}/sheet", files=files))
    assert "312,000.00" in office.client("preparer").get(office.path(PAGE)).text
    files = {"file": ("预算.csv", (heads + "保洁,5003,很多,,12\n").encode(), "text/csv")}
    refused = send(office, "preparer", f"{PAGE}/sheet", files=files)
    assert refused.status_code == 422
    assert "表格第 2 行 单价（元）" in refused.text


def test_papers_are_put_to_a_line(office: OfficeSite) -> None:
    drawn_up(office)
    added = {"line": LIFT, "doc_kind_1": "quote", "doc_title_1": "三家比价", "doc_number_1": "B-1"}
    done(send(office, "preparer", f"{PAGE}/papers", **added))
    assert "三家比价" in office.client("supervisor").get(office.path(PAGE)).text
    nothing = send(office, "preparer", f"{PAGE}/papers", line="")
    assert "请选择或上传一份附件" in nothing.text


def test_spending_more_than_there_is_asks_for_a_reason_everybody_reads(office: OfficeSite) -> None:
    done(send(office, "preparer", "/budgets", year="2025", fund="F1"))
    done(send(office, "preparer", f"{PAGE}/edit", **{k: v for k, v in SHEET.items() if not k.endswith("_1")}))
    refused = notice(office)
    assert refused.status_code == 422
    assert "以收定支" in refused.text
    done(notice(office, "由历年结余补足"))
    assert "由历年结余补足" in public(office).text


def test_a_sheet_saved_after_the_page_was_opened_is_not_put_on_notice_unseen(office: OfficeSite) -> None:
    drawn_up(office)
    shown = office.client("reviewer").get(office.path(PAGE)).text
    seen = shown.split('name="revision" value="')[1].split('"')[0]
    done(send(office, "preparer", f"{PAGE}/edit", **SHEET))
    stale = send(office, "reviewer", f"{PAGE}/notice", overrun="", revision=seen)
    assert stale.status_code == 422
    assert "又保存过" in stale.text
    assert send(office, "reviewer", f"{PAGE}/notice", overrun="").status_code == 422
    notice(office)
    assert "公示中" in public(office).text


def test_before_the_notice_ends_and_with_comments_open_nobody_approves(office: OfficeSite) -> None:
    drawn_up(office)
    done(notice(office))
    done(say(office, "请公开合同"))
    early = send(office, "chair", f"{PAGE}/adopt", decision="纪要", effective_on=TODAY.isoformat())
    assert early.status_code == 422
    for message in ("期满以后才能批准生效", "还有 1 条意见没有答复"):
        assert message in early.text
    for role in ("preparer", "reviewer", "committee", "supervisor"):
        assert (
            send(office, role, f"{PAGE}/adopt", decision="纪要", effective_on="2025-07-20").status_code == 403
        )


def test_a_private_comment_is_refused_with_what_was_typed(office: OfficeSite) -> None:
    drawn_up(office)
    done(notice(office))
    refused = say(office, "我住1-101，电话13812345678")
    assert refused.status_code == 422
    assert "手机号" in refused.text
    assert "我住1-101，电话13812345678</textarea>" in refused.text
    assert "13812345678" not in public(office).text


def test_where_the_assembly_decides_the_page_links_to_its_decision(office: OfficeSite) -> None:
    settle_body(office, "assembly", on=date(2025, 1, 1))
    drawn_up(office)
    done(notice(office))
    later(office, IN_FORCE)
    day = IN_FORCE.isoformat()
    refused = send(office, "chair", f"{PAGE}/adopt", decision="2025-99", effective_on=day)
    assert refused.status_code == 422
    assert "2025-99" in refused.text
    before = send(office, "chair", f"{PAGE}/adopt", decision=MAJOR, effective_on=day)
    assert before.status_code == 422
    assert "早于本次公示" in before.text
    with writing(office.engine) as conn:
        agreed = note_decision(conn, office.trust_id, "业决〔2025〕5号", decided_on=TODAY)
    done(send(office, "chair", f"{PAGE}/adopt", decision=agreed, effective_on=day))
    assert f"业主大会第 {agreed} 号决定</a>" in public(office).text


def test_an_adjustment_shows_what_it_changes(office: OfficeSite) -> None:
    drawn_up(office)
    done(notice(office))
    later(office, IN_FORCE)
    done(send(office, "chair", f"{PAGE}/adopt", decision="纪要5", effective_on=IN_FORCE.isoformat()))
    refused = send(office, "preparer", "/budgets", year="2025", fund="F1", reason="")
    assert "请填写调整原因" in refused.text
    done(send(office, "preparer", "/budgets", year="2025", fund="F1", reason="增加一台电梯"))
    sheet = SHEET | {"code_1": "2025-F1-I01", "code_2": LIFT, "quantity_2": "3"}
    done(send(office, "preparer", "/budgets/2025-F1/2/edit", **sheet))
    done(notice(office, page="/budgets/2025-F1/2"))
    assert "第 2 版（调整）正在公示" in public(office).text
    second = public(office, "/2025-F1?version=2").text
    for words in ("与第 1 版的差别", "+500.00", "增加一台电梯"):
        assert words in second
    assert public(office, "/2025-F1?version=3").status_code == 404
    done(send(office, "reviewer", "/budgets/2025-F1/2/return", reason="数量写错"))
    assert "退回修改" in public(office, "/2025-F1?version=2").text
    done(send(office, "reviewer", "/budgets/2025-F1/2/withdraw", reason="明年再议"))
    assert "已撤销" in public(office, "/2025-F1?version=2").text


def test_the_table_can_be_taken_away(office: OfficeSite) -> None:
    office.books.post(invoice(70_00, date=date(2024, 5, 1)))
    office.books.post(fee_charge())
    in_force(office.books)
    later(office, IN_FORCE + timedelta(days=20))
    answer = public(office, "/2025-F1.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    lift = next(row for row in rows if row["行号"] == LIFT)
    assert (lift["预算（元）"], lift["上年实际（元）"], lift["可用（元）"]) == ("1000.00", "70.00", "1000.00")
    again = lines_from_sheet(answer.content, "预算.csv")
    assert [(line.code, line.amount) for line in again] == [
        ("2025-F1-I01", 10_000_00),
        (LIFT, 1_000_00),
        ("2025-F1-02", 200_00),
    ]
    assert public(office, "/2025-F1.exe").status_code == 404
    assert public(office, "/2025-F9").status_code == 404


def test_a_page_that_did_not_change_is_not_sent_again_and_one_that_did_is(office: OfficeSite) -> None:
    drawn_up(office)
    done(notice(office))
    client = office.anyone()
    address = f"/c/{office.slug}/budgets/2025-F1"
    etag = client.get(address).headers["etag"]
    assert client.get(address, headers={"if-none-match": etag}).status_code == 304
    done(say(office, "有疑问"))
    assert client.get(address, headers={"if-none-match": etag}).status_code == 200


def test_nobody_is_named_on_public_pages(office: OfficeSite) -> None:
    drawn_up(office)
    done(notice(office))
    done(say(office, "有疑问"))
    done(send(office, "chair", f"{PAGE}/answers", comment="1", text="会后说明"))
    text = public(office).text
    for role in Role:
        assert office.person(role).name not in text
        assert office.person(role).account not in text
    assert "业委会答复" in text


def test_a_resident_finds_the_budget_on_the_first_page(office: OfficeSite) -> None:
    drawn_up(office)
    done(notice(office))
    home = office.client("resident").get(f"/c/{office.slug}/mine").text
    assert "预算正在公示" in home
    assert re.search(r'href="/c/[^"]+/mine/budgets/2025-F1"', home)
    assert office.client("tenant").get(f"/c/{office.slug}/mine/budgets/2025-F1").status_code == 403
    later(office, IN_FORCE)
    assert "不再收意见" in office.client("resident").get(f"/c/{office.slug}/mine/budgets/2025-F1").text
