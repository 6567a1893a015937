"""Fee standards and parking spaces: what there is, and a form to record the next version."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.forms import Form, FormData
from disclosure.public.answers import Answer, Req
from ledger.billing import Standard, list_standards, record_standard
from ledger.billing.items import load_items
from ledger.billing.parking import Space, assign_space, spaces_on
from ledger.billing.run import use_title
from ledger.billing.standard import METHODS, SCOPES, parse_rate, short_rate
from ledger.errors import Refused
from ledger.trust.uses import USE_KINDS


@get("/c/{slug:str}/office/charges/standards", sync_to_thread=True, action="charge.read")
def standards(request: Req, slug: FromPath[str]) -> Answer:
    """All versions of all standards, the newest first."""
    with reading_office(request, slug) as office:
        return _standards_page(office, {}, ())


def _standards_page(office: Office, values: dict[str, Any], problems: Any, status: int = 200) -> Answer:
    items = load_items()
    versions = sorted(
        list_standards(office.conn, office.trust_id),
        key=lambda one: (one.effective_on, one.number),
        reverse=True,
    )
    return office.page(
        "office/charges_standards.html",
        status=status,
        rows=[_row(one) for one in versions],
        values=values,
        problems=problems,
        items=[(item.name, item.title) for item in items.values()],
        scopes=list(SCOPES.items()),
        uses=list(USE_KINDS.values()),
        methods=list(METHODS.items()),
        may_record=office.actor.may("charge.standard"),
    )


def _row(one: Standard) -> dict[str, Any]:
    item = load_items()[one.item]
    where = {"use": use_title(one.target), "building": f"{one.target} 栋"}.get(one.scope, "")
    units = "、".join(one.units[:6]) + (f" 等 {len(one.units)} 套" if len(one.units) > 6 else "")
    counted = {"area": "元/㎡·月", "fixed": "元/月", "meter": f"元/{item.counted}"}.get(one.method, "")
    return {
        "item": item.title,
        "scope": where or units,
        "price": f"{short_rate(one.rate_e4)} {counted}" if one.charges else METHODS[one.method],
        "since": one.effective_on,
        "authority": one.authority,
    }


@post("/c/{slug:str}/office/charges/standards", sync_to_thread=True, action="charge.standard")
def record(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Record a version."""
    try:
        with acting(request, slug, subject="收费标准") as office:
            asked = read_standard(Form(data))
            record_standard(office.conn, office.trust_id, asked, office.actor, office.act)
            return office.done(
                f"/c/{slug}/office/charges/standards",
                f"已登记，从 {asked.effective_on} 起按新标准计费；以前的月份不受影响",
            )
    except Refused as error:
        with reading_office(request, slug) as office:
            return _standards_page(office, dict(data), error.problems, status=422)


def read_standard(form: Form) -> Standard:
    """A fee standard as typed. Raises :class:`~ledger.errors.Refused`."""
    scope = form.choice("scope", "适用范围", SCOPES)
    method = form.choice("method", "计费方式", METHODS)
    target = form.text("target", "适用对象")
    price = form.text("price", "单价", required=method not in ("none", "general"))
    rate = 0
    try:
        rate = parse_rate(price) if price else 0
    except ValueError as error:
        form.problem("bad_rate", str(error), "单价")
    codes = {title: code for code, title in USE_KINDS.items()}
    asked = Standard(
        item=form.choice("item", "收费项目", load_items()),
        scope=scope,
        target="" if scope == "units" else codes.get(target, target.removesuffix("栋").strip()),
        method=method,
        rate_e4=rate,
        effective_on=form.day("effective_on", "生效日期"),  # type: ignore[arg-type]
        authority=form.text("authority", "依据"),
        units=tuple(target.replace("、", " ").replace(",", " ").replace("，", " ").split())
        if scope == "units"
        else (),
    )
    form.finish()
    return asked


@get("/c/{slug:str}/office/charges/parking", sync_to_thread=True, action="charge.read")
def parking(request: Req, slug: FromPath[str]) -> Answer:
    """Spaces and who holds them today."""
    with reading_office(request, slug) as office:
        return _parking_page(office, {"effective_on": office.act.today.isoformat()}, ())


def _parking_page(office: Office, values: dict[str, Any], problems: Any, status: int = 200) -> Answer:
    return office.page(
        "office/charges_parking.html",
        status=status,
        spaces=spaces_on(office.conn, office.trust_id, office.act.today),
        values=values,
        problems=problems,
        may_record=office.actor.may("charge.standard"),
    )


@post("/c/{slug:str}/office/charges/parking", sync_to_thread=True, action="charge.standard")
def assign(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Give a space to a unit, or take it back."""
    try:
        with acting(request, slug, subject="车位") as office:
            form = Form(data)
            space = Space(
                space=form.text("space", "车位编号", longest=30),
                unit=form.text("unit", "房号", required=False, longest=30),
                kind=form.text("kind", "车位类别", longest=20),
                effective_on=form.day("effective_on", "起始日期"),  # type: ignore[arg-type]
            )
            form.finish()
            assign_space(office.conn, office.trust_id, space, office.actor, office.act)
            said = "已登记使用人" if space.unit else "已登记收回"
            return office.done(f"/c/{slug}/office/charges/parking", f"车位 {space.space} {said}")
    except Refused as error:
        with reading_office(request, slug) as office:
            return _parking_page(office, dict(data), error.problems, status=422)


HANDLERS = [standards, record, parking, assign]
