"""The same check as :func:`~ledger.resolutions.decided.require_decision`, for commands that say all problems at once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import Connection

from ledger.errors import Problem, Refused


def decision_lacking(
    conn: Connection,
    trust_id: int,
    number: str,
    *,
    matters: Collection[str],
    on: date,
    where: str = "决议号",
) -> list[Problem]:
    """Why something can't rest on the decision of this number; empty if it can. An empty number is for the
    caller to say: what was left out is not looked up."""
    if not number.strip():
        return []
    # here, as what is recorded in the log needs the deed's package, which needs this
    from ledger.resolutions.decided import require_decision

    try:
        require_decision(conn, trust_id, number, matters=matters, on=on, where=where)
    except Refused as error:
        return list(error.problems)
    return []
