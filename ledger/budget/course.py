"""The course of a budget: public notice, back to be changed, or approved and in force. One step a command.

The figures of the day of notice are kept with it. A version is put in force by the committee or the assembly,
as the deed says (setting ``budget_approved_by``); what holds from which day is a setting of its own, so that
posting knows without asking (:func:`ledger.budget.available.governed`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec
from sqlalchemy import Connection, insert

from ledger.budget.available import VersionInForce, available, in_force_setting
from ledger.budget.codes import EXPENSE
from ledger.budget.drafting import draft_version, public_text_problems
from ledger.budget.figures import free_balance
from ledger.budget.lines import Line
from ledger.budget.published import version_value
from ledger.budget.read import count_unanswered, current, read_lines, read_version
from ledger.budget.value import ADOPT, NOTICE, NOTICED, RETURN, WITHDRAW, Key, Version, totals
from ledger.errors import Problem, Refused, refuse
from ledger.journal.head import lock_head
from ledger.money import format_yuan
from ledger.people import Actor, require
from ledger.records import publish_record
from ledger.resolutions.decided import require_decision
from ledger.store.tables import budget_step
from ledger.trust.act import Act
from ledger.trust.settings import record_setting
from ledger.trust.setup import Setup, load_setup

NOTICE_DAYS, APPROVED_BY = "budget_notice_days", "budget_approved_by"
DEFAULT_NOTICE_DAYS, DEFAULT_BODY = 15, "assembly"
MATTERS = ("other",)
"""What a budget is among the matters of 民法典 278."""


def notice_days(setup: Setup, on: date) -> int:
    """How many days a budget is on public notice at least."""
    days = setup.setting(NOTICE_DAYS, on)
    return DEFAULT_NOTICE_DAYS if days is None else int(days)


def approving_body(setup: Setup, on: date) -> str:
    """Who approves budgets here: ``committee`` or ``assembly``; the assembly unless the deed says otherwise."""
    return str(setup.setting(APPROVED_BY, on) or DEFAULT_BODY)


def give_notice(
    conn: Connection,
    trust_id: int,
    key: Key,
    *,
    revision: int | None = None,
    overrun: str = "",
    actor: Actor,
    act: Act,
) -> date:
    """Put a draft on public notice (公示) from today; returns its last day.

    ``revision``: the one that was read; refused if lines were saved since. None: the newest, unread.
    ``overrun``: why more is to be spent than comes in and lies free (以收定支); public, and needed then.
    Raises :class:`~ledger.errors.Refused` with all problems.
    """
    require(actor, "budget.notice")
    head = lock_head(conn, trust_id)
    version = draft_version(conn, trust_id, key)
    lines = read_lines(conn, trust_id, key, version.revision)
    income, expense = totals(lines)
    free = free_balance(conn, trust_id, key.fund, key.year, act.today)
    problems = _notice_problems(version, lines, revision, actor)
    problems += _floor_problems(conn, trust_id, key, lines)
    problems += _overrun_problems(income, expense, free, overrun)
    if problems:
        raise Refused(problems)
    ends_on = act.today + timedelta(
        days=notice_days(load_setup(conn, trust_id, head.setup_version), act.today)
    )
    _add_step(
        conn, trust_id, version, NOTICE, actor, act,
        revision=version.revision, starts_on=act.today, ends_on=ends_on,
        note=overrun.strip(), income=income, expense=expense, free=free,
    )  # fmt: skip
    return ends_on


def _notice_problems(
    version: Version, lines: Sequence[Line], seen: int | None, actor: Actor
) -> list[Problem]:
    problems = []
    if seen not in (None, version.revision):
        problems.append(
            Problem("lines_changed", "您打开这一页以后，预算行又保存过，请核对现在的各行，再公示", "预算行")
        )
    if version.saved_by == actor.person:
        problems.append(Problem("same_person", "编制的人不能自己公示，请由另一个人核对后公示", "公示"))
    if not any(line.kind == EXPENSE for line in lines):
        problems.append(Problem("no_spending", "预算里还没有一行支出", "预算行"))
    return problems


def _overrun_problems(income: int, expense: int, free: int, overrun: str) -> list[Problem]:
    problems = public_text_problems(overrun, "缺口说明", required=False)
    short = expense - income - free
    if short > 0 and not overrun.strip():
        problems.append(
            Problem(
                "over_income",
                f"支出 {format_yuan(expense)} 元，比预计收入 {format_yuan(income)} 元加可用结余 {format_yuan(free)} 元"
                f"多 {format_yuan(short)} 元；以收定支，请减少支出，或写明缺口怎样解决（会公开）",
                "缺口说明",
            )
        )
    return problems


def _floor_problems(conn: Connection, trust_id: int, key: Key, lines: Sequence[Line]) -> list[Problem]:
    """An adjustment can't take away what was spent, or asked for, already."""
    in_force = current(conn, trust_id, key.year, key.fund)
    if in_force is None:
        return []
    planned = {line.code: line.amount for line in lines}
    used = available(conn, trust_id, [line.code for line in in_force[1]])
    return [
        Problem(
            "below_used",
            f"{line.title} 已经用了 {format_yuan(line.actual + line.encumbered)} 元（含在途单据），"
            f"预算不能少于这个数",
            code,
        )
        for code, line in sorted(used.items())
        if line.actual + line.encumbered > planned.get(code, 0)
    ]


