"""What was done in a month or quarter, service by service (履行情况), with papers and pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, and_, func, insert, or_, select, tuple_

from ledger.disclosures.services import ACTION, service_versions
from ledger.disclosures.texts import text_problems
from ledger.errors import Problem, Refused, Unanswerable
from ledger.people import Actor, require
from ledger.periods.spans import Span, span_of
from ledger.records import publish_record
from ledger.store.tables import fulfilment, fulfilment_document, fulfilment_item
from ledger.trust.act import Act
from ledger.trust.lock import lock_trust

RECORD = "fulfilment"
STATES: Mapping[str, str] = {"met": "达标", "partly": "部分达标", "missed": "未达标", "none": "本期不涉及"}
MOST_PAPERS = 12
Key = tuple[int, int]
"""Period code and version."""


@dataclass(frozen=True, slots=True)
class Done:
    """What was done about one service. ``title`` is filled in from the service."""

    service: str
    done: str
    state: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper or picture: SHA-256 of the original and of the copy everybody may see ('' if none)."""

    title: str
    original: str
    public: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A note on a month or quarter (code of :mod:`ledger.periods.spans`)."""

    period: int
    summary: str
    items: tuple[Done, ...]
    papers: tuple[Paper, ...] = ()


@dataclass(frozen=True, slots=True)
class PublishedNote:
    """A published version of a note; ``versions`` is how many there are of its period."""

    version: int
    note: Note
    published_at: datetime
    versions: int

    @property
    def subject(self) -> str:
        """Its name in the log."""
        return f"{self.note.period}-{self.version}"


def publish_note(conn: Connection, trust_id: int, note: Note, actor: Actor, act: Act) -> int:
    """Publish a note, or a corrected one for the same period, and in the log; returns the version.

    Raises :class:`~ledger.errors.Refused` with all problems.
    """
    require(actor, ACTION)
    lock_trust(conn, trust_id)
    span = span_of(note.period)
    offered = service_versions(conn, trust_id, limit=1)
    titles = {item.code: item.title for item in offered[0].list.items} if offered else {}
    note = _filled(note, titles)
    last = _newest(conn, trust_id, note.period)
    if problems := list(_problems(note, span, titles, last.note if last else None, act.today)):
        raise Refused(problems)
    version = last.version + 1 if last else 1
    key = {"trust_id": trust_id, "period": note.period, "version": version}
    conn.execute(
        insert(fulfilment).values(
            **key,
            ends_on=span.last,
            summary=note.summary,
            published_at=act.now,
            published_by=actor.signature,
        )
    )
    items = [
        key | {"place": place, "service": x.service, "title": x.title, "done": x.done, "state": x.state}
        for place, x in enumerate(note.items, start=1)
    ]
    conn.execute(insert(fulfilment_item), items)
    papers = [
        key | {"place": place, "title": x.title, "original": x.original, "public": x.public}
        for place, x in enumerate(note.papers, start=1)
    ]
    if papers:
        conn.execute(insert(fulfilment_document), papers)
    publish_record(conn, trust_id, RECORD, f"{note.period}-{version}", _value(note, version), act)
    return version


def _filled(note: Note, titles: Mapping[str, str]) -> Note:
    items = tuple(
        replace(item, done=item.done.strip(), title=titles.get(item.service, item.service))
        for item in note.items
    )
    return replace(note, summary=note.summary.strip(), items=items)


def _problems(
    note: Note, span: Span, titles: Mapping[str, str], last: Note | None, today: date
) -> Iterator[Problem]:
    if span.kind == "year":
        yield Problem("bad_span", "履行情况按月或按季公开，请选择月份或季度", "期间")
    if span.last >= today:
        yield Problem("not_over", f"{span.name}到 {span.last} 才结束，请过后再公开", "期间")
    if not titles:
        yield Problem("no_services", "请先公开服务事项，再逐项说明做了什么", "服务事项")
    yield from text_problems(note.summary, "小结", 500)
    if not note.items:
        yield Problem("no_items", "请至少说明一项服务做了什么", "履行情况")
    seen: set[str] = set()
    for item in note.items:
        if titles and item.service not in titles:
            yield Problem("unknown_service", f"没有公开过编号 {item.service} 的服务事项", "服务事项")
        if item.service in seen:
            yield Problem("twice", f"“{item.title}”写了两遍", "服务事项")
        seen.add(item.service)
        if item.state not in STATES:
            yield Problem("bad_state", f"请选择{'、'.join(STATES.values())}", item.title)
        yield from text_problems(item.done, f"“{item.title}”做了什么", 200, needed=item.state != "none")
    if len(note.papers) > MOST_PAPERS:
        yield Problem("too_many", f"最多 {MOST_PAPERS} 份附件", "附件")
    for paper in note.papers:
        yield from text_problems(paper.title, "附件名称", 60)
    if last is not None and last == note:
        yield Problem("nothing_changed", "与已公开的内容完全相同，没有需要更正的", "履行情况")


def _newest(conn: Connection, trust_id: int, period: int) -> PublishedNote | None:
    version = conn.execute(
        select(func.max(fulfilment.c.version)).where(
            fulfilment.c.trust_id == trust_id, fulfilment.c.period == period
        )
    ).scalar()
    return None if version is None else _notes(conn, trust_id, [(period, version)])[0]


def list_notes(
    conn: Connection, trust_id: int, *, before: int | None = None, limit: int = 12
) -> list[PublishedNote]:
    """The newest version of each period's note, the latest period first; ``before``: the last one seen."""
    query = (
        select(fulfilment.c.period, func.max(fulfilment.c.version), fulfilment.c.ends_on)
        .where(fulfilment.c.trust_id == trust_id)
        .group_by(fulfilment.c.period, fulfilment.c.ends_on)
        .order_by(fulfilment.c.ends_on.desc(), fulfilment.c.period)
        .limit(limit)
    )
    if before is not None:
        day = span_of(before).last
        later = and_(fulfilment.c.ends_on == day, fulfilment.c.period > before)
        query = query.where(or_(fulfilment.c.ends_on < day, later))
    keys = [(period, version) for period, version, _ in conn.execute(query)]
    found = {(item.note.period, item.version): item for item in _notes(conn, trust_id, keys)}
    return [found[key] for key in keys]


