"""Ways to come by entries in the order of a list: ranges of indexes, chosen so that few are read in vain."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select

from disclosure.public.entry_filter import DIMENSIONS, REFERENCES, Filter, read_ref
from disclosure.public.entry_ranges import TRUST, Range, Way
from ledger.chart import FUNDS
from ledger.store.tables import account, list_total, posting
from ledger.totals import CASH, kept_share, kept_size

_MOST_BRANCHES = 60
_FEW = 2_000
_FEW_ACCOUNTS = 4
_FREQUENT = 20
"""One entry in this many: then going by day finds a page soon enough."""
_CASH_SIDES = {"in": "D", "out": "C", "moved": "C"}
"""A side on which an entry of each direction surely has a line of cash."""


def narrowest_way(conn: Connection, trust_id: int, wanted: Filter) -> Way:
    """The way that leaves the fewest entries to look at."""
    rare = _rare_range(wanted)
    if rare is not None:
        return rare
    named = _named_way(conn, trust_id, wanted)
    if named is not None:
        return named
    ranges, sees_to = _line_ranges(conn, trust_id, wanted)
    if ranges is None or len(ranges) > _MOST_BRANCHES:
        return Way((Range("entry"),), "")
    return Way(ranges, sees_to, distinct=True) if ranges else Way((Range("entry", only="nothing"),), sees_to)


def _line_ranges(conn: Connection, trust_id: int, wanted: Filter) -> tuple[tuple[Range, ...] | None, str]:
    """By the lines of an account or a fund, or by the lines of cash a direction needs; None if neither helps."""
    if wanted.account or (wanted.fund and not _frequent(conn, trust_id, "all", "", wanted.fund)):
        return _account_ranges(conn, trust_id, wanted, _accounts_below(wanted.account)), "line"
    if wanted.direction in _CASH_SIDES:
        return _cash_ranges(conn, trust_id, wanted), ""
    return None, ""


def _named_way(conn: Connection, trust_id: int, wanted: Filter) -> Way | None:
    """By a vendor, contract, project or site, or by a budget line or decision that few entries name."""
    for kind in DIMENSIONS:
        if key := getattr(wanted, kind):
            return _dimension_way(kind, key)
    for kind in REFERENCES:
        if (key := getattr(wanted, kind)) and not _frequent(conn, trust_id, kind, key):
            return Way((Range("entry_reference", (("ref", key),), kind),), kind)
    return None


def _rare_range(wanted: Filter) -> Way | None:
    """By a condition that few entries meet."""
    if ref := read_ref(wanted.text):
        book, year, number = ref
        return Way((Range("entry", (("book", book), ("fiscal_year", year), ("number", number))),), "ref")
    for only in ("corrected", "late", "question"):
        if getattr(wanted, only):
            return Way((Range("entry", only=only),), only)
    return None


def _dimension_way(kind: str, key: str) -> Way:
    lines = Range("posting", ((kind, key),))
    if kind != "project":
        return Way((lines,), kind, distinct=True)
    return Way((lines, Range("entry_reference", (("ref", key),), kind)), kind, distinct=True)


def _cash_ranges(conn: Connection, trust_id: int, wanted: Filter) -> tuple[Range, ...]:
    """Where an entry of the wanted direction surely has a line of cash."""
    return _account_ranges(conn, trust_id, wanted, _cash_accounts(), side=_CASH_SIDES[wanted.direction])


@lru_cache(maxsize=256)
def _accounts_below(code: str) -> Select[Any]:
    """An account, or those whose codes begin so."""
    return _leaves(account.c.code.startswith(code, autoescape=True))


@cache
def _cash_accounts() -> Select[Any]:
    return _leaves(
        or_(
            *(
                and_(account.c.book == book, account.c.code.startswith(code))
                for book in CASH
                for code in CASH[book]
            )
        )
    )


def _leaves(which: ColumnElement[bool]) -> Select[Any]:
    return (
        select(account.c.book, account.c.code, account.c.funds)
        .where(account.c.trust_id == TRUST, account.c.leaf, which)
        .order_by(account.c.book, account.c.code)
    )


def _account_ranges(
    conn: Connection, trust_id: int, wanted: Filter, which: Select[Any], *, side: str = ""
) -> tuple[Range, ...]:
    """A range for each account and fund, as the index has its entries in order only within one."""
    accounts = conn.execute(which, {"trust": trust_id}).all()
    used = _used_accounts(conn, trust_id, wanted.fund) if len(accounts) > _FEW_ACCOUNTS else None
    also = (("side", side),) if side else ()
    return tuple(
        Range("posting", (("book", book), ("account", code), ("fund", fund), *also))
        for book, code, funds in accounts
        for fund in (funds.split("|") if funds else FUNDS)
        if wanted.fund in ("", fund) and wanted.book in ("", book) and (used is None or code in used)
    )


def _used_accounts(conn: Connection, trust_id: int, fund: str) -> set[str]:
    """The accounts that have postings (in a fund, unless ''), by the kept sums and what came after them."""
    kept, size = kept_size(conn, trust_id)
    sums = (list_total.c.trust_id == trust_id, list_total.c.kind == "account", list_total.c.fund == fund)
    used = set(conn.execute(select(list_total.c.key).where(*sums).distinct()).scalars())
    if kept < size:
        after = select(posting.c.account).where(posting.c.trust_id == trust_id, posting.c.seq >= kept)
        used.update(conn.execute(after.distinct()).scalars())
    return used


def _frequent(conn: Connection, trust_id: int, kind: str, key: str, fund: str = "") -> bool:
    """Whether so many entries have it that going by day is quicker than sorting them all."""
    count, of_all = kept_share(conn, trust_id, kind=kind, key=key, fund=fund)
    return count > _FEW and count * _FREQUENT >= of_all
