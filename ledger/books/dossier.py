"""Everything about one entry (凭证): the voucher, who agreed to it, its bank lines, the work it came from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, func, select

from ledger.books.vouchers import Voucher, vouchers_of
from ledger.errors import Unanswerable
from ledger.journal.draft import Draft
from ledger.journal.read import find_seq, read_entry
from ledger.store.tables import bank_account, bank_line, bank_match, document_upload, work_entry, work_step

_CO_SIGN, _PAY = "co_sign", "pay"
_LONGEST_REF = 20


@dataclass(frozen=True, slots=True)
class Signatures:
    """Who besides preparer and reviewer agreed, and in which work; nought and '' if there was none."""

    work: int = 0
    cashier: str = ""
    co_signers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BankLineOfEntry:
    """A line of a bank or channel that the entry explains. Fen, in positive."""

    bank: str
    on: date
    amount: int
    counterparty: str
    memo: str
    rule: str
    matched_at: datetime


@dataclass(frozen=True, slots=True)
class Dossier:
    """One entry with all that belongs to it. ``draft`` is what was posted, to correct it from."""

    voucher: Voucher
    draft: Draft
    signatures: Signatures
    bank_lines: tuple[BankLineOfEntry, ...]
    uploads: Mapping[str, int]
    """Number of the upload by SHA-256 of a source document, for those that were handed in here."""


def dossier(conn: Connection, trust_id: int, ref: str) -> Dossier:
    """Raises :class:`~ledger.errors.Unanswerable` for a name no entry has."""
    if not ref.isascii() or len(ref) > _LONGEST_REF:
        raise Unanswerable("unknown_entry", "没有这个编号的凭证，请核对凭证号（形如 A-2025-000123）")
    seq = find_seq(conn, trust_id, ref)
    draft = read_entry(conn, trust_id, seq).draft
    return Dossier(
        vouchers_of(conn, trust_id, [seq])[0],
        draft,
        signatures_of(conn, trust_id, [seq]).get(seq, Signatures()),
        tuple(_bank_lines(conn, trust_id, seq)),
        _uploads(conn, trust_id, [item.original for item in draft.documents if item.original]),
    )


def signatures_of(conn: Connection, trust_id: int, seqs: Sequence[int]) -> dict[int, Signatures]:
    """Cashier and co-signers of entries, by place in the log; two queries however many."""
    if not seqs:
        return {}
    rows = conn.execute(
        select(work_entry.c.seq, work_entry.c.no).where(
            work_entry.c.trust_id == trust_id, work_entry.c.seq.in_(seqs)
        )
    )
    works = {row.seq: row.no for row in rows}
    took: dict[tuple[int, str], list[str]] = defaultdict(list)
    steps = (
        select(work_step.c.no, work_step.c.step, work_step.c.signature)
        .where(
            work_step.c.trust_id == trust_id,
            work_step.c.no.in_(set(works.values())),
            work_step.c.step.in_((_CO_SIGN, _PAY)),
        )
        .order_by(work_step.c.no, work_step.c.step_no)
    )
    for no, step, signature in conn.execute(steps):
        took[no, step].append(signature)
    return {
        seq: Signatures(no, "、".join(took[no, _PAY]), tuple(took[no, _CO_SIGN])) for seq, no in works.items()
    }


def _uploads(conn: Connection, trust_id: int, digests: Sequence[str]) -> dict[str, int]:
    if not digests:
        return {}
    query = select(document_upload.c.original, func.max(document_upload.c.upload_no).label("no"))
    query = query.where(document_upload.c.trust_id == trust_id, document_upload.c.original.in_(digests))
    return {row.original: row.no for row in conn.execute(query.group_by(document_upload.c.original))}


def _bank_lines(conn: Connection, trust_id: int, seq: int) -> list[BankLineOfEntry]:
    query = (
        select(
            bank_account.c.bank,
            bank_line.c.occurred_on,
            bank_line.c.amount,
            bank_line.c.counterparty,
            bank_line.c.memo,
            bank_match.c.rule,
            bank_match.c.matched_at,
        )
        .join(
            bank_line,
            (bank_line.c.trust_id == bank_match.c.trust_id)
            & (bank_line.c.bank_account == bank_match.c.bank_account)
            & (bank_line.c.line_key == bank_match.c.line_key),
        )
        .join(
            bank_account,
            (bank_account.c.trust_id == bank_match.c.trust_id)
            & (bank_account.c.bank_account == bank_match.c.bank_account),
        )
        .where(bank_match.c.trust_id == trust_id, bank_match.c.seq == seq)
        .order_by(bank_line.c.occurred_on, bank_line.c.row)
    )
    return [BankLineOfEntry(*tuple(row)) for row in conn.execute(query)]
