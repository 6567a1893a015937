"""All controllers of the residents' area, put together in one place."""

from __future__ import annotations

from typing import Any

from disclosure.resident import budgets, consultation, home, projects, votes

HANDLERS: list[Any] = [
    *home.HANDLERS,
    *consultation.HANDLERS,
    *votes.HANDLERS,
    *budgets.HANDLERS,
    *projects.HANDLERS,
]
"""All controllers of the residents' area."""
