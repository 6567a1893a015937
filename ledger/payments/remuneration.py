"""The trustee's remuneration (受托人酬金): reckoned by the deed's clause, accrued once a month (E15a).

The setting ``remuneration_clause`` is the clause as data: ``{"text", "basis": "fixed", "monthly": fen}``,
or ``{"text", "basis": "percent", "rate_e4": 0.01 % units, "of": "receipts" | "income"}``. A bare text is
a clause that can't be reckoned; the amount is then typed from a sheet that is attached. Without a clause
nothing is accrued (信托法 35).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, case, func, select

from ledger.errors import refuse
from ledger.evaluation.consequences import pay_percent_on
from ledger.journal import Document, Draft, Line
from ledger.money import format_yuan
from ledger.periods.calendar import first_day, last_day, period_name
from ledger.store.tables import entry, posting, work_key, work_status
from ledger.trust.act import Act
from ledger.trust.lock import lock_trust
from ledger.trust.setup import Setup
from ledger.work import Work
from ledger.work.value import OPEN

FIXED, PERCENT, TYPED = "fixed", "percent", "typed"
_BASES = {
    "receipts": (
        "本月实收物业费、停车费（含预收，扣除退款）",
        ("1122", "2203"),
        ("E02", "E02b", "E04a", "E06", "E25b"),
    ),
    "income": ("本月应收确认的物业费、停车费收入", ("4001", "4002"), ()),
}
"""What a percentage is taken of: its name, the accounts whose credits count, and the events (all if none)."""


@dataclass(frozen=True, slots=True)
class Clause:
    """The clause in force. ``rate_e4``: 0.01 %; amounts in fen."""

    text: str
    basis: str
    monthly: int = 0
    rate_e4: int = 0
    of: str = "receipts"


@dataclass(frozen=True, slots=True)
class Sheet:
    """How a month's remuneration was reckoned (酬金计算表). Fen; ``base`` is None unless a percentage; ``percent`` of
    it is due, by the evaluation of ``round`` where the deed says so."""

    period: int
    clause: Clause
    base: int | None
    amount: int | None
    percent: int = 100
    round: int = 0

    @property
    def base_name(self) -> str:
        """What the percentage is of."""
        return _BASES[self.clause.of][0] if self.clause.basis == PERCENT else ""

    @property
    def sentence(self) -> str:
        """The reckoning in one line."""
        graded = f"；按第 {self.round} 轮评价支付 {self.percent}%" if self.round else ""
        if self.amount is None:
            return f"按条款手工计算{graded}"
        if self.clause.basis == FIXED:
            due = f" = {format_yuan(self.amount)} 元" if self.round else ""
            return f"每月固定 {format_yuan(self.clause.monthly)} 元{graded}{due}"
        whole, part = divmod(self.clause.rate_e4, 100)
        said = f"{format_yuan(self.base or 0)} 元 × {whole}.{part:02d}%{graded}"
        return f"{said} = {format_yuan(self.amount)} 元（四舍五入到分）"


def clause_in_force(setup: Setup, on: date) -> Clause:
    """The clause on a day. Raises :class:`~ledger.errors.Refused` if there is none, or it is unclear."""
    value = setup.setting("remuneration_clause", on)
    if value is None:
        raise refuse(
            "gate_remuneration_clause",
            "信托文件没有生效的酬金条款，不能计提受托人酬金；请先由业主大会补充约定（信托法第三十五条）",
            "酬金条款",
        )
    if isinstance(value, str):
        return Clause(value, TYPED)
    clause = _clause(value)
    if clause is None:
        raise refuse("bad_clause", "设置里的酬金条款读不懂，请核对计算方式和比例", "酬金条款")
    return clause


def _clause(value: Mapping[str, Any]) -> Clause | None:
    text, basis = str(value.get("text", "")), value.get("basis")
    monthly, rate = value.get("monthly", 0), value.get("rate_e4", 0)
    of = value.get("of", "receipts")
    if basis == FIXED and type(monthly) is int and monthly > 0:
        return Clause(text, FIXED, monthly=monthly)
    if basis == PERCENT and type(rate) is int and 0 < rate < 10_000 and of in _BASES:
        return Clause(text, PERCENT, rate_e4=rate, of=of)
    return None


def remuneration_sheet(
    conn: Connection, setup: Setup, period: int, fund: str = "F1", on: date | None = None
) -> Sheet:
    """Reckon a month by the clause in force on its last day and, where the deed ties it to the evaluation, by the
    newest result published by the day it is reckoned (``on``; not before the month's last day, which it is if
    left out): a result applies at the next payment. Raises :class:`~ledger.errors.Refused`."""
    clause = clause_in_force(setup, last_day(period))
    graded = pay_percent_on(conn, setup.trust_id, max(last_day(period), on or last_day(period)))
    percent, round_no = (graded.percent, graded.round) if graded else (100, 0)
    if clause.basis == FIXED:
        return Sheet(period, clause, None, _part(clause.monthly, percent, 100), percent, round_no)
    if clause.basis == PERCENT:
        base = _base(conn, setup.trust_id, period, fund, clause.of)
        due = _part(max(base, 0), clause.rate_e4 * percent, 10_000 * 100)
        return Sheet(period, clause, base, due, percent, round_no)
    return Sheet(period, clause, None, None, percent, round_no)


def _part(amount: int, share: int, of: int) -> int:
    """``amount × share ÷ of`` in fen, halves upwards."""
    return (amount * share * 2 + of) // (of * 2)


def _base(conn: Connection, trust_id: int, period: int, fund: str, of: str) -> int:
    """Credits less debits of the accounts in the month; corrections of such entries count too."""
    _, prefixes, events = _BASES[of]
    original = entry.alias()
    signed = case((posting.c.side == "C", posting.c.amount), else_=-posting.c.amount)
    query = (
        select(func.coalesce(func.sum(signed), 0))
        .join(entry, (entry.c.trust_id == posting.c.trust_id) & (entry.c.seq == posting.c.seq))
        .outerjoin(
            original,
            (original.c.trust_id == entry.c.trust_id)
            & (original.c.seq == func.coalesce(entry.c.reverses, entry.c.amends)),
        )
        .where(
            posting.c.trust_id == trust_id,
            posting.c.book == "A",
            posting.c.fund == fund,
            posting.c.business_date.between(first_day(period), last_day(period)),
            func.substr(posting.c.account, 1, 4).in_(prefixes),
        )
    )
    if events:
        query = query.where(func.coalesce(original.c.event, entry.c.event).in_(events))
    else:  # year-end closings empty the accounts without being income
        query = query.where(entry.c.event.not_in(("E28a", "E28b", "E28c")))
    return int(conn.execute(query).scalar_one())


def remuneration_work(
    conn: Connection,
    setup: Setup,
    sheet: Sheet,
    *,
    amount: int,
    party: str,
    fund: str,
    on: date,
    documents: tuple[Document, ...],
    act: Act,
    budget_line: str = "",
) -> Work:
    """Accrue a month once, when it is over. Raises :class:`~ledger.errors.Refused` if it is not, if it was
    accrued or waits in work, or if the amount is not the sheet's."""
    lock_trust(conn, setup.trust_id)
    if act.today <= last_day(sheet.period):
        raise refuse(
            "month_not_over",
            f"{period_name(sheet.period)}还没有过完，收款数还会变；请在 {last_day(sheet.period)} 以后再计提",
            "月份",
        )
    if sheet.amount is not None and amount != sheet.amount:
        raise refuse("not_by_clause", f"按条款应计提 {format_yuan(sheet.amount)} 元，不能改为别的数", "金额")
    if amount <= 0:
        raise refuse("nothing_due", "按条款算出的酬金为零，不用计提", "金额")
    key = _next_key(conn, setup.trust_id, sheet.period, fund)
    summary = f"计提{period_name(sheet.period)}受托人酬金"
    draft = Draft(
        book="A",
        date=on,
        event="E15a",
        summary=summary,
        lines=(Line("5014", fund, "D", amount), Line("2242", fund, "C", amount, party=party)),
        preparer="",
        reviewer="",
        key=key,
        documents=documents,
        references={"budget_line": budget_line} if budget_line else {},
        memo=sheet.sentence,
    )
    return Work(kind="remuneration", title=summary, drafts=(draft,))


