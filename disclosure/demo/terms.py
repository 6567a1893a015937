"""What the demo community's long-lived agreements say: revenue schedules, first contributions to the fund."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from disclosure.demo.community import RESOLUTIONS, REVENUE
from ledger.maintenance.low import record_initial_by_rate
from ledger.people import Actor
from ledger.revenue.contracts import NewTerms, record_terms
from ledger.revenue.schedule import Plan
from ledger.trust import Act, load_setup

_YEARS = 3
_FIRST_CONTRIBUTION = 80_00
"""Fen per m²: what homes paid into the maintenance fund when they were handed over."""


def agree(conn: Connection, trust_id: int, preparer: Actor, act: Act) -> None:
    """Record the terms of the advertising and locker contracts, and the first contributions."""
    first = act.today
    last = date.fromordinal(date(first.year + _YEARS, first.month, 1).toordinal() - 1)
    plans = {
        "ads": ("400301", Plan("prepaid", first, last, 12, 30, amount=108_000_00)),
        "lockers": ("400303", Plan("accrue", first, last, 1, 15, amount=2_400_00)),
    }
    for name, (account, plan) in plans.items():
        contract, title, _, party, _, site = REVENUE[name]
        new = NewTerms(contract, title, party, site, account, RESOLUTIONS["revenue"], plan)
        record_terms(conn, load_setup(conn, trust_id), new, preparer, act)
    record_initial_by_rate(
        conn, trust_id, _FIRST_CONTRIBUTION, ("home",), "首期交存标准（演示）", preparer, act
    )
