"""Summaries of many communities' rounds, as rows of their own table: what their books hold plays no part."""

from __future__ import annotations

from datetime import date

import msgspec
from sqlalchemy import Connection, insert

from ledger.evaluation.scheme import default_scheme
from ledger.store.tables import evaluation_now, trust
from tests.ledger.books import OPENED, act

CODES = [indicator.code for _, indicator in default_scheme().indicators()]


def many(conn: Connection, communities: int, rounds: int = 4) -> None:
    """So many communities, each with a final round a quarter, the first one waiting in its newest."""
    names = [{"trust_id": 100 + n, "slug": f"t{n}", "name": f"小区{n:04d}"} for n in range(communities)]
    rest = {"trustee": "物业", "currency": "CNY", "opened_on": OPENED, "created_at": act().now}
    conn.execute(insert(trust), [{**row, **rest, "origin": row["slug"]} for row in names])
    rows = []
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