def read_note(conn: Connection, trust_id: int, period: int, version: int | None = None) -> PublishedNote:
    """A period's note, the newest version if none is named. Raises :class:`~ledger.errors.Unanswerable`."""
    found = _newest(conn, trust_id, period)
    if found is not None and version is not None and version != found.version:
        older = _notes(conn, trust_id, [(period, version)])
        found = replace(older[0], versions=found.version) if older else None
    if found is None:
        raise Unanswerable("unknown_note", "这一期的履行情况还没有公开，或没有这一版")
    return found


def _notes(conn: Connection, trust_id: int, keys: Sequence[Key]) -> list[PublishedNote]:
    heads = conn.execute(
        select(fulfilment).where(
            fulfilment.c.trust_id == trust_id, tuple_(fulfilment.c.period, fulfilment.c.version).in_(keys)
        )
    ).all()
    items = _rows(conn, trust_id, fulfilment_item, keys)
    papers = _rows(conn, trust_id, fulfilment_document, keys)
    made = []
    for head in heads:
        key = (head.period, head.version)
        note = Note(
            head.period,
            head.summary,
            tuple(Done(row.service, row.done, row.state, row.title) for row in items.get(key, ())),
            tuple(Paper(row.title, row.original, row.public) for row in papers.get(key, ())),
        )
        made.append(PublishedNote(head.version, note, head.published_at, head.version))
    return made


def _rows(conn: Connection, trust_id: int, table: Any, keys: Sequence[Key]) -> dict[Key, list[Any]]:
    query = (
        select(table)
        .where(table.c.trust_id == trust_id, tuple_(table.c.period, table.c.version).in_(keys))
        .order_by(table.c.period, table.c.version, table.c.place)
    )
    found: dict[Key, list[Any]] = {}
    for row in conn.execute(query):
        found.setdefault((row.period, row.version), []).append(row)
    return found


def _value(note: Note, version: int) -> dict[str, Any]:
    return {
        "period": note.period,
        "version": version,
        "summary": note.summary,
        "items": [
            {"service": x.service, "title": x.title, "done": x.done, "state": x.state} for x in note.items
        ],
        "papers": [{"title": x.title, "original": x.original, "public": x.public} for x in note.papers],
    }


def note_values(conn: Connection, trust_id: int, subjects: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The published values again, from the rows."""
    found = (re.fullmatch(r"([0-9]{1,9})-([0-9]{1,9})", subject) for subject in subjects)
    keys = [(int(match[1]), int(match[2])) for match in found if match]
    return {item.subject: _value(item.note, item.version) for item in _notes(conn, trust_id, keys)}
