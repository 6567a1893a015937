"""Fee standards (收费标准): what a m² costs a month, by use, from a day on."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, insert, select

from ledger.errors import refuse
from ledger.store.tables import fee_standard

USE_KINDS = {"home": "住宅", "shop": "商铺", "unsold": "建设单位未售"}


def record_fee_standard(
    conn: Connection, trust_id: int, use_kind: str, rate_e4: int, *, effective_on: date, authority: str
) -> None:
    """Record a version of a fee standard: ``rate_e4`` is 0.0001 yuan per m² and month.

    A standard rests on a decision, named in ``authority``. Raises :class:`~ledger.errors.Refused`.
    """
    if use_kind not in USE_KINDS:
        raise refuse("bad_use", f"没有“{use_kind}”这种用途，可选：{'、'.join(USE_KINDS)}", "用途")
    if rate_e4 <= 0:
        raise refuse("bad_rate", "收费标准必须大于零", "单价")
    if not authority.strip():
        raise refuse("no_authority", "收费标准须写明依据（合同或决议号）", "依据")
    conn.execute(
        insert(fee_standard).values(
            trust_id=trust_id,
            use_kind=use_kind,
            effective_on=effective_on,
            rate_e4=rate_e4,
            authority=authority,
        )
    )


def rates_on(conn: Connection, trust_id: int, day: date) -> dict[str, tuple[int, str]]:
    """Rate (0.0001 yuan per m² and month) and authority in force on a day, by use."""
    rows = conn.execute(
        select(fee_standard)
        .where(fee_standard.c.trust_id == trust_id, fee_standard.c.effective_on <= day)
        .order_by(fee_standard.c.effective_on)
    )
    return {row.use_kind: (row.rate_e4, row.authority) for row in rows}
