"""The books there are, with what a newcomer should know of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FormatName = Literal["xlsx", "pdf", "csv"]


@dataclass(frozen=True, slots=True)
class BookKind:
    """A book to look at and print. ``fields`` are what its form asks besides book and months;
    ``whole_year``: it begins with January unless told otherwise; ``only``: the one book (A or M) it is of.
    """

    name: str
    title: str
    explanation: str
    fields: tuple[str, ...] = ()
    whole_year: bool = False
    only: str = ""


KINDS = {
    kind.name: kind
    for kind in (
        BookKind(
            "vouchers",
            "记账凭证",
            "每笔账一张，写明摘要、科目、借贷金额、附件和经手人。可按月或按号段成册打印。",
            ("numbers",),
        ),
        BookKind(
            "ledger",
            "明细账",
            "一个科目的每一笔发生额和余额，可再按房号、供应商、合同、项目等细分；有上年结转、本月合计、本年累计、结转下年。",
            ("account", "fund", "dimension"),
        ),
        BookKind(
            "cash",
            "银行存款日记账",
            "一个银行账户按日期逐笔登记的收、付、存，用来和银行对账单核对。",
            ("bank_account",),
        ),
        BookKind(
            "general",
            "总账",
            "每个一级科目每月一行：本月合计、本年累计和月末余额。",
            ("fund",),
            whole_year=True,
        ),
        BookKind(
            "trial",
            "科目余额表",
            "全部科目的期初余额、本期发生额、期末余额；借贷两边合计必须相等。",
            ("fund", "levels"),
        ),
        BookKind(
            "income",
            "收支表",
            "每项资金这个月和今年以来收了什么、花了什么、结余多少，有上年的就列出比较。",
            ("fund",),
        ),
        BookKind(
            "position",
            "资产负债表",
            "月末有什么（资产）、欠什么（负债）、结余多少（净资产）；每项资金各自平衡。",
            ("fund",),
        ),
        BookKind(
            "reconciliation",
            "银行存款余额调节表",
            "账上余额与银行余额逐项调节到一致，说明差在哪些未达账项。",
            ("bank_account",),
        ),
        BookKind(
            "households",
            "维修资金户分账",
            "每户在住宅专项维修资金里的期初、交存、分配、使用、返还和期末余额，按楼栋小计。",
            ("building",),
            only="M",
        ),
    )
}
