"""The basis of a line (测算依据): price × quantity × times, in whole numbers, rounded once at the end.

Prices are whole 0.0001 yuan (electricity is priced so), quantities whole 0.001. The product is rounded to
the nearest fen, half a fen upwards (四舍五入到分).
"""

from __future__ import annotations

import re

from ledger.money import format_yuan

PRICE_PLACES, QUANTITY_PLACES = 4, 3
_FEN = 100_000
"""How many units of price × quantity make a fen."""
_NUMBER = re.compile(r"([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,12})(?:\.([0-9]{1,4}))?")


def amount_of(price: int, quantity: int, times: int) -> int:
    """Fen."""
    return (price * quantity * times + _FEN // 2) // _FEN


def parse_decimal(text: str, places: int) -> int:
    """A number such as ``4,500`` or ``0.6841`` as an integer of that many places. Raises ValueError."""
    match = _NUMBER.fullmatch(text.strip())
    if match is None or len(match[2] or "") > places:
        raise ValueError(f"读不懂“{text.strip()}”，请写成 4500 或 0.68 的样子，最多 {places} 位小数")
    return int(match[1].replace(",", "") + (match[2] or "").ljust(places, "0"))


def format_decimal(value: int, places: int) -> str:
    """``4500`` or ``0.6841``: without zeros at the end."""
    whole, rest = divmod(value, 10**places)
    tail = f"{rest:0{places}d}".rstrip("0")
    return f"{whole}.{tail}" if tail else str(whole)


def basis_text(price: int, quantity: int, unit: str, times: int) -> str:
    """How an amount was reckoned, and what it came to: ``4500 元 × 6 人 × 12 次 = 324,000.00 元``."""
    total = f"{format_yuan(amount_of(price, quantity, times))} 元"
    formula = formula_text(price, quantity, unit, times)
    return f"{formula} = {total}" if "×" in formula else total


def formula_text(price: int, quantity: int, unit: str, times: int) -> str:
    """How an amount is reckoned, in words: ``4500 元 × 6 人 × 12 次``."""
    parts = [f"{format_decimal(price, PRICE_PLACES)} 元"]
    if quantity != 10**QUANTITY_PLACES or unit:
        parts.append(f"{format_decimal(quantity, QUANTITY_PLACES)} {unit}".strip())
    if times != 1:
        parts.append(f"{times} 次")
    return " × ".join(parts)
