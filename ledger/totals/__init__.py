"""Totals of entries: cash as residents mean it, and sums kept so that a list over millions need not add up.

Kept sums cover the log up to a size (``list_head``) and are moved on by whoever has time; what came after
is added up when asked, so an answer is exact however far they have come. ``verify`` computes them again.

A sum is kept for every month, book and direction of each thing a list can be filtered by: everything
(``all``), an account or its parent (``account``), a vendor, contract, project, site, budget line or
resolution; each for all funds together and for every fund the entries touch.
"""

from ledger.totals.flows import (
    CASH,
    DIRECTIONS,
    FLOW_NAMES,
    Flow,
    cash_condition,
    direction_of,
    entry_flows,
    flow_rows,
    is_cash,
    overlap,
    sums,
)
from ledger.totals.keep import KINDS, keep_all, keep_totals
from ledger.totals.read import (
    Asked,
    Kept,
    KeptSums,
    after_kept,
    kept_by_book,
    kept_by_month,
    kept_share,
    kept_size,
    kept_sums,
)

__all__ = [
    "CASH",
    "DIRECTIONS",
    "FLOW_NAMES",
    "KINDS",
    "Asked",
    "Flow",
    "Kept",
    "KeptSums",
    "after_kept",
    "cash_condition",
    "direction_of",
    "entry_flows",
    "flow_rows",
    "is_cash",
    "keep_all",
    "keep_totals",
    "kept_by_book",
    "kept_by_month",
    "kept_share",
    "kept_size",
    "kept_sums",
    "overlap",
    "sums",
]
