"""The community's witnesses: who they are, how far each has signed; registering one and ending one."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.draft_view import local_time
from disclosure.office.forms import Form, FormData
from disclosure.public.answers import Answer, Req
from ledger.errors import Problem, Refused
from ledger.witnesses import end_witness, register_witness, signed_by
from ledger.witnesses.registry import LONGEST_REASON, LONGEST_TITLE


@get("/c/{slug:str}/office/witnesses", sync_to_thread=True, action="witness.read")
def witnesses(request: Req, slug: FromPath[str]) -> Answer:
    """All witnesses, and a form for another one."""
    with reading_office(request, slug) as office:
        return _page(office, {}, ())


@post("/c/{slug:str}/office/witnesses", sync_to_thread=True, action="witness.register")
def register(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Recognise a witness."""
    try:
        with acting(request, slug, subject=str(data.get("title", ""))[:60]) as office:
            form = Form(data)
            title = form.text("title", "见证人", longest=LONGEST_TITLE)
            vkey = form.text("vkey", "公钥", longest=400)
            form.finish()
            register_witness(office.conn, office.trust_id, vkey, title, office.actor, office.act)
            return office.done(f"/c/{slug}/office/witnesses", f"已登记见证人“{title}”，从现在起收它的签名")
    except Refused as error:
        with reading_office(request, slug) as office:
            return _page(office, data, error.problems, 422)


@post("/c/{slug:str}/office/witnesses/end", sync_to_thread=True, action="witness.end")
def end(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Take no more signatures of a witness."""
    try:
        with acting(request, slug, subject=str(data.get("name", ""))[:60]) as office:
            form = Form(data)
            name = form.text("name", "见证人")
            reason = form.text("reason", "原因", longest=LONGEST_REASON)
            form.finish()
            end_witness(office.conn, office.trust_id, name, reason, office.actor, office.act)
            return office.done(f"/c/{slug}/office/witnesses", "已停用；以前的签名仍然公开")
    except Refused as error:
        with reading_office(request, slug) as office:
            return _page(office, data, error.problems, 422)


def _page(office: Office, values: dict[str, Any], problems: tuple[Problem, ...], status: int = 200) -> Answer:
    found = signed_by(office.conn, office.trust_id)
    return office.page(
        "office/witnesses.html",
        status,
        witnesses=found,
        active=[item for item in found if item.witness.active],
        may_register=office.actor.may("witness.register"),
        may_end=office.actor.may("witness.end"),
        local_time=local_time,
        site_address=office.services.config.public_url,
        values=values,
        problems=problems,
    )


HANDLERS = [witnesses, register, end]
