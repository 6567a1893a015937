"""What is decided about a round: vetoes, appeals and rulings, the trustee's reply, the final record, corrections, and
what became of its consequences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, reading_office
from disclosure.office.document_picker import UPLOAD_LIMIT
from disclosure.office.evaluations_one import ONE, step_of, texts_of, words_of
from disclosure.office.evaluations_view import deductions
from disclosure.office.forms import Form, FormData, FormFiles
from disclosure.office.scans import keep_scan
from disclosure.office.steps import take_step
from disclosure.public.answers import Answer, Req
from ledger.errors import Problem
from ledger.evaluation import appeals
from ledger.evaluation.allowed import UNRELATED
from ledger.evaluation.consequences import KINDS, PAY, settle
from ledger.evaluation.course import find_veto
from ledger.evaluation.rounds import read_state
from ledger.evaluation.state import State
from ledger.evaluation.value import Appeal, Correction, Ruling, VetoFinding

_MOST_FIELDS = 400
"""A form can't have any number of fields; what is beyond them is corrected from the shell."""
_TO_SETTLE = {name: title for name, title in KINDS.items() if name != PAY}


@post(f"{ONE}/veto", sync_to_thread=True, action="evaluation.rule", request_max_body_size=UPLOAD_LIMIT)
def veto(request: Req, slug: FromPath[str], no: FromPath[int], data: FormFiles) -> Answer:
    """Establish something that brings the grade down at once."""

    def command(office: Office, form: Form) -> str:
        found = _veto(office, form, read_state(office.conn, office.trust_id, no))
        form.finish()
        unrelated = form.flag("unrelated")
        find_veto(office.conn, office.trust_id, no, found, office.actor, office.act, unrelated=unrelated)
        return "已登记一票否决，公示时会写明事实和依据"

    return step_of(request, slug, no, data, command, "#vetoes")


def _veto(office: Office, form: Form, state: State) -> VetoFinding:
    codes = {one.code for one in state.scheme.vetoes}
    code = form.choice("veto", "一票否决的情形", sorted(codes))
    on = form.day("veto_on", "发生日期") or date.min
    what = form.text("veto_what", "事实", longest=500)
    document = keep_scan(
        office, form, "veto_file", "other", "一票否决的依据", label="认定的依据", required=True
    )
    return VetoFinding(code, on, what, document)


@post(f"{ONE}/appeal", sync_to_thread=True, action="evaluation.appeal", request_max_body_size=UPLOAD_LIMIT)
def appeal(request: Req, slug: FromPath[str], no: FromPath[int], data: FormFiles) -> Answer:
    """The trustee objects to something that cost points."""

    def command(office: Office, form: Form) -> str:
        ref = form.text("ref", "扣分记录")
        reason = form.text("appeal_reason", "申诉理由", longest=1_000)
        document = keep_scan(office, form, "appeal_file", "other", "评价申诉材料", label="申诉材料")
        form.finish()
        said = Appeal(ref, reason, document)
        number = appeals.appeal(office.conn, office.trust_id, no, said, office.actor, office.act)
        return f"第 {number} 号申诉已提交，等待裁定"

    return step_of(request, slug, no, data, command, "#appeals")


