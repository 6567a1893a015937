"""Which people must agree before work is posted: worked out from the entries themselves."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from ledger.events import load_events
from ledger.journal import Document, Draft
from ledger.journal.gates import applies
from ledger.trust.setup import Setup
from ledger.work.additions import CASH
from ledger.work.value import CO_SIGN, PAY, REVIEW, Work

LIMIT = "co_sign_above"
"""The setting with the deed's limit, in fen."""


def steps_needed(work: Work, setup: Setup) -> tuple[str, ...]:
    """Review always; a co-signature where :func:`co_signed_drafts` finds one due; the cashier where money leaves."""
    steps = [REVIEW]
    if co_signed_drafts(work, setup):
        steps.append(CO_SIGN)
    if pays(work):
        steps.append(PAY)
    return tuple(steps)


def co_signed_drafts(work: Work, setup: Setup) -> frozenset[int]:
    """The drafts, by place, that the committee must co-sign (双签).

    Those whose event has a gate that says so; every payment to a party with ties to the trustee; and,
    whatever the event, all payments of a work that exceed the deed's limit together, or with what was paid
    or asked for before on the same debts.
    """
    found = {no for no, draft in enumerate(work.drafts) if _gate_asks(draft, setup)}
    paying = unpaid_drafts(work)
    found |= {no for no in paying if _related(work.drafts[no], setup)}
    if paying:
        limit = setup.setting(LIMIT, max(work.drafts[no].date for no in paying))
        if limit is not None and work.earlier + sum(work.drafts[no].total for no in paying) > int(limit):
            found |= paying
    return frozenset(found)


def _gate_asks(draft: Draft, setup: Setup) -> bool:
    event = load_events().get(draft.event)
    return event is not None and any(g.name == CO_SIGN and applies(g, draft, setup) for g in event.gates)


def _related(draft: Draft, setup: Setup) -> bool:
    event = load_events().get(draft.event)
    return event is not None and any(g.when_related and applies(g, draft, setup) for g in event.gates)


def pays(work: Work) -> bool:
    """Whether a cashier has something to pay: money leaves an account and no bank line shows it yet."""
    return bool(unpaid_drafts(work))


def unpaid_drafts(work: Work) -> frozenset[int]:
    """The drafts, by place, whose money leaves a bank account on our order.

    An amendment is one if it makes more leave than the entry it corrects; then the limit is asked of the
    corrected payment as a whole, so that nobody goes past it in small additions. A reversal brings back.
    """
    if work.reverses:
        return frozenset()
    if work.amends:
        return frozenset({0} if work.adds else ())
    shown: dict[int, set[str]] = {}
    for link in work.links:
        shown.setdefault(link.draft, set()).add(link.bank_account)
    return frozenset(
        no for no, draft in enumerate(work.drafts) if _money_leaves(draft, shown.get(no, frozenset()))
    )


def _money_leaves(draft: Draft, shown: Collection[str]) -> bool:
    """Whether money leaves an account for which no bank line is linked: one account's line shows no other's."""
    event = load_events().get(draft.event)
    if event is not None and event.opening:
        return False
    return any(
        line.side == "C"
        and line.amount > 0
        and line.account.startswith(CASH[draft.book])
        and line.bank_account not in shown
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
    unpaid, co_signed = unpaid_drafts(work), co_signed_drafts(work, setup)
    drafts = []
    for place, draft in enumerate(work.drafts):
        fields: dict[str, object] = {"preparer": preparer, "reviewer": reviewer}
        references = {kind: ref for kind, ref in draft.references.items() if kind != CO_SIGN}
        if place in co_signed:
            references[CO_SIGN] = f"第{no}号单据会签"
        fields["references"] = references  # a typed co-signature is nobody's, and would be published
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
