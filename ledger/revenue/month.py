"""What a month earned: booked contract by contract, once, in one piece of work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, exists, func, select

from ledger.balances import balances_by, resolve_clock
from ledger.errors import refuse
from ledger.journal import Document, Draft, Line
from ledger.maintenance.keys import next_keys
from ledger.money import format_yuan
from ledger.periods.calendar import last_day, period_name, period_of
from ledger.revenue.booking import contract_paper, income_lines
from ledger.revenue.contracts import Terms, list_terms, schedules
from ledger.revenue.due import AHEAD, RECEIVABLE, schedule_ref
from ledger.revenue.schedule import DueRow, month_parts
from ledger.revenue.vat import needed_rate, split_vat, vat_rate
from ledger.store.tables import entry, entry_reference, posting, work_key, work_status
from ledger.trust.act import Act
from ledger.trust.setup import Setup
from ledger.work import CO_SIGN, PAY, REVIEW, Work

ACCRUAL = "revenue_accrual"


@dataclass(frozen=True, slots=True)
class MonthLine:
    """What one period of a contract earns in a month. ``why`` says what stands against booking it."""

    terms: Terms
    schedule: str
    gross: int
    net: int
    tax: int
    key: str
    state: str
    why: str = ""


READY, BOOKED, WAITING, BLOCKED = "ready", "booked", "waiting", "blocked"
STATE_NAMES = {READY: "可确认", BOOKED: "已入账", WAITING: "单据办理中", BLOCKED: "暂不能确认"}


def month_lines(conn: Connection, setup: Setup, period: int, act: Act) -> list[MonthLine]:
    """What all contracts earn in a month (yyyymm), booked or not; shares come with their money instead."""
    trust_id, day = setup.trust_id, min(last_day(period), act.today)
    rows = schedules(conn, trust_id)
    wanted = [
        (terms, schedule_ref(terms.contract, version, row.period_no), fen)
        for terms in list_terms(conn, trust_id)
        if terms.mode != "share"
        for version, row in rows.get(terms.contract, [])
        if (fen := month_parts(row).get(period, 0))
    ]
    done = _booked_otherwise(conn, trust_id)
    bases = {ref: f"revenue:{ref}:{period}" for _, ref, _ in wanted}
    keys = next_keys(conn, trust_id, list(bases.values()))
    taken = _taken(conn, trust_id, list(keys.values()))
    clock = resolve_clock(conn, trust_id, today=act.today)
    ahead = {
        code: -totals.balance
        for code, totals in balances_by(conn, trust_id, "A", AHEAD, "contract", clock).items()
    }
    lines = []
    for terms, ref, fen in wanted:
        key = keys[bases[ref]]
        rate = vat_rate(setup, terms.account, day)
        state, why = taken.get(key, READY), ""
        if state == READY and (extra := done.get(terms.contract, 0)):
            state, why = _against(extra, rows[terms.contract], setup, period)
        if state == READY and rate is None:
            state, why = BLOCKED, "还没有登记这类收入的增值税税率"
        elif state == READY and terms.mode == "prepaid":
            if ahead.get(terms.contract, 0) < fen:
                have = format_yuan(ahead.get(terms.contract, 0))
                state, why = BLOCKED, f"账上预收只有 {have} 元，请先登记收到的租金"
            else:
                ahead[terms.contract] -= fen
        net, tax = split_vat(fen, rate or 0)
        lines.append(MonthLine(terms, ref, fen, net, tax, key, state, why))
    return lines


def _booked_otherwise(conn: Connection, trust_id: int) -> dict[str, int]:
    """What was recognised of each contract by entries that name no period of its schedule, fen: vouchers
    written by hand, or from before the schedule was on record."""
    signed = func.sum(posting.c.amount)
    period = entry_reference.alias()
    source = func.coalesce(entry.c.reverses, entry.c.amends, entry.c.seq)
    query = (
        select(posting.c.contract, signed)
        .join(entry, (entry.c.trust_id == posting.c.trust_id) & (entry.c.seq == posting.c.seq))
        .where(
            posting.c.trust_id == trust_id,
            posting.c.book == "A",
            posting.c.account.in_((RECEIVABLE, AHEAD)),
            posting.c.side == "D",
            entry.c.event != "E00",
            ~exists().where(
                period.c.trust_id == trust_id, period.c.seq == source, period.c.kind == "schedule"
            ),
        )
        .group_by(posting.c.contract)
    )
    return {contract: int(fen) for contract, fen in conn.execute(query) if contract}


def _against(extra: int, rows: Sequence[tuple[int, DueRow]], setup: Setup, period: int) -> tuple[str, str]:
    """How a month stands when ``extra`` was booked another way: it fills the schedule oldest first."""
    first = period_of(setup.opened_on)
    months: Counter[int] = Counter()
    for _, row in rows:
        months.update({month: fen for month, fen in month_parts(row).items() if first <= month <= period})
    before = sum(fen for month, fen in months.items() if month < period)
    if extra >= before + months[period]:
        return BOOKED, "已用记账凭证确认"
    if extra > before:
        return BLOCKED, f"已用记账凭证确认了其中 {format_yuan(extra - before)} 元，请核对后用“制单”补记"
    return READY, ""


def _taken(conn: Connection, trust_id: int, keys: Sequence[str]) -> dict[str, str]:
    posted = select(entry.c.idempotency_key).where(
        entry.c.trust_id == trust_id, entry.c.idempotency_key.in_(keys)
    )
    waiting = (
        select(work_key.c.idempotency_key)
        .join(
            work_status, (work_status.c.trust_id == work_key.c.trust_id) & (work_status.c.no == work_key.c.no)
        )
        .where(
            work_key.c.trust_id == trust_id,
            work_key.c.idempotency_key.in_(keys),
            work_status.c.waiting_for.in_((REVIEW, CO_SIGN, PAY)),
        )
    )
    return dict.fromkeys(conn.execute(waiting).scalars(), WAITING) | dict.fromkeys(
        conn.execute(posted).scalars(), BOOKED
    )


def month_work(conn: Connection, setup: Setup, period: int, act: Act) -> Work:
    """Book what is ready of a month, one entry a contract's period, as one piece of work.

    Running it again books what has become ready since. Raises :class:`~ledger.errors.Refused` if nothing is.
    """
    ready = [line for line in month_lines(conn, setup, period, act) if line.state == READY]
    if not ready:
        raise refuse("nothing_ready", f"{period_name(period)}没有可以确认的公共收益，或都已确认", "月份")
    day = min(last_day(period), act.today)
    drafts = tuple(_month_draft(setup, line, period, day) for line in ready)
    return Work(kind=ACCRUAL, title=f"确认{period_name(period)}公共收益（{len(drafts)} 笔）", drafts=drafts)


def _month_draft(setup: Setup, line: MonthLine, period: int, day: date) -> Draft:
    terms = line.terms
    ahead = terms.mode == "prepaid"
    debit = Line(AHEAD if ahead else RECEIVABLE, "F2", "D", line.gross, contract=terms.contract)
    rate = needed_rate(setup, terms.account, day)
    how = "预收租金按月确认" if ahead else "按合同应收"
    return Draft(
        book="A",
        date=day,
        event="E19c" if ahead else "E19a",
        summary=f"{period_name(period)}{terms.title}收入（{how}）",
        lines=(debit, *income_lines(terms, line.gross, rate)),
        preparer="",
        reviewer="",
        key=line.key,
        documents=(Document("schedule", f"{terms.title}收入确认表"),) if ahead else (contract_paper(terms),),
        references={"contract": terms.contract, "schedule": line.schedule},
        counterparty=terms.party_name,
        counterparty_public=True,
    )
