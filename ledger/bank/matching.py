"""Turn bank lines into entries by rules, in this order, each with its reason.

0. A memo that the setting ``match_by_hand`` names is always left to a person.
1. A setting's template (``match_templates``): interest, fees, transfers with fixed accounts. A channel's
   fees go into the entry of the settlement they were kept back from; what is left of them becomes one
   entry a month, so that residents are not shown hundreds of rows of pennies.
2. Money in with a known room number: a household's payment: property fee owed, then parking, the rest paid ahead.
3. Money out to a vendor whose payable is open: payment of that vendor, unless it needs a co-signature or
   an owners' consent; that is for a person to show.
4. Money in that nothing explains: 待查款 (224105), to be cleared later. Money out stays open for a person.

Rules are data or one function each; what they decide is an ordinary draft that passes the same checks
as one typed by hand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection

from ledger.bank.desk import read_desk
from ledger.bank.lines import OpenLine, link, open_lines
from ledger.bank.rules import Decision, bank_document, cash_line, decide, draft_for, fees_left, set_fees_aside
from ledger.errors import refuse
from ledger.journal import Draft
from ledger.journal.head import lock_head
from ledger.journal.post import Posted, Progress, post_many
from ledger.trust.act import Act
from ledger.trust.setup import load_setup

__all__ = ["Matched", "bank_document", "cash_line", "draft_for", "match_lines", "post_lines"]


@dataclass(slots=True)
class Matched:
    """What was decided: entries by rule, and the lines left for a person."""

    by_rule: Counter[str] = field(default_factory=Counter)
    left: list[OpenLine] = field(default_factory=list)


def match_lines(
    conn: Connection,
    trust_id: int,
    *,
    preparer: str,
    reviewer: str,
    act: Act,
    until: date | None = None,
    progress: Progress | None = None,
) -> Matched:
    """Post every open line that a rule explains, all or nothing; report the rest."""
    head = lock_head(conn, trust_id)
    desk = read_desk(
        conn, load_setup(conn, trust_id, head.setup_version), head.closed, preparer, reviewer, act
    )
    result = Matched()
    decisions: list[Decision] = []
    for line in set_fees_aside(desk, open_lines(conn, trust_id, until=until)):
        decision = decide(desk, line)
        if decision is None:
            result.left.append(line)
        else:
            decisions.append(decision)
    decisions += fees_left(desk)
    for decision in decisions:
        result.by_rule[decision.rule] += len(decision.lines)
    posted = (
        post_many(conn, trust_id, [d.draft for d in decisions], act, progress=progress) if decisions else []
    )
    links = [(line, p.seq, d.rule) for d, p in zip(decisions, posted, strict=True) for line in d.lines]
    link(conn, trust_id, links, act)
    return result


def post_lines(conn: Connection, trust_id: int, lines: Sequence[OpenLine], draft: Draft, act: Act) -> Posted:
    """Post the entry a person chose for one or several lines; its cash must be exactly their money.

    Raises :class:`~ledger.errors.Refused`.
    """
    for line in lines:
        cash = sum(x.signed for x in draft.lines if x.bank_account == line.bank_account)
        if cash != line.amount:
            raise refuse("not_this_line", f"凭证里“{line.bank}”的金额与这条流水不符", "金额")
    posted = post_many(conn, trust_id, [draft], act)[0]
    link(conn, trust_id, [(line, posted.seq, "by-hand") for line in lines], act)
    return posted
