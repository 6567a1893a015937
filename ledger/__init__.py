"""The books: trusts, funds, entries, periods and the public log.

Knows nothing of HTTP, HTML or PDF. Every feature is a folder; start with
:mod:`ledger.journal`, the one write path for money, and :mod:`ledger.log`, which makes
what was written impossible to change unnoticed.
"""
