"""Statements of a month (月报), quarter (季度公示) and year (年度报告): one stored value a version.

The value is built once from the ledger, cut off at a log size and covered by a signed checkpoint; HTML, PDF,
CSV and JSON are renderings of it. A later version appears only when the content differs, says what is
different, and never replaces the one before. Each version is a leaf of the log.
"""

from disclosure.statements.publish import (
    PublishedStatement,
    latest_statement,
    list_statements,
    publish_statement,
    read_statement,
)
from disclosure.statements.value import Statement

__all__ = [
    "PublishedStatement",
    "Statement",
    "latest_statement",
    "list_statements",
    "publish_statement",
    "read_statement",
]
