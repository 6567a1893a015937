"""Numbers of a community's inquiries, and of many communities: what the evaluation and the overview count.

Counted are inquiries asked on the days of a span, those withdrawn in good time left aside. Silence is never satisfaction:
shares are of those who rated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, and_, case, func, or_, select

from ledger.inquiries.calendar import working_days_between
from ledger.inquiries.model import (
    CLOSED,
    CLOSING,
    COMMUNITY,
    DUTY_STATES,
    NOT_SATISFIED,
    OPEN_STATES,
    SATISFIED,
    STREET,
    TRUSTEE,
    WITHDRAWN,
    kinds,
)
from ledger.store.tables import inquiry_now, inquiry_step


@dataclass(frozen=True, slots=True)
class Numbers:
    """``open`` and ``overdue`` (open or to be called back, and past due) as of ``today``; ``late``: of all, those for which a day passed
    with nothing done; ``in_time``: answered by the day promised; ``unanswered``: not answered at all though that
    day is past; ``raised``: ever at a higher level; ``mediations`` by result; ``median_days``: working days to the first answer, None without one;
    ``response_minutes``: median until somebody on duty moved."""

    asked: int = 0
    open: int = 0
    overdue: int = 0
    late: int = 0
    answered: int = 0
    in_time: int = 0
    unanswered: int = 0
    rated: int = 0
    satisfied: int = 0
    raised: int = 0
    at_street: int = 0
    reworks: int = 0
    published: int = 0
    closed: int = 0
    median_days: Fraction | None = None
    response_minutes: Fraction | None = None
    mediations: Mapping[str, int] = field(default_factory=dict)

    @property
    def satisfied_share(self) -> Fraction | None:
        """Of those who rated; None if nobody did."""
        return Fraction(self.satisfied, self.rated) if self.rated else None

    @property
    def in_time_share(self) -> Fraction | None:
        """Of those answered, or not though the day promised is past; None if there are none."""
        judged = self.answered + self.unanswered
        return Fraction(self.in_time, judged) if judged else None


@dataclass(frozen=True, slots=True)
class MonthNumbers:
    """One month (yyyymm) of a trend."""

    period: int
    asked: int
    answered: int
    late: int
    rated: int
    satisfied: int


@dataclass(frozen=True, slots=True)
class DistrictNumbers:
    """One community in the overview, over all its inquiries up to today."""

    open: int
    overdue: int
    at_community: int
    at_street: int
    rated: int
    satisfied: int


@dataclass(frozen=True, slots=True)
class Desk:
    """What waits on the desks: at the lowest level to accept and to answer, at the higher ones, to call back (of
    these ``to_call_back_low`` at the lowest), to decide about publishing; ``overdue`` of all but the last."""

    to_accept: int
    to_answer: int
    at_community: int
    at_street: int
    to_call_back: int
    to_call_back_low: int
    to_publish: int
    overdue: int


def numbers(
    conn: Connection, trust_id: int, first: date, last: date, today: date, *, kind: str = ""
) -> Numbers:
    """The numbers of inquiries asked from ``first`` through ``last``; four queries however many there are."""
    n = inquiry_now.c
    where = [n.trust_id == trust_id, n.opened_on >= first, n.opened_on <= last, _counted()]
    if kind:
        where.append(n.kind == kind)
    row = conn.execute(select(*_counts(today)).where(*where)).one()
    pairs = conn.execute(
        select(n.opened_on, n.answered_on, func.count())
        .where(*where, n.answered_on.is_not(None))
        .group_by(n.opened_on, n.answered_on)
    )
    days = Counter[int]()
    for opened_on, answered_on, count in pairs:
        days[working_days_between(opened_on, answered_on)] += count
    minutes = conn.execute(
        select(n.response_minutes, func.count())
        .where(*where, n.response_minutes.is_not(None))
        .group_by(n.response_minutes)
    )
    return Numbers(
        **{name: int(value or 0) for name, value in row._mapping.items()},
        median_days=median(days),
        response_minutes=median(Counter({row[0]: int(row[1]) for row in minutes})),
        mediations=_mediations(conn, where),
    )


def by_kind(conn: Connection, trust_id: int, first: date, last: date, today: date) -> dict[str, Numbers]:
    """The same for each kind."""
    return {name: numbers(conn, trust_id, first, last, today, kind=name) for name in kinds()}


def trend(conn: Connection, trust_id: int, first: date, last: date) -> list[MonthNumbers]:
    """Months of the days asked, the earliest first; months without any are left out. One query."""
    n = inquiry_now.c
    query = (
        select(
            n.opened_on,
            func.count().label("asked"),
            func.count(n.answered_on).label("answered"),
            _sum(n.late).label("late"),
            _sum(n.rating != "").label("rated"),
            _sum(n.rating == SATISFIED).label("satisfied"),
        )
        .where(n.trust_id == trust_id, n.opened_on >= first, n.opened_on <= last, _counted())
        .group_by(n.opened_on)
    )
    months: dict[int, Counter[str]] = {}
    for row in conn.execute(query):
        sums = months.setdefault(row.opened_on.year * 100 + row.opened_on.month, Counter())
        for name in ("asked", "answered", "late", "rated", "satisfied"):
            sums[name] += int(getattr(row, name) or 0)
    return [
        MonthNumbers(period, s["asked"], s["answered"], s["late"], s["rated"], s["satisfied"])
        for period, s in sorted(months.items())
    ]


def district_numbers(conn: Connection, trust_ids: Collection[int], today: date) -> dict[int, DistrictNumbers]:
    """For many communities in one query; those without any inquiry are left out."""
    n = inquiry_now.c
    query = (
        select(
            n.trust_id,
            _sum(_is_open()).label("open"),
            _sum(_is_overdue(today)).label("overdue"),
            _sum(and_(_is_open(), n.level == COMMUNITY)).label("at_community"),
            _sum(and_(_is_open(), n.level == STREET)).label("at_street"),
            _sum(n.rating != "").label("rated"),
            _sum(n.rating == SATISFIED).label("satisfied"),
        )
        .where(n.trust_id.in_(sorted(trust_ids)), _counted())
        .group_by(n.trust_id)
    )
    return {
        row.trust_id: DistrictNumbers(*(int(value or 0) for value in row[1:])) for row in conn.execute(query)
    }


def on_the_desk(conn: Connection, trust_id: int, today: date) -> Desk:
    """What waits; one query over what is not closed."""
    n = inquiry_now.c
    low = and_(_is_open(), n.level < COMMUNITY)
    query = select(
        _sum(and_(low, n.status == "waiting")),
        _sum(and_(low, n.status != "waiting")),
        _sum(and_(_is_open(), n.level == COMMUNITY)),
        _sum(and_(_is_open(), n.level == STREET)),
        _sum(n.status == CLOSING),
        _sum(and_(n.status == CLOSING, n.level < COMMUNITY)),
        _sum(and_(n.publication == "", n.status != WITHDRAWN, n.answered_on.is_not(None))),
        _sum(_is_overdue(today)),
    ).where(n.trust_id == trust_id, or_(n.status != CLOSED, n.publication == ""))
    return Desk(*(int(value or 0) for value in conn.execute(query).one()))


def median(counts: Counter[int]) -> Fraction | None:
    """The median of values by how often they occur, exactly; None of nothing."""
    total = sum(counts.values())
    if not total:
        return None
    low, high = (total - 1) // 2, total // 2
    found, seen = [], 0
    for value in sorted(counts):
        begin, seen = seen, seen + counts[value]
        found += [value] * sum(begin <= place < seen for place in (low, high))
    return Fraction(sum(found), 2)


def _is_open() -> Any:
    return inquiry_now.c.status.in_(OPEN_STATES)


def _is_overdue(today: date) -> Any:
    return and_(inquiry_now.c.status.in_(DUTY_STATES), inquiry_now.c.due_on < today)


def _counted() -> Any:
    """Those not withdrawn; and of the withdrawn, what was late, answered late or had gone up by then."""
    n = inquiry_now.c
    late = func.coalesce(n.answered_on, n.closed_on) > n.answer_by
    return or_(n.status != WITHDRAWN, n.late, late, n.level > TRUSTEE)


def _sum(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))


def _counts(today: date) -> list[Any]:
    n = inquiry_now.c
    return [
        func.count().label("asked"),
        _sum(_is_open()).label("open"),
        _sum(_is_overdue(today)).label("overdue"),
        _sum(or_(n.late, and_(_is_open(), n.due_on < today))).label("late"),
        func.count(n.answered_on).label("answered"),
        _sum(n.answered_on <= n.answer_by).label("in_time"),
        _sum(and_(n.answered_on.is_(None), n.answer_by < func.coalesce(n.closed_on, today))).label(
            "unanswered"
        ),
        _sum(n.rating.in_((SATISFIED, NOT_SATISFIED))).label("rated"),
        _sum(n.rating == SATISFIED).label("satisfied"),
        _sum(n.level >= COMMUNITY).label("raised"),
        _sum(n.level >= STREET).label("at_street"),
        func.sum(n.reworks).label("reworks"),
        _sum(n.publication == "published").label("published"),
        _sum(n.status == CLOSED).label("closed"),
    ]


def _mediations(conn: Connection, where: list[Any]) -> dict[str, int]:
    n, s = inquiry_now.c, inquiry_step.c
    query = (
        select(s.result, func.count())
        .join(inquiry_now, (n.trust_id == s.trust_id) & (n.no == s.no))
        .where(*where, s.kind == "mediated")
        .group_by(s.result)
    )
    return {result: int(count) for result, count in conn.execute(query)}
