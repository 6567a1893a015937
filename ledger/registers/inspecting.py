"""Go through a checklist on the spot (现场检查), and put right what was not in order (整改).

What was seen may be sent later than it was seen: a phone in a cellar has no network. The key of the form makes
sure that it is registered once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import Connection, func, insert, select

from ledger.documents import INTERNAL, Location
from ledger.documents.store import keep
from ledger.errors import Problem, Refused, refuse
from ledger.inquiries.pictures import Shot
from ledger.inquiries.texts import words_problems
from ledger.people import Actor, Role, require
from ledger.people.roles import STAFF
from ledger.registers.inspections import read_inspection
from ledger.registers.read import said_on, versions_of
from ledger.registers.value import Checklist
from ledger.store.tables import inspection, inspection_fix, inspection_point
from ledger.trust.act import Act
from ledger.trust.lock import lock_trust

LONGEST = 300
OLDEST = 30
"""An inspection can be sent so many days after it was held."""
LATEST = 3
"""So many days back at most may the trustee date what it put right: the day decides whether it was in time."""
_LONGEST_KEY = 100


@dataclass(frozen=True, slots=True)
class Check:
    """How a point was found; with a picture if there is something to show."""

    ok: bool
    words: str = ""
    shot: Shot | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody went through version ``version`` of a checklist on a day. ``checks`` by the place of the point,
    from 1; ``key``: the random value of the form."""

    checklist: int
    version: int
    held_on: date
    key: str
    checks: Mapping[int, Check] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fix:
    """A point was put right (``done``), or was looked at again and is not (``open``)."""

    state: str
    words: str
    on: date
    shot: Shot | None = None


def inspect(
    conn: Connection,
    trust_id: int,
    visit: Visit,
    actor: Actor,
    act: Act,
    *,
    location: Location | None = None,
) -> int:
    """Register an inspection and return its number; the same form sent again gives the same number.

    What is not in order has the days to be put right that the checklist gave when the day of the inspection began:
    more days given on seeing it, or before it is sent, are for what is found later.

    Raises :class:`~ledger.errors.Refused` with all problems.
    """
    require(actor, "register.inspect")
    lock_trust(conn, trust_id)
    known = conn.execute(
        select(inspection.c.no).where(
            inspection.c.trust_id == trust_id,
            inspection.c.person == actor.person,
            inspection.c.key == visit.key,
        )
    ).scalar()
    if known is not None:
        return int(known)
    checklist, fix_days = _checklist(conn, trust_id, visit)
    if problems := list(_visit_problems(visit, checklist, act)):
        raise Refused(problems)
    query = select(func.coalesce(func.max(inspection.c.no), 0)).where(inspection.c.trust_id == trust_id)
    no = int(conn.execute(query).scalar_one()) + 1
    conn.execute(
        insert(inspection).values(
            trust_id=trust_id,
            no=no,
            checklist=visit.checklist,
            version=visit.version,
            title=checklist.title,
            body=body_of(actor),
            held_on=visit.held_on,
            person=actor.person,
            signature=actor.signature,
            key=visit.key,
            recorded_at=act.now,
        )
    )
    fix_by = visit.held_on + timedelta(days=fix_days)
    _write_points(conn, trust_id, no, visit, checklist, fix_by, location, act)
    return no


def body_of(actor: Actor) -> str:
    """For which body somebody goes round; the trustee's people always for the trustee."""
    if actor.roles & STAFF:
        return "trustee"
    if actor.roles & {Role.COMMITTEE, Role.CHAIR}:
        return "committee"
    return "party" if Role.PARTY in actor.roles else "supervisor"


