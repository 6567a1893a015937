"""Budgets as values: a version, what was done with it, what was said about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from ledger.budget.codes import EXPENSE, INCOME, budget_name
from ledger.budget.lines import Line, total

DRAFT, NOTICED, ADOPTED, WITHDRAWN = "draft", "noticed", "adopted", "withdrawn"
NOTICE, RETURN, WITHDRAW, ADOPT = "notice", "return", "withdraw", "adopt"
"""Steps."""
_LEADS_TO = {NOTICE: NOTICED, RETURN: DRAFT, WITHDRAW: WITHDRAWN, ADOPT: ADOPTED}
BODIES = {"committee": "业主委员会", "assembly": "业主大会"}
"""Who approves a budget, as the deed says."""
SIDES = {"trustee": "物业", "committee": "业委会"}


class Key(NamedTuple):
    """A version of the budget of a fund and year."""

    year: int
    fund: str
    version: int

    @property
    def name(self) -> str:
        """``2026-F1``."""
        return budget_name(self.year, self.fund)

    @property
    def subject(self) -> str:
        """``2026-F1-v2``: what the log calls it."""
        return f"{self.name}-v{self.version}"


@dataclass(frozen=True, slots=True)
class Step:
    """Something done with a version. ``income``, ``expense``, ``free`` in fen, as they were then."""

    step: str
    revision: int
    starts_on: date | None
    ends_on: date | None
    effective_on: date | None
    body: str
    decision: str
    note: str
    income: int
    expense: int
    free: int
    person: str
    signature: str
    acted_at: datetime


@dataclass(frozen=True, slots=True)
class Version:
    """A version without its lines. ``revision`` is the newest; ``saved_by`` the person who saved it."""

    key: Key
    reason: str
    signature: str
    opened_at: datetime
    revision: int
    saved_by: str
    steps: tuple[Step, ...]

    @property
    def state(self) -> str:
        """draft, noticed, adopted or withdrawn."""
        return _LEADS_TO[self.steps[-1].step] if self.steps else DRAFT

    @property
    def notice(self) -> Step | None:
        """The newest public notice, if there ever was one."""
        return next((step for step in reversed(self.steps) if step.step == NOTICE), None)

    @property
    def adopted(self) -> Step | None:
        """The decision that put it in force."""
        return next((step for step in self.steps if step.step == ADOPT), None)

    @property
    def fixed(self) -> int:
        """The revision that counts: of the notice, unless it went back to be changed."""
        notice = self.notice
        return notice.revision if notice is not None and self.state != DRAFT else self.revision


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a comment; ``side``: trustee or committee."""

    side: str
    text: str
    answered_at: datetime

    @property
    def who(self) -> str:
        """As the public is told."""
        return SIDES[self.side]


@dataclass(frozen=True, slots=True)
class Comment:
    """What a resident said; who it was is not read here. ``line`` is empty for the budget as a whole."""

    no: int
    line: str
    text: str
    commented_at: datetime
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper behind a version, or behind a line. ``public``: digest of the copy everybody may see."""

    line: str
    kind: str
    title: str
    number: str
    original: str
    public: str


def totals(lines: Sequence[Line]) -> tuple[int, int]:
    """Expected income and planned spending, fen."""
    return total(lines, INCOME), total(lines, EXPENSE)
