"""Shared revenue (公共收益, fund F2): what the owners' common parts earn.

A contract's terms make a schedule of what falls due when, so that income that did not come in shows.
Income belongs to the owners after reasonable cost (民法典 282), and moves on by their resolution only.
"""

from ledger.revenue.contracts import NewTerms, Terms, list_terms, read_terms, record_terms
from ledger.revenue.due import DueLine, due_list
from ledger.revenue.schedule import DueRow, make_schedule, month_parts

__all__ = [
    "DueLine",
    "DueRow",
    "NewTerms",
    "Terms",
    "due_list",
    "list_terms",
    "make_schedule",
    "month_parts",
    "read_terms",
    "record_terms",
]
