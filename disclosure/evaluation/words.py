"""Fixed words of the evaluation's public pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from disclosure.public.words import shown_day
from ledger.evaluation.value import (
    APPEAL,
    CORRECTION,
    FIGURES,
    FINAL,
    PREVIEW,
    REPLY,
    RULING,
    SELF,
    SHEET,
    SURVEY,
    WITHDRAW,
)

DOING: Mapping[str, str] = MappingProxyType(
    {
        "self": "受托人正在自评",
        "scoring": "系统已经取数，评分表都交了，等发问卷",
        "survey": "业主正在填写问卷，一户一份",
        "preview": "正在公示，受托人可以申诉；还没有定稿，分数可能变",
        "final": "已经定稿，不能再改；有错只能另发一版更正",
        "withdrawn": "这一轮已经撤回，不再进行",
    }
)
"""What goes on at each stage; whose sheets are missing is told by :mod:`disclosure.evaluation.waiting`."""
BEFORE_END = "这一期还没有结束，结束以后才评"
"""The trustee's turn has not come yet."""
STEPS_SHOWN = frozenset(
    {SELF, FIGURES, SHEET, SURVEY, PREVIEW, APPEAL, RULING, REPLY, FINAL, CORRECTION, WITHDRAW}
)
"""Steps of the course that everybody sees; vetoes and who stays away show with the figures."""
THEIRS: Mapping[str, str] = MappingProxyType({CORRECTION: "更正，另发一版", RULING: "对申诉作出裁定"})
OUTCOMES: Mapping[str, str] = MappingProxyType(
    {
        "kept": "申诉不成立，维持",
        "count_struck": "申诉成立，不扣分",
        "veto_struck": "申诉成立，撤销",
        "count_changed": "申诉部分成立，由 {before} 改为 {count}",
        "share_changed": "申诉成立，由 {before} 改为 {count}",
        "gone": "裁定时这条已经不计分",
    }
)
GONE = "这条扣分已因登记人回避不计"
"""Instead of what was appealed and counts no more, as whoever found it has ties to the trustee."""
TOO_LITTLE = "评得太少，不定等级"
"""In place of a grade."""


def exact(points: int) -> str:
    """``88.50``, as a browser compares it with the log."""
    return f"{points // 100}.{points % 100:02d}"


_DAY = re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b", re.ASCII)


def spoken(text: str) -> str:
    """A fact as it was recorded, its days as people write them; what only looks like a day stays as it is."""
    return _DAY.sub(lambda found: shown_day(found[0]), text)
