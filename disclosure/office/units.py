"""Buildings and units, who owns and rents them, changes and transfers."""

from __future__ import annotations

from collections import Counter
from datetime import date
from fractions import Fraction
from typing import Any

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.draft_view import local_time
from disclosure.office.forms import Form, FormData
from disclosure.public.answers import Answer, Req
from ledger.errors import Problem, Refused, Unanswerable
from ledger.trust.owner_register import Person, add_person, owner_keys
from ledger.trust.owners import OWNER_KINDS, owners_of, tenants_on, title_history
from ledger.trust.register_rows import building_code
from ledger.trust.sheet import parse_part
from ledger.trust.titles import REASONS, NewTenancy, NewTitle, record_tenancies, record_title
from ledger.trust.units import Unit, add_units, buildings, change_unit, unit_history, units_on
from ledger.trust.uses import USE_KINDS

_PAGE = 100
OWNER_ROWS = 4
"""How many owners one form takes."""


@get("/c/{slug:str}/office/units", sync_to_thread=True, action="unit.read")
def units(request: Req, slug: FromPath[str]) -> Answer:
    """Buildings with their totals; units of one building or those searched for, a page at a time."""
    asked = {name: request.query_params.get(name, "").strip() for name in ("building", "q", "after")}
    with reading_office(request, slug) as office:
        day = _day(office)
        everything = units_on(office.conn, office.trust_id, day)
        wanted = [
            unit
            for unit in everything
            if (not asked["building"] or unit.building == asked["building"])
            and (not asked["q"] or asked["q"] in unit.unit)
            and unit.unit > asked["after"]
        ]
        shown, more = wanted[:_PAGE], len(wanted) > _PAGE
        codes = [unit.unit for unit in shown]
        return office.page(
            "office/units.html",
            buildings=buildings(everything),
            count=len(everything),
            area=sum(unit.area for unit in everything),
            totals=Counter(unit.use_kind for unit in everything),
            units=shown,
            owners=owners_of(office.conn, office.trust_id, day, codes) if codes else {},
            uses=USE_KINDS,
            asked=asked,
            more=shown[-1].unit if more else "",
        )


def _day(office: Office) -> date:
    """Today, or the day the books open if that is still to come."""
    return max(office.act.today, office.site.opened_on)


@get("/c/{slug:str}/office/units/new", sync_to_thread=True, action="unit.record")
def new_unit(request: Req, slug: FromPath[str]) -> Answer:
    """A form for one unit."""
    with reading_office(request, slug) as office:
        return office.page("office/units_new.html", uses=list(USE_KINDS.items()), values={}, problems=())


