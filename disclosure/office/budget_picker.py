"""The budget lines a form offers: those in force, with what each has left."""

from __future__ import annotations

from disclosure.office.acting import Office
from ledger.budget.available import lines_in_force
from ledger.chart import FUNDS
from ledger.money import format_yuan

_LATE_MONTHS = 3
"""In the first months of a year, bills of the year before are still being booked."""


def budget_choices(office: Office) -> list[tuple[str, str]]:
    """Code and label of every line that can be named today; empty if no budget is in force."""
    today = office.act.today
    years = {today.year, today.year - 1} if today.month <= _LATE_MONTHS else {today.year}
    return [
        (line.code, f"{line.code} {line.title}（{FUNDS[line.fund].name}，还剩 {format_yuan(line.left)} 元）")
        for line in lines_in_force(office.conn, office.trust_id, today, years)
    ]
