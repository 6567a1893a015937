"""The office: where the trustee's people, the committee and the supervisors work. Each page names the
action it needs (``ledger/people/permissions.toml``); everything that moves money goes through
:mod:`ledger.work`.
"""

from __future__ import annotations

from typing import Any

from disclosure.office import home, vouchers, work

HANDLERS: list[Any] = [
    *home.HANDLERS,
    *work.HANDLERS,
    *vouchers.HANDLERS,
]
"""All controllers of the office."""
