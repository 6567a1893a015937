"""The bank's pages: a file from upload to the reconciliation, as the office works with it."""

from __future__ import annotations

import re
from datetime import date, datetime
from html import unescape
from typing import Any

import pytest
from sqlalchemy import func, select

from disclosure.demo.statement_files import write_statement
from ledger.bank import BankLine
from ledger.bank.clearing import uncleared
from ledger.bank.lines import open_lines
from ledger.bank.reconciliation import recorded
from ledger.documents.read import list_uploads
from ledger.store.engine import reading, writing
from ledger.store.tables import bank_balance, bank_file, bank_line, bank_match, bank_waiver, entry
from ledger.trust import BankAccount, Unit, add_bank_accounts, add_units
from tests.bank import samples
from tests.documents.papers import picture
from tests.ledger.books import HOLDER, fee_charge
from tests.office.conftest import OfficeSite

NUMBER = "51050100000000008888"


@pytest.fixture
def bank(office: OfficeSite) -> OfficeSite:
    """The office of a trust with an account whose statements the tests write, and a home that owes 120."""
    with writing(office.engine) as conn:
        account = BankAccount("F1-NEW", "bank", "A", "F1", "100201", "建设银行", HOLDER, NUMBER)
        add_bank_accounts(conn, office.trust_id, [account])
        add_units(conn, office.trust_id, [Unit("03-2-1201", "03", "home", 9_000)])
    office.books.post(fee_charge((("03-2-1201", 120_00),)))
    return office


def paid(
    day: int, amount: int, who: str = "王伟", memo: str = "物业费 3-2-1201", number: str = ""
) -> BankLine:
    moment = datetime(2025, 3, day, 10, 0, day)  # noqa: DTZ001 - statements carry no zone
    return BankLine(0, moment, amount, None, who, "", memo, number or f"F{day:04d}{abs(amount)}")


def written(*lines: BankLine, opening: int = 0) -> bytes:
    return write_statement("ccb-corporate", lines, account_no=NUMBER, account_name=HOLDER, opening=opening)


def upload(office: OfficeSite, data: bytes, name: str = "三月.csv", account: str = "F1-NEW") -> Any:
    """Send a file; the page that says what it holds."""
    client = office.client("preparer")
    answer = office.post(
        client, office.path("/bank/import"), files={"file": (name, data, "text/csv")}, account=account
    )
    assert answer.status_code == 303, answer.text
    return client.get(answer.headers["location"]), answer.headers["location"].partition("?")[0]


def bring(
    office: OfficeSite, data: bytes, name: str = "三月.csv", account: str = "F1-NEW", **more: str
) -> Any:
    page, address = upload(office, data, name, account)
    assert page.status_code == 200, page.text
    answer = office.post(office.client("preparer"), address, account=account, filename=name, **more)
    return office.follow(office.client("preparer"), answer)


def offered(page: Any) -> list[tuple[str, str]]:
    """Line and first choice of every row on the page."""
    lines = [unescape(x) for x in re.findall(r'name="line_\d+" value="([^"]+)"', page.text)]
    first = [unescape(x) for x in re.findall(r'name="choice_\d+" value="([^"]+)" checked', page.text)]
    return list(zip(lines, first, strict=True))


def take(office: OfficeSite, page: Any) -> Any:
    """Accept the first choice of every row."""
    fields: dict[str, Any] = {"take": []}
    for no, (line, choice) in enumerate(offered(page), start=1):
        fields["take"].append(str(no))
        fields |= {f"line_{no}": line, f"choice_{no}": choice}
    return office.post(office.client("preparer"), office.path("/bank/lines"), **fields)


def count(office: OfficeSite, table: Any) -> int:
    with reading(office.engine) as conn:
        return int(conn.execute(select(func.count()).select_from(table)).scalar_one())


def test_a_file_is_seen_before_anything_is_written(bank: OfficeSite) -> None:
    page, _ = upload(bank, written(paid(3, 200_00), paid(4, -50_00, "电梯公司", "维保"), opening=10_00))
    assert "2 条" in page.text
    assert "200.00" in page.text
    assert "50.00" in page.text
    assert "逐笔校验相符：期初 10.00，期末 160.00" in page.text
    assert count(bank, bank_line) == 0
    shown = bring(bank, written(paid(3, 200_00), paid(4, -50_00, "电梯公司", "维保"), opening=10_00))
    assert "新增 2 条流水" in shown.text
    assert count(bank, bank_line) == 2


def test_an_overlapping_file_says_what_is_known_already(bank: OfficeSite) -> None:
    bring(bank, written(paid(3, 200_00)))
    page, _ = upload(bank, written(paid(3, 200_00), paid(4, 100_00)), "又一份.csv")
    assert "其中 1 条以前导入过" in page.text
    assert "导入 1 条新流水" in page.text
    again, _ = upload(bank, written(paid(3, 200_00)))
    assert "没有新的流水可以导入" in again.text


