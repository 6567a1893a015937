"""Shared utilities (公摊水电): a bill apportioned to units by area, to the fen.

Quantity, unit price and total are published in the summary (杭州 2021 asks for it; others may); each
household's part is sealed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from ledger.billing.run import booking_day, next_key, standing_entry
from ledger.billing.standard import short_rate
from ledger.errors import Problem, Refused, refuse
from ledger.journal import Detail, Document, Draft, Line
from ledger.money import format_yuan, plain_yuan, split_largest_remainder
from ledger.periods.calendar import first_day, last_day, period_name
from ledger.store.tables import unit, unit_version
from ledger.work import Work

UTILITIES = {
    "electricity": ("公共用电", "度", "500601"),
    "water": ("公共用水", "吨", "500602"),
}
"""Title, what is counted, and the expense account that the households' parts reduce."""


@dataclass(frozen=True, slots=True)
class SharedBill:
    """A bill to be shared. ``quantity`` in 0.01, ``price_e4`` in 0.0001 yuan, ``total`` in fen.

    ``buildings``: only the units of these; empty: all units.
    """

    kind: str
    period: int
    quantity: int
    price_e4: int
    total: int
    bill_number: str
    authority: str
    buildings: tuple[str, ...] = ()


def shared_utility_work(conn: Connection, trust_id: int, bill: SharedBill) -> Work:
    """The work that charges units their parts by area. Raises :class:`~ledger.errors.Refused`."""
    if problems := list(_problems(bill)):
        raise Refused(problems)
    title, counted, account = UTILITIES[bill.kind]
    base = f"charge:shared-{bill.kind}:{bill.period}:{bill.bill_number}"
    if standing := standing_entry(conn, trust_id, base):
        raise refuse(
            "charged_already",
            f"账单 {bill.bill_number} 的{title}费已经分摊（{standing.ref}）；如需重做，请先红字冲销那张凭证",
            "账单号",
        )
    details = apportion(conn, trust_id, bill)
    day, original = booking_day(conn, trust_id, first_day(bill.period))
    where = f"（限 {len(bill.buildings)} 栋楼）" if bill.buildings else ""
    draft = Draft(
        book="A",
        date=day,
        original_date=original,
        event="E01b",
        summary=(
            f"分摊{period_name(bill.period)}{title}费：用量 {plain_yuan(bill.quantity)} {counted}，"
            f"单价 {short_rate(bill.price_e4)} 元，合计 {format_yuan(bill.total)} 元，"
            f"按面积分摊 {len(details)} 户{where}"
        ),
        lines=(
            Line("112203", "F1", "D", bill.total, details=details),
            Line(account, "F1", "C", bill.total),
        ),
        preparer="",
        reviewer="",
        key=next_key(conn, trust_id, base),
        documents=(
            Document("charge_list", f"{period_name(bill.period)}{title}费分摊明细表"),
            Document("utility_bill", f"{title}费账单", number=bill.bill_number),
        ),
        references={"fee_standard": bill.authority.strip()},
    )
    return Work(kind="shared_utility", title=f"分摊{period_name(bill.period)}{title}费", drafts=(draft,))


def apportion(conn: Connection, trust_id: int, bill: SharedBill) -> tuple[Detail, ...]:
    """Every unit's part by its area at the month's end: largest remainder, adds up to the bill."""
    areas = areas_on(conn, trust_id, last_day(bill.period), bill.buildings)
    if not areas:
        raise refuse("no_units", "没有可以分摊的房屋，请核对楼栋", "楼栋")
    return parts_by_area(areas, bill.total)


def parts_by_area(areas: Mapping[str, int], total: int) -> tuple[Detail, ...]:
    """Split fen by areas (0.01 m²) so that the parts add up to the total; parts of nothing are left out."""
    parts = split_largest_remainder(total, list(areas.values()))
    return tuple(
        Detail(code, fen, f"按面积分摊 {plain_yuan(area)}㎡")
        for (code, area), fen in zip(areas.items(), parts, strict=True)
        if fen
    )


def areas_on(conn: Connection, trust_id: int, day: date, buildings: tuple[str, ...] = ()) -> dict[str, int]:
    """Areas of units in 0.01 m² on a day, in order of unit codes."""
    query = select(unit.c.unit, unit.c.area).where(unit.c.trust_id == trust_id).order_by(unit.c.unit)
    if buildings:
        query = query.where(unit.c.building.in_(buildings))
    areas = dict(conn.execute(query).all())
    later = conn.execute(
        select(unit_version.c.unit, unit_version.c.area)
        .where(unit_version.c.trust_id == trust_id, unit_version.c.effective_on <= day)
        .order_by(unit_version.c.effective_on, unit_version.c.no)
    )
    for code, area in later:
        if code in areas:
            areas[code] = area
    return areas


def _problems(bill: SharedBill) -> Iterator[Problem]:
    if bill.kind not in UTILITIES:
        yield Problem("bad_kind", "公摊只分用电和用水", "种类")
    if bill.quantity <= 0 or bill.price_e4 <= 0 or bill.total <= 0:
        yield Problem("bad_amount", "用量、单价和合计都要大于零", "账单")
    elif abs(bill.quantity * bill.price_e4 - bill.total * 10_000) > 10_000:
        exact = (2 * bill.quantity * bill.price_e4 + 10_000) // 20_000
        yield Problem(
            "does_not_multiply",
            f"用量乘单价得 {format_yuan(exact)} 元，与合计 {format_yuan(bill.total)} 元不符；"
            "账单分几档计价的，请按档分几次分摊",
            "账单",
        )
    if not bill.bill_number.strip():
        yield Problem("no_bill", "请填写供电（水）公司账单的编号", "账单号")
    if not bill.authority.strip():
        yield Problem("no_authority", "公摊须写明依据（管理规约、合同或决议号）", "依据")
