"""Charges: fee standards with dates of effect, the monthly run, use of prepayments.

A monthly run is one entry and one public row; what each household owes is kept as details of its lines.
"""

from ledger.billing.charge import charge_parking, charge_property_fee, use_prepayments
from ledger.billing.standard import record_fee_standard

__all__ = ["charge_parking", "charge_property_fee", "record_fee_standard", "use_prepayments"]