def _next_key(conn: Connection, trust_id: int, period: int, fund: str) -> str:
    """The key of this month's accrual; a further one only after the one before was reversed."""
    stem = f"remuneration:{period}:{fund}:"
    reversal = entry.alias()
    rows = conn.execute(
        select(entry.c.idempotency_key, reversal.c.seq.label("reversed_by"))
        .outerjoin(reversal, (reversal.c.trust_id == entry.c.trust_id) & (reversal.c.reverses == entry.c.seq))
        .where(entry.c.trust_id == trust_id, entry.c.idempotency_key.startswith(stem, autoescape=True))
    ).all()
    if any(row.reversed_by is None for row in rows):
        raise refuse(
            "accrued_already", f"{period_name(period)}的酬金已经计提，不能重复；错了请先红字冲销", "月份"
        )
    waiting = conn.execute(
        select(work_key.c.no)
        .join(
            work_status,
            (work_status.c.trust_id == work_key.c.trust_id) & (work_status.c.no == work_key.c.no),
        )
        .where(
            work_key.c.trust_id == trust_id,
            work_key.c.idempotency_key.startswith(stem, autoescape=True),
            work_status.c.waiting_for.in_(OPEN),
        )
    ).scalars()
    if no := next(iter(waiting), None):
        raise refuse("waiting_already", f"{period_name(period)}的酬金已在第 {no} 号单据里等待办理", "月份")
    return f"{stem}{len(rows) + 1}"
