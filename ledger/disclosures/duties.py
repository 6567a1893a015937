"""Duties of disclosure: what, where, when last, by when next, and how late. The system says it, not goodwill.

Deadlines are settings of the community, with plain defaults (``duties.toml``). The last day counts as in time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection

from ledger.disclosures.facts import Facts, facts_of
from ledger.disclosures.rules import (
    FIRST_DAYS,
    FIRST_SETTING,
    SPAN_KINDS,
    Rule,
    days_late,
    due_of_month,
    due_of_span,
    rules,
)
from ledger.errors import refuse

BLOCKS = tuple(rule.code for rule in rules().values() if rule.block)
"""The nine blocks of 民法典 943, in the order of the law."""


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing to be published. ``last_on`` None: never yet; ``due_on`` None: no deadline;
    ``late_days`` 0 if not late; ``page`` a path below ``/c/{slug}``."""

    code: str
    title: str
    basis: str
    last_on: date | None
    due_on: date | None
    late_days: int
    page: str

    @property
    def block(self) -> bool:
        """Whether it is one of the nine blocks of 民法典 943."""
        return self.code in BLOCKS

    @property
    def state(self) -> str:
        """``按时``, ``逾期 12 天``, ``尚未公开`` or ``尚未公开，已逾期 12 天``."""
        late = f"逾期 {self.late_days} 天" if self.late_days else ""
        if self.last_on is None:
            return f"尚未公开，已{late}" if late else "尚未公开"
        return late or "按时"


def duties(conn: Connection, trust_id: int, today: date) -> tuple[Duty, ...]:
    """All duties of one community as of a day. Raises :class:`~ledger.errors.Refused` if there is none."""
    found = duties_of(conn, [trust_id], today).get(trust_id)
    if found is None:
        raise refuse("unknown_trust", f"没有编号为 {trust_id} 的小区账套")
    return found


def duties_of(conn: Connection, trust_ids: Sequence[int], today: date) -> dict[int, tuple[Duty, ...]]:
    """The same for many communities at once; as many queries as for one."""
    found = facts_of(conn, trust_ids, today)
    return {trust_id: tuple(reckon(facts, today)) for trust_id, facts in found.items()}


def reckon(facts: Facts, today: date) -> list[Duty]:
    """Duties from what is known of one community."""
    made = []
    for rule in rules().values():
        due_on = _due_on(rule, facts)
        made.append(
            Duty(
                code=rule.code,
                title=rule.title,
                basis=rule.basis,
                last_on=facts.last.get(rule.code),
                due_on=due_on,
                late_days=days_late(due_on, today),
                page=rule.page,
            )
        )
    return made


def _due_on(rule: Rule, facts: Facts) -> date:
    days = facts.days.get(rule.setting, rule.default)
    if rule.rule == "span":
        return due_of_span(SPAN_KINDS[rule.code], facts.begun, facts.statements, days)
    if rule.rule == "month":
        return due_of_month(facts.reconciled, facts.begun, days)
    last = facts.covered if rule.rule == "covered" else facts.last.get(rule.code)
    if last is None:
        return facts.begun + timedelta(days=facts.days.get(FIRST_SETTING, FIRST_DAYS))
    return last + timedelta(days=days)
