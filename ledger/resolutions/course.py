"""The course of a resolution before the vote: draft, motion, notice; and calling it off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import msgspec
from sqlalchemy import Connection, func, insert, select

from ledger.errors import Problem, Refused
from ledger.journal.sealing import SALT_BYTES
from ledger.people import Actor
from ledger.resolutions.allowed import require_owners
from ledger.resolutions.drafting import draft_problems
from ledger.resolutions.grouping import build_roll
from ledger.resolutions.matters import Amount, Threshold
from ledger.resolutions.rules import Rules, rules_on
from ledger.resolutions.state import MOTION, NOTICE, WITHDRAW, State, add_step, state_in
from ledger.resolutions.texts import document_problems, text_problems
from ledger.resolutions.value import Draft, Motion, Notice
from ledger.store.tables import resolution as resolution_table
from ledger.trust.act import BEIJING, Act
from ledger.trust.lock import lock_trust
from ledger.trust.setup import load_setup

COMMITTEE, OWNERS = "committee", "owners"
MOVERS = {COMMITTEE: "业主委员会", OWNERS: "业主联名"}
_LONGEST_HOW = 500
_LONGEST_VOTE = timedelta(days=183)


@dataclass(frozen=True, slots=True)
class MotionCount:
    """How many owners asked for the vote, of how many."""

    moved: Amount
    total: Amount
    percent: int
    enough: bool


def draft_resolution(conn: Connection, trust_id: int, draft: Draft, actor: Actor, act: Act) -> str:
    """Record a draft and return its number, such as ``2026-3``. Raises :class:`~ledger.errors.Refused`."""
    require_owners(actor, "resolution.draft")
    lock_trust(conn, trust_id)
    if problems := draft_problems(conn, trust_id, draft, act.today):
        raise Refused(problems)
    prefix = f"{act.today.year}-"
    taken = conn.execute(
        select(func.count(resolution_table.c.number.distinct())).where(
            resolution_table.c.trust_id == trust_id, resolution_table.c.number.like(f"{prefix}%")
        )
    ).scalar_one()
    number = f"{prefix}{int(taken) + 1}"
    _write(conn, trust_id, number, 1, draft, actor, act)
    return number


def redraft(conn: Connection, trust_id: int, number: str, draft: Draft, actor: Actor, act: Act) -> int:
    """Record a new version of a draft and return it; the earlier ones stay on record.

    Once somebody moved it, the text stands: who signed signed that text. Raises
    :class:`~ledger.errors.Refused`.
    """
    require_owners(actor, "resolution.draft")
    lock_trust(conn, trust_id)
    state = state_in(conn, trust_id, number, ("draft",), "修改草案")
    if problems := draft_problems(conn, trust_id, draft, act.today):
        raise Refused(problems)
    _write(conn, trust_id, number, state.version + 1, draft, actor, act)
    return state.version + 1


def record_motion(
    conn: Connection, trust_id: int, number: str, motion: Motion, actor: Actor, act: Act
) -> MotionCount:
    """Record who asked for the vote: the committee, or owners by their signatures (物业管理条例 13).

    Whoever signed for a home counts with all they own. Raises :class:`~ledger.errors.Refused` if the
    owners who signed are fewer than the community's rules ask.
    """
    require_owners(actor, "resolution.draft")
    lock_trust(conn, trust_id)
    state = state_in(conn, trust_id, number, ("draft",), "登记提议")
    rules = rules_on(load_setup(conn, trust_id), act.today)
    problems = document_problems(conn, trust_id, [motion.document], "提议的扫描件")
    if motion.by not in MOVERS:
        problems.append(Problem("bad_mover", f"提议人只能是{'或'.join(MOVERS.values())}", "提议人"))
    if motion.moved_on > act.today:
        problems.append(Problem("not_yet", "提议的日期还没到", "提议日期"))
    count = count_motion(conn, trust_id, motion, rules, act)
    if motion.by == OWNERS:
        problems += _motion_problems(conn, trust_id, motion, count, rules, act)
    if problems:
        raise Refused(problems)
    body = {
        "motion": motion,
        "moved": count.moved._asdict(),
        "total": count.total._asdict(),
        "version": state.version,
        "percent": count.percent,
    }
    add_step(
        conn,
        trust_id,
        number,
        MOTION,
        actor,
        act,
        on_day=motion.moved_on,
        note=motion.note,
        document=motion.document,
        body=body,
    )
    return count


def count_motion(conn: Connection, trust_id: int, motion: Motion, rules: Rules, act: Act) -> MotionCount:
    """How far the signatures go, exactly, by the register of today."""
    roll = build_roll(conn, trust_id, act.today, rules, include_unknown=True)
    moved = roll.of_units(motion.units) if motion.by == OWNERS else Amount()
    met = Threshold(rules.motion_percent, 100).of(moved, roll.total)
    enough = {
        "people": met.by_people,
        "area": met.by_area,
        "either": met.by_people or met.by_area,
        "both": met.both,
    }[rules.motion_by]
    return MotionCount(moved, roll.total, rules.motion_percent, enough)


def give_notice(conn: Connection, trust_id: int, number: str, notice: Notice, actor: Actor, act: Act) -> None:
    """Record that all owners are told today (物业管理条例 14): what is voted on, from when until when.

    Refused if voting would begin too early; says the earliest day. Raises :class:`~ledger.errors.Refused`.
    """
    require_owners(actor, "resolution.draft")
    lock_trust(conn, trust_id)
    state = state_in(conn, trust_id, number, ("moved",), "通知业主")
    rules = rules_on(load_setup(conn, trust_id), act.today)
    earliest = act.today + timedelta(days=rules.notice_days)
    problems = [
        *text_problems(notice.how, "通知方式", longest=_LONGEST_HOW),
        *text_problems(notice.neighbourhood, "告知居民委员会", longest=_LONGEST_HOW),
        *document_problems(conn, trust_id, [notice.document], "通知的照片"),
    ]
    if notice.opens_on < earliest:
        problems.append(
            Problem(
                "notice_too_short",
                f"通知须满 {rules.notice_days} 天才能开始表决；今天通知，最早 {earliest} 开始",
                "开始日期",
            )
        )
    if notice.closes_on < notice.opens_on or notice.closes_on - notice.opens_on > _LONGEST_VOTE:
        problems.append(Problem("bad_days", "截止日不能早于开始日，表决最长半年", "截止日期"))
    problems += _effective_problems(state, notice)
    if problems:
        raise Refused(problems)
    add_step(
        conn, trust_id, number, NOTICE, actor, act, note=notice.how, document=notice.document, body=notice
    )


def withdraw(conn: Connection, trust_id: int, number: str, note: str, actor: Actor, act: Act) -> None:
    """Call a resolution off before voting began; ``note`` says why, and is published."""
    require_owners(actor, "resolution.draft")
    lock_trust(conn, trust_id)
    state_in(conn, trust_id, number, ("draft", "moved", "noticed"), "撤回")
    if problems := text_problems(note, "撤回的原因", longest=_LONGEST_HOW):
        raise Refused(problems)
    add_step(conn, trust_id, number, WITHDRAW, actor, act, note=note)


def earliest_opening(state: State, rules: Rules) -> str:
    """The first day voting may begin, by the day notice was given; '' before notice. ISO."""
    step = state.step(NOTICE)
    if step is None:
        return ""
    told = step.acted_at.astimezone(BEIJING).date()
    return (told + timedelta(days=rules.notice_days)).isoformat()


def _motion_problems(
    conn: Connection, trust_id: int, motion: Motion, count: MotionCount, rules: Rules, act: Act
) -> list[Problem]:
    known = {
        unit.unit
        for voter in build_roll(conn, trust_id, act.today, rules, include_unknown=True).voters
        for unit in voter.units
    }
    problems = [
        Problem("unknown_unit", f"没有登记过房号“{unit}”", "签名的房屋")
        for unit in sorted(set(motion.units) - known)
    ]
    if not motion.document:
        problems.append(Problem("no_document", "请上传业主签名的扫描件", "提议的扫描件"))
    if not count.enough:
        problems.append(
            Problem(
                "too_few_movers",
                f"联名的业主不够：须达到 {count.percent}%；现在是 {count.moved.people} 人（共 "
                f"{count.total.people} 人）、{_square(count.moved.area)}（共 {_square(count.total.area)}）。"
                "可以再征集签名，或由业主委员会提议",
                "签名的房屋",
            )
        )
    return problems


def _effective_problems(state: State, notice: Notice) -> list[Problem]:
    effective = state.draft.effective_on
    if effective is not None and effective <= notice.closes_on:
        return [Problem("bad_days", f"草案写明 {effective} 生效，早于表决截止日；请调整截止日期", "截止日期")]
    return []


def _square(area: int) -> str:
    return f"{area // 100:,}.{area % 100:02d} m²"


def _write(
    conn: Connection, trust_id: int, number: str, version: int, draft: Draft, actor: Actor, act: Act
) -> None:
    conn.execute(
        insert(resolution_table).values(
            trust_id=trust_id,
            number=number,
            version=version,
            body=msgspec.json.encode(draft).decode(),
            salt=act.entropy(SALT_BYTES),
            person=actor.person,
            signature=actor.signature,
            recorded_at=act.now,
        )
    )
