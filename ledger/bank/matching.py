"""Turn bank lines into entries by rules, in this order, each with its reason.

0. A line that confirms what the books have already gets no entry (:mod:`ledger.bank.confirming`).
   One that may, or that waits in work, is left to a person.
   A memo that the setting ``match_by_hand`` names is always left to a person.
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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection

from ledger.bank.confirming import CONFIRMS, confirm
from ledger.bank.desk import read_desk
from ledger.bank.lines import OpenLine, link, open_days, open_lines
from ledger.bank.rules import Decision, bank_document, cash_line, decide, draft_for, fees_left, set_fees_aside
from ledger.errors import refuse
from ledger.journal import Draft
from ledger.journal.head import lock_head
from ledger.journal.post import Posted, Progress, post_many
from ledger.trust.act import Act
from ledger.trust.setup import load_setup
from ledger.work.read import lines_in_work

LINES_AT_ONCE = 5_000

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
    """Post every open line that a rule explains, all or nothing; report the rest.

    Lines are taken some thousands at a time, so that memory does not grow with their number.
    """
    head = lock_head(conn, trust_id)
    result = Matched()
    confirmed = confirm(conn, trust_id, act, until=until)
    if confirmed.certain:
        result.by_rule[CONFIRMS] = len(confirmed.certain)
    waiting = lines_in_work(conn, trust_id)
    desk = read_desk(
        conn, load_setup(conn, trust_id, head.setup_version), head.closed, preparer, reviewer, act
    )
    days = open_days(conn, trust_id, until=until)
    total = sum(count for _, count in days)
    done = 0
    for first, last in _spans(days):
        lines = open_lines(conn, trust_id, since=first, until=last)
        for start in range(0, len(lines), LINES_AT_ONCE):
            decisions: list[Decision] = []
            some = lines[start : start + LINES_AT_ONCE]
            for line in set_fees_aside(desk, some):
                place = (line.bank_account, line.line_key)
                by_hand = place in confirmed.possible or place in waiting
                decision = None if by_hand else decide(desk, line)
                if decision is None:
                    result.left.append(line)
                else:
                    decisions.append(decision)
            _carry_out(conn, trust_id, decisions, result, act)
            done += len(some)
            if progress is not None:
                progress(done, total)
    _carry_out(conn, trust_id, fees_left(desk), result, act)
    return result


def _spans(days: Sequence[tuple[date, int]]) -> Iterator[tuple[date, date]]:
    """Runs of days with some thousands of lines each."""
    first, size = None, 0
    for day, count in days:
        first, size = first or day, size + count
        if size >= LINES_AT_ONCE or day == days[-1][0]:
            yield first, day
            first, size = None, 0


def _carry_out(
    conn: Connection, trust_id: int, decisions: Sequence[Decision], result: Matched, act: Act
) -> None:
    if not decisions:
        return
    posted = post_many(conn, trust_id, [d.draft for d in decisions], act)
    for decision in decisions:
        result.by_rule[decision.rule] += len(decision.lines)
    links = [(line, p.seq, d.rule) for d, p in zip(decisions, posted, strict=True) for line in d.lines]
    drafts = {p.seq: d.draft for d, p in zip(decisions, posted, strict=True)}
    link(conn, trust_id, links, act, drafts)


def post_lines(conn: Connection, trust_id: int, lines: Sequence[OpenLine], draft: Draft, act: Act) -> Posted:
    """Post the entry a person chose for one or several lines; its cash must be exactly their money.

    Raises :class:`~ledger.errors.Refused`.
    """
    brought: Counter[str] = Counter()
    for line in lines:
        brought[line.bank_account] += line.amount
    for line in lines:
        cash = sum(x.signed for x in draft.lines if x.bank_account == line.bank_account)
        if cash != brought[line.bank_account]:
            raise refuse("not_this_line", f"凭证里“{line.bank}”的金额与这条流水不符", "金额")
    posted = post_many(conn, trust_id, [draft], act)[0]
    link(conn, trust_id, [(line, posted.seq, "by-hand") for line in lines], act, {posted.seq: draft})
    return posted
