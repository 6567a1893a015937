"""Codes of budget lines: ``2026-F1-03`` for spending, ``2026-F1-I02`` for income; the same over all versions."""

from __future__ import annotations

import re
from typing import NamedTuple

from ledger.chart import FUNDS

EXPENSE, INCOME = "E", "I"
REFERENCE = "budget_line"
"""The kind of reference by which an entry names its line."""
_PROJECTS = "F5"
BUDGET_FUNDS = tuple(
    code for code, fund in FUNDS.items() if fund.book == "A" and fund.result_account and code != _PROJECTS
)
"""Funds that have income and expense of their own.

Not the maintenance fund, which is spent by plans of use, nor the fund of projects (F5): each project has a
plan of its own, which the committee adopts on the owners' decision (:mod:`ledger.projects.plans`).
"""
SPENDING = ("5", "1601", "1801")
"""Beginnings of the accounts that use a budget up: expenses, equipment, and what is paid for years ahead."""
EARNING = ("4",)
FIRST_YEAR, LAST_YEAR = 2000, 2999
_CODE = re.compile(r"(2\d{3})-([A-Z]\d?)-(I?)(\d{2})")
_BUDGET = re.compile(r"(2\d{3})-([A-Z]\d?)")


class LineCode(NamedTuple):
    """What a code says."""

    year: int
    fund: str
    kind: str
    number: int


def parse_code(code: str) -> LineCode | None:
    """The parts of a line's code; None for something else."""
    match = _CODE.fullmatch(code)
    if match is None or match[2] not in BUDGET_FUNDS:
        return None
    return LineCode(int(match[1]), match[2], INCOME if match[3] else EXPENSE, int(match[4]))


def make_code(year: int, fund: str, kind: str, number: int) -> str:
    """The code of a line."""
    return f"{year}-{fund}-{'I' if kind == INCOME else ''}{number:02d}"


def budget_name(year: int, fund: str) -> str:
    """``2026-F1``: the address of a budget."""
    return f"{year}-{fund}"


def parse_budget_name(name: str) -> tuple[int, str] | None:
    """Year and fund of a budget's address; None for something else."""
    match = _BUDGET.fullmatch(name)
    return (int(match[1]), match[2]) if match and match[2] in BUDGET_FUNDS else None
