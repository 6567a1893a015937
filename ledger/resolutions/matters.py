"""What the owners decide together and what it takes (民法典 278): ``data/matters.toml``, in exact integers.

"At least" (以上) counts the number itself (民法典 1259); "more than half" (过半数) does not. Every threshold
has to be met by area and by headcount separately.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal, NamedTuple

AgreeKind = Literal["more_than", "at_least"]
_WORDS = {(1, 2): "二分之一", (2, 3): "三分之二", (3, 4): "四分之三", (4, 5): "五分之四"}


class Amount(NamedTuple):
    """How much of the owners: ``area`` in 0.01 m², ``people`` as heads."""

    area: int = 0
    people: int = 0

    def plus(self, other: Amount) -> Amount:
        """Both together."""
        return Amount(self.area + other.area, self.people + other.people)


class Met(NamedTuple):
    """Whether a threshold is met, by area and by headcount."""

    by_area: bool
    by_people: bool

    @property
    def both(self) -> bool:
        """As the law asks."""
        return self.by_area and self.by_people


@dataclass(frozen=True, slots=True)
class Threshold:
    """A part of a whole, met exactly or not at all; no rounding is involved."""

    numerator: int
    denominator: int
    more_than: bool = False
    """Whether the part itself is not enough (过半数)."""

    def met(self, part: int, whole: int) -> bool:
        """Compare ``part / whole`` with the threshold in integers."""
        left, right = part * self.denominator, whole * self.numerator
        return left > right if self.more_than else left >= right

    def of(self, part: Amount, whole: Amount) -> Met:
        """The same by area and by headcount."""
        return Met(self.met(part.area, whole.area), self.met(part.people, whole.people))

    @property
    def words(self) -> str:
        """``过半数``, ``四分之三以上``."""
        if self.more_than and (self.numerator, self.denominator) == (1, 2):
            return "过半数"
        words = _WORDS.get((self.numerator, self.denominator), f"{self.numerator}/{self.denominator}")
        return f"超过{words}" if self.more_than else f"{words}以上"


@dataclass(frozen=True, slots=True)
class Matter:
    """One of the matters; ``item`` is its number in 民法典 278."""

    name: str
    title: str
    item: int
    participate: Threshold
    agree: Threshold
    filing_days: int
    basis: str

    @property
    def needs(self) -> str:
        """What it takes, in words."""
        return (
            f"须专有部分面积占比{self.participate.words}且人数占比{self.participate.words}的业主参与表决，"
            f"并经参与表决面积{self.agree.words}且参与表决人数{self.agree.words}的业主同意"
        )


@cache
def matters() -> Mapping[str, Matter]:
    """All matters by name, in the order of the law."""
    text = files("ledger.resolutions").joinpath("data/matters.toml").read_text(encoding="utf-8")
    found = {}
    for name, row in tomllib.loads(text).items():
        found[name] = Matter(
            name=name,
            title=row["title"],
            item=row["item"],
            participate=_threshold(row["participate"], "at_least"),
            agree=_threshold(row["agree"], row["agree_kind"]),
            filing_days=row["filing_days"],
            basis=row["basis"],
        )
    return MappingProxyType(found)


def _threshold(part: list[int], kind: AgreeKind) -> Threshold:
    return Threshold(part[0], part[1], kind == "more_than")


def matter_title(name: str) -> str:
    """Its title, or the name itself for one that was given up since."""
    known = matters().get(name)
    return known.title if known else name
