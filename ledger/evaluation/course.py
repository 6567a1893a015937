"""The course of a round until its figures are complete: opening, self-assessment, figures, sheets, vetoes.

Every command takes one step; nothing is changed afterwards. A sheet sent again takes the place of the same body's
earlier one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection, func, insert, select

from ledger.errors import Problem, Refused, refuse
from ledger.evaluation.allowed import require_body, require_unrelated
from ledger.evaluation.measures import Window, measure
from ledger.evaluation.rounds import add_step, keep_now, read_state, state_in
from ledger.evaluation.scheme import Scheme, points_text
from ledger.evaluation.schemes_kept import scheme_on
from ledger.evaluation.sheets import sheet_problems, veto_problems
from ledger.evaluation.state import State
from ledger.evaluation.telling import tell_opened
from ledger.evaluation.texts import private_problems
from ledger.evaluation.value import (
    FIGURES,
    RECUSE,
    SELF,
    SHEET,
    VETO,
    WITHDRAW,
    Figures,
    Measured,
    Note,
    Recusal,
    SelfAssessment,
    Sheet,
    VetoFinding,
)
from ledger.journal.head import peek_head
from ledger.people import Actor, Forbidden, Role, require
from ledger.periods.spans import Span, span_of
from ledger.resolutions.texts import text_problems
from ledger.store.tables import evaluation_now, evaluation_round
from ledger.trust.act import Act
from ledger.trust.lock import lock_trust

SCORING = ("scoring", "survey")
"""While sheets and vetoes are taken."""
LONGEST = 2_000
SETTLED = timedelta(minutes=5)
"""What was registered so shortly before the figures are taken does not count yet."""


def open_round(
    conn: Connection, trust_id: int, period: int, actor: Actor, act: Act, *, scope: str = ""
) -> int:
    """Begin the evaluation of a span (codes of :mod:`ledger.periods.spans`) and return the number of the round.

    It keeps the scheme that was in force on the first day of the span. Raises
    :class:`~ledger.errors.Refused` if the span has not begun or has a round already.
    """
    require(actor, "evaluation.open")
    lock_trust(conn, trust_id)
    span = span_of(period)
    if problems := _span_problems(conn, trust_id, span, act):
        raise Refused(problems)
    kept = scheme_on(conn, trust_id, span.first, scope)
    query = select(func.coalesce(func.max(evaluation_round.c.round), 0)).where(
        evaluation_round.c.trust_id == trust_id
    )
    no = int(conn.execute(query).scalar_one()) + 1
    conn.execute(
        insert(evaluation_round).values(
            trust_id=trust_id,
            round=no,
            period=period,
            first_on=span.first,
            last_on=span.last,
            scope=kept.scope,
            version=kept.version,
            scheme=kept.scheme.encoded().decode(),
            person=actor.person,
            signature=actor.signature,
            opened_at=act.now,
        )
    )
    state = read_state(conn, trust_id, no)
    keep_now(conn, trust_id, state)
    tell_opened(conn, trust_id, state, actor.person, act)
    return no


def assess_self(
    conn: Connection, trust_id: int, round_no: int, said: SelfAssessment, actor: Actor, act: Act
) -> None:
    """What the trustee thinks of its own work (受托人自评); sent again it replaces what was sent before."""
    require(actor, "evaluation.self")
    lock_trust(conn, trust_id)
    state = state_in(conn, trust_id, round_no, ("self",), "自评")
    problems = list(text_problems(said.text, "自评说明", longest=LONGEST))
    problems += private_problems(conn, trust_id, [("自评说明", said.text)])
    for code, points in said.points.items():
        indicator = state.scheme.indicator(code)
        if indicator is None:
            problems.append(Problem("unknown_indicator", f"方案里没有指标“{code}”", "自评"))
        elif not 0 <= points <= indicator.weight:
            most = points_text(indicator.weight)
            problems.append(Problem("bad_points", f"自评应在 0 与 {most} 分之间", f"指标 {code}"))
    if problems:
        raise Refused(problems)
    add_step(conn, trust_id, state, SELF, said, actor, act)


def take_figures(conn: Connection, trust_id: int, round_no: int, actor: Actor, act: Act) -> State:
    """Have the system compute its indicators, once the span is over and the trustee has assessed itself or let
    the days pass. Raises :class:`~ledger.errors.Refused`."""
    require(actor, "evaluation.open")
    lock_trust(conn, trust_id)
    state = state_in(conn, trust_id, round_no, ("self",), "取数")
    if act.today <= state.last_on:
        raise refuse("span_not_over", f"{state.title}到 {state.last_on} 才结束，结束以后再取数", "期间")
    due_on = state.due_on
    if state.assessed is None and due_on is not None and act.today <= due_on:
        raise refuse("not_assessed", f"受托人还没有自评；{due_on} 以后仍未自评的，可以直接取数", "自评")
    moment = act.now - SETTLED  # whoever waited for the lock is stamped earlier and writes later
    size = peek_head(conn, trust_id).tree.size
    window = Window(state.first_on, state.last_on, moment, size, state.recused)
    found = measured(conn, trust_id, state.scheme, window)
    return add_step(conn, trust_id, state, FIGURES, Figures(window.moment, window.size, found), actor, act)


def measured(conn: Connection, trust_id: int, scheme: Scheme, window: Window) -> tuple[Measured, ...]:
    """What every measure of a scheme gives; the same whenever it is asked again."""
    return tuple(
        Measured(indicator.code, rule.code, measure(conn, trust_id, rule.measure, window, rule.args))
        for indicator, rule in scheme.measures()
    )


def submit_sheet(
    conn: Connection, trust_id: int, round_no: int, sheet: Sheet, actor: Actor, act: Act, *, unrelated: bool
) -> None:
    """Score indicators for a body, with evidence for whatever costs points. ``unrelated``: the declaration
    :data:`~ledger.evaluation.allowed.UNRELATED`. Raises :class:`~ledger.errors.Refused` with all problems."""
    require(actor, "evaluation.score")
    lock_trust(conn, trust_id)
    state = state_in(conn, trust_id, round_no, SCORING, "评分")
    require_body(actor, sheet.body)
    require_unrelated(conn, trust_id, state, "evaluation.score", actor, unrelated=unrelated)
    if problems := sheet_problems(conn, trust_id, state, sheet):
        raise Refused(problems)
    add_step(conn, trust_id, state, SHEET, sheet, actor, act)


def find_veto(
    conn: Connection,
    trust_id: int,
    round_no: int,
    found: VetoFinding,
    actor: Actor,
    act: Act,
    *,
    unrelated: bool,
) -> None:
    """Establish something that brings the grade down at once (一票否决), with its evidence."""
    require(actor, "evaluation.rule")
    lock_trust(conn, trust_id)
    state = state_in(conn, trust_id, round_no, SCORING, "登记一票否决")
    require_unrelated(conn, trust_id, state, "evaluation.rule", actor, unrelated=unrelated)
    if problems := veto_problems(conn, trust_id, state, [found]):
        raise Refused(problems)
    add_step(conn, trust_id, state, VETO, found, actor, act)


def recuse(
    conn: Connection, trust_id: int, round_no: int, person: str, why: str, actor: Actor, act: Act
) -> None:
    """Record that somebody has ties to the trustee: they score and rule no more, and their sheets, vetoes, rulings and
    spot checks of this round do not count. Everybody for themselves; for others the community's Party committee or the
    supervisor."""
    require(actor, "evaluation.recuse")
    if person != actor.person and not actor.roles & {Role.PARTY, Role.SUPERVISOR}:
        raise Forbidden(
            [Problem("for_oneself", "只能为自己登记回避；他人的由社区党组织或监督人登记", "回避")]
        )
    lock_trust(conn, trust_id)
    state = state_in(conn, trust_id, round_no, ("self", *SCORING, "preview"), "登记回避")
    problems: Sequence[Problem] = text_problems(why, "回避的原因", longest=500)
    if person in state.recused:
        problems = [*problems, Problem("nothing_changed", "此人已登记回避", "回避")]
    if problems:
        raise Refused(problems)
    found = without_spot_checks(conn, trust_id, state, person)
    add_step(conn, trust_id, state, RECUSE, Recusal(person, why.strip(), found), actor, act)


def without_spot_checks(conn: Connection, trust_id: int, state: State, person: str) -> tuple[Measured, ...]:
    """What the figures of a round come to without the spot checks of one more person; the rules for which that is
    something else."""
    if (window := state.window) is None:
        return ()
    before, after = (
        measured(conn, trust_id, state.scheme, replace(window, recused=recused))
        for recused in (state.recused, state.recused | {person})
    )
    return tuple(now for then, now in zip(before, after, strict=True) if then != now)


def withdraw(conn: Connection, trust_id: int, round_no: int, why: str, actor: Actor, act: Act) -> None:
    """Give a round up before its figures were shown; the span may then have another. ``why`` is public."""
    require(actor, "evaluation.open")
    lock_trust(conn, trust_id)
    state = state_in(conn, trust_id, round_no, ("self", *SCORING), "撤回")
    problems = text_problems(why, "撤回的原因", longest=500)
    if problems := [*problems, *private_problems(conn, trust_id, [("撤回的原因", why)])]:
        raise Refused(problems)
    add_step(conn, trust_id, state, WITHDRAW, Note(why.strip()), actor, act)


def _span_problems(conn: Connection, trust_id: int, span: Span, act: Act) -> list[Problem]:
    problems = []
    if act.today < span.first:
        problems.append(Problem("not_yet", f"{span.name}还没有开始", "期间"))
    n = evaluation_now.c
    taken = conn.execute(
        select(n.round).where(n.trust_id == trust_id, n.period == span.code, n.stage != "withdrawn")
    ).first()
    if taken is not None:
        problems.append(Problem("round_taken", f"{span.name}已经有一轮评价（第 {taken.round} 轮）", "期间"))
    return problems
