"""Whom a step of an inquiry is told to, and in which words: never those of the inquiry itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, select

from ledger.inquiries.model import COMMUNITY, LEVELS, STREET, WHOSE, kinds
from ledger.inquiries.state import Step
from ledger.notices import Notice, put
from ledger.people import Role, actions
from ledger.people.members import list_grants
from ledger.store.tables import inquiry, inquiry_echo
from ledger.trust.act import BEIJING

_ASKER: Mapping[str, str] = MappingProxyType(
    {
        "accepted": "已受理，{due} 前答复",
        "answered": "已有答复，请在 {due} 前评价；没有评价不算满意",
        "done": "已完工，请在 {due} 前评价；没有评价不算满意",
        "rework": "将返修，{due} 前完成",
        "escalated": "已升级到{level}，由{level}在 {due} 前办理",
        "reopened": "已退回重办，{due} 前办理",
        "mediated": "有调解结果",
        "called_back": "已回访",
        "noted": "有新的说明",
        "published": "的公开文字已发布",
        "kept": "不公开文字，原因请登录查看",
    }
)
"""What the asker is told of others' steps; the others are of no news to them."""
_DUTY: Mapping[str, str] = MappingProxyType(
    {
        "opened": "新登记，请在 {due} 前受理",
        "escalated": "已升级到{level}，请在 {due} 前办理",
        "reopened": "退回重办，请在 {due} 前办理",
    }
)
"""What those on duty at the level are told."""
_OTHERS = "的答复已公开"
"""What those who asked the same are told."""


def tell_steps(conn: Connection, trust_id: int, steps: Sequence[tuple[int, Step]]) -> None:
    """Put into the outbox what these steps are news of; in the transaction that writes them."""
    told = [(no, step) for no, step in steps if step.kind in _ASKER or step.kind in _DUTY]
    if told:
        asked = _asked(conn, trust_id, {no for no, _ in told})
        notices = [*_to_askers(conn, trust_id, asked, told), *_to_duty(conn, trust_id, asked, told)]
        put(conn, trust_id, notices, told[-1][1].recorded_at)


def _asked(conn: Connection, trust_id: int, nos: Collection[int]) -> Mapping[int, Any]:
    """Who asked, and for what kind of thing, by number."""
    query = select(inquiry.c.no, inquiry.c.person, inquiry.c.kind).where(
        inquiry.c.trust_id == trust_id, inquiry.c.no.in_(nos)
    )
    return {row.no: row for row in conn.execute(query)}


def _to_askers(
    conn: Connection, trust_id: int, asked: Mapping[int, Any], steps: Sequence[tuple[int, Step]]
) -> Iterator[Notice]:
    same = _same(conn, trust_id, [no for no, step in steps if _is_answer(step)])
    for no, step in steps:
        title, mine = kinds()[asked[no].kind].title, f"/mine/inquiries/{no}"
        if step.kind in _ASKER and step.person != asked[no].person:
            yield _notice(asked[no].person, no, step, title, "您提出的", _ASKER[step.kind], mine)
        for person in same.get(no, ()) if _is_answer(step) else ():
            yield _notice(person, no, step, title, "您也想问的", _OTHERS, f"/inquiries/{no}")


def _to_duty(
    conn: Connection, trust_id: int, asked: Mapping[int, Any], steps: Sequence[tuple[int, Step]]
) -> Iterator[Notice]:
    news = [(no, step) for no, step in steps if step.kind in _DUTY]
    if not news:
        return
    on = news[-1][1].recorded_at.astimezone(BEIJING).date()
    grants = [item for item in list_grants(conn, trust_id, _handlers()) if item.in_force(on)]
    held = frozenset(item.role for item in grants)
    for no, step in news:
        on_duty = _on_duty(step.level, held)
        for item in grants:
            if item.role in on_duty and item.person.person != step.person:
                title, path = kinds()[asked[no].kind].title, f"/office/inquiries/{no}"
                yield _notice(item.person.person, no, step, title, "", _DUTY[step.kind], path)


def _on_duty(level: int, held: frozenset[Role]) -> frozenset[Role]:
    """Whose turn it is; of what came to a street that has no account here the community hears, to pass it on."""
    return WHOSE[level if level < STREET or WHOSE[STREET] & held else COMMUNITY]


def _handlers() -> list[Role]:
    return sorted(role for role in actions()["inquiry.handle"].roles)


def _is_answer(step: Step) -> bool:
    return step.kind == "published" and step.of_step > 1


def _same(conn: Connection, trust_id: int, nos: Sequence[int]) -> Mapping[int, list[str]]:
    """Those who asked the same, by number."""
    found: dict[int, list[str]] = {}
    e = inquiry_echo.c
    if nos:
        for row in conn.execute(select(e.no, e.person).where(e.trust_id == trust_id, e.no.in_(nos))):
            found.setdefault(row.no, []).append(row.person)
    return found


def _notice(person: str, no: int, step: Step, title: str, whose: str, words: str, path: str) -> Notice:
    news = words.format(due=step.due_on or "", level=LEVELS[step.level])
    subject = f"第 {no} 号{title}有新进展" if step.kind != "opened" else f"第 {no} 号{title}等待受理"
    return Notice(person, f"inquiry:{no}-{step.no}", subject, f"{whose}第 {no} 号{title}{news}。", path)
