"""From the proposal to the new fee standard: consultation, decision, public notice, record.

Nothing takes effect before the notice has stood as long as the setting ``fee_notice_days`` says.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import Connection

from ledger.billing.standard import record_standard
from ledger.conference.public_text import text_problems
from ledger.consultation.proposals import STAGES, Proposal, add_step, read_proposal
from ledger.errors import Problem, Refused, refuse
from ledger.people import Actor, require
from ledger.resolutions.decided import require_decision
from ledger.trust.act import Act
from ledger.trust.lock import lock_trust
from ledger.trust.setup import Setup

MATTERS = ("other", "trustee_selection")
"""What a change of a fee can rest on: a decision of its own, or one on the contract with the trustee."""
NOTICE_DAYS = 30
"""Unless the community's setting says otherwise (提前一个月公示)."""


def notice_days(setup: Setup, day: date) -> int:
    """How many days a new fee is announced before it takes effect."""
    found = setup.setting("fee_notice_days", day)
    return NOTICE_DAYS if found is None else int(found)


def open_consultation(
    conn: Connection, trust_id: int, number: int, until: date, actor: Actor, act: Act
) -> None:
    """Ask all homes, until a day; again only before there is a decision. Raises :class:`Refused`."""
    require(actor, "fee.consult")
    lock_trust(conn, trust_id)
    proposal = _in_stage(conn, trust_id, number, act, "proposed", "consulting", "consulted")
    if until <= act.today:
        raise refuse("past", "征询的最后一天应在今天以后，让各户有时间答复", "截止日")
    add_step(conn, trust_id, proposal, "consult", act.today, actor, act, until_day=until)


def rest_on_decision(
    conn: Connection, trust_id: int, number: int, decision: str, actor: Actor, act: Act
) -> None:
    """Name the decision of the owners the change rests on. Raises :class:`~ledger.errors.Refused`."""
    require(actor, "fee.consult")
    lock_trust(conn, trust_id)
    proposal = read_proposal(conn, trust_id, number)
    if proposal.stage(act.today) == "consulting":
        until = proposal.steps[-1].until_day
        raise refuse("still_consulting", f"征询到 {until} 才结束，请等各户答复完再办", "阶段")
    _check_stage(proposal, act, "consulted", "decided")
    found = require_decision(
        conn, trust_id, decision, matters=MATTERS, on=max(proposal.asked.effective_on, act.today)
    )
    began = next((step.on_day for step in proposal.steps if step.step == "consult"), None)
    if began is not None and found.decided_on < began:
        raise refuse(
            "decided_before_consultation",
            f"“{found.number}”是 {found.decided_on} 作出的，早于本次征询（{began} 起），表决的不是这一份方案；"
            "请就这一份方案表决",
            "决议号",
        )
    add_step(conn, trust_id, proposal, "resolve", act.today, actor, act, reference=found.number)


def give_notice(
    conn: Connection,
    setup: Setup,
    number: int,
    *,
    put_up_on: date,
    effective_on: date,
    document: str = "",
    actor: Actor,
    act: Act,
) -> None:
    """Record that the new fee was put up for all to see, and from when on it holds.

    Raises :class:`~ledger.errors.Refused`, naming the earliest day, if that is too early.
    """
    require(actor, "fee.notice")
    lock_trust(conn, setup.trust_id)
    proposal = _in_stage(conn, setup.trust_id, number, act, "decided")
    decided = proposal.last("resolve")
    problems = []
    if put_up_on > act.today:
        problems.append(Problem("not_yet", f"{put_up_on} 还没到，贴出公示后再登记", "公示日"))
    if decided is not None and put_up_on < decided.on_day:
        problems.append(
            Problem("too_early", f"公示不能早于登记决定的 {decided.on_day}，公示的应是已作出的决定", "公示日")
        )
    days = notice_days(setup, act.today)
    if effective_on < (earliest := put_up_on + timedelta(days=days)):
        problems.append(
            Problem(
                "notice_too_short",
                f"新标准须提前 {days} 日公示，{put_up_on} 贴出的最早 {earliest} 起执行，不能从 {effective_on} 起",
                "执行日",
            )
        )
    if problems:
        raise Refused(problems)
    require_decision(conn, setup.trust_id, proposal.decision, matters=MATTERS, on=effective_on)
    add_step(
        conn, setup.trust_id, proposal, "notice", put_up_on, actor, act,
        until_day=effective_on, document=document,
    )  # fmt: skip


def carry_out(conn: Connection, trust_id: int, number: int, actor: Actor, act: Act) -> int:
    """Record the new version of the fee standard as noticed; returns its number. Raises :class:`Refused`."""
    require(actor, "charge.standard")
    lock_trust(conn, trust_id)
    proposal = _in_stage(conn, trust_id, number, act, "noticed")
    notice = proposal.last("notice")
    if notice is None or notice.until_day is None:
        raise refuse("wrong_stage", "还没有公示", "阶段")
    standard = replace(proposal.asked, effective_on=notice.until_day, authority=proposal.decision)
    made = record_standard(conn, trust_id, standard, actor, act)
    add_step(conn, trust_id, proposal, "record", act.today, actor, act, reference=str(made))
    return made


def withdraw(conn: Connection, trust_id: int, number: int, note: str, actor: Actor, act: Act) -> None:
    """Give a proposal up, saying why. Raises :class:`~ledger.errors.Refused`."""
    require(actor, "fee.propose")
    lock_trust(conn, trust_id)
    proposal = read_proposal(conn, trust_id, number)
    if problems := list(text_problems("原因", note, longest=500)):
        raise Refused(problems)
    _check_stage(proposal, act, "proposed", "consulting", "consulted", "decided", "noticed")
    add_step(conn, trust_id, proposal, "withdraw", act.today, actor, act, note=note)


def _in_stage(conn: Connection, trust_id: int, number: int, act: Act, *allowed: str) -> Proposal:
    proposal = read_proposal(conn, trust_id, number)
    _check_stage(proposal, act, *allowed)
    return proposal


def _check_stage(proposal: Proposal, act: Act, *allowed: str) -> None:
    stage = proposal.stage(act.today)
    if stage not in allowed:
        needed = "”或“".join(STAGES[name] for name in allowed)
        raise refuse(
            "wrong_stage",
            f"第 {proposal.proposal} 号方案现在是“{STAGES[stage]}”，这一步要在“{needed}”时办理",
            "阶段",
        )
