"""Balances of any account, dimension or fund, under two clocks.

*As of* (截至某日) asks which business day; *as known at* (当时已知) asks how much of the log had been
written. Both together answer "what did the books say on 30 June about 31 March". An answer is the
snapshot of the last month closed by then, plus the postings after it; nothing effective-dated is kept
running. What can't be answered raises :class:`~ledger.errors.Unanswerable` and is never zero.
"""

from ledger.balances.books import AccountLedger, LedgerLine, account_ledger, general_ledger
from ledger.balances.clock import Clock, resolve_clock
from ledger.balances.query import (
    Totals,
    TrialRow,
    account_totals,
    balances_by,
    dimension_totals,
    fund_totals,
    trial_balance,
)

__all__ = [
    "AccountLedger",
    "Clock",
    "LedgerLine",
    "Totals",
    "TrialRow",
    "account_ledger",
    "account_totals",
    "balances_by",
    "dimension_totals",
    "fund_totals",
    "general_ledger",
    "resolve_clock",
    "trial_balance",
]
