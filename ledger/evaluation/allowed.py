"""Who may score: nobody with ties to the trustee (利益冲突回避), and each body for itself."""

from __future__ import annotations

from sqlalchemy import Connection, exists, or_, select

from ledger.errors import Problem
from ledger.evaluation.scheme import BODIES
from ledger.evaluation.state import State
from ledger.people import Actor, Forbidden, Role, require
from ledger.people.roles import STAFF
from ledger.store.tables import role_grant

BODY_ROLES = {
    "committee": frozenset({Role.COMMITTEE, Role.CHAIR}),
    "party": frozenset({Role.PARTY}),
    "supervisor": frozenset({Role.SUPERVISOR}),
}
"""Who speaks for a body that scores."""
UNRELATED = "本人与受托人没有雇佣、投资、亲属等关联"
"""What everybody who scores or rules declares."""


def require_body(actor: Actor, body: str) -> None:
    """Raise :class:`~ledger.people.Forbidden` unless the actor speaks for this body."""
    if not actor.roles & BODY_ROLES.get(body, frozenset()):
        raise Forbidden([Problem("other_body", f"您不能代表{BODIES.get(body, body)}评分", "评分人")])


def bodies_of(actor: Actor) -> list[str]:
    """The bodies somebody speaks for."""
    return [body for body, roles in BODY_ROLES.items() if actor.roles & roles]


def require_unrelated(
    conn: Connection, trust_id: int, state: State, action: str, actor: Actor, *, unrelated: bool
) -> None:
    """Raise :class:`~ledger.people.Forbidden` unless the actor may do this and has no ties to the trustee: was not
    of its people at any time from the span on, is not recused, and declares so."""
    require(actor, action)
    problems = []
    if actor.roles & STAFF or _was_staff(conn, trust_id, state, actor):
        problems.append(Problem("related", "您在评价期内是受托人的人员，须回避", "评分人"))
    if actor.person in state.recused:
        problems.append(Problem("recused", "您已登记回避，不能参加本轮评分和裁定", "评分人"))
    if not unrelated:
        problems.append(Problem("not_declared", f"请先声明：{UNRELATED}；有关联的请登记回避", "声明"))
    if problems:
        raise Forbidden(problems)


def _was_staff(conn: Connection, trust_id: int, state: State, actor: Actor) -> bool:
    g, later = role_grant.c, role_grant.alias()
    taken_back = exists().where(
        *(later.c[name] == g[name] for name in ("trust_id", "person", "role", "unit")),
        later.c.version > g.version,
        ~later.c.granted,
        later.c.from_day < state.first_on,
    )
    query = select(g.role).where(
        g.trust_id == trust_id,
        g.person == actor.person,
        g.role.in_([role.value for role in STAFF]),
        g.granted,
        or_(g.until_day.is_(None), g.until_day >= state.first_on),
        ~taken_back,
    )
    return conn.execute(query.limit(1)).first() is not None
