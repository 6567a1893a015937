"""Read the overview: the rows of the communities somebody oversees, filtered, in any order, page by page."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select

from ledger.district.value import Summary
from ledger.store.tables import district_summary, trust

SORTS = (
    "name",
    "district",
    "findings",
    "common",
    "maintenance",
    "quiet_days",
    "late",
    "late_days",
    "open_lines",
    "open_days",
    "months_behind",
    "corrections",
    "co_sign",
    "over_budget",
    "votes",
    "bare",
    "overdrawn",
    "checkpoint_days",
    "growth",
)
"""Columns by which the overview can be sorted."""
DEFAULT_SORT = "findings"
_NAMES = tuple(field.name for field in fields(Summary))
_MOST = 2_000
_funds = msgspec.json.Decoder(dict[str, int]).decode


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the overview is asked for. ``after`` is the slug of the last row of the page before."""

    sort: str = DEFAULT_SORT
    descending: bool = True
    district: str = ""
    text: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Overview:
    """A page. ``total`` of all pages; ``more``: there are further rows; ``missing`` communities have no summary
    yet."""

    rows: tuple[Summary, ...]
    total: int
    more: bool
    missing: int


def overview(conn: Connection, trust_ids: Collection[int], asked: Asked, size: int) -> Overview:
    """A page of the communities of these trusts; at most four queries however many."""
    ids = sorted(trust_ids)
    d = district_summary.c
    total = conn.execute(select(func.count()).where(*_conditions(ids, asked))).scalar_one()
    known = conn.execute(select(func.count()).where(d.trust_id.in_(ids))).scalar_one()
    query = _ordered(ids, asked).limit(size + 1)
    if asked.after:
        last = conn.execute(
            select(d[asked.sort], d.trust_id).where(d.trust_id.in_(ids), d.slug == asked.after)
        ).first()
        if last is not None:
            query = query.where(_beyond(d[asked.sort], asked.descending, last[0], last[1]))
    rows = [_summary(row) for row in conn.execute(query)]
    return Overview(tuple(rows[:size]), int(total), len(rows) > size, len(ids) - int(known))


def overview_rows(conn: Connection, trust_ids: Collection[int], asked: Asked) -> Iterator[Summary]:
    """All pages one after another, for files."""
    after = asked
    while True:
        page = overview(conn, trust_ids, after, _MOST)
        yield from page.rows
        if not page.more:
            return
        after = Asked(asked.sort, asked.descending, asked.district, asked.text, page.rows[-1].slug)


def matching(conn: Connection, trust_ids: Collection[int], asked: Asked) -> list[int]:
    """The trusts that the filter leaves, those without a summary only if nothing is filtered. One query or none."""
    ids = sorted(trust_ids)
    if not (asked.district or asked.text):
        return ids
    query = select(district_summary.c.trust_id).where(*_conditions(ids, asked))
    return list(conn.execute(query).scalars())


def districts_of(conn: Connection, trust_ids: Collection[int]) -> list[str]:
    """The streets or districts these communities belong to, for the filter."""
    d = district_summary.c
    query = select(d.district).where(d.trust_id.in_(sorted(trust_ids)), d.district != "").distinct()
    return sorted(conn.execute(query).scalars())


def whole_districts(conn: Connection, trust_ids: Collection[int]) -> list[str]:
    """The districts all of whose communities are among these, and ``''`` first if these are all communities of the
    installation. Two queries."""
    mine, d = set(trust_ids), district_summary.c
    held: dict[str, bool] = {}
    for trust_id, district in conn.execute(select(d.trust_id, d.district).where(d.district != "")):
        held[district] = held.get(district, True) and trust_id in mine
    every = set(conn.execute(select(trust.c.trust_id)).scalars())
    return [*([""] if mine and every <= mine else []), *sorted(name for name, all_ in held.items() if all_)]


def _ordered(ids: Sequence[int], asked: Asked) -> Select[Any]:
    column = district_summary.c[asked.sort]
    first = column.desc() if asked.descending else column.asc()
    return (
        select(district_summary).where(*_conditions(ids, asked)).order_by(first, district_summary.c.trust_id)
    )


def _conditions(ids: Sequence[int], asked: Asked) -> list[ColumnElement[bool]]:
    d = district_summary.c
    conditions: list[ColumnElement[bool]] = [d.trust_id.in_(ids)]
    if asked.district:
        conditions.append(d.district == asked.district)
    if asked.text:
        conditions.append(
            or_(*(column.contains(asked.text, autoescape=True) for column in (d.name, d.grid, d.trustee)))
        )
    return conditions


def _beyond(
    column: ColumnElement[Any], descending: bool, value: object, trust_id: int
) -> ColumnElement[bool]:
    further = column < value if descending else column > value
    return or_(further, and_(column == value, district_summary.c.trust_id > trust_id))


def _summary(row: Row[Any]) -> Summary:
    values = {name: getattr(row, name) for name in _NAMES}
    return Summary(**{**values, "funds": _funds(row.funds)})
