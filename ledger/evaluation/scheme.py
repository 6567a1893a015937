"""A scheme of the dual hundred-point evaluation (双百分制方案): plain data, checked before it is used.

Points are integers of 0.01; in files and forms they are written as decimals (``"0.5"``). Two halves of a
hundred points each, that are never added up.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

import msgspec

from ledger.errors import refuse
from ledger.evaluation.scheme_errors import reading_error

FULL = 100_00
"""What the weights of each half sum to."""
HALVES = {"service": "物业服务", "party": "党建引领"}
BODIES = {
    "system": "系统",
    "committee": "业主委员会",
    "party": "社区党组织",
    "supervisor": "监督人",
    "residents": "业主",
}
"""Who scores: ``system`` computes, ``residents`` answer the questionnaire, the others keep score sheets."""
SHEET_BODIES = ("committee", "party", "supervisor")
HOWS = {"count": "按次数扣", "percent": "按比率每 1% 扣", "shortfall": "未达目标按比例扣"}


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What costs points.

    ``how``: ``count`` loses ``each`` points a count; ``percent`` loses ``each`` for every whole per cent of a
    share; ``shortfall`` loses of the weight what the share lacks of ``target`` per cent. The count comes from a
    ``measure`` of the system, from the ``survey``, or, if neither, from the sheets of those who score.
    ``at_most`` 0: up to the weight. Without figures for a ``needed`` rule the indicator is not rated.
    """

    code: str
    title: str
    unit: str = "次"
    how: str = "count"
    each: int = 0
    at_most: int = 0
    target: int = 100
    measure: str = ""
    args: dict[str, int] = {}
    survey: bool = False
    needed: bool = True

    @property
    def by_hand(self) -> bool:
        """Whether people enter it."""
        return not (self.measure or self.survey)


class Indicator(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a half. ``weight`` in 0.01 points; ``scorers`` of :data:`BODIES`; ``evidence``: what is shown."""

    code: str
    title: str
    weight: int
    scorers: tuple[str, ...]
    evidence: tuple[str, ...]
    rules: tuple[Rule, ...]

    def rule(self, code: str) -> Rule | None:
        """The rule of a code."""
        return next((rule for rule in self.rules if rule.code == code), None)


class Veto(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What brings the grade of these ``halves`` down to the lowest at once (一票否决)."""

    code: str
    title: str
    halves: tuple[str, ...] = ("service",)


class Band(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A grade from so many points (0.01) of a hundred on."""

    grade: str
    least: int


class PayBand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From so many points (0.01) of the service half on, so many per cent of the remuneration are paid."""

    least: int
    percent: int


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An answer of the questionnaire; ``satisfied`` says whether it counts as such."""

    code: str
    title: str
    satisfied: bool


class Survey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The residents' questionnaire (问卷): one question, and how many homes must answer for it to count."""

    question: str
    least_answers: int
    choices: tuple[Choice, ...]


class Scheme(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of it. ``least_weight``: so many points of a half must be rated for it to get a grade;
    ``self_days``, ``scoring_days`` and ``appeal_days``: for the trustee's own assessment after the span, for the
    sheets after the figures, for appeals after the preview; ``bands`` from the highest grade to the lowest, which a veto gives."""

    title: str
    service: tuple[Indicator, ...]
    party: tuple[Indicator, ...]
    survey: Survey
    bands: tuple[Band, ...]
    vetoes: tuple[Veto, ...] = ()
    pay: tuple[PayBand, ...] = ()
    least_weight: int = 60_00
    self_days: int = 10
    scoring_days: int = 15
    appeal_days: int = 7

    def half(self, name: str) -> tuple[Indicator, ...]:
        """The indicators of a half."""
        return self.service if name == "service" else self.party

    def indicators(self) -> Iterator[tuple[str, Indicator]]:
        """Every indicator with its half."""
        for half in HALVES:
            for indicator in self.half(half):
                yield half, indicator

    def indicator(self, code: str) -> Indicator | None:
        """The indicator of a code."""
        return next((one for _, one in self.indicators() if one.code == code), None)

    def scored_by(self, body: str) -> list[Indicator]:
        """The indicators a body keeps sheets for: those it scores that have a rule people enter."""
        return [
            indicator
            for _, indicator in self.indicators()
            if body in indicator.scorers and any(rule.by_hand for rule in indicator.rules)
        ]

    @property
    def lowest(self) -> str:
        """The grade a veto gives."""
        return self.bands[-1].grade

    def measures(self) -> Iterator[tuple[Indicator, Rule]]:
        """What the system computes."""
        for _, indicator in self.indicators():
            for rule in indicator.rules:
                if rule.measure:
                    yield indicator, rule

    def encoded(self) -> bytes:
        """The bytes that are kept and hashed: canonical JSON."""
        return msgspec.json.encode(self, order="sorted")

    @property
    def digest(self) -> str:
        """SHA-256 of :meth:`encoded`, in hex."""
        return sha256(self.encoded()).hexdigest()


def decode_scheme(body: str | bytes) -> Scheme:
    """A scheme that was kept. Raises :class:`msgspec.MsgspecError` for what never was one."""
    return msgspec.json.decode(body, type=Scheme)


@cache
def default_scheme() -> Scheme:
    """The scheme that comes with the program; not an official one."""
    text = files("ledger.evaluation").joinpath("schemes", "default.toml").read_text(encoding="utf-8")
    return read_scheme(text)


def read_scheme(text: str) -> Scheme:
    """A scheme as TOML, points as decimals. Raises :class:`~ledger.errors.Refused` if it can't be read; what it
    says is checked by :func:`ledger.evaluation.checks.scheme_problems`."""
    try:
        return msgspec.convert(_in_hundredths(tomllib.loads(text)), Scheme)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, ValueError) as error:
        raise refuse(
            "bad_scheme", f"方案读不懂：{reading_error(error)}。请对照默认方案的写法修改", "方案"
        ) from error


POINTS = frozenset({"weight", "each", "at_most", "least", "least_weight"})
"""Fields that are points."""


def _in_hundredths(value: Any, name: str = "") -> Any:
    if isinstance(value, Mapping):
        return {key: item if key == "args" else _in_hundredths(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_in_hundredths(item, name) for item in value]
    return read_points(value) if name in POINTS else value


def read_points(value: object) -> int:
    """``"0.5"`` or ``3`` as 0.01 points. Raises ValueError for anything else: no binary fractions here."""
    text = str(value)
    whole, _, part = text.partition(".")
    if (
        isinstance(value, (bool, float))
        or not (whole + part).isdecimal()
        or not text.isascii()
        or len(part) > 2
    ):
        raise ValueError(f'分值“{value}”应写成 5 或 "0.5"，最多两位小数')
    return int(whole) * 100 + int(part.ljust(2, "0"))


def points_text(points: int) -> str:
    """``50`` as ``0.5``, ``1200`` as ``12``."""
    sign, size = ("-" if points < 0 else ""), abs(points)
    whole, part = divmod(size, 100)
    return f"{sign}{whole}.{part:02d}".rstrip("0") if part else f"{sign}{whole}"
