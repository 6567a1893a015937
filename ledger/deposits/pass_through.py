"""Pass-through utilities (代收水电): collected from households, paid on to the works, without mark-up.

物业管理条例 44: whoever collects for the utility may not charge a handling fee. So a bill is paid only
when no more was collected for it than it says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from ledger.balances import balances_by, resolve_clock
from ledger.billing.run import next_key, standing_entry
from ledger.billing.standard import known_units
from ledger.errors import Problem, Refused, refuse
from ledger.journal import Detail, Document, Draft, Line
from ledger.money import format_yuan, split_largest_remainder
from ledger.periods.calendar import period_name
from ledger.receipts.counter import WAYS
from ledger.receipts.refund import account_of
from ledger.work import Work

ITEMS = {"224103": "水费", "224104": "电费"}
FUND = "F4"


@dataclass(frozen=True, slots=True)
class Collection:
    """Utility money a household pays at the counter (``way`` cash or pos)."""

    unit: str
    account: str
    amount: int
    on: date
    way: str
    token: str
    slip: str = ""
    payer: str = ""


@dataclass(frozen=True, slots=True)
class UtilityBill:
    """A bill of the works for households' use in a month, to be paid from what was collected for it.

    ``until``: what households were charged or paid up to this day belongs to the bill.
    """

    account: str
    period: int
    total: int
    bill_number: str
    on: date
    bank_account: str
    until: date


def collect_work(conn: Connection, trust_id: int, asked: Collection) -> Work:
    """The work that books what a household paid for water or electricity. Raises Refused."""
    if problems := list(_collection_problems(conn, trust_id, asked)):
        raise Refused(problems)
    way, account = WAYS[asked.way]
    title = ITEMS[asked.account]
    draft = Draft(
        book="A",
        date=asked.on,
        event="E09a",
        summary=f"代收业主{title}（柜台{way}）",
        lines=(
            Line(account, FUND, "D", asked.amount),
            Line(asked.account, FUND, "C", asked.amount, unit=asked.unit),
        ),
        preparer="",
        reviewer="",
        key=f"pass-through:{asked.token}",
        documents=(Document("receipt", f"代收{title}收据", asked.slip.strip()),),
        counterparty=asked.payer.strip(),
    )
    title = f"代收{title} {asked.unit}（{format_yuan(asked.amount)} 元）"
    return Work(kind="pass_through", title=title, drafts=(draft,))


def _collection_problems(conn: Connection, trust_id: int, asked: Collection) -> Iterator[Problem]:
    if asked.account not in ITEMS:
        yield Problem("bad_kind", "代收只分水费和电费", "种类")
    if asked.way not in WAYS:
        yield Problem("bad_way", "收款方式只能是现金、POS 刷卡", "收款方式")
    if asked.unit not in known_units(conn, trust_id, [asked.unit]):
        yield Problem("unknown_unit", f"没有登记过房号“{asked.unit}”", "房号")
    if asked.amount <= 0:
        yield Problem("bad_amount", "金额必须大于零", "金额")
    if not asked.token:
        yield Problem("no_key", "缺少防重复编号，请重新打开页面再填", "防重复编号")


def collected_until(
    conn: Connection, trust_id: int, account: str, until: date, today: date
) -> dict[str, int]:
    """Fen collected or charged for a utility up to a day, less what was paid on already, by unit."""
    clock = resolve_clock(conn, trust_id, today=today, as_of=min(until, today))
    totals = balances_by(conn, trust_id, "A", account, "unit", clock)
    return {unit: -one.balance for unit, one in sorted(totals.items()) if one.balance}


def bill_work(conn: Connection, trust_id: int, asked: UtilityBill, today: date) -> Work:
    """The work that pays a utility's bill; the cashier pays.

    Raises :class:`~ledger.errors.Refused` if more was collected than the bill says, which must be given
    back first, and if less was: money of other households is not there to pay it.
    """
    if problems := list(_bill_problems(asked)):
        raise Refused(problems)
    title = ITEMS[asked.account]
    base = f"utility-bill:{asked.account}:{asked.bill_number.strip()}"
    if standing := standing_entry(conn, trust_id, base):
        raise refuse("paid_already", f"{title}账单 {asked.bill_number} 已经付过（{standing.ref}）", "账单号")
    collected = collected_until(conn, trust_id, asked.account, asked.until, today)
    _refuse_other_sum(asked, sum(collected.values()))
    account = account_of(conn, trust_id, asked.bank_account, FUND)
    weights = {unit: fen for unit, fen in collected.items() if fen > 0}
    parts = split_largest_remainder(asked.total, list(weights.values()))
    mark = f"付{period_name(asked.period)}{title}"
    details = tuple(Detail(unit, fen, mark) for unit, fen in zip(weights, parts, strict=True) if fen)
    draft = Draft(
        book="A",
        date=asked.on,
        event="E09b",
        summary=f"代付{period_name(asked.period)}{title}",
        lines=(
            Line(asked.account, FUND, "D", asked.total, details=details),
            Line(account, FUND, "C", asked.total, bank_account=asked.bank_account),
        ),
        preparer="",
        reviewer="",
        key=next_key(conn, trust_id, base),
        documents=(Document("utility_bill", f"{title}账单", number=asked.bill_number.strip()),),
    )
    work_title = f"代付{period_name(asked.period)}{title}（{format_yuan(asked.total)} 元）"
    return Work(kind="pass_through_payment", title=work_title, drafts=(draft,))


def _refuse_other_sum(asked: UtilityBill, collected: int) -> None:
    title = ITEMS[asked.account]
    if collected > asked.total:
        raise refuse(
            "over_collected",
            f"到 {asked.until} 已向业主收取{title} {format_yuan(collected)} 元，超过账单 {format_yuan(asked.total)} 元；"
            f"代收水电不得加价，多收的 {format_yuan(collected - asked.total)} 元请先退还（物业管理条例第四十四条）",
            "金额",
        )
    if collected < asked.total:
        raise refuse(
            "under_collected",
            f"到 {asked.until} 只向业主收取{title} {format_yuan(collected)} 元，不够付账单 {format_yuan(asked.total)} 元；"
            "请先按表计提，公用部分请从物业服务资金付",
            "金额",
        )


def _bill_problems(asked: UtilityBill) -> Iterator[Problem]:
    if asked.account not in ITEMS:
        yield Problem("bad_kind", "代付只分水费和电费", "种类")
    if asked.total <= 0:
        yield Problem("bad_amount", "账单金额必须大于零", "金额")
    if not asked.bill_number.strip():
        yield Problem("no_bill", "请填写供水（电）公司账单的编号", "账单号")
