"""Nobody pays from an account what the books say is not there.

Asked when the cashier's step posts, not before: money may come in between a request and its payment. What the bank
itself has shown (a linked line) is a fact and is always taken.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, case, func, select

from ledger.errors import Problem, Refused
from ledger.money import format_yuan
from ledger.store.tables import posting
from ledger.trust.setup import Setup
from ledger.work.additions import CASH
from ledger.work.needs import unpaid_drafts
from ledger.work.value import Work

SETTING = "pay_beyond_books"
"""The setting of a trust whose receipts reach the books late, and whose cashier looks at the bank instead."""


def refuse_below_nought(conn: Connection, setup: Setup, work: Work, today: date) -> None:
    """Refuse work, posted a moment ago in this transaction, whose payments left an account below nought.

    Raises :class:`~ledger.errors.Refused`.
    """
    if setup.setting(SETTING, today):
        return
    shown = {link.bank_account for link in work.links}
    drafts = [work.drafts[place] for place in unpaid_drafts(work)]
    paid_from = {
        line.bank_account
        for draft in drafts
        for line in draft.lines
        if line.side == "C" and line.account.startswith(CASH[draft.book])
    } - shown
    if not paid_from:
        return
    signed = func.sum(case((posting.c.side == "D", posting.c.amount), else_=-posting.c.amount))
    query = (
        select(posting.c.bank_account, signed)
        .where(posting.c.trust_id == setup.trust_id, posting.c.bank_account.in_(sorted(paid_from)))
        .group_by(posting.c.bank_account)
        .having(signed < 0)
        .order_by(posting.c.bank_account)
    )
    problems = [
        Problem(
            "no_money_left",
            f"付款后账面余额会是 -{format_yuan(-int(fen))} 元，账上没有这么多钱；请先把这个账户已到账的收款入账"
            "（例如导入银行流水），或退回单据改金额、换账户",
            setup.values["bank_account", code].name,
        )
        for code, fen in conn.execute(query)
    ]
    if problems:
        raise Refused(problems)
