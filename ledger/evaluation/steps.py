"""A round as it was recorded: its scheme, its steps and its days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Self, TypeVar

import msgspec

from ledger.evaluation.measures import Window
from ledger.evaluation.scheme import Scheme
from ledger.evaluation.value import (
    CORRECTION,
    FIGURES,
    FINAL,
    INTO,
    PREVIEW,
    RECUSE,
    SELF,
    SHEET,
    STAGE_NAMES,
    STEP_NAMES,
    SURVEY,
    Figures,
    PreviewDays,
    Recusal,
    SelfAssessment,
    Sheet,
    SurveyDays,
)
from ledger.periods.spans import span_name
from ledger.trust.act import BEIJING

_Body = TypeVar("_Body", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Step:
    """One step as it was recorded; ``body`` is of the type that belongs to ``kind``."""

    no: int
    kind: str
    body: Any
    person: str
    signature: str
    recorded_at: datetime

    @property
    def title(self) -> str:
        """In words."""
        return STEP_NAMES[self.kind]

    @property
    def on(self) -> date:
        """The day in China."""
        return self.recorded_at.astimezone(BEIJING).date()


@dataclass(frozen=True)
class Round:
    """A round with all its steps. ``answers``: how many homes chose what in the questionnaire."""

    round: int
    period: int
    first_on: date
    last_on: date
    scope: str
    version: int
    scheme: Scheme
    opened_at: datetime
    steps: tuple[Step, ...]
    answers: Mapping[str, int] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Such as ``2025年第一季度``."""
        return span_name(self.period)

    @property
    def page(self) -> str:
        """Its page below ``/c/{slug}``."""
        return f"/evaluations/{self.round}"

    @property
    def stage(self) -> str:
        """One of :data:`~ledger.evaluation.value.STAGE_NAMES`."""
        return next((INTO[step.kind] for step in reversed(self.steps) if step.kind in INTO), "self")

    @property
    def stage_name(self) -> str:
        """In words."""
        return STAGE_NAMES[self.stage]

    @property
    def due_on(self) -> date | None:
        """The last day of the stage it is in; None when nothing is due any more."""
        if self.stage == "self":
            begun = max(self.last_on, self.opened_at.astimezone(BEIJING).date())
            return begun + timedelta(days=self.scheme.self_days)
        if self.stage == "scoring":
            return self.scoring_until
        if self.stage == "survey":
            return max(self.closes_on or self.last_on, self.scoring_until)
        return self.appeal_until if self.stage == "preview" else None

    @property
    def scoring_until(self) -> date:
        """The last day of those who score, the figures being there."""
        return self.one(FIGURES).on + timedelta(days=self.scheme.scoring_days)

    @property
    def results(self) -> list[Step]:
        """The steps that published a result, in the order of their versions."""
        return [step for step in self.steps if step.kind in (FINAL, CORRECTION)]

    @property
    def closes_on(self) -> date | None:
        """The last day to answer the questionnaire."""
        found = self.last(SURVEY, SurveyDays)
        return found.closes_on if found else None

    @property
    def appeal_until(self) -> date | None:
        """The last day to appeal."""
        found = self.last(PREVIEW, PreviewDays)
        return found.appeal_until if found else None

    @property
    def assessed(self) -> SelfAssessment | None:
        """What the trustee said of itself."""
        return self.last(SELF, SelfAssessment)

    @property
    def recused(self) -> frozenset[str]:
        """People who do not score here."""
        return frozenset(body.person for _, body in self.all(RECUSE, Recusal))

    @property
    def window(self) -> Window | None:
        """What was measured, without the people recused by then; None before the figures were taken."""
        found = self.last(FIGURES, Figures)
        if found is None:
            return None
        recused = self.until(self.one(FIGURES).no).recused
        return Window(self.first_on, self.last_on, found.moment, found.size, recused)

    def of(self, kind: str) -> list[Step]:
        """The steps of a kind."""
        return [step for step in self.steps if step.kind == kind]

    def all(self, kind: str, body: type[_Body]) -> Iterator[tuple[Step, _Body]]:
        """The same with their bodies."""
        for step in self.of(kind):
            yield step, body_of(step, body)

    def last(self, kind: str, body: type[_Body]) -> _Body | None:
        """The body of the newest step of a kind."""
        steps = self.of(kind)
        return body_of(steps[-1], body) if steps else None

    def one(self, kind: str) -> Step:
        """The newest step of a kind, which must be there."""
        return self.of(kind)[-1]

    def until(self, step: int) -> Self:
        """As it was right after a step."""
        return replace(self, steps=self.steps[:step])

    def with_step(self, step: Step) -> Self:
        """As it is after one more."""
        return replace(self, steps=(*self.steps, step))

    def satisfied(self) -> int:
        """Homes whose answer counts as satisfied."""
        return sum(
            self.answers.get(choice.code, 0) for choice in self.scheme.survey.choices if choice.satisfied
        )

    def sheets(self) -> dict[tuple[str, str], tuple[Step, Sheet]]:
        """The sheet in force by body and indicator; those of people with ties to the trustee do not count."""
        recused = self.recused
        return {
            (body.body, code): (step, body)
            for step, body in self.all(SHEET, Sheet)
            if step.person not in recused
            for code in body.indicators
        }


def body_of(step: Step, body: type[_Body]) -> _Body:
    """The body of a step, which is of the type that belongs to its kind. Raises TypeError if it is not."""
    if not isinstance(step.body, body):
        raise TypeError(f"step {step.no} is no {body.__name__}")
    return step.body
