"""Accounts as residents call them."""

from __future__ import annotations

_PROPERTY_FEE = "4001"
_PREFIX = "公共收益-"
_PLAIN = {"4902": "从其他资金转入", "5902": "转给其他资金"}


def plain_name(account: str, name: str) -> str:
    """The kinds of property fee are one thing to people; where money is moved to is said plainly."""
    if account.startswith(_PROPERTY_FEE):
        return "物业费收入"
    return _PLAIN.get(account) or name.removeprefix(_PREFIX)
