"""The monthly run (月度计提): preview, then one entry for all units; undone only by red letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, func, select

from ledger.billing.items import Item, find_item
from ledger.billing.reckon import Part, Reckoned, reckon
from ledger.chart import load_chart
from ledger.errors import Problem, Refused, refuse
from ledger.journal import Document, Draft, Line
from ledger.journal.head import peek_head
from ledger.journal.public_view import entry_ref
from ledger.periods.calendar import first_day, period_name, preceding
from ledger.store.tables import entry, posting_detail, trust, work_key, work_status
from ledger.trust.uses import USE_KINDS
from ledger.work import Work
from ledger.work.value import OPEN

_TRIES = 50


@dataclass(frozen=True, slots=True)
class Run:
    """The run of a month that stands: its place and public name."""

    seq: int
    ref: str
    posted_on: date
    total: int


@dataclass(frozen=True, slots=True)
class Group:
    """The units of one use: how many, and fen altogether."""

    title: str
    count: int
    fen: int


@dataclass(frozen=True, slots=True)
class Change:
    """A unit charged otherwise than the month before, in fen; ``before`` 0: not charged then."""

    unit: str
    before: int
    now: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What a run would do. ``standing``: the run already made; ``waiting``: the work that will make it."""

    item: Item
    period: int
    reckoned: Reckoned
    groups: tuple[Group, ...]
    units: int
    total: int
    changes: tuple[Change, ...]
    before: Run | None
    standing: Run | None
    waiting: int | None

    @property
    def missing_uses(self) -> tuple[tuple[str, int], ...]:
        """Uses without a standard, with the number of their units."""
        counts: dict[str, int] = {}
        for _, use in self.reckoned.missing:
            counts[use_title(use)] = counts.get(use_title(use), 0) + 1
        return tuple(counts.items())


def use_title(use_kind: str) -> str:
    """A use as people read it; kinds of parking spaces are named plainly."""
    return USE_KINDS.get(use_kind, use_kind)


def preview_run(conn: Connection, trust_id: int, period: int, kind: str = "property") -> Preview:
    """Reckon a month and compare it with the one before; nothing is written."""
    item = find_item(kind)
    reckoned = reckon(conn, trust_id, item, period)
    now = reckoned.by_unit()
    before = standing_run(conn, trust_id, item, preceding(period))
    then = _charged(conn, trust_id, before) if before else {}
    changes = (Change(code, then.get(code, 0), now.get(code, 0)) for code in sorted({*then, *now}))
    standing = standing_run(conn, trust_id, item, period)
    return Preview(
        item=item,
        period=period,
        reckoned=reckoned,
        groups=_groups(reckoned.parts),
        units=len(now),
        total=sum(now.values()),
        changes=tuple(change for change in changes if change.before != change.now) if before else (),
        before=before,
        standing=standing,
        waiting=None if standing else _waiting(conn, trust_id, item, period),
    )


def charge_work(conn: Connection, trust_id: int, period: int, kind: str = "property") -> Work:
    """The work that charges a month. Raises :class:`~ledger.errors.Refused` if the month is charged
    already, or if a unit has no standard."""
    item = find_item(kind)
    if standing := standing_run(conn, trust_id, item, period):
        raise refuse(
            "charged_already",
            f"{period_name(period)}{item.title}已经计提（{standing.ref}），不会重复计提；如需重做，请先红字冲销那张凭证",
            "月份",
        )
    draft = charge_draft(conn, trust_id, period, item, reckon(conn, trust_id, item, period))
    return Work(kind="charge", title=f"计提{period_name(period)}{item.title}", drafts=(draft,))


def charge_draft(
    conn: Connection,
    trust_id: int,
    period: int,
    item: Item,
    reckoned: Reckoned,
    *,
    preparer: str = "",
    reviewer: str = "",
) -> Draft:
    """The entry of a month's charges. Raises :class:`~ledger.errors.Refused`."""
    if reckoned.missing:
        raise Refused(_missing_problems(item, period, reckoned))
    if not reckoned.parts:
        raise refuse("nothing_to_charge", _nothing(item, period), "房屋")
    chart = load_chart(conn, trust_id)
    groups: dict[str, list[Part]] = {account: [] for account in item.credits.values()}
    for part in sorted(reckoned.parts, key=lambda one: one.unit):
        groups[item.credit(part.use_kind)].append(part)
    ordered = [part for parts in groups.values() for part in parts]
    lines = [_line(item.receivable, item.fund, "D", ordered)]
    for account, parts in groups.items():
        if parts:
            by_unit = "unit" in chart["A", account].dimensions
            lines.append(_line(account, item.fund, "C", parts, by_unit=by_unit))
    day, original = booking_day(conn, trust_id, first_day(period))
    count = len({part.unit for part in ordered})
    return Draft(
        book="A",
        date=day,
        original_date=original,
        event=item.event,
        summary=f"计提{period_name(period)}{item.title}（{count} 户）",
        lines=tuple(lines),
        preparer=preparer,
        reviewer=reviewer,
        key=next_key(conn, trust_id, f"charge:{item.name}:{period}"),
        documents=(Document("charge_list", f"{period_name(period)}{item.title}应收明细表"),),
        references={"fee_standard": "、".join(sorted({part.authority for part in ordered}))},
    )


