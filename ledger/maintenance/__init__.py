"""The maintenance fund (住宅专项维修资金, book M): not the trustee's, not the owners' in common, but each
unit's own sub-account. It stays with the unit when the home is sold. Book M is kept on a cash basis.
"""

from ledger.maintenance.apportion import SHORTFALL_NAMES, Part, apportion
from ledger.maintenance.plans import Plan, list_plans, read_plan, record_plan
from ledger.maintenance.scope import Scope
from ledger.maintenance.subaccounts import (
    SubAccount,
    fund_position,
    list_subaccounts,
    subaccount_balances,
    unit_statement,
)
from ledger.maintenance.use import Use, preview_use, use_work

__all__ = [
    "SHORTFALL_NAMES",
    "Part",
    "Plan",
    "Scope",
    "SubAccount",
    "Use",
    "apportion",
    "fund_position",
    "list_plans",
    "list_subaccounts",
    "preview_use",
    "read_plan",
    "record_plan",
    "subaccount_balances",
    "unit_statement",
    "use_work",
]
