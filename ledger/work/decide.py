"""The steps after preparing: review, co-sign, pay; or send back, or withdraw. One person, one step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Connection, insert, select, update

from ledger.errors import refuse
from ledger.journal import Posted
from ledger.journal.head import lock_head
from ledger.people import Actor, require
from ledger.store.tables import work as work_table
from ledger.store.tables import work_status, work_step
from ledger.trust.act import Act
from ledger.trust.setup import Setup, load_setup
from ledger.work.carry_out import carry_out
from ledger.work.needs import steps_needed, unpaid_drafts
from ledger.work.value import CO_SIGN, MOST_WORK, OPEN, PAY, POSTED, REVIEW, SENT_BACK, WITHDRAWN, Work

_WAITS = {REVIEW: "审核", CO_SIGN: "会签", PAY: "付款"}
_ENDED = {POSTED: "已经入账", SENT_BACK: "已经退回", WITHDRAWN: "已经撤回"}
_DID = {"prepare": "制单", REVIEW: "审核", CO_SIGN: "会签", PAY: "付款"}
_decode = msgspec.json.Decoder(Work).decode


@dataclass(frozen=True, slots=True)
class _Case:
    """A piece of work under the trust's lock. ``did``: who took which step."""

    setup: Setup
    no: int
    work: Work
    preparer: str
    did: dict[str, tuple[str, str]]
    waiting_for: str
    steps: int


def review(conn: Connection, trust_id: int, no: int, actor: Actor, act: Act, note: str = "") -> list[Posted]:
    """Agree to work somebody else prepared. Posts it if nobody else has to agree."""
    return _step(conn, trust_id, no, REVIEW, actor, act, note=note)


def co_sign(conn: Connection, trust_id: int, no: int, actor: Actor, act: Act, note: str = "") -> list[Posted]:
    """The owners' committee agrees (双签)."""
    return _step(conn, trust_id, no, CO_SIGN, actor, act, note=note)


def pay(
    conn: Connection, trust_id: int, no: int, actor: Actor, act: Act, *, on: date, bank_number: str = ""
) -> list[Posted]:
    """The cashier has paid, on a day, with the bank's receipt number; the entries are posted."""
    return _step(conn, trust_id, no, PAY, actor, act, on=on, bank_number=bank_number)


def send_back(conn: Connection, trust_id: int, no: int, actor: Actor, act: Act, note: str) -> None:
    """Refuse work, with the reason, by whoever it waits for. It can be prepared anew, not taken up again."""
    require(actor, "work.send_back")
    if not note.strip():
        raise refuse("no_reason", "退回须写明原因", "原因")
    case = _open_case(conn, trust_id, no)
    require(actor, f"work.{case.waiting_for}")
    _record(conn, case, SENT_BACK, actor, act, note=note)
    _set_status(conn, trust_id, no, SENT_BACK)


def withdraw(conn: Connection, trust_id: int, no: int, actor: Actor, act: Act, note: str = "") -> None:
    """The preparer takes the work back, as long as it is not posted."""
    require(actor, "work.withdraw")
    case = _open_case(conn, trust_id, no)
    if case.did["prepare"][0] != actor.person:
        raise refuse("not_yours", f"第 {no} 号单据不是您制的，只能由制单人撤回")
    _record(conn, case, WITHDRAWN, actor, act, note=note)
    _set_status(conn, trust_id, no, WITHDRAWN)


