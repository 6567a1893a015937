"""Who may have a hand in the owners' vote: never the trustee's people, whatever else they are."""

from __future__ import annotations

from ledger.errors import Problem
from ledger.people import Actor, Forbidden, require
from ledger.people.roles import STAFF


def require_owners(actor: Actor, action: str) -> None:
    """Raise :class:`~ledger.people.Forbidden` unless the actor may, and is not of the trustee's staff."""
    require(actor, action)
    if actor.roles & STAFF:
        raise Forbidden([Problem("trustee_apart", "受托人的人员不能主持、录入或清点业主的表决", "表决")])
