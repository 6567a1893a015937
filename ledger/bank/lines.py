"""Bank lines that wait for an entry, and the link between the two."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, func, insert, select

from ledger.store.tables import bank_account, bank_line, bank_match, entry
from ledger.trust.act import Act

_KEYS_A_QUERY = 5_000


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


def open_lines(conn: Connection, trust_id: int, *, until: date | None = None) -> list[OpenLine]:
    """All lines without an entry, or whose entry was reversed; oldest first."""
    query = _open_lines(trust_id)
    if until is not None:
        query = query.where(bank_line.c.occurred_on <= until)
    return [OpenLine(*tuple(row)) for row in conn.execute(query)]


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
        .order_by(bank_line.c.occurred_at, bank_line.c.bank_account, bank_line.c.row)
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
        )
    )


def link(conn: Connection, trust_id: int, matches: Sequence[tuple[OpenLine, int, str]], act: Act) -> None:
    """Record which entry (seq) a line became, and by which rule. A link made before is left alone."""
    pairs = {(line.bank_account, line.line_key, seq): rule for line, seq, rule in matches}
    accounts = {code for code, _, _ in pairs}
    known = {
        tuple(row)
        for row in conn.execute(
            select(bank_match.c.bank_account, bank_match.c.line_key, bank_match.c.seq).where(
                bank_match.c.trust_id == trust_id,
                bank_match.c.bank_account.in_(accounts),
                bank_match.c.seq >= min((seq for _, _, seq in pairs), default=0),
            )
        )
    }
    rows = [
        {
            "trust_id": trust_id,
            "bank_account": code,
            "line_key": key,
            "seq": seq,
            "rule": rule,
            "matched_at": act.now,
        }
        for (code, key, seq), rule in pairs.items()
        if (code, key, seq) not in known
    ]
    if rows:
        conn.execute(insert(bank_match), rows)