def _step(
    conn: Connection,
    trust_id: int,
    no: int,
    step: str,
    actor: Actor,
    act: Act,
    *,
    note: str = "",
    on: date | None = None,
    bank_number: str = "",
) -> list[Posted]:
    require(actor, f"work.{step}")
    case = _open_case(conn, trust_id, no)
    if case.waiting_for != step:
        raise refuse("not_now", f"第 {no} 号单据现在等待{_WAITS[case.waiting_for]}，还不能{_DID[step]}")
    for earlier, (person, _) in case.did.items():
        if person == actor.person:
            raise refuse(
                "same_person",
                f"您已为第 {no} 号单据{_DID[earlier]}，{_DID[step]}须由另一个人办理（会计法第三十五条）",
            )
    _refuse_unsigned(case, step, on)
    _record(conn, case, step, actor, act, note=note, on=on, bank_number=bank_number)
    following = [s for s in steps_needed(case.work, case.setup) if OPEN.index(s) > OPEN.index(step)]
    if following:
        _set_status(conn, trust_id, no, following[0])
        return []
    reviewer = actor.signature if step == REVIEW else case.did[REVIEW][1]
    _set_status(conn, trust_id, no, POSTED)  # so that what it reserved isn't held against itself
    return carry_out(
        conn,
        case.setup,
        case.work,
        no,
        act,
        preparer=case.preparer,
        reviewer=reviewer,
        on=on,
        bank_number=bank_number,
    )


def _refuse_unsigned(case: _Case, step: str, on: date | None) -> None:
    """Nobody passes over a step that became due after the work was handed on.

    The limit may have come down, a tie to the trustee may have been recorded, or the day of payment may
    lie under another limit than the day of the request; without this the entry would name a co-signature
    that nobody gave.
    """
    work, paying = case.work, unpaid_drafts(case.work)
    drafts = (
        msgspec.structs.replace(draft, date=on) if on is not None and place in paying else draft
        for place, draft in enumerate(work.drafts)
    )
    paid = msgspec.structs.replace(work, drafts=tuple(drafts))
    needed = {*steps_needed(work, case.setup), *steps_needed(paid, case.setup)}
    for earlier in OPEN[: OPEN.index(step)]:
        if earlier in needed and earlier not in case.did:
            raise refuse(
                "step_missing",
                f"按现行规则，第 {case.no} 号单据要先{_DID[earlier]}才能{_DID[step]}，但还没有人{_DID[earlier]}；"
                "请退回，由制单人重新制单",
            )


def _open_case(conn: Connection, trust_id: int, no: int) -> _Case:
    head = lock_head(conn, trust_id)
    row: Any = (
        conn.execute(
            select(work_table, work_status.c.waiting_for)
            .join(
                work_status,
                (work_status.c.trust_id == work_table.c.trust_id) & (work_status.c.no == work_table.c.no),
            )
            .where(work_table.c.trust_id == trust_id, work_table.c.no == no)
        ).first()
        if 0 < no < MOST_WORK
        else None
    )
    if row is None:
        raise refuse("unknown_work", f"没有第 {no} 号单据", "单据号")
    if row.waiting_for not in OPEN:
        raise refuse("ended", f"第 {no} 号单据{_ENDED[row.waiting_for]}，不能再办理")
    steps = conn.execute(
        select(work_step)
        .where(work_step.c.trust_id == trust_id, work_step.c.no == no)
        .order_by(work_step.c.step_no)
    ).all()
    did = {"prepare": (row.person, row.signature)} | {s.step: (s.person, s.signature) for s in steps}
    return _Case(
        setup=load_setup(conn, trust_id, head.setup_version),
        no=no,
        work=_decode(row.payload),
        preparer=row.signature,
        did=did,
        waiting_for=row.waiting_for,
        steps=len(steps),
    )


def _record(
    conn: Connection,
    case: _Case,
    step: str,
    actor: Actor,
    act: Act,
    *,
    note: str = "",
    on: date | None = None,
    bank_number: str = "",
) -> None:
    conn.execute(
        insert(work_step).values(
            trust_id=case.setup.trust_id,
            no=case.no,
            step_no=case.steps + 1,
            step=step,
            person=actor.person,
            signature=actor.signature,
            note=note.strip(),
            paid_on=on,
            bank_number=bank_number.strip(),
            acted_at=act.now,
        )
    )


def _set_status(conn: Connection, trust_id: int, no: int, waiting_for: str) -> None:
    conn.execute(
        update(work_status)
        .where(work_status.c.trust_id == trust_id, work_status.c.no == no)
        .values(waiting_for=waiting_for)
    )
