"""A trust and what is known about it before the first entry: deed, chart, settings, units, parties.

In trust-type property management (信托物业) the owners' assembly is settlor, the property company is
trustee and all owners are beneficiaries. One trust has one set of books and one public log.
"""

from ledger.trust.accounts import BankAccount, add_bank_accounts
from ledger.trust.act import Act
from ledger.trust.contracts import Contract, add_contracts
from ledger.trust.deeds import Deed, record_deed
from ledger.trust.dimensions import add_dimension_values
from ledger.trust.opening import UNKNOWN_PARTY, open_trust
from ledger.trust.settings import record_setting
from ledger.trust.setup import DimensionValue, Setup, load_setup
from ledger.trust.units import Unit, add_units

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
