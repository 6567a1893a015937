"""Work (单据): whatever moves money in the office, on its way through the people who must agree.

One person prepares it, another reviews it; the owners' committee co-signs what the deed asks for; a
cashier, who is neither of them, pays (会计法 35: 制单、审核、出纳 are three people). Only then are the
entries posted, all in one transaction with the last step. Steps are rows that are never changed.
"""

from ledger.work.decide import co_sign, pay, review, send_back, withdraw
from ledger.work.prepare import Prepared, prepare
from ledger.work.read import WorkFile, WorkItem, WorkStep, count_waiting, lines_in_work, list_work, read_work
from ledger.work.value import CO_SIGN, PAY, POSTED, REVIEW, SENT_BACK, WITHDRAWN, Link, Work, work_kinds

__all__ = [
    "CO_SIGN",
    "PAY",
    "POSTED",
    "REVIEW",
    "SENT_BACK",
    "WITHDRAWN",
    "Link",
    "Prepared",
    "Work",
    "WorkFile",
    "WorkItem",
    "WorkStep",
    "co_sign",
    "count_waiting",
    "lines_in_work",
    "list_work",
    "pay",
    "prepare",
    "read_work",
    "review",
    "send_back",
    "withdraw",
    "work_kinds",
]
