"""What follows from a result, and only if the deed says so: settings of the community that rest on a decision.

Without a setting nothing follows. ``pay``: the share of the remuneration from the next payment on; ``rectify``: the
lowest grade has to be mended by a day; ``renewal``: the lowest grade puts the trustee's renewal on the assembly's
list in time for the notice of 民法典 947.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select

from ledger.errors import Problem, Refused, Unanswerable
from ledger.evaluation.scheme import FULL, Scheme
from ledger.evaluation.score import HalfScore
from ledger.evaluation.state import State
from ledger.journal.head import peek_head
from ledger.people import Actor, require
from ledger.resolutions.texts import document_problems, text_problems
from ledger.selection.notice import notice_rule
from ledger.store.tables import (
    evaluation_consequence,
    evaluation_consequence_step,
    evaluation_result,
    evaluation_round,
)
from ledger.trust.act import BEIJING, Act
from ledger.trust.lock import lock_trust
from ledger.trust.setup import Setup, load_setup
from ledger.trust.tenure import tenures

PAY, RECTIFY, RENEWAL = "pay", "rectify", "renewal"
KINDS = {PAY: "酬金支付比例", RECTIFY: "限期整改", RENEWAL: "续聘议题"}
SETTINGS = {PAY: "evaluation_pay", RECTIFY: "evaluation_rectify_days", RENEWAL: "evaluation_renewal"}
"""The setting each rests on."""


@dataclass(frozen=True, slots=True)
class Consequence:
    """One that follows from a result. ``due_on`` None: none; ``percent`` of the remuneration; ``state`` ``open``
    or ``done``; ``note`` how it was dealt with."""

    round: int
    version: int
    kind: str
    due_on: date | None
    percent: int
    basis: str
    state: str = "open"
    note: str = ""

    @property
    def title(self) -> str:
        """In words."""
        return KINDS[self.kind]

    def late_days(self, today: date) -> int:
        """Days past the last day while it is open."""
        if self.state == "done" or self.due_on is None:
            return 0
        return max(0, (today - self.due_on).days)


def record_consequences(conn: Connection, trust_id: int, state: State, version: int, act: Act) -> None:
    """Write what follows from a result, by the settings in force on the last day of its span."""
    setup = load_setup(conn, trust_id, peek_head(conn, trust_id).setup_version)
    rows = [
        {"trust_id": trust_id, "round": state.round, "version": version, "recorded_at": act.now, **found}
        for found in _following(conn, setup, state, act)
    ]
    if rows:
        conn.execute(insert(evaluation_consequence), rows)


def _following(conn: Connection, setup: Setup, state: State, act: Act) -> Iterator[dict[str, Any]]:
    half, day = state.scores.service, state.last_on
    percent = percent_due(conn, setup.trust_id, state, PAY, act.now)
    if setup.setting(SETTINGS[PAY], day) and percent is not None:
        rated = pay_percent(state.scheme, half) is not None
        yield _row(
            PAY, None, percent, "信托文件约定酬金与评价挂钩" if rated else "本期评分不足，沿用上一次的比例"
        )
    if half.grade != state.scheme.lowest:
        return
    if (days := setup.setting(SETTINGS[RECTIFY], day)) is not None:
        c = evaluation_consequence.c
        earlier = select(func.min(c.due_on)).where(
            c.trust_id == setup.trust_id, c.round == state.round, c.kind == RECTIFY
        )
        due_on = conn.execute(earlier).scalar() or act.today + timedelta(days=int(days))
        yield _row(RECTIFY, due_on, 100, f"信托文件约定 {days} 天内整改")
    if setup.setting(SETTINGS[RENEWAL], day):
        versions = tenures(conn, setup.trust_id)
        tenure = versions[0].tenure if versions else None
        ends_on = tenure.ends_on if tenure and tenure.ends_on and tenure.ends_on >= act.today else None
        rule = notice_rule(setup, "renew", tenure, ends_on or act.today, act.today)
        due_on = rule.latest(ends_on) if rule and ends_on else None
        yield _row(RENEWAL, due_on, 100, rule.basis if rule else "还没有登记现任受托人的任期")


def _row(kind: str, due_on: date | None, percent: int, basis: str) -> dict[str, Any]:
    return {"kind": kind, "due_on": due_on, "percent": percent, "basis": basis}


def percent_due(conn: Connection, trust_id: int, state: State, kind: str, moment: datetime) -> int | None:
    """The share that comes with a consequence of what is published at a moment, if the deed has it; None if
    nothing follows. A round of which too little was rated leaves the share as it was."""
    half = state.scores.service
    if kind != PAY:
        return 100 if half.grade == state.scheme.lowest else None
    percent = pay_percent(state.scheme, half)
    if percent is not None or not state.scheme.pay:
        return percent
    held = pay_percent_before(conn, trust_id, moment)
    return held.percent if held else None


def pay_percent(scheme: Scheme, half: HalfScore) -> int | None:
    """The share of the remuneration by the bands; None if too little was rated to tell."""
    if half.possible < scheme.least_weight or not scheme.pay:
        return None
    return next(band.percent for band in scheme.pay if half.points * FULL >= band.least * half.possible)


def pay_percent_on(conn: Connection, trust_id: int, day: date) -> Consequence | None:
    """What applies to remuneration that is reckoned on a day: by the newest round published by then, in
    its newest version of then. None: all of it is paid."""
    midnight = datetime.combine(day + timedelta(days=1), time(), BEIJING).astimezone(UTC)
    return pay_percent_before(conn, trust_id, midnight)


def pay_percent_before(conn: Connection, trust_id: int, until: datetime) -> Consequence | None:
    """The same by what was published before a moment."""
    c, r, of = evaluation_consequence.c, evaluation_result.c, evaluation_round.c
    newest = conn.execute(
        select(r.round, r.version)
        .join(evaluation_round, (of.trust_id == r.trust_id) & (of.round == r.round))
        .where(r.trust_id == trust_id, r.published_at < until)
        .order_by(of.last_on.desc(), r.round.desc(), r.version.desc())
        .limit(1)
    ).first()
    if newest is None:
        return None
    row = conn.execute(
        select(evaluation_consequence).where(
            c.trust_id == trust_id, c.round == newest.round, c.version == newest.version, c.kind == PAY
        )
    ).first()
    return _consequence(row) if row else None


def consequences_of(conn: Connection, trust_id: int, round_no: int | None = None) -> list[Consequence]:
    """What follows from the newest version of each round, or of one, newest first; two queries."""
    c, s, r = evaluation_consequence.c, evaluation_consequence_step.c, evaluation_result.c
    newest = (
        select(r.round, func.max(r.version).label("version"))
        .where(r.trust_id == trust_id)
        .group_by(r.round)
        .subquery()
    )
    query = (
        select(evaluation_consequence)
        .join(newest, (newest.c.round == c.round) & (newest.c.version == c.version))
        .where(c.trust_id == trust_id)
        .order_by(c.round.desc(), c.kind)
    )
    steps = select(s.round, s.version, s.kind, s.state, s.note).where(s.trust_id == trust_id)
    if round_no is not None:
        query, steps = query.where(c.round == round_no), steps.where(s.round == round_no)
    done = {
        (row.round, row.kind): (row.state, row.note) for row in conn.execute(steps.order_by(s.version, s.no))
    }
    return [_consequence(row, *done.get((row.round, row.kind), ("open", ""))) for row in conn.execute(query)]


def settle(
    conn: Connection,
    trust_id: int,
    round_no: int,
    kind: str,
    note: str,
    document: str,
    actor: Actor,
    act: Act,
    *,
    done: bool = True,
) -> None:
    """Record that a task was dealt with (and by what), or is open again. ``note`` is public. Raises
    :class:`~ledger.errors.Refused`."""
    require(actor, "evaluation.settle")
    lock_trust(conn, trust_id)
    found = next((one for one in consequences_of(conn, trust_id, round_no) if one.kind == kind), None)
    if found is None or kind == PAY:
        raise Unanswerable("unknown_consequence", f"第 {round_no} 轮评价没有要办的{KINDS.get(kind, '事项')}")
    problems = [
        *text_problems(note, "办理情况", longest=500),
        *document_problems(conn, trust_id, [document], "办理的凭据"),
    ]
    state = "done" if done else "open"
    if found.state == state:
        problems.append(Problem("nothing_changed", "已经是这个状态", "办理情况"))
    if problems:
        raise Refused(problems)
    s = evaluation_consequence_step.c
    last = conn.execute(
        select(func.coalesce(func.max(s.no), 0)).where(
            s.trust_id == trust_id, s.round == round_no, s.version == found.version, s.kind == kind
        )
    ).scalar_one()
    conn.execute(
        insert(evaluation_consequence_step).values(
            trust_id=trust_id,
            round=round_no,
            version=found.version,
            kind=kind,
            no=int(last) + 1,
            state=state,
            note=note.strip(),
            document=document,
            acted_on=act.today,
            signature=actor.signature,
            recorded_at=act.now,
        )
    )


def _consequence(row: Any, state: str = "open", note: str = "") -> Consequence:
    return Consequence(row.round, row.version, row.kind, row.due_on, row.percent, row.basis, state, note)
