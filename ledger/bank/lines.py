"""Bank lines that wait for an entry, and the link between the two."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, func, select, tuple_

from ledger.bank.bulk import insert_rows
from ledger.journal.draft import Draft
from ledger.journal.read import read_entries
from ledger.store.tables import bank_account, bank_line, bank_match, entry
from ledger.trust.act import Act

_KEYS_A_QUERY = 5_000
_UNTAUGHT = ("template:", "vendor", "to-be-cleared", "confirms")
"""Rules that stand in settings or in the books already: what they did teaches nothing new."""
ORDER = (bank_line.c.occurred_at, bank_line.c.bank_account, bank_line.c.row, bank_line.c.line_key)


@dataclass(frozen=True, slots=True)
class OpenLine:
    """A line of a bank or channel without a valid entry. ``amount``: fen, in positive, out negative."""

    bank_account: str
    line_key: str
    kind: str
    book: str
    fund: str
    account: str
    bank: str
    on: date
    amount: int
    counterparty: str
    counterparty_account: str
    memo: str
    flow_no: str
    sha256: str
    tries: int
    at: str = ""
    row: int = 0

    @property
    def place(self) -> Place:
        """Its place in the order of all lines, to go on from there."""
        return (self.at, self.bank_account, self.row, self.line_key)

    @property
    def entry_key(self) -> str:
        """Idempotency key of the entry made from this line; a new one after each reversal."""
        again = f"~{self.tries + 1}" if self.tries else ""
        return f"bank:{self.bank_account}:{self.line_key}"[:190] + again


def is_open() -> ColumnElement[bool]:
    """The condition that a bank line has no entry, or only entries that were reversed."""
    undone = entry.alias()
    reversed_ = exists().where(
        undone.c.trust_id == bank_match.c.trust_id, undone.c.reverses == bank_match.c.seq
    )
    return ~exists().where(
        bank_match.c.trust_id == bank_line.c.trust_id,
        bank_match.c.bank_account == bank_line.c.bank_account,
        bank_match.c.line_key == bank_line.c.line_key,
        ~reversed_,
    )


Place = tuple[str, str, int, str]
"""Where a line stands in the order of all: time, account, row, key."""


def open_lines(
    conn: Connection,
    trust_id: int,
    *,
    until: date | None = None,
    since: date | None = None,
    account: str = "",
    after: Place | None = None,
    limit: int | None = None,
) -> list[OpenLine]:
    """Lines without an entry, or whose entry was reversed; oldest first. ``after``: the last one seen."""
    query = _open_lines(trust_id).limit(limit)
    if until is not None:
        query = query.where(bank_line.c.occurred_on <= until)
    if since is not None:
        query = query.where(bank_line.c.occurred_on >= since)
    if account:
        query = query.where(bank_line.c.bank_account == account)
    if after is not None:
        query = query.where(tuple_(*ORDER) > tuple_(*after))
    return [OpenLine(*tuple(row)) for row in conn.execute(query)]


def open_days(conn: Connection, trust_id: int, *, until: date | None = None) -> list[tuple[date, int]]:
    """How many lines are open on each day, so that a long list can be taken in parts."""
    query = (
        select(bank_line.c.occurred_on, func.count())
        .where(bank_line.c.trust_id == trust_id, is_open())
        .group_by(bank_line.c.occurred_on)
        .order_by(bank_line.c.occurred_on)
    )
    if until is not None:
        query = query.where(bank_line.c.occurred_on <= until)
    return [(day, int(count)) for day, count in conn.execute(query)]


def open_lines_by_key(
    conn: Connection, trust_id: int, keys: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], OpenLine]:
    """Those of these lines (bank account, line key) that are open."""
    wanted: dict[str, list[str]] = defaultdict(list)
    for account, key in keys:
        wanted[account].append(key)
    found: dict[tuple[str, str], OpenLine] = {}
    for account, some in wanted.items():
        for start in range(0, len(some), _KEYS_A_QUERY):
            chosen = bank_line.c.line_key.in_(some[start : start + _KEYS_A_QUERY])
            query = _open_lines(trust_id).where(bank_line.c.bank_account == account, chosen)
            found |= {(account, row.line_key): OpenLine(*tuple(row)) for row in conn.execute(query)}
    return found


def _open_lines(trust_id: int) -> Select[Any]:
    earlier = bank_match.alias()
    tries = (
        select(func.count())
        .where(
            earlier.c.trust_id == bank_line.c.trust_id,
            earlier.c.bank_account == bank_line.c.bank_account,
            earlier.c.line_key == bank_line.c.line_key,
        )
        .scalar_subquery()
    )
    return (
        select(bank_line, bank_account)
        .join(
            bank_account,
            (bank_account.c.trust_id == bank_line.c.trust_id)
            & (bank_account.c.bank_account == bank_line.c.bank_account),
        )
        .where(bank_line.c.trust_id == trust_id, is_open())
        .order_by(*ORDER)
        .with_only_columns(
            bank_line.c.bank_account,
            bank_line.c.line_key,
            bank_account.c.kind,
            bank_account.c.book,
            bank_account.c.fund,
            bank_account.c.account,
            bank_account.c.bank,
            bank_line.c.occurred_on,
            bank_line.c.amount,
            bank_line.c.counterparty,
            bank_line.c.counterparty_account,
            bank_line.c.memo,
            bank_line.c.flow_no,
            bank_line.c.sha256,
            tries,
            bank_line.c.occurred_at,
            bank_line.c.row,
        )
    )


def link(
    conn: Connection,
    trust_id: int,
    matches: Sequence[tuple[OpenLine, int, str]],
    act: Act,
    drafts: Mapping[int, Draft] | None = None,
) -> None:
    """Record which entry (seq) a line became, and by which rule; keep what that teaches.

    A link made before is left alone. ``drafts`` saves reading the entries back.
    """
    from ledger.bank.lessons import learn  # which needs the lines

    pairs = {(line.bank_account, line.line_key, seq): (line, rule) for line, seq, rule in matches}
    known = _links(conn, trust_id, pairs)
    insert_rows(
        conn,
        bank_match,
        (
            (trust_id, code, key, seq, rule, act.now)
            for (code, key, seq), (_, rule) in pairs.items()
            if (code, key, seq) not in known
        ),
    )
    taught = [(line, seq) for (_, _, seq), (line, rule) in pairs.items() if not rule.startswith(_UNTAUGHT)]
    if taught:
        if drafts is None:
            seqs = sorted({seq for _, seq in taught})
            drafts = {stored.seq: stored.draft for stored in read_entries(conn, trust_id, seqs)}
        once = {seq for (_, _, seq), (_, rule) in pairs.items() if rule == "household"}
        learn(conn, trust_id, [(line, seq, drafts[seq]) for line, seq in taught], once)


def _links(
    conn: Connection, trust_id: int, pairs: Mapping[tuple[str, str, int], object]
) -> set[tuple[str, str, int]]:
    """Those of these links that are there already."""
    seqs = sorted({seq for _, _, seq in pairs})
    found: set[tuple[str, str, int]] = set()
    for start in range(0, len(seqs), _KEYS_A_QUERY):
        query = select(bank_match.c.bank_account, bank_match.c.line_key, bank_match.c.seq).where(
            bank_match.c.trust_id == trust_id, bank_match.c.seq.in_(seqs[start : start + _KEYS_A_QUERY])
        )
        found |= {(code, key, seq) for code, key, seq in conn.execute(query)}
    return found
