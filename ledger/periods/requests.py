"""Closing takes two people: one asks for it when everything is done, another looks and confirms.

For December the confirming person also signs the closing entries of the year as reviewer, the asking
one as preparer. Requests and decisions are rows that are never changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

import msgspec
from sqlalchemy import Connection, Row, Select, func, insert, select

from ledger.errors import Problem, Refused, refuse
from ledger.journal import Posted
from ledger.journal.head import lock_head
from ledger.people import Actor, require
from ledger.periods.calendar import last_day, period_name
from ledger.periods.checklist import CheckItem, checklist
from ledger.periods.close import ClosedPeriod, close_period, next_period
from ledger.periods.year import close_year_entries
from ledger.store.tables import close_decision, close_request, work_status
from ledger.store.tables import work as work_table
from ledger.trust.act import Act
from ledger.work import Work
from ledger.work.value import OPEN

CONFIRMED, REFUSED, WITHDRAWN = "confirmed", "refused", "withdrawn"
_MOST = 2**31
CARRIED_BY_CLOSING = "年末收支已结转"
"""The item of the checklist that confirming brings about by itself."""
_decode = msgspec.json.Decoder(Work).decode


@dataclass(frozen=True, slots=True)
class CloseRequest:
    """A request with what came of it; ``decision`` '' while it is open."""

    no: int
    book: str
    period: int
    person: str
    signature: str
    note: str
    requested_at: datetime
    decision: str
    decided_by: str
    decision_note: str
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Closed:
    """A closed month, and the year's closing entries that were posted for it."""

    period: ClosedPeriod
    entries: tuple[Posted, ...]


def closing_items(conn: Connection, trust_id: int, book: str, period: int, act: Act) -> list[CheckItem]:
    """Everything that must be true before a month closes, work on the desks included."""
    return [_no_work_waits(conn, trust_id, book, period), *checklist(conn, trust_id, book, period, act.today)]


def blocking_items(items: list[CheckItem]) -> list[CheckItem]:
    """The items that stand in the way of a request."""
    return [item for item in items if not item.ok and item.name != CARRIED_BY_CLOSING]


def request_close(
    conn: Connection, trust_id: int, book: str, period: int, actor: Actor, act: Act, note: str = ""
) -> int:
    """Ask for a month to be closed; the number of the request.

    Raises :class:`~ledger.errors.Refused` with every item that blocks, for a month whose turn it is not,
    and while another request of this book is open.
    """
    require(actor, "period.request")
    lock_head(conn, trust_id)
    expected = next_period(conn, trust_id, book)
    if period != expected:
        raise refuse(
            "period_order",
            f"下一个要结的月份是{period_name(expected)}，不能先结{period_name(period)}",
            "月份",
        )
    waiting = open_request(conn, trust_id, book)
    if waiting is not None:
        raise refuse(
            "request_open",
            f"{period_name(waiting.period)}的结账申请正在等待确认，请先确认、退回或撤回",
            "月份",
        )
    _refuse_blocked(closing_items(conn, trust_id, book, period, act))
    last = select(func.coalesce(func.max(close_request.c.no), 0)).where(close_request.c.trust_id == trust_id)
    no = int(conn.execute(last).scalar_one()) + 1
    conn.execute(
        insert(close_request).values(
            trust_id=trust_id,
            no=no,
            book=book,
            period=period,
            person=actor.person,
            signature=actor.signature,
            note=note.strip(),
            requested_at=act.now,
        )
    )
    return no


def confirm_close(conn: Connection, trust_id: int, no: int, actor: Actor, act: Act) -> Closed:
    """Close what was asked for, by another person; in December after posting the closing entries.

    Raises :class:`~ledger.errors.Refused`.
    """
    require(actor, "period.close")
    asked = _open(conn, trust_id, no)
    if asked.person == actor.person:
        raise refuse("same_person", "结账申请是您提出的，须由另一个人确认（会计法第三十五条）", "确认人")
    _refuse_blocked(closing_items(conn, trust_id, asked.book, asked.period, act))
    entries: list[Posted] = []
    if asked.period % 100 == 12:
        entries = close_year_entries(
            conn,
            trust_id,
            cast(Literal["A", "M"], asked.book),
            asked.period // 100,
            preparer=asked.signature,
            reviewer=actor.signature,
            act=act,
        )
    closed = close_period(conn, trust_id, asked.book, asked.period, by=actor.signature, act=act)
    _decide(conn, trust_id, no, CONFIRMED, actor, act, "")
    return Closed(closed, tuple(entries))


