"""A scheme as the fields of a form and back: ``service.0.rules.2.each`` is a field of the third rule.

What was typed is kept as it is, so that a form can be shown again; reading it notes every mistake with its
place and goes on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ledger.errors import Problem
from ledger.evaluation.checks import rule_name
from ledger.evaluation.measures import measures
from ledger.evaluation.scheme import (
    BODIES,
    HALVES,
    Band,
    Choice,
    Indicator,
    PayBand,
    Rule,
    Scheme,
    Survey,
    Veto,
    points_text,
    read_points,
)

Sheet = dict[str, Any]
"""Text by field, lists of sheets by name; a ticked box is ``"1"``."""
LISTS = ("service", "party", "vetoes", "bands", "pay", "choices")
SURVEY = "survey"
"""The source of a rule that is not the name of a measure; '' is by hand."""
_FIELD = re.compile(r"[a-z_]{1,30}(\.(\d{1,2}|[a-z_]{1,30})){0,5}", re.ASCII)
_SEPARATORS = re.compile(r"[、,，;；]+")
_LONGEST = 300


def sheet_of(scheme: Scheme) -> Sheet:
    """A scheme as fields."""
    return {
        "title": scheme.title,
        "least_weight": points_text(scheme.least_weight),
        "self_days": str(scheme.self_days),
        "scoring_days": str(scheme.scoring_days),
        "appeal_days": str(scheme.appeal_days),
        "question": scheme.survey.question,
        "least_answers": str(scheme.survey.least_answers),
        "choices": [
            {"code": one.code, "title": one.title, "satisfied": _tick(one.satisfied)}
            for one in scheme.survey.choices
        ],
        "bands": [{"grade": one.grade, "least": points_text(one.least)} for one in scheme.bands],
        "vetoes": [
            {"code": one.code, "title": one.title, **{half: _tick(half in one.halves) for half in HALVES}}
            for one in scheme.vetoes
        ],
        "pay": [{"least": points_text(one.least), "percent": str(one.percent)} for one in scheme.pay],
        **{half: [_indicator_sheet(one) for one in scheme.half(half)] for half in HALVES},
    }


def sheet_from(data: Mapping[str, object]) -> Sheet:
    """What a form sent, as a sheet; fields that are none of ours are left out."""
    sheet: Sheet = {}
    for name, value in data.items():
        if not isinstance(value, str) or not _FIELD.fullmatch(name):
            continue
        place: Any = sheet
        *path, last = name.split(".")
        for part in path:
            place = place.setdefault(part, {}) if isinstance(place, dict) else {}
        if isinstance(place, dict):
            place[last] = value.strip()[:_LONGEST]
    return _texts(sheet) | {name: _rows(sheet.get(name), name) for name in LISTS}


def read_sheet(sheet: Mapping[str, Any]) -> tuple[Scheme, list[Problem]]:
    """The scheme that a sheet says, and what in it can't be read; what can't be is nought there."""
    problems: list[Problem] = []
    at = _Reader(sheet, "方案", problems)
    scheme = Scheme(
        title=at.text("title"),
        service=tuple(_indicator(row, problems) for row in at.rows("service")),
        party=tuple(_indicator(row, problems) for row in at.rows("party")),
        survey=Survey(
            question=at.text("question"),
            least_answers=at.whole("least_answers", "有效样本", "问卷"),
            choices=tuple(
                Choice(row.text("code"), row.text("title"), row.ticked("satisfied"))
                for row in at.rows("choices", "问卷")
            ),
        ),
        bands=tuple(
            Band(row.text("grade"), row.points("least", "分数线")) for row in at.rows("bands", "等级")
        ),
        vetoes=tuple(
            Veto(row.text("code"), row.text("title"), tuple(half for half in HALVES if row.ticked(half)))
            for row in at.rows("vetoes", "一票否决")
        ),
        pay=tuple(
            PayBand(row.points("least", "分数线"), row.whole("percent", "支付比例"))
            for row in at.rows("pay", "酬金比例")
        ),
        least_weight=at.points("least_weight", "", "已评分值的下限"),
        self_days=at.whole("self_days", "", "自评的期限"),
        scoring_days=at.whole("scoring_days", "", "评分的期限"),
        appeal_days=at.whole("appeal_days", "", "申诉的期限"),
    )
    return scheme, problems


class _Reader:
    """Reads the fields of one sheet; ``where`` names it to people."""

    def __init__(self, sheet: Mapping[str, Any], where: str, problems: list[Problem]) -> None:
        self.sheet, self.where, self.problems = sheet, where, problems

    def text(self, name: str) -> str:
        value = self.sheet.get(name, "")
        return value if isinstance(value, str) else ""

    def ticked(self, name: str) -> bool:
        return bool(self.text(name))

    def points(self, name: str, title: str, where: str = "", *, empty: int | None = None) -> int:
        """Points as decimals, in 0.01."""
        text = self.text(name)
        if not text and empty is not None:
            return empty
        try:
            return read_points(text)
        except ValueError:
            self._wrong(f"{title}应写成 5 或 0.5，最多两位小数", text, where)
            return 0

    def whole(self, name: str, title: str, where: str = "", *, empty: int | None = None) -> int:
        text = self.text(name)
        if not text and empty is not None:
            return empty
        if text.isascii() and text.isdecimal() and len(text) <= 6:
            return int(text)
        self._wrong(f"{title}应是整数", text, where)
        return 0

    def rows(self, name: str, where: str = "") -> Iterator[_Reader]:
        rows = self.sheet.get(name, [])
        for row in rows if isinstance(rows, list) else []:
            yield _Reader(row, where or self.where, self.problems)

    def part(self, name: str) -> _Reader:
        value = self.sheet.get(name, {})
        return _Reader(value if isinstance(value, Mapping) else {}, self.where, self.problems)

    def _wrong(self, message: str, text: str, where: str) -> None:
        said = f"，不能是“{text[:20]}”" if text else "，还没有填"
        self.problems.append(Problem("unreadable", message + said, where or self.where))


def _indicator(at: _Reader, problems: list[Problem]) -> Indicator:
    code = at.text("code")
    at.where = f"指标 {code}" if code else "没有编号的指标"
    by = at.part("by")
    return Indicator(
        code=code,
        title=at.text("title"),
        weight=at.points("weight", "权重"),
        scorers=tuple(body for body in BODIES if by.ticked(body)),
        evidence=tuple(word.strip() for word in _SEPARATORS.split(at.text("evidence")) if word.strip()),
        rules=tuple(
            _rule(_Reader(row.sheet, f"{at.where}，{rule_name(no, row.text('title'))}", problems))
            for no, row in enumerate(at.rows("rules"), start=1)
        ),
    )


def _rule(at: _Reader) -> Rule:
    how, source = at.text("how") or "count", at.text("source")
    return Rule(
        code=at.text("code"),
        title=at.text("title"),
        unit=at.text("unit") or "次",
        how=how,
        each=at.points("each", "每次扣的分数", empty=0),
        at_most=at.points("at_most", "最多扣的分数", empty=0),
        target=at.whole("target", "目标", empty=100),
        measure=source if source != SURVEY else "",
        args=_args(at, source),
        survey=source == SURVEY,
        needed=at.ticked("needed"),
    )


def _args(at: _Reader, source: str) -> dict[str, int]:
    """Those that the measure has and that were given; another measure has others."""
    known = measures().get(source)
    given = at.part("args")
    return {name: given.whole(name, "参数") for name in (known.args if known else ()) if given.text(name)}


def _indicator_sheet(one: Indicator) -> Sheet:
    return {
        "code": one.code,
        "title": one.title,
        "weight": points_text(one.weight),
        "by": {body: _tick(body in one.scorers) for body in BODIES},
        "evidence": "、".join(one.evidence),
        "rules": [_rule_sheet(rule) for rule in one.rules],
    }


def _rule_sheet(rule: Rule) -> Sheet:
    return {
        "code": rule.code,
        "title": rule.title,
        "unit": rule.unit,
        "how": rule.how,
        "each": points_text(rule.each) if rule.each else "",
        "at_most": points_text(rule.at_most) if rule.at_most else "",
        "target": str(rule.target) if rule.how == "shortfall" else "",
        "source": SURVEY if rule.survey else rule.measure,
        "args": {name: str(value) for name, value in rule.args.items()},
        "needed": _tick(rule.needed),
    }


def _tick(ticked: bool) -> str:
    return "1" if ticked else ""


def _rows(value: object, shape: str) -> list[Sheet]:
    """Numbered fields as a list, in the order of their numbers."""
    found = value if isinstance(value, dict) else {}
    rows = sorted(
        ((int(no), row) for no, row in found.items() if no.isdecimal() and isinstance(row, dict)),
        key=lambda pair: pair[0],
    )
    return [_row(row, shape) for _, row in rows]


def _row(row: Mapping[str, Any], shape: str) -> Sheet:
    sheet = _texts(row)
    if shape in HALVES:
        return sheet | {"by": _texts(row.get("by")), "rules": _rows(row.get("rules"), "rule")}
    return sheet | {"args": _texts(row.get("args"))} if shape == "rule" else sheet


def _texts(value: object) -> Sheet:
    found = value if isinstance(value, dict) else {}
    return {name: text for name, text in found.items() if isinstance(text, str)}


def half_sum(sheet: Mapping[str, Any], half: str) -> int:
    """What the weights of a half come to, as far as they can be read."""
    total = 0
    for row in sheet.get(half, ()):
        try:
            total += read_points(row.get("weight", ""))
        except ValueError:
            continue
    return total
