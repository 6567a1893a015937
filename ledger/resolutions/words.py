"""A result in plain words. Percentages are cut off, never rounded up, and never say what integers deny."""

from __future__ import annotations

from ledger.resolutions.matters import Threshold
from ledger.resolutions.results import Count, ResultItem
from ledger.resolutions.value import AGREE, CHOOSE

_MOST_DIGITS = 6


def percent(part: int, whole: int, threshold: Threshold | None = None) -> str:
    """``part / whole`` as a percentage, cut off after one digit.

    Beside a threshold it gets as many more digits as it takes to be seen on the right side of it.
    """
    if whole <= 0:
        return "0.0%"
    for digits in range(1, _MOST_DIGITS + 1):
        scale = 100 * 10**digits
        cut = part * scale // whole
        if threshold is None or threshold.met(cut, scale) == threshold.met(part, whole):
            return _shown(cut, digits)
    return _shown(part * 1000 // whole, 1)


def square(area: int) -> str:
    """Square metres of an area in 0.01 m²."""
    return f"{area // 100:,}.{area % 100:02d} m²"


def result_sentence(item: ResultItem) -> str:
    """What came of an item, such as
    ``参与 71.3% 面积 / 68.0% 人数，均达到三分之二；同意 …，均过半数；通过``."""
    quorum = _against("参与", item.took_part, item.total, item.participate_threshold, "")
    if item.kind == CHOOSE:
        chosen = len(item.chosen)
        outcome = f"{chosen} 个候选当选" if chosen else "没有候选当选"
        if item.tied:
            outcome += f"，另有 {len(item.tied)} 个并列，须另行表决"
        return f"{quorum}；{outcome}"
    if not item.quorum.both:
        return f"{quorum}；参与不够，没有通过"
    agreed = _against("同意", item.agreed, item.took_part, item.agree_threshold, "（占参与）")
    followed = ""
    if item.followed:
        side = "同意" if item.followed == AGREE else "反对"
        followed = f"（按议事规则，弃权或未投的随多数计入{side}）"
    return f"{quorum}；{agreed}{followed}；{'通过' if item.passed else '没有通过'}"


def outcome_name(item: ResultItem) -> str:
    """One word for a list."""
    if item.kind == CHOOSE:
        return "已选出" if item.passed else "没有选出"
    return "通过" if item.passed else "没有通过"


def _against(verb: str, part: Count, whole: Count, threshold: Threshold, of: str) -> str:
    met = threshold.of(part.amount, whole.amount)
    area = percent(part.area, whole.area, threshold)
    people = percent(part.people, whole.people, threshold)
    line = threshold.words.removesuffix("以上")
    reach = "过" if threshold.more_than else "达到"
    line = line.removeprefix("过").removeprefix("超")
    if met.both:
        verdict = f"均{reach}{line}"
    elif not met.by_area and not met.by_people:
        verdict = f"均未{reach}{line}"
    else:
        good, bad = ("面积", "人数") if met.by_area else ("人数", "面积")
        verdict = f"{good}{reach}{line}，{bad}未{reach}"
    return f"{verb} {area} 面积 / {people} 人数{of}，{verdict}"


def _shown(cut: int, digits: int) -> str:
    return f"{cut // 10**digits}.{cut % 10**digits:0{digits}d}%"