def test_a_broken_file_is_refused_with_its_lines(bank: OfficeSite) -> None:
    broken = written(paid(3, 200_00)).replace("200.00".encode("gb18030"), b"2OO.00", 1)
    page, _ = upload(bank, broken)
    assert page.status_code == 422
    assert "一行都没有写进来" in page.text
    assert "第 2 行" in page.text
    assert (count(bank, bank_file), count(bank, bank_line)) == (0, 0)


def test_balances_that_fail_need_a_choice_and_a_reason_kept_for_ever(bank: OfficeSite) -> None:
    data = samples.CMB_CORPORATE.replace('"3,000.50"', '"3,000.05"').encode()
    page, address = upload(bank, data, "招行.csv")
    assert "余额或合计核对不上" in page.text
    client = bank.client("preparer")
    refused = bank.post(client, address, account="F1-NEW", filename="招行.csv")
    assert refused.status_code == 422
    silent = bank.post(client, address, account="F1-NEW", filename="招行.csv", waive="yes", reason="")
    assert "请填写不校验余额的原因" in silent.text
    assert count(bank, bank_line) == 0
    bring(bank, data, "招行.csv", waive="yes", reason="已与网银逐笔核对")
    with reading(bank.engine) as conn:
        assert conn.execute(select(bank_waiver.c.reason)).scalar_one() == "已与网银逐笔核对"
    listed = client.get(bank.path("/bank/import"))
    assert "余额未校验" in listed.text
    assert "已与网银逐笔核对" in listed.text


def test_suggestions_become_one_piece_of_work_and_entries_after_review(bank: OfficeSite) -> None:
    bring(bank, written(paid(3, 120_00), paid(4, 66_00, "某人", "转账")))
    client = bank.client("preparer")
    page = client.get(bank.path("/bank/lines"))
    assert "摘要含房号 03-2-1201" in page.text
    assert "金额正好是欠费" in page.text
    done = bank.follow(client, take(bank, page))
    assert "含 2 张凭证，等待审核" in done.text
    waiting = client.get(bank.path("/bank/lines"))
    assert waiting.text.count("待审核") == 2
    assert offered(waiting) == []
    before = count(bank, entry)
    bank.post(bank.client("reviewer"), bank.path("/work-items/1/review"))
    assert count(bank, entry) == before + 2
    assert bank.books.balance("112201") == 0
    assert "没有待处理的流水" in client.get(bank.path("/bank/lines")).text


def test_hostile_names_are_shown_as_text_and_do_nothing(bank: OfficeSite) -> None:
    bring(bank, written(paid(3, 66_00, "<script>alert(1)</script>", '=cmd|"/C calc"!A0')))
    page = bank.client("preparer").get(bank.path("/bank/lines"))
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text


def test_an_unknown_bank_is_mapped_once_and_then_known(bank: OfficeSite) -> None:
    text = (
        "某某农商行对账单\n交易日,发生额收入,发生额支出,账户余额,对手户名,对手账号,附言\n"
        "2025-03-03,200.00,,200.00,王伟,62220001,3-2-1201\n2025-03-04,,50.00,150.00,电梯公司,110,维保\n"
    )
    page, address = upload(bank, text.encode(), "农商行.csv")
    assert page.status_code == 422
    assert "对应各列" in page.text
    client = bank.client("preparer")
    digest = address.rpartition("/")[2]
    here = bank.path(f"/bank/formats/{digest}")
    form = client.get(f"{here}?account=F1-NEW&filename=农商行.csv")
    assert "某某农商行" not in form.text or "第 2 行" in form.text
    fields = {
        "account": "F1-NEW", "filename": "农商行.csv", "header": "2", "name": "某某农商行对公流水", "how": "columns",
        "col_date": "交易日", "col_in_": "发生额收入", "col_out": "发生额支出", "col_balance": "账户余额",
        "col_counterparty_name": "对手户名", "col_counterparty_account": "对手账号", "col_memo": "附言",
    }  # fmt: skip
    tried = bank.post(client, here, **fields)
    assert "试读的结果：2 条" in tried.text
    assert "余额逐笔相符" in tried.text
    saved = bank.post(client, here, **fields, save="yes")
    assert "逐笔校验相符" in bank.follow(client, saved).text
    later = text.replace("2025-03-03", "2025-03-05").replace("2025-03-04", "2025-03-06")
    page, _ = upload(bank, later.encode(), "四月.csv")
    assert page.status_code == 200, "recognised by itself"
    assert "某某农商行对公流水" in page.text
    listed = client.get(bank.path("/bank/formats"))
    format_id = re.search(r'name="format" value="(own-[0-9a-f]+)"', listed.text)
    assert format_id is not None
    bank.post(client, bank.path("/bank/formats"), format=format_id[1])
    page, _ = upload(bank, later.encode(), "四月.csv")
    assert page.status_code == 422


