"""What was done with a statement in words: published, put up on the notice board, reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from disclosure.public.words import day_text
from ledger.statements import StatementAct, StatementVersion
from ledger.statements.acts import ASSEMBLY, COMMITTEE, CONFIRMED, DENIED, POSTED, REPORTS
from ledger.trust.act import BEIJING


@dataclass(frozen=True, slots=True)
class ActView:
    """One thing that has to be done: whether it was, and what is known of it. ``state``: done, waits or open."""

    title: str
    state: str
    lines: tuple[str, ...]


def act_views(
    versions: Sequence[StatementVersion], acts: Sequence[StatementAct], today: date
) -> list[ActView]:
    """Publishing, posting and both reports of one span; what has not been done is said as well."""
    first = min(versions, key=lambda item: item.version)
    lines = tuple(
        f"第 {item.version} 版{'（更正）' if item.version > first.version else ''}："
        f"{day_text(item.published_at.astimezone(BEIJING).date())}在本网站公开"
        for item in versions
    )
    return [
        ActView("网上公开", "done", lines),
        _view("公示栏张贴", POSTED, acts, today, "还没有登记张贴。"),
        _view("向业主大会报告", ASSEMBLY, acts, today, "还没有登记向业主大会报告。"),
        _view("向业主委员会报告", COMMITTEE, acts, today, "还没有登记向业主委员会报告。"),
    ]


def _view(title: str, kind: str, acts: Sequence[StatementAct], today: date, none: str) -> ActView:
    mine = [act for act in acts if act.kind == kind and act.step != "withdrawn"]
    if not mine:
        return ActView(title, "open", (none,))
    state = "done" if any(act.holds for act in mine) else "waits" if any(a.waits for a in mine) else "open"
    return ActView(title, state, tuple(act_text(act, today) for act in mine))


def act_text(act: StatementAct, today: date) -> str:
    """One act in a sentence. Nobody is named: who acted is known by role."""
    version = f"第 {act.version} 版："
    if act.kind == POSTED:
        until = act.until or act.on
        hangs = "，正在张贴" if act.on <= today <= until else ""
        photo = "，有照片存档" if act.document else ""
        return f"{version}{day_text(act.on)}至{day_text(until)}张贴在{act.place}{hangs}{photo}。"
    said = f"{version}{day_text(act.on)}以“{act.place}”向{REPORTS[act.kind]}报告"
    if act.step == CONFIRMED and act.stepped_at:
        return f"{said}，{day_text(act.stepped_at.astimezone(BEIJING).date())}业委会成员已确认。"
    if act.step == DENIED:
        return f"{said}——这是受托人登记的，业委会成员没有确认。"
    return f"{said}——这是受托人登记的，还没有业委会成员确认。"
