"""Moves of shared revenue to the maintenance fund: where each of the two books stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, and_, case, func, literal_column, select

from ledger.errors import Unanswerable
from ledger.money import format_yuan
from ledger.store.tables import (
    entry_reference,
    posting,
    revenue_transfer,
    revenue_transfer_work,
    work_status,
)
from ledger.work import CO_SIGN, PAY, POSTED, REVIEW

Side = Literal["out", "in"]
SIDE_NAMES: dict[Side, str] = {"out": "公共收益划出（账套 A）", "in": "维修资金收到（账套 M）"}
_WAITS = {REVIEW: "等待审核", CO_SIGN: "等待会签", PAY: "等待付款", POSTED: "已入账"}


@dataclass(frozen=True, slots=True)
class SideState:
    """Where one side stands: its latest work, what that waits for, and fen in the books by this move."""

    work: int | None = None
    waiting_for: str = ""
    booked: int = 0

    @property
    def words(self) -> str:
        """For people."""
        if self.booked:
            return "已入账"
        if self.waiting_for in (REVIEW, CO_SIGN, PAY):
            return _WAITS[self.waiting_for]
        return "已冲销，须重新办理" if self.waiting_for == POSTED else "未办理"

    @property
    def open(self) -> bool:
        """Whether work for this side may be prepared now."""
        return not self.booked and self.waiting_for not in (REVIEW, CO_SIGN, PAY)


@dataclass(frozen=True, slots=True)
class Transfer:
    """One move. Fen."""

    transfer: int
    amount: int
    resolution: str
    from_account: str
    to_account: str
    recorded_at: datetime
    out: SideState
    into: SideState

    @property
    def ref(self) -> str:
        """How entries of both books name it."""
        return transfer_ref(self.transfer)

    @property
    def finished(self) -> bool:
        """Both sides are booked and agree."""
        return self.out.booked == self.into.booked == self.amount

    @property
    def next_step(self) -> str:
        """What is to be done now, in words."""
        if self.finished:
            return "已完成，两账套金额一致"
        if not self.out.booked:
            return self.out.words if not self.out.open else "请重新办理划出"
        if not self.into.booked:
            return f"收款{self.into.words}" if not self.into.open else "已划出，等维修资金专户到账后办理收款"
        return (
            f"两边金额不一致：划出 {format_yuan(self.out.booked)} 元，收到 {format_yuan(self.into.booked)} 元"
        )


def transfer_ref(number: int) -> str:
    """``ZH-0003``."""
    return f"ZH-{number:04d}"


def read_transfer(conn: Connection, trust_id: int, number: int) -> Transfer:
    """One move. Raises :class:`~ledger.errors.Unanswerable` if there is none."""
    for move in list_transfers(conn, trust_id, only=number):
        return move
    raise Unanswerable("unknown_transfer", f"没有编号为 {number} 的划转")


def list_transfers(conn: Connection, trust_id: int, *, only: int | None = None) -> list[Transfer]:
    """All moves, the newest first; three queries."""
    query = select(revenue_transfer).where(revenue_transfer.c.trust_id == trust_id)
    if only is not None:
        query = query.where(revenue_transfer.c.transfer == only)
    rows = conn.execute(query.order_by(revenue_transfer.c.transfer.desc())).all()
    works = _works(conn, trust_id)
    booked = _booked(conn, trust_id)
    return [_transfer(row, works, booked) for row in rows]


def unfinished_transfers(conn: Connection, trust_id: int) -> list[Transfer]:
    """Moves that wait for somebody, or whose sides do not agree."""
    return [move for move in list_transfers(conn, trust_id) if not move.finished]


def _transfer(
    row: Row[Any], works: dict[tuple[int, str], tuple[int, str]], booked: dict[tuple[str, str], int]
) -> Transfer:
    ref = transfer_ref(row.transfer)
    sides = {}
    for side in ("out", "in"):
        work, waiting_for = works.get((row.transfer, side), (None, ""))
        sides[side] = SideState(work, waiting_for, booked.get((ref, side), 0))
    return Transfer(
        transfer=row.transfer,
        amount=row.amount,
        resolution=row.resolution,
        from_account=row.from_account,
        to_account=row.to_account,
        recorded_at=row.recorded_at,
        out=sides["out"],
        into=sides["in"],
    )


def _works(conn: Connection, trust_id: int) -> dict[tuple[int, str], tuple[int, str]]:
    """The latest work of each side and what it waits for."""
    table = revenue_transfer_work
    query = (
        select(table.c.transfer, table.c.step, table.c.work, work_status.c.waiting_for)
        .join(
            work_status,
            and_(work_status.c.trust_id == table.c.trust_id, work_status.c.no == table.c.work),
        )
        .where(table.c.trust_id == trust_id)
        .order_by(table.c.work)
    )
    return {(number, side): (no, waits) for number, side, no, waits in conn.execute(query)}


def _booked(conn: Connection, trust_id: int) -> dict[tuple[str, str], int]:
    """What the books say each move took out of F2's bank and brought into M's, red letters taken off."""
    signed = case((posting.c.side == "D", posting.c.amount), else_=-posting.c.amount)
    query = (
        select(entry_reference.c.ref, posting.c.book, func.sum(signed))
        .join(
            posting,
            (posting.c.trust_id == entry_reference.c.trust_id) & (posting.c.seq == entry_reference.c.seq),
        )
        .where(
            entry_reference.c.trust_id == trust_id,
            entry_reference.c.kind == literal_column("'transfer'"),  # as its partial index spells it
            posting.c.account.in_(("100202", "1001")),
        )
        .group_by(entry_reference.c.ref, posting.c.book)
    )
    return {
        (ref, "in" if book == "M" else "out"): int(fen) if book == "M" else -int(fen)
        for ref, book, fen in conn.execute(query)
    }
