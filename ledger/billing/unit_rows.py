"""Postings about units, whether a line names one unit or has a detail for each: one shape for both."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import CompoundSelect, literal, select, union_all

from ledger.store.tables import posting, posting_detail


def unit_rows(
    trust_id: int, accounts: Sequence[str], units: Collection[str] | None = None
) -> CompoundSelect[tuple[str, int, int, int, str, str, str, int, str]]:
    """Rows ``unit, seq, line_no, detail_no, account, fund, side, amount, basis`` of book A.

    ``detail_no`` is 0 where the line itself names the unit. With ``units`` the query goes by unit; without,
    by account.
    """
    here = (posting.c.trust_id == trust_id, posting.c.book == "A", posting.c.account.in_(accounts))
    plain = select(
        posting.c.unit,
        posting.c.seq,
        posting.c.line_no,
        literal(0).label("detail_no"),
        posting.c.account,
        posting.c.fund,
        posting.c.side,
        posting.c.amount,
        literal("").label("basis"),
    ).where(*here, posting.c.unit.is_not(None))
    detailed = (
        select(
            posting_detail.c.unit,
            posting_detail.c.seq,
            posting_detail.c.line_no,
            posting_detail.c.detail_no,
            posting.c.account,
            posting.c.fund,
            posting.c.side,
            posting_detail.c.amount,
            posting_detail.c.basis,
        )
        .join(
            posting,
            (posting.c.trust_id == posting_detail.c.trust_id)
            & (posting.c.seq == posting_detail.c.seq)
            & (posting.c.line_no == posting_detail.c.line_no),
        )
        .where(*here, posting.c.detail_count > 0, posting_detail.c.trust_id == trust_id)
    )
    if units is not None:
        plain = plain.where(posting.c.unit.in_(units))
        detailed = detailed.where(posting_detail.c.unit.in_(units))
    return union_all(plain, detailed)
