"""A home's account as its owner reads it: charges month by month and how each was computed, payments with their
receipts, and what is open, paid ahead or held. Worked out from the entries; nothing of it is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, false, func, or_, select

from ledger.billing.open_items import RECEIVABLES, OpenItem, open_items
from ledger.billing.unit_rows import unit_rows
from ledger.events import load_events
from ledger.homes.scope import Home
from ledger.journal.public_view import entry_ref
from ledger.receipts.household import DEPOSITS, PREPAID
from ledger.receipts.numbering import PRINTABLE
from ledger.store.tables import entry, receipt

OTHERS = {"4201": "违约金", "224103": "代收水费", "224104": "代收电费"}
OWN_ACCOUNTS = {**RECEIVABLES, **PREPAID, **DEPOSITS, **OTHERS}
BALANCES = (*RECEIVABLES, *PREPAID, *DEPOSITS)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the account. ``kind``: charge (what was charged), payment (money handed over) or other (what
    was settled from money paid ahead, waived, given back). ``month`` is the month a charge is for; ``fen`` is
    what was charged, or paid, negative when taken back; ``slip`` the number of the receipt, ''."""

    kind: str
    unit: str
    on: date
    month: int
    seq: int
    ref: str
    summary: str
    event: str
    what: str
    title: str
    account: str
    fund: str
    basis: str
    fen: int
    slip: str = ""


@dataclass(frozen=True, slots=True)
class Payment:
    """What was handed over in one go: one entry of the books."""

    on: date
    unit: str
    ref: str
    slip: str
    lines: tuple[Line, ...]

    @property
    def fen(self) -> int:
        """All of it."""
        return sum(line.fen for line in self.lines)


@dataclass(frozen=True, slots=True)
class Balance:
    """What a home owes, paid ahead and has deposited, fen by account, on the last day of its owner's."""

    unit: str
    owed: int
    ahead: Mapping[str, int]
    deposits: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Account:
    """A year of one or several homes. ``open``: what is owed month by month, of homes still owned."""

    year: int
    years: tuple[int, ...]
    lines: tuple[Line, ...]
    balances: tuple[Balance, ...]
    open: tuple[OpenItem, ...]

    @property
    def charges(self) -> list[Line]:
        """What was charged, newest month first."""
        found = [line for line in self.lines if line.kind == "charge"]
        return sorted(found, key=lambda line: (-line.month, line.unit, line.account, line.seq))

    @property
    def others(self) -> list[Line]:
        """What is neither, newest first; of money paid ahead that settled a charge only the latter."""
        settled = {(line.seq, line.unit) for line in self.lines if line.account in RECEIVABLES}
        return [
            line
            for line in self.lines
            if line.kind == "other" and not (line.account in PREPAID and (line.seq, line.unit) in settled)
        ]

    @property
    def payments(self) -> list[Payment]:
        """What was paid, newest first; one a home and entry."""
        grouped: dict[tuple[int, str], list[Line]] = {}
        for line in self.lines:
            if line.kind == "payment":
                grouped.setdefault((line.seq, line.unit), []).append(line)
        return [
            Payment(lines[0].on, unit, lines[0].ref, lines[0].slip, tuple(lines))
            for (_, unit), lines in grouped.items()
        ]

    @property
    def owed(self) -> int:
        """All that is open, fen."""
        return sum(item.amount for item in self.open)


