"""What the owner of a home may know of that home and of nobody else's: its account, where its money went, and
the proof that its part is in a published total. Nothing here is ever public.
"""

from ledger.homes.account import Account, Line, Payment, account_of
from ledger.homes.opening import Opening, open_entry
from ledger.homes.scope import Home, homes_of
from ledger.homes.share import Share, where_it_went

__all__ = [
    "Account",
    "Home",
    "Line",
    "Opening",
    "Payment",
    "Share",
    "account_of",
    "homes_of",
    "open_entry",
    "where_it_went",
]
