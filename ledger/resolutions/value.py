"""What is put to the vote, and what a voter says: plain values, as JSON in the rows."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

AGREE, AGAINST, ABSTAIN, INVALID = "agree", "against", "abstain", "invalid"
OPTION_NAMES = {AGREE: "同意", AGAINST: "反对", ABSTAIN: "弃权", INVALID: "无效"}
"""``invalid`` (无效) is for paper ballots only: nothing ticked, or not to be read."""
APPROVE, CHOOSE = "approve", "choose"
UNLOCKS = {
    "budget": "预算",
    "fee_standard": "收费标准",
    "project": "项目",
    "maintenance_plan": "维修资金使用方案",
    "contract": "合同",
    "setting": "小区规则",
    "tenure": "受托人任期",
}
Choice = str
"""``agree``, ``against``, ``abstain``, ``invalid``; where one chooses among candidates, their numbers from 1
with commas between (``"1,3"``), or ``against`` (all of them) or ``abstain``."""
Stage = Literal["draft", "moved", "noticed", "open", "closed", "published", "withdrawn"]
STAGE_NAMES: dict[Stage, str] = {
    "draft": "草案",
    "moved": "已提议",
    "noticed": "已通知，等待开始",
    "open": "表决中",
    "closed": "已截止，等待公布",
    "published": "已公布结果",
    "withdrawn": "已撤回",
}
CHANNEL_NAMES = {"online": "网上", "paper": "纸质", "proxy": "委托"}


class Item(msgspec.Struct, frozen=True):
    """One question. ``kind``: ``approve`` (agree or not) or ``choose`` (among candidates, up to ``seats``)."""

    title: str
    matter: str
    text: str = ""
    kind: str = APPROVE
    candidates: tuple[str, ...] = ()
    seats: int = 1


class Unlock(msgspec.Struct, frozen=True):
    """What rests on the resolution; ``kind`` is one of :data:`UNLOCKS`, ``ref`` its number there."""

    kind: str
    ref: str


class Attachment(msgspec.Struct, frozen=True):
    """A paper that goes with the question, by the SHA-256 of the file."""

    title: str
    digest: str


class Draft(msgspec.Struct, frozen=True):
    """A resolution as drafted. ``effective_on`` None: from the day the result is published."""

    title: str
    text: str
    items: tuple[Item, ...]
    documents: tuple[Attachment, ...] = ()
    unlocks: tuple[Unlock, ...] = ()
    effective_on: date | None = None


class Motion(msgspec.Struct, frozen=True):
    """Who asked for the vote (提议): ``committee``, or ``owners`` by the homes whose owners signed."""

    by: str
    moved_on: date
    units: tuple[str, ...] = ()
    document: str = ""
    note: str = ""


class Notice(msgspec.Struct, frozen=True):
    """How the owners were told: the first and last day of voting, where it was put up, a photo of it.

    ``neighbourhood``: when and how the residents' committee (居民委员会) was told (物业管理条例 14)."""

    opens_on: date
    closes_on: date
    how: str
    neighbourhood: str
    document: str = ""
