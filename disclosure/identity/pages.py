"""All controllers of log-in and accounts."""

from __future__ import annotations

from typing import Any

from disclosure.identity import account, audit_page, invite, letters, login, office_people

HANDLERS: list[Any] = [
    *login.HANDLERS,
    *account.HANDLERS,
    *invite.HANDLERS,
    *office_people.HANDLERS,
    *letters.HANDLERS,
    *audit_page.HANDLERS,
]
