"""Fee standards (收费标准): what is charged a month, to whom, from a day on, and by whose decision.

A standard is for all units of a use, for a building, or for the units it names; the narrower one goes
before the wider. ``method`` says how it reckons: by ``area``, ``fixed`` for each unit or parking space,
by ``meter``; ``none`` charges nothing; ``general`` ends an exception, so that the wider standard holds again.
A change is a new version with its own day; versions are never changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, insert, select

from ledger.billing.consulted import bare_change
from ledger.billing.items import find_item
from ledger.errors import Problem, Refused, refuse
from ledger.journal.head import lock_head
from ledger.people import Actor
from ledger.store.tables import charge_standard, charge_standard_unit, fee_standard, unit
from ledger.trust.act import Act
from ledger.trust.uses import USE_KINDS

SCOPES = {"use": "按用途", "building": "按楼栋", "units": "指定房屋"}
METHODS = {
    "area": "按建筑面积",
    "fixed": "每户（位）固定",
    "meter": "按表计量",
    "none": "免收",
    "general": "恢复一般标准",
}
_MAX_RATE_E4 = 10_000 * 10_000
"""Above 10,000 yuan a m² or space a month, somebody slipped."""


@dataclass(frozen=True, slots=True)
class Standard:
    """A version. ``rate_e4``: 0.0001 yuan a month per m², unit, space or unit of the meter."""

    item: str
    scope: str
    target: str
    method: str
    rate_e4: int
    effective_on: date
    authority: str
    units: tuple[str, ...] = ()
    number: int = 0

    @property
    def charges(self) -> bool:
        """Whether something is to be paid by it."""
        return self.method not in ("none", "general")


@dataclass(slots=True)
class Standards:
    """All versions of one item, found by the unit, the building or the use they are for."""

    by_unit: dict[str, list[Standard]] = field(default_factory=dict)
    by_building: dict[str, list[Standard]] = field(default_factory=dict)
    by_use: dict[str, list[Standard]] = field(default_factory=dict)

    def levels(self, unit_code: str, building: str, use_kind: str) -> tuple[list[Standard], ...]:
        """The versions that may hold for a unit, the narrowest first, each list by day."""
        found = (
            self.by_unit.get(unit_code),
            self.by_building.get(building),
            self.by_use.get(use_kind),
        )
        return tuple(versions for versions in found if versions)


def in_force(levels: Sequence[Sequence[Standard]], day: date) -> Standard | None:
    """The standard that holds on a day; None if there is none."""
    for versions in levels:
        held = None
        for version in versions:
            if version.effective_on <= day:
                held = version
        if held is not None and held.method != "general":
            return held
    return None


def record_fee_standard(
    conn: Connection, trust_id: int, use_kind: str, rate_e4: int, *, effective_on: date, authority: str
) -> None:
    """Record a version of the property fee of a use: ``rate_e4`` is 0.0001 yuan per m² and month.

    A standard rests on a decision, named in ``authority``; see :func:`record_standard` for what a later one
    needs. Raises :class:`~ledger.errors.Refused`.
    """
    if use_kind not in USE_KINDS:
        raise refuse("bad_use", f"没有“{use_kind}”这种用途，可选：{'、'.join(USE_KINDS)}", "用途")
    if rate_e4 <= 0:
        raise refuse("bad_rate", "收费标准必须大于零", "单价")
    if not authority.strip():
        raise refuse("no_authority", "收费标准须写明依据（合同或决议号）", "依据")
    plain = Standard("property", "use", use_kind, "area", rate_e4, effective_on, authority)
    if problems := bare_change(conn, trust_id, plain):
        raise Refused(problems)
    conn.execute(
        insert(fee_standard).values(
            trust_id=trust_id,
            use_kind=use_kind,
            effective_on=effective_on,
            rate_e4=rate_e4,
            authority=authority,
        )
    )


def record_standard(conn: Connection, trust_id: int, asked: Standard, actor: Actor, act: Act) -> int:
    """Record a version and return its number, counted from 1. Raises :class:`~ledger.errors.Refused`.

    Once there are entries, a change of an item's standard must be what the owners were asked, decided and
    told (:mod:`ledger.billing.consulted`).

    The day may lie in a month already charged: what was charged then stays, as it is put right by a
    red-letter entry and a new run only.
    """
    lock_head(conn, trust_id)
    if problems := standard_problems(conn, trust_id, asked) or bare_change(conn, trust_id, asked):
        raise Refused(problems)
    last = conn.execute(
        select(func.coalesce(func.max(charge_standard.c.number), 0)).where(
            charge_standard.c.trust_id == trust_id
        )
    ).scalar_one()
    number = int(last) + 1
    conn.execute(
        insert(charge_standard).values(
            trust_id=trust_id,
            number=number,
            item=asked.item,
            scope=asked.scope,
            target=asked.target,
            method=asked.method,
            rate_e4=asked.rate_e4,
            effective_on=asked.effective_on,
            authority=asked.authority.strip(),
            recorded_by=actor.signature,
            recorded_at=act.now,
        )
    )
    if asked.units:
        rows = [{"trust_id": trust_id, "number": number, "unit": code} for code in sorted(set(asked.units))]
        conn.execute(insert(charge_standard_unit), rows)
    return number


def standard_problems(conn: Connection, trust_id: int, asked: Standard) -> list[Problem]:
    """Everything wrong with a standard by itself."""
    return [*_problems(asked), *_unknown_targets(conn, trust_id, asked)]


def _problems(asked: Standard) -> Iterable[Problem]:
    item = find_item(asked.item)
    if asked.scope not in SCOPES:
        yield Problem("bad_scope", f"适用范围只能是{'、'.join(SCOPES.values())}", "适用范围")
    if asked.method not in (*item.methods, "none", "general"):
        allowed = "、".join(METHODS[name] for name in (*item.methods, "none", "general"))
        yield Problem("bad_method", f"{item.title}的计费方式只能是{allowed}", "计费方式")
    elif asked.charges and asked.rate_e4 <= 0:
        yield Problem("bad_rate", "单价必须大于零；不收费请选“免收”", "单价")
    elif not asked.charges and asked.rate_e4:
        yield Problem("bad_rate", f"“{METHODS[asked.method]}”不用填单价", "单价")
    if asked.rate_e4 > _MAX_RATE_E4:
        yield Problem("bad_rate", "单价大得不合常理，请核对小数点", "单价")
    if asked.method == "general" and asked.scope == "use":
        yield Problem("bad_method", "“恢复一般标准”只用于楼栋或指定房屋的例外", "计费方式")
    if not asked.authority.strip():
        yield Problem("no_authority", "收费标准须写明依据（合同或决议号）", "依据")
    if asked.scope == "units" and not asked.units:
        yield Problem("no_units", "请写明是哪几套房屋", "房屋")
    if asked.scope != "units" and not asked.target:
        yield Problem("no_target", "请写明适用的用途或楼栋", "适用范围")


def _unknown_targets(conn: Connection, trust_id: int, asked: Standard) -> Iterable[Problem]:
    if asked.scope == "use" and asked.item != "parking" and asked.target and asked.target not in USE_KINDS:
        yield Problem("bad_use", f"没有“{asked.target}”这种用途，可选：{'、'.join(USE_KINDS)}", "用途")
    if asked.scope == "building" and asked.target:
        query = select(unit.c.unit).where(unit.c.trust_id == trust_id, unit.c.building == asked.target)
        if conn.execute(query.limit(1)).first() is None:
            yield Problem("unknown_building", f"没有登记过楼栋“{asked.target}”", "楼栋")
    if asked.units:
        known = known_units(conn, trust_id, asked.units)
        for code in asked.units:
            if code not in known:
                yield Problem("unknown_unit", f"没有登记过房号“{code}”", "房屋")


def known_units(conn: Connection, trust_id: int, codes: Iterable[str]) -> set[str]:
    """Those of the codes that are units of this trust."""
    wanted = sorted(set(codes))
    found: set[str] = set()
    for start in range(0, len(wanted), 5_000):
        query = select(unit.c.unit).where(
            unit.c.trust_id == trust_id, unit.c.unit.in_(wanted[start : start + 5_000])
        )
        found |= set(conn.execute(query).scalars())
    return found


def list_standards(conn: Connection, trust_id: int, item: str = "") -> list[Standard]:
    """All versions, those recorded plainly first, then by number."""
    found = [] if item not in ("", "property") else _plain(conn, trust_id)
    units: dict[int, list[str]] = {}
    for row in conn.execute(
        select(charge_standard_unit)
        .where(charge_standard_unit.c.trust_id == trust_id)
        .order_by(charge_standard_unit.c.number, charge_standard_unit.c.unit)
    ):
        units.setdefault(row.number, []).append(row.unit)
    query = select(charge_standard).where(charge_standard.c.trust_id == trust_id)
    if item:
        query = query.where(charge_standard.c.item == item)
    rows: Any = conn.execute(query.order_by(charge_standard.c.number))
    return found + [
        Standard(
            row.item,
            row.scope,
            row.target,
            row.method,
            row.rate_e4,
            row.effective_on,
            row.authority,
            tuple(units.get(row.number, ())),
            row.number,
        )
        for row in rows
    ]


def _plain(conn: Connection, trust_id: int) -> list[Standard]:
    rows = conn.execute(
        select(fee_standard).where(fee_standard.c.trust_id == trust_id).order_by(fee_standard.c.effective_on)
    )
    return [
        Standard("property", "use", row.use_kind, "area", row.rate_e4, row.effective_on, row.authority)
        for row in rows
    ]


def load_standards(conn: Connection, trust_id: int, item: str) -> Standards:
    """All versions of an item, ready to be looked up."""
    found = Standards()
    versions = list_standards(conn, trust_id, item)
    for version in sorted(versions, key=lambda one: (one.effective_on, one.number)):
        if version.scope == "use":
            found.by_use.setdefault(version.target, []).append(version)
        elif version.scope == "building":
            found.by_building.setdefault(version.target, []).append(version)
        for code in version.units:
            found.by_unit.setdefault(code, []).append(version)
    return found


def rate_text(rate_e4: int) -> str:
    """``2.5000``: yuan with four decimals."""
    return f"{rate_e4 // 10_000}.{rate_e4 % 10_000:04d}"


def short_rate(rate_e4: int) -> str:
    """``150.00`` or ``0.5383``: as many decimals as it needs, two at least."""
    text = rate_text(rate_e4)
    return text[:-2] + text[-2:].rstrip("0")


def parse_rate(text: str) -> int:
    """0.0001 yuan of a text such as ``2.5`` or ``0.5383``. Raises ValueError."""
    whole, dot, tail = text.strip().partition(".")
    if not whole.isascii() or not whole.isdigit() or (dot and not (tail.isascii() and tail.isdigit())):
        raise ValueError(f"读不懂单价“{text}”，请写成 2.5 的样子")
    if len(tail) > 4:
        raise ValueError(f"单价“{text}”最多写四位小数")
    return int(whole) * 10_000 + int(tail.ljust(4, "0") or "0")
