"""Amounts and months as charts say them."""

from __future__ import annotations

from collections.abc import Iterable

from disclosure.public.words import yuan

_WAN = 1_000_000
"""万元 in fen."""


def exact(fen: int) -> str:
    """``¥12,345.60``."""
    return yuan(fen).text


def short(fen: int) -> str:
    """At an axis or over a column: ``12.3万``, ``8,500``; rounded, the table has the exact amount."""
    sign = "-" if fen < 0 else ""
    amount = abs(fen)
    if amount >= _WAN:
        tenths = (amount * 10 + _WAN // 2) // _WAN
        whole, rest = divmod(tenths, 10)
        return f"{sign}{whole:,}.{rest}万" if rest and whole < 1000 else f"{sign}{whole:,}万"
    return f"{sign}{(amount + 50) // 100:,}"


def percent(part: int, whole: int) -> str:
    """``31.2%`` to the nearest tenth, ``<0.1%`` if that were nothing; ``—`` of nothing."""
    if whole <= 0:
        return "—"
    tenths = (2000 * abs(part) + whole) // (2 * whole)
    if part and not tenths:
        return "<0.1%"
    return f"{'-' if part < 0 else ''}{tenths // 10}.{tenths % 10}%"


def of_hundred(part: int, whole: int) -> str:
    """``31.2元``: how much of each hundred yuan."""
    return percent(part, whole).replace("%", "元")


def month_name(period: int) -> str:
    """``2025年9月``."""
    return f"{period // 100}年{period % 100}月"


def compared(now: int, before: int, than: str) -> str:
    """``比8月多 ¥120.00``, ``比8月少 …``, ``与8月相同``."""
    if now == before:
        return f"与{than}相同"
    return f"比{than}{'多' if now > before else '少'} {exact(abs(now - before))}"


def round_top(highest: int) -> int:
    """The end of an axis: 1, 2, 3, 4, 5, 6 or 8 and zeros, at least ``highest`` and one yuan."""
    power = 100
    while True:
        for step in (1, 2, 3, 4, 5, 6, 8):
            if step * power >= highest:
                return step * power
        power *= 10


def listed(names: Iterable[str]) -> str:
    """``甲、乙和丙``."""
    *most, last = names
    return f"{'、'.join(most)}和{last}" if most else last
