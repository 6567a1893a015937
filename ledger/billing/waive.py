"""Waivers (减免): only on an authority, month by month, never more than is owed.

What was charged this year reduces the year's income (400190); what was charged in earlier years goes
through 3201.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from ledger.billing.open_items import month_mark, open_items
from ledger.errors import Problem, Refused, refuse
from ledger.journal import Detail, Document, Draft, Line
from ledger.money import format_yuan
from ledger.periods.calendar import period_name
from ledger.resolutions.lacking import decision_lacking
from ledger.work import Work

_ACCOUNT, _FUND = "112201", "F1"
MATTERS = ("other",)
"""What the decision under a waiver has to be about."""


@dataclass(frozen=True, slots=True)
class Waiver:
    """Property fees to be waived: fen by unit and month. ``resolution`` names who decided."""

    fees: Mapping[tuple[str, int], int]
    on: date
    resolution: str
    reason: str
    token: str


def waiver_work(conn: Connection, trust_id: int, asked: Waiver) -> Work:
    """The work that waives, one entry for this year's charges and one for earlier years'.

    Raises :class:`~ledger.errors.Refused` without a decision of the owners, and for more than is owed.
    """
    problems = [*_problems(asked), *_more_than_owed(conn, trust_id, asked)]
    problems += decision_lacking(conn, trust_id, asked.resolution, matters=MATTERS, on=asked.on, where="依据")
    if problems:
        raise Refused(problems)
    this_year = {key: fen for key, fen in asked.fees.items() if key[1] // 100 == asked.on.year}
    earlier = {key: fen for key, fen in asked.fees.items() if key not in this_year}
    drafts = [
        _draft(asked, event, account, fees, with_units=with_units)
        for event, account, fees, with_units in (
            ("E05", "400190", this_year, True),
            ("E05b", "3201", earlier, False),
        )
        if fees
    ]
    return Work(kind="waiver", title=f"减免物业费：{asked.reason.strip()}", drafts=tuple(drafts))


def _draft(
    asked: Waiver, event: str, account: str, fees: Mapping[tuple[str, int], int], *, with_units: bool
) -> Draft:
    details = tuple(
        Detail(unit, fen, f"{month_mark(month)}减免") for (unit, month), fen in sorted(fees.items())
    )
    total = sum(fees.values())
    units = len({unit for unit, _ in fees})
    year = "" if with_units else "以前年度"
    return Draft(
        book="A",
        date=asked.on,
        event=event,
        summary=f"减免{year}物业费（{units} 户）：{asked.reason.strip()}",
        lines=(
            Line(account, _FUND, "D", total, details=details if with_units else ()),
            Line(_ACCOUNT, _FUND, "C", total, details=details),
        ),
        preparer="",
        reviewer="",
        key=f"waiver:{asked.token}:{event}",
        documents=(Document("approval", "减免审批单"),),
        references={"resolution": asked.resolution.strip()},
    )


def _problems(asked: Waiver) -> list[Problem]:
    problems = []
    if not asked.fees:
        problems.append(Problem("nothing_to_waive", "请选择要减免的房屋和月份", "减免"))
    if any(fen <= 0 for fen in asked.fees.values()):
        problems.append(Problem("bad_amount", "减免金额必须大于零", "金额"))
    if not asked.resolution.strip():
        problems.append(
            Problem("no_authority", "减免须有业主共同决定或其授权，请填写决议或授权文件编号", "依据")
        )
    if not asked.reason.strip():
        problems.append(Problem("no_reason", "请写明减免原因（会公开，不要写姓名、房号）", "原因"))
    if not asked.token:
        raise refuse("no_key", "缺少防重复编号，请重新打开页面再填", "防重复编号")
    return problems


def _more_than_owed(conn: Connection, trust_id: int, asked: Waiver) -> list[Problem]:
    owed = {
        (item.unit, item.month): item.amount
        for items in open_items(conn, trust_id, {unit for unit, _ in asked.fees}).values()
        for item in items
        if item.account == _ACCOUNT
    }
    return [
        Problem(
            "more_than_owed",
            f"{period_name(month)}只欠 {format_yuan(owed.get((unit, month), 0))} 元，不能减免 {format_yuan(fen)} 元",
            unit,
        )
        for (unit, month), fen in sorted(asked.fees.items())
        if fen > owed.get((unit, month), 0)
    ]
