"""What a project's plan says: sources with agreed shares, milestones, who bears the owners' part."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from ledger.maintenance.scope import Scope

SOURCES = {"government": "政府补助", "society": "社会筹集", "owners": "业主分摊"}
"""The three sources (政府补一点、社会筹一点、居民凑一点)."""
INCOME = {"government": "4301", "society": "4302", "owners": "4303"}
OPENING = "opening"
"""Money of a project that was there when the books opened; nobody knows its source any more."""
SOURCE_NAMES = {**SOURCES, OPENING: "期初结余"}
SHARED_BY = {
    "area": "按专有部分面积",
    "floor": "按楼层系数",
    "floor_area": "按楼层系数乘面积",
    "equal": "按户平均",
}
MATTERS = ("use_maintenance_fund", "raise_maintenance_fund", "rebuild", "shared_use", "other")
"""What the decision on a project may be about (民法典 278); ids of ``ledger.resolutions``."""


class Portion(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A fixed sum (``fen``), or a fraction (``"2/5"``) of what the fixed sums leave."""

    fraction: str = ""
    fen: int = 0


class Source(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What one of the three sources is to bear."""

    source: str
    portion: Portion


class Milestone(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A payment by progress (进度款): due when ``shows`` has been shown. ``retention``: percent kept back."""

    code: str
    title: str
    shows: str
    portion: Portion
    retention: int = 0


class Sharing(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Who bears the owners' part, and by what. ``factors``: (floor, weight); a floor of weight 0 bears nothing."""

    scope: Scope
    by: Literal["area", "floor", "floor_area", "equal"] = "area"
    factors: tuple[tuple[int, int], ...] = ()


class Plan(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, kw_only=True):
    """A version of a project's plan. Amounts in fen; everything but ``sharing`` is published.

    ``binding``: no source may be spent beyond its agreed amount; otherwise that is only pointed out.
    ``retention_until``: money kept back may be paid from that day on. ``maintenance_plans``: plans of use of
    the maintenance fund through which the owners' part, or some of it, is paid.
    """

    project: str
    title: str
    purpose: str
    total: int
    sources: tuple[Source, ...]
    milestones: tuple[Milestone, ...]
    starts_on: date
    ends_on: date
    place: str = ""
    needs: tuple[int, ...] = ()
    resources: tuple[int, ...] = ()
    resolution: str = ""
    matter: str = "other"
    binding: bool = True
    retention_until: date | None = None
    sharing: Sharing | None = None
    maintenance_plans: tuple[str, ...] = ()
