"""Which people must agree before work is posted: worked out from the entries themselves."""

from __future__ import annotations

import msgspec

from ledger.events import load_events
from ledger.journal import Document, Draft
from ledger.journal.rules import applies
from ledger.trust.setup import Setup
from ledger.work.value import CO_SIGN, PAY, REVIEW, Work

_CASH = {"A": ("1002",), "M": ("1001",)}


def steps_needed(work: Work, setup: Setup) -> tuple[str, ...]:
    """Review always; a co-signature where an event's gate asks for one; the cashier where money leaves."""
    steps = [REVIEW]
    if any(needs_co_sign(draft, setup) for draft in work.drafts):
        steps.append(CO_SIGN)
    if pays(work):
        steps.append(PAY)
    return tuple(steps)


def needs_co_sign(draft: Draft, setup: Setup) -> bool:
    """Whether the committee must co-sign (双签): the deed's limit, or another gate of this name."""
    event = load_events().get(draft.event)
    return event is not None and any(g.name == CO_SIGN and applies(g, draft, setup) for g in event.gates)


def pays(work: Work) -> bool:
    """Whether a cashier has something to pay: money leaves an account and no bank line shows it yet."""
    return bool(unpaid_drafts(work))


def unpaid_drafts(work: Work) -> frozenset[int]:
    """The drafts, by place, whose money leaves a bank account on our order."""
    if work.reverses or work.amends:
        return frozenset()
    shown = {link.draft for link in work.links}
    return frozenset(no for no, draft in enumerate(work.drafts) if no not in shown and _money_leaves(draft))


def _money_leaves(draft: Draft) -> bool:
    event = load_events().get(draft.event)
    if event is not None and event.opening:
        return False
    return any(
        line.side == "C" and line.amount > 0 and line.account.startswith(_CASH[draft.book])
        for line in draft.lines
    )


def completed(
    work: Work,
    no: int,
    setup: Setup,
    *,
    preparer: str,
    reviewer: str,
    on: object = None,
    bank_number: str = "",
) -> tuple[Draft, ...]:
    """The drafts as they will be posted: with names, the co-signature, and the papers of a payment.

    The cashier's bank receipt and the payment order are the source documents of what was paid;
    ``on``, the day it was paid, is its business date.
    """
    unpaid = unpaid_drafts(work)
    drafts = []
    for place, draft in enumerate(work.drafts):
        fields: dict[str, object] = {"preparer": preparer, "reviewer": reviewer}
        if needs_co_sign(draft, setup):
            fields["references"] = {**draft.references, CO_SIGN: f"第{no}号单据会签"}
        if place in unpaid:
            fields["documents"] = (
                *draft.documents,
                Document("payment_order", f"第{no}号付款单"),
                Document("bank_line", "银行付款回单", number=bank_number),
            )
            if on is not None:
                fields["date"] = on
        drafts.append(msgspec.structs.replace(draft, **fields))
    return tuple(drafts)
