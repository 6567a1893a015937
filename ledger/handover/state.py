"""How far a handover has come, and whether the books are frozen meanwhile; one light query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, and_, select

from ledger.errors import refuse
from ledger.store.tables import handover, handover_step

Stage = Literal["preparing", "frozen", "completed", "cancelled"]
STAGE_NAMES: dict[Stage, str] = {
    "preparing": "准备中",
    "frozen": "已冻结，清点签收中",
    "completed": "已完成",
    "cancelled": "已取消",
}
_STAGES: dict[str, Stage] = {"freeze": "frozen", "complete": "completed", "cancel": "cancelled"}
EXEMPT_WORK = frozenset({"handover"})
"""Kinds of work that may go on while the books are frozen."""


@dataclass(frozen=True, slots=True)
class HandoverState:
    """The newest handover of a trust. ``step_no``: of the step that led to this stage, 0 for none."""

    no: int
    stage: Stage
    step_no: int
    outgoing: str
    incoming: str

    @property
    def frozen(self) -> bool:
        """Whether new work is refused."""
        return self.stage == "frozen"

    @property
    def under_way(self) -> bool:
        """Whether it has neither been completed nor cancelled."""
        return self.stage in ("preparing", "frozen")


def handover_state(conn: Connection, trust_id: int) -> HandoverState | None:
    """The newest handover and its stage; None if the trustee never changed."""
    row = conn.execute(
        select(
            handover.c.no,
            handover.c.outgoing,
            handover.c.incoming,
            handover_step.c.step,
            handover_step.c.step_no,
        )
        .outerjoin(
            handover_step,
            and_(
                handover_step.c.trust_id == handover.c.trust_id,
                handover_step.c.no == handover.c.no,
                handover_step.c.step.in_(list(_STAGES)),
            ),
        )
        .where(handover.c.trust_id == trust_id)
        .order_by(handover.c.no.desc(), handover_step.c.step_no.desc().nulls_last())
        .limit(1)
    ).first()
    if row is None:
        return None
    stage = _STAGES[row.step] if row.step else "preparing"
    return HandoverState(row.no, stage, row.step_no or 0, row.outgoing, row.incoming)


def refuse_if_frozen(conn: Connection, trust_id: int, kind: str) -> None:
    """Refuse new work of this kind while the trustee is being changed and the books are frozen.

    To be called before work is accepted. Raises :class:`~ledger.errors.Refused`.
    """
    if kind in EXEMPT_WORK:
        return
    state = handover_state(conn, trust_id)
    if state is not None and state.frozen:
        raise refuse(
            "books_frozen",
            f"正在办理受托人移交（{state.outgoing} → {state.incoming}），账簿已冻结，暂不受理新的单据；"
            "移交完成或取消后再办",
            "受托人移交",
        )
