"""The one write path for money: post, reverse (红字), amend (订正).

An entry (凭证) is a whole with its postings (分录行); it balances within every fund, gets the next number
of its book and year and the next leaf of the trust's public log, all under the trust's lock. Nothing
else inserts entries or postings, and nothing changes them: a correction is a new entry.
"""

from ledger.journal.correct import amend, reverse
from ledger.journal.draft import Detail, Document, Draft, Line
from ledger.journal.post import Posted, post, post_many

__all__ = ["Detail", "Document", "Draft", "Line", "Posted", "amend", "post", "post_many", "reverse"]
