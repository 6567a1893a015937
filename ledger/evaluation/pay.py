"""The evaluation's share of the remuneration is applied at the next payment: what was accrued (E15a) before a result
was published, and is not paid yet, has to be accrued anew if the result asks for another share.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, case, exists, func, select

from ledger.evaluation.consequences import Consequence, pay_percent_before, pay_percent_on
from ledger.journal.public_view import entry_ref
from ledger.store.tables import entry, evaluation_result, posting, work, work_entry

_ACCOUNT, _EVENT = "2242", "E15a"


@dataclass(frozen=True, slots=True)
class Behind:
    """Accruals (``refs``) that were reckoned without the result of ``round``, which says ``percent``."""

    round: int
    percent: int
    refs: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """What to do about it."""
        return (
            f"第 {self.round} 轮评价已经发布，酬金按 {self.percent}% 支付；凭证 {'、'.join(self.refs)} "
            "是在那以前按别的比例计提的，请先红字冲销、重新计提（上一年度的用“订正”），再支付"
        )


def accrued_behind(conn: Connection, trust_id: int, on: date) -> Behind | None:
    """Unpaid accruals that the newest result published by a day does not agree with; payments settle the oldest
    first. None if there are none, or if the deed ties nothing to the evaluation."""
    rate = pay_percent_on(conn, trust_id, on)
    if rate is None:
        return None
    published_at = _published_at(conn, trust_id, rate)
    owed, found = _owed(conn, trust_id), []
    for row in _accruals(conn, trust_id, published_at):
        if owed.get(row.fund, 0) <= 0:
            continue
        owed[row.fund] -= row.amount
        if (
            (before := row.reckoned_at or row.posted_at) < published_at
            and (then := _percent_then(conn, trust_id, before)) != rate.percent
            and not (row.amended and row.amount + row.by >= 0 and _agrees(row, rate.percent, then))
        ):
            found.append(entry_ref("A", row.fiscal_year, row.number))
    return Behind(rate.round, rate.percent, tuple(sorted(set(found)))) if found else None


def _agrees(row: Any, percent: int, then: int) -> bool:
    """Whether what amendments left of an accrual is the share asked for now, to the fen."""
    was, left = int(row.amount), int(row.amount + row.by)
    return abs(left * then - was * percent) <= max(then, percent)


def _percent_then(conn: Connection, trust_id: int, moment: datetime) -> int:
    rate = pay_percent_before(conn, trust_id, moment)
    return rate.percent if rate else 100


def _published_at(conn: Connection, trust_id: int, rate: Consequence) -> datetime:
    r = evaluation_result.c
    found: datetime = conn.execute(
        select(r.published_at).where(r.trust_id == trust_id, r.round == rate.round, r.version == rate.version)
    ).scalar_one()
    return found


def _owed(conn: Connection, trust_id: int) -> dict[str, int]:
    """What is accrued and not paid, fen, by fund."""
    p = posting.c
    signed = case((p.side == "C", p.amount), else_=-p.amount)
    query = select(p.fund, func.sum(signed)).where(
        p.trust_id == trust_id, p.book == "A", p.account == _ACCOUNT
    )
    return {fund: int(amount) for fund, amount in conn.execute(query.group_by(p.fund))}


def _accruals(conn: Connection, trust_id: int, since: datetime) -> list[Any]:
    """Accruals that were not reversed, the newest first; when they were reckoned (prepared, if by work); whether
    they were amended since a moment, and by how much."""
    p, e, reversal, later, other = posting.c, entry.c, entry.alias(), entry.alias(), posting.alias()
    amends = (later.c.trust_id == e.trust_id, later.c.amends == e.seq, later.c.posted_at >= since)
    amended = exists().where(*amends)
    signed = case((other.c.side == "C", other.c.amount), else_=-other.c.amount)
    by = (
        select(func.coalesce(func.sum(signed), 0))
        .select_from(later.join(other, (other.c.trust_id == later.c.trust_id) & (other.c.seq == later.c.seq)))
        .where(*amends, other.c.fund == p.fund, other.c.account == _ACCOUNT)
        .scalar_subquery()
    )
    reckoned_at = (
        select(func.min(work.c.prepared_at))
        .select_from(
            work.join(work_entry, (work_entry.c.trust_id == work.c.trust_id) & (work_entry.c.no == work.c.no))
        )
        .where(work_entry.c.trust_id == e.trust_id, work_entry.c.seq == e.seq)
        .scalar_subquery()
    )
    query = (
        select(
            e.posted_at,
            e.fiscal_year,
            e.number,
            p.fund,
            p.amount,
            amended.label("amended"),
            by.label("by"),
            reckoned_at.label("reckoned_at"),
        )
        .join(entry, (e.trust_id == p.trust_id) & (e.seq == p.seq))
        .outerjoin(reversal, (reversal.c.trust_id == e.trust_id) & (reversal.c.reverses == e.seq))
        .where(
            p.trust_id == trust_id,
            p.book == "A",
            p.account == _ACCOUNT,
            p.side == "C",
            e.event == _EVENT,
            reversal.c.seq.is_(None),
        )
        .order_by(e.seq.desc())
    )
    return list(conn.execute(query))
