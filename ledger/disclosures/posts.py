"""Who answers for what (负责人员): posts, duties and service desks. Never a person's name or number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from ledger.disclosures.services import ACTION, service_versions
from ledger.disclosures.texts import text_problems
from ledger.errors import Problem, Refused
from ledger.people import Actor, require
from ledger.records import publish_record
from ledger.store.tables import staff_post, staff_post_version
from ledger.trust.act import Act
from ledger.trust.lock import lock_trust

RECORD = "posts"
MOST = 40


@dataclass(frozen=True, slots=True)
class Post:
    """A post. ``services``: codes of the services it answers for; ``desk``: where to ask."""

    title: str
    duty: str
    desk: str
    services: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PostList:
    """The posts from a day on."""

    items: tuple[Post, ...]
    effective_on: date


@dataclass(frozen=True, slots=True)
class PostVersion:
    """A published list."""

    version: int
    list: PostList
    published_at: datetime


def publish_posts(conn: Connection, trust_id: int, value: PostList, actor: Actor, act: Act) -> int:
    """Publish a list of posts as the next version, and in the log; returns its number.

    Raises :class:`~ledger.errors.Refused` with all problems.
    """
    require(actor, ACTION)
    lock_trust(conn, trust_id)
    versions = post_versions(conn, trust_id, limit=1)
    value = _trimmed(value)
    offered = service_versions(conn, trust_id, limit=1)
    known = {item.code for item in offered[0].list.items} if offered else set()
    if problems := list(_problems(value, versions[0].list if versions else None, known)):
        raise Refused(problems)
    version = versions[0].version + 1 if versions else 1
    conn.execute(
        insert(staff_post_version).values(
            trust_id=trust_id,
            version=version,
            effective_on=value.effective_on,
            published_at=act.now,
            published_by=actor.signature,
        )
    )
    rows = [
        {
            "trust_id": trust_id,
            "version": version,
            "place": place,
            "title": item.title,
            "duty": item.duty,
            "services": " ".join(item.services),
            "desk": item.desk,
        }
        for place, item in enumerate(value.items, start=1)
    ]
    conn.execute(insert(staff_post), rows)
    publish_record(conn, trust_id, RECORD, str(version), _value(version, value), act)
    return version


def _trimmed(value: PostList) -> PostList:
    items = tuple(
        replace(item, title=item.title.strip(), duty=item.duty.strip(), desk=item.desk.strip())
        for item in value.items
    )
    return replace(value, items=items)


def _problems(value: PostList, before: PostList | None, known: set[str]) -> Iterator[Problem]:
    if not value.items:
        yield Problem("no_items", "请至少写一个岗位", "岗位")
    if len(value.items) > MOST:
        yield Problem("too_many", f"最多 {MOST} 个岗位，请把相近的合并", "岗位")
    for no, item in enumerate(value.items, start=1):
        yield from text_problems(item.title, f"第 {no} 个岗位名称", 40)
        yield from text_problems(item.duty, f"第 {no} 个岗位职责", 200)
        yield from text_problems(item.desk, f"第 {no} 个岗位服务台", 80, needed=False)
        for code in item.services:
            if code not in known:
                yield Problem("unknown_service", f"没有公开过编号 {code} 的服务事项", f"第 {no} 个岗位")
    if before is not None and value.effective_on < before.effective_on:
        yield Problem("before_last_version", f"生效日不能早于上一版的 {before.effective_on}", "生效日")
    if before is not None and value == before:
        yield Problem("nothing_changed", "与上一版完全相同；没有变化请办理“已核对，仍有效”", "岗位")


def post_versions(conn: Connection, trust_id: int, *, limit: int = 100) -> list[PostVersion]:
    """Published versions, the newest first; two queries."""
    heads = conn.execute(
        select(staff_post_version)
        .where(staff_post_version.c.trust_id == trust_id)
        .order_by(staff_post_version.c.version.desc())
        .limit(limit)
    ).all()
    query = (
        select(staff_post)
        .where(staff_post.c.trust_id == trust_id, staff_post.c.version.in_([head.version for head in heads]))
        .order_by(staff_post.c.version, staff_post.c.place)
    )
    items: dict[int, list[Post]] = {}
    for row in conn.execute(query):
        made = Post(row.title, row.duty, row.desk, tuple(row.services.split()))
        items.setdefault(row.version, []).append(made)
    return [
        PostVersion(
            head.version,
            PostList(tuple(items.get(head.version, ())), head.effective_on),
            head.published_at,
        )
        for head in heads
    ]


def _value(version: int, value: PostList) -> dict[str, Any]:
    return {
        "version": version,
        "effective_on": value.effective_on.isoformat(),
        "items": [
            {"title": item.title, "duty": item.duty, "desk": item.desk, "services": list(item.services)}
            for item in value.items
        ],
    }


def post_values(conn: Connection, trust_id: int, subjects: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The published values again, from the rows."""
    wanted = set(subjects)
    return {
        str(item.version): _value(item.version, item.list)
        for item in post_versions(conn, trust_id, limit=1_000_000)
        if str(item.version) in wanted
    }
