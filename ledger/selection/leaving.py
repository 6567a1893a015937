"""Whether the present trustee may leave on a day: what the procedure behind a decision says of notice."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from ledger.errors import Problem
from ledger.selection.read import selection_of_decision


def leaving_problems(conn: Connection, trust_id: int, decision: str, planned_on: date) -> list[Problem]:
    """Why a handover that rests on this decision can't be planned for the day; empty if it can.

    A decision that came of no procedure kept here (one taken on paper) is not asked for its notice.
    """
    file = selection_of_decision(conn, trust_id, decision)
    if file is None:
        return []
    notice = file.last("notice")
    if notice is None:
        return [
            Problem(
                "no_notice",
                f"第 {file.selection} 号“{file.title}”还没有登记给现任受托人的书面通知，请先在“选聘解聘”里登记",
                "书面通知",
            )
        ]
    if notice.until_day is not None and planned_on < notice.until_day:
        return [
            Problem(
                "before_leaving",
                f"书面通知写明现任受托人 {notice.until_day} 终止服务，交接不能早于这一天",
                "计划交接日",
            )
        ]
    return []
