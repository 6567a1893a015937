"""Money of unknown payers (待查款, 224105): what is still open, and clearing it once the payer is known.

An entry that clears names the entry it clears in its reference ``clears``. Clearings from before that were
posted without it are counted against the oldest open entries of the same party.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, and_, case, exists, func, select

from ledger.errors import refuse
from ledger.journal.draft import Document, Draft, Line
from ledger.journal.head import peek_head
from ledger.journal.public_view import entry_ref
from ledger.people import Actor, require
from ledger.store.tables import bank_line, bank_match, entry, entry_reference, posting
from ledger.trust.act import Act
from ledger.work import Prepared, Work, prepare

ACCOUNT = "224105"
CLEARS = "clears"
_CLEARING = "E25b"


@dataclass(frozen=True, slots=True)
class Uncleared:
    """Money still waiting for its payer. Amounts in fen; payer and memo as the bank told them."""

    seq: int
    ref: str
    on: date
    party: str
    fund: str
    amount: int
    open: int
    counterparty: str
    memo: str
    bank_account: str
    original_on: date | None


def uncleared(conn: Connection, trust_id: int) -> list[Uncleared]:
    """Every receipt of 224105 that is not wholly cleared, oldest first."""
    moves = _moves(conn, trust_id)
    received = {row.seq: row for row in moves if row.amount > 0}
    cleared: dict[int, int] = defaultdict(int)
    by_ref = {entry_ref(row.book, row.fiscal_year, row.number): row.seq for row in received.values()}
    loose: dict[tuple[str, str], int] = defaultdict(int)
    for row in moves:
        if row.amount < 0:
            seq = by_ref.get(row.clears or "")
            if seq is not None:
                cleared[seq] -= int(row.amount)
            else:
                loose[row.party, row.fund] -= int(row.amount)
    still: list[tuple[Row[Any], int]] = []
    for row in received.values():
        left = int(row.amount) - cleared[row.seq]
        taken = min(max(left, 0), loose[row.party, row.fund])
        loose[row.party, row.fund] -= taken
        if left - taken > 0:
            still.append((row, left - taken))
    told = _lines_of(conn, trust_id, [row.seq for row, _ in still])
    return [_uncleared(row, left, told.get(row.seq)) for row, left in still]


def _uncleared(row: Row[Any], left: int, told: Row[Any] | None) -> Uncleared:
    return Uncleared(
        seq=row.seq,
        ref=entry_ref(row.book, row.fiscal_year, row.number),
        on=row.business_date,
        party=row.party,
        fund=row.fund,
        amount=int(row.amount),
        open=left,
        counterparty=told.counterparty if told else row.counterparty,
        memo=told.memo if told else "",
        bank_account=told.bank_account if told else "",
        original_on=row.original_date,
    )


def _moves(conn: Connection, trust_id: int) -> list[Any]:
    """What entries that stand moved on 224105, credit positive, by entry, party and fund."""
    undo = entry.alias()
    credit = func.sum(case((posting.c.side == "C", posting.c.amount), else_=-posting.c.amount))
    keys = (
        entry.c.seq,
        entry.c.book,
        entry.c.fiscal_year,
        entry.c.number,
        entry.c.business_date,
        entry.c.original_date,
        entry.c.counterparty,
        posting.c.party,
        posting.c.fund,
        entry_reference.c.ref,
    )
    query = (
        select(*keys[:-1], entry_reference.c.ref.label("clears"), credit.label("amount"))
        .select_from(posting)
        .join(entry, and_(entry.c.trust_id == posting.c.trust_id, entry.c.seq == posting.c.seq))
        .outerjoin(
            entry_reference,
            and_(
                entry_reference.c.trust_id == entry.c.trust_id,
                entry_reference.c.seq == entry.c.seq,
                entry_reference.c.kind == CLEARS,
            ),
        )
        .where(
            posting.c.trust_id == trust_id,
            posting.c.book == "A",
            posting.c.account == ACCOUNT,
            entry.c.reverses.is_(None),
            ~exists().where(undo.c.trust_id == entry.c.trust_id, undo.c.reverses == entry.c.seq),
        )
        .group_by(*keys)
        .order_by(entry.c.business_date, entry.c.seq)
    )
    return list(conn.execute(query).all())


def _lines_of(conn: Connection, trust_id: int, seqs: Sequence[int]) -> dict[int, Any]:
    """The bank line each entry came from."""
    query = (
        select(bank_match.c.seq, bank_line.c.bank_account, bank_line.c.counterparty, bank_line.c.memo)
        .join(
            bank_line,
            and_(
                bank_line.c.trust_id == bank_match.c.trust_id,
                bank_line.c.bank_account == bank_match.c.bank_account,
                bank_line.c.line_key == bank_match.c.line_key,
            ),
        )
        .where(bank_match.c.trust_id == trust_id, bank_match.c.seq.in_(seqs))
    )
    return {row.seq: row for row in conn.execute(query)} if seqs else {}


def clear(
    conn: Connection,
    trust_id: int,
    ref: str,
    others: Sequence[Line],
    actor: Actor,
    act: Act,
    *,
    on: date,
    how: str,
    original: str = "",
) -> Prepared:
    """Prepare the entry that puts an unknown payer's money where it belongs (E25b).

    ``others``: where it goes, credits; ``how``: how the payer was found, kept as the clearing note with the
    paper ``original`` (SHA-256 hex) if there is one. Raises :class:`~ledger.errors.Refused`.
    """
    require(actor, "bank.match")
    item = _open_item(conn, trust_id, ref)
    total = -sum(line.signed for line in others)
    if not 0 < total <= item.open:
        raise refuse("too_much", "核销的金额应大于零，且不超过还没有查清的余额", "金额")
    if not how.strip():
        raise refuse("no_note", "请写明是怎样查清付款人的，作为核实记录", "核实经过")
    closed = peek_head(conn, trust_id).closed.get("A")
    draft = Draft(
        book="A",
        date=on,
        event=_CLEARING,
        summary="核销待查款，付款人已核实",
        lines=(Line(ACCOUNT, item.fund, "D", total, party=item.party), *others),
        preparer="",
        reviewer="",
        key=f"clear:{ref}:{item.open}:{total}:{on}",
        documents=(Document("clearing_note", "待查款核实记录", original=original),),
        references={CLEARS: ref},
        counterparty=item.counterparty,
        memo=how.strip(),
    )
    if closed is not None and on <= closed:
        raise refuse("period_closed", f"账已结到 {closed}，核销日期请写在这以后", "日期")
    return prepare(
        conn, trust_id, Work(kind="clearing", title=f"核销待查款 {ref}", drafts=(draft,)), actor, act
    )


def _open_item(conn: Connection, trust_id: int, ref: str) -> Uncleared:
    item = next((item for item in uncleared(conn, trust_id) if item.ref == ref), None)
    if item is None:
        raise refuse("not_uncleared", f"凭证 {ref} 没有待查的余额，请刷新页面", "待查款")
    return item
