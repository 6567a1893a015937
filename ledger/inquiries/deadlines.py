"""How long each stage may take, and who has the duty at each level: settings of the community (质询期限)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import msgspec

from ledger.inquiries.calendar import add_days, add_working_days
from ledger.inquiries.model import TRUSTEE, kinds
from ledger.trust.act import BEIJING
from ledger.trust.setup import Setup

_PREFIX = "inquiry_"


class Deadlines(msgspec.Struct, frozen=True):
    """One field a setting ``inquiry_…``; see ``ledger/trust/settings.toml``."""

    accept_days: int = 1
    answer_days: int = 3
    snapshot_days: int = 10
    repair_hours: int = 4
    repair_days: int = 3
    inspection_days: int = 5
    level_days: int = 5
    rating_days: int = 7
    call_back_days: int = 7
    duty_trustee: str = "物业服务中心负责人"
    duty_community: str = "社区党组织负责人"
    duty_street: str = "街道物业管理负责人"

    def accept_by(self, kind: str, opened_at: datetime) -> date:
        """The day by which an inquiry has to be accepted; never after the answer is due."""
        opened = opened_at.astimezone(BEIJING)
        if kinds()[kind].work:
            day = (opened + timedelta(hours=self.repair_hours)).date()
        else:
            day = add_working_days(opened.date(), self.accept_days)
        return min(day, self.answer_by(kind, opened.date()))

    def answer_by(self, kind: str, on: date) -> date:
        """The day by which an inquiry of that day has to be answered, or the work done."""
        row = kinds()[kind]
        days = getattr(self, row.days.removeprefix(_PREFIX))
        return add_working_days(on, days) if row.working else add_days(on, days)

    def level_by(self, on: date) -> date:
        """The day by which a higher level has to settle what came to it."""
        return add_working_days(on, self.level_days)

    def rate_by(self, on: date) -> date:
        """The last day to rate an answer; who is silent has not rated."""
        return add_days(on, self.rating_days)

    def call_back_by(self, on: date) -> date:
        """The day by which somebody asks whether it is really settled."""
        return add_days(on, self.call_back_days)

    def duty(self, level: int) -> str:
        """The post that has it in hand at a level; never a person's name."""
        posts = (self.duty_trustee, self.duty_community, self.duty_street)
        return posts[level - TRUSTEE]


def deadlines_on(setup: Setup, day: date) -> Deadlines:
    """Those in force on a day; nothing set means the cautious value."""
    given = {name: setup.setting(_PREFIX + name, day) for name in Deadlines.__struct_fields__}
    return Deadlines(**{name: value for name, value in given.items() if value is not None})
