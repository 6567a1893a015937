"""From the preview (公示) to the final record: appeals, rulings, the trustee's reply, the result and its corrections.

A final record is never changed. What turns out wrong is put right by another version, which stands beside it.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, insert

from ledger.errors import Problem, Refused, refuse
from ledger.evaluation.allowed import require_unrelated
from ledger.evaluation.consequences import record_consequences
from ledger.evaluation.result import RECORD, record_value, result_body, subject_of
from ledger.evaluation.rounds import add_step, state_in
from ledger.evaluation.sheets import veto_problems
from ledger.evaluation.state import State
from ledger.evaluation.telling import tell_follows
from ledger.evaluation.texts import private_problems
from ledger.evaluation.value import (
    APPEAL,
    CORRECTION,
    FINAL,
    PREVIEW,
    REPLY,
    RULING,
    Appeal,
    Correction,
    Empty,
    Note,
    PreviewDays,
    Ruling,
)
from ledger.people import Actor, Forbidden, require
from ledger.records import publish_record
from ledger.resolutions.texts import document_problems, text_problems
from ledger.store.tables import evaluation_result
from ledger.trust.act import Act
from ledger.trust.lock import lock_trust

_LONGEST = 1_000


def preview(conn: Connection, trust_id: int, round_no: int, actor: Actor, act: Act) -> State:
    """Show the figures to everybody and let the trustee appeal, once the questionnaire is over."""
    require(actor, "evaluation.open")
    lock_trust(conn, trust_id)
    state = state_in(conn, trust_id, round_no, ("survey",), "公示")
    if state.closes_on is not None and act.today <= state.closes_on:
        raise refuse("survey_open", f"问卷到 {state.closes_on} 截止，截止以后再公示", "问卷")
    if act.today <= state.scoring_until and (waiting := _unscored(state)):
        message = (
            f"评分期到 {state.scoring_until} 为止，{'、'.join(waiting)} 还没有人评；评完或过期以后再公示"
        )
        raise refuse("scoring_open", message, "评分")
    until = act.today + timedelta(days=state.scheme.appeal_days)
    return add_step(conn, trust_id, state, PREVIEW, PreviewDays(until), actor, act)


def appeal(conn: Connection, trust_id: int, round_no: int, said: Appeal, actor: Actor, act: Act) -> int:
    """The trustee objects to an item or a veto; returns the number of the appeal. Raises :class:`Refused`."""
    require(actor, "evaluation.appeal")
    lock_trust(conn, trust_id)
    state = state_in(conn, trust_id, round_no, ("preview",), "申诉")
    problems = [
        *text_problems(said.reason, "申诉理由", longest=_LONGEST),
        *private_problems(conn, trust_id, [("申诉理由", said.reason)]),
        *document_problems(conn, trust_id, [said.document], "申诉材料"),
    ]
    if state.appeal_until is not None and act.today > state.appeal_until:
        problems.append(Problem("too_late", f"申诉期到 {state.appeal_until} 为止", "申诉"))
    if _count_of(state, said.ref) is None:
        problems.append(Problem("unknown_item", "没有这条扣分记录，请从扣分明细里选择", "扣分记录"))
    if any(body.ref == said.ref for _, body in state.all(APPEAL, Appeal)):
        problems.append(Problem("appealed", "这条扣分记录已经申诉过", "扣分记录"))
    if problems:
        raise Refused(problems)
    return len(add_step(conn, trust_id, state, APPEAL, said, actor, act).steps)


def rule(
    conn: Connection, trust_id: int, round_no: int, ruling: Ruling, actor: Actor, act: Act, *, unrelated: bool
) -> None:
    """Decide an appeal: what count stands. Not by whoever found the item. Raises :class:`Refused`."""
    require(actor, "evaluation.rule")
    lock_trust(conn, trust_id)
    state = state_in(conn, trust_id, round_no, ("preview",), "裁定")
    require_unrelated(conn, trust_id, state, "evaluation.rule", actor, unrelated=unrelated)
    step = next((one for one in state.open_appeals() if one.no == ruling.appeal), None)
    if step is None:
        raise refuse("unknown_appeal", f"没有待裁定的第 {ruling.appeal} 号申诉", "申诉")
    ref = next(body.ref for one, body in state.all(APPEAL, Appeal) if one.no == step.no)
    problems = text_problems(ruling.reason, "裁定理由", longest=_LONGEST)
    problems += private_problems(conn, trust_id, [("裁定理由", ruling.reason)])
    count = _count_of(state, ref) or 0
    shortfall = _is_shortfall(state, ref)
    most = 10_000 if shortfall else count
    if not 0 <= ruling.count <= most:
        problems.append(Problem("bad_count", f"裁定的数量应在 0 与 {most} 之间", "裁定"))
    if problems:
        raise Refused(problems)
    found_in = state.steps[int(ref.partition(".")[0]) - 1]
    if found_in.person == actor.person and found_in.kind in ("sheet", "veto"):
        raise Forbidden(
            [
                Problem(
                    "own_finding", "这条扣分是您登记的，申诉须由社区党组织的其他人、街道或监督人裁定", "裁定"
                )
            ]
        )
    add_step(conn, trust_id, state, RULING, ruling, actor, act)


def reply(conn: Connection, trust_id: int, round_no: int, text: str, actor: Actor, act: Act) -> None:
    """The trustee's own words beside the result; the newest before the final record are published with it."""
    require(actor, "evaluation.appeal")
    lock_trust(conn, trust_id)
    state = state_in(conn, trust_id, round_no, ("preview",), "回应")
    where = "受托人的回应"
    problems = text_problems(text, where, longest=2_000)
    if problems := [*problems, *private_problems(conn, trust_id, [(where, text)])]:
        raise Refused(problems)
    add_step(conn, trust_id, state, REPLY, Note(text.strip()), actor, act)


