"""Who votes (表决人): units grouped by their owners, from the register, as of a day.

Units with the same owners are one voter and one head; a co-owned unit is one head, too; what the developer
has not sold or not handed over is one head together (最高人民法院建筑物区分所有权司法解释第九条).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from ledger.resolutions.matters import Amount
from ledger.resolutions.rules import Rules
from ledger.trust.owners import Share, owners_of
from ledger.trust.units import Unit, units_on

OWNERS, DEVELOPER, UNKNOWN = "owners", "developer", "unknown"
VOTER_KINDS = {OWNERS: "业主", DEVELOPER: "建设单位", UNKNOWN: "业主未登记"}
_UNSOLD = "unsold"


@dataclass(frozen=True, slots=True)
class NewVoter:
    """One voter; ``owners`` are keys of the register."""

    voter: int
    kind: str
    owners: tuple[str, ...]
    units: tuple[Unit, ...]

    @property
    def area(self) -> int:
        """0.01 m²."""
        return sum(unit.area for unit in self.units)


@dataclass(frozen=True, slots=True)
class NewRoll:
    """Everybody who would vote; ``missing`` are units nobody is on record for, not among the voters."""

    voters: tuple[NewVoter, ...]
    missing: tuple[str, ...]

    @property
    def total(self) -> Amount:
        """All area and heads."""
        return Amount(sum(voter.area for voter in self.voters), len(self.voters))

    @property
    def units(self) -> int:
        """How many units."""
        return sum(len(voter.units) for voter in self.voters)

    def of_units(self, wanted: Sequence[str]) -> Amount:
        """Area and heads of the voters who own at least one of these units; whole voters, all their units."""
        names = set(wanted)
        found = [v for v in self.voters if any(unit.unit in names for unit in v.units)]
        return Amount(sum(voter.area for voter in found), len(found))


def build_roll(
    conn: Connection, trust_id: int, day: date, rules: Rules, *, include_unknown: bool = False
) -> NewRoll:
    """Group all units of a day; two queries. With ``include_unknown`` units nobody is on record for are
    voters, too: they count in the whole, each as one."""
    units = units_on(conn, trust_id, day)
    owners = owners_of(conn, trust_id, day)
    groups: dict[tuple[str, ...], list[Unit]] = {}
    missing = []
    for unit in units:
        key = _key(unit, owners.get(unit.unit, ()), rules)
        if key[0] == UNKNOWN and not include_unknown:
            missing.append(unit.unit)
        else:
            groups.setdefault(key, []).append(unit)
    voters = tuple(
        NewVoter(no, key[0], _owners(inside, owners), tuple(inside))
        for no, (key, inside) in enumerate(groups.items(), start=1)
    )
    return NewRoll(voters, tuple(missing))


def _key(unit: Unit, shares: Sequence[Share], rules: Rules) -> tuple[str, ...]:
    if unit.use_kind == _UNSOLD or (shares and all(share.kind == DEVELOPER for share in shares)):
        return (DEVELOPER,)
    if not shares:
        return (UNKNOWN, unit.unit)
    return (OWNERS, *sorted(share.owner for share in shares))


def _owners(units: Sequence[Unit], owners: Mapping[str, Sequence[Share]]) -> tuple[str, ...]:
    return tuple(sorted({share.owner for unit in units for share in owners.get(unit.unit, ())}))
