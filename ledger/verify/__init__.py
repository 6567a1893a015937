"""Recompute everything the books claim from what is stored, and say plainly what does not agree.

Trusts no stored figure: entry rows are rebuilt into their public leaves byte for byte, the log's tree and
every signed root are computed again from the leaves, monthly snapshots from the postings. What someone
changed behind the application's back shows up here, named by entry. What this can't see: a log rewritten
as a whole and signed again with the real key; that is what checkpoints kept by others are for
(:mod:`ledger.log.bundle`).
"""

from ledger.verify.books import verify_books
from ledger.verify.report import VerifyReport

__all__ = ["VerifyReport", "verify_books"]
