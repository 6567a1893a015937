"""A round as the office sees it: both halves, what cost points, its course in words, and what can be done now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from disclosure.evaluation.words import GONE
from disclosure.office.draft_view import local_time
from disclosure.public.words import moment_text
from ledger.evaluation.allowed import bodies_of
from ledger.evaluation.papers import papers_of
from ledger.evaluation.scheme import BODIES, HALVES, Indicator, Rule
from ledger.evaluation.score import Item
from ledger.evaluation.sheets import perhaps_twice, scored_by, unscored
from ledger.evaluation.state import State
from ledger.evaluation.steps import Step
from ledger.evaluation.value import (
    APPEAL,
    PREVIEWED,
    SHEET,
    VETO,
    Appeal,
    Correction,
    Figures,
    Note,
    PreviewDays,
    Recusal,
    Ruling,
    SelfAssessment,
    Sheet,
    SurveyDays,
    VetoFinding,
)
from ledger.people import Actor
from ledger.people.accounts import Person
from ledger.people.roles import STAFF

STAGES = (
    ("self", "受托人自评"),
    ("scoring", "系统取数，业委会和社区评分"),
    ("survey", "业主问卷"),
    ("preview", "公示、申诉和裁定"),
    ("final", "定稿发布"),
)
"""The course everybody sees at the top of a round."""
_SCORED = (SHEET, VETO)


@dataclass(frozen=True, slots=True)
class Deduction:
    """Something that cost points or grades, as a choice in a form. ``ref`` names it."""

    ref: str
    indicator: str
    title: str
    text: str
    count: int
    appealed: bool


@dataclass(frozen=True, slots=True)
class SheetRow:
    """An indicator of a body's sheet: by whom it was scored, '' if not yet, and how many things cost points."""

    indicator: Indicator
    by: str
    lines: int


@dataclass(frozen=True, slots=True)
class CourseRow:
    """A step in words. ``text`` may hold what only the office reads."""

    no: int
    title: str
    when: str
    by: str
    text: str
    documents: tuple[str, ...]


def shown_now(state: State) -> State:
    """The round with what may be looked at: while homes still answer, their answers are not."""
    return replace(state, answers={}) if state.stage == "survey" else state


def sees_all(state: State, actor: Actor) -> bool:
    """Whether sheets and scores are for these eyes: for the trustee's people from the preview on, as for everybody."""
    return state.stage in PREVIEWED or not actor.roles & STAFF


def deductions(state: State) -> list[Deduction]:
    """All that cost points, and every veto, in the order of the scheme."""
    appealed = {body.ref for _, body in state.all(APPEAL, Appeal)}
    found = [
        Deduction(item.ref, code, rule.title, item_text(rule, item), item.count, item.ref in appealed)
        for code, rule, item in _items(state)
    ]
    titles = {veto.code: veto.title for veto in state.scheme.vetoes}
    for ref, _, body in state.vetoes():
        text = f"一票否决：{titles[body.code]}，{body.on}，{body.what}"
        found.append(Deduction(ref, body.code, titles[body.code], text, 1, ref in appealed))
    return found


def named(state: State, ref: str) -> tuple[str, int]:
    """What a ref names, in words, and its count; :data:`GONE` and 0 if that counts no more."""
    for (code, name), found in state.findings().items():
        for item in found.items if found else ():
            if item.ref == ref:
                indicator = state.scheme.indicator(code)
                rule = indicator.rule(name) if indicator else None
                return (item_text(rule, item) if rule else item.what), item.count
    veto = next((body for found_ref, _, body in state.all_vetoes() if found_ref == ref), None)
    return (f"一票否决：{veto.on} {veto.what}", 1) if veto else (GONE, 0)


def item_text(rule: Rule, item: Item) -> str:
    """``2025-05-03 漏巡：夜间漏巡，3 次``."""
    count = f"{item.count} {rule.unit}" if rule.how == "count" else str(item.count)
    return f"{item.on} {rule.title}：{item.what}，{count}"


