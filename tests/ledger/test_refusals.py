"""What the books refuse, with a code for programs and a sentence for people; and a refusal writes nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from ledger.chart import close_account
from ledger.errors import Problem, Refused
from ledger.events import load_events
from ledger.journal import Detail, Document, Draft, post_many
from ledger.journal import rules as rules_module
from ledger.journal import text_rules as text_rules_module
from ledger.journal.facts import Facts
from ledger.journal.rules import check, documents_are_there
from ledger.store.engine import writing
from ledger.store.tables import dimension_value, trust_head
from ledger.trust import load_setup
from tests.ledger.books import (
    DAY,
    TODAY,
    Books,
    act,
    cash,
    changed,
    draft,
    fee_charge,
    fee_receipt,
    interest,
    invoice,
    line,
    payment,
    petty,
    with_line,
)


def attached(original: Draft, *documents: Document) -> Draft:
    return changed(original, documents=documents)


HASH = "0" * 64
CASES: list[tuple[str, Callable[[], Draft], str, str]] = [
    ("unknown_event", lambda: changed(petty(), event="E99"), "业务事件", "请从业务事件表中选择"),
    ("no_summary", lambda: petty(summary=" \n"), "摘要", "写明这笔账做了什么"),
    ("long_summary", lambda: petty(summary="长" * 201), "摘要", "201 字"),
    ("no_key", lambda: petty(key=""), "防重复编号", "缺少防重复编号"),
    ("no_key", lambda: petty(key="   "), "防重复编号", "缺少防重复编号"),
    ("no_key", lambda: petty(key="k" * 201), "防重复编号", "200"),
    ("no_people", lambda: petty(reviewer=""), "制单与审核", "制单人和审核人都要写明"),
    ("no_people", lambda: petty(preparer=" "), "制单与审核", "制单人和审核人都要写明"),
    ("same_person", lambda: petty(preparer="甲", reviewer="甲"), "制单与审核", "会计法第三十五条"),
    ("same_person", lambda: petty(preparer="甲", reviewer=" 甲 "), "制单与审核", "会计法第三十五条"),
    ("private_data", lambda: petty(summary="联系 13800138000"), "摘要", "手机号"),
    ("private_data", lambda: petty(summary="3栋2单元501 物业费"), "摘要", "房号"),
    ("private_data", lambda: petty(summary="川A12345 停车"), "摘要", "车牌号"),
    ("private_data", lambda: petty(summary="510105199001011234 退款"), "摘要", "身份证号"),
    ("private_data", lambda: petty(summary="6222021234567890123 退款"), "摘要", "银行卡号"),
    ("private_data", lambda: petty(counterparty="13800138000", counterparty_public=True), "对方名称", "手机号"),
    ("private_data", lambda: attached(petty(), Document("expense_sheet", "张 13800138000")), "凭证名称", "手机号"),
    ("private_data", lambda: attached(invoice(), Document("invoice", number="13800138000"), Document("acceptance")), "凭证编号", "手机号"),
    ("private_data", lambda: petty(summary="支付张三修锁", counterparty="张三"), "摘要", "对方个人的姓名"),
    ("private_data", lambda: changed(attached(petty(), Document("expense_sheet", "张三的报销单")), counterparty="张三", counterparty_public=True), "凭证名称", "对方个人的姓名"),
    ("private_data", lambda: petty(references={"remark": "13800138000"}), "依据", "手机号"),
    ("bad_character", lambda: petty(summary="摘要\x00"), "摘要", "控制字符"),
    ("bad_character", lambda: petty(summary="摘要\ud800"), "摘要", "残缺的字符"),
    ("bad_character", lambda: petty(key="k\x00"), "防重复编号", "请删去"),
    ("bad_character", lambda: petty(key="k\udfff"), "防重复编号", "请删去"),
    ("bad_character", lambda: petty(memo="\x1b[0m"), "备注", "请删去"),
    ("bad_character", lambda: petty(counterparty="\x7f"), "对方名称", "请删去"),
    ("bad_character", lambda: petty(reviewer="乙\ud83d"), "制单与审核", "请删去"),
    ("bad_character", lambda: attached(invoice(), Document("invoice", number="1\x00"), Document("acceptance")), "附件", "请删去"),
    ("bad_character", lambda: attached(petty(), Document("expense_sheet", "\ufffe")), "附件", "请删去"),
    ("bad_character", lambda: with_line(fee_charge(), 1, details=(Detail("1-101", 300_00, "\x01"),)), "第 1 行明细", "请删去"),
    ("bad_reference", lambda: petty(references={"决议": "1号"}), "依据", "小写英文字母"),
    ("bad_reference", lambda: petty(references={"\U0001f600": "1号"}), "依据", "小写英文字母"),
    ("empty_reference", lambda: petty(references={"resolution": " "}), "依据", "请填写编号或去掉"),
    ("wrong_book", lambda: petty(book="M"), "账套", "不能记在账套 M"),
    ("reserved_event", lambda: changed(petty(), event="E26b"), "业务事件", "只能由更正或结账功能生成"),
    ("line_off_event", lambda: with_line(petty(), 1, account="1801"), "第 1 行", "请核对科目、方向或换一个业务事件"),
    ("line_missing", lambda: changed(petty(), lines=(line("D", "5007", 5), line("D", "5008", 5))), "分录", "缺少贷方科目 122101"),
    ("wrong_currency", lambda: petty(currency="USD"), "币种", "只记人民币"),
    ("too_few_lines", lambda: changed(petty(), lines=petty().lines[:1]), "分录", "一借一贷"),
    ("too_few_lines", lambda: changed(petty(), lines=()), "分录", "一借一贷"),
    ("not_whole_fen", lambda: with_line(petty(), 1, amount=50.5), "第 1 行", "不是整数分"),
    ("not_whole_fen", lambda: with_line(petty(1), 1, amount=True), "第 1 行", "不是整数分"),
    ("not_whole_fen", lambda: with_line(fee_charge(), 1, details=(Detail("1-101", 300_00.0, ""),)), "第 1 行明细", "不是整数分"),  # type: ignore[arg-type]
    ("zero_amount", lambda: with_line(petty(), 2, amount=0), "第 2 行", "不能为零"),
    ("zero_amount", lambda: fee_charge([("1-101", 100_00), ("1-102", 0)]), "第 1 行明细", "请去掉"),
    ("absurd_amount", lambda: petty(10**13), "第 1 行", "请核对小数点"),
    ("absurd_amount", lambda: petty(10**30), "第 2 行", "请核对小数点"),
    ("negative_amount", lambda: petty(-50_00), "第 1 行", "请用红字冲销功能"),
    ("negative_amount", lambda: fee_charge([("1-101", 300_00), ("1-102", -100_00)]), "第 1 行明细", "只能用于更正"),
    ("across_funds", lambda: changed(interest(), lines=(*interest().lines, *interest(fund="F1").lines)), "分录", "附决议"),
    ("unbalanced", lambda: with_line(petty(), 1, amount=50_01), "分录", "借方多 0.01 元"),
    ("unbalanced", lambda: with_line(petty(), 2, amount=60_00), "分录", "贷方多 10.00 元"),
    ("unknown_account", lambda: with_line(petty(), 1, account="5099"), "第 1 行", "没有科目 5099"),
    ("not_leaf", lambda: with_line(petty(), 1, account="5006"), "第 1 行", "请记到末级科目"),
    ("fund_not_allowed", lambda: with_line(petty(), 1, fund="F3"), "第 1 行", "只能用于 F1"),
    ("fund_not_allowed", lambda: with_line(petty(), 1, fund="F9"), "第 1 行", "只能用于 F1"),
    ("missing_dimension", lambda: with_line(petty(), 2, party=""), "第 2 行", "须写明往来单位或人员"),
    ("missing_dimension", lambda: with_line(fee_receipt(), 1, bank_account=""), "第 1 行", "须写明银行账户"),
    ("missing_dimension", lambda: with_line(fee_receipt(), 2, unit=""), "第 2 行", "须写明房号"),
    ("missing_dimension", lambda: with_line(payment(), 1, contract=""), "第 1 行", "须写明合同"),
    ("unknown_dimension", lambda: with_line(petty(), 2, party="NOBODY"), "第 2 行", "请先登记"),
    ("unknown_dimension", lambda: with_line(fee_receipt(), 2, unit="9-999"), "第 2 行", "请先登记"),
    ("unknown_dimension", lambda: fee_charge([("9-999", 100_00)]), "第 1 行明细", "请先登记"),
    ("bank_account_mismatch", lambda: with_line(fee_receipt(), 1, bank_account="F2-CMB"), "第 1 行", "属于账套 A 基金 F2"),
    ("bank_account_mismatch", lambda: with_line(fee_receipt(), 1, bank_account="F1-WX"), "第 1 行", "科目 101201"),
    ("bank_account_mismatch", lambda: with_line(fee_receipt(), 1, bank_account="M-ICBC"), "第 1 行", "属于账套 M"),
    ("unit_and_details", lambda: with_line(fee_charge(), 1, unit="1-101"), "第 1 行明细", "不能两样都有"),
    ("detail_sum", lambda: with_line(fee_charge(), 2, details=(Detail("1-101", 299_99),)), "第 2 行明细", "299.99"),
    (
        "not_opening_day",
        lambda: draft("E00", [cash("D", 1), line("C", "3001", 1)], "handover"),
        "业务日期",
        "只能记在建账日 2024-01-01",
    ),
    ("before_opening", lambda: petty(date=date(2023, 12, 31)), "业务日期", "早于建账日 2024-01-01"),
    ("future_date", lambda: petty(date=date(2025, 7, 1)), "业务日期", "还没到，今天是 2025-06-30"),
    ("original_date", lambda: petty(original_date=DAY), "原始日期", "应早于业务日期"),
    ("unknown_document", lambda: attached(petty(), Document("expense_sheet"), Document("napkin")), "附件", "napkin"),
    ("missing_document", lambda: attached(petty()), "附件", "须附发票或报销单"),
    ("no_invoice_number", lambda: attached(invoice(), Document("invoice"), Document("acceptance")), "附件", "须填写发票号"),
    ("bad_invoice_number", lambda: attached(invoice(), Document("invoice", number=" 123"), Document("acceptance")), "附件", "有空格"),
    ("bad_invoice_number", lambda: attached(invoice(), Document("invoice", number="12\u30003"), Document("acceptance")), "附件", "有空格"),
    ("bad_digest", lambda: attached(petty(), Document("expense_sheet", original="A" * 64)), "附件", "64 位小写十六进制"),
    ("bad_digest", lambda: attached(petty(), Document("expense_sheet", public="0" * 63)), "附件", "64 位小写十六进制"),
    ("gate_contract", lambda: invoice(references={}), "前置条件", "请填写合同号"),
]  # fmt: skip
ELSEWHERE = {"account_closed", "dimension_closed", "period_closed", "no_document"}
CHINESE = re.compile("[一-鿿]")


def test_every_refusal_of_the_rules_is_tried_here() -> None:
    source = "".join(Path(m.__file__).read_text(encoding="utf-8") for m in (rules_module, text_rules_module))
    codes = set(re.findall(r'Problem\(\s*"([a-z_]+)"', source))
    assert len(codes) > 35
    assert codes == {code for code, *_ in CASES if not code.startswith("gate_")} | ELSEWHERE


def found(refused: pytest.ExceptionInfo[Refused], code: str) -> Problem:
    problems = [problem for problem in refused.value.problems if problem.code == code]
    assert problems, f"{code} not among {refused.value.codes}"
    return problems[0]


@pytest.mark.parametrize(
    ("code", "wrong", "where", "words"), CASES, ids=[f"{n}-{case[0]}" for n, case in enumerate(CASES)]
)
def test_a_wrong_draft_is_refused_by_code_place_and_remedy(
    books: Books, code: str, wrong: Callable[[], Draft], where: str, words: str
) -> None:
    books.post(petty())
    before = books.footprint()
    with pytest.raises(Refused) as refused:
        books.post(wrong())
    places = [problem.where for problem in refused.value.problems if problem.code == code]
    assert where in places, f"{code} at {places}, expected at {where}; all: {refused.value}"
    messages = [p.message for p in refused.value.problems if p.code == code and p.where == where]
    assert any(words in message for message in messages), messages
    assert all(CHINESE.search(problem.message) for problem in refused.value.problems)
    str(refused.value).encode()  # can be shown
    assert books.footprint() == before
    books.post(petty())


@pytest.mark.parametrize(("code", "wrong"), [case[:2] for case in CASES], ids=[f"{n}-{case[0]}" for n, case in enumerate(CASES)])  # fmt: skip
@pytest.mark.db("sqlite")
def test_in_a_batch_the_place_says_which_draft_and_the_good_ones_wait_too(
    books: Books, code: str, wrong: Callable[[], Draft]
) -> None:
    before = books.footprint()
    with pytest.raises(Refused) as refused:
        books.post_many([petty(), wrong(), petty()])
    assert found(refused, code).where.startswith("第 2 张凭证 ")
    assert {problem.where.split()[1] for problem in refused.value.problems} == {"2"}
    assert books.footprint() == before


def test_nothing_is_left_even_if_the_caller_goes_on_after_a_refusal(books: Books) -> None:
    """The refusal comes before the first row is written, not by the roll-back alone."""
    before = books.footprint()
    with writing(books.engine) as conn, pytest.raises(Refused):
        post_many(conn, books.trust_id, [petty(), petty(summary="")], act())
    assert books.footprint() == before


def test_all_problems_of_all_drafts_are_told_at_once(books: Books) -> None:
    bad = changed(with_line(petty(-1, summary="", reviewer=""), 1, account="5006"), documents=())
    worse = with_line(fee_receipt(), 1, amount=99, bank_account="F2-CMB")
    with pytest.raises(Refused) as refused:
        books.post_many([bad, worse])
    told = {(problem.where, problem.code) for problem in refused.value.problems}
    assert {
        ("第 1 张凭证 摘要", "no_summary"),
        ("第 1 张凭证 制单与审核", "no_people"),
        ("第 1 张凭证 第 1 行", "negative_amount"),
        ("第 1 张凭证 第 1 行", "not_leaf"),
        ("第 1 张凭证 附件", "missing_document"),
        ("第 2 张凭证 分录", "unbalanced"),
        ("第 2 张凭证 第 1 行", "bank_account_mismatch"),
    } <= told
    assert str(refused.value).count("\n") == len(refused.value.problems) - 1


@pytest.mark.parametrize("amount", [10**13 - 1, 1])
def test_amounts_just_inside_the_limits_are_taken(books: Books, amount: int) -> None:
    books.post(petty(amount))
    assert books.balance("5007") == amount


@pytest.mark.parametrize(
    "changes",
    [
        {"summary": "字" * 200},
        {"summary": "换行\n和\t制表"},
        {"summary": "𠮷野家\u2028\u00a0\u200b😀"},
        {"memo": "内部：1-101 王女士 13800138000"},
        {"counterparty": "王女士 13800138000"},
        {"key": "k" * 200},
        {"references": {"resolution": "HT-2025-01-001"}},
        {"original_date": date(2025, 3, 9)},
        {"date": TODAY},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_is_allowed_is_kept_as_it_is(books: Books, changes: dict[str, Any]) -> None:
    key = changes.get("key", f"allowed-{changes}"[:60])
    wanted = petty(**(changes | {"key": key}))
    assert books.stored(books.post(wanted).ref).draft == wanted


def test_a_closed_account_is_named_with_the_day_it_was_closed(books: Books) -> None:
    with writing(books.engine) as conn:
        close_account(conn, books.trust_id, "A", "5007", date(2025, 3, 9))
    before = books.footprint()
    with pytest.raises(Refused) as refused:
        books.post(petty())
    problem = found(refused, "account_closed")
    assert (problem.where, "2025-03-09" in problem.message) == ("第 1 行", True)
    assert books.footprint() == before


def test_a_closed_contract_is_named_with_the_day_it_was_closed(books: Books) -> None:
    books.post(payment(date=date(2025, 3, 9)))
    with writing(books.engine) as conn:
        conn.execute(
            update(dimension_value)
            .where(dimension_value.c.trust_id == books.trust_id, dimension_value.c.code == "C1")
            .values(closed_on=date(2025, 3, 9))
        )
        conn.execute(  # what a command that closes a value does besides
            update(trust_head).where(trust_head.c.trust_id == books.trust_id).values(setup_version=99)
        )
    with pytest.raises(Refused) as refused:
        books.post(payment())
    problem = found(refused, "dimension_closed")
    assert (problem.where, "合同“C1”已于 2025-03-09 停用" in problem.message) == ("第 1 行", True)


def test_a_closed_month_is_refused_with_the_day_to_use_instead(books: Books) -> None:
    books.close(202401)
    before = books.footprint()
    with pytest.raises(Refused) as refused:
        books.post(petty(date=date(2024, 1, 31)))
    problem = found(refused, "period_closed")
    assert problem.where == "业务日期"
    assert "2024-02-01" in problem.message
    assert "原始日期" in problem.message
    assert books.footprint() == before
    late = books.post(petty(date=date(2024, 2, 1), original_date=date(2024, 1, 31)))
    assert books.stored(late.ref).draft.original_date == date(2024, 1, 31)


@pytest.mark.db("sqlite")
def test_an_event_without_a_list_asks_for_any_document_at_all(books: Books) -> None:
    event = replace(load_events()["E13b"], documents=None)
    with writing(books.engine) as conn:
        facts = Facts(load_setup(conn, books.trust_id), TODAY, {}, {})
    assert [p.code for p in documents_are_there(changed(petty(), documents=()), event, facts)] == [
        "no_document"
    ]
    assert not list(documents_are_there(petty(), event, facts))


@pytest.mark.db("sqlite")
def test_checking_a_draft_alone_finds_what_posting_would_refuse(books: Books) -> None:
    with writing(books.engine) as conn:
        facts = Facts(load_setup(conn, books.trust_id), TODAY, {}, {"122103": 0})
    for code, wrong, where, _ in CASES:
        assert (code, where) in {(p.code, p.where) for p in check(wrong(), facts)}
    assert check(petty(), facts) == []


def test_an_entry_of_another_trust_is_out_of_reach(new_books: Callable[..., Books]) -> None:
    mine, other = new_books(), new_books()
    mine.post(petty())
    with pytest.raises(Refused) as refused, writing(mine.engine) as conn:
        post_many(conn, 999_999, [petty()], act())
    assert refused.value.codes == {"unknown_trust"}
    assert other.trial() == {}


def test_cash_of_one_fund_never_pays_into_another(books: Books) -> None:
    lines = [cash("D", 100, "F2"), line("C", "4101", 100, "F1")]
    with pytest.raises(Refused) as refused:
        books.post(draft("E16", lines, "bank_line"))
    assert {"across_funds", "unbalanced"} <= refused.value.codes
