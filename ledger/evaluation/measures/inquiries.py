"""What the inquiries of a span say: those asked in it, as they stood at the end of its last day."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from sqlalchemy import Connection

from ledger.evaluation.measures import Window
from ledger.evaluation.score import Found, Item
from ledger.inquiries.history import Then, counts, stood_on
from ledger.inquiries.model import SATISFIED, TRUSTEE, kinds

_SAID = ("question", "inspection")


def questions_answered_late(
    conn: Connection, trust_id: int, window: Window, args: Mapping[str, int]
) -> Found | None:
    """Questions and requests to inspect, answered late or not at all."""
    return _counted(_asked(conn, trust_id, window, _SAID), _answered_late, "逾期答复")


def snapshots_answered_late(
    conn: Connection, trust_id: int, window: Window, args: Mapping[str, int]
) -> Found | None:
    """The same of snapshots."""
    return _counted(_asked(conn, trust_id, window, ("snapshot",)), _answered_late, "逾期答复")


def repairs_late(conn: Connection, trust_id: int, window: Window, args: Mapping[str, int]) -> Found | None:
    """Repairs that took too long, of all of them."""
    asked = _asked(conn, trust_id, window, ("repair",))
    found = _counted(asked, _answered_late, "超时")
    return None if found is None else Found(found.items, len(asked))


def repairs_reworked(
    conn: Connection, trust_id: int, window: Window, args: Mapping[str, int]
) -> Found | None:
    """How often repairs had to be done again."""
    return _counted(_asked(conn, trust_id, window, ("repair",)), lambda one: one.state.reworks, "返修")


def raised_or_late(conn: Connection, trust_id: int, window: Window, args: Mapping[str, int]) -> Found | None:
    """Inquiries that went up a level, or for which a day passed with nothing done."""
    return _counted(
        _asked(conn, trust_id, window), lambda one: int(one.state.level > TRUSTEE or one.late), "升级或超时"
    )


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


def _answered_late(one: Then) -> int:
    return int(one.answered_late)


def _counted(asked: list[Then], count: Callable[[Then], int], what: str) -> Found | None:
    """Those that count, as items; None if nothing was asked."""
    if not asked:
        return None
    items = (
        Item(
            one.state.opened_on,
            f"第 {one.asked.no} 号{kinds()[one.asked.kind].title}{what}",
            count(one),
            f"/inquiries/{one.asked.no}",
        )
        for one in asked
    )
    return Found(tuple(item for item in items if item.count))
