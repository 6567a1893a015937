"""Proposals of fee standards: what is put to the owners, and how far each has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, func, insert, select

from ledger.billing.standard import Standard, in_force, list_standards, standard_problems
from ledger.conference.public_text import text_problems
from ledger.consultation.cost import Cost, reckon_cost
from ledger.errors import Problem, Refused, Unanswerable
from ledger.people import Actor, require
from ledger.store.tables import fee_proposal, fee_step
from ledger.trust.act import Act
from ledger.trust.lock import lock_trust
from ledger.trust.setup import Setup

PENDING = "待业主共同决定"
STAGES = {
    "proposed": "已提出，尚未征询",
    "consulting": "正在征询",
    "consulted": "征询结束，等待表决",
    "decided": "已有决定，等待公示",
    "noticed": "公示中",
    "recorded": "已登记为新标准",
    "withdrawn": "已撤回",
}


@dataclass(frozen=True, slots=True)
class FeeStep:
    """Something that was done with a proposal; see the table ``fee_step``."""

    no: int
    step: str
    on_day: date
    until_day: date | None
    reference: str
    note: str
    document: str
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A fee standard as proposed, with its reckoning and its course."""

    proposal: int
    asked: Standard
    reason: str
    cost: Cost
    recorded_at: datetime
    recorded_by: str
    steps: tuple[FeeStep, ...]

    def last(self, step: str) -> FeeStep | None:
        """The newest step of a kind."""
        return next((one for one in reversed(self.steps) if one.step == step), None)

    def stage(self, today: date) -> str:
        """One of :data:`STAGES`."""
        if self.last("withdraw"):
            return "withdrawn"
        if self.last("record"):
            return "recorded"
        decided, noticed = self.last("resolve"), self.last("notice")
        if noticed and (decided is None or noticed.no > decided.no):
            return "noticed"
        if decided:
            return "decided"
        asked = self.last("consult")
        if asked is None:
            return "proposed"
        return "consulting" if today <= (asked.until_day or asked.on_day) else "consulted"

    @property
    def decision(self) -> str:
        """The number of the decision it rests on, '' before there is one."""
        step = self.last("resolve")
        return step.reference if step else ""


def propose_fee(conn: Connection, setup: Setup, asked: Standard, reason: str, actor: Actor, act: Act) -> int:
    """Keep a proposal with the reckoning of today and return its number. Raises :class:`Refused`."""
    require(actor, "fee.propose")
    lock_trust(conn, setup.trust_id)
    problems = [
        *standard_problems(conn, setup.trust_id, asked),
        *text_problems("理由", reason, longest=1000),
    ]
    if asked.effective_on <= act.today:
        problems.append(Problem("past", "计划执行日应在今天以后", "计划执行日"))
    if problems:
        raise Refused(problems)
    query = select(func.coalesce(func.max(fee_proposal.c.proposal), 0)).where(
        fee_proposal.c.trust_id == setup.trust_id
    )
    number = int(conn.execute(query).scalar_one()) + 1
    conn.execute(
        insert(fee_proposal).values(
            trust_id=setup.trust_id,
            proposal=number,
            item=asked.item,
            scope=asked.scope,
            target=asked.target,
            method=asked.method,
            rate_e4=asked.rate_e4,
            units=msgspec.json.encode(sorted(set(asked.units))).decode(),
            effective_on=asked.effective_on,
            reason=reason.strip(),
            cost=msgspec.json.encode(reckon_cost(conn, setup, act.today)).decode(),
            recorded_at=act.now,
            recorded_by=actor.signature,
        )
    )
    return number


def add_step(
    conn: Connection,
    trust_id: int,
    proposal: Proposal,
    step: str,
    on_day: date,
    actor: Actor,
    act: Act,
    *,
    until_day: date | None = None,
    reference: str = "",
    note: str = "",
    document: str = "",
) -> None:
    """Write a step with the next number; the caller holds the trust's lock."""
    conn.execute(
        insert(fee_step).values(
            trust_id=trust_id,
            proposal=proposal.proposal,
            no=len(proposal.steps) + 1,
            step=step,
            on_day=on_day,
            until_day=until_day,
            reference=reference,
            note=note.strip(),
            document=document,
            recorded_at=act.now,
            recorded_by=actor.signature,
        )
    )


def read_proposal(conn: Connection, trust_id: int, number: int) -> Proposal:
    """One proposal. Raises :class:`~ledger.errors.Unanswerable` if there is none."""
    p = fee_proposal.c
    query = select(fee_proposal).where(p.trust_id == trust_id, p.proposal == number)
    found = _read(conn, trust_id, query) if 0 < number < 2**31 else []
    if not found:
        raise Unanswerable("unknown_proposal", f"没有第 {number} 号调价方案")
    return found[0]


def list_proposals(
    conn: Connection, trust_id: int, *, before: int | None = None, limit: int = 50
) -> list[Proposal]:
    """Proposals, newest first; ``before`` is the number of the last one shown."""
    p = fee_proposal.c
    query = select(fee_proposal).where(p.trust_id == trust_id).order_by(p.proposal.desc()).limit(limit)
    return _read(conn, trust_id, query if before is None else query.where(p.proposal < before))


def _read(conn: Connection, trust_id: int, query: Any) -> list[Proposal]:
    rows = conn.execute(query).all()
    steps: dict[int, list[FeeStep]] = {}
    s = fee_step.c
    for row in conn.execute(
        select(fee_step)
        .where(s.trust_id == trust_id, s.proposal.in_([row.proposal for row in rows]))
        .order_by(s.proposal, s.no)
    ):
        steps.setdefault(row.proposal, []).append(
            FeeStep(
                row.no,
                row.step,
                row.on_day,
                row.until_day,
                row.reference,
                row.note,
                row.document,
                row.recorded_at,
                row.recorded_by,
            )
        )
    return [_proposal(row, tuple(steps.get(row.proposal, ()))) for row in rows]


def _proposal(row: Any, steps: tuple[FeeStep, ...]) -> Proposal:
    decided = next((one.reference for one in reversed(steps) if one.step == "resolve"), PENDING)
    asked = Standard(
        row.item,
        row.scope,
        row.target,
        row.method,
        row.rate_e4,
        row.effective_on,
        decided,
        tuple(msgspec.json.decode(row.units, type=list[str])),
    )
    cost = msgspec.json.decode(row.cost, type=Cost)
    return Proposal(row.proposal, asked, row.reason, cost, row.recorded_at, row.recorded_by, steps)


def present_standard(versions: Sequence[Standard], asked: Standard, day: date) -> Standard | None:
    """What holds on a day for the same item, scope and target as proposed; None if nothing does."""
    same = sorted(
        (
            one
            for one in versions
            if (one.item, one.scope, one.target, one.units)
            == (asked.item, asked.scope, asked.target, asked.units)
        ),
        key=lambda one: (one.effective_on, one.number),
    )
    return in_force([same], day)


def all_standards(conn: Connection, trust_id: int) -> list[Standard]:
    """All versions of all standards, the newest day first."""
    return sorted(
        list_standards(conn, trust_id), key=lambda one: (one.effective_on, one.number), reverse=True
    )
