"""The ledger read with plain SQL and added up in Python: nothing here calls the code whose figures it checks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Engine, text

CASH = {"A": ("1002", "1012"), "M": ("1001",)}
CLOSING = ("E23d", "E23e", "E23f", "E28a", "E28b", "E28c")
APART = ("E00", *CLOSING)
"""What takes over at the opening, and what carries a year to its result: neither earns nor spends."""
CORRECTIONS = ("E26a", "E26b", "E26c", "E26d")
FLOWS = ("opened", "received", "paid", "moved_in", "moved_out")
_POSTINGS = """
SELECT e.seq, COALESCE(e.reverses, e.amends) AS wrong, e.book, e.fiscal_year AS year, e.number, e.business_date AS day, e.event, e.summary,
       p.account, a.name, a.class, p.fund, CASE p.side WHEN 'D' THEN p.amount ELSE -p.amount END AS fen,
       p.side, p.line_no, p.vendor, p.contract, p.site, p.project, p.unit
FROM entry e
JOIN posting p ON p.trust_id = e.trust_id AND p.seq = e.seq
JOIN account a ON a.trust_id = e.trust_id AND a.book = p.book AND a.code = p.account
WHERE e.trust_id = :trust ORDER BY e.seq, p.line_no
"""
_DETAILS = "SELECT seq, line_no, unit, amount FROM posting_detail WHERE trust_id = :trust"
_REFERENCES = "SELECT seq, kind, ref FROM entry_reference WHERE trust_id = :trust"


@dataclass
class Line:
    """A posting; ``fen`` debit positive."""

    account: str
    name: str
    class_: str
    fund: str
    side: str
    fen: int
    vendor: str | None
    contract: str | None
    site: str | None
    project: str | None
    units: dict[str, int]

    @property
    def amount(self) -> int:
        """As written on its side."""
        return self.fen if self.side == "D" else -self.fen


@dataclass(eq=False)
class Entry:
    """An entry with its lines and what it refers to."""

    seq: int
    book: str
    ref: str
    day: date
    event: str
    summary: str
    wrong: int | None
    """The place of the entry it corrects."""
    lines: list[Line] = field(default_factory=list)
    refs: set[tuple[str, str]] = field(default_factory=set)

    def flows(self) -> dict[str, dict[str, int]]:
        """By fund, what moved on cash accounts; money that only went round within a fund is none."""
        nets: dict[str, list[int]] = {}
        for line in self.lines:
            if line.account.startswith(CASH[self.book]):
                nets.setdefault(line.fund, [0, 0])["DC".index(line.side)] += line.amount
        for both in nets.values():
            if both[0] * both[1] > 0:
                round_trip = min(both, key=abs)
                both[0], both[1] = both[0] - round_trip, both[1] - round_trip
        came, went = (sum(both[place] for both in nets.values()) for place in (0, 1))
        names = ("moved_in", "moved_out") if came == went else ("received", "paid")
        if self.event == "E00":
            return {fund: {"opened": both[0] - both[1]} for fund, both in nets.items()}
        return {fund: dict(zip(names, both, strict=True)) for fund, both in nets.items()}

    def headline(self) -> tuple[str, int]:
        """The one word and amount of a row in a list."""
        flows = self.flows().values()
        sums = {name: sum(flow.get(name, 0) for flow in flows) for name in FLOWS}
        for name, word in (("opened", "期初"), ("moved_in", "划转")):
            if sums[name]:
                return word, sums[name]
        if circled := self.circled():
            return "划转", circled
        if sums["received"] or sums["paid"]:
            return ("收入", sums["received"]) if sums["received"] else ("支出", sums["paid"])
        return "记账", sum(line.amount for line in self.lines if line.side == "D")

    def circled(self) -> int:
        """What only went round between own accounts of a fund."""
        sides: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for line in self.lines:
            if line.account.startswith(CASH[self.book]):
                sides[line.fund]["DC".index(line.side)] += line.amount
        return sum(min(both, key=abs) for both in sides.values() if both[0] * both[1] > 0)


@dataclass
class Ledger:
    """All entries of a community in the order of the log."""

    entries: list[Entry]

    def select(self, wanted: Callable[[Entry], bool]) -> Ledger:
        """Some of them."""
        return Ledger([item for item in self.entries if wanted(item)])

    def until(self, size: int, first: date, last: date) -> Ledger:
        """Those from day to day among the first so many leaves of the log."""
        return self.select(lambda item: item.seq < size and first <= item.day <= last)

    def flow(self, *, book: str = "", fund: str = "") -> dict[str, int]:
        """What moved, in a book or a fund or altogether."""
        found = dict.fromkeys(FLOWS, 0)
        for item in self.entries:
            for code, moved in item.flows().items():
                if book in ("", item.book) and fund in ("", code):
                    for name, fen in moved.items():
                        found[name] += fen
        return found

    def cash(self, fund: str, book: str = "") -> int:
        """The money of a fund."""
        return self.sum(lambda item, line: line.account.startswith(CASH[item.book]) and line.fund == fund)

    def sum(self, wanted: Callable[[Entry, Line], bool]) -> int:
        """Debits less credits of some lines."""
        return sum(line.fen for item, line in self.lines() if wanted(item, line))

    def lines(self) -> Iterator[tuple[Entry, Line]]:
        """Every line with its entry."""
        return ((item, line) for item in self.entries for line in item.lines)

    def by(self, key: Callable[[Entry, Line], Any], *, closing: bool = False) -> dict[Any, int]:
        """Debits less credits by a key (None: left out), nil left out."""
        found: dict[Any, int] = defaultdict(int)
        for item, line in self.lines():
            if (closing or item.event not in APART) and (name := key(item, line)) is not None:
                found[name] += line.fen
        return {name: fen for name, fen in found.items() if fen}

    @property
    def refs(self) -> list[str]:
        """Their names, as lists show them: newest day first."""
        return [item.ref for item in sorted(self.entries, key=lambda e: (e.day, e.seq), reverse=True)]


def read_ledger(engine: Engine, trust_id: int) -> Ledger:
    """All of it."""
    found: dict[int, Entry] = {}
    with engine.connect() as conn:
        rows, details, references = (
            conn.execute(text(query), {"trust": trust_id}).all()
            for query in (_POSTINGS, _DETAILS, _REFERENCES)
        )
    units: dict[tuple[int, int], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for seq, line_no, unit, amount in details:
        units[seq, line_no][unit] += amount
    for row in rows:
        if row.seq not in found:
            ref = f"{row.book}-{row.year}-{row.number:06d}"
            found[row.seq] = Entry(row.seq, row.book, ref, _day(row.day), row.event, row.summary, row.wrong)
        sign = 1 if row.side == "D" else -1
        parts = {unit: sign * fen for unit, fen in units[row.seq, row.line_no].items()}
        if row.unit:
            parts = {row.unit: row.fen}
        found[row.seq].lines.append(
            Line(
                row.account, row.name, row[10], row.fund, row.side, row.fen,
                row.vendor, row.contract, row.site, row.project, parts,
            )
        )  # fmt: skip
    for seq, kind, ref in references:
        found[seq].refs.add((kind, ref))
    return Ledger(list(found.values()))


def _day(value: Any) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def added(parts: Iterable[tuple[Any, int]]) -> dict[Any, int]:
    """Amounts by key."""
    found: dict[Any, int] = defaultdict(int)
    for key, fen in parts:
        found[key] += fen
    return {key: fen for key, fen in found.items() if fen}
