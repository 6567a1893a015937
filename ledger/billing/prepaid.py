"""What units paid ahead settles what they owe (预收抵应收): all units in one entry."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from ledger.balances import balances_by, resolve_clock
from ledger.billing.items import Item, load_items
from ledger.billing.run import next_key
from ledger.errors import refuse
from ledger.journal import Detail, Document, Draft, Line
from ledger.periods.calendar import period_name, period_of
from ledger.work import Work


def prepayment_draft(
    conn: Connection,
    trust_id: int,
    item: Item,
    day: date,
    today: date,
    *,
    preparer: str = "",
    reviewer: str = "",
) -> Draft | None:
    """The entry that settles what is owed on a day from what was paid ahead; None if there is nothing."""
    owed = _least(conn, trust_id, item.receivable, day, today)
    paid_ahead = _least(conn, trust_id, item.prepaid, day, today)
    details = tuple(
        Detail(code, used, "预收抵应收")
        for code, ahead in sorted(paid_ahead.items())
        if (used := min(-ahead, owed.get(code, 0))) > 0
    )
    if not details:
        return None
    total = sum(detail.amount for detail in details)
    month = period_name(period_of(day))
    base = "prepayment" if item.name == "property" else f"prepayment:{item.name}"
    return Draft(
        book="A",
        date=day,
        event="E04b",
        summary=f"预收{item.title}抵{month}应收（{len(details)} 户）",
        lines=(
            Line(item.prepaid, item.fund, "D", total, details=details),
            Line(item.receivable, item.fund, "C", total, details=details),
        ),
        preparer=preparer,
        reviewer=reviewer,
        key=next_key(conn, trust_id, f"{base}:{period_of(day)}"),
        documents=(Document("charge_list", f"{month}预收{item.title}抵扣明细表"),),
    )


def _least(conn: Connection, trust_id: int, account: str, day: date, today: date) -> dict[str, int]:
    """What each unit has on an account both on the day and now, the nearer to nought: what was paid or given
    back since then is not there any more."""
    then, now = (
        balances_by(
            conn, trust_id, "A", account, "unit", resolve_clock(conn, trust_id, today=today, as_of=on)
        )
        for on in (day, today)
    )
    return {
        code: min(totals.balance, now[code].balance, key=abs)
        for code, totals in then.items()
        if code in now and totals.balance * now[code].balance > 0
    }


def prepayment_work(conn: Connection, trust_id: int, day: date, today: date) -> Work:
    """The work that uses all prepayments as of a day. Raises :class:`~ledger.errors.Refused` if there is
    nothing to settle."""
    found = (
        prepayment_draft(conn, trust_id, item, day, today) for item in load_items().values() if item.prepaid
    )
    drafts = tuple(draft for draft in found if draft is not None)
    if not drafts:
        raise refuse("nothing_prepaid", f"到 {day} 没有可以抵扣的预收款：有预收的房屋都没有欠费", "日期")
    return Work(kind="prepayment", title=f"预收抵应收（{day}）", drafts=drafts)
