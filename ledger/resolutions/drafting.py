"""What a draft must have before it can be put to the owners."""

from __future__ import annotations

from datetime import date

import msgspec
from sqlalchemy import Connection

from ledger.errors import Problem
from ledger.resolutions.matters import matters
from ledger.resolutions.texts import document_problems, text_problems
from ledger.resolutions.value import APPROVE, CHOOSE, UNLOCKS, Draft, Item

MOST_ITEMS, MOST_CANDIDATES, MOST_CANDIDATES_TOGETHER = 20, 40, 100
MOST_BYTES = 40_000
"""Of all texts together: the question is published as one record of at most 64 KiB."""
_LONGEST_TITLE, _LONGEST_TEXT, _LONGEST_NAME = 100, 5_000, 60
PEOPLE_MATTER = "committee_election"
"""Where candidates are people: their names are shown to the owners but not written into the public log."""


def draft_problems(conn: Connection, trust_id: int, draft: Draft, today: date) -> list[Problem]:
    """Everything that is wrong with a draft; what it says becomes public."""
    problems = [
        *text_problems(draft.title, "标题", longest=_LONGEST_TITLE),
        *text_problems(draft.text, "说明", longest=_LONGEST_TEXT),
    ]
    if not 1 <= len(draft.items) <= MOST_ITEMS:
        problems.append(Problem("bad_items", f"请写 1 到 {MOST_ITEMS} 个表决项", "表决项"))
    for no, item in enumerate(draft.items, start=1):
        problems += _item_problems(item, f"第 {no} 项")
    for paper in draft.documents:
        problems += text_problems(paper.title, "附件标题", longest=_LONGEST_TITLE)
    problems += document_problems(conn, trust_id, [paper.digest for paper in draft.documents], "附件")
    for unlock in draft.unlocks:
        if unlock.kind not in UNLOCKS:
            problems.append(Problem("bad_unlock", f"只能是{'、'.join(UNLOCKS.values())}", "与什么有关"))
        problems += text_problems(unlock.ref, "相关编号", longest=_LONGEST_NAME)
    if len(msgspec.json.encode(draft)) > MOST_BYTES:
        problems.append(
            Problem(
                "too_long", "各项文字合计太长，要公布的内容请控制在一万三千字以内，详细方案请作附件", "说明"
            )
        )
    if sum(len(item.candidates) for item in draft.items) > MOST_CANDIDATES_TOGETHER:
        most = f"各项的候选合计最多 {MOST_CANDIDATES_TOGETHER} 个，请分几次表决"
        problems.append(Problem("bad_candidates", most, "候选"))
    if draft.effective_on is not None and draft.effective_on <= today:
        problems.append(Problem("bad_days", "生效日应在公布结果以后；不填就从公布那天起生效", "生效日"))
    return problems


def _item_problems(item: Item, where: str) -> list[Problem]:
    problems = [
        *text_problems(item.title, f"{where}的标题", longest=_LONGEST_TITLE),
        *text_problems(item.text, f"{where}的说明", longest=_LONGEST_TEXT, needed=False),
    ]
    if item.matter not in matters():
        problems.append(Problem("unknown_matter", "请从事项表中选择一项", f"{where}的事项"))
    if item.kind not in (APPROVE, CHOOSE):
        problems.append(Problem("bad_kind", "请选择“同意或反对”或“从候选中选”", where))
    if item.kind == APPROVE and item.candidates:
        problems.append(Problem("bad_kind", "有候选的请选“从候选中选”", where))
    if item.kind == CHOOSE:
        problems += _candidate_problems(item, where)
    return problems


def _candidate_problems(item: Item, where: str) -> list[Problem]:
    names = [name.strip() for name in item.candidates]
    problems = []
    if not 1 <= len(names) <= MOST_CANDIDATES:
        problems.append(
            Problem("bad_candidates", f"请写 1 到 {MOST_CANDIDATES} 个候选，一行一个", f"{where}的候选")
        )
    if len(set(names)) < len(names):
        problems.append(Problem("candidate_twice", "候选里有重复的", f"{where}的候选"))
    for name in names:
        problems += text_problems(name, f"{where}的候选", longest=_LONGEST_NAME)
    if not 1 <= item.seats <= max(1, len(names)):
        problems.append(Problem("bad_seats", "名额至少一个，不超过候选的个数", f"{where}的名额"))
    return problems
