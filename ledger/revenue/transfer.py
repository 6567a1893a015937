"""Shared revenue moves to the maintenance fund by resolution: one number, two books, equal amounts.

The side of book A decides (E21a) and pays (E21b) as one piece of work; the side of book M receives
(E21c) when the money has arrived. A move is finished when both sides stand in the books with the same
amount; until then it is on the list (:mod:`ledger.revenue.moves`).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, func, insert, select

from ledger.errors import Problem, Refused, refuse
from ledger.journal import Document, Draft, Line
from ledger.journal.head import lock_head
from ledger.maintenance.cash import CashIn
from ledger.maintenance.keys import next_key
from ledger.money import format_yuan
from ledger.people import Actor
from ledger.resolutions.lacking import decision_lacking
from ledger.revenue.moves import Side, Transfer, read_transfer
from ledger.store.tables import revenue_transfer, revenue_transfer_work
from ledger.trust.act import Act
from ledger.trust.setup import Setup
from ledger.work import Prepared, Work, prepare
from ledger.work.shared_revenue import free_of_waiting

KIND = "revenue_transfer"
MATTERS = ("raise_maintenance_fund", "shared_use", "other")
"""What the decision under a move of shared revenue can be about."""


def start_transfer(
    conn: Connection,
    setup: Setup,
    amount: int,
    resolution: str,
    *,
    from_account: str,
    to_account: str,
    actor: Actor,
    act: Act,
) -> tuple[int, Prepared]:
    """Record the move and prepare its side of book A. Raises :class:`~ledger.errors.Refused`."""
    lock_head(conn, setup.trust_id)
    problems = _problems(conn, setup, amount, resolution, from_account, to_account, act)
    if problems:
        raise Refused(problems)
    last = conn.execute(
        select(func.coalesce(func.max(revenue_transfer.c.transfer), 0)).where(
            revenue_transfer.c.trust_id == setup.trust_id
        )
    ).scalar_one()
    number = int(last) + 1
    conn.execute(
        insert(revenue_transfer).values(
            trust_id=setup.trust_id,
            transfer=number,
            amount=amount,
            resolution=resolution.strip(),
            from_account=from_account,
            to_account=to_account,
            recorded_at=act.now,
            recorded_by=actor.signature,
        )
    )
    return number, prepare_out(conn, setup, number, act.today, actor, act)


def _problems(
    conn: Connection,
    setup: Setup,
    amount: int,
    resolution: str,
    from_account: str,
    to_account: str,
    act: Act,
) -> list[Problem]:
    problems = []
    if not resolution.strip():
        problems.append(
            Problem("no_resolution", "公共收益转维修资金须有业主大会决议，请填写决议号", "决议号")
        )
    problems += decision_lacking(conn, setup.trust_id, resolution, matters=MATTERS, on=act.today)
    for account, fund, where in ((from_account, "F2", "转出账户"), (to_account, "M", "转入账户")):
        home = setup.bank_accounts.get(account)
        if home is None or home[2] != fund or not home[1].startswith(("1002", "1001")):
            name = "公共收益专户" if fund == "F2" else "维修资金专户"
            problems.append(Problem("wrong_bank_account", f"请选择{name}", where))
    free = free_revenue(conn, setup.trust_id, act)
    if amount <= 0:
        problems.append(Problem("no_amount", "金额应大于零", "金额"))
    elif amount > free:
        problems.append(
            Problem(
                "not_enough_revenue",
                f"公共收益结余只有 {format_yuan(free)} 元（已扣除在办单据），不够转出",
                "金额",
            )
        )
    return problems


def free_revenue(conn: Connection, trust_id: int, act: Act) -> int:
    """What shared revenue has left after its costs and what work on its way will spend, fen."""
    return free_of_waiting(conn, trust_id, act.today)


def prepare_out(conn: Connection, setup: Setup, number: int, on: date, actor: Actor, act: Act) -> Prepared:
    """The side of book A: confirmed by resolution, then paid by the cashier."""
    move = read_transfer(conn, setup.trust_id, number)
    if not move.out.open:
        raise refuse("side_taken", f"{move.ref} 的划出{move.out.words}，不能重复办理", "划出")
    common: dict[str, Any] = {"book": "A", "date": on, "preparer": "", "reviewer": ""}
    references = {"resolution": move.resolution, "transfer": move.ref}
    confirmed = Draft(
        event="E21a",
        summary="按业主大会决议，公共收益转入维修资金",
        lines=(Line("5902", "F2", "D", move.amount), Line("2501", "F2", "C", move.amount)),
        key=next_key(conn, setup.trust_id, f"transfer:{number}:confirm"),
        documents=(Document("resolution", "业主大会决议", number=move.resolution),),
        references=references,
        **common,
    )
    paid = Draft(
        event="E21b",
        summary="公共收益划转维修资金专户",
        lines=(
            Line("2501", "F2", "D", move.amount),
            Line("100202", "F2", "C", move.amount, bank_account=move.from_account),
        ),
        key=next_key(conn, setup.trust_id, f"transfer:{number}:pay"),
        references=references,
        **common,
    )
    work = Work(kind=KIND, title=f"公共收益转维修资金 {move.ref}：划出", drafts=(confirmed, paid))
    return _prepare(conn, setup, move, "out", work, actor, act)


def prepare_in(conn: Connection, setup: Setup, number: int, cash: CashIn, actor: Actor, act: Act) -> Prepared:
    """The side of book M: the money has arrived, exactly what was paid."""
    move = read_transfer(conn, setup.trust_id, number)
    if not move.out.booked:
        raise refuse("not_paid_yet", f"{move.ref} 还没有划出（{move.out.words}），不能登记收到", "收到")
    if not move.into.open:
        raise refuse("side_taken", f"{move.ref} 的收款{move.into.words}，不能重复办理", "收到")
    if cash.fen != move.out.booked:
        raise refuse(
            "amounts_differ",
            f"划出 {format_yuan(move.out.booked)} 元，到账 {format_yuan(cash.fen)} 元，两边必须相等；请核对回单",
            "金额",
        )
    draft = Draft(
        book="M",
        date=cash.on,
        event="E21c",
        summary="维修资金专户收到公共收益",
        lines=(cash.line, Line("4201", "M", "C", cash.fen)),
        preparer="",
        reviewer="",
        key=cash.key if cash.links else next_key(conn, setup.trust_id, f"transfer:{number}:receive"),
        documents=(
            cash.document,
            Document("apportionment", f"公共收益转入维修资金分摊依据：{move.resolution}"),
        ),
        references={"resolution": move.resolution, "transfer": move.ref},
    )
    work = Work(kind=KIND, title=f"公共收益转维修资金 {move.ref}：收到", drafts=(draft,), links=cash.links)
    return _prepare(conn, setup, move, "in", work, actor, act)


def _prepare(
    conn: Connection, setup: Setup, move: Transfer, side: Side, work: Work, actor: Actor, act: Act
) -> Prepared:
    prepared = prepare(conn, setup.trust_id, work, actor, act)
    conn.execute(
        insert(revenue_transfer_work).values(
            trust_id=setup.trust_id,
            transfer=move.transfer,
            step=side,
            work=prepared.no,
            prepared_at=act.now,
        )
    )
    return prepared
