"""Read the kept sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    any_,
    bindparam,
    func,
    literal_column,
    select,
    true,
)

from ledger.store.tables import entry, list_head, list_total, trust_head
from ledger.totals.flows import FLOW_NAMES, Flow


@dataclass(frozen=True, slots=True)
class Kept:
    """How many entries, and what cash they moved, in one month and book (and direction or fund if asked)."""

    period: int
    book: str
    fund: str
    entries: int
    flow: Flow


@dataclass(frozen=True, slots=True)
class Asked:
    """Which kept sums: of one thing, for one fund ('' for all together), from month to month (yyyymm).

    ``book`` and ``direction`` narrow it unless ''. ``fund`` None asks for every fund by itself.
    """

    kind: str = "all"
    key: str = ""
    fund: str | None = ""
    book: str = ""
    first: int = 0
    last: int = 999_999
    direction: str = ""

    @property
    def narrowed(self) -> frozenset[str]:
        """What a statement for it depends on."""
        return frozenset(self._narrowing)

    def values(self, trust_id: int) -> dict[str, Any]:
        """What such a statement is to be given."""
        span = {"trust": trust_id, "kind": self.kind, "key": self.key, "first": self.first, "last": self.last}
        return span | self._narrowing

    @property
    def _narrowing(self) -> dict[str, str]:
        given = {"of_fund": self.fund, "of_book": self.book or None, "to": self.direction or None}
        return {name: value for name, value in given.items() if value is not None}


EVERYTHING = Asked()


@dataclass(frozen=True, slots=True)
class KeptSums:
    """Kept sums by month, how much of the log they cover, and how long the log is."""

    months: tuple[Kept, ...]
    reached: int
    size: int


def kept_size(conn: Connection, trust_id: int) -> tuple[int, int]:
    """How much of the log the kept sums cover, and how long the log is."""
    row = conn.execute(kept_sizes(), {"trust": trust_id}).one()
    return int(row[0]), int(row[1])


def kept_share(conn: Connection, trust_id: int, *, kind: str, key: str, fund: str) -> tuple[int, int]:
    """How many entries have one thing, and how many there are in all, as far as the sums are kept."""
    row = conn.execute(_share(), {"trust": trust_id, "kind": kind, "key": key, "of_fund": fund}).one()
    return int(row[0]), int(row[1])


def kept_by_month(conn: Connection, trust_id: int, asked: Asked = EVERYTHING) -> list[Kept]:
    """The kept sums of one thing by month and book, and by fund."""
    return [_kept(row) for row in conn.execute(_by_month(asked.narrowed), asked.values(trust_id))]


def kept_sums(conn: Connection, trust_id: int, asked: Asked) -> KeptSums:
    """The same as :func:`kept_by_month` and :func:`kept_size` in one statement."""
    rows = conn.execute(_with_sizes(asked.narrowed), asked.values(trust_id)).all()
    months = tuple(_kept(row[2:]) for row in rows if row[2] is not None)
    return KeptSums(months, int(rows[0][0]), int(rows[0][1]))


def _kept(row: Sequence[Any]) -> Kept:
    period, book, fund, count, *values = row
    return Kept(period, book, fund, int(count), Flow(*(int(value) for value in values)))


@cache
def kept_sizes() -> Select[Any]:
    """The statement of :func:`kept_size`: ``reached`` and ``size`` of a ``trust``."""
    return (
        select(func.coalesce(list_head.c.size, 0).label("reached"), trust_head.c.size)
        .outerjoin(list_head, list_head.c.trust_id == trust_head.c.trust_id)
        .where(trust_head.c.trust_id == bindparam("trust", type_=BigInteger))
    )


def after_kept(column: ColumnElement[int], *, by_place: bool) -> ColumnElement[bool]:
    """Whether a place in the log comes after the kept sums of ``trust``, which is given later.

    ``by_place`` for PostgreSQL, where places are named one by one: of "from there on" it expects a third of the
    log and plans anew each time. SQLite, which expects too much of a list, goes by the range; by that of places,
    as a condition on days or accounts would lead it through those.
    """
    trust = bindparam("trust", type_=BigInteger)
    if by_place:
        sizes = kept_sizes().subquery("sizes")
        places = select(func.generate_series(sizes.c.reached, sizes.c.size - literal_column("1")))
        return column == any_(func.array(places.scalar_subquery(), type_=ARRAY(BigInteger)))
    reached = select(func.coalesce(func.max(list_head.c.size), literal_column("0"))).where(
        list_head.c.trust_id == trust
    )
    later = entry.alias("later")
    return column.in_(
        select(later.c.seq).where(later.c.trust_id == trust, later.c.seq >= reached.scalar_subquery())
    )


@cache
def _share() -> Select[Any]:
    def entries(kind: Any, key: Any, fund: Any) -> Any:
        of = (list_total.c.kind == kind, list_total.c.key == key, list_total.c.fund == fund)
        own = list_total.c.trust_id == bindparam("trust", type_=BigInteger)
        return select(func.coalesce(func.sum(list_total.c.entries), 0)).where(own, *of).scalar_subquery()

    asked = entries(bindparam("kind"), bindparam("key"), bindparam("of_fund"))
    return select(asked, entries("all", "", ""))


@lru_cache
def _with_sizes(narrowed: frozenset[str]) -> Select[Any]:
    sizes, months = kept_sizes().subquery("sizes"), _by_month(narrowed).order_by(None).subquery("months")
    joined = sizes.outerjoin(months, true())
    return select(*sizes.c, *months.c).select_from(joined).order_by(months.c.period, months.c.book)


@lru_cache
def _by_month(narrowed: frozenset[str]) -> Select[Any]:
    """Built once for each way of asking: every page asks it, and building takes longer than running."""
    columns = (list_total.c.period, list_total.c.book, list_total.c.fund)
    return _summed(narrowed, *columns).group_by(*columns).order_by(*columns)


@lru_cache
def kept_by_book(narrowed: frozenset[str]) -> Select[Any]:
    """The statement for an :class:`Asked`: by book the number of entries and the sums of a Flow."""
    return _summed(narrowed, list_total.c.book).group_by(list_total.c.book)


def _summed(narrowed: frozenset[str], *columns: Any) -> Select[Any]:
    query = select(*columns, *(func.sum(list_total.c[name]).label(name) for name in ("entries", *FLOW_NAMES)))
    query = query.where(
        list_total.c.trust_id == bindparam("trust", type_=BigInteger),
        list_total.c.kind == bindparam("kind"),
        list_total.c.key == bindparam("key"),
        list_total.c.fund == bindparam("of_fund") if "of_fund" in narrowed else list_total.c.fund != "",
        list_total.c.period.between(bindparam("first"), bindparam("last")),
    )
    if "of_book" in narrowed:
        query = query.where(list_total.c.book == bindparam("of_book"))
    if "to" in narrowed:
        query = query.where(list_total.c.direction == bindparam("to"))
    return query
