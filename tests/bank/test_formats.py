"""Every format reads its own small sample, in every encoding and container it may come in."""

# ruff: noqa: DTZ001 - statements tell Beijing time without naming it, so the values are naive

import csv
import io
from datetime import datetime

import pytest

from ledger.bank import Statement, read_statement
from ledger.bank.describe import builtin_formats
from tests.bank import samples

CSV_SAMPLES = {
    "cmb-corporate": samples.CMB_CORPORATE,
    "ccb-corporate": samples.CCB_CORPORATE,
    "icbc-corporate": samples.ICBC_CORPORATE,
    "icbc-corporate-one-amount": samples.ICBC_ONE_AMOUNT,
    "icbc-personal": samples.ICBC_PERSONAL,
    "abc-corporate": samples.ABC_CORPORATE,
    "cmb-personal": samples.CMB_PERSONAL,
    "boc-personal": samples.BOC_PERSONAL,
    "wechat-personal": samples.WECHAT_PERSONAL,
    "alipay-personal": samples.ALIPAY_PERSONAL,
    "wechat-merchant": samples.WECHAT_MERCHANT,
}
# opening, closing, amounts from oldest to newest; fen
BANKS = {
    "cmb-corporate": (1_000_000, 819_450, [120_000, -300_050, -500]),
    "ccb-corporate": (100_000, 80_000, [30_000, -50_000]),
    "icbc-corporate": (100_000, 70_000, [50_000, -80_000]),
    "icbc-corporate-one-amount": (100_000, 80_000, [50_000, -80_000, 10_000]),
    "icbc-personal": (10_000, 108_660, [100_000, -1_340]),
    "abc-corporate": (0, 0, [10_000, -10_000]),
    "cmb-personal": (3_766, 27_166, [123_400, -100_000]),
    "boc-personal": (358_817, 331_217, [5_000, -32_600]),
}


def read(format_id: str) -> Statement:
    return read_statement(CSV_SAMPLES[format_id].encode(), "流水.csv")


def test_every_format_has_a_sample() -> None:
    assert {form.id for form in builtin_formats()} == {*CSV_SAMPLES, "ccb-personal"}


@pytest.mark.parametrize("format_id", BANKS)
def test_bank_statements_are_read_and_verified(format_id: str) -> None:
    opening, closing, amounts = BANKS[format_id]
    statement = read(format_id)
    assert statement.format_id == format_id
    assert (statement.opening, statement.closing) == (opening, closing)
    assert [line.amount for line in statement.lines] == amounts
    assert statement.balance_verified
    assert not statement.waived
    times = [line.occurred_at for line in statement.lines]
    assert times == sorted(times)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("format_id", CSV_SAMPLES)
def test_encodings_do_not_matter(format_id: str, encoding: str) -> None:
    data = CSV_SAMPLES[format_id].encode(encoding)
    assert read_statement(data, "a.CSV") == read(format_id)


@pytest.mark.parametrize("format_id", [name for name in CSV_SAMPLES if name != "wechat-merchant"])
def test_the_same_table_as_tabs_or_workbook(format_id: str) -> None:
    rows = list(csv.reader(io.StringIO(CSV_SAMPLES[format_id])))
    expected = read(format_id)
    book = read_statement(samples.xlsx(rows), "a.xlsx")
    assert [line.amount for line in book.lines] == [line.amount for line in expected.lines]
    assert book.lines[0].counterparty_name == expected.lines[0].counterparty_name
    tabs = "\n".join("\t".join(cell.strip() for cell in row) for row in rows)
    assert read_statement(tabs.encode("utf-16"), "a.xls") == expected


def test_cmb_corporate_in_detail() -> None:
    first, second, third = read("cmb-corporate").lines
    assert (first.row, first.occurred_at) == (2, datetime(2026, 1, 5, 9, 30))
    assert (first.counterparty_name, first.counterparty_account) == ("王小明", "6222000011112222")
    assert (first.memo, first.flow_no, first.balance) == ("物业费；3-201；转账", "A001", 1_120_000)
    assert (second.amount, third.occurred_at) == (-300_050, datetime(2026, 1, 6))


