"""Fee standards and proposals put into words, for the public page, the office and residents alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from ledger.billing.items import load_items
from ledger.billing.run import use_title
from ledger.billing.standard import METHODS, Standard, short_rate
from ledger.consultation.answers import Counts, counts_of
from ledger.consultation.proposals import STAGES, Proposal, all_standards, present_standard
from ledger.resolutions.decided import Decision, decisions


@dataclass(frozen=True, slots=True)
class StandardView:
    """A version in words. ``decision``: whether ``authority`` is a decision with a page of its own."""

    item: str
    scope: str
    price: str
    since: date
    authority: str
    decision: bool
    in_force: bool


@dataclass(frozen=True, slots=True)
class ProposalView:
    """A proposal in words. ``cost``: what a m² and month cost, '' where the price is not by area."""

    proposal: Proposal
    item: str
    scope: str
    present: str
    proposed: str
    cost: str
    stage: str
    stage_name: str
    counts: Counts

    @property
    def units(self) -> Sequence[str]:
        """Homes it is for, if it names them; for the office only."""
        return self.proposal.asked.units


def price_text(one: Standard | None) -> str:
    """``1.98 元/㎡·月``, ``免收``, or that nothing is set."""
    if one is None:
        return "没有标准"
    if not one.charges:
        return METHODS[one.method]
    counted = load_items()[one.item].counted
    unit = {"area": "元/㎡·月", "fixed": "元/月", "meter": f"元/{counted}"}[one.method]
    return f"{short_rate(one.rate_e4)} {unit}"


def scope_text(one: Standard) -> str:
    """Whom it is for; homes that are named are counted only, as room numbers are nobody's business."""
    if one.scope == "units":
        return f"指定的 {len(one.units)} 套房屋"
    return use_title(one.target) if one.scope == "use" else f"{one.target} 栋"


def standard_views(conn: Connection, trust_id: int, today: date) -> list[StandardView]:
    """All versions, the newest day first, with those in force marked."""
    versions = all_standards(conn, trust_id)
    known = decisions(conn, trust_id, {one.authority for one in versions})
    return [_standard(one, versions, known, today) for one in versions]


def _standard(
    one: Standard, versions: Sequence[Standard], known: Mapping[str, Decision], today: date
) -> StandardView:
    held = present_standard(versions, one, today)
    return StandardView(
        load_items()[one.item].title,
        scope_text(one),
        price_text(one),
        one.effective_on,
        one.authority,
        one.authority in known,
        held is not None and (held.number, held.effective_on) == (one.number, one.effective_on),
    )


def proposal_views(
    conn: Connection, trust_id: int, proposals: Sequence[Proposal], today: date
) -> list[ProposalView]:
    """Proposals with their counts; a steady number of queries."""
    versions = all_standards(conn, trust_id)
    counts = counts_of(conn, trust_id, [one.proposal for one in proposals])
    return [_proposal(one, versions, counts[one.proposal], today) for one in proposals]


def _proposal(one: Proposal, versions: Sequence[Standard], counts: Counts, today: date) -> ProposalView:
    stage = one.stage(today)
    asked_on = min(today, one.asked.effective_on)
    by_area = one.asked.item == "property" and one.cost.rate_e4 is not None
    return ProposalView(
        one,
        load_items()[one.asked.item].title,
        scope_text(one.asked),
        price_text(present_standard(versions, one.asked, _before(one, asked_on))),
        price_text(one.asked),
        f"{short_rate(one.cost.rate_e4)} 元/㎡·月" if by_area and one.cost.rate_e4 is not None else "",
        stage,
        STAGES[stage],
        counts,
    )


def _before(one: Proposal, today: date) -> date:
    """The day to look up what is paid at present: once the new standard holds, the day before it."""
    notice = one.last("notice")
    if notice is not None and notice.until_day is not None and notice.until_day <= today:
        return date.fromordinal(notice.until_day.toordinal() - 1)
    return today
