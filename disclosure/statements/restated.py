"""Figures of a closed span that entries posted later have corrected.

A closed month stays as it is: the correction is booked on the day it is made. What was published then is
nevertheless wrong, so a corrected version states, beside the booked figures, what they come to with the
corrections of the span's own entries.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, select, union_all

from disclosure.public.flows import Flow, entry_flows
from disclosure.public.words import CORRECTIONS, fund_name
from disclosure.statements.effects import Part, label, line_effects
from disclosure.statements.figures import Figure, figures
from disclosure.statements.scope import Scope
from disclosure.statements.sums import CASH
from disclosure.statements.value import Restated, Statement
from disclosure.statements.words import CASH_COLUMNS
from ledger.budget.codes import REFERENCE
from ledger.journal.public_view import entry_ref
from ledger.periods.spans import Span
from ledger.store.tables import entry, entry_reference, posting

_CASH_TITLES = dict(CASH_COLUMNS)


@dataclass(slots=True)
class _Effect:
    """What corrections add to a figure, and which."""

    label: str = ""
    fen: int = 0
    refs: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Correction:
    """A correction: its place in the log, its day, and the day of the entry that was wrong first."""

    seq: int
    on: date
    wrong_on: date

    def concerns(self, span: Span) -> bool:
        """Whether it came after a span and is about an entry of it."""
        return self.on > span.last and span.first <= self.wrong_on <= span.last


def all_corrections(conn: Connection, trust_id: int, known: int) -> list[Correction]:
    """Every correction among the first ``known`` leaves of the log, in its order; one query."""
    target = entry.alias("target")
    parts = [
        select(entry.c.seq, entry.c.business_date, column, target.c.business_date.label("its_day"))
        .join(target, (target.c.trust_id == entry.c.trust_id) & (target.c.seq == column))
        .where(
            entry.c.trust_id == trust_id,
            column.is_not(None),
            entry.c.event.in_(CORRECTIONS),
        )
        for column in (entry.c.reverses, entry.c.amends)
    ]
    # by the small index of either column; a range of places would lead through all entries instead
    rows = sorted(row for row in conn.execute(union_all(*parts)) if row.seq < known)
    first_wrong: dict[int, date] = {}
    found = []
    for seq, day, corrected, its_day in rows:
        first_wrong[seq] = first_wrong.get(corrected, its_day)
        found.append(Correction(int(seq), day, first_wrong[seq]))
    return found


def later_corrections(conn: Connection, trust_id: int, span: Span, known: int) -> list[int]:
    """Places of the entries dated after the span that correct an entry dated in it, as known at a log size.

    The correction of a correction counts for the span of the entry that was wrong first.
    """
    return [item.seq for item in all_corrections(conn, trust_id, known) if item.concerns(span)]


def corrected_figures(scope: Scope, value: Statement) -> tuple[Restated, ...]:
    """The figures of ``value`` that are different with the later corrections, in the order of the statement."""
    seqs = later_corrections(scope.conn, scope.trust_id, scope.span, scope.size)
    if not seqs:
        return ()
    effects = {key: effect for key, effect in _effects(scope, value, seqs).items() if effect.fen}
    booked = {figure.key: figure for figure in figures(value)}
    order = {key: place for place, key in enumerate(booked)}
    return tuple(
        _restated(key, effects[key], booked.get(key))
        for key in sorted(effects, key=lambda key: (order.get(key, len(order)), key))
    )


def _restated(key: str, effect: _Effect, figure: Figure | None) -> Restated:
    was = figure.value if figure else 0
    label = figure.label if figure else effect.label
    return Restated(key, label, was, was + effect.fen, tuple(dict.fromkeys(effect.refs)))


def _effects(scope: Scope, value: Statement, seqs: Sequence[int]) -> dict[str, _Effect]:
    effects: dict[str, _Effect] = defaultdict(_Effect)
    named = _budget_lines(scope, seqs) if value.budgets else {}
    for seq, lines in _lines(scope, seqs).items():
        head = lines[0]
        ref = entry_ref(head.book, head.fiscal_year, head.number)
        moved = _of_cash(head.book, entry_flows(head.book, head.event, lines)[0])
        of_lines = (part for row in lines for part in line_effects(scope, value, row, named.get(seq, ())))
        for part in (*moved, *of_lines):
            effect = effects[part.key]
            effect.label, effect.fen = part.label, effect.fen + part.fen
            effect.refs.append(ref)
    return effects


def _budget_lines(scope: Scope, seqs: Sequence[int]) -> dict[int, list[str]]:
    query = select(entry_reference.c.seq, entry_reference.c.ref).where(
        entry_reference.c.trust_id == scope.trust_id,
        entry_reference.c.kind == REFERENCE,
        entry_reference.c.seq.in_(seqs),
    )
    found: dict[int, list[str]] = defaultdict(list)
    for seq, code in scope.conn.execute(query):
        found[seq].append(code)
    return found


def _lines(scope: Scope, seqs: Sequence[int]) -> dict[int, list[Row[Any]]]:
    query = (
        select(entry.c.book, entry.c.fiscal_year, entry.c.number, entry.c.event, posting)
        .join(posting, (posting.c.trust_id == entry.c.trust_id) & (posting.c.seq == entry.c.seq))
        .where(entry.c.trust_id == scope.trust_id, entry.c.seq.in_(seqs))
        .order_by(posting.c.seq, posting.c.line_no)
    )
    lines: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in scope.conn.execute(query):
        lines[row.seq].append(row)
    return lines


def _of_cash(book: str, flows: Mapping[str, Flow]) -> Iterator[Part]:
    for fund, flow in flows.items():
        for name, fen in (
            *((measure, getattr(flow, measure)) for measure in CASH[1:-1]),
            ("closing", flow.net),
        ):
            for whose, title in ((fund, fund_name(fund)), ("all", "合计")):
                words = label(book, "钱的进出", title, _CASH_TITLES[name])
                yield Part(f"{book}.cash.{whose}.{name}", words, fen)
