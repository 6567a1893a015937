"""Money: integer fen (0.01 yuan) inside, :class:`moneyed.Money` at the edges, never a float.

Formatting here is our own because statements format tens of thousands of amounts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from moneyed import CNY, Money

MAX_FEN = 10**13
"""An amount of 100 billion yuan or more in one line is taken for a typing error."""

_YUAN = re.compile(r"(-?)[¥￥]?(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{1,2}))?")


def from_money(money: Money) -> int:
    """Fen of a CNY amount. Raises ValueError for another currency or for parts of a fen."""
    if money.currency != CNY:
        raise ValueError(f"账簿只记人民币，不能记 {money.currency.code}")
    fen = Fraction(money.amount) * 100 if money.amount.is_finite() else Fraction(1, 2)
    if fen.denominator != 1:
        raise ValueError(f"金额 {money.amount} 不足一分的部分无法入账，请精确到分")
    return fen.numerator


def to_money(fen: int) -> Money:
    """The CNY amount of ``fen``."""
    return Money(Decimal(fen) / 100, CNY)


def parse_yuan(text: str) -> int:
    """Fen of a decimal yuan text such as ``1,234.50``, ``¥8.5`` or ``-3``. Raises ValueError."""
    match = _YUAN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"读不懂金额“{text}”，请写成 1234.56 的样子")
    sign, whole, cents = match.groups()
    fen = int(whole.replace(",", "")) * 100 + int((cents or "0").ljust(2, "0"))
    return -fen if sign else fen


def plain_yuan(fen: int) -> str:
    """``-1234.50``: for CSV and other programs."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def format_yuan(fen: int) -> str:
    """``-1,234.50``: for people."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def split_largest_remainder(total: int, weights: Sequence[int]) -> list[int]:
    """Split ``total`` fen by integer weights so that the parts add up to it exactly.

    Each part is the floor of its share; the fen left over go to the largest remainders, earlier
    weights first among equals. A negative total is split like its absolute value. Raises ValueError
    if there is no positive weight.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("分摊需要至少一个正的权重，且不能有负的权重")
    sign = -1 if total < 0 else 1
    parts, remainders = [], []
    for index, weight in enumerate(weights):
        part, remainder = divmod(abs(total) * weight, whole)
        parts.append(part)
        remainders.append((-remainder, index))
    for _, index in sorted(remainders)[: abs(total) - sum(parts)]:
        parts[index] += 1
    return [sign * part for part in parts]
