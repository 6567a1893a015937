"""Make a community's summary from its own books: a fixed number of queries, none across trusts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, and_, exists, func, or_, select

from ledger.balances import Clock, trial_balance
from ledger.bank.lines import is_open
from ledger.budget.available import lines_in_force
from ledger.chart import FUNDS
from ledger.disclosures.duties import Duty, duties
from ledger.district.value import GROWTH_DAYS, NEVER, RECENT_DAYS, Summary
from ledger.journal.head import peek_head
from ledger.periods.calendar import following, last_day, period_of
from ledger.resolutions.state import CLOSE, WITHDRAW
from ledger.store.tables import (
    bank_line,
    checkpoint,
    entry,
    entry_document,
    posting,
    resolution_step,
    roll,
    trust,
    work_status,
)
from ledger.trust.act import BEIJING, Act
from ledger.trust.setup import Setup, load_setup

CASH: Mapping[str, tuple[str, ...]] = {"A": ("1001", "1002", "1012"), "M": ("1001",)}
"""Beginnings of the codes of accounts that hold money, by book."""
CLOSE_WITHIN = timedelta(days=15)
"""A month that ended longer ago than this should be closed."""
_SPENDING = ("5", "6")
_TITLES = 3


def summarise(conn: Connection, trust_id: int, act: Act) -> Summary:
    """The community as of now. Raises :class:`~ledger.errors.Unanswerable` if there is none."""
    row = conn.execute(select(trust).where(trust.c.trust_id == trust_id)).one()
    head, today = peek_head(conn, trust_id), act.today
    setup = load_setup(conn, trust_id, head.setup_version)
    size = head.tree.size
    money, overdrawn = _money(conn, trust_id, Clock(today, size, True))
    open_lines, oldest = _open_lines(conn, trust_id, head.closed)
    signed, growth = _checkpoints(conn, trust_id, size, act)
    late = sorted(_late(conn, trust_id, today), key=lambda duty: -duty.late_days)
    recent = today - timedelta(days=RECENT_DAYS)
    return Summary(
        trust_id=trust_id,
        slug=row.slug,
        name=row.name,
        trustee=row.trustee,
        district=_text(setup, "district", today),
        grid=_text(setup, "grid", today),
        refreshed_at=act.now,
        day=today,
        log_size=size,
        setup_version=head.setup_version,
        signed_size=signed.size if signed else 0,
        signed_at=signed.signed_at if signed else None,
        growth=growth,
        common=sum(fen for fund, fen in money.items() if FUNDS[fund].book == "A"),
        maintenance=sum(fen for fund, fen in money.items() if FUNDS[fund].book == "M"),
        funds=money,
        quiet_days=_days(_last_posted(conn, trust_id), today),
        late=len(late),
        late_days=late[0].late_days if late else 0,
        late_titles="、".join(duty.title for duty in late[:_TITLES]) + ("等" if len(late) > _TITLES else ""),
        open_lines=open_lines,
        open_days=(today - oldest).days if oldest else 0,
        months_behind=months_behind(row.opened_on, head.closed.get("A"), today),
        corrections=_corrections(conn, trust_id, recent),
        co_sign=_co_sign(conn, trust_id),
        over_budget=sum(line.left < 0 for line in lines_in_force(conn, trust_id, today, [today.year])),
        votes=_open_votes(conn, trust_id),
        bare=_bare(conn, trust_id, recent),
        overdrawn=overdrawn,
        checkpoint_days=_days(signed.signed_at.astimezone(BEIJING).date() if signed else None, today),
    )


def months_behind(opened_on: date, closed: date | None, today: date) -> int:
    """Months that ended more than :data:`CLOSE_WITHIN` ago and are not closed."""
    month = following(period_of(closed)) if closed else period_of(opened_on)
    count = 0
    while last_day(month) + CLOSE_WITHIN < today:
        month, count = following(month), count + 1
    return count


def _text(setup: Setup, name: str, today: date) -> str:
    value = setup.setting(name, today)
    return value.strip() if isinstance(value, str) else ""


def _days(day: date | None, today: date) -> int:
    return NEVER if day is None else max(0, (today - day).days)


def _money(conn: Connection, trust_id: int, clock: Clock) -> tuple[dict[str, int], int]:
    """Fen by fund, and how many accounts of money are below nought."""
    found: dict[str, int] = {}
    overdrawn = 0
    for book, prefixes in CASH.items():
        for row in trial_balance(conn, trust_id, book, clock):
            if row.account.startswith(prefixes):
                found[row.fund] = found.get(row.fund, 0) + row.totals.balance
                overdrawn += row.totals.balance < 0
    return dict(sorted(found.items())), overdrawn


def _open_lines(conn: Connection, trust_id: int, closed: Mapping[str, date]) -> tuple[int, date | None]:
    """Bank lines without an entry, and the day of the oldest. What lies before a close of both books has one."""
    query = select(func.count(), func.min(bank_line.c.occurred_on)).where(
        bank_line.c.trust_id == trust_id, is_open()
    )
    if "A" in closed and "M" in closed:
        query = query.where(bank_line.c.occurred_on > min(closed.values()))
    count, oldest = conn.execute(query).one()
    return int(count), oldest


def _checkpoints(conn: Connection, trust_id: int, size: int, act: Act) -> tuple[Any, int]:
    """The newest checkpoint, and by how much the log has grown lately as the checkpoints tell."""
    c = checkpoint.c
    newest = conn.execute(
        select(c.size, c.signed_at).where(c.trust_id == trust_id).order_by(c.size.desc()).limit(1)
    ).first()
    before = conn.execute(
        select(func.coalesce(func.max(c.size), 0)).where(
            c.trust_id == trust_id, c.signed_at < act.now - timedelta(days=GROWTH_DAYS)
        )
    ).scalar_one()
    return newest, size - int(before)


def _late(conn: Connection, trust_id: int, today: date) -> Iterable[Duty]:
    return [duty for duty in duties(conn, trust_id, today) if duty.late_days > 0]


def _last_posted(conn: Connection, trust_id: int) -> date | None:
    posted = conn.execute(
        select(entry.c.posted_at).where(entry.c.trust_id == trust_id).order_by(entry.c.seq.desc()).limit(1)
    ).scalar()
    return posted.astimezone(BEIJING).date() if posted else None


def _corrections(conn: Connection, trust_id: int, since: date) -> int:
    query = select(func.count()).where(
        entry.c.trust_id == trust_id,
        entry.c.business_date > since,
        or_(entry.c.reverses.is_not(None), entry.c.amends.is_not(None)),
    )
    return int(conn.execute(query).scalar_one())


def _co_sign(conn: Connection, trust_id: int) -> int:
    query = select(func.count()).where(
        work_status.c.trust_id == trust_id, work_status.c.waiting_for == "co_sign"
    )
    return int(conn.execute(query).scalar_one())


def _open_votes(conn: Connection, trust_id: int) -> int:
    """Rolls that were frozen for a vote which is neither closed nor withdrawn."""
    ended = exists().where(
        resolution_step.c.trust_id == roll.c.trust_id,
        resolution_step.c.number == roll.c.number,
        resolution_step.c.step.in_((CLOSE, WITHDRAW)),
    )
    return int(conn.execute(select(func.count()).where(roll.c.trust_id == trust_id, ~ended)).scalar_one())


def _bare(conn: Connection, trust_id: int, since: date) -> int:
    """Entries of spending, corrections left aside, to which no scanned paper belongs."""
    spends = select(posting.c.seq).where(
        posting.c.trust_id == trust_id,
        posting.c.book == "A",
        posting.c.business_date > since,
        posting.c.account >= _SPENDING[0],
        posting.c.account < _SPENDING[1],
        posting.c.side == "D",
        posting.c.amount > 0,
    )
    paper = exists().where(
        entry_document.c.trust_id == entry.c.trust_id,
        entry_document.c.seq == entry.c.seq,
        entry_document.c.original != "",
    )
    query = select(func.count()).where(
        and_(entry.c.trust_id == trust_id, entry.c.business_date > since),
        entry.c.reverses.is_(None),
        entry.c.amends.is_(None),
        entry.c.seq.in_(spends),
        ~paper,
    )
    return int(conn.execute(query).scalar_one())
