"""Post what a piece of work asks for, in the transaction of its last step, or try it out beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, insert, select

from ledger.bank.lines import link, open_lines_by_key
from ledger.errors import Problem, Refused, refuse
from ledger.journal import Draft, Posted, amend, post_many, reverse
from ledger.store.tables import work_entry
from ledger.trust.act import Act
from ledger.trust.setup import Setup
from ledger.work.additions import refuse_changed_addition
from ledger.work.cash_left import refuse_below_nought
from ledger.work.large import refuse_undecided
from ledger.work.needs import completed
from ledger.work.overdrawn import refuse_overdrawn
from ledger.work.shared_revenue import refuse_overspent
from ledger.work.value import Work

TO_BE_REVIEWED = "（待审核）"


def try_out(conn: Connection, setup: Setup, work: Work, no: int, preparer: str, act: Act) -> None:
    """Post and take back: the same checks as in earnest, so that nobody reviews what can't be posted.

    Raises :class:`~ledger.errors.Refused`.
    """
    trial = conn.begin_nested()
    try:
        posted = _post(conn, setup, work, no, act, preparer=preparer, reviewer=TO_BE_REVIEWED)
        refuse_overdrawn(conn, setup, work, others=True)
        refuse_overspent(conn, setup.trust_id, work, act.today, others=True)
        _refuse_misspent(conn, setup.trust_id, posted, others=True)
    finally:
        trial.rollback()


def carry_out(
    conn: Connection,
    setup: Setup,
    work: Work,
    no: int,
    act: Act,
    *,
    preparer: str,
    reviewer: str,
    on: date | None = None,
    bank_number: str = "",
) -> list[Posted]:
    """Post the entries, link their bank lines and note which work they came from."""
    refuse_changed_addition(conn, setup.trust_id, work)
    posted = _post(
        conn, setup, work, no, act, preparer=preparer, reviewer=reviewer, on=on, number=bank_number
    )
    _refuse_misspent(conn, setup.trust_id, posted)
    refuse_below_nought(conn, setup, work, act.today)
    if any(place.already for place in posted):
        refs = "、".join(place.ref for place in posted if place.already)
        raise refuse("posted_before", f"这笔业务已经入账（{refs}），不能再入一次；请退回本单据")
    conn.execute(
        insert(work_entry), [{"trust_id": setup.trust_id, "no": no, "seq": place.seq} for place in posted]
    )
    return posted


def _refuse_misspent(conn: Connection, trust_id: int, posted: list[Posted], *, others: bool = False) -> None:
    """Whatever the work was, money of a project goes to its purpose."""
    from ledger.projects.spending import refuse_misspent  # projects use this package

    refuse_misspent(conn, trust_id, posted, others=others)


def _post(
    conn: Connection,
    setup: Setup,
    work: Work,
    no: int,
    act: Act,
    *,
    preparer: str,
    reviewer: str,
    on: date | None = None,
    number: str = "",
) -> list[Posted]:
    trust_id = setup.trust_id
    drafts = completed(work, no, setup, preparer=preparer, reviewer=reviewer, on=on, bank_number=number)
    refuse_undecided(conn, setup, work, drafts)
    if work.reverses:
        red = reverse(
            conn,
            trust_id,
            work.reverses,
            on=work.on or act.today,
            reason=work.reason,
            preparer=preparer,
            reviewer=reviewer,
            key=f"work:{no}:red",
            act=act,
        )
        return [red]
    if work.amends:
        return amend(conn, trust_id, work.amends, drafts[0], act)
    posted = post_many(conn, trust_id, drafts, act)
    refuse_overdrawn(conn, setup, work)
    refuse_overspent(conn, setup.trust_id, work, act.today)
    _link(conn, trust_id, work, drafts, posted, act)
    return posted


def _link(
    conn: Connection, trust_id: int, work: Work, drafts: Sequence[Draft], posted: list[Posted], act: Act
) -> None:
    """Tie bank lines to their entries; what the entry takes must be exactly what the lines brought."""
    if not work.links:
        return
    wanted = [(item.bank_account, item.line_key) for item in work.links]
    lines = open_lines_by_key(conn, trust_id, wanted)
    problems = [
        Problem("line_taken", "这条流水不存在，或已经入账", f"{item.bank_account} {item.line_key}")
        for item in work.links
        if (item.bank_account, item.line_key) not in lines
    ]
    brought: dict[tuple[int, str], int] = {}
    for item in work.links:
        line = lines.get((item.bank_account, item.line_key))
        if line is not None:
            place = (item.draft, item.bank_account)
            brought[place] = brought.get(place, 0) + line.amount
    for (draft, account), amount in brought.items():
        cash = sum(line.signed for line in drafts[draft].lines if line.bank_account == account)
        if cash != amount:
            problems.append(
                Problem("not_this_line", "凭证里这个账户的金额与流水不符", f"第 {draft + 1} 张凭证")
            )
    if problems:
        raise Refused(problems)
    links = [
        (lines[item.bank_account, item.line_key], posted[item.draft].seq, item.rule) for item in work.links
    ]
    link(conn, trust_id, links, act)


def entries_of(conn: Connection, trust_id: int, no: int) -> list[int]:
    """Places in the log of what a piece of work posted."""
    query = select(work_entry.c.seq).where(work_entry.c.trust_id == trust_id, work_entry.c.no == no)
    return list(conn.execute(query.order_by(work_entry.c.seq)).scalars())
