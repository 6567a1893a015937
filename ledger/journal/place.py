"""An entry's place: its number, its leaf in the public log, and its rows in every table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import msgspec

from ledger.journal.draft import Draft, Line, content_hash
from ledger.journal.head import Head
from ledger.journal.public_view import LEAF_KIND, leaf_bytes, public_entry
from ledger.journal.sealing import SALT_BYTES
from ledger.journal.write import Moment, Row, Rows
from ledger.log.tree import leaf_hash
from ledger.store.tables import (
    entry,
    entry_document,
    entry_reference,
    entry_salt,
    invoice_use,
    leaf,
    posting,
    posting_detail,
)
from ledger.trust.act import Act
from ledger.trust.setup import Setup


class Posted(msgspec.Struct, frozen=True, gc=False):
    """Where an entry stands: its place in the log and its public name.

    ``already`` is true when the same key with the same content had been posted before.
    """

    seq: int
    ref: str
    already: bool = False


class Intent(msgspec.Struct, frozen=True, gc=False):
    """A draft with the places of the entries it reverses or amends; made by this package only."""

    draft: Draft
    reverses: int | None = None
    amends: int | None = None
    reverses_ref: str = ""
    amends_ref: str = ""


def place(
    setup: Setup, head: Head, intent: Intent, act: Act, uses: Mapping[str, tuple[int, int, bool]], rows: Rows
) -> Posted:
    """Give the entry its number and its leaf, and lay out its rows."""
    draft, trust_id = intent.draft, setup.trust_id
    seq, year = head.tree.size, draft.date.year
    number = head.next_number(draft.book, year)
    salt = act.entropy(SALT_BYTES)
    view = public_entry(
        slug=setup.slug,
        chart=setup.chart,
        seq=seq,
        number=number,
        posted_at=act.now,
        draft=draft,
        reverses=intent.reverses_ref,
        amends=intent.amends_ref,
        salt=salt,
    )
    body = leaf_bytes(view)
    hashes = head.tree.append(leaf_hash(body))
    rows.add(leaf, (trust_id, seq, LEAF_KIND, body, hashes))
    rows.add(entry, _entry_row(trust_id, seq, number, intent, act, rows.moment))
    day = rows.moment(draft.date)
    for line_no, line in enumerate(draft.lines, start=1):
        rows.add(posting, _posting_row(trust_id, seq, line_no, draft, line, day))
        for no, detail in enumerate(line.details, start=1):
            rows.add(posting_detail, (trust_id, seq, line_no, no, detail.unit, detail.amount, detail.basis))
    for doc_no, item in enumerate(draft.documents, start=1):
        rows.add(
            entry_document,
            (trust_id, seq, doc_no, item.kind, item.title, item.number, item.original, item.public),
        )
    for kind, ref in draft.references.items():
        rows.add(entry_reference, (trust_id, seq, kind, ref))
    for invoice in draft.invoices:
        rows.add(invoice_use, (trust_id, invoice, uses.get(invoice, (0,))[0] + 1, seq))
    rows.add(entry_salt, (trust_id, seq, salt))
    return Posted(seq, str(view["ref"]))


def _entry_row(trust_id: int, seq: int, number: int, intent: Intent, act: Act, moment: Moment) -> Row:
    draft = intent.draft
    return (
        trust_id,
        seq,
        draft.book,
        draft.date.year,
        number,
        moment(draft.date),
        draft.original_date and moment(draft.original_date),
        moment(act.now),
        draft.event,
        draft.summary,
        draft.counterparty,
        draft.counterparty_public,
        draft.memo,
        draft.preparer,
        draft.reviewer,
        draft.key,
        content_hash(draft),
        intent.reverses,
        intent.amends,
        len(draft.lines),
        draft.total,
    )


def _posting_row(trust_id: int, seq: int, line_no: int, draft: Draft, line: Line, day: date | str) -> Row:
    return (
        trust_id,
        seq,
        line_no,
        draft.book,
        line.account,
        line.fund,
        line.side,
        line.amount,
        day,
        line.unit or None,
        line.vendor or None,
        line.contract or None,
        line.project or None,
        line.bank_account or None,
        line.party or None,
        line.site or None,
        line.counter_fund or None,
        len(line.details),
    )
