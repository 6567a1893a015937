"""Value-added tax inside a price. Rates are a versioned setting, never written into code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from ledger.errors import Problem, Refused, refuse
from ledger.revenue.schedule import half_up
from ledger.trust.setup import Setup

SETTING = "revenue_vat_bp"
"""1/100 % by income account, such as ``{"400304": 500, "default": 600}``; 0 where income is exempt."""
_BP = 10_000


def vat_rate(setup: Setup, account: str, on: date) -> int | None:
    """The rate in force for an account, in 1/100 %; None if none was recorded."""
    rates: Mapping[str, int] = setup.setting(SETTING, on) or {}
    rate = rates.get(account, rates.get("default"))
    return None if rate is None else int(rate)


def needed_rate(setup: Setup, account: str, on: date) -> int:
    """The same. Raises :class:`~ledger.errors.Refused` if none was recorded."""
    rate = vat_rate(setup, account, on)
    if rate is None:
        raise refuse(
            "no_vat_rate",
            f"{on} 还没有登记这类收入的增值税税率或征收率（免税请登记为 0），请先登记",
            "增值税",
        )
    return rate


def split_vat(gross: int, rate_bp: int) -> tuple[int, int]:
    """Net and tax of a price with tax, fen; together exactly the price. A refund is split like its price."""
    sign = -1 if gross < 0 else 1
    net = sign * half_up(abs(gross) * _BP, _BP + rate_bp)
    return net, gross - net


_PERCENT = re.compile(r"(\d{1,2})(?:\.(\d{1,2}))?%?")


def read_rates(typed: Mapping[str, str]) -> dict[str, int]:
    """Rates as people type them (``6``, ``1.5%``), in 1/100 %; kinds left empty follow ``default``.

    Raises :class:`~ledger.errors.Refused`.
    """
    rates, problems = {}, []
    for name, text in typed.items():
        match = _PERCENT.fullmatch(text.strip())
        if match is not None:
            rates[name] = int(match[1]) * 100 + int((match[2] or "0").ljust(2, "0"))
        elif text.strip():
            problems.append(
                Problem("bad_rate", f"读不懂税率“{text}”，请写百分数，如 6 或 1.5；免税写 0", name)
            )
    if problems:
        raise Refused(problems)
    return rates
