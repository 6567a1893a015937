"""The kept sums of entry lists: computed again from the postings and compared."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import Connection, select

from ledger.log.findings import Findings
from ledger.periods.calendar import period_name
from ledger.store.tables import list_head, list_total
from ledger.totals.keep import STRETCH, added_totals

_KEYS = 6
_Sums = dict[tuple[Any, ...], tuple[int, ...]]


def check_lists(conn: Connection, trust_id: int, size: int, findings: Findings) -> None:
    """Whether the sums that lists show are those of the entries they cover."""
    covered = conn.execute(select(list_head.c.size).where(list_head.c.trust_id == trust_id)).scalar()
    if covered is None:
        return
    if covered > size:
        message = f"账目合计称已算到第 {covered} 条，公开日志只有 {size} 条：被改动过。"
        findings.add("list.size", message, "账目合计")
        return
    real = _computed(conn, trust_id, covered)
    columns = [column for column in list_total.c if column.name != "trust_id"]
    kept: _Sums = {
        tuple(row[:_KEYS]): tuple(int(value) for value in row[_KEYS:])
        for row in conn.execute(select(*columns).where(list_total.c.trust_id == trust_id))
    }
    for key in sorted(real.keys() | kept.keys(), key=repr):
        if real.get(key) != kept.get(key):
            kind, name, fund, _, period, _ = key
            what = " ".join(part for part in (kind, name, fund) if part)
            message = f"账目合计（{what}，{_month(period)}）与凭证重新加出的不符：被改动过。"
            findings.add("list.total", message, "账目合计")


def _computed(conn: Connection, trust_id: int, covered: int) -> _Sums:
    sums: defaultdict[tuple[Any, ...], tuple[int, ...]] = defaultdict(lambda: (0,) * _KEYS)
    for low in range(0, covered, STRETCH):
        for row in conn.execute(added_totals(trust_id, low, min(low + STRETCH, covered))):
            key = tuple(row[:_KEYS])
            sums[key] = tuple(a + int(b) for a, b in zip(sums[key], row[_KEYS:], strict=True))
    return dict(sums)


def _month(period: Any) -> str:
    """A month in words; whatever somebody wrote instead as it is."""
    valid = isinstance(period, int) and 190_000 < period < 300_000 and 1 <= period % 100 <= 12
    return period_name(period) if valid else str(period)
