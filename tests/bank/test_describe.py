"""A wrong description is told clearly; a right one adds a bank without code."""

import pytest

from ledger.bank import read_statement
from ledger.bank.describe import DescriptionError, builtin_formats, parse_description

NEW_BANK = """
id = "new-bank"
name = "新银行"
kind = "bank"
recognise = ["日期", "借贷", "发生额", "余额"]
times = ["%Y年%m月%d日"]
[columns]
date = ["日期"]
amount = ["发生额"]
direction = ["借贷"]
balance = ["余额"]
[sign]
how = "direction"
in = ["贷"]
out = ["借"]
"""


def test_a_new_bank_is_a_new_description() -> None:
    form = parse_description(NEW_BANK, "new-bank.toml")
    text = "日期,借贷,发生额,余额\n2026年1月5日,贷,100.00,100.00\n2026年1月6日,借,40.00,60.00\n"
    statement = read_statement(text.encode(), "a.csv", [form])
    assert [line.amount for line in statement.lines] == [10_000, -4_000]
    assert statement.balance_verified


def test_two_descriptions_that_fit_alike_are_refused() -> None:
    form = parse_description(NEW_BANK, "a.toml")
    with pytest.raises(ValueError, match="分不清是哪一种"):
        read_statement("日期,借贷,发生额,余额\n".encode(), "a.csv", [form, form])


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('how = "direction"', 'how = "guess"', "guess"),
        ("recognise", "recognize", "recognize"),
        ('amount = ["发生额"]', "", "columns.amount"),
        ('in = ["贷"]', "", "sign.in"),
        ('recognise = ["日期", "借贷", "发生额", "余额"]', "recognise = []", "recognise"),
        ('name = "新银行"', "name = 5", "name"),
        ("[columns]", "[columns", "读不懂"),
        ('kind = "bank"', 'kind = "bank"\naccount_lead = "("', "正则表达式"),
        (
            'kind = "bank"',
            'kind = "bank"\nstatus = { column = "状态", counted = ["*"] }',
            "必须写进 recognise",
        ),
        ('kind = "bank"', 'kind = "bank"\nfee = { column = "余额", payee = "", memo = "" }', "没有余额列"),
    ],
)
def test_wrong_descriptions(old: str, new: str, reason: str) -> None:
    assert old in NEW_BANK
    with pytest.raises(DescriptionError, match=r"流水格式描述 x\.toml") as caught:
        parse_description(NEW_BANK.replace(old, new), "x.toml")
    assert reason in str(caught.value)


def test_all_that_ship_load_and_have_their_own_names() -> None:
    forms = builtin_formats()
    assert len({form.id for form in forms}) == len({form.name for form in forms}) == len(forms) == 12
