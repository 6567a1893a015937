"""A trust and what is known about it before the first entry: deed, chart, settings, units, parties.

In trust-type property management (信托物业) the owners' assembly is settlor, the property company is
trustee and all owners are beneficiaries. One trust has one set of books and one public log.
"""

from ledger.trust.act import Act
from ledger.trust.registry import (
    UNKNOWN_PARTY,
    BankAccount,
    Contract,
    Deed,
    Unit,
    add_bank_accounts,
    add_contracts,
    add_dimension_values,
    add_units,
    open_trust,
    record_deed,
    record_setting,
)
from ledger.trust.setup import DimensionValue, Setup, load_setup

__all__ = [
    "UNKNOWN_PARTY",
    "Act",
    "BankAccount",
    "Contract",
    "Deed",
    "DimensionValue",
    "Setup",
    "Unit",
    "add_bank_accounts",
    "add_contracts",
    "add_dimension_values",
    "add_units",
    "load_setup",
    "open_trust",
    "record_deed",
    "record_setting",
]
