"""What the joint conference consists of, as data: its four stages, the bodies in it, what tasks can be."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

CLOSED = "closed"
TASK_STATES = {"open": "办理中", "done": "已办结", "dropped": "不再办理"}


@dataclass(frozen=True, slots=True)
class Stage:
    """One of the four stages (四议); see ``stages.toml`` for the fields."""

    name: str
    title: str
    help: str
    held: str
    outcomes: Mapping[str, str]
    onward: frozenset[str]


@dataclass(frozen=True, slots=True)
class Body:
    """Who sits in the conference; the page says when a ``core`` one stayed away."""

    name: str
    title: str
    core: bool


@cache
def stages() -> Mapping[str, Stage]:
    """The stages in their order."""
    return MappingProxyType(
        {
            name: Stage(
                name,
                row["title"],
                row["help"],
                row["held"],
                MappingProxyType(row["outcomes"]),
                frozenset(row["onward"]),
            )
            for name, row in _rows("stages.toml").items()
        }
    )


@cache
def bodies() -> Mapping[str, Body]:
    """The bodies in the order they are listed."""
    rows = _rows("bodies.toml").items()
    return MappingProxyType({name: Body(name, row["title"], row["core"]) for name, row in rows})


def _rows(filename: str) -> dict[str, dict[str, Any]]:
    text = files("ledger.conference").joinpath("data", filename).read_text(encoding="utf-8")
    return tomllib.loads(text)


def stage_after(name: str) -> Stage | None:
    """The stage that follows; None after the last."""
    order = list(stages().values())
    place = [stage.name for stage in order].index(name) + 1
    return order[place] if place < len(order) else None