def send_back(conn: Connection, trust_id: int, key: Key, reason: str, *, actor: Actor, act: Act) -> None:
    """Take a budget off notice to be changed; it then needs a new notice. ``reason`` is public."""
    require(actor, "budget.notice")
    lock_head(conn, trust_id)
    version = _on_notice(conn, trust_id, key)
    if problems := public_text_problems(reason, "退回原因"):
        raise Refused(problems)
    _add_step(conn, trust_id, version, RETURN, actor, act, revision=version.fixed, note=reason.strip())


def withdraw(conn: Connection, trust_id: int, key: Key, reason: str, *, actor: Actor, act: Act) -> None:
    """Give a version up, draft or on notice. ``reason`` is public if it was on notice."""
    require(actor, "budget.notice")
    lock_head(conn, trust_id)
    version = read_version(conn, trust_id, key)
    if version.state != NOTICED:
        version = draft_version(conn, trust_id, key)
    if problems := public_text_problems(reason, "撤销原因"):
        raise Refused(problems)
    _add_step(conn, trust_id, version, WITHDRAW, actor, act, revision=version.fixed, note=reason.strip())


def adopt(
    conn: Connection, trust_id: int, key: Key, *, decision: str, effective_on: date, actor: Actor, act: Act
) -> int:
    """Put a version in force from a day and publish it; returns its place in the log.

    ``decision``: the minutes of the committee, or the number of the assembly's resolution, whichever the deed
    asks for. Raises :class:`~ledger.errors.Refused` with all problems.
    """
    require(actor, "budget.adopt")
    head = lock_head(conn, trust_id)
    setup = load_setup(conn, trust_id, head.setup_version)
    version = _on_notice(conn, trust_id, key)
    body = approving_body(setup, act.today)
    lines = read_lines(conn, trust_id, key, version.fixed)
    problems = _adopt_problems(conn, setup, version, effective_on, act)
    if version.saved_by == actor.person:
        problems.append(Problem("same_person", "编制的人不能自己批准，请由另一个人批准", "批准"))
    problems += _floor_problems(conn, trust_id, key, lines)
    problems += _decision_problems(conn, trust_id, version, body, decision, effective_on)
    if problems:
        raise Refused(problems)
    income, expense = totals(lines)
    notice = version.notice
    _add_step(
        conn, trust_id, version, ADOPT, actor, act,
        revision=version.fixed, effective_on=effective_on, body=body, decision=decision.strip(),
        income=income, expense=expense, free=notice.free if notice else 0,
    )  # fmt: skip
    record_setting(
        conn,
        trust_id,
        in_force_setting(key.fund, key.year),
        msgspec.to_builtins(VersionInForce(key.version, version.fixed)),
        effective_on=effective_on,
        authority=decision.strip(),
        act=act,
    )
    value = version_value(conn, trust_id, key)
    return publish_record(conn, trust_id, "budget", key.subject, value, act)


