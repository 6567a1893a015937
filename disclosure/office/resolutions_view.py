"""One vote on the desk of the committee: where it stands, and the forms of the next step."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from disclosure.office.acting import Office
from disclosure.office.draft_view import local_time
from disclosure.public.answers import Answer
from disclosure.public.resolutions_result import result_views, turnout_view
from disclosure.public.resolutions_view import needs_text, question_views, square
from ledger.documents.read import uploads_by_digest
from ledger.errors import Problem
from ledger.resolutions.course import MOVERS
from ledger.resolutions.grouping import VOTER_KINDS, NewRoll, build_roll
from ledger.resolutions.matters import matters
from ledger.resolutions.read import ResolutionFile, read_resolution
from ledger.resolutions.rules import Rules, rules_on
from ledger.resolutions.turnout import participation
from ledger.resolutions.value import UNLOCKS

_BEFORE = ("draft", "moved", "noticed")
_MISSING_SHOWN = 60


def resolution_page(
    office: Office, number: str, values: dict[str, Any], problems: tuple[Problem, ...], status: int = 200
) -> Answer:
    """The page; ``values`` are what was typed into the form that was refused."""
    file = read_resolution(office.conn, office.trust_id, number)
    rules = rules_on(office.setup, office.act.today)
    before = file.stage in _BEFORE
    roll = build_roll(office.conn, office.trust_id, office.act.today, rules) if before else None
    turnout = participation(office.conn, office.trust_id, number) if file.stage == "open" else None
    digests = [paper.digest for paper in file.state.draft.documents]
    return office.page(
        "office/resolution.html",
        status=status,
        file=file,
        number=number,
        values={**_suggested(office, file, rules), **values},
        problems=problems,
        questions=question_views(file.state.draft.items),
        results=result_views(file.result, file.state.draft.items) if file.result else [],
        needs={item.matter: needs_text(matters()[item.matter]) for item in file.state.draft.items},
        movers=list(MOVERS.items()),
        unlocks=UNLOCKS,
        rules=rules,
        roll=roll,
        preview=_preview(roll) if roll else None,
        turnout=turnout_view(turnout) if turnout else None,
        papers=uploads_by_digest(office.conn, office.trust_id, digests),
        when=local_time,
        square=square,
        may_open=_may_open(file, office.act.today),
        next_step=_NEXT.get(file.stage, ""),
    )


_NEXT = {
    "draft": "下一步：登记是谁提议的。",
    "moved": "下一步：通知全体业主。",
    "noticed": "下一步：到了开始日期，由业委会主任开始表决。",
    "open": "正在表决。录入纸质选票、发表决码，到截止日由业委会主任截止。",
    "closed": "下一步：核对计票，由业委会主任公布结果。",
    "published": "结果已公布。需要备案的，办好后在这里登记。",
    "withdrawn": "已撤回，不再表决。",
}


def _suggested(office: Office, file: ResolutionFile, rules: Rules) -> dict[str, str]:
    """What the forms begin with."""
    first = office.act.today + timedelta(days=rules.notice_days)
    return {
        "moved_on": office.act.today.isoformat(),
        "opens_on": first.isoformat(),
        "closes_on": (first + timedelta(days=14)).isoformat(),
        "filed_on": office.act.today.isoformat(),
    }


def _preview(roll: NewRoll) -> dict[str, Any]:
    """The roll as it would be frozen today: totals by kind of voter, and what is not in order."""
    kinds: dict[str, list[int]] = {}
    for voter in roll.voters:
        row = kinds.setdefault(voter.kind, [0, 0, 0])
        row[0] += 1
        row[1] += len(voter.units)
        row[2] += voter.area
    return {
        "kinds": [(VOTER_KINDS[kind], *row) for kind, row in kinds.items()],
        "total": roll.total,
        "units": roll.units,
        "several": sum(len(voter.units) > 1 for voter in roll.voters),
        "missing": roll.missing[:_MISSING_SHOWN],
        "more": max(0, len(roll.missing) - _MISSING_SHOWN),
        "without_owner": len(roll.missing),
    }


def _may_open(file: ResolutionFile, today: date) -> bool:
    return file.stage == "noticed" and file.state.told.opens_on <= today
