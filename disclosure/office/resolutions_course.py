"""The steps of a vote: motion, notice, opening, close, publication, filing, calling it off."""

from __future__ import annotations

from typing import Any

from litestar import post
from litestar.params import FromPath

from disclosure.office.acting import Office
from disclosure.office.document_picker import UPLOAD_LIMIT
from disclosure.office.forms import Form, FormData, FormFiles
from disclosure.office.resolutions_view import resolution_page
from disclosure.office.scans import keep_scan
from disclosure.office.steps import Command, take_step
from disclosure.public.answers import Answer, Req
from ledger.resolutions.closing import close_vote, publish_result, record_filing
from ledger.resolutions.course import MOVERS, OWNERS, give_notice, record_motion, withdraw
from ledger.resolutions.opening import open_vote
from ledger.resolutions.value import Motion, Notice

_SEPARATORS = str.maketrans("，、,;；\n\r\t", "        ")


@post(
    "/c/{slug:str}/office/resolutions/{number:str}/motion",
    sync_to_thread=True,
    action="resolution.draft",
    request_max_body_size=UPLOAD_LIMIT,
)
def motion(request: Req, slug: FromPath[str], number: FromPath[str], data: FormFiles) -> Answer:
    """Who asked for the vote."""

    def keep(office: Office, form: Form) -> str:
        by = form.choice("by", "提议人", MOVERS)
        moved_on = form.day("moved_on", "提议日期")
        units = tuple(dict.fromkeys(str(form.values.get("units", "")).translate(_SEPARATORS).split()))
        note = form.text("note", "说明", required=False, longest=500)
        scan = keep_scan(office, form, "scan", "resolution", f"提议 {number}", label="签名的扫描件")
        form.finish()
        asked = Motion(by, moved_on or office.act.today, units if by == OWNERS else (), scan, note)
        record_motion(office.conn, office.trust_id, number, asked, office.actor, office.act)
        return "提议已登记，可以通知业主了"

    return _run(request, slug, number, data, keep)


@post(
    "/c/{slug:str}/office/resolutions/{number:str}/notice",
    sync_to_thread=True,
    action="resolution.draft",
    request_max_body_size=UPLOAD_LIMIT,
)
def notice(request: Req, slug: FromPath[str], number: FromPath[str], data: FormFiles) -> Answer:
    """All owners are told today."""

    def keep(office: Office, form: Form) -> str:
        today = office.act.today
        opens_on, closes_on = form.day("opens_on", "开始日期"), form.day("closes_on", "截止日期")
        how = form.text("how", "怎样通知的", longest=500)
        neighbourhood = form.text("neighbourhood", "怎样告知居民委员会", longest=500)
        scan = keep_scan(office, form, "scan", "resolution", f"通知 {number}", label="公告照片")
        form.finish()
        told = Notice(opens_on or today, closes_on or today, how, neighbourhood, scan)
        give_notice(office.conn, office.trust_id, number, told, office.actor, office.act)
        return "通知已登记，公开页面上已能看到"

    return _run(request, slug, number, data, keep)


@post("/c/{slug:str}/office/resolutions/{number:str}/open", sync_to_thread=True, action="resolution.open")
def start(request: Req, slug: FromPath[str], number: FromPath[str], data: FormData) -> Answer:
    """Freeze the roll; voting begins."""

    def keep(office: Office, form: Form) -> str:
        unknown = form.flag("include_unknown")
        open_vote(office.conn, office.trust_id, number, office.actor, office.act, include_unknown=unknown)
        return "表决已开始，名册已冻结，名册指纹已写进公开日志"

    return _run(request, slug, number, data, keep)


@post("/c/{slug:str}/office/resolutions/{number:str}/close", sync_to_thread=True, action="resolution.close")
def close(request: Req, slug: FromPath[str], number: FromPath[str], data: FormData) -> Answer:
    """Count."""

    def keep(office: Office, form: Form) -> str:
        set_aside = form.text("set_aside", "不计入的原因", required=False, longest=500)
        form.finish()
        close_vote(office.conn, office.trust_id, number, office.actor, office.act, set_aside=set_aside)
        return "表决已截止，计票完成；请核对后公布"

    return _run(request, slug, number, data, keep)


@post(
    "/c/{slug:str}/office/resolutions/{number:str}/publish", sync_to_thread=True, action="resolution.publish"
)
def publish(request: Req, slug: FromPath[str], number: FromPath[str], data: FormData) -> Answer:
    """Publish the result; from now on the books may rest on it."""

    def keep(office: Office, form: Form) -> str:
        publish_result(office.conn, office.trust_id, number, office.actor, office.act)
        return "结果已公布，并写进公开日志"

    return _run(request, slug, number, data, keep)


@post(
    "/c/{slug:str}/office/resolutions/{number:str}/filing",
    sync_to_thread=True,
    action="resolution.file",
    request_max_body_size=UPLOAD_LIMIT,
)
def filing(request: Req, slug: FromPath[str], number: FromPath[str], data: FormFiles) -> Answer:
    """Filed with the authorities."""

    def keep(office: Office, form: Form) -> str:
        filed_on = form.day("filed_on", "备案日期")
        authority = form.text("authority", "备案机关", longest=100)
        receipt = form.text("receipt", "回执号", required=False, longest=100)
        scan = keep_scan(office, form, "scan", "filing", f"备案回执 {number}", label="回执扫描件")
        form.finish()
        record_filing(
            office.conn,
            office.trust_id,
            number,
            filed_on or office.act.today,
            authority,
            receipt,
            scan,
            office.actor,
            office.act,
        )
        return "备案已登记"

    return _run(request, slug, number, data, keep)


@post(
    "/c/{slug:str}/office/resolutions/{number:str}/withdraw", sync_to_thread=True, action="resolution.draft"
)
def call_off(request: Req, slug: FromPath[str], number: FromPath[str], data: FormData) -> Answer:
    """Call it off before voting begins."""

    def keep(office: Office, form: Form) -> str:
        reason = form.text("reason", "撤回的原因", longest=500)
        form.finish()
        withdraw(office.conn, office.trust_id, number, reason, office.actor, office.act)
        return "已撤回"

    return _run(request, slug, number, data, keep)


def _run(request: Req, slug: str, number: str, data: dict[str, Any], command: Command) -> Answer:
    """A step of one vote."""
    return take_step(
        request,
        slug,
        data,
        command,
        subject=number,
        onward=f"/c/{slug}/office/resolutions/{number}",
        again=lambda office, typed, problems: resolution_page(office, number, typed, problems, 422),
    )


HANDLERS = [motion, notice, start, close, publish, filing, call_off]
