"""What the trustee says it did with a published statement, and what the owners' committee says of that.

Putting up on the notice board (张贴) is recorded by the trustee with place and days, best with a photo. A report
(报告) to the owners' assembly or committee counts once a member of the committee, who is another person than
the one who recorded it, has confirmed it. Rows are never changed; each act has at most one step after it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, exists, func, insert, select

from ledger.errors import Problem, Refused, refuse
from ledger.people import Actor, Role, require
from ledger.periods.spans import span_name
from ledger.resolutions.texts import document_problems, text_problems
from ledger.store.tables import statement, statement_act, statement_act_step
from ledger.trust.act import Act
from ledger.trust.lock import lock_trust
from ledger.trust.setup import load_setup

POSTED, ASSEMBLY, COMMITTEE = "posted", "assembly", "committee"
REPORTS = {ASSEMBLY: "业主大会", COMMITTEE: "业主委员会"}
"""Whom a report is made to."""
CONFIRMED, DENIED, WITHDRAWN = "confirmed", "denied", "withdrawn"
POSTED_SETTING = "statement_posted_days"
POSTED_DAYS = 30
"""How long a statement stays on the notice board at least, where the community has set nothing."""
_LONGEST = 100
_LONGEST_POSTING = 1100


@dataclass(frozen=True, slots=True)
class StatementAct:
    """An act with what became of it. ``place`` is where it hangs, or the way it was reported;
    ``step`` is '' while nothing followed."""

    no: int
    period: int
    version: int
    kind: str
    on: date
    until: date | None
    place: str
    document: str
    person: str
    signature: str
    recorded_at: datetime
    step: str
    note: str
    stepped_by: str
    stepped_at: datetime | None

    @property
    def holds(self) -> bool:
        """Whether it counts: a posting until it is withdrawn, a report once it is confirmed."""
        return self.step == CONFIRMED or (self.kind == POSTED and not self.step)

    @property
    def waits(self) -> bool:
        """A report that nobody has confirmed yet."""
        return self.kind != POSTED and not self.step


def record_posting(
    conn: Connection,
    trust_id: int,
    period: int,
    version: int,
    first: date,
    last: date,
    place: str,
    document: str,
    actor: Actor,
    act: Act,
) -> int:
    """Record that a version hangs on the notice board from day to day; returns the number of the act.

    ``document`` is the hash of a photo kept in the archive, or ''. Raises :class:`~ledger.errors.Refused`
    for a time that is too short, or an unknown statement.
    """
    require(actor, "statement.act")
    lock_trust(conn, trust_id)
    setup = load_setup(conn, trust_id)
    value = setup.setting(POSTED_SETTING, act.today)
    least = POSTED_DAYS if value is None else int(value)
    problems = [
        *_statement_problems(conn, trust_id, period, version),
        *_day_problems(first, act, "张贴日期"),
        *text_problems(place, "张贴地点", longest=_LONGEST),
        *document_problems(conn, trust_id, [document] if document else [], "照片"),
    ]
    if (last - first).days + 1 < least:
        until = first + timedelta(days=least - 1)
        problems.append(Problem("too_short", f"公示栏至少要张贴 {least} 天，请写到 {until} 或以后", "张贴到"))
    elif (last - first).days > _LONGEST_POSTING:
        problems.append(Problem("too_long", "张贴时间太长，请核对日期", "张贴到"))
    if problems:
        raise Refused(problems)
    return _insert(conn, trust_id, period, version, POSTED, first, last, place, document, actor, act)


def record_report(
    conn: Connection,
    trust_id: int,
    period: int,
    version: int,
    to: str,
    on: date,
    way: str,
    document: str,
    actor: Actor,
    act: Act,
) -> int:
    """Record that a version was reported to the owners' assembly or committee; returns the act's number.

    It counts once the committee confirms it. Raises :class:`~ledger.errors.Refused`.
    """
    require(actor, "statement.act")
    lock_trust(conn, trust_id)
    problems = [
        *_statement_problems(conn, trust_id, period, version),
        *_day_problems(on, act, "报告日期"),
        *text_problems(way, "报告方式", longest=_LONGEST),
        *document_problems(conn, trust_id, [document] if document else [], "报告文件"),
    ]
    if to not in REPORTS:
        problems.append(Problem("bad_choice", "请选择向谁报告", "报告对象"))
    if problems:
        raise Refused(problems)
    return _insert(conn, trust_id, period, version, to, on, None, way, document, actor, act)


def confirm_report(
    conn: Connection, trust_id: int, no: int, actor: Actor, act: Act, *, received: bool = True, note: str = ""
) -> None:
    """Say for the committee that a report was made, or was not (``received`` false, with a reason).

    Raises :class:`~ledger.errors.Refused` for the person who recorded it, or works for the trustee.
    """
    require(actor, "statement.confirm")
    found = _open_act(conn, trust_id, no)
    if found.kind == POSTED:
        raise refuse("not_a_report", "张贴不需要确认", "记录")
    if found.person == actor.person or actor.roles & {Role.PREPARER, Role.REVIEWER, Role.CASHIER}:
        raise refuse("same_person", "报告由受托人一方登记，须由业委会成员本人确认，不能自己确认", "确认人")
    if not received and not note.strip():
        raise refuse("no_reason", "请写明为什么不确认", "说明")
    _step(conn, trust_id, no, CONFIRMED if received else DENIED, note, actor, act)


def withdraw_act(conn: Connection, trust_id: int, no: int, actor: Actor, act: Act, note: str) -> None:
    """Take back an act recorded by mistake, with the reason; both stay on record."""
    require(actor, "statement.act")
    found = _open_act(conn, trust_id, no)
    if found.person != actor.person:
        raise refuse("not_yours", "这条记录不是您登记的，只能由登记人撤回", "记录")
    if not note.strip():
        raise refuse("no_reason", "请写明撤回的原因", "原因")
    _step(conn, trust_id, no, WITHDRAWN, note, actor, act)


def list_acts(
    conn: Connection, trust_id: int, periods: Sequence[int] | None = None, *, open_only: bool = False
) -> list[StatementAct]:
    """Acts, the newest first; only of these spans if named, only reports that wait if ``open_only``."""
    step = statement_act_step
    query = (
        select(
            statement_act,
            func.coalesce(step.c.step, "").label("step"),
            func.coalesce(step.c.note, "").label("note"),
            func.coalesce(step.c.signature, "").label("stepped_by"),
            step.c.recorded_at.label("stepped_at"),
        )
        .outerjoin(step, (step.c.trust_id == statement_act.c.trust_id) & (step.c.no == statement_act.c.no))
        .where(statement_act.c.trust_id == trust_id)
        .order_by(statement_act.c.no.desc())
    )
    if periods is not None:
        query = query.where(statement_act.c.period.in_(periods))
    if open_only:
        query = query.where(step.c.step.is_(None), statement_act.c.kind != POSTED)
    return [StatementAct(*tuple(row)[1:]) for row in conn.execute(query)]


def acts_by_period(acts: Sequence[StatementAct]) -> dict[int, list[StatementAct]]:
    """Acts by the code of their span."""
    found: dict[int, list[StatementAct]] = defaultdict(list)
    for act in acts:
        found[act.period].append(act)
    return found


def _statement_problems(conn: Connection, trust_id: int, period: int, version: int) -> list[Problem]:
    query = select(
        exists().where(
            statement.c.trust_id == trust_id, statement.c.period == period, statement.c.version == version
        )
    )
    if conn.execute(query).scalar_one():
        return []
    return [Problem("unknown_statement", f"{span_name(period)}没有发布过第 {version} 版，请先发布", "报表")]


def _day_problems(day: date, act: Act, where: str) -> list[Problem]:
    if day > act.today:
        return [Problem("future_day", "还没到这一天，做了以后再登记", where)]
    return []


def _open_act(conn: Connection, trust_id: int, no: int) -> StatementAct:
    lock_trust(conn, trust_id)
    found = next((item for item in list_acts(conn, trust_id) if item.no == no), None)
    if found is None:
        raise refuse("unknown_act", f"没有第 {no} 条记录", "记录")
    if found.step:
        raise refuse("ended", f"第 {no} 条记录已经办结，不能再办理", "记录")
    return found


def _insert(
    conn: Connection,
    trust_id: int,
    period: int,
    version: int,
    kind: str,
    on: date,
    until: date | None,
    place: str,
    document: str,
    actor: Actor,
    act: Act,
) -> int:
    last = select(func.coalesce(func.max(statement_act.c.no), 0)).where(statement_act.c.trust_id == trust_id)
    no = int(conn.execute(last).scalar_one()) + 1
    conn.execute(
        insert(statement_act).values(
            trust_id=trust_id,
            no=no,
            period=period,
            version=version,
            kind=kind,
            on_day=on,
            until_day=until,
            place=place.strip(),
            document=document,
            person=actor.person,
            signature=actor.signature,
            recorded_at=act.now,
        )
    )
    return no


def _step(conn: Connection, trust_id: int, no: int, step: str, note: str, actor: Actor, act: Act) -> None:
    conn.execute(
        insert(statement_act_step).values(
            trust_id=trust_id,
            no=no,
            step=step,
            note=note.strip(),
            person=actor.person,
            signature=actor.signature,
            recorded_at=act.now,
        )
    )