def _items(state: State) -> Iterator[tuple[str, Rule, Item]]:
    for half in HALVES:
        for indicator in state.scores.half(half).indicators:
            for scored in indicator.rules:
                for item in scored.found.items if scored.lost else ():
                    if item.ref and (item.count or scored.rule.how == "shortfall"):
                        yield indicator.indicator.code, scored.rule, item


def sheet_rows(state: State, body: str) -> list[SheetRow]:
    """What a body scores, with what it said so far."""
    sheets = state.sheets()
    rows = []
    for indicator in scored_by(state, body):
        step, sheet = sheets.get((body, indicator.code), (None, None))
        lines = sum(line.indicator == indicator.code for line in sheet.lines) if sheet else 0
        rows.append(SheetRow(indicator, step.signature if step else "", lines))
    return rows


def doubles(state: State) -> list[str]:
    """Findings of different bodies that are perhaps the same fact, a sentence each."""
    found = []
    for lines in perhaps_twice(state):
        first = lines[0][1]
        indicator = state.scheme.indicator(first.indicator)
        rule = indicator.rule(first.rule) if indicator else None
        said = "；".join(f"{BODIES[body]}“{line.what}”（{line.count}）" for body, line in lines)
        found.append(f"{first.on} {first.indicator} {rule.title if rule else first.rule}：{said}")
    return found


def without_sheet(state: State) -> int:
    """How many indicators are not rated because nobody handed in a sheet; answers of homes are no sheet."""
    return sum(
        one.points is None and any(rule.rule.by_hand and not rule.rated for rule in one.rules)
        for half in HALVES
        for one in state.scores.half(half).indicators
    )


def bodies_to_score(state: State, actor: Actor) -> list[tuple[str, str, int, int]]:
    """Bodies this person speaks for that score something: name, title, how many are left and how many in all."""
    if not actor.may("evaluation.score"):
        return []
    return [
        (body, BODIES[body], len(unscored(state, body)), len(asked))
        for body in bodies_of(actor)
        if (asked := scored_by(state, body))
    ]


def course(state: State, people: Mapping[str, Person], *, why: bool, scored: bool = True) -> list[CourseRow]:
    """Every step. ``why``: whether the reasons of recusals are for these eyes; ``scored``: what was scored is."""
    return [
        CourseRow(
            step.no,
            step.title,
            local_time(step.recorded_at),
            step.signature,
            _words(state, step, people, why=why) if scored or step.kind not in _SCORED else "",
            papers_of(step.body) if scored or step.kind not in _SCORED else (),
        )
        for step in state.steps
    ]


def _words(state: State, step: Step, people: Mapping[str, Person], *, why: bool) -> str:
    said = ""
    match step.body:
        case SelfAssessment() | Note():
            said = step.body.text
        case Figures(moment, size):
            said = f"按 {moment_text(moment)} 以前、公开日志前 {size} 笔计算"
        case Sheet(body, indicators, lines):
            out = "（本人已回避，不计）" if step.person in state.recused else ""
            said = f"{BODIES[body]}评 {'、'.join(indicators)}，{len(lines)} 条记录{out}"
        case VetoFinding(code, on, what):
            said = f"{code}，{on}：{what}"
        case Recusal(person, reason):
            name = people[person].name if person in people else "一人"
            said = f"{name}回避" + (f"：{reason}" if why else "")
        case SurveyDays(day):
            said = f"{day} 截止"
        case PreviewDays(day):
            said = f"申诉到 {day} 为止"
        case Appeal(ref, reason):
            said = f"对“{named(state, ref)[0]}”：{reason}"
        case Ruling(number, count, reason):
            said = f"第 {number} 号申诉，应计 {count}：{reason}"
        case Correction(reason):
            said = reason
    return said


def documents_of(state: State) -> set[str]:
    """SHA-256 of every paper of a round."""
    return {digest for step in state.steps for digest in papers_of(step.body)}
