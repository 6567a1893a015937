"""Write the kept sums: what the next stretch of the log adds to them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Integer,
    Select,
    Subquery,
    and_,
    cast,
    extract,
    func,
    literal,
    literal_column,
    select,
    union,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from ledger.store.engine import reading, writing
from ledger.store.tables import entry, entry_reference, list_head, list_total, posting, trust_head
from ledger.totals.flows import FLOW_NAMES, flow_rows

DIMENSION_KINDS = ("vendor", "contract", "project", "site")
REFERENCE_KINDS = ("budget_line", "project", "resolution")
KINDS = ("all", "account", *DIMENSION_KINDS, "budget_line", "resolution")
STRETCH = 5_000
"""Entries added in one transaction: half a second of holding the lock."""
_PARENT_DIGITS = 4
_KEY = ("kind", "key", "fund", "book", "period", "direction")
_SUMS = ("entries", *FLOW_NAMES)


def keep_totals(conn: Connection, trust_id: int, *, most: int = STRETCH) -> int:
    """Move the kept sums on by at most ``most`` entries; returns how much of the log they cover now."""
    adding = _inserting(conn, list_head).values(trust_id=trust_id, size=0).on_conflict_do_nothing()
    conn.execute(adding)
    low = conn.execute(
        select(list_head.c.size).where(list_head.c.trust_id == trust_id).with_for_update()
    ).scalar_one()
    end = conn.execute(select(trust_head.c.size).where(trust_head.c.trust_id == trust_id)).scalar_one()
    high = min(end, low + most)
    if high <= low:
        return int(low)
    found = added_totals(trust_id, low, high).subquery()
    rows = select(literal(trust_id), *found.c).where(literal_column("1") == literal_column("1"))
    adding = _inserting(conn, list_total).from_select(["trust_id", *_KEY, *_SUMS], rows)
    new = adding.excluded
    conn.execute(
        adding.on_conflict_do_update(
            index_elements=["trust_id", *_KEY],
            set_={name: list_total.c[name] + new[name] for name in _SUMS},
        )
    )
    conn.execute(update(list_head).where(list_head.c.trust_id == trust_id).values(size=high))
    return int(high)


def keep_all(engine: Engine, *, behind: int = 1) -> int:
    """Bring the sums of every trust that is at least ``behind`` places behind up to date; returns how many."""
    kept = func.coalesce(list_head.c.size, 0)
    with reading(engine) as conn:
        pending = conn.execute(
            select(trust_head.c.trust_id, trust_head.c.size)
            .outerjoin(list_head, list_head.c.trust_id == trust_head.c.trust_id)
            .where(trust_head.c.size > kept + (behind - 1))
        ).all()
    for trust_id, size in pending:
        reached = -1
        while reached < size:
            with writing(engine) as conn:
                reached = keep_totals(conn, trust_id)
    return len(pending)


def added_totals(trust_id: int, low: int, high: int) -> Select[Any]:
    """The sums over the entries at places from ``low`` to before ``high``, in the columns of the table."""
    flows = flow_rows(trust_id, [posting.c.seq >= low, posting.c.seq < high])
    columns = [flows.c[name] for name in FLOW_NAMES]
    whole = [func.sum(column).label(name) for column, name in zip(columns, FLOW_NAMES, strict=True)]
    moved = union_all(
        select(flows.c.seq, flows.c.fund.label("fund"), flows.c.direction, *columns),
        select(flows.c.seq, literal_column("''"), flows.c.direction, *whole).group_by(
            flows.c.seq, flows.c.direction
        ),
    ).cte("moved")
    directions = (
        select(moved.c.seq, moved.c.direction).where(moved.c.fund == literal_column("''")).cte("went")
    )
    tags = _tags(trust_id, low, high)
    day = entry.c.business_date
    period = cast(extract("year", day) * 100 + extract("month", day), Integer)
    direction = func.coalesce(directions.c.direction, literal_column("'none'"))
    keys = [tags.c.kind, tags.c.key, tags.c.fund, entry.c.book, period, direction]
    return (
        select(
            *(column.label(name) for column, name in zip(keys, _KEY, strict=True)),
            func.count().label("entries"),
            *(func.coalesce(func.sum(moved.c[name]), 0).label(name) for name in FLOW_NAMES),
        )
        .select_from(tags)
        .join(entry, and_(*stretch(entry, trust_id, low, high), entry.c.seq == tags.c.seq))
        .outerjoin(directions, directions.c.seq == tags.c.seq)
        .outerjoin(moved, (moved.c.seq == tags.c.seq) & (moved.c.fund == tags.c.fund))
        .group_by(*keys)
    )


def stretch(table: Any, trust_id: int, low: int, high: int) -> Any:
    """The rows of a table between two places of the log."""
    return (table.c.trust_id == trust_id, table.c.seq >= low, table.c.seq < high)


def _tags(trust_id: int, low: int, high: int) -> Subquery:
    """Everything each entry can be found by, once: place, kind, key and fund ('' for all)."""

    def label(kind: str, key: Any, table: Any) -> list[Any]:
        return [table.c.seq, literal_column(f"'{kind}'").label("kind"), key.label("key")]

    none: Any = literal_column("''")
    touched = union(
        select(*label("all", none, entry)).where(*stretch(entry, trust_id, low, high)),
        *(
            select(*label(kind, posting.c[kind], posting)).where(
                *stretch(posting, trust_id, low, high), posting.c[kind].is_not(None)
            )
            for kind in DIMENSION_KINDS
        ),
        *(
            select(*label(kind, entry_reference.c.ref, entry_reference)).where(
                *stretch(entry_reference, trust_id, low, high), entry_reference.c.kind == kind
            )
            for kind in REFERENCE_KINDS
        ),
    ).cte("touched")
    funds = (
        select(posting.c.seq, posting.c.fund)
        .where(*stretch(posting, trust_id, low, high))
        .distinct()
        .cte("funds")
    )
    account, parent = posting.c.account, func.substr(posting.c.account, 1, _PARENT_DIGITS)
    return union(
        select(*touched.c, none.label("fund")),
        select(*touched.c, funds.c.fund).join(funds, funds.c.seq == touched.c.seq),
        *(
            select(*label("account", code, posting), fund).where(*stretch(posting, trust_id, low, high))
            for code in (account, parent)
            for fund in (none, posting.c.fund)
        ),
    ).subquery("tags")


def _inserting(conn: Connection, table: Any) -> Any:
    """An INSERT that can say what to do about a row that is there."""
    return (postgresql if conn.dialect.name == "postgresql" else sqlite).insert(table)
