"""What followed from an item: the budget, decision, project, piece of work or entry, checked to exist."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Select, and_, exists, func, insert, select

from ledger.budget.codes import parse_budget_name
from ledger.conference.course import standing
from ledger.errors import Problem, Refused, Unanswerable, refuse
from ledger.journal.public_view import entry_ref
from ledger.journal.read import find_seq
from ledger.people import Actor, require
from ledger.store.tables import (
    budget_version,
    conference_link,
    decision,
    dimension_value,
    entry,
    resolution,
    work,
    work_entry,
)
from ledger.trust.act import Act
from ledger.trust.lock import lock_trust


@dataclass(frozen=True, slots=True)
class LinkKind:
    """A kind of thing that can follow; ``example`` shows how its reference is written."""

    title: str
    example: str
    known: Callable[[Connection, int, str], bool]


@dataclass(frozen=True, slots=True)
class LinkRow:
    """Something that followed. ``entries``: public names of entries, of posted work or the entry itself."""

    kind: str
    reference: str
    entries: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What it is, in words."""
        return link_kinds()[self.kind].title


def add_link(
    conn: Connection, trust_id: int, item: int, kind: str, reference: str, actor: Actor, act: Act
) -> None:
    """Tie an item to what followed from it. Raises :class:`~ledger.errors.Refused` if that does not exist."""
    require(actor, "conference.record")
    lock_trust(conn, trust_id)
    standing(conn, trust_id, item)
    reference = reference.strip()
    found = link_kinds().get(kind)
    if found is None:
        known = "、".join(one.title for one in link_kinds().values())
        raise refuse("bad_link", f"请选择关联到什么：{known}", "关联")
    if not found.known(conn, trust_id, reference):
        raise refuse(
            "unknown_reference",
            f"没有找到{found.title}“{reference}”，请核对；写法如 {found.example}",
            found.title,
        )
    _keep(conn, trust_id, item, kind, reference, actor, act, standing_now=True)


def drop_link(
    conn: Connection, trust_id: int, item: int, kind: str, reference: str, actor: Actor, act: Act
) -> None:
    """Take a link back that was made by mistake. Raises :class:`~ledger.errors.Refused`."""
    require(actor, "conference.record")
    lock_trust(conn, trust_id)
    _keep(conn, trust_id, item, kind, reference, actor, act, standing_now=False)


def _keep(
    conn: Connection,
    trust_id: int,
    item: int,
    kind: str,
    reference: str,
    actor: Actor,
    act: Act,
    *,
    standing_now: bool,
) -> None:
    c = conference_link.c
    last = conn.execute(
        select(c.version, c.standing)
        .where(c.trust_id == trust_id, c.item == item, c.kind == kind, c.reference == reference)
        .order_by(c.version.desc())
        .limit(1)
    ).first()
    if (last is not None and last.standing) == standing_now:
        message = "这一项已经关联过了" if standing_now else "这一项没有关联，不用取消"
        raise Refused([Problem("nothing_changed", message, "关联")])
    conn.execute(
        insert(conference_link).values(
            trust_id=trust_id,
            item=item,
            kind=kind,
            reference=reference,
            version=(last.version if last else 0) + 1,
            standing=standing_now,
            recorded_at=act.now,
            recorded_by=actor.signature,
        )
    )


def links_of(conn: Connection, trust_id: int, item: int) -> list[LinkRow]:
    """What followed from an item, in the order of the kinds."""
    c, later = conference_link.c, conference_link.alias()
    rows = conn.execute(
        select(c.kind, c.reference).where(
            c.trust_id == trust_id,
            c.item == item,
            c.standing,
            ~exists().where(
                *(later.c[name] == c[name] for name in ("trust_id", "item", "kind", "reference")),
                later.c.version > c.version,
            ),
        )
    ).all()
    booked = _booked(conn, trust_id, [int(row.reference) for row in rows if row.kind == "work"])
    order = list(link_kinds())
    found = [
        LinkRow(
            row.kind,
            row.reference,
            (row.reference,) if row.kind == "entry" else tuple(booked.get(row.reference, ())),
        )
        for row in rows
    ]
    return sorted(found, key=lambda row: (order.index(row.kind), row.reference))


def _booked(conn: Connection, trust_id: int, numbers: Sequence[int]) -> dict[str, list[str]]:
    """Public names of the entries that came of pieces of work."""
    if not numbers:
        return {}
    rows = conn.execute(
        select(work_entry.c.no, entry.c.book, entry.c.fiscal_year, entry.c.number)
        .join(entry, and_(entry.c.trust_id == work_entry.c.trust_id, entry.c.seq == work_entry.c.seq))
        .where(work_entry.c.trust_id == trust_id, work_entry.c.no.in_(numbers))
        .order_by(work_entry.c.no, entry.c.seq)
    )
    found: dict[str, list[str]] = {}
    for no, book, year, number in rows:
        found.setdefault(str(no), []).append(entry_ref(book, year, number))
    return found


def _any(conn: Connection, query: Select[Any]) -> bool:
    return bool(conn.execute(query).scalar_one())


def _budget(conn: Connection, trust_id: int, reference: str) -> bool:
    parsed = parse_budget_name(reference)
    if parsed is None:
        return False
    b = budget_version.c
    return _any(
        conn,
        select(func.count()).where(b.trust_id == trust_id, b.year == parsed[0], b.fund == parsed[1]),
    )


def _resolution(conn: Connection, trust_id: int, reference: str) -> bool:
    return any(
        _any(
            conn,
            select(func.count()).where(table.c.trust_id == trust_id, table.c.number == reference),
        )
        for table in (decision, resolution)
    )


def _project(conn: Connection, trust_id: int, reference: str) -> bool:
    d = dimension_value.c
    return _any(
        conn,
        select(func.count()).where(d.trust_id == trust_id, d.dimension == "project", d.code == reference),
    )


def _work(conn: Connection, trust_id: int, reference: str) -> bool:
    if not (reference.isascii() and reference.isdecimal() and len(reference) <= 9):
        return False
    if str(int(reference)) != reference:
        return False
    query = select(func.count()).where(work.c.trust_id == trust_id, work.c.no == int(reference))
    return _any(conn, query)


def _entry(conn: Connection, trust_id: int, reference: str) -> bool:
    try:
        find_seq(conn, trust_id, reference)
    except Unanswerable:
        return False
    return True


_KINDS: Mapping[str, LinkKind] = MappingProxyType(
    {
        "budget": LinkKind("预算", "2026-F1", _budget),
        "resolution": LinkKind("业主共同决定", "2026-1", _resolution),
        "project": LinkKind("专项项目", "P1", _project),
        "work": LinkKind("付款等单据", "12", _work),
        "entry": LinkKind("凭证", "A-2026-12", _entry),
    }
)


def link_kinds() -> Mapping[str, LinkKind]:
    """All kinds by name, in the order they are shown."""
    return _KINDS
