"""Dates, amounts and fixed terms as residents read them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from ledger.chart import FUNDS
from ledger.money import format_yuan
from ledger.trust.act import BEIJING

SIDES = {"D": "借", "C": "贷"}
BOOKS = {"A": "物业共有资金账", "M": "住宅专项维修资金账"}
DIMENSIONS = {
    "vendor": "供应商",
    "contract": "合同",
    "project": "项目",
    "site": "点位",
    "bank_account": "账户",
    "counter_fund": "对方资金",
}
SEALED = {"unit": "房号", "party": "往来个人或单位", "counterparty": "对方姓名", "number": "编号"}
REFERENCES = {
    "resolution": "业主决议",
    "fee_standard": "收费标准",
    "contract": "合同",
    "project": "项目",
    "budget_line": "预算",
    "co_sign": "会签记录",
    "related_party_consent": "关联付款同意决议",
    "deposit": "押金收取凭证",
    "payable": "支付的应付凭证",
    "plan": "维修资金使用方案",
    "shortfall_decision": "分账不足的处理决议",
    "schedule": "收款计划",
    "transfer": "划转编号",
    "milestone": "付款节点",
    "source": "资金来源",
    "grant": "限定用途资金",
}
CORRECTIONS = ("E26a", "E26b", "E26c", "E26d")
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount ready to show; ``red`` means red-letter (红字), not merely negative."""

    text: str
    red: bool = False
    zero: bool = False


def yuan(fen: int, *, red_letter: bool = False) -> Amount:
    """``¥1,234.50``; a negative amount in an entry is red-letter."""
    text = f"-¥{format_yuan(-fen)}" if fen < 0 else f"¥{format_yuan(fen)}"
    return Amount(text, red=red_letter and fen < 0, zero=fen == 0)


def day_text(day: date) -> str:
    """``2025年9月3日``."""
    return f"{day.year}年{day.month}月{day.day}日"


def shown_day(day: date | str | None) -> str:
    """A day in a template as people write it; empty for none. Text that is no ISO date stays as it is."""
    if not isinstance(day, str):
        return day_text(day) if day else ""
    try:
        return day_text(date.fromisoformat(day)) if _ISO_DAY.fullmatch(day) else day
    except ValueError:  # 2026-02-30
        return day


def moment_text(moment: datetime) -> str:
    """``2025年9月3日 17:02``, in Chinese time."""
    local = moment.astimezone(BEIJING)
    return f"{day_text(local.date())} {local:%H:%M}"


def beijing_day(moment: datetime) -> date:
    """The calendar day in China at an instant."""
    return moment.astimezone(BEIJING).date()


def fund_name(code: str) -> str:
    """``物业服务资金``; a code that is not known stays as it is."""
    return FUNDS[code].name if code in FUNDS else code


def days_ago(day: date, today: date) -> str:
    """``今天``, ``昨天`` or ``12 天前``."""
    days = (today - day).days
    return {0: "今天", 1: "昨天"}.get(max(days, 0), f"{days} 天前")
