"""Money that is not the trustee's and not the fund's: deposits of households, utilities passed through."""

from ledger.deposits.holdings import Deposit, deposits, find_deposit
from ledger.deposits.move import Dock, Return, Taking, dock_work, return_work, take_work
from ledger.deposits.pass_through import Collection, UtilityBill, bill_work, collect_work, collected_until

__all__ = [
    "Collection",
    "Deposit",
    "Dock",
    "Return",
    "Taking",
    "UtilityBill",
    "bill_work",
    "collect_work",
    "collected_until",
    "deposits",
    "dock_work",
    "find_deposit",
    "return_work",
    "take_work",
]
