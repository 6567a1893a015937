"""Kinds of records (``kinds.toml``) and who can make their values again."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection

Value = Mapping[str, Any]
"""Public data of a record: strings, integers, booleans, lists and mappings with ASCII keys."""
Rebuild = Callable[[Connection, int, Sequence[str]], Mapping[str, Value]]


@dataclass(frozen=True, slots=True)
class RecordKind:
    """A kind of record. ``leaf_kind`` is what its leaves say they are."""

    name: str
    title: str
    rebuild_by: str

    @property
    def leaf_kind(self) -> str:
        """``mingzhang.ballot.v1``."""
        return f"mingzhang.{self.name}.v1"

    @property
    def rebuild(self) -> Rebuild:
        """The function that makes values of this kind again from their rows."""
        module, _, function = self.rebuild_by.partition(":")
        found: Rebuild = getattr(import_module(module), function)
        return found


@cache
def record_kinds() -> Mapping[str, RecordKind]:
    """All kinds by name."""
    text = files("ledger.records").joinpath("kinds.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(text).items()
    return MappingProxyType({name: RecordKind(name, row["title"], row["rebuild"]) for name, row in rows})
