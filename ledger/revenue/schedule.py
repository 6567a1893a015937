"""The schedule of a contract: its periods, what each brings, when it is due. Pure reckoning in fen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from ledger.errors import Problem, Refused
from ledger.money import split_largest_remainder
from ledger.periods.calendar import period_of

Mode = Literal["accrue", "prepaid", "share"]
MODE_NAMES: dict[str, str] = {
    "accrue": "按期应收，先用后付",
    "prepaid": "预收租金，先付后用",
    "share": "按经营收入分成，金额以对方结算单为准",
}
MAX_PERIODS = 600
_BP = 10_000


@dataclass(frozen=True, slots=True)
class DueRow:
    """One period of a contract. ``amount`` in fen with VAT; of a share, the least that must come in."""

    period_no: int
    starts_on: date
    ends_on: date
    due_on: date
    amount: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What a schedule is made from: ``amount`` for each full period, or ``total`` over all of them.

    ``escalation_bp`` (1/100 %) is added every ``escalation_months``, upon what it was before.
    """

    mode: Mode
    starts_on: date
    ends_on: date
    period_months: int
    due_days: int
    amount: int | None = None
    total: int | None = None
    escalation_bp: int = 0
    escalation_months: int = 12


def make_schedule(plan: Plan) -> list[DueRow]:
    """Rows that cover ``starts_on`` to ``ends_on`` without a gap; their sum is the contract's total.

    A last period that is cut short bears its part by days. Prepaid periods are due ``due_days`` after
    they begin, others after they end. Raises :class:`~ledger.errors.Refused`.
    """
    if problems := _problems(plan):
        raise Refused(problems)
    spans = _spans(plan)
    amounts = _from_total(plan, spans) if plan.total is not None else _from_amount(plan, spans)
    return [
        DueRow(no, first, last, _due(plan, first, last), fen)
        for no, ((first, last, _), fen) in enumerate(zip(spans, amounts, strict=True), start=1)
    ]


def _problems(plan: Plan) -> list[Problem]:
    wrong = []
    if plan.mode not in MODE_NAMES:
        wrong.append(Problem("unknown_mode", "请选择收款方式", "收款方式"))
    if plan.ends_on < plan.starts_on:
        wrong.append(Problem("bad_span", "合同止日早于起日", "合同期限"))
    if not 1 <= plan.period_months <= 120:
        wrong.append(Problem("bad_period_length", "每期月数应在 1 到 120 之间", "每期月数"))
    elif (plan.ends_on - plan.starts_on).days > MAX_PERIODS * 28 * plan.period_months:
        wrong.append(Problem("too_many_periods", f"合同期数超过 {MAX_PERIODS} 期，请核对期限", "合同期限"))
    if not 0 <= plan.due_days <= 366:
        wrong.append(Problem("bad_due_days", "付款宽限天数应在 0 到 366 之间", "付款期限"))
    if (plan.amount is None) == (plan.total is None):
        wrong.append(Problem("amount_or_total", "每期金额和合同总额请填其中一项", "金额"))
    elif (plan.amount or 0) < 0 or (plan.total or 0) < 0:
        wrong.append(Problem("bad_amount", "金额不能为负", "金额"))
    if plan.escalation_bp and plan.total is not None:
        wrong.append(Problem("escalated_total", "有递增的合同请填首期的每期金额，不填总额", "递增"))
    if not -5_000 <= plan.escalation_bp <= _BP or not 1 <= plan.escalation_months <= 120:
        wrong.append(Problem("bad_escalation", "递增比例应在 -50% 到 100% 之间，间隔 1 到 120 个月", "递增"))
    return wrong


def _spans(plan: Plan) -> list[tuple[date, date, int]]:
    """First and last day of each period, and how many days it would have if it were not cut short."""
    spans = []
    first, no = plan.starts_on, 0
    while first <= plan.ends_on:
        no += 1
        following = add_months(plan.starts_on, no * plan.period_months)
        spans.append((first, min(following - timedelta(days=1), plan.ends_on), (following - first).days))
        first = following
    return spans


def _from_amount(plan: Plan, spans: Sequence[tuple[date, date, int]]) -> list[int]:
    amounts = []
    for no, (first, last, whole) in enumerate(spans):
        steps = no * plan.period_months // plan.escalation_months if plan.escalation_bp else 0
        numerator = (plan.amount or 0) * (_BP + plan.escalation_bp) ** steps * ((last - first).days + 1)
        amounts.append(half_up(numerator, _BP**steps * whole))
    return amounts


def _from_total(plan: Plan, spans: Sequence[tuple[date, date, int]]) -> list[int]:
    """Full periods alike, a last one by its days."""
    first, last, whole = spans[-1]
    weights = [whole] * (len(spans) - 1) + [(last - first).days + 1]
    return split_largest_remainder(plan.total or 0, weights)


def _due(plan: Plan, first: date, last: date) -> date:
    return (first if plan.mode == "prepaid" else last) + timedelta(days=plan.due_days)


def month_parts(row: DueRow) -> dict[int, int]:
    """What of a period's amount belongs to each month (yyyymm); together exactly the amount.

    Whole months count alike, a period that begins or ends within a month goes by days.
    """
    days: dict[int, int] = {}
    day = row.starts_on
    while day <= row.ends_on:
        following = add_months(day.replace(day=1), 1)
        days[period_of(day)] = (min(following, row.ends_on + timedelta(days=1)) - day).days
        day = following
    whole = row.starts_on.day == 1 and (row.ends_on + timedelta(days=1)).day == 1
    parts = split_largest_remainder(row.amount, [1] * len(days) if whole else list(days.values()))
    return dict(zip(days, parts, strict=True))


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (following - timedelta(days=1)).day))


def half_up(numerator: int, denominator: int) -> int:
    """Division to the nearest whole, halves up; both not negative."""
    return (2 * numerator + denominator) // (2 * denominator)
