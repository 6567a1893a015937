"""What each register holds, as plain values. None of them can hold a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import msgspec

SYNC_ITEMS: Mapping[str, str] = MappingProxyType(
    {"registration": "登记备案", "supervision": "日常监管", "review": "评价评议"}
)
"""What goes in step with founding the Party organisation (建党组织与…同步)."""
ACTIVITY_KINDS: Mapping[str, str] = MappingProxyType(
    {"volunteer": "志愿服务", "double": "双报到", "service": "便民服务"}
)
SAFEGUARD_KINDS: Mapping[str, str] = MappingProxyType(
    {"list": "特殊人群名册", "plan": "应急预案", "drill": "应急演练"}
)
EQUIPMENT_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "lift": "电梯",
        "water": "二次供水",
        "fire": "消防设施",
        "power": "供配电",
        "lightning": "防雷装置",
        "other": "其他设施",
    }
)
PAPER_KINDS: Mapping[str, str] = MappingProxyType({"check": "检验、检测合格", "upkeep": "维保记录"})
AREAS: Mapping[str, str] = MappingProxyType(
    {
        "order": "秩序巡查",
        "fire": "消防通道",
        "clean": "环境卫生",
        "rubbish": "垃圾清运",
        "green": "绿化养护",
        "facility": "设施设备",
    }
)
"""What a point of a checklist is about."""


def hours_text(minutes: int) -> str:
    """Minutes as hours with a half where so, as people write them."""
    whole, rest = divmod(minutes, 60)
    return f"{whole}.5" if rest >= 30 else str(whole)


class Sync(msgspec.Struct, frozen=True):
    """Whether one of :data:`SYNC_ITEMS` goes in step (三同步)."""

    item: str
    in_step: bool

    @property
    def title(self) -> str:
        """In words."""
        return SYNC_ITEMS[self.item]

    @property
    def key(self) -> tuple[str, ...]:
        """There is one line for each item."""
        return (self.item,)


class Posts(msgspec.Struct, frozen=True):
    """Of so many ``seats`` of an organisation, so many are ``held`` crosswise (交叉任职). Counts, no names."""

    organisation: str
    seats: int
    held: int

    @property
    def title(self) -> str:
        """In words."""
        return self.organisation

    @property
    def key(self) -> tuple[str, ...]:
        """There is one line for each organisation."""
        return (self.organisation,)


class Plan(msgspec.Struct, frozen=True):
    """How many activities of a kind a year is to have."""

    kind: str
    year: int
    times: int

    @property
    def title(self) -> str:
        """In words."""
        return f"{self.year}年{ACTIVITY_KINDS[self.kind]}"

    @property
    def key(self) -> tuple[str, ...]:
        """There is one line for each kind and year."""
        return (self.kind, str(self.year))


class Activity(msgspec.Struct, frozen=True):
    """An activity that was held: how many people came and for how many minutes altogether; nobody by name."""

    kind: str
    title: str
    people: int
    minutes: int

    @property
    def key(self) -> tuple[str, ...]:
        """The same may be held again and again."""
        return ()


class Safeguard(msgspec.Struct, frozen=True):
    """That a list of people with special needs, an emergency plan exists, or a drill was held. Never whom it is
    about."""

    kind: str
    title: str

    @property
    def key(self) -> tuple[str, ...]:
        """Drills are held again and again."""
        return () if self.kind == "drill" else (self.kind, self.title)


class Institution(msgspec.Struct, frozen=True):
    """A rule or a file that ought to be there (制度台账), and whether it is ``kept``."""

    title: str
    kept: bool

    @property
    def key(self) -> tuple[str, ...]:
        """There is one line for each."""
        return (self.title,)


class Equipment(msgspec.Struct, frozen=True):
    """Something in common use that has to be checked; ``upkeep_days``: how often it is to be serviced, 0: not
    kept track of."""

    kind: str
    title: str
    place: str = ""
    upkeep_days: int = 0

    @property
    def key(self) -> tuple[str, ...]:
        """There is one line for each."""
        return (self.title,)


class Paper(msgspec.Struct, frozen=True):
    """A certificate of a check (valid through ``good_until``) or a record of upkeep of an ``equipment``."""

    equipment: int
    kind: str
    number: str = ""
    good_until: date | None = None

    @property
    def title(self) -> str:
        """In words."""
        return f"{PAPER_KINDS[self.kind]} {self.number}".strip()

    @property
    def key(self) -> tuple[str, ...]:
        """There is always another."""
        return ()


class Point(msgspec.Struct, frozen=True):
    """A point to look at: where and what, in words that will be public."""

    area: str
    what: str


class Checklist(msgspec.Struct, frozen=True):
    """Points to look at (检查单). ``every_days``: how often the trustee has to go round, 0: no set rhythm;
    ``fix_days``: how long what is not in order may stay so."""

    title: str
    points: tuple[Point, ...]
    every_days: int = 0
    fix_days: int = 7

    @property
    def key(self) -> tuple[str, ...]:
        """There is one line for each."""
        return (self.title,)


Body = Sync | Posts | Plan | Activity | Safeguard | Institution | Equipment | Paper | Checklist


@dataclass(frozen=True, slots=True)
class Register:
    """A register. ``action``: who keeps it; ``events``: lines are things that happened on a day, not things that
    hold from a day on."""

    title: str
    body: type[Body]
    action: str
    events: bool = False


REGISTERS: Mapping[str, Register] = MappingProxyType(
    {
        "sync": Register("三同步", Sync, "register.party"),
        "posts": Register("交叉任职", Posts, "register.party"),
        "plans": Register("年度活动计划", Plan, "register.party"),
        "activities": Register("志愿服务、双报到和便民活动", Activity, "register.party", events=True),
        "safeguards": Register("特殊人群和应急", Safeguard, "register.party"),
        "institutions": Register("制度台账", Institution, "register.party"),
        "equipment": Register("共用设施", Equipment, "register.equipment"),
        "papers": Register("检验和维保", Paper, "register.equipment", events=True),
        "checklists": Register("检查单", Checklist, "register.equipment"),
    }
)
"""All registers by name."""


def register_of(body: Body) -> str:
    """The register a value belongs to."""
    return next(name for name, register in REGISTERS.items() if register.body is type(body))
