"""From a scheme and what was found to the two scores: pure arithmetic, exact, nothing merged.

A loss never exceeds the weight of its indicator; without figures there is neither full marks nor nought but
no rating (未评). The order in which something was found does not matter.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from fractions import Fraction

import msgspec

from ledger.evaluation.scheme import FULL, HALVES, Indicator, Rule, Scheme

Key = tuple[str, str]
"""An indicator's code and a rule's."""


class Item(msgspec.Struct, frozen=True, order=True):
    """One thing that was found: the day, what, how often, and the page below ``/c/{slug}`` that shows it.

    ``by``: the body that found it; ``document``: SHA-256 of the evidence, '' if none; ``ref`` names it in
    appeals; ``struck``: what a ruling took off the count.
    """

    on: date
    what: str
    count: int
    page: str
    by: str = "system"
    document: str = ""
    ref: str = ""
    struck: int = 0


class Found(msgspec.Struct, frozen=True):
    """What was found for one rule. ``whole``: what the counts are a share of; None for a mere count."""

    items: tuple[Item, ...] = ()
    whole: int | None = None

    @property
    def part(self) -> int:
        """All counts together."""
        return sum(item.count for item in self.items)


class RuleScore(msgspec.Struct, frozen=True):
    """A rule and what it cost. ``rated`` false: no figures. ``lost`` before the limit of the indicator."""

    rule: Rule
    rated: bool
    lost: int
    found: Found


class IndicatorScore(msgspec.Struct, frozen=True):
    """An indicator. ``points`` None: not rated (未评). ``lost``: weight less points."""

    indicator: Indicator
    points: int | None
    lost: int
    rules: tuple[RuleScore, ...]


class HalfScore(msgspec.Struct, frozen=True):
    """A half: ``points`` of the ``possible`` that were rated; ``grade`` '' if too little was; ``vetoes``:
    codes of what brought the grade down."""

    name: str
    points: int
    possible: int
    grade: str
    vetoes: tuple[str, ...]
    indicators: tuple[IndicatorScore, ...]

    @property
    def title(self) -> str:
        """What people call it."""
        return HALVES[self.name]

    @property
    def unrated(self) -> int:
        """Points that nobody could rate."""
        return FULL - self.possible

    @property
    def lost(self) -> int:
        """Points lost of those that were rated."""
        return self.possible - self.points


class Scores(msgspec.Struct, frozen=True):
    """The two halves side by side (并列). There is no total of both, on purpose."""

    service: HalfScore
    party: HalfScore

    def half(self, name: str) -> HalfScore:
        """One of them."""
        return self.service if name == "service" else self.party


def score(scheme: Scheme, findings: Mapping[Key, Found | None], vetoes: Collection[str] = ()) -> Scores:
    """Both scores. ``findings`` by indicator and rule, None or missing where there are no figures; ``vetoes``:
    codes that were established."""
    return Scores(
        _half(scheme, "service", findings, vetoes),
        _half(scheme, "party", findings, vetoes),
    )


def _half(
    scheme: Scheme, name: str, findings: Mapping[Key, Found | None], vetoes: Collection[str]
) -> HalfScore:
    indicators = tuple(_indicator(one, findings) for one in scheme.half(name))
    rated = [one for one in indicators if one.points is not None]
    points = sum(one.points or 0 for one in rated)
    possible = sum(one.indicator.weight for one in rated)
    struck = tuple(veto.code for veto in scheme.vetoes if name in veto.halves and veto.code in vetoes)
    return HalfScore(
        name, points, possible, grade_of(scheme, points, possible, bool(struck)), struck, indicators
    )


def grade_of(scheme: Scheme, points: int, possible: int, struck: bool) -> str:
    """The grade of so many points out of those that were rated; '' if too few were. A veto needs no points."""
    if struck:
        return scheme.lowest
    if possible < max(scheme.least_weight, 1):
        return ""
    return next(
        (band.grade for band in scheme.bands if points * FULL >= band.least * possible), scheme.lowest
    )


def _indicator(indicator: Indicator, findings: Mapping[Key, Found | None]) -> IndicatorScore:
    rules = tuple(
        _rule(indicator, rule, findings.get((indicator.code, rule.code))) for rule in indicator.rules
    )
    rated = all(one.rated for one in rules if one.rule.needed) and any(one.rated for one in rules)
    if not rated:
        return IndicatorScore(indicator, None, 0, rules)
    lost = min(indicator.weight, sum(one.lost for one in rules))
    return IndicatorScore(indicator, indicator.weight - lost, lost, rules)


def _rule(indicator: Indicator, rule: Rule, found: Found | None) -> RuleScore:
    if found is None:
        return RuleScore(rule, False, 0, Found())
    found = Found(tuple(sorted(found.items)), found.whole)
    if rule.how != "count" and not found.whole:
        return RuleScore(rule, False, 0, found)
    return RuleScore(rule, True, min(_lost(indicator, rule, found), rule.at_most or indicator.weight), found)


def _lost(indicator: Indicator, rule: Rule, found: Found) -> int:
    if rule.how == "count":
        return rule.each * found.part
    share = min(Fraction(1), Fraction(found.part, found.whole or 1))
    if rule.how == "percent":
        return rule.each * (share * 100).__floor__()
    target = Fraction(rule.target, 100)
    lacking = max(Fraction(0), target - share) / target
    return _rounded(indicator.weight * lacking)


def _rounded(value: Fraction) -> int:
    """To the nearest hundredth of a point, halves upwards."""
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)
