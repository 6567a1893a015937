"""The overview of several communities for a street or community Party committee (片区总览).

Nothing joins across trusts: each trust's books give one summary, kept in one row, and the overview reads rows.
"""

from ledger.district.findings import Finding, findings_of
from ledger.district.overview import (
    Asked,
    Overview,
    districts_of,
    matching,
    overview,
    overview_rows,
    whole_districts,
)
from ledger.district.store import due_trusts, keep_summary
from ledger.district.summary import summarise
from ledger.district.value import Summary

__all__ = [
    "Asked",
    "Finding",
    "Overview",
    "Summary",
    "districts_of",
    "due_trusts",
    "findings_of",
    "keep_summary",
    "matching",
    "overview",
    "overview_rows",
    "summarise",
    "whole_districts",
]
