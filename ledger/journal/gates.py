"""What an event must show before it is accepted (前置条件): the gates of ``ledger/events/data/gates.toml``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ledger.budget.available import governed, line_problems
from ledger.errors import Problem
from ledger.events import Event, Gate
from ledger.journal.draft import Draft
from ledger.journal.facts import Facts
from ledger.trust.setup import Setup


def gates_are_met(draft: Draft, event: Event, facts: Facts) -> Iterator[Problem]:
    """The event's preconditions; see ``ledger/events/data/gates.toml``."""
    for gate in event.gates:
        if not applies(gate, draft, facts.setup):
            continue
        if not _met(gate, draft, facts):
            yield Problem(f"gate_{gate.name}", f"{gate.message}（依据：{gate.basis}）", "前置条件")
        elif gate.kind == "resolution":
            yield from _undecided(gate, draft, facts)
        elif gate.kind == "as_evaluated" and facts.behind:
            yield Problem(f"gate_{gate.name}", f"{facts.behind}（依据：{gate.basis}）", "前置条件")
        elif gate.kind == "budget_line":
            yield from line_problems(draft, facts.budget, facts.taken)


def applies(gate: Gate, draft: Draft, setup: Setup) -> bool:
    """Whether a gate of the draft's event asks for anything, given amounts, parties, settings and budgets."""
    if gate.kind == "budget_line" and _budgeted(gate, draft, setup):
        return True
    if gate.when and not setup.setting(gate.when, draft.date):
        return False
    if gate.above:
        limit = setup.setting(gate.above, draft.date)
        return limit is not None and draft.total > int(limit)
    if gate.when_related:
        named = [(name, code) for line in draft.lines for name, code in line.dimensions().items()]
        return any(_related(setup, key, draft.date) for key in named)
    return True


def _budgeted(gate: Gate, draft: Draft, setup: Setup) -> bool:
    """Whether a budget in force rules a fund of the draft, or a line is named anyway."""
    named = bool(draft.references.get(gate.subject, "").strip())
    return named or any(governed(setup, line.fund, draft.date) for line in draft.lines)


def _related(setup: Setup, key: tuple[str, str], on: date) -> bool:
    """Whether somebody is tied to the trustee on a day: as last recorded, or as first registered."""
    recorded = setup.setting(f"related:{key[0]}:{key[1]}", on)
    value = setup.values.get(key)
    return bool(recorded) if recorded is not None else value is not None and value.related


def _met(gate: Gate, draft: Draft, facts: Facts) -> bool:
    if sum(item.kind == gate.paper for item in draft.documents) < gate.at_least:
        return False
    if gate.kind in ("reference", "resolution", "budget_line"):
        return bool(draft.references.get(gate.subject, "").strip())
    if gate.kind == "setting":
        return facts.setup.setting(gate.subject, draft.date) is not None
    if gate.kind == "zero_balance":
        return facts.balances[gate.subject] == 0
    if gate.kind == "as_evaluated":  # what is behind says more than the gate: see above
        return True
    raise ValueError(f"gate {gate.name} has unknown kind {gate.kind}")


def _undecided(gate: Gate, draft: Draft, facts: Facts) -> Iterator[Problem]:
    """Why the decision that is named does not carry the entry."""
    from ledger.resolutions.decided import decision_problems  # it uses this package

    number = draft.references[gate.subject].strip()
    yield from decision_problems(number, facts.decisions.get(number), gate.matters, draft.date)
