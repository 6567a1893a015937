"""The words of inquiries (质询): kinds, parts of the neighbourhood, levels, states, steps. Plain data."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from ledger.people.roles import STAFF, Role

TRUSTEE, COMMUNITY, STREET = 1, 2, 3
LEVELS: Mapping[int, str] = MappingProxyType({TRUSTEE: "小区", COMMUNITY: "社区", STREET: "街道"})
"""小事不出小区、难事不出片区、大事不出社区: who has it in hand, from the trustee upwards."""
WHOSE: Mapping[int, frozenset[Role]] = MappingProxyType(
    {TRUSTEE: STAFF, COMMUNITY: frozenset({Role.PARTY}), STREET: frozenset({Role.STREET})}
)
"""Who answers at each level: nobody below the one it has come to, for they had their turn."""

WAITING, WORKING, ANSWERED, UNSETTLED = "waiting", "working", "answered", "unsettled"
CLOSING, CLOSED, WITHDRAWN = "closing", "closed", "withdrawn"
STATUS_NAMES: Mapping[str, str] = MappingProxyType(
    {
        WAITING: "待受理",
        WORKING: "办理中",
        ANSWERED: "已答复，待评价",
        UNSETTLED: "不满意，待升级",
        CLOSING: "待回访",
        CLOSED: "已办结",
        WITHDRAWN: "已撤回",
    }
)
OPEN_STATES = (WAITING, WORKING, UNSETTLED)
"""Somebody on duty has to do something, by ``due_on``."""
DUTY_STATES = (*OPEN_STATES, CLOSING)
"""The same, with being called back."""
ENDED = (CLOSED, WITHDRAWN)

SATISFIED, NOT_SATISFIED = "satisfied", "not"
RATING_NAMES: Mapping[str, str] = MappingProxyType(
    {SATISFIED: "满意", NOT_SATISFIED: "不满意", "": "没有评价"}
)
SETTLED, NOT_SETTLED = "settled", "unsettled"
AGREED, FAILED, REFERRED = "agreed", "failed", "referred"
MEDIATION_NAMES: Mapping[str, str] = MappingProxyType(
    {AGREED: "达成一致", FAILED: "没有达成一致", REFERRED: "引导走法律途径"}
)
LATE = "late"
INSPECTION = "inspection"
"""The kind (查阅复制) that is a right of the owners."""
PUBLISHED, KEPT = "published", "kept"
PUBLICATION_NAMES: Mapping[str, str] = MappingProxyType(
    {"": "还没有公开", PUBLISHED: "已公开", KEPT: "不公开文字"}
)

ABOUT_NAMES: Mapping[str, str] = MappingProxyType(
    {"": "小区事务", "entry": "凭证", "statement": "报表", "project": "项目", "area": "部位"}
)


@dataclass(frozen=True, slots=True)
class InquiryKind:
    """A row of ``data/kinds.toml``; see there."""

    name: str
    title: str
    help: str
    action: str
    days: str
    default: int
    working: bool
    work: bool
    daily: int


@dataclass(frozen=True, slots=True)
class Move:
    """What a kind of step does: from which states, into which (None: it stays), and what people call it."""

    title: str
    states: tuple[str, ...]
    into: str | None = None


_IN_HAND = (WAITING, WORKING)
_ANY = (*_IN_HAND, ANSWERED, UNSETTLED, CLOSING)
_EVER = (*_ANY, *ENDED)
MOVES: Mapping[str, Move] = MappingProxyType(
    {
        "opened": Move("提出", (), WAITING),
        "accepted": Move("受理", (WAITING,), WORKING),
        "assigned": Move("派单", _IN_HAND, WORKING),
        "visited": Move("到场", _IN_HAND, WORKING),
        "answered": Move("答复", _IN_HAND, ANSWERED),
        "done": Move("完工", _IN_HAND, ANSWERED),
        "rework": Move("返修", (ANSWERED, CLOSING), WORKING),
        "rated": Move("评价", (ANSWERED, CLOSING)),
        "lapsed": Move("评价期满，没有评价", (ANSWERED,), CLOSING),
        "called_back": Move("回访", (CLOSING,)),
        "mediated": Move("调解", _IN_HAND),
        "escalated": Move("升级", (*_IN_HAND, UNSETTLED), WAITING),
        "reopened": Move("退回重办", (UNSETTLED,), WAITING),
        "withdrawn": Move("撤回", _ANY, WITHDRAWN),
        "noted": Move("补充说明", _ANY),
        "published": Move("公开", _EVER),
        "kept": Move("不公开文字", _EVER),
    }
)
"""Where ``into`` is None the state stays, or :data:`BY_RESULT` says."""
BY_RESULT: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("rated", SATISFIED): CLOSING,
        ("rated", NOT_SATISFIED): UNSETTLED,
        ("called_back", SETTLED): CLOSED,
        ("called_back", NOT_SETTLED): UNSETTLED,
        ("mediated", AGREED): ANSWERED,
        ("mediated", REFERRED): CLOSED,
    }
)
ANSWERS = ("answered", "done", "mediated")
"""Steps whose words can be published as an answer."""
FOR_WORK = ("visited", "done", "rework")
"""Steps of pieces of work (repairs) only; ``answered`` is for everything else only."""
RESPONSES = ("accepted", "assigned", "visited", "answered", "done")
"""Steps by which somebody on duty first moves."""
SYSTEM = "系统"


def _rows(name: str) -> Mapping[str, Any]:
    text = files("ledger.inquiries").joinpath("data", name).read_text(encoding="utf-8")
    return MappingProxyType(tomllib.loads(text))


@cache
def kinds() -> Mapping[str, InquiryKind]:
    """All kinds in the order of the file."""
    return MappingProxyType({name: InquiryKind(name, **row) for name, row in _rows("kinds.toml").items()})


@cache
def areas() -> Mapping[str, str]:
    """Names of the parts of the neighbourhood, by code."""
    return _rows("areas.toml")