def _adopt_problems(
    conn: Connection, setup: Setup, version: Version, effective_on: date, act: Act
) -> list[Problem]:
    key, notice, problems = version.key, version.notice, []
    if notice is not None and notice.ends_on is not None and act.today <= notice.ends_on:
        problems.append(Problem("notice_running", f"公示到 {notice.ends_on}，期满以后才能批准生效", "公示"))
    if waiting := count_unanswered(conn, setup.trust_id, key):
        problems.append(Problem("unanswered", f"还有 {waiting} 条意见没有答复，请先逐条答复", "意见"))
    if effective_on < act.today:
        problems.append(
            Problem("backdated", "生效日不能早于今天：已经花的钱不能靠后补的预算变成有预算", "生效日")
        )
    if effective_on.year != key.year:
        problems.append(Problem("other_year", f"这是 {key.year} 年的预算，生效日应在这一年内", "生效日"))
    last = max((on for on, _ in setup.settings.get(in_force_setting(key.fund, key.year), ())), default=None)
    if last is not None and effective_on <= last:
        problems.append(Problem("not_after", f"上一版自 {last} 起生效，这一版的生效日须在那以后", "生效日"))
    return problems


def _decision_problems(
    conn: Connection, trust_id: int, version: Version, body: str, decision: str, effective_on: date
) -> list[Problem]:
    """What is wrong with the decision; one of the assembly must be about the lines now on notice."""
    if body == "committee":
        return public_text_problems(decision, "业委会会议纪要编号")
    if not decision.strip():
        return [Problem("no_resolution", "本小区的预算由业主大会批准，请先表决，再填写决议号", "决议号")]
    try:
        found = require_decision(
            conn, trust_id, decision.strip(), matters=MATTERS, on=effective_on, where="决议号"
        )
    except Refused as error:
        return list(error.problems)
    notice = version.notice
    if notice is not None and notice.starts_on is not None and found.decided_on < notice.starts_on:
        return [
            Problem(
                "decided_before_notice",
                f"“{found.number}”是 {found.decided_on} 作出的，早于本次公示（{notice.starts_on} 起），"
                "表决的不是这一份预算；请就公示的这一份表决",
                "决议号",
            )
        ]
    return []


def _on_notice(conn: Connection, trust_id: int, key: Key) -> Version:
    version = read_version(conn, trust_id, key)
    if version.state != NOTICED:
        raise refuse("not_on_notice", "这份预算不在公示中", "预算")
    return version


def _add_step(
    conn: Connection,
    trust_id: int,
    version: Version,
    step: str,
    actor: Actor,
    act: Act,
    *,
    revision: int,
    starts_on: date | None = None,
    ends_on: date | None = None,
    effective_on: date | None = None,
    body: str = "",
    decision: str = "",
    note: str = "",
    income: int = 0,
    expense: int = 0,
    free: int = 0,
) -> None:
    conn.execute(
        insert(budget_step).values(
            trust_id=trust_id,
            **version.key._asdict(),
            step_no=len(version.steps) + 1,
            step=step,
            revision=revision,
            starts_on=starts_on,
            ends_on=ends_on,
            effective_on=effective_on,
            body=body,
            decision=decision,
            note=note,
            income=income,
            expense=expense,
            free=free,
            person=actor.person,
            signature=actor.signature,
            acted_at=act.now,
        )
    )
