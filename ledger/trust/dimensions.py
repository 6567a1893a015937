"""What postings may name besides accounts: units, vendors, contracts, projects, sites, parties, bank accounts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, insert, select

from ledger.chart.store import mark_setup_changed
from ledger.errors import Problem, Refused
from ledger.store.tables import dimension_value

DIMENSION_TITLES = {
    "unit": "房号",
    "vendor": "供应商",
    "contract": "合同",
    "project": "项目",
    "bank_account": "账户",
    "party": "往来单位或人员",
    "site": "点位",
    "counter_fund": "对方基金",
}


def add_dimension_values(
    conn: Connection, trust_id: int, dimension: str, values: Sequence[dict[str, Any]]
) -> None:
    """Let postings name these vendors, parties, projects, sites: ``{"code", "name", "related"?}``.

    Raises :class:`~ledger.errors.Refused` for codes that are taken, with all of them.
    """
    rows = [
        {
            "trust_id": trust_id,
            "dimension": dimension,
            "code": value["code"],
            "name": value["name"],
            "related": value.get("related", False),
            "closed_on": None,
        }
        for value in values
    ]
    if not rows:
        return
    refuse_taken(conn, trust_id, dimension, [row["code"] for row in rows])
    conn.execute(insert(dimension_value), rows)
    mark_setup_changed(conn, trust_id)


def refuse_taken(conn: Connection, trust_id: int, dimension: str, codes: Iterable[str]) -> None:
    """Raise Refused, naming each, if codes occur twice or are known already; one query."""
    what = DIMENSION_TITLES[dimension]
    wanted = Counter(codes)
    problems = [
        Problem("listed_twice", f"{what}“{code}”写了 {times} 次，请只留一个", code)
        for code, times in wanted.items()
        if times > 1
    ]
    known = codes_of(conn, trust_id, dimension)
    problems += [
        Problem("already_there", f"{what}“{code}”已经登记过，不能重复登记", code)
        for code in wanted
        if code in known
    ]
    if problems:
        raise Refused(problems)


def codes_of(conn: Connection, trust_id: int, dimension: str) -> set[str]:
    """All codes of a dimension, closed ones too."""
    query = select(dimension_value.c.code).where(
        dimension_value.c.trust_id == trust_id, dimension_value.c.dimension == dimension
    )
    return set(conn.execute(query).scalars())
