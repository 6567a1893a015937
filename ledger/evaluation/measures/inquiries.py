"""What the inquiries of a span say, as they stood at the end of its last day: those asked in it; of what is late,
those late since a day of it, whenever they were asked. So each costs once, however near to the end it was asked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import Connection

from ledger.evaluation.measures import Window
from ledger.evaluation.score import Found, Item
from ledger.inquiries.history import Then, counts, fell_due, stood_on
from ledger.inquiries.model import SATISFIED, kinds
from ledger.inquiries.response import Promises, Response, duration_text, promises
from ledger.trust.act import BEIJING

_SAID = ("question", "inspection")
_LONGEST = 366
"""So many days before the window is looked for what goes up or becomes late in it."""


def questions_answered_late(
    conn: Connection, trust_id: int, window: Window, args: Mapping[str, int]
) -> Found | None:
    """Questions and requests to inspect that fell due, answered late or not at all."""
    return _late(_due(conn, trust_id, window, _SAID), "逾期答复")


def snapshots_answered_late(
    conn: Connection, trust_id: int, window: Window, args: Mapping[str, int]
) -> Found | None:
    """The same of snapshots."""
    return _late(_due(conn, trust_id, window, ("snapshot",)), "逾期答复")


def repairs_late(conn: Connection, trust_id: int, window: Window, args: Mapping[str, int]) -> Found | None:
    """Repairs that took too long, of all that fell due."""
    due = _due(conn, trust_id, window, ("repair",))
    found = _late(due, "超时")
    return None if found is None else Found(found.items, len(due))


def repairs_slow_or_late(
    conn: Connection, trust_id: int, window: Window, args: Mapping[str, int]
) -> Found | None:
    """Repairs that nobody responded to within the hours promised, or that took too long, of all that fell due; one
    that is both costs once. Taking it back undoes neither."""
    promised = promises(conn, trust_id)
    items, whole = [], 0
    for one in fell_due(conn, trust_id, window.first, window.last):
        if not kinds()[one.asked.kind].work:
            continue
        response = promised.kept(one.steps)
        slow = response.slow(one.until)
        whole += slow or counts(one)
        if slow or one.answered_late:
            items.append(_overtime(window, one, response if slow else None))
    return Found(tuple(items), whole) if whole else None


def _overtime(window: Window, one: Then, slow: Response | None) -> Item:
    """What was too late: the repair, from the first day after the one promised; else the response, from its day, or
    the first of the window if that came before."""
    if slow is None:
        return _item(one, one.asked.answer_by + timedelta(days=1), "超时")
    waited = "没有人响应" if slow.until is None else f"等了 {duration_text(slow.minutes(one.until))}"
    words = f"响应超时（承诺 {slow.hours} 小时，{waited}）"
    if one.answered_late:
        return _item(one, one.asked.answer_by + timedelta(days=1), f"{words}，也没有按期修好")
    return _item(one, max(slow.by.astimezone(BEIJING).date(), window.first), words)


def repairs_reworked(
    conn: Connection, trust_id: int, window: Window, args: Mapping[str, int]
) -> Found | None:
    """How often repairs had to be done again."""
    return _counted(_asked(conn, trust_id, window, ("repair",)), lambda one: one.state.reworks, "返修")


def raised_or_late(conn: Connection, trust_id: int, window: Window, args: Mapping[str, int]) -> Found | None:
    """Inquiries that first went up a level, or for which a day first passed with nothing done, in the window; None
    if nothing was asked either."""
    begin, promised = window.first - timedelta(days=_LONGEST), promises(conn, trust_id)
    known = [
        (one, _gone_wrong(one, promised)) for one in _asked(conn, trust_id, replace(window, first=begin))
    ]
    if not any(_within(window, day or one.state.opened_on) for one, day in known):
        return None
    items = (_item(one, day, "升级或超时") for one, day in known if day and _within(window, day))
    return Found(tuple(items))


def _gone_wrong(one: Then, promised: Promises) -> date | None:
    """The first day on which it went up or was late; a repair is late from the moment promised for a response,
    whenever the system looked."""
    day, response = one.up_or_late_since, promised.kept(one.steps)
    if not kinds()[one.asked.kind].work or not response.slow(one.until):
        return day
    slow_on = response.slow_from.astimezone(BEIJING).date()
    return min(day, slow_on) if day else slow_on


def repeated(conn: Connection, trust_id: int, window: Window, args: Mapping[str, int]) -> Found | None:
    """Inquiries that follow one which did not settle the matter."""
    return _counted(_asked(conn, trust_id, window), lambda one: int(one.asked.follows > 0), "重复反映")


def satisfied(conn: Connection, trust_id: int, window: Window, args: Mapping[str, int]) -> Found | None:
    """Of those who rated, how many were satisfied; None below ``least`` ratings."""
    rated = [one for one in _asked(conn, trust_id, window) if one.state.rating]
    if len(rated) < max(args["least"], 1):
        return None
    count = sum(one.state.rating == SATISFIED for one in rated)
    what = f"{len(rated)} 件已评价，其中满意 {count} 件"
    return Found((Item(window.last, what, count, "/inquiries"),), len(rated))


def _asked(conn: Connection, trust_id: int, window: Window, wanted: Collection[str] = ()) -> list[Then]:
    """Those asked in the window, of these kinds; those withdrawn in good time left aside."""
    return [
        one
        for one in stood_on(conn, trust_id, window.first, window.last, window.last)
        if counts(one) and (not wanted or one.asked.kind in wanted)
    ]


def _due(conn: Connection, trust_id: int, window: Window, wanted: Collection[str]) -> list[Then]:
    """Those of these kinds whose day promised passed in the window; those withdrawn in good time left aside."""
    due = fell_due(conn, trust_id, window.first, window.last)
    return [one for one in due if counts(one) and one.asked.kind in wanted]


def _late(due: list[Then], what: str) -> Found | None:
    """Those answered late or not at all, from the first day after the one promised; None if nothing fell due."""
    if not due:
        return None
    items = (_item(one, one.asked.answer_by + timedelta(days=1), what) for one in due if one.answered_late)
    return Found(tuple(items))


def _counted(asked: list[Then], count: Callable[[Then], int], what: str) -> Found | None:
    """Those that count, as items; None if nothing was asked."""
    if not asked:
        return None
    items = (_item(one, one.state.opened_on, what, count(one)) for one in asked)
    return Found(tuple(item for item in items if item.count))


def _item(one: Then, on: date, what: str, count: int = 1) -> Item:
    title = f"第 {one.asked.no} 号{kinds()[one.asked.kind].title}{what}"
    return Item(on, title, count, f"/inquiries/{one.asked.no}")


def _within(window: Window, day: date) -> bool:
    return window.first <= day <= window.last
