"""The course of a handover: begin, freeze and count, check item by item, three signatures, complete.

Each command is one step that is never changed. Freezing again counts anew and voids what was signed.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, insert, select

from ledger.errors import Problem, Refused, refuse
from ledger.handover.read import CONFIRMED, OUTCOMES, PARTIES, HandoverFile, handover_items
from ledger.handover.snapshot import snapshot_bytes, snapshot_digest, take_snapshot
from ledger.handover.state import HandoverState, handover_state
from ledger.handover.steps import add_step, frozen_handover, handover_under_way
from ledger.journal.head import lock_head
from ledger.people import Actor, Forbidden, Role, require
from ledger.resolutions.lacking import decision_lacking
from ledger.selection.leaving import leaving_problems
from ledger.store.tables import document as document_table
from ledger.store.tables import handover, handover_snapshot, trust
from ledger.trust.accounts import same_name
from ledger.trust.act import Act
from ledger.trust.deeds import Deed, record_deed
from ledger.trust.setup import load_setup
from ledger.trust.tenure import MATTERS, Tenure, record_tenure
from ledger.work import count_waiting
from ledger.work.value import OPEN

REASONS = {
    "expired": "任期届满不再续聘",
    "dismissed": "业主大会决定解聘",
    "resigned": "受托人辞任",
    "ended": "受托人依法终止或丧失资格",
}
_SIGNS = {"outgoing": Role.REVIEWER, "committee": Role.CHAIR}
"""Who can sign, or record a paper signature, for which party. The incoming trustee has no people here yet: it
signs on paper; the scan is recorded by one person and confirmed by another."""


def begin_handover(
    conn: Connection,
    trust_id: int,
    *,
    incoming: str,
    reason: str,
    authority: str,
    planned_on: date,
    actor: Actor,
    act: Act,
) -> int:
    """Announce a change of trustee and return its number; the books stay open for now.

    ``authority`` is the decision of the owners that chose the new trustee or dismissed the old one. If it came
    of a procedure kept here, the trustee has been told in time. Raises :class:`~ledger.errors.Refused`.
    """
    require(actor, "handover.begin")
    lock_head(conn, trust_id)
    state = handover_state(conn, trust_id)
    outgoing = conn.execute(select(trust.c.trustee).where(trust.c.trust_id == trust_id)).scalar_one()
    problems = _begin_problems(state, outgoing, incoming, reason, authority)
    day = max(planned_on, act.today)
    problems += decision_lacking(conn, trust_id, authority, matters=MATTERS, on=day)
    problems += leaving_problems(conn, trust_id, authority, planned_on)
    if problems:
        raise Refused(problems)
    no = (state.no if state else 0) + 1
    conn.execute(
        insert(handover).values(
            trust_id=trust_id,
            no=no,
            outgoing=outgoing,
            incoming=incoming.strip(),
            reason=reason,
            authority=authority.strip(),
            planned_on=planned_on,
            signature=actor.signature,
            recorded_at=act.now,
        )
    )
    return no


def _begin_problems(
    state: HandoverState | None, outgoing: str, incoming: str, reason: str, authority: str
) -> list[Problem]:
    problems = []
    if state is not None and state.under_way:
        problems.append(
            Problem("handover_under_way", f"已有一次移交正在办理（接任：{state.incoming}），请先办完或取消")
        )
    if not incoming.strip():
        problems.append(Problem("empty_field", "请填写接任受托人的全称", "接任受托人"))
    elif same_name(incoming) == same_name(outgoing):
        problems.append(Problem("same_trustee", "接任的就是现任受托人；续聘请登记新的任期", "接任受托人"))
    if reason not in REASONS:
        problems.append(Problem("bad_reason", f"请选择原因：{'、'.join(REASONS.values())}", "原因"))
    if not authority.strip():
        problems.append(Problem("no_authority", "请填写选聘或解聘的决议号", "决议号"))
    return problems


def freeze(conn: Connection, trust_id: int, actor: Actor, act: Act) -> str:
    """Freeze the books and count everything; returns the digest of the snapshot.

    Again while frozen: count anew. Raises :class:`~ledger.errors.Refused` while work is under way.
    """
    require(actor, "handover.freeze")
    head = lock_head(conn, trust_id)
    file = handover_under_way(conn, trust_id)
    waiting = sum(count_waiting(conn, trust_id).get(step, 0) for step in OPEN)
    if waiting:
        raise refuse("work_under_way", f"还有 {waiting} 张单据在途，请先办结或撤回，再冻结账簿", "在途单据")
    setup = load_setup(conn, trust_id, head.setup_version)
    value = take_snapshot(conn, setup, act)
    body = snapshot_bytes(value)
    digest = snapshot_digest(body)
    step_no = add_step(conn, trust_id, file.state.no, "freeze", actor, act, digest=digest)
    conn.execute(
        insert(handover_snapshot).values(
            trust_id=trust_id,
            no=file.state.no,
            step_no=step_no,
            size=value["size"],
            checkpoint_size=value["checkpoint_size"],
            body=body.decode(),
            digest=digest,
            taken_at=act.now,
        )
    )
    return digest


def check_item(
    conn: Connection,
    trust_id: int,
    item: str,
    *,
    outcome: str,
    note: str,
    document: str = "",
    actor: Actor,
    act: Act,
) -> None:
    """Record what counting an item found; the last finding holds. A difference is explained."""
    require(actor, "handover.check")
    lock_head(conn, trust_id)
    file = frozen_handover(conn, trust_id)
    problems = []
    if item not in handover_items():
        problems.append(Problem("unknown_item", "没有这个清点项目", "清点"))
    if outcome not in OUTCOMES:
        problems.append(Problem("bad_outcome", f"结果只能是{'、'.join(OUTCOMES.values())}", "结果"))
    if outcome == "difference" and not note.strip():
        problems.append(Problem("no_note", "有差异的要写明差多少、怎样处理", "说明"))
    problems += _document_problems(conn, trust_id, document)
    if file.recorded:
        problems.append(Problem("signed_already", "已经有人签收，清点结果不能再改；要改请重新冻结清点"))
    if problems:
        raise Refused(problems)
    add_step(
        conn,
        trust_id,
        file.state.no,
        "item",
        actor,
        act,
        subject=item,
        outcome=outcome,
        note=note.strip(),
        document=document,
    )


def sign(
    conn: Connection,
    trust_id: int,
    party: str,
    *,
    name: str = "",
    document: str = "",
    actor: Actor,
    act: Act,
) -> bool:
    """Sign the snapshot and the findings for a party: as the person logged in, or by a scanned paper.

    With ``document`` (SHA-256 of the scan) the signatory is ``name`` and the actor, who must be of that
    party, records it. The incoming trustee has nobody here: what one person recorded for it, another one
    confirms by the same command. Whether the signature counts by now. Raises
    :class:`~ledger.errors.Refused`.
    """
    require(actor, "handover.sign")
    lock_head(conn, trust_id)
    file = frozen_handover(conn, trust_id)
    problems = [
        *_document_problems(conn, trust_id, document),
        *_sign_problems(file, party, name, document, actor),
    ]
    if problems:
        raise Refused(problems)
    first = file.recorded.get(party)
    digest = file.snapshot.digest if file.snapshot else ""
    add_step(
        conn,
        trust_id,
        file.state.no,
        "sign",
        actor,
        act,
        subject=party,
        outcome=CONFIRMED if first else "paper" if document else "online",
        note=first.note if first else name.strip(),
        document=first.document if first else document,
        digest=digest,
    )
    return party in _SIGNS or first is not None


def _sign_problems(file: HandoverFile, party: str, name: str, document: str, actor: Actor) -> list[Problem]:
    problems: list[Problem] = []
    if party not in PARTIES:
        problems.append(Problem("bad_party", f"签收方只能是{'、'.join(PARTIES.values())}", "签收"))
    elif party in file.signed:
        problems.append(Problem("signed_already", f"{PARTIES[party]}已经签收", "签收"))
    elif party in file.recorded:
        if file.recorded[party].person == actor.person:
            text = f"{PARTIES[party]}的签字页是您登记的，须由另一个人核对原件后确认"
            problems.append(Problem("same_person", text, "签收"))
    elif document:
        if not name.strip():
            problems.append(Problem("empty_field", "请填写签字人", "签字人"))
        problems += _recorder_problems(party, actor)
    else:
        problems += _log_in_problems(file, party, actor)
    if file.uncounted:
        left = "、".join(item.title for item in file.uncounted)
        problems.append(Problem("not_counted", f"还没有清点：{left}", "清点"))
    return problems


def complete(conn: Connection, trust_id: int, *, tenure: Tenure, deed: Deed, actor: Actor, act: Act) -> None:
    """End the handover: new tenure, new version of the deed, the books open again under the new trustee.

    No entry is posted. Raises :class:`~ledger.errors.Refused` if something is missing, or if anything was
    posted since the snapshot.
    """
    require(actor, "handover.complete")
    head = lock_head(conn, trust_id)
    file = frozen_handover(conn, trust_id)
    problems = [Problem("not_signed", f"{PARTIES[party]}还没有签收", "签收") for party in file.unsigned]
    if file.snapshot is None or file.snapshot.size != head.tree.size:
        problems.append(
            Problem("books_moved", "快照以后账簿里又入了账，请重新冻结清点、重新签收", "余额快照")
        )
    if same_name(tenure.trustee) != same_name(file.state.incoming):
        problems.append(Problem("other_trustee", f"新任期的受托人应是“{file.state.incoming}”", "受托人"))
    if tenure.starts_on > act.today:
        problems.append(Problem("not_yet", f"任期 {tenure.starts_on} 才开始，请到那天再办理上任", "任期起日"))
    if problems:
        raise Refused(problems)
    record_deed(conn, trust_id, deed, act)
    record_tenure(conn, trust_id, tenure, act, handed_over=True)
    add_step(conn, trust_id, file.state.no, "complete", actor, act, note=tenure.authority)


def cancel(conn: Connection, trust_id: int, *, note: str, actor: Actor, act: Act) -> None:
    """Call a handover off; the books open again. ``note`` says why."""
    require(actor, "handover.complete")
    lock_head(conn, trust_id)
    file = handover_under_way(conn, trust_id)
    if not note.strip():
        raise refuse("no_note", "请写明取消的原因和依据", "原因")
    add_step(conn, trust_id, file.state.no, "cancel", actor, act, note=note.strip())


def _log_in_problems(file: HandoverFile, party: str, actor: Actor) -> list[Problem]:
    role = _SIGNS.get(party)
    if role is None:
        return [Problem("paper_only", f"{PARTIES[party]}在系统里没有账号，请上传签字的扫描件", "签收")]
    if role not in actor.roles:
        raise Forbidden(
            [Problem("not_allowed", f"{PARTIES[party]}须由其负责人本人登录签收，或上传签字的扫描件")]
        )
    if any(step.person == actor.person and step.outcome == "online" for step in file.signed.values()):
        return [Problem("signed_twice", "一个人不能代表两方签收", "签收")]
    return []


def _recorder_problems(party: str, actor: Actor) -> list[Problem]:
    """Nobody records the paper of a party that has people of its own here."""
    role = _SIGNS.get(party)
    if role is None or role in actor.roles:
        return []
    raise Forbidden([Problem("not_allowed", f"{PARTIES[party]}的签字页须由这一方的人登记，别人不能代办")])


def _document_problems(conn: Connection, trust_id: int, digest: str) -> list[Problem]:
    if not digest:
        return []
    known = conn.execute(
        select(document_table.c.sha256).where(
            document_table.c.trust_id == trust_id, document_table.c.sha256 == digest
        )
    ).first()
    return [] if known else [Problem("unknown_document", "没有这份扫描件，请先上传", "扫描件")]
