"""All controllers of the residents' area, put together in one place."""

from __future__ import annotations

from typing import Any

from litestar import Router

from disclosure.inquiries import ask
from disclosure.inquiries import mine as inquiries
from disclosure.resident import (
    budgets,
    consultation,
    fund,
    home,
    money,
    projects,
    proof,
    said,
    share,
    survey,
    votes,
)
from disclosure.resident.acting import keep_private

HANDLERS: list[Any] = [
    Router(
        "/",
        route_handlers=[
            *home.HANDLERS,
            *money.HANDLERS,
            *share.HANDLERS,
            *proof.HANDLERS,
            *fund.HANDLERS,
            *said.HANDLERS,
            *consultation.HANDLERS,
            *votes.HANDLERS,
            *survey.HANDLERS,
            *budgets.HANDLERS,
            *projects.HANDLERS,
            *ask.HANDLERS,
            *inquiries.HANDLERS,
        ],
        after_request=keep_private,
    )
]
"""All controllers of the residents' area; whatever they answer is for one person."""
