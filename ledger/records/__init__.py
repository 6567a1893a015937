"""What is published besides entries: votes, ballots, results, budgets, final accounts.

A record takes the next place in the trust's log, as an entry does (docs/decisions/0001), and can be proven
in the same way. It is rendered from rows of its own area, and can be made again from them.
"""

from ledger.records.kinds import RecordKind, Value, record_kinds
from ledger.records.publish import publish_record, publish_records, record_body
from ledger.records.read import places_of

__all__ = [
    "RecordKind",
    "Value",
    "places_of",
    "publish_record",
    "publish_records",
    "record_body",
    "record_kinds",
]