def finalise(conn: Connection, trust_id: int, round_no: int, actor: Actor, act: Act) -> int:
    """Make the result final and publish it; returns its place in the log. Raises :class:`Refused` while somebody
    may still appeal or waits for a ruling."""
    require(actor, "evaluation.finish")
    lock_trust(conn, trust_id)
    state = state_in(conn, trust_id, round_no, ("preview",), "定稿")
    problems = []
    if state.appeal_until is not None and act.today <= state.appeal_until:
        message = f"申诉期到 {state.appeal_until} 为止，过后再定稿"
        problems.append(Problem("appeal_open", message, "申诉"))
    if waiting := state.open_appeals():
        problems.append(Problem("appeals_waiting", f"还有 {len(waiting)} 件申诉没有裁定", "申诉"))
    if problems:
        raise Refused(problems)
    return _publish(conn, trust_id, add_step(conn, trust_id, state, FINAL, Empty(), actor, act), act)


def correct(
    conn: Connection,
    trust_id: int,
    round_no: int,
    said: Correction,
    actor: Actor,
    act: Act,
    *,
    unrelated: bool,
) -> int:
    """Publish another version of a final result; returns its place in the log. Raises :class:`Refused`."""
    require(actor, "evaluation.finish")
    lock_trust(conn, trust_id)
    state = state_in(conn, trust_id, round_no, ("final",), "更正")
    require_unrelated(conn, trust_id, state, "evaluation.finish", actor, unrelated=unrelated)
    problems = [
        *text_problems(said.reason, "更正的原因", longest=_LONGEST),
        *private_problems(conn, trust_id, [("更正的原因", said.reason)]),
        *document_problems(conn, trust_id, [said.document], "更正的依据"),
        *veto_problems(conn, trust_id, state, said.vetoes),
    ]
    if not said.document:
        problems.append(Problem("no_document", "请上传更正的依据", "更正"))
    if not said.vetoes and all(_count_of(state, ref) == count for ref, count in said.counts.items()):
        problems.append(Problem("nothing_changed", "请写明更正哪一条", "更正"))
    for ref, count in said.counts.items():
        if _count_of(state, ref) is None:
            problems.append(Problem("unknown_item", f"没有编号 {ref} 的扣分记录", "更正"))
        if not 0 <= count <= 10_000:
            problems.append(Problem("bad_count", "数量应在 0 与 10000 之间", "更正"))
    if problems:
        raise Refused(problems)
    return _publish(conn, trust_id, add_step(conn, trust_id, state, CORRECTION, said, actor, act), act)


def _publish(conn: Connection, trust_id: int, state: State, act: Act) -> int:
    version, body = len(state.results), result_body(state)
    conn.execute(
        insert(evaluation_result).values(
            trust_id=trust_id, round=state.round, version=version, body=body, published_at=act.now
        )
    )
    record_consequences(conn, trust_id, state, version, act)
    tell_follows(conn, trust_id, state, act)
    subject = subject_of(state.round, version)
    return publish_record(conn, trust_id, RECORD, subject, record_value(state, body), act)


def _count_of(state: State, ref: str) -> int | None:
    """The count that stands of what a ref names; None if it names nothing."""
    item = state.item(ref)
    if item is not None:
        return item.count
    found = next((one for one in state.all_vetoes() if one[0] == ref), None)
    return None if found is None else state.counts().get(ref, 1)


def _is_shortfall(state: State, ref: str) -> bool:
    """Whether more of what the ref names means fewer points lost."""
    for (indicator, code), found in state.findings().items():
        if found and any(item.ref == ref for item in found.items):
            one = state.scheme.indicator(indicator)
            named = one.rule(code) if one else None
            return named is not None and named.how == "shortfall"
    return False


def _unscored(state: State) -> list[str]:
    """Codes of the indicators that are not rated for want of a sheet."""
    return [
        one.indicator.code
        for half in (state.scores.service, state.scores.party)
        for one in half.indicators
        if one.points is None and any(rule.rule.by_hand and not rule.rated for rule in one.rules)
    ]
