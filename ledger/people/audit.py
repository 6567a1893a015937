"""The audit trail (操作留痕): who did or tried what, when and from where. Append-only.

Refused and forbidden tries are on the trail too. ``detail`` holds codes of refusals, never what was
typed, so that the trail can be shown to the supervisor without showing what a form held.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Row, func, insert, select

from ledger.people.roles import ROLE_NAMES, Actor, Role, actions
from ledger.store.tables import audit_event
from ledger.trust.act import BEIJING, Act

Outcome = Literal["done", "refused", "forbidden"]
OUTCOME_NAMES: dict[str, str] = {"done": "已办理", "refused": "未通过检查", "forbidden": "没有权限"}
_SUBJECT_LENGTH = 200
_OWN_ACCOUNT = {
    "account.log_in": "登录",
    "account.log_out": "退出登录",
    "account.log_out_everywhere": "全部退出",
    "account.password": "改密码",
    "account.notices": "改邮件通知",
    "account.second_factor": "设置动态码",
    "account.recover": "用重设码改密码",
    "account.join": "用邀请码取得身份",
}
"""What people do with their own accounts: needs no permission, so it is not in permissions.toml."""


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One line of the trail; ``event`` is its key and sorts by time."""

    event: str
    at: datetime
    person: str
    signature: str
    roles: tuple[Role, ...]
    action: str
    subject: str
    origin: str
    outcome: str
    detail: str

    @property
    def title(self) -> str:
        """The action in words; its name if it was given up since."""
        known = actions().get(self.action)
        return known.title if known else _OWN_ACCOUNT.get(self.action, self.action)

    @property
    def role_names(self) -> str:
        """The roles held at that time, in words."""
        return "、".join(ROLE_NAMES[role] for role in self.roles)

    @property
    def outcome_name(self) -> str:
        """What came of it, in words."""
        return OUTCOME_NAMES[self.outcome]


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which part of the trail is asked for; empty fields ask for everything. Days are Chinese days."""

    person: str = ""
    action: str = ""
    outcome: str = ""
    since: date | None = None
    until: date | None = None


def audit(
    conn: Connection,
    trust_id: int,
    actor: Actor,
    action: str,
    subject: str,
    act: Act,
    *,
    outcome: Outcome = "done",
    detail: Sequence[str] = (),
) -> None:
    """Append to the trail, in the transaction of what was done."""
    second = f"{int(act.now.timestamp()):011d}"
    same_second = select(func.count()).where(
        audit_event.c.trust_id == trust_id,
        audit_event.c.event >= second,
        audit_event.c.event < f"{second}~",
    )
    place = conn.execute(same_second).scalar_one()
    conn.execute(
        insert(audit_event).values(
            trust_id=trust_id,
            # random at the end: two writers of one second never clash, and never wait for each other
            event=f"{second}-{place:06d}-{act.entropy(6).hex()}",
            at=act.now,
            person=actor.person,
            signature=actor.signature,
            roles=" ".join(role for role in Role if role in actor.roles),
            action=action,
            subject=_plain(subject)[:_SUBJECT_LENGTH],
            origin=actor.origin,
            outcome=outcome,
            detail=" ".join(detail),
        )
    )


def _plain(text: str) -> str:
    """What was asked about as it was typed, without what no database keeps."""
    return text if text.isprintable() else "".join(char for char in text if char.isprintable())


def read_audit(
    conn: Connection, trust_id: int, asked: AuditFilter, *, before: str = "", limit: int = 50
) -> list[AuditEvent]:
    """The trail, newest first; ``before`` is the last ``event`` of the page above."""
    query = select(audit_event).where(audit_event.c.trust_id == trust_id)
    if before:
        query = query.where(audit_event.c.event < before)
    for column, wanted in (
        (audit_event.c.person, asked.person),
        (audit_event.c.action, asked.action),
        (audit_event.c.outcome, asked.outcome),
    ):
        if wanted:
            query = query.where(column == wanted)
    if asked.since:
        query = query.where(audit_event.c.event >= _first_key(asked.since))
    if asked.until:
        query = query.where(audit_event.c.event < _first_key(asked.until + timedelta(days=1)))
    return [_event(row) for row in conn.execute(query.order_by(audit_event.c.event.desc()).limit(limit))]


def _first_key(day: date) -> str:
    return f"{int(datetime.combine(day, time(), BEIJING).timestamp()):011d}"


def _event(row: Row[Any]) -> AuditEvent:
    return AuditEvent(
        event=row.event,
        at=row.at,
        person=row.person,
        signature=row.signature,
        roles=tuple(Role(role) for role in row.roles.split()),
        action=row.action,
        subject=row.subject,
        origin=row.origin,
        outcome=row.outcome,
        detail=row.detail,
    )
