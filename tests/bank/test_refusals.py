"""Damaged, doctored and hostile files are refused whole, saying where and why."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.bank import StatementError, read_statement
from ledger.bank.statement import Problem
from tests.bank import samples
from tests.bank.samples import CMB_CORPORATE, CMB_HEADER, WECHAT_MERCHANT, WECHAT_PERSONAL


def refused(data: bytes | str, filename: str = "流水.csv", *, accept: bool = False) -> StatementError:
    with pytest.raises(StatementError) as caught:
        read_statement(
            data.encode() if isinstance(data, str) else data, filename, accept_unverified_balance=accept
        )
    return caught.value


def places(error: StatementError) -> list[tuple[int, str]]:
    return [(problem.row, problem.field) for problem in error.problems]


def test_a_broken_chain_names_the_row_and_both_numbers() -> None:
    error = refused(CMB_CORPORATE.replace('"3,000.50"', '"3,000.05"'))
    assert places(error) == [(3, "余额")]
    assert "8,199.95" in str(error)
    assert "8,199.50" in str(error)
    assert error.waivable
    assert "不校验余额" in str(error)


def test_a_missing_line_breaks_the_chain() -> None:
    lines = CMB_CORPORATE.splitlines(keepends=True)
    assert places(refused("".join(lines[:2] + lines[3:]))) == [(3, "余额")]


def test_the_operator_may_import_past_a_broken_chain_and_it_stays_marked() -> None:
    data = CMB_CORPORATE.replace('"3,000.50"', '"3,000.05"').encode()
    statement = read_statement(data, "a.csv", accept_unverified_balance=True)
    assert not statement.balance_verified
    assert statement.opening is statement.closing is None
    assert [problem.row for problem in statement.waived] == [3]
    assert len(statement.lines) == 3


@pytest.mark.parametrize("masked", ["****", '"xx,yyyy.zz"', "", "—"])
def test_masked_and_missing_balances_can_be_waived(masked: str) -> None:
    text = CMB_CORPORATE.replace('"8,199.50"', masked)
    error = refused(text)
    assert places(error) == [(3, "余额")]
    assert error.waivable
    statement = read_statement(text.encode(), "a.csv", accept_unverified_balance=True)
    assert [line.balance for line in statement.lines] == [1_120_000, None, 819_450]


def test_the_choice_does_not_weaken_a_good_file() -> None:
    assert read_statement(CMB_CORPORATE.encode(), "a.csv", accept_unverified_balance=True).balance_verified


def test_all_unreadable_rows_are_listed_and_never_waived() -> None:
    text = (
        CMB_CORPORATE.replace("20260105,09:30:00,王", "昨天,,王")
        .replace("5.00", "5.005")
        .replace("A002", "1.2E+15")
    )
    error = refused(text, accept=True)
    assert places(error) == [(2, "交易日"), (3, "流水号"), (4, "借方金额")]
    assert not error.waivable
    assert str(error).startswith("“流水.csv”没有导入，一行都没有入账。共 3 处问题：\n第 2 行“交易日”：")
    assert "科学计数法" in str(error)


def test_both_or_neither_amount() -> None:
    both = CMB_CORPORATE.replace(',,"1,200.00"', ',1.00,"1,200.00"')
    assert "分不清是收是付" in str(refused(both))
    neither = CMB_CORPORATE.replace(",,,5.00,,", ",,,,,")
    assert places(refused(neither)) == [(4, "贷方金额")]


def test_a_reversal_in_red_is_money_the_other_way() -> None:
    text = CMB_CORPORATE + "A004,20260106,00:00:01,本行,,冲正,手续费冲回,,,-5.00,,8199.50\n"
    assert read_statement(text.encode(), "a.csv").lines[-1].amount == 500
    assert "负数" in str(refused(WECHAT_PERSONAL.replace("¥28.16", "-¥28.16")))


def test_zero_rows_are_skipped_with_a_reason() -> None:
    text = CMB_CORPORATE + "A004,20260107,00:00:01,本行,,开户,通知,,,0.00,0.00,8194.50\n"
    statement = read_statement(text.encode(), "a.csv")
    assert len(statement.lines) == 3
    assert statement.skipped == (Problem(5, "", "金额为 0，没有收付"),)


def test_foreign_currency_and_two_accounts_are_refused() -> None:
    assert "只能导入人民币" in str(refused(samples.BOC_PERSONAL.replace("12:23:04,人民币", "12:23:04,美元")))
    error = refused(samples.CCB_CORPORATE.replace("4100200300,供电局", "4100200301,供电局"))
    assert "另一个本方账号" in str(error)
    assert error.problems[0].row == 3


@pytest.mark.parametrize("cut", range(5, 400, 7))
def test_a_truncated_corporate_file_never_passes_as_whole(cut: int) -> None:
    """Bytes cut from the end: refused, unless the cut lies between lines, where a shorter statement is honest."""
    data = CMB_CORPORATE.encode()
    try:
        statement = read_statement(data[:-cut], "a.csv")
    except StatementError:
        return
    whole = [line.flow_no for line in read_statement(data, "a.csv").lines]
    assert data[:-cut].endswith(b"\n") or data[-cut : 1 - cut or None] == b"\n"
    assert [line.flow_no for line in statement.lines] == whole[: len(statement.lines)]


def test_a_file_cut_inside_a_character_says_so() -> None:
    data = CMB_CORPORATE.encode()
    middle = data.index("电梯".encode()) + 1
    assert "中间断了" in str(refused(data[:middle]))


def test_channel_files_with_rows_removed_are_noticed() -> None:
    wechat = WECHAT_PERSONAL.splitlines(keepends=True)
    error = refused("".join(wechat[:-1]))
    assert "共 5 笔，实际读到 4 笔" in str(error)
    assert error.waivable
    merchant = WECHAT_MERCHANT.splitlines(keepends=True)
    error = refused("".join(merchant[:1] + merchant[2:]))
    assert {field for _, field in places(error)} == {"退款总金额", "手续费总金额", "总交易单数"}
    assert "没有找到文件自己的合计" in str(refused("".join(merchant[:3])))


def test_a_footer_sum_that_differs_is_refused() -> None:
    error = refused(samples.ICBC_PERSONAL.replace('"13.40\t",\n', '"14.40\t",\n'))
    assert places(error) == [(11, "记账金额(支出)")]
    assert "14.40" in str(error)


def test_lines_after_the_footer_are_refused() -> None:
    row = '2026-01-07\t,"消费","店","CHN",钞,-,-,-,,"1.00",人民币,"1,085.60","店",\n'
    error = refused(samples.ICBC_PERSONAL + row)
    assert places(error)[0] == (12, "")
    assert "拼接" in str(error)


def test_unknown_states_and_directions_are_refused_not_guessed() -> None:
    assert "不认识的状态“审核中”" in str(refused(WECHAT_PERSONAL.replace("已收钱", "审核中")))
    assert "不能判断是收是付" in str(refused(WECHAT_PERSONAL.replace("零钱充值", "神秘交易")))
    assert "不能判断是收是付" in str(refused(WECHAT_PERSONAL.replace(",收入,", ",进账,")))


def test_unknown_headers_say_what_can_be_read() -> None:
    error = refused("日期,摘要,金额\n2026-01-01,a,1\n")
    assert "没有认识的表头" in str(error)
    assert "招商银行对公账户交易明细" in str(error)
    far = "\n".join(["说明"] * 50) + "\n" + CMB_CORPORATE
    assert "没有认识的表头" in str(refused(far))
    doubled = CMB_CORPORATE.replace("其它摘要", "余额")
    assert "两列都叫“余额”" in str(refused(doubled))


def test_a_header_without_lines_is_no_statement() -> None:
    assert "没有一笔收付" in str(refused(CMB_HEADER + "\n"))


def test_wrong_kinds_of_file() -> None:
    book = samples.xlsx(samples.CCB_PERSONAL)
    assert "内容却是Excel 工作簿" in str(refused(book))
    assert "内容却是文本表格" in str(refused(CMB_CORPORATE, "a.xlsx"))
    assert "不认识“.pdf”" in str(refused(CMB_CORPORATE, "a.pdf"))
    assert "内容是 PDF" in str(refused("%PDF-1.7", "a.csv"))
    assert "内容是网页" in str(refused("<html><table>", "a.xls"))
    assert "文件是空的" in str(refused(b""))
    assert "不是文本表格" in str(refused(b"\x89PNG\r\n\x1a\n\x00\x00"))
    assert "文字编码" in str(refused(CMB_HEADER.encode() + b"\n\xff\xff\xff\n"))
    assert "超过 20 MB" in str(refused(b"a" * (20 * 1024 * 1024 + 1)))
    assert "超过 200000 行" in str(refused(b"\n" * 200_001))


def test_wrong_encoding_is_not_read_as_another_text() -> None:
    assert "没有认识的表头" in str(refused(CMB_CORPORATE.encode("big5", "replace")))


def test_an_open_quote_does_not_swallow_the_rest() -> None:
    assert places(refused(CMB_CORPORATE.replace("电梯维保公司", '"电梯维保公司'))) == [(3, "")]
    error = refused(CMB_CORPORATE.replace("本行", '"本行'))
    assert places(error) == [(4, "")]
    assert "引号没有配对" in str(error)


def test_extra_and_missing_cells() -> None:
    assert "文件不完整" in str(refused(CMB_CORPORATE.replace('"3,000.50"', "3,000.50")))
    assert places(refused(CMB_CORPORATE.replace("收费,手续费,", "收费"))) == [(4, "")]


@pytest.mark.parametrize(
    "name", ["=cmd|' /C calc'!A0", "@SUM(1+1)", "<script>alert(1)</script>", "'; DROP TABLE x; --", "🏠业主"]
)
def test_hostile_names_are_only_text(name: str) -> None:
    line = read_statement(CMB_CORPORATE.replace("王小明", f'"{name}"').encode(), "a.csv").lines[0]
    assert line.counterparty_name == name


def test_invisible_characters_are_taken_out_and_endless_text_is_refused() -> None:
    hidden = CMB_CORPORATE.replace("王小明", "王\u202e小\x07明")
    assert read_statement(hidden.encode(), "a.csv").lines[0].counterparty_name == "王 小 明"
    assert "超过 1000 字" in str(refused(CMB_CORPORATE.replace("王小明", "长" * 1001)))
    error = refused(CMB_CORPORATE.replace("王小明", "长" * 200_000))
    assert places(error) == [(2, "")]
    assert "太长" in str(error)


def test_huge_numbers_and_hostile_file_names() -> None:
    assert "不合情理" in str(refused(CMB_CORPORATE.replace('"3,000.50"', "9" * 20)))
    error = refused("x", "..\\..\\/etc/<b>\n\u202ea.csv")
    assert error.filename == "<b>a.csv"


def _with_member(name: str, content: bytes) -> bytes:
    out = io.BytesIO(samples.xlsx(samples.CCB_PERSONAL))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def test_zip_bombs() -> None:
    bomb = _with_member("xl/sharedStrings.xml", b" " * (201 * 1024 * 1024))
    assert len(bomb) < 1024 * 1024
    assert "大得不合情理" in str(refused(bomb, "a.xlsx"))


def test_a_cell_at_the_far_corner_is_refused_before_memory_is_taken() -> None:
    for cell in (
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="9"><c r="XFD9"><v>1</v></c></row>',
    ):
        assert "表格范围超过" in str(refused(samples.xlsx(samples.CCB_PERSONAL, cell=cell), "a.xlsx"))


def test_entities_damage_and_other_archives() -> None:
    laughs = b'<!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>'
    assert "损坏" in str(refused(_with_member("xl/theme/theme1.xml", laughs), "a.xlsx"))
    whole = samples.xlsx(samples.CCB_PERSONAL)
    assert "损坏" in str(refused(whole[: len(whole) // 2], "a.xlsx"))
    assert "损坏" in str(refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.xls"))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("微信支付账单.csv", WECHAT_PERSONAL)
    assert "请先解压" in str(refused(out.getvalue(), "a.xlsx"))


@given(st.binary(max_size=400), st.sampled_from(["a.csv", "a.txt", "a.xls", "a.xlsx", "a"]))
def test_any_bytes_are_refused_in_words(data: bytes, filename: str) -> None:
    assert refused(data, filename).problems


@given(st.data())
def test_damaged_workbooks_are_refused_or_read_never_worse(data: st.DataObject) -> None:
    whole = bytearray(samples.xlsx(samples.CCB_PERSONAL))
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        statement = read_statement(bytes(whole), "a.xlsx")
    except StatementError:
        return
    assert [line.amount for line in statement.lines] == [-6700, -1678]


@given(st.integers(0, len(CMB_CORPORATE) - 1), st.characters(codec="utf-8"))
def test_one_changed_character_never_changes_an_amount_unnoticed(place: int, char: str) -> None:
    """Whatever single character is swapped: refused, or the sums still hold line by line."""
    text = CMB_CORPORATE[:place] + char + CMB_CORPORATE[place + 1 :]
    try:
        statement = read_statement(text.encode(), "a.csv")
    except StatementError:
        return
    assert statement.opening is not None
    assert statement.closing == statement.opening + sum(line.amount for line in statement.lines)
