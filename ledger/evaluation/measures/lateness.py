"""The arithmetic of lateness over time: on which days of a window something was due and not done.

A day is late if it comes after the last day of a deadline, up to and including the day on which it was done.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

Stretch = tuple[date, date]
"""First and last late day."""
_DAY = timedelta(days=1)


def late_between(due_on: date, dues: Iterable[tuple[date, date]], end: date) -> list[Stretch]:
    """Late days of something that has to be done again and again.

    ``due_on``: the first last day; ``dues``: days on which it was done, in order, each with the next last day;
    ``end``: the last day looked at.
    """
    found = []
    late_from = due_on + _DAY
    for day, next_due in dues:
        if day > end:
            break
        if day >= late_from:
            found.append((late_from, day))
        late_from = max(next_due, day) + _DAY
    if end >= late_from:
        found.append((late_from, end))
    return found


def late_once(due_on: date, done_on: date | None, end: date) -> list[Stretch]:
    """Late days of something that has to be done once."""
    until = end if done_on is None else min(done_on, end)
    return [(due_on + _DAY, until)] if until > due_on else []


def merged(stretches: Iterable[Stretch], first: date, last: date) -> list[Stretch]:
    """The days of the window that are in any of the stretches: none twice."""
    found: list[Stretch] = []
    for stretch in sorted(stretches):
        begin, end = max(stretch[0], first), min(stretch[1], last)
        if begin > end:
            continue
        if found and begin <= found[-1][1] + _DAY:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found


def days_in(stretch: Stretch) -> int:
    """How many days it has."""
    return (stretch[1] - stretch[0]).days + 1
