"""The remuneration clause (酬金条款) of the deed as a setting's value: a fixed sum a month, or a share of
some income.

The value is ``{"text", "basis": "fixed", "monthly": fen}`` or ``{"text", "basis": "percent", "rate_e4":
hundredths of a percent, "of": "receipts" | "income"}``; a bare text is a clause that can't be reckoned.
Without one in force nothing can be accrued (信托法 35). There is no official rate, so none is preset.
:mod:`ledger.payments.remuneration` reckons by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ledger.errors import Problem, Refused
from ledger.money import format_yuan, parse_yuan

KINDS = {"fixed": "每月固定酬金", "percent": "每月按比例"}
BASES = {
    "receipts": "本月实收的物业费、停车费（含预收，扣除退款）",
    "income": "本月应收确认的物业费、停车费收入",
}
"""What a percentage is taken of."""
WHERE = "酬金条款"
WHOLE_E4 = 10_000


@dataclass(frozen=True, slots=True)
class Clause:
    """``basis`` fixed: ``monthly`` fen; percent: ``rate_e4`` (0.01 %) ``of`` some income; typed: a text only."""

    basis: str
    text: str
    monthly: int = 0
    rate_e4: int = 0
    of: str = ""

    def sentence(self) -> str:
        """The clause in words."""
        if self.basis == "typed":
            return self.text
        said = (
            f"每月固定 {format_yuan(self.monthly)} 元"
            if self.basis == "fixed"
            else f"每月按{BASES[self.of]}的 {percent_text(self.rate_e4)} 计提"
        )
        return f"{said}。{self.text}" if self.text else said

    def to_value(self) -> dict[str, Any]:
        """What is kept as the setting's value."""
        if self.basis == "fixed":
            return {"text": self.text, "basis": "fixed", "monthly": self.monthly}
        return {"text": self.text, "basis": "percent", "rate_e4": self.rate_e4, "of": self.of}


def read_clause(value: Any) -> Clause | None:
    """The clause kept as a setting's value; None if there is none."""
    if value is None:
        return None
    if isinstance(value, str):
        return Clause("typed", value)
    return Clause(
        value["basis"],
        value.get("text", ""),
        value.get("monthly", 0),
        value.get("rate_e4", 0),
        value.get("of", "receipts" if value["basis"] == "percent" else ""),
    )


def clause_from_form(typed: Mapping[str, str]) -> Clause:
    """The clause a person typed: ``kind``, ``amount`` (yuan a month), ``rate`` (8% or 0.08), ``of``,
    ``words``. Raises :class:`~ledger.errors.Refused` with all problems."""
    kind, of = typed.get("kind", ""), typed.get("of", "")
    problems: list[Problem] = []
    monthly = rate = 0
    if kind == "fixed":
        try:
            monthly = parse_yuan(typed.get("amount", ""))
        except ValueError as error:
            problems.append(Problem("bad_amount", str(error), WHERE))
        else:
            if monthly <= 0:
                problems.append(Problem("bad_amount", "固定酬金必须大于零", WHERE))
    elif kind == "percent":
        try:
            rate = parse_rate(typed.get("rate", ""))
        except ValueError as error:
            problems.append(Problem("bad_rate", str(error), WHERE))
        if of not in BASES:
            problems.append(Problem("bad_basis", "请选择按什么计算", WHERE))
    else:
        problems.append(Problem("bad_clause", f"请选择{'或'.join(KINDS.values())}", WHERE))
    if problems:
        raise Refused(problems)
    words = typed.get("words", "").strip()
    return Clause(kind, words, monthly, rate, of if kind == "percent" else "")


def parse_rate(text: str) -> int:
    """Hundredths of a percent of ``8%``, ``8.25％``, ``1/20`` or ``0.08``. Raises ValueError."""
    plain = text.strip().replace("％", "%").replace("／", "/").replace(" ", "")
    try:
        rate = Fraction(plain[:-1]) / 100 if plain.endswith("%") else Fraction(plain)
    except (ValueError, ZeroDivisionError) as error:
        raise ValueError(f"读不懂“{text}”，请写成 8% 或 0.08 的样子") from error
    if not 0 < rate < 1:
        raise ValueError(f"“{text}”应大于 0、小于 1（100%）")
    exact = rate * WHOLE_E4
    if exact.denominator != 1:
        raise ValueError(f"“{text}”请写成百分数，最多两位小数，如 8.25%")
    return exact.numerator


def percent_text(rate_e4: int) -> str:
    """``8%`` or ``8.25%``."""
    whole, part = divmod(rate_e4, 100)
    return f"{whole}.{part:02d}%".replace(".00%", "%")
