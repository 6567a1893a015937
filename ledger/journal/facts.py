"""What the rules are told besides the draft itself: read once for a whole batch, under the trust's lock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from ledger.budget.available import Available
from ledger.trust.setup import Setup

if TYPE_CHECKING:  # it uses this package
    from ledger.resolutions.decided import Decision


@dataclass(frozen=True, slots=True)
class Facts:
    """What was read under the lock. ``closed``: last closed day by book; ``balances``: debit minus
    credit in fen of accounts that zero-balance gates ask about."""

    setup: Setup
    today: date
    closed: Mapping[str, date]
    balances: Mapping[str, int]
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    """The owners' decisions that drafts name, as far as they were carried."""
    budget: Mapping[str, Available] = field(default_factory=dict)
    """The budget lines that drafts name."""
    taken: Mapping[str, int] = field(default_factory=dict)
    """Fen that the batch took from each of them so far."""
    behind: str = ""
    """Why the remuneration owed does not agree with the evaluation; empty if it does or nobody asks."""
    internal: bool = False
    """Posted by corrections or closings, which may use events reserved to them."""
