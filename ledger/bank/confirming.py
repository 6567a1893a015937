"""Bank lines that only confirm what the books have already.

A payment made through the office is posted when the cashier pays, before the bank's line arrives; so is money
taken at the counter. Such a line gets no entry of its own: it is linked to the one that is there. Alike are
lines and postings of the same account, the same signed amount and within some days (setting
``bank_confirm_days``, 10 unless set). A link is made by itself only if the bank's number or the other side's
name agrees too and there is no second candidate; the rest is suggested to a person.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Select, and_, case, exists, func, or_, select

from ledger.bank.lines import OpenLine, is_open, link, open_lines_by_key
from ledger.errors import refuse
from ledger.journal.head import lock_head, peek_head
from ledger.journal.public_view import entry_ref
from ledger.store.tables import bank_account, bank_line, bank_match, entry, entry_document, posting
from ledger.trust.act import Act
from ledger.trust.setup import Setup, load_setup

CONFIRMS = "confirms"
DAYS = 10
_PAPERS = ("bank_line", "channel_line", "payment_order", "receipt")
_OPENING = "E00"
_SETTLEMENT = "E03"
_KEYS_A_QUERY = 5_000
_A_MONTH = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class OwnPosting:
    """Money the books moved on an account without a bank line to show for it. ``amount``: fen, in positive."""

    seq: int
    ref: str
    bank_account: str
    on: date
    amount: int
    counterparty: str
    summary: str
    numbers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Alike:
    """A posting a line may confirm, and what speaks for it beside account and amount."""

    posting: OwnPosting
    reasons: tuple[str, ...]
    by_number: bool
    by_name: bool


@dataclass(slots=True)
class Confirmations:
    """Lines that confirm a posting for certain, and those for which a person must choose."""

    certain: list[tuple[OpenLine, Alike]] = field(default_factory=list)
    possible: dict[tuple[str, str], list[Alike]] = field(default_factory=dict)


def confirm(conn: Connection, trust_id: int, act: Act, *, until: date | None = None) -> Confirmations:
    """Link the lines that confirm own postings for certain; tell the ones a person must decide."""
    head = lock_head(conn, trust_id)
    found = find_confirmations(conn, load_setup(conn, trust_id, head.setup_version), act.today, until=until)
    if found.certain:
        links = [(line, alike.posting.seq, CONFIRMS) for line, alike in found.certain]
        link(conn, trust_id, links, act)
    return found


def confirm_by_hand(conn: Connection, trust_id: int, pairs: Sequence[tuple[OpenLine, int]], act: Act) -> None:
    """Link lines to the postings (seq) a person chose. Raises :class:`~ledger.errors.Refused`."""
    head = lock_head(conn, trust_id)
    found = find_confirmations(conn, load_setup(conn, trust_id, head.setup_version), act.today)
    certain = {(line.bank_account, line.line_key): [alike] for line, alike in found.certain}
    taken = Counter(seq for _, seq in pairs)
    for line, seq in pairs:
        choices = certain | found.possible
        known = {alike.posting.seq for alike in choices.get((line.bank_account, line.line_key), ())}
        if seq not in known or taken[seq] > 1:
            raise refuse("not_alike", "这条流水与所选的凭证金额、账户或日期对不上，或已对过账", line.memo)
    link(conn, trust_id, [(line, seq, f"{CONFIRMS}:by-hand") for line, seq in pairs], act)


def find_confirmations(
    conn: Connection, setup: Setup, today: date, *, until: date | None = None
) -> Confirmations:
    """Compare the open lines with the own postings that no line shows yet; a handful of queries."""
    from ledger.work.read import lines_in_work  # work uses this package

    days = timedelta(days=int(setup.setting("bank_confirm_days", today) or DAYS))
    # Every line of a closed month has its entry, so what an open line may confirm is hardly older than that.
    closed = peek_head(conn, setup.trust_id).closed
    books = {book for book, _, _ in setup.bank_accounts.values()}
    since = min(closed[book] for book in books) - days - _A_MONTH if books <= closed.keys() else date.min
    own = own_postings(conn, setup.trust_id, since=since, until=until)
    if not own:
        return Confirmations()
    waiting = lines_in_work(conn, setup.trust_id)
    lines = [
        line
        for line in _lines_like(conn, setup.trust_id, own)
        if (line.bank_account, line.line_key) not in waiting and (until is None or line.on <= until)
    ]
    return _decided(_candidates(lines, own, days))


def own_postings(
    conn: Connection, trust_id: int, *, since: date = date.min, until: date | None = None
) -> list[OwnPosting]:
    """Cash postings without a line, of entries that stand; oldest first."""
    signed = func.sum(case((posting.c.side == "D", posting.c.amount), else_=-posting.c.amount))
    query = _standing(
        select(
            entry.c.seq, entry.c.book, entry.c.fiscal_year, entry.c.number, posting.c.bank_account,
            entry.c.business_date, signed, entry.c.counterparty, entry.c.summary,
        )
    )  # fmt: skip
    query = (
        query.where(posting.c.trust_id == trust_id, posting.c.business_date >= since)
        .group_by(*query.selected_columns[:6], entry.c.counterparty, entry.c.summary)
        .having(signed != 0)
        .order_by(entry.c.business_date, entry.c.seq)
    )
    if until is not None:
        query = query.where(posting.c.business_date <= until)
    rows = conn.execute(query).all()
    numbers = _numbers(conn, trust_id, [row[0] for row in rows])
    return [
        OwnPosting(
            seq,
            entry_ref(book, year, number),
            account,
            on,
            int(amount),
            who,
            summary,
            frozenset(numbers[seq]),
        )
        for seq, book, year, number, account, on, amount, who, summary in rows
    ]


def _standing(query: Select[Any]) -> Select[Any]:
    """Of the cash postings those that no line shows and no red letter cancels."""
    undo = entry.alias()
    shown = exists().where(
        bank_match.c.trust_id == posting.c.trust_id,
        bank_match.c.seq == posting.c.seq,
        bank_match.c.bank_account == posting.c.bank_account,
    )
    cancelled = exists().where(undo.c.trust_id == entry.c.trust_id, undo.c.reverses == entry.c.seq)
    return (
        query.join(entry, (entry.c.trust_id == posting.c.trust_id) & (entry.c.seq == posting.c.seq))
        .join(
            bank_account,
            (bank_account.c.trust_id == posting.c.trust_id)
            & (bank_account.c.book == posting.c.book)
            & (bank_account.c.account == posting.c.account)
            & (bank_account.c.bank_account == posting.c.bank_account),
        )
        .where(
            posting.c.bank_account.is_not(None),
            entry.c.reverses.is_(None),
            entry.c.event != _OPENING,
            # a channel's own bill never shows what it paid out to the bank
            or_(bank_account.c.kind == "bank", entry.c.event != _SETTLEMENT),
            ~shown,
            ~cancelled,
        )
    )


def _numbers(conn: Connection, trust_id: int, seqs: Sequence[int]) -> dict[int, set[str]]:
    numbers: dict[int, set[str]] = defaultdict(set)
    for start in range(0, len(seqs), _KEYS_A_QUERY):
        query = select(entry_document.c.seq, entry_document.c.number).where(
            entry_document.c.trust_id == trust_id,
            entry_document.c.seq.in_(seqs[start : start + _KEYS_A_QUERY]),
            entry_document.c.kind.in_(_PAPERS),
            entry_document.c.number != "",
        )
        for seq, number in conn.execute(query):
            numbers[seq].add(number)
    return numbers


def _lines_like(conn: Connection, trust_id: int, own: Sequence[OwnPosting]) -> list[OpenLine]:
    """Open lines of the same accounts and amounts."""
    by_account: dict[str, set[int]] = defaultdict(set)
    for item in own:
        by_account[item.bank_account].add(item.amount)
    keys: list[tuple[str, str]] = []
    for account, amounts in by_account.items():
        wanted = sorted(amounts)
        for start in range(0, len(wanted), _KEYS_A_QUERY):
            chosen = bank_line.c.amount.in_(wanted[start : start + _KEYS_A_QUERY])
            query = select(bank_line.c.bank_account, bank_line.c.line_key).where(
                and_(bank_line.c.trust_id == trust_id, bank_line.c.bank_account == account, chosen, is_open())
            )
            keys += [(code, key) for code, key in conn.execute(query)]
    return sorted(open_lines_by_key(conn, trust_id, keys).values(), key=lambda line: line.place)


_Pairs = list[tuple[OpenLine, list[Alike]]]


def _candidates(lines: Sequence[OpenLine], own: Iterable[OwnPosting], days: timedelta) -> _Pairs:
    by_money: dict[tuple[str, int], list[OwnPosting]] = defaultdict(list)
    for item in own:
        by_money[item.bank_account, item.amount].append(item)
    pairs = []
    for line in lines:
        near = [p for p in by_money[line.bank_account, line.amount] if abs(p.on - line.on) <= days]
        if near:
            pairs.append((line, [_alike(line, item) for item in near]))
    return pairs


def _alike(line: OpenLine, item: OwnPosting) -> Alike:
    by_number = bool(line.flow_no) and line.flow_no in item.numbers
    by_name = bool(line.counterparty) and "".join(line.counterparty.split()) == "".join(
        item.counterparty.split()
    )
    reasons = [f"凭证 {item.ref} 已记这笔{'收款' if item.amount > 0 else '付款'}，账户、金额相同"]
    reasons += ["回单号相同"] if by_number else []
    reasons += ["对方户名相同"] if by_name else []
    return Alike(item, tuple(reasons), by_number, by_name)


def _decided(pairs: _Pairs) -> Confirmations:
    """Numbers decide before names; either only if line and posting have no other candidate of that kind."""
    found = Confirmations()
    lines: set[tuple[str, str]] = set()
    taken: set[tuple[str, int]] = set()
    for by in ("by_number", "by_name"):
        sure = [
            (line, [a for a in some if getattr(a, by) and (line.bank_account, a.posting.seq) not in taken])
            for line, some in pairs
            if (line.bank_account, line.line_key) not in lines
        ]
        wanted = Counter((line.bank_account, a.posting.seq) for line, some in sure for a in some)
        for line, some in sure:
            if len(some) == 1 and wanted[line.bank_account, some[0].posting.seq] == 1:
                found.certain.append((line, some[0]))
                lines.add((line.bank_account, line.line_key))
                taken.add((line.bank_account, some[0].posting.seq))
    for line, some in pairs:
        key = (line.bank_account, line.line_key)
        left = [a for a in some if (line.bank_account, a.posting.seq) not in taken]
        if key not in lines and left:
            found.possible[key] = left
    return found
