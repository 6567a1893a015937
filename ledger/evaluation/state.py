"""How far a round has come: what follows from its scheme and its steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import msgspec

from ledger.evaluation.scheme import SHEET_BODIES, Indicator, Rule
from ledger.evaluation.score import Found, Item, Key, Scores, score
from ledger.evaluation.steps import Round, Step, body_of
from ledger.evaluation.value import (
    APPEAL,
    CORRECTION,
    FIGURES,
    RECUSE,
    RULING,
    VETO,
    Appeal,
    Correction,
    Figures,
    Recusal,
    Ruling,
    VetoFinding,
)


@dataclass(frozen=True)
class State(Round):
    """A round with what was found in it, as rulings and corrections left it."""

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

    def _measured(self) -> dict[Key, Found | None]:
        found: dict[Key, Found | None] = {}
        if not (steps := self.of(FIGURES)):
            return found
        no, last = steps[-1].no, body_of(steps[-1], Figures)
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