def test_a_wrong_mapping_says_what_does_not_fit(bank: OfficeSite) -> None:
    text = "日期,钱,剩下,谁\n2025-03-03,200.00,200.00,王伟\n2025-03-04,-50.00,150.00,电梯公司\n"
    _, address = upload(bank, text.encode(), "不知道.csv")
    here = bank.path(f"/bank/formats/{address.rpartition('/')[2]}")
    fields = {"account": "F1-NEW", "filename": "不知道.csv", "header": "1", "name": "某行", "how": "signed"}
    answer = bank.post(bank.client("preparer"), here, **fields, col_date="谁", col_amount="钱")
    assert answer.status_code == 422
    assert "不是这种流水的日期时间写法" in answer.text
    answer = bank.post(bank.client("preparer"), here, **fields, col_date="日期", col_amount="没有这列")
    assert "表头里没有“没有这列”这一列" in answer.text


def test_a_line_is_booked_by_hand(bank: OfficeSite) -> None:
    bring(bank, written(paid(20, -15_00, "银行", "账户管理费"), opening=100_00))
    client = bank.client("preparer")
    with reading(bank.engine) as conn:
        (line,) = open_lines(conn, bank.trust_id)
    here = bank.path("/bank/line")
    page = client.get(here, params={"account": line.bank_account, "key": line.line_key, "event": "E16b"})
    assert "5016" in page.text
    fields = {
        "account": line.bank_account,
        "key": line.line_key,
        "event": "E16b",
        "summary": "银行账户管理费",
    }
    wrong = bank.post(client, here, **fields, account_1="5016 手续费", amount_1="14.00")
    assert wrong.status_code == 422
    assert "与这条流水的金额不符" in wrong.text
    assert 'value="14.00"' in wrong.text
    done = bank.post(client, here, **fields, account_1="5016 手续费", amount_1="15.00")
    assert "等待审核" in bank.follow(client, done).text
    bank.post(bank.client("reviewer"), bank.path("/work-items/1/review"))
    assert bank.books.balance("5016") == 15_00


def test_unknown_money_is_cleared_once_its_payer_is_found(bank: OfficeSite) -> None:
    bring(bank, written(paid(20, 66_00, "某人", "转账")))
    client, reviewer = bank.client("preparer"), bank.client("reviewer")
    take(bank, client.get(bank.path("/bank/lines")))
    bank.post(reviewer, bank.path("/work-items/1/review"))
    page = client.get(bank.path("/bank/clearing"))
    assert "66.00 元" in page.text
    assert "某人" in page.text
    with reading(bank.engine) as conn:
        (item,) = uncleared(conn, bank.trust_id)
    fields = {
        "ref": item.ref,
        "account": "112201",
        "unit": "03-2-1201",
        "on": "2025-03-25",
        "how": "业主来电核对",
    }
    too_much = bank.post(client, bank.path("/bank/clearing"), **fields, amount="70")
    assert "不超过还没有查清的余额" in too_much.text
    bank.post(client, bank.path("/bank/clearing"), **fields, amount="60")
    bank.post(reviewer, bank.path("/work-items/2/review"))
    with reading(bank.engine) as conn:
        (item,) = uncleared(conn, bank.trust_id)
    assert (item.amount, item.open) == (66_00, 6_00)
    assert bank.books.balance("112201") == 60_00


def test_a_month_is_reconciled_and_signed(bank: OfficeSite) -> None:
    bring(bank, written(paid(3, 120_00), paid(28, -20_00, "银行", "账户管理费")))
    client, reviewer = bank.client("preparer"), bank.client("reviewer")
    asked = bank.path("/bank/reconciliation?account=F1-NEW&month=2025-03")
    page = client.get(asked)
    assert "银行已收，企业未收" in page.text
    assert "120.00" in page.text
    assert "调节后两边相符" in page.text
    assert "处理完才能结账" in page.text
    signed = bank.post(
        reviewer, bank.path("/bank/reconciliation"), account="F1-NEW", month="2025-03", note="已核"
    )
    assert "第 1 次" in bank.follow(reviewer, signed).text
    with reading(bank.engine) as conn:
        (held,) = recorded(conn, bank.trust_id, "F1-NEW", 202503)
    assert (held.bank_balance, held.book_balance, held.adjusted) == (100_00, 0, 100_00)


