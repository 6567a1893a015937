"""The steps of a budget's course in the office: notice, back, given up, approved; answers and papers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from litestar import post
from litestar.params import FromPath

from disclosure.office.acting import Office
from disclosure.office.budgets import VERSION, address, key_of, version_page
from disclosure.office.document_picker import UPLOAD_LIMIT, documents_from_form
from disclosure.office.forms import Form, FormData, FormFiles
from disclosure.office.steps import take_step
from disclosure.public.answers import Answer, Req
from ledger.budget.comments import answer
from ledger.budget.course import adopt, give_notice, send_back, withdraw
from ledger.budget.drafting import add_paper
from ledger.budget.value import Key

VersionCommand = Callable[[Office, Form, Key], str]


def _run(
    request: Req, slug: str, name: str, version: int, data: dict[str, Any], command: VersionCommand
) -> Answer:
    """A step of one version."""
    key = key_of(name, version)
    return take_step(
        request,
        slug,
        data,
        lambda office, form: command(office, form, key),
        subject=f"预算 {key.subject}",
        onward=address(slug, key),
        again=lambda office, typed, problems: version_page(office, key, typed, problems, status=422),
    )


@post(f"{VERSION}/notice", sync_to_thread=True, action="budget.notice")
def notice(
    request: Req, slug: FromPath[str], name: FromPath[str], version: FromPath[int], data: FormData
) -> Answer:
    """Put a draft on public notice."""

    def command(office: Office, form: Form, key: Key) -> str:
        overrun = form.text("overrun", "缺口说明", required=False, longest=500)
        revision = form.whole("revision", "保存次数", least=1, most=1_000_000)
        form.finish()
        ends_on = give_notice(
            office.conn,
            office.trust_id,
            key,
            revision=revision,
            overrun=overrun,
            actor=office.actor,
            act=office.act,
        )
        return f"已公示，到 {ends_on} 为止；业主可以提意见，每条都要答复"

    return _run(request, slug, name, version, data, command)


@post(f"{VERSION}/return", sync_to_thread=True, action="budget.notice")
def back(
    request: Req, slug: FromPath[str], name: FromPath[str], version: FromPath[int], data: FormData
) -> Answer:
    """Take a version off notice, to be changed."""

    def command(office: Office, form: Form, key: Key) -> str:
        reason = form.text("reason", "退回原因", longest=500)
        form.finish()
        send_back(office.conn, office.trust_id, key, reason, actor=office.actor, act=office.act)
        return "已退回修改，改好后须重新公示"

    return _run(request, slug, name, version, data, command)


@post(f"{VERSION}/withdraw", sync_to_thread=True, action="budget.notice")
def give_up(
    request: Req, slug: FromPath[str], name: FromPath[str], version: FromPath[int], data: FormData
) -> Answer:
    """Give a version up."""

    def command(office: Office, form: Form, key: Key) -> str:
        reason = form.text("reason", "撤销原因", longest=500)
        form.finish()
        withdraw(office.conn, office.trust_id, key, reason, actor=office.actor, act=office.act)
        return "这一版已撤销"

    return _run(request, slug, name, version, data, command)


@post(f"{VERSION}/adopt", sync_to_thread=True, action="budget.adopt")
def approve(
    request: Req, slug: FromPath[str], name: FromPath[str], version: FromPath[int], data: FormData
) -> Answer:
    """Put a version in force."""

    def command(office: Office, form: Form, key: Key) -> str:
        decision = form.text("decision", "依据", required=False)
        effective_on = form.day("effective_on", "生效日")
        form.finish()
        adopt(
            office.conn,
            office.trust_id,
            key,
            decision=decision,
            effective_on=effective_on or office.act.today,
            actor=office.actor,
            act=office.act,
        )
        return f"预算已批准，自 {effective_on} 起生效，已写入公开日志"

    return _run(request, slug, name, version, data, command)


@post(f"{VERSION}/answers", sync_to_thread=True, action="budget.answer")
def reply(
    request: Req, slug: FromPath[str], name: FromPath[str], version: FromPath[int], data: FormData
) -> Answer:
    """Answer a comment."""

    def command(office: Office, form: Form, key: Key) -> str:
        no = form.whole("comment", "意见", least=1, most=1_000_000)
        text = form.text("text", "答复", longest=500)
        form.finish()
        answer(office.conn, office.trust_id, key, no, text, actor=office.actor, act=office.act)
        return f"已答复第 {no} 条意见"

    return _run(request, slug, name, version, data, command)


@post(
    f"{VERSION}/papers",
    sync_to_thread=True,
    action="budget.prepare",
    request_max_body_size=UPLOAD_LIMIT,
)
def papers(
    request: Req, slug: FromPath[str], name: FromPath[str], version: FromPath[int], data: FormFiles
) -> Answer:
    """Put papers to a draft, or to one of its lines."""

    def command(office: Office, form: Form, key: Key) -> str:
        line = form.text("line", "预算行", required=False)
        documents = documents_from_form(office, form)
        if not documents:
            form.problem("missing", "请选择或上传一份附件", "附件")
        form.finish()
        for document in documents:
            add_paper(
                office.conn, office.trust_id, key, document, line=line, actor=office.actor, act=office.act
            )
        return f"已附上 {len(documents)} 份附件"

    return _run(request, slug, name, version, data, command)


HANDLERS = [notice, back, give_up, approve, reply, papers]
