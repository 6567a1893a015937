"""The audit trail as a page: newest first, filtered, paged by key."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from litestar import get
from litestar.params import FromPath
from sqlalchemy import Connection

from disclosure.identity.words import moment_text
from disclosure.office.acting import reading_office
from disclosure.office.forms import Form
from disclosure.public.answers import Answer, Req
from ledger.errors import Problem
from ledger.people.accounts import find_account
from ledger.people.audit import OUTCOME_NAMES, AuditFilter, read_audit
from ledger.people.roles import actions

_PAGE = 50
_NOBODY = "nobody"


@get("/c/{slug:str}/office/audit", sync_to_thread=True, action="audit.read")
def audit_page(request: Req, slug: FromPath[str]) -> Answer:
    """Who did or tried what, when and from where."""
    with reading_office(request, slug) as office:
        values = dict(request.query_params.items())
        asked, problems = _filter(office.conn, values)
        before = values.pop("before", "")
        events = read_audit(office.conn, office.trust_id, asked, before=before, limit=_PAGE + 1)
        older = ""
        if len(events) > _PAGE:
            older = urlencode({**values, "before": events[_PAGE - 1].event})
        return office.page(
            "identity/audit.html",
            rows=[(moment_text(item.at), item) for item in events[:_PAGE]],
            older=older,
            newest=urlencode(values) if before else None,
            values=values,
            problems=problems,
            actions=[(name, action.title) for name, action in actions().items()],
            outcomes=list(OUTCOME_NAMES.items()),
        )


def _filter(conn: Connection, values: Mapping[str, str]) -> tuple[AuditFilter, list[Problem]]:
    form = Form(values)
    account = form.text("account", "账号", required=False)
    person = find_account(conn, account) if account else None
    if account and person is None:
        form.problem("unknown_account", "没有这个账号", "账号")
    asked = AuditFilter(
        person=person.person if person else (_NOBODY if account else ""),
        action=form.choice("action", "操作", list(actions()), required=False),
        outcome=form.choice("outcome", "结果", OUTCOME_NAMES, required=False),
        since=form.day("since", "从哪天", required=False),
        until=form.day("until", "到哪天", required=False),
    )
    return asked, form.problems


HANDLERS = [audit_page]
