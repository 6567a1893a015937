"""Figures, and the plain-text table they are shown in."""

from __future__ import annotations

import json
import os
import platform
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. ``value`` and ``against`` are in ``unit``.

    ``ratio`` is how ours compares with ``against``; ``passed`` is None where nothing is aimed at.
    """

    benchmark: str
    engine: str
    what: str
    value: float | None
    unit: str
    against: float | None = None
    against_what: str = ""
    ratio: float | None = None
    target: str = ""
    passed: bool | None = None
    note: str = ""

    @property
    def verdict(self) -> str:
        """``pass``, ``FAIL``, or nothing where nothing is aimed at."""
        return {True: "pass", False: "FAIL", None: ""}[self.passed]


def skipped(benchmark: str, engine: str, why: str) -> Figure:
    """A line saying that something was not measured, and why."""
    return Figure(benchmark, engine, f"not measured: {why}", None, "")


def per_second(count: int, seconds: Sequence[float]) -> float:
    """The median speed of rounds of ``count`` each."""
    return count / median(seconds)


def median_ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """How many times their speed ours is, round by round, in the middle; arguments are seconds."""
    return median(their / our for our, their in zip(ours, theirs, strict=True))


def milliseconds(times: Sequence[float]) -> float:
    """The median of times in seconds, in ms."""
    return median(times) * 1000


HEADER = ("benchmark", "engine", "what", "figure", "limit or peer", "ratio", "target", "", "note")


def table(figures: Iterable[Figure]) -> str:
    """All figures, aligned."""
    rows = [HEADER, *(_cells(figure) for figure in figures)]
    widths = [max(_width(row[column]) for row in rows) for column in range(len(HEADER))]
    rows.insert(1, tuple("-" * width for width in widths))
    return "\n".join(
        "  ".join(cell + " " * (w - _width(cell)) for cell, w in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def save(figures: Iterable[Figure], path: Path) -> None:
    """The same as JSON, with the machine they were measured on."""
    found = {"machine": machine(), "figures": [asdict(figure) for figure in figures]}
    path.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def machine() -> str:
    """Cores, system and Python, and how busy the machine is now."""
    busy = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores, {platform.platform()}, Python {platform.python_version()}, load {busy:.1f}"
    )


def _cells(figure: Figure) -> tuple[str, ...]:
    against = f"{_number(figure.against)} {figure.unit}" if figure.against is not None else ""
    return (
        figure.benchmark,
        figure.engine,
        figure.what,
        f"{_number(figure.value)} {figure.unit}" if figure.value is not None else "",
        f"{against} {figure.against_what}".strip(),
        f"{figure.ratio:.2f}" if figure.ratio is not None else "",
        figure.target,
        figure.verdict,
        figure.note,
    )


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
