"""What the books say of a project: every entry that names it, and the sums by source, grant and milestone.

Book A, fund F5: entries whose lines or references name the project. Book M: uses of the maintenance fund
under a plan that the project is linked to; they count as the owners' money, received and paid at once.
An entry says in its references what a payment was taken from (``source``, ``grant``) and what for
(``milestone``). Red letters count negative. Amounts are fen.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, Select, and_, select, union

from ledger.events import load_events
from ledger.journal.public_view import entry_ref
from ledger.money import split_largest_remainder
from ledger.projects.shares import read_parts
from ledger.projects.value import INCOME, OPENING
from ledger.store.tables import entry, entry_reference, posting

FUND = "F5"
PROJECT, MILESTONE, SOURCE, GRANT, PLAN = "project", "milestone", "source", "grant", "plan"
"""Kinds of references."""
CARRIED, RETENTION = "3003", "220202"
_BY_ACCOUNT = {account: source for source, account in INCOME.items()}
_CASH = ("1002", "1012")


class LineLike(Protocol):
    """What of a posting, or of a line to be posted, matters here."""

    @property
    def account(self) -> str: ...
    @property
    def fund(self) -> str: ...
    @property
    def side(self) -> Any: ...
    @property
    def amount(self) -> int: ...
    @property
    def project(self) -> str | None: ...
    @property
    def vendor(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Movement:
    """An entry as far as it concerns one project. ``paid``: money that left; ``cost``: what it cost."""

    seq: int
    ref: str
    on: date
    summary: str
    book: str
    milestone: str = ""
    vendor: str = ""
    counterparty: str = ""
    received: Mapping[str, int] = field(default_factory=dict)
    received_on: Mapping[str, int] = field(default_factory=dict)
    sources: Mapping[str, int] = field(default_factory=dict)
    grants: Mapping[str, int] = field(default_factory=dict)
    costs: Mapping[str, int] = field(default_factory=dict)
    paid: int = 0
    retained: int = 0
    released: int = 0

    @property
    def cost(self) -> int:
        """What it cost, over all accounts."""
        return sum(self.costs.values())


def movements(
    conn: Connection,
    trust_id: int,
    codes: Iterable[str],
    plans: Mapping[str, str],
    *,
    known_at: int | None = None,
) -> dict[str, list[Movement]]:
    """By project, oldest first; ``plans`` maps plans of use of the maintenance fund to their project.

    ``known_at``: only what was in the log at that size. Two queries, whatever the number of projects.
    """
    wanted = sorted(set(codes))
    chosen = _chosen(trust_id, wanted, sorted(plans))
    references: dict[int, dict[str, str]] = defaultdict(dict)
    for row in conn.execute(
        select(entry_reference.c.seq, entry_reference.c.kind, entry_reference.c.ref).where(
            entry_reference.c.trust_id == trust_id, entry_reference.c.seq.in_(chosen)
        )
    ):
        references[row.seq][row.kind] = row.ref
    found: dict[str, list[Movement]] = {code: [] for code in wanted}
    for seq, rows in _lines(conn, trust_id, chosen, known_at).items():
        first = rows[0]
        if load_events()[first.event].closing:
            continue
        facts = {
            "seq": seq,
            "ref": entry_ref(first.book, first.fiscal_year, first.number),
            "on": first.business_date,
            "summary": first.summary,
            "book": first.book,
            "counterparty": first.counterparty if first.counterparty_public else "",
        }
        for code, movement in of_lines(rows, references[seq], plans, facts):
            if code in found:
                found[code].append(movement)
    return found


def _lines(
    conn: Connection, trust_id: int, chosen: Select[Any], known_at: int | None
) -> dict[int, list[Any]]:
    """The postings of the chosen entries, by place in the log."""
    query = (
        select(
            posting,
            entry.c.event,
            entry.c.fiscal_year,
            entry.c.number,
            entry.c.summary,
            entry.c.counterparty,
            entry.c.counterparty_public,
        )
        .join(entry, (entry.c.trust_id == posting.c.trust_id) & (entry.c.seq == posting.c.seq))
        .where(posting.c.trust_id == trust_id, posting.c.seq.in_(chosen))
        .order_by(posting.c.seq, posting.c.line_no)
    )
    if known_at is not None:
        query = query.where(posting.c.seq < known_at)
    lines: dict[int, list[Any]] = defaultdict(list)
    for row in conn.execute(query):
        lines[row.seq].append(row)
    return lines


def _chosen(trust_id: int, codes: list[str], plans: list[str]) -> Select[Any]:
    """Places of the entries that concern these projects."""

    def named(kind: str, refs: list[str]) -> ColumnElement[bool]:
        return and_(
            entry_reference.c.trust_id == trust_id,
            entry_reference.c.kind == kind,
            entry_reference.c.ref.in_(refs),
        )

    parts = [
        select(posting.c.seq).where(
            posting.c.trust_id == trust_id, posting.c.project.in_(codes), posting.c.fund == FUND
        ),
        select(entry_reference.c.seq).where(named(PROJECT, codes)),
    ]
    if plans:
        parts.append(select(entry_reference.c.seq).where(named(PLAN, plans)))
    places = union(*parts).subquery()
    return select(places.c.seq)


def of_lines(
    lines: Iterable[LineLike],
    references: Mapping[str, str],
    plans: Mapping[str, str],
    facts: Mapping[str, Any],
) -> list[tuple[str, Movement]]:
    """An entry, posted or to be posted, as movements by project."""
    rows = list(lines)
    if facts["book"] == "M":
        code = plans.get(references.get(PLAN, ""))
        return [(code, _use(rows, references, facts))] if code else []
    rows = [line for line in rows if line.fund == FUND]
    dims = {line.project for line in rows if line.project}
    default = references.get(PROJECT, "").strip() or (next(iter(dims)) if len(dims) == 1 else "")
    by_project: dict[str, list[LineLike]] = defaultdict(list)
    for line in rows:
        by_project[line.project or default].append(line)
    return [
        (code, _movement(some, references, facts))
        for code, some in by_project.items()
        if code  # lines of no project at all: bank charges, interest
    ]


def _signed(line: LineLike) -> int:
    return line.amount if line.side == "D" else -line.amount


def _use(rows: list[LineLike], references: Mapping[str, str], facts: Mapping[str, Any]) -> Movement:
    paid = -sum(_signed(line) for line in rows if line.account.startswith("1001"))
    costs = {line.account: 0 for line in rows if line.account[0] == "5"}
    for line in rows:
        if line.account in costs:
            costs[line.account] += _signed(line)
    owners = {"owners": paid}
    return Movement(
        **facts,
        milestone=references.get(MILESTONE, ""),
        received=owners,
        sources=owners,
        costs=costs,
        paid=paid,
    )


def _movement(rows: list[LineLike], references: Mapping[str, str], facts: Mapping[str, Any]) -> Movement:
    received: Counter[str] = Counter()
    costs: Counter[str] = Counter()
    out = retained = released = 0
    for line in rows:
        if line.account in _BY_ACCOUNT:
            received[_BY_ACCOUNT[line.account]] -= _signed(line)
        elif line.account == CARRIED:
            received[OPENING] -= _signed(line)
        elif line.account[0] == "5":
            costs[line.account] += _signed(line)
        elif line.account == RETENTION and line.side == "C":
            retained += line.amount
        elif line.account == RETENTION:
            released += line.amount
        elif line.account.startswith(_CASH):
            out -= _signed(line)
    paid = 0 if any(line.account[0] in "34" for line in rows) else out
    grant = references.get(GRANT, "").strip()
    taken = read_parts(references.get(SOURCE, ""))
    return Movement(
        **facts,
        milestone=references.get(MILESTONE, ""),
        vendor=next((line.vendor for line in rows if line.vendor), ""),
        received=dict(received),
        received_on={grant: received.total()} if grant and received else {},
        sources=_scaled(taken, paid, sum(taken.values())),
        grants=_scaled(_grant_parts(grant, paid), paid, sum(taken.values()) or abs(paid)) if paid else {},
        costs=dict(costs),
        paid=paid,
        retained=retained,
        released=released,
    )


def _grant_parts(text: str, paid: int) -> dict[str, int]:
    """Grants a payment names; one named without a sum gives all of it."""
    parts = read_parts(text)
    return {text: abs(paid)} if len(parts) == 1 and not any(parts.values()) else parts


def _scaled(parts: Mapping[str, int], paid: int, whole: int) -> dict[str, int]:
    """Parts of ``whole`` as parts of what was paid: the same but for red letters and corrected amounts."""
    if not parts or not paid or whole <= 0:
        return {}
    rest = max(whole - sum(parts.values()), 0)
    shares = split_largest_remainder(paid, [*parts.values(), rest])
    return dict(zip(parts, shares, strict=False))
