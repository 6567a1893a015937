"""What the demonstration writes in a real format is read back to the fen, whatever the names hold."""

# ruff: noqa: DTZ001 - statements tell Beijing time without naming it, so the values are naive

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disclosure.demo.statement_files import write_statement
from ledger.bank import BankLine, line_keys, read_statement

BANKS = ["cmb-corporate", "ccb-corporate", "icbc-corporate"]
CHANNELS = ["wechat-personal", "alipay-personal", "wechat-merchant"]
NAMES = (
    st.text(alphabet="王小明幸福里物业,，\"“”'<b>=+@ /-；公司１Ａ𠮷é", min_size=0, max_size=12)
    .map(str.strip)
    .filter(lambda name: name.strip("/-`") != "" or name == "")
)


@st.composite
def statements(draw: st.DrawFn) -> list[BankLine]:
    moment = draw(st.datetimes(datetime(2020, 1, 1), datetime(2035, 12, 31))).replace(microsecond=0)
    lines = []
    for number in range(draw(st.integers(1, 8))):
        moment += timedelta(seconds=draw(st.integers(0, 100_000)))
        amount = draw(st.integers(1, 10**11)) * draw(st.sampled_from([1, -1]))
        account = draw(st.from_regex(r"[1-9][0-9]{5,18}", fullmatch=True))
        lines.append(BankLine(0, moment, amount, None, draw(NAMES), account, draw(NAMES), f"N{number}"))
    return lines


def written(format_id: str, lines: list[BankLine], opening: int = 0) -> bytes:
    return write_statement(
        format_id, lines, account_no="4100200300", account_name="幸福里，业主", opening=opening
    )


@pytest.mark.parametrize("format_id", BANKS)
@given(lines=statements(), opening=st.integers(-(10**11), 10**11))
def test_bank_files(format_id: str, lines: list[BankLine], opening: int) -> None:
    statement = read_statement(written(format_id, lines, opening), "流水.csv")
    assert statement.format_id == format_id
    assert statement.balance_verified
    assert statement.opening == opening
    assert statement.closing == opening + sum(line.amount for line in lines)
    assert statement.account_no == "4100200300"
    assert sorted(map(_essence, statement.lines)) == sorted(map(_essence, lines))
    moments = [line.occurred_at for line in statement.lines]
    assert moments == sorted(moments)


@pytest.mark.parametrize("format_id", CHANNELS)
@given(lines=statements())
def test_channel_files(format_id: str, lines: list[BankLine]) -> None:
    statement = read_statement(written(format_id, lines), "账单.csv")
    assert statement.format_id == format_id
    assert not statement.balance_verified
    assert [line.amount for line in statement.lines] == [line.amount for line in lines]
    assert [line.occurred_at for line in statement.lines] == [line.occurred_at for line in lines]
    assert [line.flow_no for line in statement.lines] == [line.flow_no for line in lines]
    if format_id != "wechat-merchant":
        assert [line.counterparty_name for line in statement.lines] == [
            line.counterparty_name for line in lines
        ]
    assert line_keys(statement.lines) == line_keys(lines)


def _essence(line: BankLine) -> tuple[datetime, int, str, str, str]:
    return line.occurred_at, line.amount, line.counterparty_name, line.counterparty_account, line.memo


def test_merchant_fees_go_into_the_order_and_come_back() -> None:
    moment = datetime(2026, 1, 5, 10)
    order = BankLine(0, moment, 10_000, None, "", "openid1", "物业费", "4200001")
    fee = BankLine(
        0, moment, -60, None, "财付通支付科技有限公司", "", "微信支付手续费；物业费", "4200001-微信支付手续费"
    )
    back = BankLine(0, moment, -4_000, None, "", "openid1", "退款", "500001")
    data = written("wechat-merchant", [order, fee, back])
    assert b"`0.60000" in data
    assert [line.amount for line in read_statement(data, "a.csv").lines] == [10_000, -60, -4_000]
    assert line_keys(read_statement(data, "a.csv").lines) == line_keys([order, fee, back])
    with pytest.raises(ValueError, match="手续费没有对应的订单"):
        written("wechat-merchant", [fee])


def test_layouts_are_those_of_the_sources() -> None:
    line = BankLine(0, datetime(2026, 1, 5, 10), 10_000, None, "王小明", "6222", "物业费", "N1")
    wechat = written("wechat-personal", [line]).decode("utf-8-sig").split("\r\n")
    assert wechat[16].startswith("交易时间,交易类型")
    assert ",¥100.00," in wechat[17]
    assert "N1\t" in wechat[17]
    alipay = written("alipay-personal", [line]).decode("gb18030").split("\r\n")
    assert alipay[24].startswith("交易时间,交易分类")
    assert alipay[24].endswith(",")
    merchant = written("wechat-merchant", [line]).decode().split("\r\n")
    assert merchant[0].count(",") == 26
    assert merchant[1].startswith("`2026-01-05 10:00:00,`wx")
    assert merchant[-2].startswith("`1,`100.00,`0.00")
    assert written("ccb-corporate", [line]).decode("gb18030").startswith("账户明细编号-交易流水号,")


def test_formats_that_cannot_be_written_say_so() -> None:
    line = BankLine(0, datetime(2026, 1, 5), 1, None, "", "", "", "")
    for format_id in ("boc-personal", "no-such-bank"):
        with pytest.raises(ValueError, match="只能读入"):
            written(format_id, [line])
    with pytest.raises(ValueError, match="没有一笔流水"):
        written("cmb-corporate", [])
