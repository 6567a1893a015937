"""Pages of work: the list, one piece of work, and the buttons of those it waits for."""

from __future__ import annotations

from urllib.parse import urlencode

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.draft_view import draft_view, local_time
from disclosure.office.forms import Form, FormData, place_number
from disclosure.office.work_words import STATES
from disclosure.public.answers import Answer, Req
from ledger.documents.read import uploads_by_digest
from ledger.journal import Posted
from ledger.money import format_yuan
from ledger.work import (
    CO_SIGN,
    PAY,
    REVIEW,
    SENT_BACK,
    WITHDRAWN,
    WorkFile,
    co_sign,
    list_work,
    pay,
    read_work,
    review,
    send_back,
    withdraw,
    work_kinds,
)
from ledger.work.value import OPEN

STEP_NAMES = {
    "prepare": "制单",
    REVIEW: "审核同意",
    CO_SIGN: "会签同意",
    PAY: "付款",
    SENT_BACK: "退回",
    WITHDRAWN: "撤回",
}
_A_PAGE = 50
_DRAFTS_SHOWN = 100


@get("/c/{slug:str}/office/work-items", sync_to_thread=True, action="work.read")
def work_list(request: Req, slug: FromPath[str]) -> Answer:
    """All work, newest first, by state and kind."""
    asked = {name: request.query_params.get(name, "") for name in ("state", "kind", "before")}
    with reading_office(request, slug) as office:
        state = asked["state"] if asked["state"] in STATES or asked["state"] == "open" else ""
        items = list_work(
            office.conn,
            office.trust_id,
            waiting_for=OPEN if state == "open" else (state,) if state else (),
            kind=asked["kind"],
            before=place_number(asked["before"]),
            limit=_A_PAGE + 1,
        )
        older = ""
        if len(items) > _A_PAGE:
            older = urlencode(asked | {"before": str(items[_A_PAGE - 1].no)})
        return office.page(
            "office/work_list.html",
            items=items[:_A_PAGE],
            older=older,
            asked=asked,
            states=[("open", "办理中"), *STATES.items()],
            kinds=list(work_kinds().items()),
        )


@get("/c/{slug:str}/office/work-items/{no:int}", sync_to_thread=True, action="work.read")
def work_page(request: Req, slug: FromPath[str], no: FromPath[int]) -> Answer:
    """One piece of work: what it asks for, who did what, what this person may do now."""
    with reading_office(request, slug) as office:
        file = read_work(office.conn, office.trust_id, no)
        drafts = file.work.drafts[:_DRAFTS_SHOWN]
        digests = [item.original for draft in drafts for item in draft.documents if item.original]
        uploads = uploads_by_digest(office.conn, office.trust_id, digests)
        return office.page(
            "office/work.html",
            file=file,
            drafts=[draft_view(office.setup, draft, uploads) for draft in drafts],
            count=len(file.work.drafts),
            amount=format_yuan(file.item.amount),
            steps=_steps(office, file),
            may=_may(office, file),
            today=office.act.today.isoformat(),
        )


def _steps(office: Office, file: WorkFile) -> list[dict[str, str]]:
    """What happened, and what is still to come."""
    item = file.item
    done = [{"name": "制单", "who": item.signature, "when": local_time(item.prepared_at), "note": ""}]
    for step in file.steps:
        note = step.note
        if step.step == PAY:
            number = f"，回单号 {step.bank_number}" if step.bank_number else ""
            note = f"付款日 {step.paid_on}{number}"
        done.append(
            {
                "name": STEP_NAMES[step.step],
                "who": step.signature,
                "when": local_time(step.acted_at),
                "note": note,
            }
        )
    if item.waiting_for in OPEN:
        needed = {*file.needed(office.setup), item.waiting_for}  # a rule may have changed meanwhile
        to_come = [name for name in OPEN[OPEN.index(item.waiting_for) :] if name in needed]
        done.extend({"name": STATES[name], "who": "", "when": "", "note": ""} for name in to_come)
    return done


def _may(office: Office, file: WorkFile) -> dict[str, bool]:
    """Which buttons to show: the step it waits for, if this person may take it and took none before."""
    item, actor = file.item, office.actor
    took = {item.person, *(step.person for step in file.steps)}
    waits = item.waiting_for in OPEN
    mine_now = waits and actor.may(f"work.{item.waiting_for}")
    return {
        "step": mine_now and actor.person not in took,
        "took": mine_now and actor.person in took,
        "send_back": mine_now,
        "withdraw": waits and actor.person == item.person and actor.may("work.withdraw"),
    }


def _done(office: Office, slug: str, no: int, posted: list[Posted], said: str) -> Answer:
    refs = "、".join(place.ref for place in posted[:3])
    tail = f"，已入账：{refs}{f' 等 {len(posted)} 张凭证' if len(posted) > 3 else ''}" if posted else ""
    return office.done(f"/c/{slug}/office/work-items/{no}", f"第 {no} 号单据{said}{tail}")


@post("/c/{slug:str}/office/work-items/{no:int}/review", sync_to_thread=True, action="work.review")
def review_work(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """Agree as reviewer."""
    with acting(request, slug, subject=f"work {no}") as office:
        note = Form(data).text("note", "备注", required=False)
        posted = review(office.conn, office.trust_id, no, office.actor, office.act, note)
        return _done(office, slug, no, posted, "已审核")


@post("/c/{slug:str}/office/work-items/{no:int}/co-sign", sync_to_thread=True, action="work.co_sign")
def co_sign_work(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """Agree for the owners' committee."""
    with acting(request, slug, subject=f"work {no}") as office:
        note = Form(data).text("note", "备注", required=False)
        posted = co_sign(office.conn, office.trust_id, no, office.actor, office.act, note)
        return _done(office, slug, no, posted, "已会签")


@post("/c/{slug:str}/office/work-items/{no:int}/pay", sync_to_thread=True, action="work.pay")
def pay_work(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """Record the payment as cashier."""
    with acting(request, slug, subject=f"work {no}") as office:
        form = Form(data)
        on = form.day("paid_on", "付款日期")
        number = form.text("bank_number", "银行回单号", required=False, longest=60)
        form.finish()
        posted = pay(
            office.conn,
            office.trust_id,
            no,
            office.actor,
            office.act,
            on=on or office.act.today,
            bank_number=number,
        )
        return _done(office, slug, no, posted, "已付款")


@post("/c/{slug:str}/office/work-items/{no:int}/send-back", sync_to_thread=True, action="work.send_back")
def send_work_back(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """Refuse it, with the reason."""
    with acting(request, slug, subject=f"work {no}") as office:
        note = Form(data).text("note", "退回原因", required=False)
        send_back(office.conn, office.trust_id, no, office.actor, office.act, note)
        return _done(office, slug, no, [], "已退回制单人")


@post("/c/{slug:str}/office/work-items/{no:int}/withdraw", sync_to_thread=True, action="work.withdraw")
def withdraw_work(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """Take one's own work back."""
    with acting(request, slug, subject=f"work {no}") as office:
        note = Form(data).text("note", "备注", required=False)
        withdraw(office.conn, office.trust_id, no, office.actor, office.act, note)
        return _done(office, slug, no, [], "已撤回")


HANDLERS = [work_list, work_page, review_work, co_sign_work, pay_work, send_work_back, withdraw_work]
