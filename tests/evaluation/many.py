"""Summaries of many communities' rounds, as rows of their own table: what their books hold plays no part."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, insert, select, update

from ledger.evaluation.scheme import Scheme, default_scheme
from ledger.evaluation.value import FIGURES, SHEET, Figures, Line, Sheet
from ledger.periods.spans import span_of
from ledger.store.tables import evaluation_now, evaluation_round, evaluation_step, trust, trust_head
from tests.ledger.books import OPENED, act

_TAKEN = date(2025, 7, 5)
CODES = [indicator.code for _, indicator in default_scheme().indicators()]


def many(
    conn: Connection, communities: int, rounds: int = 4, own: Mapping[int, Scheme] | None = None
) -> None:
    """So many communities, each with a final round a quarter, the first one waiting in its newest; some, by
    number, under a scheme of their ``own``."""
    names = [{"trust_id": 100 + n, "slug": f"t{n}", "name": f"小区{n:04d}"} for n in range(communities)]
    rest = {"trustee": "物业", "currency": "CNY", "opened_on": OPENED, "created_at": act().now}
    conn.execute(insert(trust), [{**row, **rest, "origin": row["slug"]} for row in names])
    empty = {"size": 0, "frontier": b"", "numbers": "{}", "closed": "{}", "setup_version": 1}
    conn.execute(insert(trust_head), [{"trust_id": row["trust_id"], **empty} for row in names])
    rows: list[dict[str, Any]] = []
    for n in range(communities):
        for no in range(rounds):
            waiting = n == 0 and no == rounds - 1
            figures = {code: None if code == "P5" else 500 + n % 7 for code in CODES}
            rows.append(
                {
                    "trust_id": 100 + n,
                    "round": no + 1,
                    "period": 202433 + no,
                    "stage": "scoring" if waiting else "final",
                    "due_on": date(2025, 7, 20) if waiting else None,
                    "version": 0 if waiting else 1,
                    "service_points": None if waiting else 8_000 + n,
                    "service_possible": 0 if waiting else 100_00,
                    "service_grade": "" if waiting else "B",
                    "party_points": None if waiting else 7_000,
                    "party_possible": 0 if waiting else 90_00,
                    "party_grade": "" if waiting else "C",
                    "vetoes": 0,
                    "appeals": 0,
                    "figures": "{}" if waiting else msgspec.json.encode(figures).decode(),
                }
            )
    conn.execute(insert(evaluation_now), rows)
    schemes = {
        100 + n: {"scope": "own", "version": 1, "scheme": _text(one)} for n, one in (own or {}).items()
    }
    kept = [_round(row) | schemes.get(row["trust_id"], {}) for row in rows]
    conn.execute(insert(evaluation_round), kept)


def under_way(conn: Connection, communities: int, period: int = 202436, taken: date = _TAKEN) -> None:
    """The rounds of a span, in so many of those communities, wait for sheets: the figures were taken on a day, fifteen
    are left from then, and the committee has handed in all of its own, with eight lines."""
    n, moment = evaluation_now, datetime(taken.year, taken.month, taken.day, 2, tzinfo=UTC)
    due_on = taken + timedelta(days=default_scheme().scoring_days)
    ids = range(100, 100 + communities)
    of_span = (n.c.trust_id.in_(ids), n.c.period == period)
    conn.execute(update(n).where(*of_span).values(stage="scoring", due_on=due_on))
    lines = tuple(Line("S3", "dirty", OPENED, "楼道抽检一处不合格", 1, 0, "/registers") for _ in range(8))
    codes = tuple(one.code for one in default_scheme().scored_by("committee"))
    bodies = (
        (FIGURES, Figures(moment, 1, ())),
        (SHEET, Sheet("committee", codes, lines)),
    )
    conn.execute(
        insert(evaluation_step),
        [
            {
                **{"trust_id": row.trust_id, "round": row.round, "step": no, "kind": kind},
                **{"body": msgspec.json.encode(body, order="sorted").decode()},
                **{"person": "p-zhuren", "signature": "主任甲", "recorded_at": moment},
            }
            for row in conn.execute(select(n.c.trust_id, n.c.round).where(*of_span)).all()
            for no, (kind, body) in enumerate(bodies, start=1)
        ],
    )


def _round(row: Mapping[str, Any]) -> dict[str, Any]:
    """It keeps the default scheme."""
    return {
        **{name: row[name] for name in ("trust_id", "round", "period")},
        "first_on": span_of(row["period"]).first,
        "last_on": span_of(row["period"]).last,
        "scope": "default",
        "version": 0,
        "scheme": _SCHEME,
        "person": "p-dang",
        "signature": "党员甲",
        "opened_at": act().now,
    }


def _text(scheme: Scheme) -> str:
    return scheme.encoded().decode()


_SCHEME = _text(default_scheme())
