"""How far a round has come: its scheme and its steps, and what follows from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, TypeVar

import msgspec

from ledger.evaluation.measures import Window
from ledger.evaluation.scheme import SHEET_BODIES, Indicator, Rule, Scheme
from ledger.evaluation.score import Found, Item, Key, Scores, score
from ledger.evaluation.value import (
    APPEAL,
    CORRECTION,
    FIGURES,
    FINAL,
    INTO,
    PREVIEW,
    RECUSE,
    RULING,
    SELF,
    SHEET,
    STAGE_NAMES,
    STEP_NAMES,
    SURVEY,
    VETO,
    Appeal,
    Correction,
    Figures,
    PreviewDays,
    Recusal,
    Ruling,
    SelfAssessment,
    Sheet,
    SurveyDays,
    VetoFinding,
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
class State:
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
            yield step, _as(step, body)

    def last(self, kind: str, body: type[_Body]) -> _Body | None:
        """The body of the newest step of a kind."""
        steps = self.of(kind)
        return _as(steps[-1], body) if steps else None

    def one(self, kind: str) -> Step:
        """The newest step of a kind, which must be there."""
        return self.of(kind)[-1]

    def until(self, step: int) -> State:
        """As it was right after a step."""
        return replace(self, steps=self.steps[:step])

    def with_step(self, step: Step) -> State:
        """As it is after one more."""
        return replace(self, steps=(*self.steps, step))

    def open_appeals(self) -> list[Step]:
        """Appeals that were not ruled on."""
        ruled = {body.appeal for _, body in self.rulings()}
        return [step for step in self.of(APPEAL) if step.no not in ruled]

    def rulings(self) -> list[tuple[Step, Ruling]]:
        """Rulings but those of people with ties to the trustee."""
        recused = self.recused
        return [(step, body) for step, body in self.all(RULING, Ruling) if step.person not in recused]

    def counts(self) -> dict[str, int]:
        """Counts that rulings and corrections put in place of others, by ref; the newest holds."""
        appeals = {step.no: body.ref for step, body in self.all(APPEAL, Appeal)}
        found = {appeals[body.appeal]: body.count for _, body in self.rulings()}
        for _, correction in self.all(CORRECTION, Correction):
            found |= correction.counts
        return found

    def all_vetoes(self) -> list[tuple[str, Step, VetoFinding]]:
        """Every veto that was found, by its ref, struck ones too; none of people with ties to the trustee."""
        recused = self.recused
        found = [
            (str(step.no), step, body)
            for step, body in self.all(VETO, VetoFinding)
            if step.person not in recused
        ]
        for step, body in self.all(CORRECTION, Correction):
            found += [(f"{step.no}.{no}", step, one) for no, one in enumerate(body.vetoes, start=1)]
        return found

    def vetoes(self) -> list[tuple[str, Step, VetoFinding]]:
        """Vetoes that stand."""
        counts = self.counts()
        return [one for one in self.all_vetoes() if counts.get(one[0], 1)]

    def findings(self) -> dict[Key, Found | None]:
        """What was found for each rule, as rulings left it."""
        counts, measured = self.counts(), self._measured()
        found: dict[Key, Found | None] = {}
        for _, indicator in self.scheme.indicators():
            for rule in indicator.rules:
                if rule.survey:
                    one = self._surveyed()
                elif rule.measure:
                    one = measured.get((indicator.code, rule.code))
                else:
                    one = self._by_hand(indicator, rule)
                found[indicator.code, rule.code] = _standing(one, counts)
        return found

    @cached_property
    def scores(self) -> Scores:
        """Both scores by what was found so far."""
        return score(self.scheme, self.findings(), [one.code for _, _, one in self.vetoes()])

    def item(self, ref: str) -> Item | None:
        """What an appeal can name, other than a veto."""
        for one in self.findings().values():
            for item in one.items if one else ():
                if item.ref and item.ref == ref:
                    return item
        return None

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

    def _measured(self) -> dict[Key, Found | None]:
        found: dict[Key, Found | None] = {}
        if not (steps := self.of(FIGURES)):
            return found
        no, last = steps[-1].no, _as(steps[-1], Figures)
        place = 0
        for one in last.found:
            items = []
            for item in one.found.items if one.found else ():
                place += 1
                items.append(msgspec.structs.replace(item, ref=f"{no}.{place}"))
            found[one.indicator, one.rule] = Found(tuple(items), one.found.whole) if one.found else None
        for _, recusal in self.all(RECUSE, Recusal):
            for one in recusal.found:
                found[one.indicator, one.rule] = _left_of(found[one.indicator, one.rule], one.found)
        return found

    def _surveyed(self) -> Found | None:
        total = sum(self.answers.values())
        if total < self.scheme.survey.least_answers:
            return None
        good = self.satisfied()
        what = f"{total} 份有效问卷，其中满意 {good} 份"
        return Found((Item(self.closes_on or self.last_on, what, good, self.page, "residents"),), total)

    def _by_hand(self, indicator: Indicator, rule: Rule) -> Found | None:
        sheets = self.sheets()
        held = [
            sheets[body, indicator.code]
            for body in SHEET_BODIES
            if body in indicator.scorers and (body, indicator.code) in sheets
        ]
        if not held:
            return None
        items, whole = [], 0
        for step, sheet in held:
            for no, line in enumerate(sheet.lines, start=1):
                if (line.indicator, line.rule) == (indicator.code, rule.code):
                    page, ref = line.page or self.page, f"{step.no}.{no}"
                    items.append(Item(line.on, line.what, line.count, page, sheet.body, line.document, ref))
                    whole += line.whole
        return Found(tuple(items), whole if rule.how != "count" else None)


def _as(step: Step, body: type[_Body]) -> _Body:
    """The body of a step, which is of the type that belongs to its kind. Raises TypeError if it is not."""
    if not isinstance(step.body, body):
        raise TypeError(f"step {step.no} is no {body.__name__}")
    return step.body


def _left_of(before: Found | None, after: Found | None) -> Found | None:
    """What is left of something found, its items under the refs they had."""
    if before is None or after is None:
        return None
    kept = [item for item in before.items if msgspec.structs.replace(item, ref="") in after.items]
    return Found(tuple(kept), after.whole)


def _standing(found: Found | None, counts: Mapping[str, int]) -> Found | None:
    if found is None or not counts:
        return found
    items = []
    for item in found.items:
        stands = counts.get(item.ref, item.count) if item.ref else item.count
        items.append(msgspec.structs.replace(item, count=stands, struck=item.count - stands))
    return Found(tuple(items), found.whole)
