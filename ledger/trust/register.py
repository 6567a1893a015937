"""Import of units, owners and tenants: what a sheet would write, with every problem in its cell, then writing it.

A plan is made of the whole sheet first. Only a plan without problems can be applied, and applying the same
sheet again changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from itertools import chain

from sqlalchemy import Connection, select

from ledger.errors import Problem, Refused
from ledger.store.tables import owner as owner_table
from ledger.store.tables import owner_contact as contact_table
from ledger.store.tables import trust
from ledger.trust.act import Act
from ledger.trust.lock import lock_trust
from ledger.trust.owner_register import Person, add_people, next_owner_number, owner_key
from ledger.trust.owners import Share, Tenancy, owners_of, tenancies_of
from ledger.trust.register_rows import REGISTER_FORM, RegisterRow, read_row
from ledger.trust.sheet import CellProblem, SheetRow
from ledger.trust.titles import NewTenancy, NewTitle, record_tenancies, record_titles
from ledger.trust.units import Unit, add_units, units_on

_SHOWN = 50


@dataclass(slots=True)
class RegisterPlan:
    """What a sheet would write. ``unchanged`` counts units that are on record just so already."""

    rows: Sequence[SheetRow]
    problems: list[CellProblem] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    titles: list[NewTitle] = field(default_factory=list)
    tenancies: list[NewTenancy] = field(default_factory=list)
    unchanged: int = 0

    @property
    def writes_nothing(self) -> bool:
        """Whether all of it is on record already."""
        return not (self.units or self.people or self.titles or self.tenancies)

    @property
    def area(self) -> int:
        """Of the new units, 0.01 m²."""
        return sum(unit.area for unit in self.units)


@dataclass(slots=True)
class _Known:
    """What is on record, read once."""

    units: dict[str, Unit]
    owners: dict[str, tuple[Share, ...]]
    tenants: dict[tuple[str, str, date], Tenancy]
    kinds: dict[str, str]
    names: dict[str, str]
    by_contact: dict[tuple[str, str], str]
    opened_on: date
    today: date
    next_number: int


def plan_register(conn: Connection, trust_id: int, rows: Sequence[SheetRow], today: date) -> RegisterPlan:
    """What the rows would write; reads what is on record in a handful of queries."""
    plan = RegisterPlan(rows)
    read = [r for row in rows if (r := read_row(row, plan.problems)) is not None]
    known = _known(conn, trust_id, today)
    by_unit: dict[str, list[RegisterRow]] = {}
    for row in read:
        by_unit.setdefault(row.unit, []).append(row)
    keys = _people(plan, known, read)
    for unit, lines in by_unit.items():
        _plan_unit(plan, known, unit, lines)
        _plan_title(plan, known, unit, [r for r in lines if r.role == "owner" and r.name], keys)
        _plan_tenants(plan, known, [r for r in lines if r.role == "tenant"], keys)
    plan.problems.sort(key=lambda problem: problem.row)
    return plan


def apply_register(conn: Connection, trust_id: int, plan: RegisterPlan, *, signature: str, act: Act) -> None:
    """Write a plan. Raises :class:`~ledger.errors.Refused`, naming cells, if it has problems."""
    lock_trust(conn, trust_id)
    if plan.problems:
        titles = {column.name: column.title for column in REGISTER_FORM.columns}
        raise Refused(
            Problem("bad_cell", p.message, f"第 {p.row} 行 {titles.get(p.column, '')}".strip())
            for p in plan.problems[:_SHOWN]
        )
    add_units(conn, trust_id, plan.units)
    add_people(conn, trust_id, plan.people, act)
    record_titles(conn, trust_id, plan.titles, signature=signature, act=act)
    record_tenancies(conn, trust_id, plan.tenancies, act)


def _known(conn: Connection, trust_id: int, today: date) -> _Known:
    contacts = conn.execute(
        select(contact_table.c.owner, contact_table.c.name, contact_table.c.phone).where(
            contact_table.c.trust_id == trust_id
        )
    ).all()
    kinds = conn.execute(
        select(owner_table.c.owner, owner_table.c.kind).where(owner_table.c.trust_id == trust_id)
    )
    opened_on = conn.execute(select(trust.c.opened_on).where(trust.c.trust_id == trust_id)).scalar_one()
    day = max(today, opened_on)
    return _Known(
        units={unit.unit: unit for unit in units_on(conn, trust_id, day)},
        owners=owners_of(conn, trust_id, day),
        tenants={(t.unit, t.tenant, t.starts_on): t for t in tenancies_of(conn, trust_id)},
        kinds={row.owner: row.kind for row in kinds},
        names={row.owner: row.name for row in contacts},
        by_contact={(row.name, row.phone): row.owner for row in contacts if row.phone},
        opened_on=opened_on,
        today=day,
        next_number=next_owner_number(conn, trust_id),
    )


def _people(plan: RegisterPlan, known: _Known, rows: Sequence[RegisterRow]) -> dict[int, str]:
    """The owner key of each row that names someone; puts those not on record into the plan."""
    found: dict[int, str] = {}
    added: dict[str, RegisterRow] = {}
    met: dict[tuple[str, str], str] = {}
    taken = {*known.kinds, *(row.owner for row in rows if row.owner)}
    number, alone = known.next_number, Counter[str]()
    for row in rows:
        if not row.name:
            continue
        contact = (row.name, row.phone)
        key = row.owner or (met.get(contact) or known.by_contact.get(contact) if row.phone else None)
        if not key:
            key = _without_contact(known, row)
        if not key:
            key, number = owner_key(number, taken)
            taken.add(key)
            alone[row.name] += not row.phone
        _same_person(plan, known, added.get(key), key, row)
        if key not in known.kinds and key not in added:
            added[key] = row
            plan.people.append(Person(key, row.kind, row.name, row.phone, row.address))
        if row.phone:
            met.setdefault(contact, key)
        found[row.number] = key
    if twice := [name for name, times in alone.items() if times > 1]:
        plan.remarks.append(
            f"有 {len(twice)} 个姓名在几行里出现，没有电话和编号，按不同的人登记；如是同一人，请写同一个业主编号"
        )
    return found


def _without_contact(known: _Known, row: RegisterRow) -> str | None:
    """Someone of that name who owns or rents just this unit already: the same row imported again."""
    if row.phone:
        return None
    owners = (share.owner for share in known.owners.get(row.unit, ()) if share.name == row.name)
    tenants = (t.tenant for t in known.tenants.values() if t.unit == row.unit and t.name == row.name)
    return next(chain(owners, tenants), None)


def _same_person(
    plan: RegisterPlan, known: _Known, before: RegisterRow | None, key: str, row: RegisterRow
) -> None:
    name = known.names.get(key) or (before.name if before else row.name)
    kind = known.kinds.get(key) or (before.kind if before else row.kind)
    if name != row.name:
        where = f"第 {before.number} 行" if before else "系统里"
        plan.problems.append(
            CellProblem(row.number, "owner", f"编号“{key}”在{where}是另一个人，一个编号只能给一个人")
        )
    elif kind != row.kind:
        plan.problems.append(CellProblem(row.number, "kind", "同一个人的类型前后不一致"))


def _plan_unit(plan: RegisterPlan, known: _Known, unit: str, rows: Sequence[RegisterRow]) -> None:
    first = next((row for row in rows if row.area is not None), None)
    old = known.units.get(unit)
    if first is None and old is None:
        plan.problems.append(CellProblem(rows[0].number, "area", "请填写建筑面积"))
        return
    area = first.area if first is not None else None
    for row in rows:
        if row.area is not None and row.area != area:
            plan.problems.append(
                CellProblem(row.number, "area", f"与第 {first.number if first else 0} 行同一房号的面积不同")
            )
        if row.use_kind != rows[0].use_kind:
            plan.problems.append(
                CellProblem(row.number, "use", f"与第 {rows[0].number} 行同一房号的用途不同")
            )
        if row.building != rows[0].building:
            plan.problems.append(
                CellProblem(row.number, "building", f"与第 {rows[0].number} 行同一房号的楼栋不同")
            )
    if old is None:
        if area is not None:
            plan.units.append(Unit(unit, rows[0].building, rows[0].use_kind, area))
        return
    plan.unchanged += 1
    if area is not None and area != old.area:
        plan.problems.append(
            CellProblem(rows[0].number, "area", "已登记的面积与此不同；要改请在房屋页面办理变更")
        )
    if rows[0].use_kind != old.use_kind:
        plan.problems.append(
            CellProblem(rows[0].number, "use", "已登记的用途与此不同；要改请在房屋页面办理变更")
        )


def _plan_title(
    plan: RegisterPlan, known: _Known, unit: str, rows: Sequence[RegisterRow], keys: dict[int, str]
) -> None:
    if not rows:
        return
    shares = _shares(plan, rows, keys)
    if shares is None:
        return
    old = {share.owner: share.share for share in known.owners.get(unit, ())}
    if old:
        if old != shares:
            plan.problems.append(
                CellProblem(
                    rows[0].number, "name", "这套房已登记了别的业主或份额；房屋转让请在房屋页面办理过户"
                )
            )
        return
    days = {row.starts_on for row in rows if row.starts_on} or {known.opened_on}
    if len(days) > 1:
        plan.problems.append(
            CellProblem(
                rows[-1].number, "starts_on", "同一套房的几位业主起始日期要相同；先后取得的，请登记现在的情况"
            )
        )
        return
    starts_on = days.pop()
    if starts_on > known.today:
        plan.problems.append(CellProblem(rows[0].number, "starts_on", "这一天还没到；到时再登记"))
        return
    plan.titles.append(NewTitle(unit, starts_on, "first", "", shares))


def _shares(
    plan: RegisterPlan, rows: Sequence[RegisterRow], keys: dict[int, str]
) -> dict[str, Fraction] | None:
    blank = [row for row in rows if row.share is None]
    if blank and len(blank) < len(rows):
        plan.problems += [
            CellProblem(row.number, "share", "这套房的其他业主写了份额，这一行也要写；或者都不写")
            for row in blank
        ]
        return None
    shares: dict[str, Fraction] = {}
    for row in rows:
        if keys[row.number] in shares:
            plan.problems.append(CellProblem(row.number, "name", "同一位业主在这套房里写了两行"))
            return None
        shares[keys[row.number]] = Fraction(1, len(rows)) if row.share is None else row.share
    total = sum(shares.values(), Fraction(0))
    if total != 1:
        plan.problems.append(
            CellProblem(
                rows[-1].number,
                "share",
                f"这套房各业主份额合计是 {total}，应正好是 1；除不尽请写成分数如 1/3",
            )
        )
        return None
    return shares


def _plan_tenants(
    plan: RegisterPlan, known: _Known, rows: Sequence[RegisterRow], keys: dict[int, str]
) -> None:
    for row in rows:
        starts_on = row.starts_on or known.opened_on
        old = known.tenants.get((row.unit, keys[row.number], starts_on))
        if old is None or old.ends_on != row.ends_on:
            plan.tenancies.append(NewTenancy(row.unit, keys[row.number], starts_on, row.ends_on))
