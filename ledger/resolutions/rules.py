"""The rules of a vote (表决规则): settings of the community with their dates of effect, as one value.

What the law fixes has the law's value where nothing is set; what the community's own rules of procedure
(议事规则) may fix has the cautious one. They are frozen with the roll, so that a later change does not
touch a vote that is under way.
"""

from __future__ import annotations

from datetime import date

import msgspec

from ledger.trust.settings import known_settings
from ledger.trust.setup import Setup


class Rules(msgspec.Struct, frozen=True):
    """One field a setting ``vote_…``; see ``ledger/trust/settings.toml``."""

    notice_days: int = 15
    motion_percent: int = 20
    motion_by: str = "people"
    headcount: str = "owners"
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