def test_the_same_file_with_a_difference_cannot_be_signed(bank: OfficeSite) -> None:
    bring(bank, written(paid(3, 120_00), opening=5_00))
    answer = bank.post(
        bank.client("reviewer"), bank.path("/bank/reconciliation"), account="F1-NEW", month="2025-03"
    )
    assert answer.status_code == 422
    assert "调节后仍相差 -5.00 元" in answer.text


def test_a_balance_slip_is_handed_in_with_its_paper_and_comes_back_when_something_is_wrong(
    bank: OfficeSite,
) -> None:
    reviewer, here = bank.client("reviewer"), bank.path("/bank/balance")
    typed = {"account": "F1-NEW", "month": "2025-03", "on": "2025-03-31", "doc_kind_1": "bank_line"}
    without = bank.post(reviewer, here, **typed, balance="88.00")
    assert without.status_code == 422
    assert "请选已上传的对账单" in without.text
    assert 'value="88.00"' in without.text
    early = bank.post(reviewer, here, **(typed | {"on": "2999-01-01"}), balance="八十八")
    assert "对账单日期还没到" in early.text
    assert "读不懂金额“八十八”" in early.text
    assert 'value="八十八"' in early.text
    slip = {"doc_file_1": ("三月.png", picture(), "image/png")}
    told = bank.follow(reviewer, bank.post(reviewer, here, files=slip, **typed, balance="88.00"))
    assert "已登记银行余额" in told.text
    with reading(bank.engine) as conn:
        (kept,) = list_uploads(conn, bank.trust_id)
        (row,) = conn.execute(select(bank_balance)).all()
    assert (row.balance, row.sha256) == (88_00, kept.original)
    again = bank.post(reviewer, here, **typed, balance="88.00", doc_sha_1=kept.original)
    assert "已经登记过" in again.text, "the same paper, chosen from those handed in"


def test_what_was_learned_is_shown_and_can_be_revoked(bank: OfficeSite) -> None:
    bring(bank, written(paid(3, 120_00)))
    client = bank.client("preparer")
    take(bank, client.get(bank.path("/bank/lines")))
    bank.post(bank.client("reviewer"), bank.path("/work-items/1/review"))
    rules = client.get(bank.path("/bank/rules"))
    assert "户名：王伟" in rules.text
    assert "2025 年 3 月确认过" in rules.text
    bring(bank, written(paid(25, 80_00, memo="转账")), "后来.csv")
    page = client.get(bank.path("/bank/lines"))
    assert "户名与3月相同" in page.text
    lesson = re.search(r'name="lesson" value="([0-9a-f]+)"', rules.text)
    assert lesson is not None
    bank.post(client, bank.path("/bank/rules"), lesson=lesson[1], active="no", note="不对")
    assert "户名与3月相同" not in client.get(bank.path("/bank/lines")).text
    assert "已撤销" in client.get(bank.path("/bank/rules")).text


def test_a_payment_of_the_cashier_is_confirmed_by_its_line(bank: OfficeSite) -> None:
    from tests.office.test_work_pages import vendor_payment

    preparer = bank.client("preparer")
    fields = vendor_payment("800.00") | {
        "bank_account_2": "F1-NEW",
        "counterparty": "电梯公司",
        "date": "2025-03-10",
    }
    bank.post(preparer, bank.path("/vouchers/new"), **fields)
    bank.post(bank.client("reviewer"), bank.path("/work-items/1/review"))
    bank.post(
        bank.client("cashier"), bank.path("/work-items/1/pay"), paid_on="2025-03-12", bank_number="HD-77"
    )
    before = count(bank, entry)
    shown = bring(bank, written(paid(13, -800_00, "电梯公司", "维保费", "HD-77"), opening=1_000_00))
    assert "其中 1 条已核对到原有的收付凭证" in shown.text
    assert count(bank, entry) == before
    with reading(bank.engine) as conn:
        assert conn.execute(select(bank_match.c.rule)).scalars().all() == ["confirms"]


def test_pages_of_the_bank_open_for_those_who_only_read(bank: OfficeSite) -> None:
    bring(bank, written(paid(3, 120_00)))
    client = bank.client("supervisor")
    for below in ("", "/lines", "/clearing", "/rules", "/formats", "/reconciliation"):
        answer = client.get(bank.path(f"/bank{below}"))
        assert answer.status_code == 200, below
    assert "采纳勾选的" not in client.get(bank.path("/bank/lines")).text


def test_the_checklist_of_closing_knows_the_day(bank: OfficeSite) -> None:
    bring(bank, written(paid(3, 120_00)))
    page = bank.client("preparer").get(bank.path("/closing"))
    assert page.status_code == 200
    assert date(2025, 3, 3).isoformat() not in page.text or "流水" in page.text
