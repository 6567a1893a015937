"""Accounting periods: what must be true before a month closes, closing it, and closing the year.

Closing a period closes all earlier days of that book for good: a late item goes to the first open day
and carries its true day as ``original_date``. The balances at that moment are kept as the snapshot
from which later questions are answered.
"""

from ledger.periods.checklist import CheckItem, checklist
from ledger.periods.close import close_period, closed_periods, next_period
from ledger.periods.requests import (
    CloseRequest,
    blocking_items,
    closing_items,
    confirm_close,
    list_requests,
    open_request,
    refuse_close,
    request_close,
    withdraw_close,
)
from ledger.periods.year import close_year_entries, closing_drafts

__all__ = [
    "CheckItem",
    "CloseRequest",
    "blocking_items",
    "checklist",
    "close_period",
    "close_year_entries",
    "closed_periods",
    "closing_drafts",
    "closing_items",
    "confirm_close",
    "list_requests",
    "next_period",
    "open_request",
    "refuse_close",
    "request_close",
    "withdraw_close",
]
