"""Agreed amounts to the fen: fixed sums, and fractions of the rest that add up to one. Pure reckoning."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import lcm

from ledger.errors import Problem
from ledger.money import format_yuan, parse_yuan, plain_yuan, split_largest_remainder
from ledger.projects.value import SOURCE_NAMES, Milestone, Plan, Portion

_FRACTION = re.compile(r"(\d{1,6})\s*/\s*(\d{1,6})|(\d{1,3}(?:\.\d{1,4})?)\s*[%％]")
_NAMED = {name: source for source, name in SOURCE_NAMES.items()}


def parse_portion(text: str) -> Portion:
    """``2/5`` or ``40%`` is a fraction, anything else yuan. Raises ValueError."""
    match = _FRACTION.fullmatch(text.strip())
    if match is None:
        fen = parse_yuan(text)
        if fen <= 0:
            raise ValueError("金额须大于零")
        return Portion(fen=fen)
    if match[1] and not int(match[2]):
        raise ValueError("分母不能是零")
    value = Fraction(int(match[1]), int(match[2])) if match[1] else Fraction(match[3]) / 100
    if not 0 < value <= 1:
        raise ValueError("比例须大于零、不超过一")
    return Portion(fraction=f"{value.numerator}/{value.denominator}")


def portion_words(portion: Portion) -> str:
    """``40%`` where that is exact, ``1/3`` where it is not, or an amount."""
    if not portion.fraction:
        return f"{format_yuan(portion.fen)} 元"
    hundredths = Fraction(portion.fraction) * 100
    return f"{hundredths.numerator}%" if hundredths.denominator == 1 else portion.fraction


def portion_problems(total: int, portions: Sequence[Portion], where: str) -> list[Problem]:
    """Why portions do not make up the total; empty if they do."""
    fixed = sum(portion.fen for portion in portions)
    fractions = [Fraction(portion.fraction) for portion in portions if portion.fraction]
    if any(not portion.fraction and portion.fen <= 0 for portion in portions):
        return [Problem("bad_portion", "每一项都要写比例（如 40%、2/5）或大于零的金额", where)]
    if fractions and sum(fractions) != 1:
        text = sum(fractions)
        return [Problem("not_whole", f"比例合计是 {text}，应正好是 1（固定金额之外的部分按比例分）", where)]
    if fixed > total or (fractions and fixed == total):
        return [
            Problem(
                "beyond_total",
                f"固定金额合计 {format_yuan(fixed)} 元，已占满或超过总额 {format_yuan(total)} 元",
                where,
            )
        ]
    if not fractions and fixed != total:
        return [
            Problem(
                "not_whole", f"各项合计 {format_yuan(fixed)} 元，与总额 {format_yuan(total)} 元不等", where
            )
        ]
    return []


def amounts(total: int, portions: Sequence[Portion]) -> list[int]:
    """What each portion is of ``total``, exactly; they must have passed :func:`portion_problems`."""
    fractions = [Fraction(portion.fraction or 0) for portion in portions]
    base = lcm(*(fraction.denominator for fraction in fractions)) if fractions else 1
    weights = [fraction.numerator * (base // fraction.denominator) for fraction in fractions]
    rest = total - sum(portion.fen for portion in portions)
    parts = split_largest_remainder(rest, weights) if rest else [0] * len(portions)
    return [portion.fen + part for portion, part in zip(portions, parts, strict=True)]


def agreed_amounts(plan: Plan) -> dict[str, int]:
    """What each source is to bear, fen."""
    parts = amounts(plan.total, [item.portion for item in plan.sources])
    return {item.source: fen for item, fen in zip(plan.sources, parts, strict=True)}


def milestone_amounts(plan: Plan) -> dict[str, int]:
    """What each milestone may cost, fen."""
    parts = amounts(plan.total, [item.portion for item in plan.milestones])
    return {item.code: fen for item, fen in zip(plan.milestones, parts, strict=True)}


def milestone_of(plan: Plan, code: str) -> Milestone | None:
    """A milestone by its code."""
    return next((item for item in plan.milestones if item.code == code), None)


def parts_text(parts: Mapping[str, int]) -> str:
    """How an entry says what a payment was taken from: ``政府补助=300000.00 业主分摊=200000.00``."""
    return " ".join(f"{SOURCE_NAMES.get(name, name)}={plain_yuan(fen)}" for name, fen in parts.items() if fen)


def read_parts(text: str) -> dict[str, int]:
    """The parts of :func:`parts_text`, sources by their ids; a name without a sum, or with less than nothing,
    counts as nothing."""
    found: dict[str, int] = {}
    for item in text.split():
        name, _, sum_ = item.partition("=")
        try:
            fen = max(parse_yuan(sum_), 0)
        except ValueError:
            fen = 0
        found[_NAMED.get(name, name)] = found.get(_NAMED.get(name, name), 0) + fen
    return found
