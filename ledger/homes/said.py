"""What one person said in the matters of the community: comments on budgets, answers about fees, and what was
answered. Their votes are in :mod:`ledger.resolutions.papers`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, or_, select

from ledger.billing.items import find_item
from ledger.budget.value import Answer, Key
from ledger.chart import FUNDS
from ledger.consultation.answers import CHOICES
from ledger.store.tables import budget_answer, budget_comment, fee_answer, fee_proposal

MOST = 200


@dataclass(frozen=True, slots=True)
class Said:
    """One thing said. ``kind``: budget or fee; ``name`` is the budget's or the proposal's in addresses."""

    kind: str
    name: str
    title: str
    text: str
    at: datetime
    answers: tuple[Answer, ...] = ()


def said_by(conn: Connection, trust_id: int, person: str) -> list[Said]:
    """The newest :data:`MOST` of each kind, newest first; three queries."""
    found = [*_comments(conn, trust_id, person), *_fees(conn, trust_id, person)]
    return sorted(found, key=lambda one: one.at, reverse=True)


def _comments(conn: Connection, trust_id: int, person: str) -> list[Said]:
    c = budget_comment.c
    rows = conn.execute(
        select(budget_comment)
        .where(c.trust_id == trust_id, c.person == person)
        .order_by(c.commented_at.desc())
        .limit(MOST)
    ).all()
    answers = _answers(conn, trust_id, rows)
    return [
        Said(
            "budget",
            Key(row.year, row.fund, row.version).name,
            f"{row.year} 年{FUNDS[row.fund].name}预算",
            row.text,
            row.commented_at,
            tuple(answers.get((row.year, row.fund, row.version, row.comment_no), ())),
        )
        for row in rows
    ]


def _answers(
    conn: Connection, trust_id: int, rows: Sequence[Row[Any]]
) -> dict[tuple[int, str, int, int], list[Answer]]:
    a = budget_answer.c
    versions = {(row.year, row.fund, row.version) for row in rows}
    if not versions:
        return {}
    asked = or_(*(and_(a.year == year, a.fund == fund, a.version == no) for year, fund, no in versions))
    found: dict[tuple[int, str, int, int], list[Answer]] = {}
    for row in conn.execute(
        select(budget_answer).where(a.trust_id == trust_id, asked).order_by(a.comment_no, a.answer_no)
    ):
        key = (row.year, row.fund, row.version, row.comment_no)
        found.setdefault(key, []).append(Answer(row.side, row.text, row.answered_at))
    return found


def _fees(conn: Connection, trust_id: int, person: str) -> list[Said]:
    a, p = fee_answer.c, fee_proposal.c
    rows = conn.execute(
        select(fee_answer, p.item)
        .join(fee_proposal, and_(p.trust_id == a.trust_id, p.proposal == a.proposal))
        .where(a.trust_id == trust_id, a.person == person)
        .order_by(a.recorded_at.desc(), a.version.desc())
        .limit(MOST)
    )
    return [
        Said(
            "fee",
            str(row.proposal),
            f"{find_item(row.item).title}调价征询（{row.unit}）",
            f"{CHOICES[row.choice]}{'：' if row.note else ''}{row.note}",
            row.recorded_at,
        )
        for row in rows
    ]
