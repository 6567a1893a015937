"""How long before it ends a trustee's service has to be given notice: settings, and what the contract says.

Dismissal while the term runs: 60 days (民法典 946); not renewed when it ends: 90 (947); of no fixed term, or
continued after it ended: 60 (948). A contract that agreed on more days holds instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from ledger.trust.setup import Setup
from ledger.trust.tenure import Tenure

_RULES = {
    "dismissal": ("dismissal_notice_days", 60, "民法典第九百四十六条：解聘应提前书面通知"),
    "nonrenewal": ("nonrenewal_notice_days", 90, "民法典第九百四十七条：不续聘应在期满前书面通知"),
    "indefinite": ("indefinite_notice_days", 60, "民法典第九百四十八条：解除不定期合同应提前书面通知"),
}


@dataclass(frozen=True, slots=True)
class NoticeRule:
    """What has to be kept. ``ends_on``: when the term ends by itself, None if it does not."""

    name: str
    days: int
    basis: str
    by_contract: bool
    ends_on: date | None

    def earliest(self, noticed_on: date) -> date:
        """The first day the service may end when notice was given on a day."""
        first = noticed_on + timedelta(days=self.days)
        if self.name == "nonrenewal" and self.ends_on is not None:
            return max(first, self.ends_on)
        return first

    def latest(self, leaves_on: date) -> date:
        """The last day to give notice for the service to end on a day."""
        return leaves_on - timedelta(days=self.days)


def notice_rule(
    setup: Setup, kind: str, tenure: Tenure | None, planned_on: date, today: date
) -> NoticeRule | None:
    """The rule for a procedure that is to take effect on a day; None while no tenure is on record.

    A fixed term that already ended goes on as one of no fixed term (民法典 948).
    """
    if tenure is None:
        return None
    ends_on = tenure.ends_on
    if ends_on is None or ends_on < today:
        name = "indefinite"
    elif kind == "renew" or planned_on >= ends_on:
        name = "nonrenewal"
    else:
        name = "dismissal"
    setting, usual, basis = _RULES[name]
    found = setup.setting(setting, today)
    days = usual if found is None else int(found)
    return NoticeRule(name, max(days, tenure.notice_days), basis, tenure.notice_days > days, ends_on)
