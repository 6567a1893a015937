"""Published statements as the ledger knows them: versions in the log, deadlines, and what was done with them.

Publishing (公开) and reporting (报告, 民法典 943 and 信托法 33) are separate acts, each recorded: a statement
that is on the website has not been put up on the notice board, nor handed to the owners' committee, by that.
How a statement looks and what is in it is a matter of ``disclosure.statements``.
"""

from ledger.statements.acts import (
    StatementAct,
    confirm_report,
    list_acts,
    record_posting,
    record_report,
    withdraw_act,
)
from ledger.statements.due import SpanDue, statements_due
from ledger.statements.stored import StatementVersion, list_versions, statement_values

__all__ = [
    "SpanDue",
    "StatementAct",
    "StatementVersion",
    "confirm_report",
    "list_acts",
    "list_versions",
    "record_posting",
    "record_report",
    "statement_values",
    "statements_due",
    "withdraw_act",
]
