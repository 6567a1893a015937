"""Make the entry of a new line after the pattern of what was confirmed before."""

from __future__ import annotations

from typing import Any

from ledger.bank.desk import Desk
from ledger.bank.lessons import Outcome
from ledger.bank.lines import OpenLine
from ledger.bank.rules import (
    Decision,
    above_limit,
    bank_document,
    cash_line,
    draft_by,
    household,
    is_gated,
    vendor_payment,
)
from ledger.journal.draft import Line


def by_lesson(desk: Desk, line: OpenLine, outcome: Outcome) -> Decision | None:
    """The entry an outcome leads to for this line; None if it does not fit it (any more)."""
    if outcome.kind == "household":
        return household(desk, line, outcome.unit)
    if outcome.kind == "vendor":
        return vendor_payment(desk, line, outcome.vendor)
    if line.amount < 0 and is_gated(outcome.event) and above_limit(desk, line):
        return None
    if any((name, code) not in desk.setup.values for name, code in outcome.dims.items()):
        return None
    side = "C" if line.amount > 0 else "D"
    other = Line(outcome.account, line.fund, side, abs(line.amount), **outcome.dims)  # type: ignore[arg-type]
    own = cash_line(line)
    fields: dict[str, Any] = {
        "event": outcome.event,
        "summary": outcome.summary.replace("{month}", f"{line.on.month}月"),
        "lines": (own, other) if line.amount > 0 else (other, own),
        "documents": (bank_document(line), *outcome.documents),
        "references": dict(outcome.references),
        "counterparty": line.counterparty,
        "counterparty_public": outcome.named and bool(line.counterparty),
    }
    return Decision("learned", draft_by(desk, line, fields), (line,))
