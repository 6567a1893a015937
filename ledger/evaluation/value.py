"""What the steps of a round say, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType

import msgspec

from ledger.evaluation.score import Found

SELF, FIGURES, SHEET, VETO, RECUSE = "self", "figures", "sheet", "veto", "recuse"
SURVEY, PREVIEW, APPEAL, RULING, REPLY = "survey", "preview", "appeal", "ruling", "reply"
FINAL, CORRECTION, WITHDRAW = "final", "correction", "withdraw"
STEP_NAMES: Mapping[str, str] = MappingProxyType(
    {
        SELF: "受托人自评",
        FIGURES: "系统取数",
        SHEET: "评分",
        VETO: "登记一票否决",
        RECUSE: "回避",
        SURVEY: "业主问卷",
        PREVIEW: "公示",
        APPEAL: "申诉",
        RULING: "裁定",
        REPLY: "受托人回应",
        FINAL: "定稿发布",
        CORRECTION: "更正",
        WITHDRAW: "撤回",
    }
)
STAGE_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "self": "自评",
        "scoring": "评分",
        "survey": "业主问卷",
        "preview": "公示和申诉",
        "final": "已定稿",
        "withdrawn": "已撤回",
    }
)
"""Where a round stands, in order."""
PREVIEWED = ("preview", "final")
"""Where sheets and scores are for everybody to see."""
INTO: Mapping[str, str] = MappingProxyType(
    {FIGURES: "scoring", SURVEY: "survey", PREVIEW: "preview", FINAL: "final", WITHDRAW: "withdrawn"}
)
"""Steps that lead to another stage."""


class SelfAssessment(msgspec.Struct, frozen=True):
    """What the trustee would give itself (0.01 points by indicator), and why. It is shown and counts for nothing."""

    points: dict[str, int]
    text: str


class Measured(msgspec.Struct, frozen=True):
    """What a measure gave for a rule; None: nothing to judge by."""

    indicator: str
    rule: str
    found: Found | None


class Figures(msgspec.Struct, frozen=True):
    """What the system computed, as on record before ``moment`` and the place ``size`` of the log."""

    moment: datetime
    size: int
    found: tuple[Measured, ...]


class Line(msgspec.Struct, frozen=True):
    """Something a scorer found. ``whole``: of how many, for shares; ``page``: where it is shown, below
    ``/c/{slug}``; ``document``: SHA-256 of the evidence. ``what`` is public."""

    indicator: str
    rule: str
    on: date
    what: str
    count: int = 1
    whole: int = 0
    page: str = ""
    document: str = ""


class Sheet(msgspec.Struct, frozen=True):
    """A body's sheet for some indicators: what is not on it was in order. The newest for an indicator holds."""

    body: str
    indicators: tuple[str, ...]
    lines: tuple[Line, ...] = ()


class VetoFinding(msgspec.Struct, frozen=True):
    """Something that brings the grade down at once, with its evidence."""

    code: str
    on: date
    what: str
    document: str


class Recusal(msgspec.Struct, frozen=True):
    """Who has ties to the trustee and does not score; ``why`` is not public. ``found``: what the figures that were taken
    before come to without this person's spot checks, of the rules for which that is something else."""

    person: str
    why: str
    found: tuple[Measured, ...] = ()


class SurveyDays(msgspec.Struct, frozen=True):
    """The last day to answer the questionnaire."""

    closes_on: date


class PreviewDays(msgspec.Struct, frozen=True):
    """The last day to appeal."""

    appeal_until: date


class Appeal(msgspec.Struct, frozen=True):
    """The trustee objects to what ``ref`` names."""

    ref: str
    reason: str
    document: str


class Ruling(msgspec.Struct, frozen=True):
    """On the appeal of a step: the count that stands (0: nothing was lost; for a veto 1 or 0)."""

    appeal: int
    count: int
    reason: str


class Note(msgspec.Struct, frozen=True):
    """A text: the trustee's reply, or why a round was given up."""

    text: str


class Correction(msgspec.Struct, frozen=True):
    """What a later version changes: counts by ref, further vetoes; and why."""

    reason: str
    document: str
    counts: dict[str, int] = {}
    vetoes: tuple[VetoFinding, ...] = ()


class Empty(msgspec.Struct, frozen=True):
    """Nothing belongs to this step."""


BODIES_OF_STEPS: Mapping[str, type[msgspec.Struct]] = MappingProxyType(
    {
        SELF: SelfAssessment,
        FIGURES: Figures,
        SHEET: Sheet,
        VETO: VetoFinding,
        RECUSE: Recusal,
        SURVEY: SurveyDays,
        PREVIEW: PreviewDays,
        APPEAL: Appeal,
        RULING: Ruling,
        REPLY: Note,
        FINAL: Empty,
        CORRECTION: Correction,
        WITHDRAW: Note,
    }
)
