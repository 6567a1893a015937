"""Who makes the scheme of a street, or of all communities: whoever oversees every community that has to follow it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from ledger.district import whole_districts
from ledger.errors import Problem
from ledger.people import Forbidden, Role, actions
from ledger.people.members import memberships

ACTION = "evaluation.district"
EVERYWHERE = "所有小区"


@dataclass(frozen=True, slots=True)
class Overseen:
    """Districts whose scheme a person may change, ``''`` for all communities, by the ``roles`` that let them."""

    districts: tuple[str, ...]
    roles: frozenset[Role]

    def require(self, district: str) -> None:
        """Raises :class:`Forbidden` for rules of communities that are not theirs."""
        if district not in self.districts:
            message = f"您没有负责{district or '本系统'}的全部小区，不能改它的评价方案"
            raise Forbidden([Problem("not_all", message, "片区")])


def overseen_by(conn: Connection, person: str, trust_ids: Iterable[int], today: date) -> Overseen:
    """What somebody oversees on a day; ``trust_ids``: where they have a role at all."""
    changers = actions()[ACTION].roles
    held = memberships(conn, person, trust_ids, today)
    mine = {trust_id: item.roles & changers for trust_id, item in held.items() if item.roles & changers}
    return Overseen(tuple(whole_districts(conn, list(mine))), frozenset().union(*mine.values()))
