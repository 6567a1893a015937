"""Inquiries as values for pages: a row of a list, what everybody may know of one, and all of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from ledger.inquiries.model import (
    ABOUT_NAMES,
    DUTY_STATES,
    ENDED,
    LEVELS,
    MEDIATION_NAMES,
    PUBLICATION_NAMES,
    RATING_NAMES,
    STATUS_NAMES,
    areas,
    kinds,
)
from ledger.inquiries.pictures import Picture
from ledger.inquiries.response import Response
from ledger.inquiries.state import State, Step
from ledger.inquiries.store import Asked

QUESTION, ANSWER = "question", "answer"


@dataclass(frozen=True, slots=True)
class InquiryRow:
    """One row of a list. ``words``: the public ones, '' if there are none; where a list was asked for with
    ``private``, what the asker wrote instead: not for pages everybody reads. ``response``: of a repair."""

    no: int
    kind: str
    about_kind: str
    about: str
    status: str
    level: int
    due_on: date | None
    opened_on: date
    answer_by: date
    response_minutes: int | None
    answered_on: date | None
    closed_on: date | None
    late: bool
    rating: str
    mediation: str
    reworks: int
    echoes: int
    publication: str
    words: str = ""
    response: Response | None = None

    @property
    def kind_name(self) -> str:
        """In words."""
        return kinds()[self.kind].title

    @property
    def status_name(self) -> str:
        """In words."""
        return STATUS_NAMES[self.status]

    @property
    def level_name(self) -> str:
        """In words."""
        return LEVELS[self.level]

    @property
    def rating_name(self) -> str:
        """In words; '' is silence."""
        return RATING_NAMES[self.rating]

    @property
    def mediation_name(self) -> str:
        """In words, '' if there was none."""
        return MEDIATION_NAMES.get(self.mediation, "")

    @property
    def about_name(self) -> str:
        """``凭证 A-2025-000123``, ``电梯``, ``小区事务``."""
        return about_name(self.about_kind, self.about)

    @property
    def publication_name(self) -> str:
        """In words."""
        return PUBLICATION_NAMES[self.publication]

    @property
    def ended(self) -> bool:
        """Whether nothing follows any more."""
        return self.status in ENDED

    def late_days(self, today: date) -> int:
        """Days past what is due now, 0 if nothing is."""
        open_ = self.status in DUTY_STATES and self.due_on is not None
        return max(0, (today - self.due_on).days) if open_ and self.due_on else 0

    def slow(self, now: datetime) -> bool:
        """Whether it is a repair that had to wait longer than promised until somebody responded."""
        return self.response is not None and self.response.slow(now)


@dataclass(frozen=True, slots=True)
class Said:
    """Words everybody may read. ``seq``: their leaf in the log; ``pictures``: SHA-256 of public copies."""

    says: str
    of_step: int
    step: int
    by: str
    said_on: date
    text: str
    pictures: tuple[str, ...]
    seq: int


@dataclass(frozen=True, slots=True)
class PublicStep:
    """A step as everybody may know it: what, in which capacity, when, and until when. ``duty``: the post that
    then had it in hand, '' if that did not change."""

    kind: str
    title: str
    level: int
    by: str
    on: date
    due_on: date | None
    duty: str
    result: str


@dataclass(frozen=True, slots=True)
class PublicInquiry:
    """All that everybody may know of an inquiry; ``said`` is empty unless it was published."""

    row: InquiryRow
    duty: str
    said: tuple[Said, ...]
    course: tuple[PublicStep, ...]

    @property
    def question(self) -> Said | None:
        """The public question."""
        return next((item for item in self.said if item.says == QUESTION), None)

    @property
    def answers(self) -> tuple[Said, ...]:
        """The public answers."""
        return tuple(item for item in self.said if item.says == ANSWER)


@dataclass(frozen=True, slots=True)
class InquiryFile:
    """All of an inquiry, for the asker and those on duty; ``pictures`` by step."""

    asked: Asked
    steps: tuple[Step, ...]
    state: State
    pictures: Mapping[int, tuple[Picture, ...]]
    public: PublicInquiry

    @property
    def no(self) -> int:
        """Its number."""
        return self.asked.no


@dataclass(frozen=True, slots=True)
class HowMany:
    """How often something was asked about: ``inquiries`` of any kind, and ``people`` with those who echoed."""

    inquiries: int
    people: int


def about_name(about_kind: str, about: str) -> str:
    """What an inquiry is about, in words."""
    if about_kind == "area":
        return areas().get(about, about)
    return f"{ABOUT_NAMES[about_kind]} {about}".strip()
