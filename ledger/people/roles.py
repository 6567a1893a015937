"""Roles of a trust, who holds them, and the table of what each may do (``permissions.toml``)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from ledger.errors import Problem, Refused


class Role(StrEnum):
    """What a person is to one trust. A person may hold several, in several trusts."""

    PREPARER = "preparer"
    REVIEWER = "reviewer"
    CASHIER = "cashier"
    COMMITTEE = "committee"
    CHAIR = "chair"
    SUPERVISOR = "supervisor"
    PARTY = "party"
    STREET = "street"
    RESIDENT = "resident"
    TENANT = "tenant"
    OPERATOR = "operator"


ROLE_NAMES: Mapping[Role, str] = MappingProxyType(
    {
        Role.PREPARER: "制单会计",
        Role.REVIEWER: "审核",
        Role.CASHIER: "出纳",
        Role.COMMITTEE: "业委会委员",
        Role.CHAIR: "业委会主任",
        Role.SUPERVISOR: "监督人",
        Role.PARTY: "社区党组织",
        Role.STREET: "街道",
        Role.RESIDENT: "业主",
        Role.TENANT: "租户",
        Role.OPERATOR: "系统管理员",
    }
)
STAFF = frozenset({Role.PREPARER, Role.REVIEWER, Role.CASHIER})
"""The trustee's people."""


class Forbidden(Refused):
    """The person may not do this; nothing was done."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something a person can do; ``roles`` are those who may."""

    name: str
    title: str
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks. ``person`` is the stable id, ``signature`` what stands on vouchers (name and account),
    ``origin`` where from (an address, or ``命令行``); ``units`` are the homes held as owner (业主)."""

    person: str
    signature: str
    roles: frozenset[Role]
    origin: str = ""
    units: tuple[str, ...] = ()

    def may(self, action: str) -> bool:
        """Whether one of the actor's roles allows the action."""
        held = self.roles | ({Role.COMMITTEE} if Role.CHAIR in self.roles else set())
        return bool(held & actions()[action].roles)


@cache
def actions() -> Mapping[str, Action]:
    """All actions by name. Raises ValueError for a role that does not exist."""
    text = files("ledger.people").joinpath("permissions.toml").read_text(encoding="utf-8")
    return MappingProxyType(
        {
            name: Action(name, row["title"], frozenset(Role(role) for role in row["roles"]))
            for name, row in tomllib.loads(text).items()
        }
    )


def require(actor: Actor, action: str) -> None:
    """Raise :class:`Forbidden`, saying who may, unless the actor may."""
    if not actor.may(action):
        asked = actions()[action]
        who = "、".join(ROLE_NAMES[role] for role in Role if role in asked.roles)
        raise Forbidden([Problem("not_allowed", f"您没有“{asked.title}”的权限，需由{who}办理")])
