"""Money households bring: receipts at the counter, their printed slips, refunds, a unit's account."""

from ledger.receipts.capital import capital_yuan
from ledger.receipts.cash import CashDeposit, cash_deposit_work, cash_in_hand
from ledger.receipts.counter import Payment, Plan, plan_payment, receipt_work
from ledger.receipts.household import arrears, list_units, unit_account
from ledger.receipts.numbering import Slip, payments_taken, print_receipt, read_slip
from ledger.receipts.refund import Refund, refund_work

__all__ = [
    "CashDeposit",
    "Payment",
    "Plan",
    "Refund",
    "Slip",
    "arrears",
    "capital_yuan",
    "cash_deposit_work",
    "cash_in_hand",
    "list_units",
    "payments_taken",
    "plan_payment",
    "print_receipt",
    "read_slip",
    "receipt_work",
    "refund_work",
    "unit_account",
]
