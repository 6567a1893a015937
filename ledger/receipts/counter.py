"""Receipts at the counter (柜台收款): what a household pays, set against what it owes.

Cash stays in 101204 until it is paid into the bank, card payments in 101203 until the acquirer settles:
money taken at the counter is never spent from there. Each fund gets an entry and a receipt of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection

from ledger.billing.items import find_item
from ledger.billing.open_items import RECEIVABLES, OpenItem, month_mark, open_items
from ledger.billing.standard import known_units
from ledger.errors import Problem, Refused
from ledger.journal import Detail, Document, Draft, Line
from ledger.money import format_yuan
from ledger.work import Work

WAYS = {"cash": ("现金", "101204"), "pos": ("POS 刷卡", "101203")}
"""Ways of paying at the counter with the account the money waits in."""
LATE_FEE = "4201"


@dataclass(frozen=True, slots=True)
class Payment:
    """What a household hands over. ``chosen``: keys of open items to be paid, in that order (empty: the
    oldest first); ``late_fee``: fen of the amount that is 违约金; ``ahead``: item the rest is kept for.

    ``payer`` and ``slip`` (number of the card slip) are sealed. ``token`` makes a second sending harmless.
    """

    unit: str
    on: date
    way: str
    amount: int
    token: str
    chosen: tuple[str, ...] = ()
    late_fee: int = 0
    ahead: str = "property"
    payer: str = ""
    slip: str = ""


@dataclass(slots=True)
class Plan:
    """How an amount is used: fen by open item, for the late fee, and kept ahead."""

    items: list[tuple[OpenItem, int]] = field(default_factory=list)
    late_fee: int = 0
    ahead: int = 0


def plan_payment(owed: Sequence[OpenItem], asked: Payment) -> Plan:
    """Set an amount against open items, the chosen ones or the oldest first; the rest is kept ahead."""
    payable = {item.key: item for item in owed if item.amount > 0}
    order = [payable[key] for key in asked.chosen if key in payable] if asked.chosen else payable.values()
    plan = Plan(late_fee=asked.late_fee)
    left = asked.amount - asked.late_fee
    for item in order:
        part = min(item.amount, left)
        if part > 0:
            plan.items.append((item, part))
            left -= part
    plan.ahead = left
    return plan


def receipt_work(conn: Connection, trust_id: int, asked: Payment) -> Work:
    """The work that books a payment: an entry for each fund. Raises :class:`~ledger.errors.Refused`."""
    owed = open_items(conn, trust_id, [asked.unit]).get(asked.unit, [])
    if problems := list(_problems(conn, trust_id, asked, owed)):
        raise Refused(problems)
    plan = plan_payment(owed, asked)
    return Work(
        kind="receipt",
        title=f"收款 {asked.unit}（{WAYS[asked.way][0]} {format_yuan(asked.amount)} 元）",
        drafts=tuple(_drafts(asked, plan)),
    )


def _problems(conn: Connection, trust_id: int, asked: Payment, owed: Sequence[OpenItem]) -> Iterator[Problem]:
    if asked.way not in WAYS:
        ways = "、".join(title for title, _ in WAYS.values())
        yield Problem("bad_way", f"收款方式只能是{ways}", "收款方式")
    if asked.unit not in known_units(conn, trust_id, [asked.unit]):
        yield Problem("unknown_unit", f"没有登记过房号“{asked.unit}”", "房号")
    if asked.amount <= 0:
        yield Problem("bad_amount", "收款金额必须大于零", "金额")
    if not 0 <= asked.late_fee <= max(asked.amount, 0):
        yield Problem("bad_amount", "违约金不能是负数，也不能超过收款金额", "违约金")
    if not asked.token:
        yield Problem("no_key", "缺少防重复编号，请重新打开页面再填", "防重复编号")
    if not find_item(asked.ahead).prepaid:
        yield Problem("no_prepaid", f"{find_item(asked.ahead).title}没有预收，余款请选物业费或停车费", "余款")
    if asked.way == "pos" and not asked.slip.strip():
        yield Problem("no_slip", "刷卡收款请填写签购单号，与 POS 结算核对时要用", "签购单号")
    known = {item.key for item in owed}
    if gone := [key for key in asked.chosen if key not in known]:
        yield Problem("not_open", f"所选的 {len(gone)} 项已经结清或不存在，请刷新页面重新选择", "未收明细")


def _drafts(asked: Payment, plan: Plan) -> Iterator[Draft]:
    by_fund: dict[str, list[Line]] = {}
    for account, fund, details in _settled(plan):
        line = Line(account, fund, "C", sum(d.amount for d in details), details=details)
        by_fund.setdefault(fund, []).append(line)
    own = by_fund.setdefault("F1", [])
    if plan.late_fee:
        own.append(Line(LATE_FEE, "F1", "C", plan.late_fee, unit=asked.unit))
    if plan.ahead:
        own.append(Line(find_item(asked.ahead).prepaid, "F1", "C", plan.ahead, unit=asked.unit))
    for fund, lines in by_fund.items():
        if lines:
            yield _draft(asked, fund, lines)


def _settled(plan: Plan) -> Iterator[tuple[str, str, tuple[Detail, ...]]]:
    grouped: dict[tuple[str, str], list[Detail]] = {}
    for item, part in plan.items:
        details = grouped.setdefault((item.account, item.fund), [])
        details.append(Detail(item.unit, part, month_mark(item.month)))
    for (account, fund), parts in grouped.items():
        yield account, fund, tuple(parts)


def _draft(asked: Payment, fund: str, lines: Sequence[Line]) -> Draft:
    way, account = WAYS[asked.way]
    total = sum(line.amount for line in lines)
    accounts = {line.account for line in lines}
    return Draft(
        book="A",
        date=asked.on,
        event=_event(accounts),
        summary=f"收到业主{_what(lines)}（柜台{way}）",
        lines=(Line(account, fund, "D", total), *lines),
        preparer="",
        reviewer="",
        key=f"receipt:{asked.token}:{fund}",
        documents=(
            Document("receipt", "收款收据" if asked.way == "cash" else "POS 签购单", asked.slip.strip()),
        ),
        counterparty=asked.payer.strip(),
    )


def _event(accounts: set[str]) -> str:
    if accounts == {LATE_FEE}:
        return "E07"
    return "E04a" if accounts <= {"220301", "220302"} and len(accounts) == 1 else "E02b"


_WORDS: Mapping[str, str] = {
    **RECEIVABLES,
    LATE_FEE: "违约金",
    "220301": "预交物业费",
    "220302": "预交停车费",
    "224101": "装修保证金",
    "224102": "押金",
    "224103": "代收水费",
    "224104": "代收电费",
}


def receipt_words(line: Line) -> str:
    """What a line of a payment was paid for."""
    if line.account == "112203":
        return "代收水电费" if line.fund == "F4" else "公摊水电费"
    return _WORDS.get(line.account, "其他")


def _what(lines: Sequence[Line]) -> str:
    return "、".join(dict.fromkeys(receipt_words(line) for line in lines))
