"""The rules of a vote (表决规则): settings of the community with their dates of effect, as one value.

What the law fixes has the law's value where nothing is set; what the community's own rules of procedure
(议事规则) may fix has the cautious one. They are those of the day the owners were told of the vote, and frozen
with the roll: a change after the notice does not touch it.
"""

from __future__ import annotations

from datetime import date, datetime

import msgspec
from sqlalchemy import Connection

from ledger.trust.act import BEIJING
from ledger.trust.settings import in_force, known_settings, setting_history
from ledger.trust.setup import Setup


class Rules(msgspec.Struct, frozen=True):
    """One field a setting ``vote_…``; see ``ledger/trust/settings.toml``."""

    notice_days: int = 15
    motion_percent: int = 20
    motion_by: str = "people"
    co_owned: str = "any"
    online: bool = True
    abstain: str = "apart"
    silence: str = "absent"
    invalid: str = "absent"
    rank_by: str = "people"

    def sentences(self) -> list[tuple[str, str]]:
        """Title and value of each, as people read them."""
        kinds = known_settings()
        found = []
        for name in self.__struct_fields__:
            kind = kinds[f"vote_{name}"]
            found.append((kind.title, kind.shown(getattr(self, name))))
        return found


def rules_on(setup: Setup, day: date) -> Rules:
    """The rules in force on a day."""
    given = {name: setup.setting(f"vote_{name}", day) for name in Rules.__struct_fields__}
    return Rules(**{name: value for name, value in given.items() if value is not None})


def rules_told(conn: Connection, trust_id: int, told_at: datetime) -> Rules:
    """The rules in force on the Chinese day of a notice, as they were on record at its moment: what was
    recorded later does not count, whatever day of effect it names."""
    history, day = setting_history(conn, trust_id), told_at.astimezone(BEIJING).date()
    found = {}
    for name in Rules.__struct_fields__:
        known = [one for one in history.get(f"vote_{name}", ()) if one.recorded_at <= told_at]
        if (version := in_force(known, day)) is not None and version.value is not None:
            found[name] = version.value
    return Rules(**found)
