"""Prepare work (制单): check it as if it were posted, give it a number, let it wait for review."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, Table, func, insert, select

from ledger.budget.claims import keep_budget_claims
from ledger.errors import Problem, Refused, refuse
from ledger.handover.state import refuse_if_frozen
from ledger.journal.head import lock_head
from ledger.journal.read import find_seq, read_entry
from ledger.people import Actor, require
from ledger.store.tables import work as work_table
from ledger.store.tables import work_key, work_line, work_status
from ledger.trust.act import Act
from ledger.trust.setup import load_setup
from ledger.work.additions import with_circumstances
from ledger.work.carry_out import TO_BE_REVIEWED, try_out
from ledger.work.needs import steps_needed
from ledger.work.value import OPEN, Work, work_kinds

_KEYS_A_QUERY = 5_000


@dataclass(frozen=True, slots=True)
class Prepared:
    """The number the work got and whom it waits for."""

    no: int
    waiting_for: str


def prepare(conn: Connection, trust_id: int, work: Work, actor: Actor, act: Act) -> Prepared:
    """Record work and hand it on for review; nothing is posted yet.

    Names of preparer and reviewer in its drafts are filled in by the system. Raises
    :class:`~ledger.errors.Refused` with every problem posting would meet.
    """
    require(actor, "work.prepare")
    _refuse_shapeless(work)
    head = lock_head(conn, trust_id)
    refuse_if_frozen(conn, trust_id, work.kind)
    setup = load_setup(conn, trust_id, head.setup_version)
    last = conn.execute(
        select(func.coalesce(func.max(work_table.c.no), 0)).where(work_table.c.trust_id == trust_id)
    ).scalar_one()
    no = int(last) + 1
    unsigned = [
        msgspec.structs.replace(draft, preparer=actor.signature, reviewer=TO_BE_REVIEWED)
        for draft in work.drafts
    ]
    work = with_circumstances(conn, trust_id, msgspec.structs.replace(work, drafts=tuple(unsigned)))
    _refuse_waiting_already(conn, trust_id, work)
    try_out(conn, setup, work, no, actor.signature, act)
    waiting_for = steps_needed(work, setup)[0]
    conn.execute(
        insert(work_table).values(
            trust_id=trust_id,
            no=no,
            kind=work.kind,
            title=work.title,
            amount=_amount(conn, trust_id, work),
            payload=msgspec.json.encode(work).decode(),
            person=actor.person,
            signature=actor.signature,
            prepared_at=act.now,
        )
    )
    conn.execute(insert(work_status).values(trust_id=trust_id, no=no, waiting_for=waiting_for))
    _keep_claims(conn, trust_id, no, work)
    return Prepared(no, waiting_for)


def _refuse_shapeless(work: Work) -> None:
    if work.kind not in work_kinds():
        raise refuse("unknown_kind", f"没有“{work.kind}”这种单据", "单据种类")
    if not work.title.strip():
        raise refuse("no_title", "请填写单据的事由", "事由")
    right = not work.drafts and not work.links if work.reverses else len(work.drafts) >= 1
    if work.amends and (len(work.drafts) != 1 or work.reverses):
        right = False
    if not right:
        raise refuse("no_entries", "单据里没有可入账的内容", "分录")
    if work.reverses and not work.reason.strip():
        raise refuse("no_reason", "红字冲销须写明原因", "原因")
    if any(not 0 <= link.draft < len(work.drafts) for link in work.links):
        raise refuse("bad_link", "流水所指的凭证不在本单据里", "流水")
    if len({(link.bank_account, link.line_key) for link in work.links}) < len(work.links):
        raise refuse("line_twice", "同一条流水在本单据里用了两次，一条流水只能入一次账", "流水")


def _claims(work: Work) -> tuple[list[str], list[tuple[str, str]]]:
    keys = [draft.key for draft in work.drafts]
    if work.reverses or work.amends:
        keys.append(f"corrects:{work.reverses or work.amends}")
    return sorted(set(keys)), sorted({(link.bank_account, link.line_key) for link in work.links})


def _refuse_waiting_already(conn: Connection, trust_id: int, work: Work) -> None:
    """The same entry, correction or bank line must not wait twice."""
    keys, lines = _claims(work)
    taken: dict[int, str] = {}
    for start in range(0, len(keys), _KEYS_A_QUERY):
        chosen = work_key.c.idempotency_key.in_(keys[start : start + _KEYS_A_QUERY])
        query = _claimed(work_key, work_key.c.no).where(work_key.c.trust_id == trust_id, chosen)
        taken |= dict.fromkeys(conn.execute(query).scalars(), "这笔业务")
    wanted = set(lines)
    for account in sorted({account for account, _ in lines}):
        query = _claimed(work_line, work_line.c.no, work_line.c.line_key).where(
            work_line.c.trust_id == trust_id, work_line.c.bank_account == account
        )
        taken |= {no: "这条流水" for no, key in conn.execute(query) if (account, key) in wanted}
    if taken:
        raise Refused(
            Problem("waiting_already", f"{what}已在第 {no} 号单据里等待办理，请先办结或撤回那张单据")
            for no, what in sorted(taken.items())
        )


def _claimed(table: Table, *columns: ColumnElement[Any]) -> Select[Any]:
    """Claims of work that is still on its way."""
    return select(*columns).join(
        work_status,
        (work_status.c.trust_id == table.c.trust_id)
        & (work_status.c.no == table.c.no)
        & work_status.c.waiting_for.in_(OPEN),
    )


def _keep_claims(conn: Connection, trust_id: int, no: int, work: Work) -> None:
    keys, lines = _claims(work)
    conn.execute(insert(work_key), [{"trust_id": trust_id, "no": no, "idempotency_key": key} for key in keys])
    if lines:
        conn.execute(
            insert(work_line),
            [
                {"trust_id": trust_id, "no": no, "bank_account": account, "line_key": key}
                for account, key in lines
            ],
        )
    keep_budget_claims(conn, trust_id, no, work)


def _amount(conn: Connection, trust_id: int, work: Work) -> int:
    if work.reverses:
        return read_entry(conn, trust_id, find_seq(conn, trust_id, work.reverses)).draft.total
    return sum(draft.total for draft in work.drafts)
