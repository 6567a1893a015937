"""After the books have opened, a fee standard changes only as the owners were asked, decided and told.

The first standard of a use rests on the deed or the contract; a later one, and any exception, on a proposal that
went through consultation, decision and public notice (:mod:`ledger.consultation`), to the letter.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, and_, exists, or_, select

from ledger.errors import Problem
from ledger.store.tables import charge_standard, entry, fee_proposal, fee_standard, fee_step


def bare_change(conn: Connection, trust_id: int, asked: Any) -> list[Problem]:
    """Why this standard can't be recorded as it stands; nothing if it is the first, or was carried."""
    if not _has_standard(conn, trust_id, asked) or not _opened(conn, trust_id):
        return []
    noticed = noticed_proposals(conn, trust_id, asked)
    if any(
        row.reference == asked.authority.strip() and row.until_day == asked.effective_on for row in noticed
    ):
        return []
    if noticed:
        row = noticed[-1]
        return [
            Problem(
                "not_as_noticed",
                f"公示的是：依据“{row.reference}”，自 {row.until_day} 起执行；登记的依据和生效日须与公示一致",
                "收费标准",
            )
        ]
    return [
        Problem(
            "no_consultation",
            "账簿启用后调整收费标准，须先在“调价征询”里公布成本测算、征询各户意见、经业主共同决定并公示满期；"
            "没有找到与此一致的已公示方案",
            "收费标准",
        )
    ]


def noticed_proposals(conn: Connection, trust_id: int, asked: Any) -> Sequence[Any]:
    """Notices of proposals that say exactly this and were neither withdrawn nor carried out; oldest first.

    Each row has ``proposal``, ``reference`` (the decision) and ``until_day`` (the day of effect).
    """
    p, notice, later, decided = fee_proposal.c, fee_step.alias(), fee_step.alias(), fee_step.alias()
    units = msgspec.json.encode(sorted(set(asked.units))).decode()
    return conn.execute(
        select(p.proposal, notice.c.until_day, decided.c.reference)
        .join(
            notice,
            and_(notice.c.trust_id == p.trust_id, notice.c.proposal == p.proposal, notice.c.step == "notice"),
        )
        .join(
            decided,
            and_(
                decided.c.trust_id == p.trust_id,
                decided.c.proposal == p.proposal,
                decided.c.step == "resolve",
            ),
        )
        .where(
            p.trust_id == trust_id,
            p.item == asked.item,
            p.scope == asked.scope,
            p.target == asked.target,
            p.method == asked.method,
            p.rate_e4 == asked.rate_e4,
            p.units == units,
            ~exists().where(
                later.c.trust_id == p.trust_id,
                later.c.proposal == p.proposal,
                or_(later.c.no > notice.c.no, and_(later.c.no > decided.c.no, later.c.step == "resolve")),
            ),
        )
        .order_by(p.proposal)
    ).all()


def _opened(conn: Connection, trust_id: int) -> bool:
    query = select(entry.c.seq).where(entry.c.trust_id == trust_id).limit(1)
    return conn.execute(query).first() is not None


def _has_standard(conn: Connection, trust_id: int, asked: Any) -> bool:
    """Whether somebody already pays by a standard this one would change: of the same use, or of any for an
    exception of a building or of units."""
    c, plain = charge_standard.c, fee_standard.c
    query = select(c.number).where(c.trust_id == trust_id, c.item == asked.item)
    first = select(plain.use_kind).where(plain.trust_id == trust_id)
    if asked.scope == "use":
        query = query.where(c.scope == "use", c.target == asked.target)
        first = first.where(plain.use_kind == asked.target)
    if conn.execute(query.limit(1)).first() is not None:
        return True
    return asked.item == "property" and conn.execute(first.limit(1)).first() is not None
