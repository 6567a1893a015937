"""Where inquiries stand: every row folded again from its steps, and compared."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, func, select

from ledger.inquiries.state import Step, state_of
from ledger.inquiries.store import step_of, summary_of
from ledger.log.findings import Findings
from ledger.store.tables import inquiry, inquiry_echo, inquiry_now, inquiry_step

_CHUNK = 500
_COPIED = ("kind", "about_kind", "about", "answer_by")


def check_inquiries(conn: Connection, trust_id: int, findings: Findings) -> None:
    """Whether what lists and numbers show is what the steps come to; memory does not grow with them."""
    last = 0
    ends = [
        conn.execute(select(func.max(table.c.no)).where(table.c.trust_id == trust_id)).scalar()
        for table in (inquiry, inquiry_now, inquiry_step)
    ]
    end = max(found or 0 for found in ends)
    while last < end and not findings.omitted:
        _check(conn, trust_id, last, min(last + _CHUNK, end), findings)
        last += _CHUNK


def _check(conn: Connection, trust_id: int, after: int, until: int, findings: Findings) -> None:
    """Inquiries of the numbers ``after`` + 1 through ``until``: they follow one another without a gap."""
    asked = _by_no(conn, trust_id, inquiry, after, until)
    now = _by_no(conn, trust_id, inquiry_now, after, until)
    steps = dict(_steps(conn, trust_id, after, until))
    echoes = _echoes(conn, trust_id, after, until)
    for no in range(after + 1, until + 1):
        problem = _problem(asked.get(no), now.get(no), steps.get(no, []), echoes.get(no, 0))
        if problem:
            findings.add("inquiry.state", problem, f"第 {no} 号质询")


def _problem(asked: Row[Any] | None, now: Row[Any] | None, steps: list[Row[Any]], echoes: int) -> str:
    if asked is None or now is None or not steps:
        return "登记、办理经过或当前状态缺少一样：被删掉了。"
    if [row.step for row in steps] != list(range(1, len(steps) + 1)):
        return "办理经过的序号不连续：有步骤被删掉了。"
    try:
        course: list[Step] = [step_of(row) for row in steps]
        expected = summary_of(state_of(course))
    except (ValueError, KeyError, TypeError, AttributeError):
        return "办理经过的先后不可能是这样：被改动过。"
    expected |= {name: getattr(asked, name) for name in _COPIED}
    expected["echoes"] = echoes
    if any(getattr(now, name) != value for name, value in expected.items()):
        return "列表里的状态与办理经过重新算出的不符：被改动过。"
    return ""


def _by_no(conn: Connection, trust_id: int, table: Any, after: int, until: int) -> dict[int, Row[Any]]:
    query = select(table).where(table.c.trust_id == trust_id, table.c.no > after, table.c.no <= until)
    return {row.no: row for row in conn.execute(query)}


def _steps(conn: Connection, trust_id: int, after: int, until: int) -> Iterator[tuple[int, list[Row[Any]]]]:
    s = inquiry_step.c
    query = select(inquiry_step).where(s.trust_id == trust_id, s.no > after, s.no <= until)
    rows = conn.execute(query.order_by(s.no, s.step))
    for no, found in groupby(rows, key=lambda row: row.no):
        yield int(no), list(found)


def _echoes(conn: Connection, trust_id: int, after: int, until: int) -> dict[int, int]:
    e = inquiry_echo.c
    query = (
        select(e.no, func.count()).where(e.trust_id == trust_id, e.no > after, e.no <= until).group_by(e.no)
    )
    return {int(no): int(count) for no, count in conn.execute(query)}
