"""The columns of an unknown bank's file, as a person maps them, become a description like those that ship.

Likely header rows and likely columns are proposed from the words banks use; the person decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Literal

import msgspec

from ledger.bank.describe import Columns, DescriptionError, Format, Sign, checked, column_name
from ledger.bank.read import HEADER_WITHIN, read_statement
from ledger.bank.statement import Statement
from ledger.bank.table import Row, read_table
from ledger.errors import Problem, Refused, refuse

TIMES = (
    "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y%m%d %H:%M:%S", "%Y.%m.%d %H:%M:%S", "%Y年%m月%d日 %H:%M:%S",
    "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y%m%d %H:%M", "%Y%m%d %H%M%S", "%Y-%m-%d %H%M%S", "%Y-%m-%d",
    "%Y/%m/%d", "%Y%m%d", "%Y.%m.%d", "%Y年%m月%d日",
)  # fmt: skip
"""Every way of writing a day and a time that begins with the year: none can be taken for another."""
_FOOTER = ("*合计*", "*总计*", "*总笔数*", "----*", "以上*", "*打印*")
_IN_WORDS = ("贷", "贷方", "收入", "收", "转入", "存入", "来账", "入账", "C")
_OUT_WORDS = ("借", "借方", "支出", "支", "付", "转出", "支取", "往账", "出账", "D")
_GUESSES: dict[str, tuple[str, ...]] = {
    "date": ("交易日期", "记账日期", "入账日期", "交易日", "记账日", "日期", "交易时间"),
    "time": ("交易时间", "时间", "交易时分"),
    "direction": ("借贷标志", "借/贷", "借贷", "收/支", "收支", "借贷方向", "收付标志"),
    "out": ("支出", "借方", "转出", "付款金额", "支取", "付方金额"),
    "in_": ("收入", "贷方", "转入", "收款金额", "存入", "收方金额"),
    "amount": ("发生额", "交易金额", "金额"),
    "balance": ("余额",),
    "counterparty_account": ("对方账号", "对方账户", "对手账号", "对方卡号"),
    "counterparty_name": ("对方户名", "对方名称", "对方单位", "对手信息", "收款人", "付款人", "户名"),
    "memo": ("摘要", "用途", "附言", "备注", "说明"),
    "flow_no": ("流水号", "交易流水", "凭证号", "序号"),
    "account": ("本方账号", "本方账户"),
}


class Mapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which column plays which role, as a person chose it; names as the header writes them."""

    name: str
    kind: Literal["bank", "channel"] = "bank"
    how: Literal["signed", "columns", "direction"]
    date: str
    time: str = ""
    amount: str = ""
    out: str = ""
    in_: str = ""
    direction: str = ""
    in_words: tuple[str, ...] = ()
    out_words: tuple[str, ...] = ()
    balance: str = ""
    counterparty_name: str = ""
    counterparty_account: str = ""
    memo: tuple[str, ...] = ()
    flow_no: str = ""
    account: str = ""


def header_rows(data: bytes, filename: str) -> list[Row]:
    """Rows near the beginning that may be the header, the likeliest first. Raises ``StatementError``."""
    rows = [row for sheet in read_table(data, filename) for row in sheet.head(HEADER_WITHIN)]
    filled = [row for row in rows if sum(bool(cell.strip()) for cell in row.cells) >= 3]
    words = {word for some in _GUESSES.values() for word in some}

    def likely(row: Row) -> int:
        return sum(any(word in column_name(cell) for word in words) for cell in row.cells)

    return sorted(filled, key=lambda row: (-likely(row), row.number))[:10]


def guess(header: Row) -> dict[str, str]:
    """The column likeliest to play each role, by its name; each column once."""
    names = [cell.strip() for cell in header.cells if cell.strip()]
    found: dict[str, str] = {}
    for role, words in _GUESSES.items():
        for word in words:
            name = next((n for n in names if word in column_name(n) and n not in found.values()), None)
            if name is not None:
                found[role] = name
                break
    if "out" in found and "in_" in found:
        found.pop("amount", None)
    return found


def described(mapping: Mapping, header: Sequence[str]) -> Format:
    """The description a mapping makes under a header. Raises :class:`~ledger.errors.Refused`."""
    names = [cell.strip() for cell in header if cell.strip()]
    chosen = {
        title: value
        for title, value in (
            ("日期", mapping.date), ("时间", mapping.time), ("金额", mapping.amount), ("付出", mapping.out),
            ("收入", mapping.in_), ("收付方向", mapping.direction), ("余额", mapping.balance),
            ("对方户名", mapping.counterparty_name), ("对方账号", mapping.counterparty_account),
            ("流水号", mapping.flow_no), ("本方账号", mapping.account),
        )
        if value
    }  # fmt: skip
    problems = [
        Problem("unknown_column", f"表头里没有“{value}”这一列", title)
        for title, value in chosen.items()
        if value not in names
    ]
    if not mapping.name.strip() or len(mapping.name) > 40:
        problems.append(Problem("no_name", "请给这种格式起个名字（40 字以内），如“某某银行对公流水”", "名称"))
    if not mapping.date:
        problems.append(Problem("no_date", "请指明哪一列是日期", "日期"))
    if problems:
        raise Refused(problems)
    form = Format(
        id=f"own-{_digest(names)}",
        name=mapping.name.strip(),
        kind=mapping.kind,
        recognise=tuple(name for name in dict.fromkeys(names) if "|" not in name),  # which would part names
        columns=_columns(mapping),
        sign=Sign(
            how=mapping.how,
            in_=mapping.in_words or _IN_WORDS,
            out=mapping.out_words or _OUT_WORDS,
            negative=mapping.how != "signed",
        ),
        times=TIMES,
        blank=("-", "--", "—"),
        footer=_FOOTER,
    )
    try:
        return checked(form, mapping.name)
    except DescriptionError as error:
        raise refuse("bad_mapping", _plain(mapping), "列对应") from error


def _columns(mapping: Mapping) -> Columns:
    def one(name: str) -> tuple[str, ...]:
        return (name,) if name else ()

    return Columns(
        date=one(mapping.date),
        time=one(mapping.time),
        amount=one(mapping.amount) if mapping.how != "columns" else (),
        out=one(mapping.out) if mapping.how == "columns" else (),
        in_=one(mapping.in_) if mapping.how == "columns" else (),
        direction=one(mapping.direction) if mapping.how == "direction" else (),
        balance=one(mapping.balance),
        counterparty_name=one(mapping.counterparty_name),
        counterparty_account=one(mapping.counterparty_account),
        memo=mapping.memo,
        flow_no=one(mapping.flow_no),
        account=one(mapping.account),
        zero_is_empty=tuple(n for n in (mapping.out, mapping.in_) if n) if mapping.how == "columns" else (),
    )


def _plain(mapping: Mapping) -> str:
    needed = {"signed": "金额", "columns": "收入和付出两列", "direction": "金额和收付方向两列"}
    return f"这种记法要指明{needed[mapping.how]}"


def _digest(names: Sequence[str]) -> str:
    return sha256("\n".join(sorted(map(column_name, names))).encode()).hexdigest()[:10]


def try_format(form: Format, data: bytes, filename: str) -> Statement:
    """Read a file by one description only. Raises ``StatementError``; failed sums are told in ``waived``."""
    return read_statement(data, filename, [form], accept_unverified_balance=True)