@post("/c/{slug:str}/office/units/new", sync_to_thread=True, action="unit.record")
def add_unit(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Record one unit."""
    try:
        with acting(request, slug, subject=str(data.get("unit", ""))[:40]) as office:
            form = Form(data)
            unit = Unit(
                form.text("unit", "房号", longest=40),
                building_code(form.text("building", "楼栋", longest=20)),
                form.choice("use_kind", "用途", USE_KINDS),
                form.area("area", "建筑面积"),
            )
            form.finish()
            add_units(office.conn, office.trust_id, [unit])
            return office.done(f"/c/{slug}/office/units/of/{unit.unit}", f"{unit.unit} 已登记")
    except Refused as error:
        with reading_office(request, slug) as office:
            return office.page(
                "office/units_new.html",
                422,
                uses=list(USE_KINDS.items()),
                values=data,
                problems=error.problems,
            )


@get("/c/{slug:str}/office/units/of/{unit:str}", sync_to_thread=True, action="unit.read")
def one_unit(request: Req, slug: FromPath[str], unit: FromPath[str]) -> Answer:
    """A unit: what it is, who owns and rents it, and how that came about."""
    with reading_office(request, slug) as office:
        return _unit(office, unit, {}, ())


def _unit(
    office: Office,
    unit: str,
    values: dict[str, Any],
    problems: tuple[Problem, ...],
    status: int = 200,
    form: str = "",
) -> Answer:
    history = unit_history(office.conn, office.trust_id, unit)
    if not history:
        raise Unanswerable("unknown_unit", f"没有登记过房号“{unit}”")
    day = _day(office)
    return office.page(
        "office/units_one.html",
        status,
        unit=next(v.unit for v in history if v.effective_on <= day),
        history=history,
        owners=owners_of(office.conn, office.trust_id, day, [unit]).get(unit, ()),
        titles=title_history(office.conn, office.trust_id, unit),
        tenants=tenants_on(office.conn, office.trust_id, day, [unit]),
        uses=USE_KINDS,
        kinds=list(OWNER_KINDS.items()),
        reasons=REASONS,
        rows=range(1, OWNER_ROWS + 1),
        today=day,
        local_time=local_time,
        values=values,
        problems=problems,
        form=form,
    )


@post("/c/{slug:str}/office/units/of/{unit:str}/change", sync_to_thread=True, action="unit.record")
def change(request: Req, slug: FromPath[str], unit: FromPath[str], data: FormData) -> Answer:
    """Another use or area from a day on."""
    try:
        with acting(request, slug, subject=unit) as office:
            form = Form(data)
            use_kind = form.choice("use_kind", "用途", USE_KINDS)
            area = form.area("area", "建筑面积")
            effective_on = form.day("effective_on", "生效日")
            authority = form.text("authority", "依据")
            form.finish()
            change_unit(
                office.conn,
                office.trust_id,
                unit,
                use_kind=use_kind,
                area=area,
                effective_on=effective_on or office.act.today,
                authority=authority,
                act=office.act,
            )
            return office.done(
                f"/c/{slug}/office/units/of/{unit}", f"变更已登记，{effective_on} 起按新的计费"
            )
    except Refused as error:
        with reading_office(request, slug) as office:
            return _unit(office, unit, data, error.problems, 422, "change")


@post("/c/{slug:str}/office/units/of/{unit:str}/transfer", sync_to_thread=True, action="unit.record")
def transfer(request: Req, slug: FromPath[str], unit: FromPath[str], data: FormData) -> Answer:
    """New owners from a day on; what the home owes and its maintenance sub-account stay with the home."""
    try:
        with acting(request, slug, subject=unit) as office:
            form = Form(data)
            starts_on = form.day("starts_on", "从哪天起")
            reason = form.choice("reason", "取得方式", REASONS)
            authority = form.text("title_authority", "依据", required=reason != "first")
            people = _typed_owners(form)
            form.finish()
            keys = _keys(office, [person for person, _ in people])
            shares = {key: share for key, (_, share) in zip(keys, people, strict=True)}
            title = NewTitle(unit, starts_on or office.act.today, reason, authority, shares)
            record_title(
                office.conn, office.trust_id, title, signature=office.actor.signature, act=office.act
            )
            return office.done(f"/c/{slug}/office/units/of/{unit}", f"业主已登记，{starts_on} 起生效")
    except Refused as error:
        with reading_office(request, slug) as office:
            return _unit(office, unit, data, error.problems, 422, "transfer")


def _typed_owners(form: Form) -> list[tuple[Person, Fraction]]:
    """The rows of the form that name someone; shares left out are equal."""
    found: list[tuple[Person, Fraction | None]] = []
    for no in range(1, OWNER_ROWS + 1):
        where = f"第 {no} 位业主"
        key = form.text(f"owner_{no}", where, required=False, longest=20)
        name = form.text(f"name_{no}", where, required=False, longest=60)
        if not key and not name:
            continue
        kind = form.choice(f"kind_{no}", where, OWNER_KINDS, required=False) or "person"
        phone = form.text(f"phone_{no}", where, required=False, longest=20)
        found.append((Person(key, kind, name, phone), _share(form, no, where)))
    if not found:
        form.problem("no_owner", "请至少填写一位业主", "业主")
    given = [share for _, share in found if share is not None]
    if given and len(given) < len(found):
        form.problem("shares_not_whole", "份额要么每位都写，要么都不写（平均分）", "份额")
    equal = Fraction(1, max(len(found), 1))
    return [(person, share if share is not None else equal) for person, share in found]


def _share(form: Form, no: int, where: str) -> Fraction | None:
    text = form.text(f"share_{no}", where, required=False, longest=30)
    if not text:
        return None
    try:
        return parse_part(text)
    except ValueError as error:
        form.problem("bad_share", str(error), where)
        return None


def _keys(office: Office, people: list[Person]) -> list[str]:
    """The owner key of each: one on record if a number was given, else a new one."""
    known = owner_keys(office.conn, office.trust_id)
    return [
        person.owner
        if person.owner in known
        else add_person(office.conn, office.trust_id, person, office.act)
        for person in people
    ]


@post("/c/{slug:str}/office/units/of/{unit:str}/tenants", sync_to_thread=True, action="unit.record")
def add_tenant(request: Req, slug: FromPath[str], unit: FromPath[str], data: FormData) -> Answer:
    """Someone who rents, or the end of a tenancy."""
    try:
        with acting(request, slug, subject=unit) as office:
            form = Form(data)
            key = form.text("tenant", "租户", required=False, longest=20)
            name = form.text("tenant_name", "姓名或名称", required=not key, longest=60)
            phone = form.text("tenant_phone", "电话", required=False, longest=20)
            starts_on = form.day("tenant_from", "起租日")
            ends_on = form.day("tenant_until", "租期止", required=bool(key))
            form.finish()
            person = Person(key, "person", name, phone)
            (tenant,) = _keys(office, [person])
            tenancy = NewTenancy(unit, tenant, starts_on or office.act.today, ends_on)
            record_tenancies(office.conn, office.trust_id, [tenancy], office.act)
            return office.done(f"/c/{slug}/office/units/of/{unit}", "租户已登记")
    except Refused as error:
        with reading_office(request, slug) as office:
            return _unit(office, unit, data, error.problems, 422, "tenants")


HANDLERS = [units, new_unit, add_unit, one_unit, change, transfer, add_tenant]
