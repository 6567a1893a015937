"""Words of the scheme editor."""

from __future__ import annotations

from collections.abc import Mapping

ARG_TITLES: Mapping[str, str] = {
    "least": "最少几份评价",
    "months": "几个月一次",
    "days": "超过几天",
}
"""Parameters that a rule may set for its measure."""
