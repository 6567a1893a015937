"""What every step of a handover begins and ends with: where the handover stands, and the row that is written."""

from __future__ import annotations

from sqlalchemy import Connection, func, insert, select

from ledger.errors import refuse
from ledger.handover.read import HandoverFile, read_handover
from ledger.people import Actor
from ledger.store.tables import handover_step
from ledger.trust.act import Act


def handover_under_way(conn: Connection, trust_id: int) -> HandoverFile:
    """The handover being carried out. Raises :class:`~ledger.errors.Refused` if there is none."""
    file = read_handover(conn, trust_id)
    if file is None or not file.state.under_way:
        raise refuse("no_handover", "现在没有正在办理的移交")
    return file


def frozen_handover(conn: Connection, trust_id: int) -> HandoverFile:
    """The handover whose books are frozen. Raises :class:`~ledger.errors.Refused` if they are not."""
    file = handover_under_way(conn, trust_id)
    if not file.state.frozen:
        raise refuse("not_frozen", "请先冻结账簿、取得余额快照")
    return file


def add_step(
    conn: Connection,
    trust_id: int,
    no: int,
    step: str,
    actor: Actor,
    act: Act,
    *,
    subject: str = "",
    outcome: str = "",
    note: str = "",
    document: str = "",
    digest: str = "",
) -> int:
    """Write a step with the next number; the caller holds the trust's lock."""
    last = conn.execute(
        select(func.max(handover_step.c.step_no)).where(
            handover_step.c.trust_id == trust_id, handover_step.c.no == no
        )
    ).scalar()
    step_no = (last or 0) + 1
    conn.execute(
        insert(handover_step).values(
            trust_id=trust_id,
            no=no,
            step_no=step_no,
            step=step,
            subject=subject,
            outcome=outcome,
            note=note,
            document=document,
            digest=digest,
            person=actor.person,
            signature=actor.signature,
            acted_at=act.now,
        )
    )
    return step_no