def test_own_account_from_column_lead_or_nowhere() -> None:
    assert read("ccb-corporate").account_no == "4100200300"
    assert read("icbc-corporate").account_no == "020000"
    assert read("icbc-personal").account_no == "6222****0001"
    assert read("boc-personal").account_no == "3167"
    assert read("wechat-merchant").account_no == "1900000001"
    assert read("cmb-corporate").account_no == ""


def test_name_and_account_in_one_cell() -> None:
    first, second = read("cmb-personal").lines
    assert (first.counterparty_name, first.counterparty_account) == ("张三", "66666666666666")
    assert (second.counterparty_name, second.counterparty_account) == ("公积金中心", "1111111111")


def test_runs_of_hyphens_are_empty() -> None:
    assert read("boc-personal").lines[0].memo == "退款；银企对接"


def test_wechat_personal() -> None:
    statement = read("wechat-personal")
    assert [line.amount for line in statement.lines] == [1300, -10010, 10035, -2816]
    assert not statement.balance_verified
    assert statement.opening is statement.closing is None
    assert [problem.row for problem in statement.skipped] == [10]
    assert statement.lines[-1].flow_no == "3985734"
    assert statement.lines[2].memo == "收款；二维码收款"


def test_alipay_counts_a_paid_and_refunded_order_twice_and_an_unpaid_one_never() -> None:
    statement = read("alipay-personal")
    by_number = {line.flow_no: line.amount for line in statement.lines}
    assert by_number == {"A6": -4974, "A5": 120_000, "A3_R": 5000, "A3": -5000}
    assert [problem.row for problem in statement.skipped] == [11, 12]
    assert "交易关闭" in statement.skipped[0].message


def test_wechat_merchant_separates_fees_and_refunds() -> None:
    statement = read("wechat-merchant")
    assert [(line.flow_no, line.amount) for line in statement.lines] == [
        ("4200001", 10_000),
        ("4200001-微信支付手续费", -60),
        ("500001", -4_000),
        ("500001-微信支付手续费", 24),
    ]
    assert statement.lines[0].memo == "物业费；BILL-7"
    assert statement.lines[0].counterparty_account == "openid1"


def test_ccb_personal_workbook_with_numbers() -> None:
    statement = read_statement(samples.xlsx(samples.CCB_PERSONAL), "交易明细.xlsx")
    assert [line.amount for line in statement.lines] == [-6700, -1678]
    assert (statement.opening, statement.closing) == (224_391, 216_013)
    assert statement.account_no == "6217*********1546"
    assert statement.lines[0].row == 5


def test_older_headings_of_the_same_bank() -> None:
    ccb = samples.CCB_CORPORATE.replace("借方发生额/元(支取)", "借方发生额（支取）")
    ccb = ccb.replace("贷方发生额/元(收入)", "贷方发生额（收入）").replace("余额/元", "余额")
    assert read_statement(ccb.encode(), "a.csv").lines == read("ccb-corporate").lines
    icbc = samples.ICBC_CORPORATE.replace("转出金额,转入金额", "借方发生额,贷方发生额").replace(
        "对方单位", "对方单位名称"
    )
    assert read_statement(icbc.encode(), "a.csv").lines == read("icbc-corporate").lines


def test_equal_sheets_are_one_statement_and_different_ones_are_refused() -> None:
    other = [*samples.CCB_PERSONAL[:5], samples.CCB_PERSONAL[-1]]
    assert len(read_statement(samples.xlsx(samples.CCB_PERSONAL, samples.CCB_PERSONAL), "a.xlsx").lines) == 2
    with pytest.raises(ValueError, match="只保留一张"):
        read_statement(samples.xlsx(samples.CCB_PERSONAL, other), "a.xlsx")


def test_spreadsheet_dates_without_a_time() -> None:
    text = samples.CMB_PERSONAL.replace("2026-01-05", "2026-01-05 00:00:00")
    assert read_statement(text.encode(), "a.csv") == read("cmb-personal")


def test_a_hundred_thousand_lines() -> None:
    statement = read_statement(samples.long_statement(100_000).encode(), "a.csv")
    assert len(statement.lines) == 100_000
    assert statement.balance_verified
