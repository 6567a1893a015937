"""Monthly statements (月报): one stored value a version; HTML, PDF and CSV are renderings of it.

The value is built once from the ledger, cut off at the log size at which the month was closed, and covered
by a signed checkpoint. A later version appears only when the content differs; none is ever replaced.
"""

from disclosure.statements.publish import (
    PublishedStatement,
    latest_statement,
    list_statements,
    publish_statement,
    read_statement,
)
from disclosure.statements.value import MonthlyStatement

__all__ = [
    "MonthlyStatement",
    "PublishedStatement",
    "latest_statement",
    "list_statements",
    "publish_statement",
    "read_statement",
]
