"""What a month's charge comes to, unit by unit; nothing is written here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from ledger.billing.items import Item
from ledger.billing.proration import Stretch, charge_in_parts, stretches
from ledger.billing.standard import Standard, Standards, in_force, load_standards, rate_text, short_rate
from ledger.billing.subjects import State, Subject, subjects_of
from ledger.journal import Detail
from ledger.periods.calendar import first_day, last_day


@dataclass(frozen=True, slots=True)
class Part:
    """What a unit owes for a month or some days of it; ``basis`` tells it how."""

    unit: str
    use_kind: str
    fen: int
    basis: str
    authority: str

    @property
    def detail(self) -> Detail:
        """As it is kept in the entry."""
        return Detail(self.unit, self.fen, self.basis)


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A month's charges of one item. ``missing``: units (or kinds of spaces) without a standard;
    ``free``: units that pay nothing, and by whose decision."""

    parts: tuple[Part, ...]
    missing: tuple[tuple[str, str], ...]
    free: tuple[tuple[str, str], ...]

    def by_unit(self) -> dict[str, int]:
        """Fen of each unit."""
        totals: dict[str, int] = {}
        for part in self.parts:
            totals[part.unit] = totals.get(part.unit, 0) + part.fen
        return totals


@dataclass(frozen=True, slots=True)
class _Stay:
    """Days in which state, standard and owner stay the same."""

    stretch: Stretch
    state: State | None
    standard: Standard | None
    owner: int


def reckon(conn: Connection, trust_id: int, item: Item, period: int) -> Reckoned:
    """Reckon a month: quantity × rate × days, to the fen."""
    standards = load_standards(conn, trust_id, item.name)
    first, last = first_day(period), last_day(period)
    parts: list[Part] = []
    missing: list[tuple[str, str]] = []
    free: dict[str, str] = {}
    for subject in subjects_of(conn, trust_id, item, period):
        stays = _stays(subject, standards, first, last)
        held = [stay for stay in stays if stay.state is not None]
        without = [stay.state for stay in held if stay.state is not None and stay.standard is None]
        if without:
            missing.append((without[0].unit, without[0].use_kind))
            continue
        parts += _parts(stays)
        for stay in held:
            if stay.state is not None and stay.standard is not None and not stay.standard.charges:
                free[stay.state.unit] = stay.standard.authority
    charged = {part.unit for part in parts}
    left_out = tuple((unit, why) for unit, why in free.items() if unit not in charged)
    return Reckoned(tuple(parts), tuple(missing), left_out)


def _stays(subject: Subject, standards: Standards, first: date, last: date) -> list[_Stay]:
    cuts = [state.since for state in subject.states] + list(subject.transfers)
    for known in subject.states:
        for versions in standards.levels(known.unit, known.building, known.use_kind):
            cuts += [version.effective_on for version in versions]
    stays: list[_Stay] = []
    for stretch in stretches(first, last, cuts):
        state = subject.state_on(stretch.first)
        standard = None
        if state is not None:
            levels = standards.levels(state.unit, state.building, state.use_kind)
            standard = in_force(levels, stretch.first)
        owner = sum(day <= stretch.first for day in subject.transfers)
        before = stays[-1] if stays else None
        if before and (before.state, before.standard, before.owner) == (state, standard, owner):
            stays[-1] = _Stay(Stretch(before.stretch.first, stretch.last), state, standard, owner)
        else:
            stays.append(_Stay(stretch, state, standard, owner))
    return stays


def _parts(stays: Sequence[_Stay]) -> list[Part]:
    products = [_product(stay.state, stay.standard) for stay in stays]
    days = [stay.stretch.days for stay in stays]
    changes_hands = len({stay.owner for stay in stays}) > 1
    found = []
    for stay, fen in zip(stays, charge_in_parts(products, days), strict=True):
        if fen and stay.state is not None and stay.standard is not None:
            basis = _price(stay.state, stay.standard)
            if len(stays) > 1:
                who = ("过户后 " if stay.owner else "过户前 ") if changes_hands else ""
                basis = f"{who}{stay.stretch.text} {basis}×{stay.stretch.days}/{sum(days)}天"
            state = stay.state
            found.append(Part(state.unit, state.use_kind, fen, basis, stay.standard.authority))
    return found


def _product(state: State | None, standard: Standard | None) -> int:
    if state is None or standard is None or not standard.charges:
        return 0
    return (100 if standard.method == "fixed" else state.quantity) * standard.rate_e4


def _price(state: State, standard: Standard) -> str:
    if standard.method != "fixed":
        return f"{state.basis}×{rate_text(standard.rate_e4)}元"
    what = f"{state.basis} " if state.basis.startswith("车位") else ""
    return f"{what}每月{short_rate(standard.rate_e4)}元"
