"""The grade of the service shown beside its price (质价相符)."""

from __future__ import annotations

from sqlalchemy import Connection

NOT_RATED = "未评"


def service_grade(_conn: Connection, _trust_id: int) -> str:
    """How the service was rated last, in words. There is no evaluation yet: nothing was rated."""
    return NOT_RATED