@post(f"{ONE}/rule", sync_to_thread=True, action="evaluation.rule")
def rule(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """Decide an appeal."""

    def command(office: Office, form: Form) -> str:
        number = form.whole("appeal", "申诉号", least=1, most=10**6)
        count = form.whole("count", "仍应计的数量", most=10_000)
        reason = form.text("ruling_reason", "裁定理由", longest=1_000)
        form.finish()
        said, unrelated = Ruling(number, count, reason), form.flag("unrelated")
        appeals.rule(office.conn, office.trust_id, no, said, office.actor, office.act, unrelated=unrelated)
        return f"第 {number} 号申诉已裁定"

    return step_of(request, slug, no, data, command, "#appeals")


@post(f"{ONE}/reply", sync_to_thread=True, action="evaluation.appeal")
def reply(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """The trustee's own words beside the result."""

    field, done = ("reply", "公开回应", 2_000), "公开回应已记下，定稿时和结果一起发布"
    return words_of(request, slug, no, data, field, appeals.reply, done)


@post(f"{ONE}/final", sync_to_thread=True, action="evaluation.finish")
def final(request: Req, slug: FromPath[str], no: FromPath[int], data: FormData) -> Answer:
    """Make it final and publish it."""

    def command(office: Office, form: Form) -> str:
        seq = appeals.finalise(office.conn, office.trust_id, no, office.actor, office.act)
        return f"已定稿发布，写入公开日志第 {seq + 1} 笔，不能再改；有错只能另发更正版"

    return step_of(request, slug, no, data, command)


@post(f"{ONE}/settle", sync_to_thread=True, action="evaluation.settle", request_max_body_size=UPLOAD_LIMIT)
def settle_one(request: Req, slug: FromPath[str], no: FromPath[int], data: FormFiles) -> Answer:
    """A consequence was dealt with, or is open again."""

    def command(office: Office, form: Form) -> str:
        kind = form.choice("kind", "事项", _TO_SETTLE)
        note = form.text("note", "办理情况", longest=500)
        document = keep_scan(office, form, "settle_file", "other", "评价整改凭据", label="凭据")
        form.finish()
        done = not form.flag("reopen")
        settle(office.conn, office.trust_id, no, kind, note, document, office.actor, office.act, done=done)
        return f"{_TO_SETTLE[kind]}：{'已办结' if done else '重新打开'}"

    return step_of(request, slug, no, data, command, "#consequences")


# --- Corrections ------------------------------------------------------------------------------------------------


@get(f"{ONE}/correct", sync_to_thread=True, action="evaluation.finish")
def correct_form(request: Req, slug: FromPath[str], no: FromPath[int]) -> Answer:
    """What the next version changes."""
    with reading_office(request, slug) as office:
        return _correct_page(office, no, {}, ())


def _correct_page(
    office: Office, no: int, values: Mapping[str, Any], problems: Sequence[Problem], status: int = 200
) -> Answer:
    state = read_state(office.conn, office.trust_id, no)
    items = correctable(state)
    return office.page(
        "office/evaluations_correct.html",
        status,
        state=state,
        items=items[:_MOST_FIELDS],
        more=len(items) - _MOST_FIELDS,
        unrelated=UNRELATED,
        values=texts_of(values),
        problems=problems,
    )


def correctable(state: State) -> list[tuple[str, str, int]]:
    """Everything whose count a correction may put right: ref, words, count; struck ones too."""
    found = [(one.ref, f"{one.indicator} {one.text}", one.count) for one in deductions(state)]
    known = {ref for ref, _, _ in found}
    for (code, _), one in state.findings().items():
        found += [
            (item.ref, f"{code} {item.on} {item.what}", item.count)
            for item in (one.items if one else ())
            if item.ref and item.ref not in known
        ]
    counts = state.counts()
    found += [
        (ref, f"一票否决（已撤销）：{body.on} {body.what}", 0)
        for ref, _, body in state.all_vetoes()
        if not counts.get(ref, 1)
    ]
    return found


@post(f"{ONE}/correct", sync_to_thread=True, action="evaluation.finish", request_max_body_size=UPLOAD_LIMIT)
def send_correction(request: Req, slug: FromPath[str], no: FromPath[int], data: FormFiles) -> Answer:
    """Publish another version of a final result."""

    def command(office: Office, form: Form) -> str:
        state = read_state(office.conn, office.trust_id, no)
        counts = {}
        for ref, text, now in correctable(state):
            typed = form.text(f"count_{ref}", text, required=False)
            if typed and (count := form.whole(f"count_{ref}", text, most=10_000)) != now:
                counts[ref] = count
        found = (_veto(office, form, state),) if form.text("veto", "一票否决", required=False) else ()
        reason = form.text("reason", "更正的原因", longest=1_000)
        document = keep_scan(
            office, form, "file", "other", "评价更正的依据", label="更正的依据", required=True
        )
        form.finish()
        said, unrelated = Correction(reason, document, counts, found), form.flag("unrelated")
        seq = appeals.correct(
            office.conn, office.trust_id, no, said, office.actor, office.act, unrelated=unrelated
        )
        return f"更正版已发布，写入公开日志第 {seq + 1} 笔；原来的版本仍可查看"

    return take_step(
        request,
        slug,
        data,
        command,
        subject=f"第 {no} 轮",
        onward=f"/c/{slug}/office/evaluations/{no}",
        again=lambda office, typed, problems: _correct_page(office, no, typed, problems, 422),
    )


HANDLERS = [veto, appeal, rule, reply, final, settle_one, correct_form, send_correction]
