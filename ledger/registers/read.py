"""Lines of the registers as they stand, or as they stood; one query each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any, Generic, TypeVar

import msgspec
from sqlalchemy import Connection, func, select

from ledger.errors import Unanswerable
from ledger.registers.value import REGISTERS, Body
from ledger.store.tables import register_row
from ledger.trust.act import BEIJING

B = TypeVar("B", bound=Body)
_MOST_NUMBER = 2**31


@dataclass(frozen=True, slots=True)
class Row(Generic[B]):
    """A version of a line. ``on``: the day it speaks of, or from which it holds; ``since``: the first such day of
    any of its versions."""

    register: str
    no: int
    version: int
    on: date
    body: B
    document: str
    standing: bool
    note: str
    person: str
    signature: str
    recorded_at: datetime
    since: date

    @property
    def entered_on(self) -> date:
        """When it was entered, in China."""
        return _day(self)


def rows_of(
    conn: Connection,
    trust_id: int,
    body: type[B],
    *,
    before: datetime | None = None,
    last: date | None = None,
    first: date | None = None,
    struck: bool = False,
) -> list[Row[B]]:
    """The lines of the register of ``body``, the newest version of each, in the order of their numbers.

    ``before``: as on record before that moment; ``last``: as they held on that day, or those that happened by
    then; ``first``: only what happened, or holds, from that day on. Struck lines are left out unless asked for.
    """
    name, register = next((name, one) for name, one in REGISTERS.items() if one.body is body)
    r = register_row.c
    known = [r.trust_id == trust_id, r.register == name]
    if before is not None:
        known.append(r.recorded_at < before)
    if last is not None and not register.events:
        known.append(r.acted_on <= last)
    newest = (
        select(r.no, func.max(r.version).label("version"), func.min(r.acted_on).label("since"))
        .where(*known)
        .group_by(r.no)
        .subquery()
    )
    query = (
        select(register_row, newest.c.since)
        .join(newest, (newest.c.no == r.no) & (newest.c.version == r.version))
        .where(r.trust_id == trust_id, r.register == name)
        .order_by(r.no)
    )
    if last is not None:
        query = query.where(r.acted_on <= last)
    if first is not None:
        query = query.where(r.acted_on >= first)
    if not struck:
        query = query.where(r.standing)
    return [_row(row, body, row.since) for row in conn.execute(query)]


def lines_kept(conn: Connection, trust_id: int) -> dict[str, int]:
    """How many lines stand in each register; one query."""
    r = register_row.c
    newest = (
        select(r.register, r.no, func.max(r.version).label("version"))
        .where(r.trust_id == trust_id)
        .group_by(r.register, r.no)
        .subquery()
    )
    same = (newest.c.register == r.register) & (newest.c.no == r.no) & (newest.c.version == r.version)
    query = select(r.register, func.count()).join(newest, same).where(r.trust_id == trust_id, r.standing)
    return {name: int(count) for name, count in conn.execute(query.group_by(r.register))}


def rows_during(
    conn: Connection,
    trust_id: int,
    body: type[B],
    first: date,
    last: date,
    before: datetime,
    *,
    only: Callable[[B], bool] = lambda _: True,
) -> list[tuple[Row[B], date]]:
    """The lines that held on any day from ``first`` through ``last``, each with the last of these days on which it
    did, in the order of their numbers; one query.

    Each says what it said at the end of the first day, or of the day it was entered if that was later: a newer
    version does not change what was to be done in a span that had begun. ``before``: as on record before that moment;
    ``only``: versions that say something else are left out, as if they were of another line; a line that said
    something else by the end of that day was none of these then.
    """
    r = register_row.c
    name = next(name for name, one in REGISTERS.items() if one.body is body)
    known = (r.trust_id == trust_id, r.register == name, r.recorded_at < before)
    query = select(register_row).where(*known).order_by(r.no, r.version)
    found = []
    for _, versions in groupby(conn.execute(query), attrgetter("no")):
        told = [(row, only(msgspec.json.decode(row.body, type=body))) for row in versions]
        life = [row for row in _life(told, first) if row.acted_on <= last]
        if not life:
            continue
        since = min(row.acted_on for row in life)
        until = last if life[-1].standing else life[-1].acted_on - timedelta(days=1)
        entered = max(first, _day(life[0]))
        if max(since, first) <= until:
            said = [row for row in life if _day(row) <= entered][-1]
            found.append((_row(said, body, since), until))
    return found


def _life(versions: Iterable[tuple[Any, bool]], first: date) -> list[Any]:
    """The versions that are meant, as each says, from which on a line held without a break that was over by ``first``;
    what was struck, or made something else, on the day it was entered never held."""
    life: list[Any] = []
    for row, meant in versions:
        if life and not (row.standing and meant) and _day(row) <= max(first, _day(life[0])):
            life = []
        elif meant:
            life.append(row)
    return life


def said_on(versions: Sequence[Row[B]], day: date) -> Row[B]:
    """What a line (its versions, the oldest first) said when a day began; on the day it was entered, and before, what
    it said at the end of that day. What is changed on a day holds from the next."""
    first = versions[0].entered_on
    return [row for row in versions if row.entered_on < day or row.entered_on == first][-1]


def _day(row: Any) -> date:
    """When a version was entered, in China."""
    moment: datetime = row.recorded_at
    return moment.astimezone(BEIJING).date()


def versions_of(conn: Connection, trust_id: int, register: str, no: int) -> list[Row[Any]]:
    """Every version of a line, the oldest first. Raises :class:`~ledger.errors.Unanswerable` for none."""
    known = REGISTERS.get(register)
    r = register_row.c
    query = (
        select(register_row)
        .where(r.trust_id == trust_id, r.register == register, r.no == no)
        .order_by(r.version)
    )
    rows: Sequence[Any] = conn.execute(query).all() if known and 0 < no < _MOST_NUMBER else ()
    if known is None or not rows:
        raise Unanswerable("unknown_row", "台账里没有这一行，请从列表里进入")
    since = min(row.acted_on for row in rows)
    return [_row(row, known.body, since) for row in rows]


def ever_kept(conn: Connection, trust_id: int, *bodies: type[Body], before: datetime | None = None) -> bool:
    """Whether any line of these registers was on record: an empty register says nothing."""
    names = [name for name, register in REGISTERS.items() if register.body in bodies]
    query = select(register_row.c.no).where(
        register_row.c.trust_id == trust_id, register_row.c.register.in_(names)
    )
    if before is not None:
        query = query.where(register_row.c.recorded_at < before)
    return conn.execute(query.limit(1)).first() is not None


def _row(row: Any, body: type[Any], since: date) -> Row[Any]:
    return Row(
        row.register,
        row.no,
        row.version,
        row.acted_on,
        msgspec.json.decode(row.body, type=body),
        row.document,
        row.standing,
        row.note,
        row.person,
        row.signature,
        row.recorded_at,
        since,
    )
