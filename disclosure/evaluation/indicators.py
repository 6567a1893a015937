"""Each indicator with its rules and what cost points: when, what, by whose record, with which evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from disclosure.evaluation.read import RoundFile
from disclosure.evaluation.words import exact, spoken
from disclosure.public.words import day_text
from ledger.evaluation.measures import measures
from ledger.evaluation.scheme import BODIES, SHEET_BODIES, Indicator, Rule, points_text
from ledger.evaluation.scheme_changes import cost_said
from ledger.evaluation.state import State

OPEN, MOST = 5, 100
"""So many facts stand open under a rule, more are folded; beyond ``MOST`` only the data have them."""


@dataclass(frozen=True, slots=True)
class ItemView:
    """A fact. ``path`` of the page that shows it, '' if it is this one; ``copy``: SHA-256 of the evidence's public
    copy, ``sealed``: first letters of evidence that only those on duty may open; ``struck`` what a ruling took off."""

    on: str
    iso: str
    what: str
    count: str
    path: str
    copy: str
    sealed: str
    by: str
    struck: str
    gone: bool


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule: how it takes points, where its figures come from, and what it took; ``items_lost``: it took
    something, or would have but for a ruling."""

    title: str
    how: str
    source: str
    rated: bool
    cost: str
    items_lost: bool
    items: tuple[ItemView, ...]
    folded: tuple[ItemView, ...]
    more: int

    @property
    def count(self) -> int:
        """All facts."""
        return len(self.items) + len(self.folded) + self.more


@dataclass(frozen=True, slots=True)
class IndicatorView:
    """An indicator; ``points`` '' if not rated, ``path`` of its points in the JSON; ``own`` the trustee's, '' if none."""

    code: str
    title: str
    weight: str
    points: str
    path: str
    lost: str
    why: str
    own: str
    scorers: str
    scored: str
    evidence: str
    rules: tuple[RuleView, ...]
    used_up: bool


def indicator_views(file: RoundFile, half: str) -> tuple[IndicatorView, ...]:
    """All of a half, in the order of the scheme."""
    value = file.value or {}
    own = (value["self"] or {}).get("points", {})
    scored = _scored(file.state)
    return tuple(
        _indicator(file, one, f"halves.{half}.indicators.{no}.points", own, scored)
        for no, one in enumerate(value["halves"][half]["indicators"])
    )


def _indicator(
    file: RoundFile,
    one: Mapping[str, Any],
    path: str,
    own: Mapping[str, int],
    scored: Mapping[str, list[str]],
) -> IndicatorView:
    known = file.state.scheme.indicator(one["code"])
    points, mine = one["points"], own.get(one["code"])
    return IndicatorView(
        code=one["code"],
        title=one["title"],
        weight=points_text(one["weight"]),
        points=exact(points) if points is not None else "",
        path=path,
        lost=points_text(one["lost"]) if points is not None and one["lost"] else "",
        why="，".join(_short(known, rule) for rule in one["rules"] if rule["rated"] and rule["lost"]),
        own=points_text(mine) if mine is not None else "",
        scorers="、".join(BODIES[scorer] for scorer in one["scorers"]),
        scored="、".join(BODIES[body] for body in scored.get(one["code"], ())),
        evidence="、".join(known.evidence) if known else "",
        rules=tuple(_rules(file, known, one)) if known else (),
        used_up=points == 0,
    )


def _scored(state: State) -> dict[str, list[str]]:
    """Which bodies handed in a sheet for each indicator."""
    found: dict[str, list[str]] = {}
    for body, code in sorted(state.sheets(), key=lambda key: SHEET_BODIES.index(key[0])):
        found.setdefault(code, []).append(body)
    return found


def _rules(file: RoundFile, indicator: Indicator, one: Mapping[str, Any]) -> Iterator[RuleView]:
    for said in one["rules"]:
        rule = indicator.rule(said["code"])
        if rule is None:
            continue
        items = tuple(_item(file, rule, said, item) for item in said["items"][:MOST])
        yield RuleView(
            title=said["title"],
            how=cost_said(rule),
            source=_source(indicator, rule),
            rated=said["rated"],
            cost=_cost(rule, said),
            items_lost=bool(said["lost"] or any(item["struck"] for item in said["items"])),
            items=items[:OPEN],
            folded=items[OPEN:],
            more=len(said["items"]) - len(items),
        )


def _short(indicator: Indicator | None, said: Mapping[str, Any]) -> str:
    """``漏巡 3 次``, ``满意率 5 / 6``."""
    part = sum(item["count"] for item in said["items"])
    if said["whole"] is not None:
        return f"{said['title']} {part:,} / {said['whole']:,}"
    rule = indicator.rule(said["code"]) if indicator else None
    return f"{said['title']} {part:,} {rule.unit if rule else '次'}"


def _source(indicator: Indicator, rule: Rule) -> str:
    if rule.measure:
        known = measures().get(rule.measure)
        return f"系统自动取数：{known.title}" if known else "系统自动取数"
    if rule.survey:
        return "业主问卷"
    bodies = [BODIES[body] for body in SHEET_BODIES if body in indicator.scorers]
    return f"{'、'.join(bodies)}登记，要有证据"


def _cost(rule: Rule, said: Mapping[str, Any]) -> str:
    if not said["rated"]:
        return "没有可评的数据，未评"
    if not said["lost"]:
        return "没有扣分"
    part = sum(item["count"] for item in said["items"])
    of = f"{part:,} / {said['whole']:,}，" if said["whole"] is not None else f"{part:,} {rule.unit}，"
    return f"{of}扣 {points_text(said['lost'])} 分"


def _item(file: RoundFile, rule: Rule, said: Mapping[str, Any], item: Mapping[str, Any]) -> ItemView:
    day, document = date.fromisoformat(item["on"]), item["document"]
    whole, asked = said["whole"] is not None, item["by"] == "residents"
    unit = "" if whole else f" {rule.unit}"
    now, before = f"{item['count']:,}{unit}", f"{item['count'] + item['struck']:,}{unit}"
    copy = file.copies.get(document, "")
    return ItemView(
        on=day_text(day),
        iso=day.isoformat(),
        what=spoken(item["what"]),
        count="" if asked or (whole and len(said["items"]) == 1) else now,
        path="#survey" if asked else "" if item["page"] == file.state.page else item["page"],
        copy=copy,
        sealed=document[:8] if document and not copy else "",
        by=BODIES[item["by"]] if item["by"] != "system" else "",
        struck=f"原来记 {before}，后来改为 {now}" if item["struck"] else "",
        gone=bool(item["struck"]) and not item["count"],
    )
