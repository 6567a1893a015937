"""What another version of a scheme changes, in words: for those who decide on it, and on the record beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

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
    Veto,
    points_text,
)

_T = TypeVar("_T")


def scheme_changes(before: Scheme, after: Scheme) -> list[str]:
    """Every difference, one sentence each; empty if there is none."""
    return [
        *_plain("方案名称", f"“{before.title}”", f"“{after.title}”"),
        *(text for half in HALVES for text in _half(half, before, after)),
        *_listed(
            "一票否决", before.vetoes, after.vetoes, lambda one: one.code, lambda one: one.title, _veto_said
        ),
        *_plain("等级", _bands(before.bands), _bands(after.bands)),
        *_plain("酬金支付比例", _pay(before.pay), _pay(after.pay)),
        *_plain("问卷的问题", before.survey.question, after.survey.question),
        *_plain("问卷选项", _choices(before.survey.choices), _choices(after.survey.choices)),
        *_plain("有效样本", f"{before.survey.least_answers} 份", f"{after.survey.least_answers} 份"),
        *_plain("定等级至少要评的分值", points_text(before.least_weight), points_text(after.least_weight)),
        *_plain("自评期限", f"{before.self_days} 天", f"{after.self_days} 天"),
        *_plain("评分期限", f"{before.scoring_days} 天", f"{after.scoring_days} 天"),
        *_plain("申诉期限", f"{before.appeal_days} 天", f"{after.appeal_days} 天"),
    ]


def rule_said(rule: Rule) -> str:
    """A rule in words: what costs how much, and where the figures come from."""
    optional = "" if rule.needed else "，没有数据时不影响其他规则"
    return f"{cost_said(rule)}；{source_said(rule)}{optional}"


def cost_said(rule: Rule) -> str:
    """What costs how much."""
    if rule.how == "count":
        cost = f"每{rule.unit}扣 {points_text(rule.each)} 分"
    elif rule.how == "percent":
        cost = f"每 1% 扣 {points_text(rule.each)} 分"
    elif rule.target == 100:
        cost = "按比率得分"
    else:
        cost = f"不到 {rule.target}% 的，差多少按比例扣多少"
    return f"{cost}，最多扣 {points_text(rule.at_most)} 分" if rule.at_most else cost


def source_said(rule: Rule) -> str:
    """Where the figures of a rule come from."""
    if rule.survey:
        return "来自业主问卷"
    if not rule.measure:
        return "由评分人登记"
    known = measures().get(rule.measure)
    title = known.title if known else rule.measure
    given = "、".join(str(value) for value in rule.args.values())
    return f"系统取数“{title}”" + (f"（{given}）" if given else "")


def _half(half: str, before: Scheme, after: Scheme) -> Iterator[str]:
    old = {one.code: one for one in before.half(half)}
    new = {one.code: one for one in after.half(half)}
    where = HALVES[half]
    for code, one in old.items():
        if code not in new:
            yield f"{where}取消指标 {code}“{one.title}”（{points_text(one.weight)} 分）"
    for code, one in new.items():
        if code not in old:
            yield f"{where}新增指标 {code}“{one.title}”（{points_text(one.weight)} 分）"
            yield from (f"{code} 新增规则“{rule.title}”：{rule_said(rule)}" for rule in one.rules)
        else:
            yield from _indicator(old[code], one)
    kept = [code for code in old if code in new]
    if kept != [code for code in new if code in old]:
        yield f"{where}各项指标的次序改为 {'、'.join(new)}"


def _indicator(before: Indicator, after: Indicator) -> Iterator[str]:
    where = after.code
    yield from _plain(f"{where} 名称", f"“{before.title}”", f"“{after.title}”")
    yield from _plain(f"{where} 权重", *(f"{points_text(one.weight)} 分" for one in (before, after)))
    yield from _plain(f"{where} 评分人", _bodies(before), _bodies(after))
    yield from _plain(f"{where} 证据", *("、".join(one.evidence) or "不写" for one in (before, after)))
    yield from _listed(
        f"{where} 规则", before.rules, after.rules, lambda rule: rule.code, lambda rule: rule.title, rule_said
    )


def _listed(
    where: str,
    before: Sequence[_T],
    after: Sequence[_T],
    code: Callable[[_T], str],
    title: Callable[[_T], str],
    said: Callable[[_T], str],
) -> Iterator[str]:
    old, new = {code(one): one for one in before}, {code(one): one for one in after}
    for name, one in old.items():
        if name not in new:
            yield f"{where}取消“{title(one)}”"
    for name, one in new.items():
        if name not in old:
            yield f"{where}新增“{title(one)}”：{said(one)}"
        else:
            yield from _plain(f"{where}名称", f"“{title(old[name])}”", f"“{title(one)}”")
            yield from _plain(f"{where}“{title(one)}”", said(old[name]), said(one))


def _plain(what: str, before: Any, after: Any) -> Iterator[str]:
    if before != after:
        yield f"{what}：由 {before} 改为 {after}"


def _bodies(one: Indicator) -> str:
    return "、".join(BODIES.get(body, body) for body in one.scorers) or "没有"


def _veto_said(one: Veto) -> str:
    return "、".join(HALVES.get(half, half) for half in one.halves) + "降到最低一级"


def _bands(bands: Sequence[Band]) -> str:
    return "、".join(f"{band.grade} {points_text(band.least)} 分起" for band in bands)


def _pay(bands: Sequence[PayBand]) -> str:
    return "、".join(f"{points_text(band.least)} 分起付 {band.percent}%" for band in bands) or "不与酬金挂钩"


def _choices(choices: Sequence[Choice]) -> str:
    return "、".join(f"{one.title}{'（算满意）' if one.satisfied else ''}" for one in choices)
