"""The frozen roll, who took part; proxies and deliveries; the recount."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from disclosure.office.acting import PRIVATE, Office, acting, reading_office
from disclosure.office.document_picker import UPLOAD_LIMIT
from disclosure.office.draft_view import local_time
from disclosure.office.forms import Form, FormFiles, place_number
from disclosure.office.scans import keep_scan
from disclosure.public.answers import JSON, Answer, Req, download_name
from disclosure.public.resolutions_view import square
from ledger.errors import Refused, Unanswerable
from ledger.people import Forbidden
from ledger.resolutions.proxies import Proxy, record_deliveries, record_proxy, revoke_proxy
from ledger.resolutions.read import ResolutionFile, read_resolution
from ledger.resolutions.recount import audit_bytes, collect, recount
from ledger.resolutions.value import CHANNEL_NAMES
from ledger.resolutions.voters import roll_page

_A_PAGE = 100
_SEPARATORS = str.maketrans("，、,;；\n\r\t", "        ")


@get("/c/{slug:str}/office/resolutions/{number:str}/roll", sync_to_thread=True, action="resolution.roll")
def roll(request: Req, slug: FromPath[str], number: FromPath[str]) -> Answer:
    """Who is on the roll and whether they voted; never what."""
    asked = {name: request.query_params.get(name, "").strip() for name in ("unit", "after", "missing")}
    with reading_office(request, slug) as office:
        file = _frozen(office, number)
        rows = roll_page(
            office.conn,
            office.trust_id,
            number,
            after=place_number(asked["after"]) or 0,
            limit=_A_PAGE + 1,
            unit=asked["unit"],
            missing=bool(asked["missing"]),
        )
        return office.page(
            "office/resolutions_roll.html",
            file=file,
            number=number,
            rows=rows[:_A_PAGE],
            after=rows[_A_PAGE - 1].voter if len(rows) > _A_PAGE else 0,
            asked=asked,
            channels=CHANNEL_NAMES,
            square=square,
            when=local_time,
        )


@get("/c/{slug:str}/office/resolutions/{number:str}/proxies", sync_to_thread=True, action="resolution.proxy")
def proxies_page(request: Req, slug: FromPath[str], number: FromPath[str]) -> Answer:
    """Forms for authorisations and deliveries."""
    with reading_office(request, slug) as office:
        return _proxies(office, number, {}, ())


@post(
    "/c/{slug:str}/office/resolutions/{number:str}/proxies",
    sync_to_thread=True,
    action="resolution.proxy",
    request_max_body_size=UPLOAD_LIMIT,
)
def keep_proxy(request: Req, slug: FromPath[str], number: FromPath[str], data: FormFiles) -> Answer:
    """An authorisation given or taken back, or papers delivered: as the form's hidden field ``doing`` says."""
    doing = {"give": _give, "revoke": _revoke, "deliver": _deliver}
    try:
        with acting(request, slug, subject=number) as office:
            form = Form(data)
            wanted = form.choice("doing", "办理", doing)
            form.finish()
            said = doing[wanted](office, form, number)
            return office.done(f"/c/{slug}/office/resolutions/{number}/proxies", said)
    except Forbidden:
        raise
    except Refused as error:
        with reading_office(request, slug) as office:
            return _proxies(office, number, dict(data), error.problems, 422)


def _give(office: Office, form: Form, number: str) -> str:
    unit = form.text("unit", "房号", longest=60)
    giver, holder = form.text("giver", "委托人", longest=60), form.text("holder", "受托人", longest=60)
    until = form.day("until", "委托截止日")
    scan = keep_scan(
        office, form, "scan", "resolution", f"授权委托书 {number}", label="委托书", required=True
    )
    form.finish()
    proxy = Proxy(unit, giver, holder, until or office.act.today, scan)
    no = record_proxy(office.conn, office.trust_id, number, proxy, office.actor, office.act)
    return f"第 {no} 号委托已登记"


def _revoke(office: Office, form: Form, number: str) -> str:
    unit = form.text("revoke_unit", "房号", longest=60)
    form.finish()
    revoke_proxy(office.conn, office.trust_id, number, unit, office.actor, office.act)
    return f"{unit} 的委托已撤销，以前代投的票还在，业主可以改投"


def _deliver(office: Office, form: Form, number: str) -> str:
    typed = form.text("units", "房号", longest=20_000).translate(_SEPARATORS).split()
    day, how = form.day("delivered_on", "送达日期"), form.text("how", "送达方式", longest=100)
    scan = keep_scan(office, form, "scan", "resolution", f"选票送达凭据 {number}", label="送达凭据")
    form.finish()
    units = list(dict.fromkeys(typed))
    kept = record_deliveries(
        office.conn,
        office.trust_id,
        number,
        units,
        day or office.act.today,
        how,
        scan,
        office.actor,
        office.act,
    )
    return f"已登记送达，新增 {kept} 位表决人"


def _proxies(office: Office, number: str, values: dict[str, Any], problems: Any, status: int = 200) -> Answer:
    file = _frozen(office, number)
    today = office.act.today.isoformat()
    return office.page(
        "office/resolutions_proxies.html",
        status=status,
        file=file,
        number=number,
        values={"until": file.state.told.closes_on.isoformat(), "delivered_on": today, **values},
        problems=problems,
    )


@get("/c/{slug:str}/office/resolutions/{number:str}/recount", sync_to_thread=True, action="resolution.audit")
def recount_page(request: Req, slug: FromPath[str], number: FromPath[str]) -> Answer:
    """Count again from the roll and the ballots, and compare with the public log."""
    with reading_office(request, slug) as office:
        file = _frozen(office, number)
        done = recount(office.conn, office.trust_id, number)
        return office.page("office/resolutions_recount.html", file=file, number=number, done=done)


@post("/c/{slug:str}/office/resolutions/{number:str}/recount", sync_to_thread=True, action="resolution.audit")
def audit_file(request: Req, slug: FromPath[str], number: FromPath[str]) -> Answer:
    """The roll and all ballots for an auditor outside. It says who chose what: taking it is on the trail."""
    with acting(request, slug, subject=number) as office:
        _frozen(office, number)
        body = audit_bytes(collect(office.conn, office.trust_id, slug, number))
    name = download_name(f"audit-{slug}-{number}.json")
    return Response(body, media_type=JSON, headers={**PRIVATE, **name})


def _frozen(office: Office, number: str) -> ResolutionFile:
    file = read_resolution(office.conn, office.trust_id, number)
    if file.roll is None:
        raise Unanswerable("no_roll", f"“{number}”还没有开始表决，没有冻结的名册")
    return file


HANDLERS = [roll, proxies_page, keep_proxy, recount_page, audit_file]
