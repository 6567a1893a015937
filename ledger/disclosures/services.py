"""Service items (服务事项) with what each must come to (质量要求) and how often: published versions of one list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from ledger.disclosures.texts import text_problems
from ledger.errors import Problem, Refused, Unanswerable
from ledger.people import Actor, require
from ledger.records import publish_record
from ledger.store.tables import service_item, service_version
from ledger.trust.act import Act
from ledger.trust.lock import lock_trust

RECORD = "services"
ACTION = "disclosure.publish"
MOST = 40
_FIELDS = {
    "title": ("服务事项", 40),
    "content": ("内容", 200),
    "standard": ("质量标准", 200),
    "frequency": ("频次", 40),
}


@dataclass(frozen=True, slots=True)
class Service:
    """One service. ``code`` stays the same through all versions; empty for a new one."""

    title: str
    content: str
    standard: str
    frequency: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class ServiceList:
    """What the trustee undertakes from a day on; ``authority``: the contract or decision that says so."""

    items: tuple[Service, ...]
    effective_on: date
    authority: str


@dataclass(frozen=True, slots=True)
class ServiceVersion:
    """A published list."""

    version: int
    list: ServiceList
    published_at: datetime


def publish_services(conn: Connection, trust_id: int, value: ServiceList, actor: Actor, act: Act) -> int:
    """Publish a list as the next version, and in the log; returns its number.

    Raises :class:`~ledger.errors.Refused` with all problems.
    """
    require(actor, ACTION)
    lock_trust(conn, trust_id)
    versions = service_versions(conn, trust_id, limit=1)
    value = _trimmed(value)
    problems = list(_problems(value, versions[0].list if versions else None))
    if problems:
        raise Refused(problems)
    version = versions[0].version + 1 if versions else 1
    value = replace(value, items=_coded(value.items, _codes_ever(conn, trust_id)))
    conn.execute(
        insert(service_version).values(
            trust_id=trust_id,
            version=version,
            effective_on=value.effective_on,
            authority=value.authority,
            published_at=act.now,
            published_by=actor.signature,
        )
    )
    rows = [
        {"trust_id": trust_id, "version": version, "place": place, "code": item.code}
        | {name: getattr(item, name) for name in _FIELDS}
        for place, item in enumerate(value.items, start=1)
    ]
    conn.execute(insert(service_item), rows)
    publish_record(conn, trust_id, RECORD, str(version), _value(version, value), act)
    return version


def _trimmed(value: ServiceList) -> ServiceList:
    items = tuple(
        replace(item, **{name: getattr(item, name).strip() for name in (*_FIELDS, "code")})
        for item in value.items
    )
    return replace(value, items=items, authority=value.authority.strip())


def _problems(value: ServiceList, before: ServiceList | None) -> Iterator[Problem]:
    if not value.items:
        yield Problem("no_items", "请至少写一项服务", "服务事项")
    if len(value.items) > MOST:
        yield Problem("too_many", f"最多 {MOST} 项，请把相近的合并", "服务事项")
    for no, item in enumerate(value.items, start=1):
        for name, (title, longest) in _FIELDS.items():
            yield from text_problems(getattr(item, name), f"第 {no} 项{title}", longest)
    titles = [item.title for item in value.items if item.title]
    for title in sorted({title for title in titles if titles.count(title) > 1}):
        yield Problem("twice", f"“{title}”写了两遍，请合并或改名", "服务事项")
    yield from text_problems(value.authority, "依据", 100)
    if before is not None and value.effective_on < before.effective_on:
        yield Problem("before_last_version", f"生效日不能早于上一版的 {before.effective_on}", "生效日")
    if before is not None and value == before:
        yield Problem("nothing_changed", "与上一版完全相同；没有变化请办理“已核对，仍有效”", "服务事项")
    known = {item.code for item in before.items} if before else set()
    for item in value.items:
        if item.code and item.code not in known:
            yield Problem("unknown_service", f"上一版里没有编号 {item.code}，新的一项请不填编号", "编号")


def _codes_ever(conn: Connection, trust_id: int) -> int:
    query = select(func.count(service_item.c.code.distinct())).where(service_item.c.trust_id == trust_id)
    return int(conn.execute(query).scalar_one())


def _coded(items: Sequence[Service], used: int) -> tuple[Service, ...]:
    """New items get the next code; a code is never used for another service."""
    coded = []
    for item in items:
        if item.code:
            coded.append(item)
        else:
            used += 1
            coded.append(replace(item, code=f"S{used:02d}"))
    return tuple(coded)


def service_versions(conn: Connection, trust_id: int, *, limit: int = 100) -> list[ServiceVersion]:
    """Published versions, the newest first; two queries."""
    heads = conn.execute(
        select(service_version)
        .where(service_version.c.trust_id == trust_id)
        .order_by(service_version.c.version.desc())
        .limit(limit)
    ).all()
    items = _items(conn, trust_id, [head.version for head in heads])
    return [
        ServiceVersion(
            head.version,
            ServiceList(tuple(items.get(head.version, ())), head.effective_on, head.authority),
            head.published_at,
        )
        for head in heads
    ]


def read_services(conn: Connection, trust_id: int) -> ServiceVersion:
    """The newest version. Raises :class:`~ledger.errors.Unanswerable` before the first."""
    found = service_versions(conn, trust_id, limit=1)
    if not found:
        raise Unanswerable("no_services", "还没有公开服务事项")
    return found[0]


def _items(conn: Connection, trust_id: int, versions: Sequence[int]) -> dict[int, list[Service]]:
    query = (
        select(service_item)
        .where(service_item.c.trust_id == trust_id, service_item.c.version.in_(versions))
        .order_by(service_item.c.version, service_item.c.place)
    )
    found: dict[int, list[Service]] = {}
    for row in conn.execute(query):
        item = Service(row.title, row.content, row.standard, row.frequency, row.code)
        found.setdefault(row.version, []).append(item)
    return found


def _value(version: int, value: ServiceList) -> dict[str, Any]:
    return {
        "version": version,
        "effective_on": value.effective_on.isoformat(),
        "authority": value.authority,
        "items": [
            {"code": item.code} | {name: getattr(item, name) for name in _FIELDS} for item in value.items
        ],
    }


def service_values(conn: Connection, trust_id: int, subjects: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The published values again, from the rows."""
    wanted = set(subjects)
    return {
        str(item.version): _value(item.version, item.list)
        for item in service_versions(conn, trust_id, limit=1_000_000)
        if str(item.version) in wanted
    }
