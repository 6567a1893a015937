"""Registers of evidence (台账) for the evaluation, and inspections on the spot (现场检查).

Nothing here is about a person: the registers hold organisations, counts, dates and papers, never who is a Party
member, who needs care or who volunteered.
"""

from ledger.registers.inspecting import Check, Fix, Visit, inspect, settle_point
from ledger.registers.inspections import (
    Inspection,
    OpenPoint,
    list_inspections,
    open_points,
    read_inspection,
)
from ledger.registers.keeping import keep_row, strike_row
from ledger.registers.read import Row, rows_of
from ledger.registers.value import (
    REGISTERS,
    Activity,
    Checklist,
    Equipment,
    Institution,
    Paper,
    Plan,
    Point,
    Posts,
    Safeguard,
    Sync,
)

__all__ = [
    "REGISTERS",
    "Activity",
    "Check",
    "Checklist",
    "Equipment",
    "Fix",
    "Inspection",
    "Institution",
    "OpenPoint",
    "Paper",
    "Plan",
    "Point",
    "Posts",
    "Row",
    "Safeguard",
    "Sync",
    "Visit",
    "inspect",
    "keep_row",
    "list_inspections",
    "open_points",
    "read_inspection",
    "rows_of",
    "settle_point",
    "strike_row",
]
