"""What a voter said, from letters and words to the values that are kept; and whether it can be."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from ledger.errors import Problem
from ledger.resolutions.value import (
    ABSTAIN,
    AGAINST,
    AGREE,
    CHOOSE,
    INVALID,
    OPTION_NAMES,
    Choice,
    Item,
)

LETTERS = {
    "A": AGREE, "同意": AGREE, "赞成": AGREE, "是": AGREE, "√": AGREE,
    "B": AGAINST, "反对": AGAINST, "不同意": AGAINST, "否": AGAINST, "X": AGAINST,
    "C": ABSTAIN, "弃权": ABSTAIN,
    "D": INVALID, "无效": INVALID, "废票": INVALID,
}  # fmt: skip
"""How options are typed: A 同意, B 反对, C 弃权, D 无效."""
_BETWEEN = re.compile(r"[、,;；/+\s]+")


def parse_choice(item: Item, text: str) -> Choice:
    """A choice as typed: a letter or word, or candidates' numbers with commas. Raises ValueError."""
    plain = unicodedata.normalize("NFKC", text).strip().upper()
    if not plain:
        raise ValueError("没有填写，弃权请填 C，没有勾选的请填 D")
    if item.kind == CHOOSE and plain[0].isdigit():
        numbers = [part for part in _BETWEEN.split(plain) if part]
        if not all(part.isascii() and part.isdigit() for part in numbers):
            raise ValueError(f"读不懂“{text}”，候选请填序号，几个之间用逗号")
        return ",".join(str(no) for no in sorted({int(part) for part in numbers}))
    if plain not in LETTERS or (item.kind == CHOOSE and LETTERS[plain] == AGREE):
        wanted = "候选的序号、B 反对、C 弃权或 D 无效" if item.kind == CHOOSE else "A 同意、B 反对、C 弃权或 D 无效"  # fmt: skip
        raise ValueError(f"读不懂“{text}”，请填{wanted}")
    return LETTERS[plain]


def choice_problems(
    items: Sequence[Item], choices: Sequence[Choice], *, paper: bool, where: str = ""
) -> list[Problem]:
    """What is wrong with the choices of a ballot; one for each item is needed."""
    if len(choices) != len(items):
        return [Problem("bad_choice", f"共有 {len(items)} 项，每一项都要选", where)]
    problems = []
    for no, (item, choice) in enumerate(zip(items, choices, strict=True), start=1):
        if wrong := _wrong(item, choice, paper):
            problems.append(Problem("bad_choice", wrong, f"{where} 第 {no} 项".strip()))
    return problems


def choice_words(item: Item, choice: Choice) -> str:
    """A choice as people read it; candidates by name."""
    if choice in OPTION_NAMES:
        return "全部反对" if item.kind == CHOOSE and choice == AGAINST else OPTION_NAMES[choice]
    return "、".join(item.candidates[int(no) - 1] for no in choice.split(","))


def _wrong(item: Item, choice: Choice, paper: bool) -> str:
    allowed = {AGAINST, ABSTAIN} | ({INVALID} if paper else set())
    if item.kind != CHOOSE:
        return "" if choice in allowed | {AGREE} else "请选择同意、反对或弃权"
    if choice in allowed:
        return ""
    return _wrong_numbers(item, choice)


def _wrong_numbers(item: Item, choice: Choice) -> str:
    numbers = choice.split(",")
    if not all(part.isascii() and part.isdigit() for part in numbers):
        return "请选择候选，或选全部反对、弃权"
    picked = [int(part) for part in numbers]
    if ",".join(str(no) for no in sorted(set(picked))) != choice:
        return "同一个候选只能选一次"
    if not all(1 <= no <= len(item.candidates) for no in picked):
        return f"候选的序号只有 1 到 {len(item.candidates)}"
    if len(picked) > item.seats:
        return f"最多选 {item.seats} 个，选了 {len(picked)} 个"
    return ""
