"""Who bears how much of a use, and who has too little for it. Pure reckoning in fen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ledger.errors import refuse
from ledger.maintenance.scope import Home
from ledger.money import format_yuan, split_largest_remainder

Shortfall = Literal["refuse", "advance", "spread"]
SHORTFALL_NAMES: dict[str, str] = {
    "refuse": "不足的先由业主补交，补足前不动用",
    "advance": "先行使用，不足部分记为该户欠交（户分账为负），由业主续交",
    "spread": "不足部分由同一范围内其他户按面积分担",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A unit's part: ``due`` by area alone, ``share`` what its sub-account bears, out of ``balance``."""

    unit: str
    area: int
    due: int
    share: int
    balance: int

    @property
    def short(self) -> int:
        """What the owner would have to pay in before the part by area is covered."""
        return max(0, self.due - max(0, self.balance))


def apportion(
    homes: Sequence[Home], balances: Mapping[str, int], fen: int, shortfall: Shortfall
) -> list[Part]:
    """Parts by area to the fen, largest remainder; together exactly ``fen``.

    ``spread`` lets a unit bear no more than it has and the others of the scope the rest, by area again.
    Raises :class:`~ledger.errors.Refused` if they do not have enough between them.
    """
    due = dict(
        zip((h.unit for h in homes), split_largest_remainder(fen, [h.area for h in homes]), strict=True)
    )
    shares = _spread(homes, balances, fen) if shortfall == "spread" else due
    return [Part(h.unit, h.area, due[h.unit], shares[h.unit], balances.get(h.unit, 0)) for h in homes]


def _spread(homes: Sequence[Home], balances: Mapping[str, int], fen: int) -> dict[str, int]:
    """Round after round, whoever has less than the part bears all it has, the others share what is left."""
    have = {home.unit: max(0, balances.get(home.unit, 0)) for home in homes}
    if sum(have.values()) < fen:
        raise refuse(
            "fund_too_small",
            f"范围内各户分账合计只有 {format_yuan(sum(have.values()))} 元，不够支付 {format_yuan(fen)} 元，请先续交",
            "金额",
        )
    shares: dict[str, int] = {}
    able, left = list(homes), fen
    while True:
        parts = split_largest_remainder(left, [home.area for home in able])
        poor = {h.unit for h, part in zip(able, parts, strict=True) if part > have[h.unit]}
        if not poor:
            return shares | {h.unit: part for h, part in zip(able, parts, strict=True)}
        shares |= {unit: have[unit] for unit in poor}
        left -= sum(have[unit] for unit in poor)
        able = [home for home in able if home.unit not in poor]
