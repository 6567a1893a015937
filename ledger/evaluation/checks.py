"""Whether a scheme says what it means: every weight, rule, measure and grade, all problems at once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from ledger.errors import Problem
from ledger.evaluation.measures import measures
from ledger.evaluation.scheme import BODIES, FULL, HALVES, HOWS, Indicator, Rule, Scheme, points_text
from ledger.resolutions.texts import text_problems

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,19}", re.ASCII)
_LONGEST_TITLE = 60
_MOST_RULES, _MOST_INDICATORS = 20, 30
_GRADES = re.compile(r"[A-Z]", re.ASCII)


def scheme_problems(scheme: Scheme) -> list[Problem]:
    """Everything wrong with a scheme; empty if it can be used."""
    problems = list(text_problems(scheme.title, "方案名称", longest=_LONGEST_TITLE))
    for half, title in HALVES.items():
        total = sum(indicator.weight for indicator in scheme.half(half))
        if total != FULL:
            message = f"“{title}”各项权重合计应为 100 分，现在是 {points_text(total)} 分"
            problems.append(Problem("weights", message, title))
        if len(scheme.half(half)) > _MOST_INDICATORS:
            problems.append(Problem("too_many", f"“{title}”最多 {_MOST_INDICATORS} 项", title))
    indicators = [indicator for _, indicator in scheme.indicators()]
    problems += _twice("指标", [indicator.code for indicator in indicators])
    for indicator in indicators:
        problems += _indicator_problems(indicator)
    problems += _band_problems(scheme)
    problems += _rest_problems(scheme)
    return problems


def _indicator_problems(indicator: Indicator) -> Iterator[Problem]:
    where = f"指标 {indicator.code}"
    if not _CODE.fullmatch(indicator.code):
        yield Problem("bad_code", "编号应以字母开头，只用字母和数字，如 S1", where)
    yield from _named(indicator.title, "指标名称", where)
    if indicator.weight <= 0:
        yield Problem("bad_weight", "权重须大于零", where)
    if unknown := sorted(set(indicator.scorers) - set(BODIES)):
        yield Problem("bad_scorer", f"没有“{'、'.join(unknown)}”这种评分人", where)
    if not indicator.rules or len(indicator.rules) > _MOST_RULES:
        yield Problem("bad_rules", f"扣分规则应有 1 到 {_MOST_RULES} 条", where)
    yield from _twice(where, [rule.code for rule in indicator.rules])
    for no, rule in enumerate(indicator.rules, start=1):
        yield from _rule_problems(indicator, rule, f"{where}，{rule_name(no, rule.title)}")


def rule_name(no: int, title: str) -> str:
    """A rule in what people are told: by its title, or by its number if it has none."""
    return title.strip() or f"第 {no} 条规则"


def _named(text: str, what: str, where: str) -> Iterator[Problem]:
    """What is wrong with a title, said of the place it stands at."""
    for problem in text_problems(text, what, longest=_LONGEST_TITLE):
        yield Problem(problem.code, problem.message, where)


def _rule_problems(indicator: Indicator, rule: Rule, where: str) -> Iterator[Problem]:
    if not _CODE.fullmatch(rule.code):
        yield Problem("bad_code", "规则编号应以字母开头，只用字母、数字和下划线", where)
    yield from _named(rule.title, "规则名称", where)
    if rule.how not in HOWS:
        yield Problem("bad_how", f"扣法只能是{'、'.join(HOWS)}", where)
    if rule.how in ("count", "percent") and rule.each <= 0:
        yield Problem("bad_points", "每次扣的分数须大于零", where)
    if min(rule.each, rule.at_most) < 0 or max(rule.each, rule.at_most) > FULL:
        yield Problem("bad_points", "扣分应在 0 与 100 分之间", where)
    if not 1 <= rule.target <= 100:
        yield Problem("bad_target", "目标应在 1% 与 100% 之间", where)
    if rule.measure and rule.survey:
        yield Problem("two_sources", "一条规则只能有一个来源：系统取数或问卷", where)
    if rule.survey and rule.how != "shortfall":
        yield Problem("bad_how", "问卷的满意率越高越好，只能按“未达目标按比例扣”", where)
    yield from _source_problems(indicator, rule, where)


def _source_problems(indicator: Indicator, rule: Rule, where: str) -> Iterator[Problem]:
    scorer = "system" if rule.measure else "residents" if rule.survey else ""
    if scorer and scorer not in indicator.scorers:
        yield Problem("no_scorer", f"评分人里应有“{BODIES[scorer]}”", where)
    if not scorer and not set(indicator.scorers) - {"system", "residents"}:
        yield Problem("no_scorer", "这条规则由人评，请写明评分人", where)
    if not rule.measure:
        return
    measure = measures().get(rule.measure)
    if measure is None:
        yield Problem("unknown_measure", f"系统里没有“{rule.measure}”这项数据", where)
        return
    if (rule.how == "count") == measure.share:
        wanted = "按比率扣" if measure.share else "按次数扣"
        yield Problem("bad_how", f"“{measure.title}”只能{wanted}", where)
    elif measure.share and (rule.how == "shortfall") != measure.good:
        wanted = "未达目标按比例扣" if measure.good else "按比率每 1% 扣"
        yield Problem("bad_how", f"“{measure.title}”只能“{wanted}”，否则越好扣得越多", where)
    if "least" in measure.args and rule.args.get("least", 5) < 5:
        yield Problem("bad_args", "评价至少 5 份才计，才看不出是谁评的", where)
    if unknown := sorted(set(rule.args) - set(measure.args)):
        yield Problem("bad_args", f"“{measure.title}”没有“{'、'.join(unknown)}”这个参数", where)
    if any(not 0 < value <= 1_000 for value in rule.args.values()):
        yield Problem("bad_args", "参数应在 1 与 1000 之间", where)


def _band_problems(scheme: Scheme) -> Iterator[Problem]:
    where, leasts = "等级", [band.least for band in scheme.bands]
    if len(leasts) < 2 or leasts[-1] != 0:
        yield Problem("bad_bands", "至少两个等级，最低一级从 0 分起", where)
    if leasts != sorted(set(leasts), reverse=True) or any(least > FULL for least in leasts):
        yield Problem("bad_bands", "等级应从高到低排列，分数线不能重复，不超过 100 分", where)
    if any(not _GRADES.fullmatch(band.grade) for band in scheme.bands):
        yield Problem("bad_bands", "等级用一个大写字母，如 A", where)
    yield from _twice(where, [band.grade for band in scheme.bands])


def _rest_problems(scheme: Scheme) -> Iterator[Problem]:
    yield from _twice("一票否决", [veto.code for veto in scheme.vetoes])
    for veto in scheme.vetoes:
        yield from _named(veto.title, "一票否决的情形", "一票否决")
        if not veto.halves or set(veto.halves) - set(HALVES):
            yield Problem("bad_half", f"应写明降哪个百分的等级：{'、'.join(HALVES)}", "一票否决")
    leasts = [band.least for band in scheme.pay]
    if leasts and (leasts != sorted(set(leasts), reverse=True) or leasts[-1] != 0):
        yield Problem("bad_pay", "酬金比例应按分数从高到低排列，最后一档从 0 分起", "酬金比例")
    if any(not 0 <= band.percent <= 100 for band in scheme.pay):
        yield Problem("bad_pay", "酬金比例应在 0% 与 100% 之间", "酬金比例")
    if not 0 < scheme.least_weight <= FULL:
        yield Problem("bad_least_weight", "已评分值的下限应在 0 与 100 分之间", "已评分值的下限")
    days = {"自评": scheme.self_days, "评分": scheme.scoring_days, "申诉": scheme.appeal_days}
    for title, count in days.items():
        if not 3 <= count <= 60:
            yield Problem("bad_days", f"{title}的期限应在 3 天与 60 天之间", f"{title}的期限")
    yield from _survey_problems(scheme)


def _survey_problems(scheme: Scheme) -> Iterator[Problem]:
    survey, where = scheme.survey, "问卷"
    for problem in text_problems(survey.question, "问题", longest=200):
        yield Problem(problem.code, problem.message, where)
    if survey.least_answers < 5:
        yield Problem("too_few", "有效样本至少 5 份，才看不出是谁答的", where)
    if len(survey.choices) < 2 or len({choice.satisfied for choice in survey.choices}) < 2:
        yield Problem("bad_choices", "选项里应有算满意的，也有不算满意的", where)
    for choice in survey.choices:
        yield from _named(choice.title, "选项", where)
    yield from _twice(where, [choice.code for choice in survey.choices])


def _twice(where: str, codes: Iterable[str]) -> Iterator[Problem]:
    for code, count in Counter(codes).items():
        if count > 1:
            yield Problem("twice", f"编号“{code}”重复了", where)
