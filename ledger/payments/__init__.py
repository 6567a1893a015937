"""Money out (付款): vendors and contracts, what is owed, requests to pay.

Everything here ends in :class:`ledger.work.Work`: somebody prepares it, others agree, a cashier pays.
"""