def refuse_close(conn: Connection, trust_id: int, no: int, actor: Actor, act: Act, note: str) -> None:
    """Send a request back, with the reason."""
    require(actor, "period.close")
    if not note.strip():
        raise refuse("no_reason", "退回结账申请须写明原因", "原因")
    _open(conn, trust_id, no)
    _decide(conn, trust_id, no, REFUSED, actor, act, note)


def withdraw_close(conn: Connection, trust_id: int, no: int, actor: Actor, act: Act) -> None:
    """Take one's own request back."""
    require(actor, "period.request")
    if _open(conn, trust_id, no).person != actor.person:
        raise refuse("not_yours", "这份结账申请不是您提出的，只能由申请人撤回")
    _decide(conn, trust_id, no, WITHDRAWN, actor, act, "")


def open_request(conn: Connection, trust_id: int, book: str) -> CloseRequest | None:
    """The request of a book that waits for a decision, if any."""
    query = _requests(trust_id).where(close_request.c.book == book, close_decision.c.decision.is_(None))
    row = conn.execute(query).first()
    return None if row is None else _request(row)


def list_requests(conn: Connection, trust_id: int, book: str, limit: int = 24) -> list[CloseRequest]:
    """The newest requests of a book."""
    query = _requests(trust_id).where(close_request.c.book == book)
    return [_request(row) for row in conn.execute(query.order_by(close_request.c.no.desc()).limit(limit))]


def _no_work_waits(conn: Connection, trust_id: int, book: str, period: int) -> CheckItem:
    """No work on the desks belongs to the month: what is prepared is posted or sent back first."""
    rows = conn.execute(
        select(work_table.c.no, work_table.c.payload)
        .join(
            work_status,
            (work_status.c.trust_id == work_table.c.trust_id) & (work_status.c.no == work_table.c.no),
        )
        .where(work_table.c.trust_id == trust_id, work_status.c.waiting_for.in_(OPEN))
        .order_by(work_table.c.no)
    )
    ends_on = last_day(period)
    numbers = [no for no, payload in rows if _belongs(_decode(payload), book, ends_on)]
    if not numbers:
        return CheckItem("单据都已办结", True, "没有这个月的单据还在办理")
    shown = "、".join(str(no) for no in numbers[:5])
    more = "等" if len(numbers) > 5 else ""
    return CheckItem("单据都已办结", False, f"还有 {len(numbers)} 张本月的单据在办理（第 {shown} 号{more}）")


def _belongs(work: Work, book: str, ends_on: Any) -> bool:
    days = [draft.date for draft in work.drafts if draft.book == book]
    if work.reverses.startswith(f"{book}-") and work.on is not None:
        days.append(work.on)
    return any(day <= ends_on for day in days)


def _refuse_blocked(items: list[CheckItem]) -> None:
    if blocking := blocking_items(items):
        raise Refused(Problem("close_blocked", item.finding, item.name) for item in blocking)


def _open(conn: Connection, trust_id: int, no: int) -> CloseRequest:
    lock_head(conn, trust_id)
    row = None
    if 0 < no < _MOST:
        row = conn.execute(_requests(trust_id).where(close_request.c.no == no)).first()
    if row is None:
        raise refuse("unknown_request", f"没有第 {no} 号结账申请", "结账申请")
    found = _request(row)
    if found.decision:
        raise refuse("ended", f"第 {no} 号结账申请已经办结，不能再办理", "结账申请")
    return found


def _decide(
    conn: Connection, trust_id: int, no: int, decision: str, actor: Actor, act: Act, note: str
) -> None:
    conn.execute(
        insert(close_decision).values(
            trust_id=trust_id,
            no=no,
            decision=decision,
            person=actor.person,
            signature=actor.signature,
            note=note.strip(),
            decided_at=act.now,
        )
    )


def _requests(trust_id: int) -> Select[Any]:
    return (
        select(
            close_request.c.no,
            close_request.c.book,
            close_request.c.period,
            close_request.c.person,
            close_request.c.signature,
            close_request.c.note,
            close_request.c.requested_at,
            func.coalesce(close_decision.c.decision, "").label("decision"),
            func.coalesce(close_decision.c.signature, "").label("decided_by"),
            func.coalesce(close_decision.c.note, "").label("decision_note"),
            close_decision.c.decided_at,
        )
        .outerjoin(
            close_decision,
            (close_decision.c.trust_id == close_request.c.trust_id)
            & (close_decision.c.no == close_request.c.no),
        )
        .where(close_request.c.trust_id == trust_id)
    )


def _request(row: Row[Any]) -> CloseRequest:
    return CloseRequest(*tuple(row))