def _line(account: str, fund: str, side: str, parts: Sequence[Part], *, by_unit: bool = True) -> Line:
    details = tuple(part.detail for part in parts) if by_unit else ()
    return Line(account, fund, side, sum(part.fen for part in parts), details=details)  # type: ignore[arg-type]


def _missing_problems(item: Item, period: int, reckoned: Reckoned) -> list[Problem]:
    counts: dict[str, int] = {}
    for _, use in reckoned.missing:
        counts[use] = counts.get(use, 0) + 1
    return [
        Problem(
            "no_fee_standard",
            f"{period_name(period)}有 {count} 个“{use_title(use)}”没有{item.title}的收费标准，请先登记；"
            "不收费的也要登记“免收”和依据",
            "收费标准",
        )
        for use, count in counts.items()
    ]


def _nothing(item: Item, period: int) -> str:
    if "meter" in item.methods:
        return f"{period_name(period)}还没有录入抄表读数，没有{item.title}可以计提"
    if item.name == "parking":
        return f"{period_name(period)}没有登记在用的车位，没有{item.title}可以计提"
    return "还没有登记房屋，无法计提"


# --- Runs that stand, and the day they are booked -----------------------------------------------------------


def _keys(base: str) -> list[str]:
    return [base, *(f"{base}~{n}" for n in range(2, _TRIES))]


def standing_run(conn: Connection, trust_id: int, item: Item, period: int) -> Run | None:
    """The run of a month that was not reversed."""
    return standing_entry(conn, trust_id, f"charge:{item.name}:{period}")


def standing_entry(conn: Connection, trust_id: int, base: str) -> Run | None:
    """The entry posted with this key, or one of its repetitions, that was not reversed."""
    red = entry.alias()
    row = conn.execute(
        select(entry)
        .outerjoin(red, (red.c.trust_id == entry.c.trust_id) & (red.c.reverses == entry.c.seq))
        .where(entry.c.trust_id == trust_id, entry.c.idempotency_key.in_(_keys(base)), red.c.seq.is_(None))
        .limit(1)
    ).first()
    if row is None:
        return None
    return Run(row.seq, entry_ref(row.book, row.fiscal_year, row.number), row.business_date, row.total)


def standing_runs(
    conn: Connection, trust_id: int, items: Sequence[Item], periods: Sequence[int]
) -> dict[tuple[str, int], Run]:
    """The runs of several months that were not reversed, by item and month."""
    wanted = {
        key: (item.name, period)
        for item in items
        for period in periods
        for key in _keys(f"charge:{item.name}:{period}")
    }
    red = entry.alias()
    rows = conn.execute(
        select(entry)
        .outerjoin(red, (red.c.trust_id == entry.c.trust_id) & (red.c.reverses == entry.c.seq))
        .where(entry.c.trust_id == trust_id, entry.c.idempotency_key.in_(wanted), red.c.seq.is_(None))
    )
    return {
        wanted[row.idempotency_key]: Run(
            row.seq, entry_ref(row.book, row.fiscal_year, row.number), row.business_date, row.total
        )
        for row in rows
    }


def next_key(conn: Connection, trust_id: int, base: str) -> str:
    """The idempotency key for doing again what was reversed: the same while nothing was posted."""
    tried = conn.execute(
        select(func.count())
        .select_from(entry)
        .where(entry.c.trust_id == trust_id, entry.c.idempotency_key.in_(_keys(base)))
    ).scalar_one()
    return f"{base}~{tried + 1}" if tried else base


def _waiting(conn: Connection, trust_id: int, item: Item, period: int) -> int | None:
    query = (
        select(work_key.c.no)
        .join(
            work_status, (work_status.c.trust_id == work_key.c.trust_id) & (work_status.c.no == work_key.c.no)
        )
        .where(
            work_key.c.trust_id == trust_id,
            work_key.c.idempotency_key.in_(_keys(f"charge:{item.name}:{period}")),
            work_status.c.waiting_for.in_(OPEN),
        )
        .limit(1)
    )
    return conn.execute(query).scalar()


def booking_day(conn: Connection, trust_id: int, day: date) -> tuple[date, date | None]:
    """The day an entry about ``day`` is booked on, and its true day if that month is closed already."""
    closed = peek_head(conn, trust_id).closed.get("A")
    if closed is not None and day <= closed:
        return closed + timedelta(days=1), day
    opened = conn.execute(select(trust.c.opened_on).where(trust.c.trust_id == trust_id)).scalar_one()
    return max(day, opened), None


def _charged(conn: Connection, trust_id: int, run: Run) -> dict[str, int]:
    rows = conn.execute(
        select(posting_detail.c.unit, func.sum(posting_detail.c.amount))
        .where(
            posting_detail.c.trust_id == trust_id,
            posting_detail.c.seq == run.seq,
            posting_detail.c.line_no == 1,
        )
        .group_by(posting_detail.c.unit)
    )
    return {code: int(fen) for code, fen in rows}


def _groups(parts: Sequence[Part]) -> tuple[Group, ...]:
    units: dict[str, set[str]] = {}
    fen: dict[str, int] = {}
    for part in parts:
        units.setdefault(part.use_kind, set()).add(part.unit)
        fen[part.use_kind] = fen.get(part.use_kind, 0) + part.fen
    order = [*USE_KINDS, *sorted(set(units) - set(USE_KINDS))]
    return tuple(Group(use_title(use), len(units[use]), fen[use]) for use in order if use in units)
