"""What is asked for: entries to post, bank lines they explain, or an entry to put right."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import msgspec

from ledger.journal import Draft

REVIEW, CO_SIGN, PAY = "review", "co_sign", "pay"
POSTED, SENT_BACK, WITHDRAWN = "posted", "sent_back", "withdrawn"
OPEN = (REVIEW, CO_SIGN, PAY)
"""What work can wait for, in this order."""
MOST_WORK = 2**31
"""No number of work is this high; a database can't even be asked for the ones an address may hold."""


class Link(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A bank line that draft number ``draft`` (from 0) explains, and the rule that says so."""

    draft: int
    bank_account: str
    line_key: str
    rule: str = "by-hand"


class Work(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, kw_only=True):
    """Entries to post (``drafts``), or a red-letter entry for ``reverses``, or the entry that
    ``amends`` should have been (one draft). ``on``: business date of a reversal. ``adds``: fen by which an
    amendment makes more leave each bank account than its original did; ``earlier``: fen paid or
    asked for before on the debts it pays. Both are reckoned by :func:`prepare`, whatever was handed in."""

    kind: str
    title: str
    drafts: tuple[Draft, ...] = ()
    links: tuple[Link, ...] = ()
    reverses: str = ""
    amends: str = ""
    on: date | None = None
    reason: str = ""
    adds: Mapping[str, int] = {}
    earlier: int = 0


@cache
def work_kinds() -> Mapping[str, str]:
    """Kinds of work with the titles people see."""
    text = files("ledger.work").joinpath("kinds.toml").read_text(encoding="utf-8")
    return MappingProxyType(tomllib.loads(text))
