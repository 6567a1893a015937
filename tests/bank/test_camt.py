"""camt.053 messages are read by the published classes, exact to the fen, or refused for a stated reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.bank import Statement, StatementError, line_keys, read_statement
from tests.bank.camt_files import Entry, laughing, message


def read(text: str | bytes, *, accept: bool = False, name: str = "对账单.xml") -> Statement:
    data = text.encode() if isinstance(text, str) else text
    return read_statement(data, name, accept_unverified_balance=accept)


def refused(text: str | bytes, *, accept: bool = False) -> StatementError:
    with pytest.raises(StatementError) as caught:
        read(text, accept=accept)
    return caught.value


@pytest.mark.parametrize("version", ["02", "08"])
def test_entries_become_lines_with_all_they_tell(version: str) -> None:
    statement = read(
        message(Entry(12_345), Entry(-30_000, name="电梯公司", memo="维保", number="B2"), version=version)
    )
    assert statement.format_id == "camt-053"
    assert statement.account_no == "4100200300"
    assert statement.balance_verified
    assert (statement.opening, statement.closing) == (100_000, 82_345)
    first, second = statement.lines
    assert (first.amount, first.balance, first.counterparty_name) == (12_345, 112_345, "王小明")
    assert (first.counterparty_account, first.memo) == ("6222000011112222", "物业费 3-2-1201")
    assert (second.amount, second.balance, second.counterparty_name) == (-30_000, 82_345, "电梯公司")
    assert len(set(line_keys(statement.lines))) == 2


def test_pending_entries_are_not_money_yet() -> None:
    statement = read(message(Entry(100), Entry(200, status="PDNG", number="B2")))
    assert [line.amount for line in statement.lines] == [100]
    assert "银行还没有记账" in str(statement.skipped[0])


def test_a_batch_becomes_its_transactions_if_they_make_its_amount() -> None:
    whole = read(message(Entry(300, parts=(100, 200))))
    assert [line.amount for line in whole.lines] == [100, 200]
    assert len(set(line_keys(whole.lines))) == 2
    part = read(message(Entry(300, parts=(100, 150))))
    assert [line.amount for line in part.lines] == [300]


def test_entries_that_do_not_lead_to_the_closing_balance_are_refused() -> None:
    error = refused(message(Entry(100), closing=99_999))
    assert "应余 1,001.00，文件写的期末是 999.99" in str(error)
    assert error.waivable
    waived = read(message(Entry(100), closing=99_999), accept=True)
    assert not waived.balance_verified
    assert waived.waived
    assert "没有写明期初和期末余额" in str(refused(message(Entry(100), opening=None)))


def test_gb18030_is_read_too() -> None:
    head = '<?xml version="1.0" encoding="GB18030"?>\n'
    assert read(message(Entry(100), head=head).encode("gb18030")).lines[0].counterparty_name == "王小明"


def test_entities_and_document_types_are_refused_before_anything_is_decoded() -> None:
    assert "实体声明" in str(refused(laughing(), accept=True))
    outside = message(
        Entry(100), head='<!DOCTYPE Document [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    ).replace("王小明", "&x;")
    assert "实体声明" in str(refused(outside, accept=True))


def test_other_xml_says_what_it_is_not() -> None:
    other = message(Entry(100)).replace("camt.053.001.02", "camt.053.001.77")
    assert "不是 camt.053.001.01 至 .12 版" in str(refused(other))
    assert "不是 camt.053 对账单" in str(refused('<?xml version="1.0"?><a>1</a>'))
    assert "内容是网页" in str(refused("<!DOCTYPE html><html></html>"))


def test_foreign_money_broken_amounts_and_missing_parts_name_the_entry() -> None:
    error = refused(message(Entry(100), Entry(200, currency="USD", number="B2")), accept=True)
    assert "第 2 笔" in str(error)
    assert "只能导入人民币" in str(error)
    assert "到分" in str(refused(message(Entry(100)).replace(">1.00<", ">1.005<", 1), accept=True))
    assert "结构" in str(refused(message(Entry(100)).replace(">1.00<", ">一元<", 1), accept=True))
    assert "结构" in str(refused(message(Entry(100)).replace("2026-01-05", "2026-13-05"), accept=True))


def test_two_accounts_in_one_file_are_refused() -> None:
    one = message(Entry(100))
    statement = one[one.index("<Stmt>") : one.index("</BkToCstmrStmt>")]
    both = one.replace("</BkToCstmrStmt>", statement.replace("4100200300", "999") + "</BkToCstmrStmt>")
    assert "不止一个账户" in str(refused(both, accept=True))


def test_deep_nesting_is_refused() -> None:
    deep = message(Entry(100)).replace("<NtryDtls>", "<a>" * 100 + "<NtryDtls>").replace("</NtryDtls>", "</NtryDtls>" + "</a>" * 100)  # fmt: skip
    assert "嵌套过深" in str(refused(deep, accept=True))


@pytest.mark.parametrize("cut", [3, 60, 400])
def test_a_truncated_message_never_passes_as_whole(cut: int) -> None:
    error = refused(message(Entry(100)).encode()[:-cut], accept=True)
    assert "不完整" in str(error)


@given(st.lists(st.integers(1, 10**9).flatmap(lambda n: st.sampled_from([n, -n])), min_size=1, max_size=12))
def test_sums_hold_for_any_amounts(amounts: list[int]) -> None:
    entries = [Entry(amount, number=f"B{no}") for no, amount in enumerate(amounts)]
    statement = read(message(*entries))
    assert [line.amount for line in statement.lines] == amounts
    assert statement.closing == 100_000 + sum(amounts)


@given(st.data())
def test_damaged_messages_are_refused_or_read_never_worse(data: st.DataObject) -> None:
    whole = bytearray(message(Entry(100), Entry(-50, number="B2")).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        statement = read(bytes(whole))
    except StatementError:
        return
    assert statement.closing == (statement.opening or 0) + sum(line.amount for line in statement.lines)
