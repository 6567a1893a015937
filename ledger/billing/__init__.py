"""Charges: fee standards with dates of effect, the monthly run, waivers, use of prepayments.

A monthly run is one entry and one public row; what each household owes is kept as details of its lines.
What is still owed, month by month, is worked out from the entries.
"""

from ledger.billing.charge import charge_parking, charge_property_fee, use_prepayments
from ledger.billing.open_items import OpenItem, open_items
from ledger.billing.prepaid import prepayment_work
from ledger.billing.run import Preview, charge_work, preview_run
from ledger.billing.shared import SharedBill, shared_utility_work
from ledger.billing.standard import Standard, list_standards, record_fee_standard, record_standard
from ledger.billing.waive import Waiver, waiver_work

__all__ = [
    "OpenItem",
    "Preview",
    "SharedBill",
    "Standard",
    "Waiver",
    "charge_parking",
    "charge_property_fee",
    "charge_work",
    "list_standards",
    "open_items",
    "prepayment_work",
    "preview_run",
    "record_fee_standard",
    "record_standard",
    "shared_utility_work",
    "use_prepayments",
    "waiver_work",
]
