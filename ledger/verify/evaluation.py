"""Evaluations: what the system had computed is computed again from the books, and every summary from its steps.

The published results themselves are records of the log, and remade with all others (:mod:`ledger.verify.records`).
"""

from __future__ import annotations

from datetime import date, datetime

import msgspec
from sqlalchemy import Connection, select

from ledger.evaluation.consequences import KINDS, SETTINGS, percent_due
from ledger.evaluation.course import SETTLED, measured, without_spot_checks
from ledger.evaluation.result import result_body
from ledger.evaluation.rounds import read_states, summary_of
from ledger.evaluation.state import State
from ledger.evaluation.value import FIGURES, RECUSE, Figures, Recusal
from ledger.log.findings import Findings
from ledger.store.tables import evaluation_consequence, evaluation_now, evaluation_result, evaluation_round
from ledger.trust.settings import SettingVersion, in_force, setting_history


def check_evaluations(conn: Connection, trust_id: int, findings: Findings) -> None:
    """Whether every round's figures, summary and results are what the books and its steps come to."""
    query = select(evaluation_round.c.round).where(evaluation_round.c.trust_id == trust_id)
    for no in sorted(conn.execute(query).scalars()):
        where = f"第 {no} 轮评价"
        try:
            state = next(iter(read_states(conn, trust_id, [no])))
            _check(conn, trust_id, state, where, findings)
        except (LookupError, TypeError, ValueError, AttributeError, msgspec.MsgspecError):
            # only rows nobody could have entered lead here
            findings.add("evaluation.unreadable", "评价的方案或步骤无法解读：被改动过。", where)


def _check(conn: Connection, trust_id: int, state: State, where: str, findings: Findings) -> None:
    if [step.no for step in state.steps] != list(range(1, len(state.steps) + 1)):
        findings.add("evaluation.steps", "评价步骤的序号不连续：有步骤被删掉了。", where)
        return
    window, figures = state.window, state.last(FIGURES, Figures)
    if window is not None and figures is not None:
        again = measured(conn, trust_id, state.scheme, window)
        for then, now in zip(figures.found, again, strict=True):
            if then != now:
                message = f"指标 {then.indicator} 的系统取数（{then.rule}）与现在的账重新算出的不符：账或取数被改动过。"
                findings.add("evaluation.figures", message, where)
    for step, recusal in state.all(RECUSE, Recusal):
        left = without_spot_checks(conn, trust_id, state.until(step.no - 1), recusal.person)
        if recusal.found != left:
            message = f"第 {step.no} 步回避以后的取数与现在重新算出的不符：账或取数被改动过。"
            findings.add("evaluation.figures", message, where)
    n = evaluation_now.c
    row = conn.execute(select(evaluation_now).where(n.trust_id == trust_id, n.round == state.round)).first()
    expected = {"period": state.period, **summary_of(state)}
    if row is None or any(getattr(row, name) != value for name, value in expected.items()):
        findings.add("evaluation.state", "列表里的分数或阶段与步骤重新算出的不符：被改动过。", where)
    r = evaluation_result.c
    rows = conn.execute(select(r.version, r.body).where(r.trust_id == trust_id, r.round == state.round))
    kept = {row.version: bytes(row.body) for row in rows}
    for version, step in enumerate(state.results, start=1):
        if kept.pop(version, b"") != result_body(state.until(step.no)):
            findings.add("evaluation.result", f"第 {version} 版结果与步骤重新算出的不符：被改动过。", where)
    if kept:
        findings.add("evaluation.result", "有一版结果没有对应的定稿步骤：被改动过。", where)
    _check_consequences(conn, trust_id, state, where, findings)


def _check_consequences(
    conn: Connection, trust_id: int, state: State, where: str, findings: Findings
) -> None:
    """What follows from each version by its scores and by what the deed said when it was published."""
    c = evaluation_consequence.c
    query = select(evaluation_consequence).where(c.trust_id == trust_id, c.round == state.round)
    kept = {(row.version, row.kind): row for row in conn.execute(query)}
    history = setting_history(conn, trust_id)
    for version, step in enumerate(state.results, start=1):
        then = state.until(step.no)
        for kind, setting in SETTINGS.items():
            row = kept.pop((version, kind), None)
            due = percent_due(conn, trust_id, then, kind, step.recorded_at)
            said = {
                _said(history.get(setting, []), then.last_on, moment)
                for moment in (step.recorded_at - SETTLED, step.recorded_at)
            }
            wrong = row.percent != due if row is not None else due is not None and said == {True}
            if wrong:
                message = f"第 {version} 版的“{KINDS[kind]}”与得分和信托文件的约定不符：被改动过。"
                findings.add("evaluation.consequence", message, where)
    if kept:
        findings.add("evaluation.consequence", "有一项结果挂钩没有对应的定稿步骤：被改动过。", where)


def _said(versions: list[SettingVersion], day: date, moment: datetime) -> bool:
    """Whether a setting asked for something on a day, as far as was known at a moment."""
    found = in_force([one for one in versions if one.recorded_at <= moment], day)
    return found is not None and found.value is not None and found.value is not False
