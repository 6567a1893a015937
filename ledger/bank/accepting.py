"""What a person decides about open lines: accept suggestions, many at once, or say what a line was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from ledger.bank.confirming import confirm_by_hand
from ledger.bank.lines import OpenLine, open_lines_by_key
from ledger.bank.rules import bank_document, cash_line, draft_for
from ledger.bank.suggesting import choice_named, learn_about
from ledger.errors import Problem, Refused, refuse
from ledger.journal.draft import Document, Draft, Line
from ledger.journal.head import peek_head
from ledger.people import Actor, require
from ledger.trust.act import Act
from ledger.work import Link, Prepared, Work, prepare
from ledger.work.read import lines_in_work

MOST_AT_ONCE = 2_000
BY_HAND = "by-hand"


@dataclass(frozen=True, slots=True)
class Pick:
    """A line and the name of the choice a person made for it."""

    bank_account: str
    line_key: str
    choice: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """What came of the choices: the work that now waits for review, and lines linked to entries at once."""

    prepared: Prepared | None
    entries: int
    confirmed: int


def accept(conn: Connection, trust_id: int, picks: Sequence[Pick], actor: Actor, act: Act) -> Accepted:
    """Make one piece of work of all chosen entries; link at once the lines that only confirm one.

    Raises :class:`~ledger.errors.Refused` with every line that cannot be taken any more.
    """
    require(actor, "bank.match")
    if not picks:
        raise refuse("nothing_chosen", "还没有选中流水；请勾选要采纳的建议", "流水")
    if len(picks) > MOST_AT_ONCE:
        raise refuse("too_many", f"一次最多采纳 {MOST_AT_ONCE} 条，请分几次", "流水")
    lines = takeable(conn, trust_id, [(pick.bank_account, pick.line_key) for pick in picks])
    chosen = {(pick.bank_account, pick.line_key): pick.choice for pick in picks}
    known = learn_about(conn, trust_id, lines, act)
    drafts: list[Draft] = []
    links: list[Link] = []
    confirms: list[tuple[OpenLine, int]] = []
    problems: list[Problem] = []
    for line in lines:
        name = chosen[line.bank_account, line.line_key]
        found = choice_named(known, line, name)
        if found is None or (found[0].draft is not None and found[1] is None):
            problems.append(Problem("choice_gone", "这条建议已经变了，请刷新页面后再选", shown(line)))
        elif found[1] is None:
            confirms.append((line, found[0].seq or 0))
        else:
            rule = name.partition(":")[0] if name.startswith("household:") else name
            links.append(Link(len(drafts), line.bank_account, line.line_key, rule))
            drafts.append(found[1].draft)
    if problems:
        raise Refused(problems)
    if confirms:
        confirm_by_hand(conn, trust_id, confirms, act)
    prepared = None
    if drafts:
        work = Work(kind="bank", title=_title(lines, len(drafts)), drafts=tuple(drafts), links=tuple(links))
        prepared = prepare(conn, trust_id, work, actor, act)
    return Accepted(prepared, len(drafts), len(confirms))


def book_by_hand(
    conn: Connection,
    trust_id: int,
    key: tuple[str, str],
    actor: Actor,
    act: Act,
    *,
    event: str,
    summary: str,
    others: Sequence[Line],
    documents: Sequence[Document] = (),
    references: dict[str, str] | None = None,
    named: bool = False,
    memo: str = "",
) -> Prepared:
    """Prepare the entry a person chose for one line; ``others`` are the lines besides the cash.

    ``named``: the other side's name may be published (a vendor, an authority; never a household).
    """
    require(actor, "bank.match")
    (line,) = takeable(conn, trust_id, [key])
    total = sum(other.signed for other in others)
    if total != -line.amount:
        raise refuse("not_this_line", "各行金额合计与这条流水的金额不符", "金额")
    cash = cash_line(line)
    draft = draft_for(
        line,
        peek_head(conn, trust_id).closed,
        event=event,
        summary=summary,
        lines=(cash, *others) if line.amount > 0 else (*others, cash),
        documents=(bank_document(line), *documents),
        references=references or {},
        counterparty=line.counterparty,
        counterparty_public=named and bool(line.counterparty),
        memo=memo,
        preparer="",
        reviewer="",
    )
    link = Link(0, line.bank_account, line.line_key, BY_HAND)
    work = Work(kind="bank", title=_title([line], 1), drafts=(draft,), links=(link,))
    return prepare(conn, trust_id, work, actor, act)


def takeable(conn: Connection, trust_id: int, keys: Sequence[tuple[str, str]]) -> list[OpenLine]:
    """The lines, oldest first, if all are open and wait nowhere. Raises :class:`~ledger.errors.Refused`."""
    found = open_lines_by_key(conn, trust_id, keys)
    waiting = lines_in_work(conn, trust_id)
    problems = [
        Problem("line_taken", "这条流水不存在，或已经入账，请刷新页面", f"{account}")
        for account, key in keys
        if (account, key) not in found
    ]
    problems += [
        Problem("line_waits", f"这条流水已在第 {waiting[key]} 号单据里等待审核", shown(line))
        for key, line in found.items()
        if key in waiting
    ]
    if problems:
        raise Refused(problems)
    return sorted(found.values(), key=lambda line: line.place)


def shown(line: OpenLine) -> str:
    """A line in a few words, for messages."""
    return f"{line.bank} {line.on} {line.counterparty or line.memo}"[:60]


def _title(lines: Sequence[OpenLine], entries: int) -> str:
    banks = list(dict.fromkeys(line.bank for line in lines))
    where = banks[0] if len(banks) == 1 else f"{len(banks)} 个账户"
    days = [line.on for line in lines]
    span = f"{min(days)}" if min(days) == max(days) else f"{min(days)} 至 {max(days)}"
    return f"{where}流水入账 {entries} 条（{span}）"
