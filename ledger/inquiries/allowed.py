"""Who may take which step. Nobody handles what they asked themselves, and nobody rates for the asker."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ledger.errors import Problem
from ledger.inquiries.deadlines import Deadlines
from ledger.inquiries.model import COMMUNITY, OPEN_STATES, STREET, TRUSTEE, WHOSE
from ledger.inquiries.state import State, may_follow
from ledger.inquiries.store import Asked
from ledger.people import Actor, Forbidden, Role, require
from ledger.people.roles import ROLE_NAMES, STAFF

HANDLE = "inquiry.handle"
ACTIONS = {
    "accepted": HANDLE,
    "assigned": HANDLE,
    "visited": HANDLE,
    "answered": HANDLE,
    "done": HANDLE,
    "rework": HANDLE,
    "mediated": "inquiry.mediate",
    "called_back": "inquiry.call_back",
    "published": "inquiry.publish",
    "kept": "inquiry.publish",
    "rated": "inquiry.rate",
    "withdrawn": "inquiry.rate",
}
"""Steps by the action they need; ``noted`` is for the asker and for those who may handle."""
_WORK = frozenset({"assigned", "visited", "done", "rework"})
"""What is done about a piece of work (报修): still the trustee's to do at any level."""
_BY_ASKER = ("rated", "withdrawn")
_BY_OTHERS = (HANDLE, "inquiry.mediate", "inquiry.call_back")
_NOT_THEIRS: Mapping[int, str] = MappingProxyType(
    {
        TRUSTEE: "还在小区办理，由受托人受理和答复；逾期或不满意会自动升级",
        COMMUNITY: "已升级到社区，由社区受理和答复；您可以补充说明，报修的派单、到场、完工仍由受托人登记",
        STREET: "已升级到街道，由街道受理和答复；您可以补充说明，报修的派单、到场、完工仍由受托人登记。"
        "街道还没有账号的，请系统管理员在“账号”里给街道发邀请码",
    }
)
_CAPACITIES = (
    (frozenset({Role.COMMITTEE, Role.CHAIR}), "业委会"),
    (frozenset({Role.SUPERVISOR}), "监督人"),
    (frozenset({Role.RESIDENT}), "业主"),
    (frozenset({Role.TENANT}), "租户"),
)


def capacity(actor: Actor, level: int, deadlines: Deadlines) -> str:
    """In which capacity somebody acts, as may be public: never a name."""
    if actor.roles & STAFF:
        return "受托人"
    if of := [higher for higher in (COMMUNITY, STREET) if actor.roles & WHOSE[higher]]:
        return deadlines.duty(level if level in of else of[-1])
    return next((name for roles, name in _CAPACITIES if actor.roles & roles), "居民")


def asking_capacity(actor: Actor) -> str:
    """In which capacity somebody asks."""
    if actor.roles & {Role.RESIDENT, Role.TENANT}:
        return "业主" if Role.RESIDENT in actor.roles else "租户"
    if of := [role for role in (Role.PARTY, Role.STREET) if role in actor.roles]:
        return ROLE_NAMES[of[0]]
    return next((name for roles, name in _CAPACITIES if actor.roles & roles), "居民")


def require_step(actor: Actor, kind: str, asked: Asked, state: State) -> None:
    """Raise :class:`~ledger.people.Forbidden` unless the actor may take this step of this inquiry now."""
    own = actor.person == asked.person
    if kind == "noted":
        if not own:
            require(actor, HANDLE)
        return
    action = ACTIONS[kind]
    require(actor, action)
    if kind in _BY_ASKER and not own:
        raise Forbidden([Problem("not_the_asker", "只有提问人本人可以评价、撤回", "提问人")])
    if action in _BY_OTHERS and own:
        raise Forbidden([Problem("own_inquiry", "自己提出的，须由别人办理、调解和回访", "提问人")])
    if kind == "called_back" and state.level > TRUSTEE and actor.roles & STAFF:
        raise Forbidden([Problem("not_this_level", "已经升级的，由业委会、社区或街道回访", "办理层级")])
    if action == HANDLE and not actor.roles & _handlers(kind, asked, state):
        raise Forbidden([Problem("not_this_level", _NOT_THEIRS[state.level], "办理层级")])


def _handlers(kind: str, asked: Asked, state: State) -> frozenset[Role]:
    """Who may take a step of handling at the level the inquiry has come to."""
    at_level = WHOSE[state.level]
    return at_level | STAFF if asked.kind_row.work and kind in _WORK else at_level


def not_theirs(actor: Actor, state: State) -> str:
    """Why somebody who handles inquiries can't accept or answer this one that waits for it; '' if they can, and for
    everybody else."""
    waits = state.status in OPEN_STATES and actor.may(HANDLE)
    return _NOT_THEIRS[state.level] if waits and not actor.roles & WHOSE[state.level] else ""


def steps_open_to(actor: Actor, asked: Asked, state: State) -> tuple[str, ...]:
    """The kinds of steps this person can take now: what a page offers."""
    found = []
    for kind in (*ACTIONS, "noted"):
        if may_follow(state, kind, work=asked.kind_row.work):
            try:
                require_step(actor, kind, asked, state)
            except Forbidden:
                continue
            found.append(kind)
    return tuple(found)