def settle_point(
    conn: Connection,
    trust_id: int,
    no: int,
    place: int,
    fix: Fix,
    actor: Actor,
    act: Act,
    *,
    location: Location | None = None,
) -> None:
    """The trustee says that a point was put right; whoever inspects says so too, or that it is not.

    Raises :class:`~ledger.errors.Refused` with all problems.
    """
    require(actor, "register.fix" if fix.state == "done" else "register.inspect")
    lock_trust(conn, trust_id)
    found = read_inspection(conn, trust_id, no)
    point = next((one for one in found.points if one.place == place and not one.ok), None)
    if point is None:
        raise refuse("unknown_point", f"第 {no} 号检查的第 {place} 点没有要整改的", "检查点")
    problems = [*words_problems(fix.words, "整改情况", LONGEST)]
    if fix.state not in ("done", "open"):
        problems.append(Problem("bad_state", "请选“已整改”或“仍不合格”", "整改"))
    if fix.state == ("done" if point.fixed_on else "open"):
        problems.append(Problem("nothing_changed", "已经是这个状态", "整改"))
    since = point.fixes[-1].on if point.fixes else found.held_on
    if body_of(actor) == "trustee":
        since = max(since, act.today - timedelta(days=LATEST))
    if not since <= fix.on <= act.today:
        problems.append(Problem("bad_day", f"日期应在 {since} 与今天之间", "日期"))
    if problems:
        raise Refused(problems)
    original, redacted = _kept(conn, trust_id, location, fix.shot, act)
    conn.execute(
        insert(inspection_fix).values(
            trust_id=trust_id,
            no=no,
            place=place,
            step=len(point.fixes) + 1,
            state=fix.state,
            words=fix.words.strip(),
            original=original,
            redacted=redacted,
            acted_on=fix.on,
            person=actor.person,
            signature=actor.signature,
            recorded_at=act.now,
        )
    )


def _checklist(conn: Connection, trust_id: int, visit: Visit) -> tuple[Checklist, int]:
    """The version the form was made of, which may have been replaced since, and the days to put right what is not in
    order."""
    versions = versions_of(conn, trust_id, "checklists", visit.checklist)
    for row in versions:
        if row.version == visit.version and row.standing:
            return row.body, said_on(versions, visit.held_on).body.fix_days
    raise refuse("unknown_checklist", "没有这份检查单，请从检查单列表里进入", "检查单")


def _visit_problems(visit: Visit, checklist: Checklist, act: Act) -> Iterator[Problem]:
    if not (0 < len(visit.key) <= _LONGEST_KEY and visit.key.isprintable()):
        yield Problem("bad_key", "页面已过期，请刷新后重新填写", "表单")
    if not act.today - timedelta(days=OLDEST) <= visit.held_on <= act.today:
        yield Problem("bad_day", f"检查日期应在今天以前的 {OLDEST} 天之内", "检查日期")
    places = range(1, len(checklist.points) + 1)
    for place in places:
        check = visit.checks.get(place)
        where = f"第 {place} 点"
        if check is None:
            yield Problem("missing", f"“{checklist.points[place - 1].what}”还没有选合格或不合格", where)
            continue
        yield from words_problems(check.words, where, LONGEST, needed=not check.ok)
    if set(visit.checks) - set(places):
        yield Problem("unknown_point", "检查单里没有这么多检查点，请刷新页面", "检查点")


def _write_points(
    conn: Connection,
    trust_id: int,
    no: int,
    visit: Visit,
    checklist: Checklist,
    fix_by: date,
    location: Location | None,
    act: Act,
) -> None:
    rows: list[dict[str, object]] = []
    for place, point in enumerate(checklist.points, start=1):
        check = visit.checks[place]
        original, redacted = _kept(conn, trust_id, location, check.shot, act)
        rows.append(
            {
                "trust_id": trust_id,
                "no": no,
                "place": place,
                "area": point.area,
                "what": point.what,
                "ok": check.ok,
                "words": check.words.strip(),
                "original": original,
                "redacted": redacted,
                "fix_by": None if check.ok else fix_by,
            }
        )
    conn.execute(insert(inspection_point), rows)


def _kept(
    conn: Connection, trust_id: int, location: Location | None, shot: Shot | None, act: Act
) -> tuple[str, str]:
    if shot is None:
        return "", ""
    if location is None:
        raise ValueError("pictures need a place to be kept")
    original = keep(conn, trust_id, location, shot.original, shot.media_type, INTERNAL, act)
    return original, keep(conn, trust_id, location, shot.copy, shot.copy_type, INTERNAL, act)
