"""Charges posted at once, without the office: for imports, demonstrations and tests."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from ledger.billing.items import find_item
from ledger.billing.prepaid import prepayment_draft
from ledger.billing.reckon import reckon
from ledger.billing.run import charge_draft, standing_run
from ledger.journal import Detail, Document, Draft, Line, Posted, post
from ledger.periods.calendar import first_day, period_name
from ledger.trust.act import Act


def charge_property_fee(
    conn: Connection, trust_id: int, period: int, *, preparer: str, reviewer: str, act: Act
) -> Posted:
    """Charge a month's property fee to every unit: area × rate, to the fen, half up.

    Running it again for the same month gives the entry already posted; it is undone only by red
    letters, and can then be run again. Raises :class:`~ledger.errors.Refused` if a unit has no standard.
    """
    item = find_item("property")
    if standing := standing_run(conn, trust_id, item, period):
        return Posted(standing.seq, standing.ref, already=True)
    reckoned = reckon(conn, trust_id, item, period)
    draft = charge_draft(conn, trust_id, period, item, reckoned, preparer=preparer, reviewer=reviewer)
    return post(conn, trust_id, draft, act)


def charge_parking(
    conn: Connection,
    trust_id: int,
    period: int,
    fees: Mapping[str, int],
    *,
    authority: str,
    preparer: str,
    reviewer: str,
    act: Act,
) -> Posted:
    """Charge a month's parking service fee: ``fees`` maps units to fen."""
    details = tuple(Detail(code, fen, "停车服务费") for code, fen in sorted(fees.items()))
    total = sum(detail.amount for detail in details)
    draft = Draft(
        book="A",
        date=first_day(period),
        event="E01b",
        summary=f"计提{period_name(period)}停车服务费（{len(details)} 户）",
        lines=(Line("112202", "F1", "D", total, details=details), Line("4002", "F1", "C", total)),
        preparer=preparer,
        reviewer=reviewer,
        key=f"charge:parking:{period}",
        documents=(Document("charge_list", f"{period_name(period)}停车服务费应收明细表"),),
        references={"fee_standard": authority},
    )
    return post(conn, trust_id, draft, act)


def use_prepayments(
    conn: Connection, trust_id: int, period: int, *, preparer: str, reviewer: str, act: Act
) -> Posted | None:
    """Settle what units owe from what they paid ahead, all units in one entry; None if there is nothing.

    Run after the month's charges; run again, it settles what is left.
    """
    day = first_day(period)
    draft = prepayment_draft(
        conn, trust_id, find_item("property"), day, act.today, preparer=preparer, reviewer=reviewer
    )
    return None if draft is None else post(conn, trust_id, draft, act)
