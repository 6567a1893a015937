"""A final result among those of the same district: an anonymous distribution, of five communities or more."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from disclosure.charts import Chart
from disclosure.evaluation.chart import Compared, spread_chart
from ledger.evaluation.district import RoundRow, Spread, half_spreads_of, neighbours_of
from ledger.evaluation.scheme import FULL, HALVES


def read_compared(conn: Connection, trust_id: int, row: RoundRow) -> Chart | None:
    """Both halves of a final round; None where too few communities have one of the same span."""
    district, beside = neighbours_of(conn, trust_id)
    return compared_chart(district, half_spreads_of(conn, beside, row.period), row.points, row.possible)


def compared_chart(
    district: str,
    spreads: Mapping[str, Spread],
    points: Mapping[str, int | None],
    possible: Mapping[str, int],
) -> Chart | None:
    """Each half that can be compared, of the hundred that its rated part stands for."""
    rows = [
        Compared(title, got * FULL // possible[half], spreads[half], possible[half] < FULL)
        for half, title in HALVES.items()
        if half in spreads and possible[half] and (got := points[half]) is not None
    ]
    where = f"{district}的小区" if district else "各小区"
    return spread_chart("compared", where, rows) if rows else None
