"""The monthly run: what every unit owes, posted as one entry."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, select

from ledger.balances import balances_by, resolve_clock
from ledger.billing.standard import rates_on
from ledger.errors import refuse
from ledger.journal import Detail, Document, Draft, Line, Posted, post
from ledger.money import plain_yuan
from ledger.periods.calendar import first_day, period_name
from ledger.store.tables import unit
from ledger.trust.act import Act

_INCOME = {"home": "400101", "shop": "400102", "unsold": "400103"}
_E4_PER_M2_TO_FEN = 10_000  # 0.01 m² × 0.0001 yuan = 0.000001 yuan = 1/10,000 fen


def charge_property_fee(
    conn: Connection, trust_id: int, period: int, *, preparer: str, reviewer: str, act: Act
) -> Posted:
    """Charge a month's property fee to every unit: area × rate in force on the first, to the fen, half up.

    Running it again for the same month gives the entry already posted; it is undone only by red
    letters. Raises :class:`~ledger.errors.Refused` if a use has no fee standard.
    """
    day = first_day(period)
    rates = rates_on(conn, trust_id, day)
    rows = conn.execute(select(unit).where(unit.c.trust_id == trust_id).order_by(unit.c.unit)).all()
    missing = sorted({row.use_kind for row in rows} - set(rates))
    if missing:
        raise refuse(
            "no_fee_standard",
            f"{period_name(period)}没有“{'、'.join(missing)}”的收费标准，请先登记",
            "收费标准",
        )
    by_use: dict[str, list[Detail]] = {}
    for row in rows:
        rate = rates[row.use_kind][0]
        fen = (row.area * rate * 2 + _E4_PER_M2_TO_FEN) // (2 * _E4_PER_M2_TO_FEN)
        basis = f"{plain_yuan(row.area)}㎡×{rate // 10_000}.{rate % 10_000:04d}元"
        by_use.setdefault(row.use_kind, []).append(Detail(row.unit, fen, basis))
    everyone = tuple(detail for use in _INCOME for detail in by_use.get(use, ()))
    if not everyone:
        raise refuse("no_units", "还没有登记房屋，无法计提", "房屋")
    lines = [Line("112201", "F1", "D", _sum(everyone), details=everyone)]
    lines += [
        Line(account, "F1", "C", _sum(details), details=details)
        for use, account in _INCOME.items()
        if (details := tuple(by_use.get(use, ())))
    ]
    draft = Draft(
        book="A",
        date=day,
        event="E01",
        summary=f"计提{period_name(period)}物业费（{len(everyone)} 户）",
        lines=tuple(lines),
        preparer=preparer,
        reviewer=reviewer,
        key=f"charge:property:{period}",
        documents=(Document("charge_list", f"{period_name(period)}物业费应收明细表"),),
        references={"fee_standard": "、".join(sorted({authority for _, authority in rates.values()}))},
    )
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
    total = _sum(details)
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

    Run after the month's charges. Idempotent by month.
    """
    day = first_day(period)
    clock = resolve_clock(conn, trust_id, today=act.today, as_of=day)
    owed = balances_by(conn, trust_id, "A", "112201", "unit", clock)
    paid_ahead = balances_by(conn, trust_id, "A", "220301", "unit", clock)
    details = tuple(
        Detail(code, used, "预收抵应收")
        for code, totals in sorted(paid_ahead.items())
        if code in owed and (used := min(-totals.balance, owed[code].balance)) > 0
    )
    if not details:
        return None
    total = _sum(details)
    draft = Draft(
        book="A",
        date=day,
        event="E04b",
        summary=f"预收物业费抵{period_name(period)}应收（{len(details)} 户）",
        lines=(
            Line("220301", "F1", "D", total, details=details),
            Line("112201", "F1", "C", total, details=details),
        ),
        preparer=preparer,
        reviewer=reviewer,
        key=f"prepayment:{period}",
        documents=(Document("charge_list", f"{period_name(period)}预收抵扣明细表"),),
    )
    return post(conn, trust_id, draft, act)


def _sum(details: tuple[Detail, ...]) -> int:
    return sum(detail.amount for detail in details)