def account_of(conn: Connection, trust_id: int, homes: Sequence[Home], year: int, today: date) -> Account:
    """The account of a person's homes for a calendar year; four queries however many lines.

    ``year`` 0 gives the newest year there is something of, -1 all years.
    """
    if not homes:
        return Account(year if year > 0 else today.year, (today.year,), (), (), ())
    lines = _lines(conn, trust_id, homes)
    years = sorted({line.month // 100 for line in lines} | {line.on.year for line in lines}, reverse=True)
    year = year or (years[0] if years else today.year)
    shown = tuple(line for line in lines if year == -1 or _year(line) == year)
    still = [home.unit for home in homes if not home.given_up(today)]
    owed = open_items(conn, trust_id, still)
    return Account(
        year=year,
        years=tuple(years) or (today.year,),
        lines=shown,
        balances=tuple(_balances(conn, trust_id, homes)),
        open=tuple(item for unit in still for item in owed.get(unit, ())),
    )


def charged_in(conn: Connection, trust_id: int, homes: Sequence[Home], fund: str) -> dict[int, int]:
    """What a fund charged these homes, fen by month, newest first."""
    found: dict[int, int] = {}
    for line in _lines(conn, trust_id, homes):
        if line.kind == "charge" and line.fund == fund:
            found[line.month] = found.get(line.month, 0) + line.fen
    return dict(sorted(((month, fen) for month, fen in found.items() if fen > 0), reverse=True))


def _year(line: Line) -> int:
    return line.month // 100 if line.kind == "charge" else line.on.year


def _lines(conn: Connection, trust_id: int, homes: Sequence[Home]) -> list[Line]:
    by_unit = {home.unit: home for home in homes}
    rows = unit_rows(trust_id, tuple(OWN_ACCOUNTS), sorted(by_unit)).subquery()
    own, origin = entry.alias(), entry.alias()
    day = func.coalesce(
        origin.c.original_date, origin.c.business_date, own.c.original_date, own.c.business_date
    )
    query = (
        select(
            rows,
            own.c.book,
            own.c.fiscal_year,
            own.c.number,
            own.c.business_date,
            own.c.summary,
            own.c.event,
            func.coalesce(origin.c.event, own.c.event).label("first_event"),
            day.label("day"),
            receipt.c.year.label("slip_year"),
            receipt.c.number.label("slip_number"),
        )
        .join(own, (own.c.trust_id == trust_id) & (own.c.seq == rows.c.seq))
        .outerjoin(
            origin,
            (origin.c.trust_id == trust_id) & (origin.c.seq == func.coalesce(own.c.reverses, own.c.amends)),
        )
        .outerjoin(receipt, (receipt.c.trust_id == trust_id) & (receipt.c.seq == rows.c.seq))
        .order_by(own.c.business_date.desc(), rows.c.seq.desc(), rows.c.line_no, rows.c.detail_no)
    )
    found = conn.execute(query)
    return [_line(row) for row in found if by_unit[row.unit].owns(_day_of(row), row.basis)]


def _day_of(row: Row[Any]) -> date:
    """The day that says whose line it is: of a payment when it was paid, of a charge what it is for."""
    paid = row.first_event in PRINTABLE
    day: date = row.business_date if paid else row.day
    return day


def _line(row: Row[Any]) -> Line:
    change = row.amount if row.side == "D" else -row.amount
    if row.account in RECEIVABLES and row.side == "D":
        kind, fen = "charge", change
    else:
        kind, fen = "payment" if row.first_event in PRINTABLE and row.side == "C" else "other", -change
    title = OWN_ACCOUNTS[row.account]
    if row.account == "112203":
        title = "代收水电费" if row.fund == "F4" else "公摊水电费"
    event = load_events().get(row.event)
    return Line(
        kind=kind,
        unit=row.unit,
        on=row.business_date,
        month=row.day.year * 100 + row.day.month,
        seq=row.seq,
        ref=entry_ref(row.book, row.fiscal_year, row.number),
        summary=row.summary,
        event=row.event,
        what=event.name if event else "",
        title=title,
        account=row.account,
        fund=row.fund,
        basis=row.basis,
        fen=fen,
        slip=f"{row.slip_year}-{row.slip_number:06d}" if row.slip_year else "",
    )


def _balances(conn: Connection, trust_id: int, homes: Sequence[Home]) -> Iterable[Balance]:
    """One query; a home that was given up counts to the last day of its owner."""
    rows = unit_rows(trust_id, BALANCES, [home.unit for home in homes]).subquery()
    signed = case((rows.c.side == "D", rows.c.amount), else_=-rows.c.amount)
    query = (
        select(rows.c.unit, rows.c.account, func.sum(signed))
        .join(entry, (entry.c.trust_id == trust_id) & (entry.c.seq == rows.c.seq))
        .where(_within(rows.c.unit, homes))
        .group_by(rows.c.unit, rows.c.account)
    )
    sums: dict[str, dict[str, int]] = {}
    for unit, account, fen in conn.execute(query):
        sums.setdefault(unit, {})[account] = int(fen)
    for home in homes:
        held = sums.get(home.unit, {})
        yield Balance(
            unit=home.unit,
            owed=sum(held.get(account, 0) for account in RECEIVABLES),
            ahead={PREPAID[account]: -held[account] for account in PREPAID if held.get(account)},
            deposits={DEPOSITS[account]: -held[account] for account in DEPOSITS if held.get(account)},
        )


def _within(unit: ColumnElement[str], homes: Sequence[Home]) -> ColumnElement[bool]:
    ended = [home for home in homes if home.until is not None]
    running = [home.unit for home in homes if home.until is None]
    return or_(
        unit.in_(running) if running else false(),
        *(and_(unit == home.unit, entry.c.business_date <= home.until) for home in ended),
    )
