"""What a score sheet or a veto must say: evidence for every lost point, nothing personal, nothing twice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from sqlalchemy import Connection

from ledger.errors import Problem
from ledger.evaluation.scheme import BODIES, Indicator, Rule
from ledger.evaluation.state import State
from ledger.evaluation.texts import private_problems
from ledger.evaluation.value import Line, Sheet, VetoFinding
from ledger.resolutions.texts import document_problems, text_problems

_LONGEST = 200
_PAGE = re.compile(r"(?!.*%2[eEfF])(?!.*/\.\.?(/|$|\?))(/[\w.~%-]+)+/?(\?[\w.~%=&-]*)?(#[\w.-]*)?", re.ASCII)
"""What comes after a community's address; nothing that leads out of it."""
_MOST_LINES = 500
_MOST_COUNT = 10_000


def scored_by(state: State, body: str) -> list[Indicator]:
    """The indicators a body keeps sheets for."""
    return state.scheme.scored_by(body)


def unscored(state: State, body: str) -> list[Indicator]:
    """Those of them without a sheet of this body that counts."""
    done = {code for scorer, code in state.sheets() if scorer == body}
    return [indicator for indicator in scored_by(state, body) if indicator.code not in done]


def perhaps_twice(state: State) -> list[list[tuple[str, Line]]]:
    """Lines of different bodies, with the body, by the same rule and of the same day, in the order of the scheme:
    perhaps one fact in two wordings, which would cost points twice. For whoever previews; people have to judge."""
    found: dict[tuple[str, str, date], list[tuple[str, Line]]] = {}
    for (body, code), (_, sheet) in state.sheets().items():
        for line in sheet.lines:
            if line.indicator == code:
                found.setdefault((code, line.rule, line.on), []).append((body, line))
    order = {one.code: no for no, (_, one) in enumerate(state.scheme.indicators())}
    return [
        found[key]
        for key in sorted(found, key=lambda key: (order[key[0]], key[1], key[2]))
        if len({body for body, _ in found[key]}) > 1
    ]


def sheet_problems(conn: Connection, trust_id: int, state: State, sheet: Sheet) -> list[Problem]:
    """Everything wrong with a sheet."""
    problems: list[Problem] = []
    if not sheet.indicators:
        problems.append(Problem("no_indicator", "请选择评哪些指标", "评分表"))
    for code in sheet.indicators:
        problems += _indicator_problems(state, sheet, code)
    if len(sheet.lines) > _MOST_LINES:
        problems.append(Problem("too_many", f"一张评分表最多 {_MOST_LINES} 行", "评分表"))
    for no, line in enumerate(sheet.lines[:_MOST_LINES], start=1):
        problems += _line_problems(state, sheet, line, f"第 {no} 行")
    facts = [(f"第 {no} 行的事实", line.what) for no, line in enumerate(sheet.lines[:_MOST_LINES], start=1)]
    problems += private_problems(conn, trust_id, facts)
    problems += _said_before(state, sheet)
    problems += document_problems(conn, trust_id, [line.document for line in sheet.lines], "证据")
    return problems


def veto_problems(
    conn: Connection, trust_id: int, state: State, found: Sequence[VetoFinding]
) -> list[Problem]:
    """Everything wrong with vetoes; each needs a paper."""
    problems: list[Problem] = []
    known = {veto.code for veto in state.scheme.vetoes}
    for one in found:
        if one.code not in known:
            problems.append(Problem("unknown_veto", f"方案里没有“{one.code}”这项一票否决", "一票否决"))
        problems += text_problems(one.what, "一票否决的事实", longest=500)
        problems += _day_problems(state, one, "一票否决")
        if not one.document:
            problems.append(Problem("no_document", "请上传认定的依据", "一票否决"))
    problems += private_problems(conn, trust_id, [("一票否决的事实", one.what) for one in found])
    problems += document_problems(conn, trust_id, [one.document for one in found], "依据")
    return problems


def _indicator_problems(state: State, sheet: Sheet, code: str) -> Iterator[Problem]:
    indicator = state.scheme.indicator(code)
    if indicator is None:
        yield Problem("unknown_indicator", f"方案里没有指标“{code}”", "评分表")
    elif sheet.body not in indicator.scorers:
        who = "、".join(BODIES[scorer] for scorer in indicator.scorers)
        yield Problem(
            "not_the_scorer", f"“{indicator.title}”由{who}评，不由{BODIES[sheet.body]}评", f"指标 {code}"
        )


def _line_problems(state: State, sheet: Sheet, line: Line, where: str) -> Iterator[Problem]:
    indicator = state.scheme.indicator(line.indicator)
    rule = indicator.rule(line.rule) if indicator else None
    if indicator is None or rule is None or not rule.by_hand:
        yield Problem("unknown_rule", "请从方案里由人评的扣分规则中选择", where)
        return
    if line.indicator not in sheet.indicators:
        yield Problem("unknown_indicator", f"这一行的指标 {line.indicator} 不在本表所评的指标里", where)
    yield from text_problems(line.what, f"{where}的事实", longest=_LONGEST)
    yield from _day_problems(state, line, where)
    yield from _count_problems(indicator, rule, line, where)
    if line.page and not _PAGE.fullmatch(line.page):
        yield Problem("bad_page", "证据的网页应是本站小区网址以后的部分，如 /conference/3", where)
    if not line.document and not line.page:
        yield Problem("no_document", "每一条都要有证据：上传照片、文件，或写明本站上的网页", where)


def _count_problems(indicator: Indicator, rule: Rule, line: Line, where: str) -> Iterator[Problem]:
    least = 1 if rule.how == "count" else 0
    if not least <= line.count <= _MOST_COUNT:
        yield Problem("bad_count", f"数量应在 {least} 与 {_MOST_COUNT} 之间", where)
    if rule.how == "count" and line.whole:
        yield Problem("bad_whole", "按次数扣分的不填总数", where)
    if rule.how != "count" and not 0 < line.whole <= _MOST_COUNT:
        yield Problem("bad_whole", f"“{indicator.title}”按比率评，请填总数", where)


def _day_problems(state: State, found: Line | VetoFinding, where: str) -> Iterator[Problem]:
    if not state.first_on <= found.on <= state.last_on:
        yield Problem("other_span", f"日期应在 {state.first_on} 与 {state.last_on} 之间", where)


def _said_before(state: State, sheet: Sheet) -> Iterator[Problem]:
    """The same fact, with the same evidence, costs points once only, whoever found it."""

    def fact(line: Line) -> tuple[object, ...]:
        return (line.indicator, line.rule, line.on, line.document or line.page, line.what.strip())

    said = {
        fact(line): other.body
        for (body, _), (_, other) in state.sheets().items()
        if body != sheet.body
        for line in other.lines
    }
    seen: set[tuple[object, ...]] = set()
    for no, line in enumerate(sheet.lines, start=1):
        key = fact(line)
        if key in said:
            yield Problem("said_before", f"{BODIES[said[key]]}已经记过这件事，不重复扣分", f"第 {no} 行")
        if key in seen:
            yield Problem("said_before", "和前面的一行相同；同一件事几处的，请改数量", f"第 {no} 行")
        seen.add(key)
