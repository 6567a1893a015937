"""Ask: a question, a snapshot, a repair, or to inspect and copy the books; and ask the same as somebody else.

An inspection (查阅复制) is the owners' right (信托法 20、49). It goes through the same door as the others so that it
has a number and a deadline, and nothing here can turn it down but that the person is no owner.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time

from sqlalchemy import Connection, exists, func, insert, select

from ledger.documents import Location
from ledger.errors import Problem, Refused, Unanswerable, refuse
from ledger.inquiries.allowed import asking_capacity
from ledger.inquiries.deadlines import deadlines_on
from ledger.inquiries.model import ABOUT_NAMES, PUBLISHED, TRUSTEE, InquiryKind, areas, kinds
from ledger.inquiries.pictures import Shot, attach, count_problems
from ledger.inquiries.state import Step, state_of
from ledger.inquiries.store import Asked, open_summary, write_steps
from ledger.inquiries.texts import LONGEST_NAME, LONGEST_QUESTION, words_problems
from ledger.journal.head import peek_head
from ledger.journal.read import find_seq
from ledger.people import Actor, require
from ledger.people.members import membership
from ledger.periods.spans import read_span
from ledger.store.tables import dimension_value, inquiry, inquiry_echo, inquiry_now, statement
from ledger.trust.act import BEIJING, Act
from ledger.trust.lock import lock_trust
from ledger.trust.setup import load_setup

_LONGEST_KEY = 100


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody asks. ``about_kind``: '', entry (its public name), statement (its span, ``2025-03``), project
    (its code) or area (a code of ``data/areas.toml``); ``unit``: the home it is about; ``follows``: an earlier
    inquiry of the same person; ``key``: the random value of the form, so that sending twice asks once."""

    kind: str
    text: str
    key: str
    about_kind: str = ""
    about: str = ""
    place: str = ""
    unit: str = ""
    follows: int = 0


def ask(
    conn: Connection,
    trust_id: int,
    question: Question,
    actor: Actor,
    act: Act,
    *,
    shots: Sequence[Shot] = (),
    location: Location | None = None,
) -> int:
    """Register an inquiry and return its number; the same form sent again gives the same number.

    Raises :class:`~ledger.errors.Refused` with all problems.
    """
    kind = kinds().get(question.kind)
    if kind is None:
        shown = "、".join(row.title for row in kinds().values())
        raise refuse("unknown_kind", f"请从{shown}中选一种", "种类")
    require(actor, kind.action)
    lock_trust(conn, trust_id)
    problems = [*_problems(conn, trust_id, question, actor, act), *count_problems(shots)]
    if problems:
        raise Refused(problems)
    known = conn.execute(
        select(inquiry.c.no).where(
            inquiry.c.trust_id == trust_id, inquiry.c.person == actor.person, inquiry.c.key == question.key
        )
    ).scalar()
    if known is not None:
        return int(known)
    _refuse_floods(conn, trust_id, kind, actor, act)
    no = _next(conn, trust_id)
    _register(conn, trust_id, no, question, actor, act)
    attach(conn, trust_id, location, no, 1, shots, act)
    return no


def _register(conn: Connection, trust_id: int, no: int, question: Question, actor: Actor, act: Act) -> None:
    setup = load_setup(conn, trust_id, peek_head(conn, trust_id).setup_version)
    deadlines = deadlines_on(setup, act.today)
    asked = Asked(
        no=no,
        kind=question.kind,
        about_kind=question.about_kind,
        about=question.about,
        place=question.place.strip(),
        text=question.text.strip(),
        person=actor.person,
        unit=question.unit,
        follows=question.follows,
        answer_by=deadlines.answer_by(question.kind, act.today),
        opened_at=act.now,
    )
    opened = Step(
        no=1,
        kind="opened",
        level=TRUSTEE,
        person=actor.person,
        signature=asking_capacity(actor),
        text=deadlines.duty(TRUSTEE),
        result="",
        of_step=0,
        due_on=deadlines.accept_by(question.kind, act.now),
        recorded_at=act.now,
    )
    values = {column.name: getattr(asked, column.name, None) for column in inquiry.c}
    conn.execute(insert(inquiry).values({**values, "trust_id": trust_id, "key": question.key}))
    write_steps(conn, trust_id, [(no, opened)])
    open_summary(conn, trust_id, asked, state_of([opened]))


def echo(conn: Connection, trust_id: int, no: int, actor: Actor, act: Act) -> int:
    """Ask the same as a published inquiry (我也想问), once a person; returns how many do by now.

    Whoever asked it, or did so before, changes nothing. Raises :class:`~ledger.errors.Refused`.
    """
    require(actor, "inquiry.ask")
    lock_trust(conn, trust_id)
    mine = inquiry_now.c.trust_id == trust_id, inquiry_now.c.no == no
    query = (
        select(inquiry_now.c.echoes, inquiry_now.c.publication, inquiry.c.person)
        .join(inquiry, (inquiry.c.trust_id == inquiry_now.c.trust_id) & (inquiry.c.no == inquiry_now.c.no))
        .where(*mine)
    )
    row = conn.execute(query).first() if 0 < no < 2**31 else None
    if row is None or row.publication != PUBLISHED:
        raise refuse("unknown_inquiry", f"没有公开的第 {no} 号质询，请核对编号", "编号")
    known = exists().where(
        inquiry_echo.c.trust_id == trust_id, inquiry_echo.c.no == no, inquiry_echo.c.person == actor.person
    )
    if row.person == actor.person or conn.execute(select(known)).scalar_one():
        return int(row.echoes)
    conn.execute(
        insert(inquiry_echo).values(trust_id=trust_id, no=no, person=actor.person, recorded_at=act.now)
    )
    conn.execute(inquiry_now.update().where(*mine).values(echoes=row.echoes + 1))
    return int(row.echoes) + 1


def _next(conn: Connection, trust_id: int) -> int:
    last = select(func.coalesce(func.max(inquiry.c.no), 0)).where(inquiry.c.trust_id == trust_id)
    return int(conn.execute(last).scalar_one()) + 1


def _refuse_floods(conn: Connection, trust_id: int, kind: InquiryKind, actor: Actor, act: Act) -> None:
    if not kind.daily:
        return
    midnight = datetime.combine(act.today, time(), BEIJING).astimezone(UTC)
    query = select(func.count()).where(
        inquiry.c.trust_id == trust_id,
        inquiry.c.person == actor.person,
        inquiry.c.kind == kind.name,
        inquiry.c.opened_at >= midnight,
    )
    if int(conn.execute(query).scalar_one()) >= kind.daily:
        raise refuse(
            "too_many_today",
            f"{kind.title}一人一天最多 {kind.daily} 件，请明天再提，或补充到已有的里面",
            "种类",
        )


def _problems(
    conn: Connection, trust_id: int, question: Question, actor: Actor, act: Act
) -> Iterator[Problem]:
    yield from words_problems(question.text, "内容", LONGEST_QUESTION)
    yield from words_problems(question.place, "位置", LONGEST_NAME, needed=False)
    if not (0 < len(question.key) <= _LONGEST_KEY and question.key.isprintable()):
        yield Problem("bad_key", "页面已过期，请刷新后重新填写", "表单")
    if question.unit and question.unit not in actor.units:
        homes = membership(conn, actor.person, trust_id, act.today).homes
        if question.unit not in homes:
            yield Problem("not_your_home", "只能选自己的房屋", "房屋")
    yield from _about_problems(conn, trust_id, question)
    if question.follows:
        earlier = conn.execute(
            select(inquiry.c.person).where(inquiry.c.trust_id == trust_id, inquiry.c.no == question.follows)
        ).scalar()
        if earlier != actor.person:
            yield Problem("not_your_inquiry", "只能接着自己提过的再提", "接着哪一号")


def _about_problems(conn: Connection, trust_id: int, question: Question) -> Iterator[Problem]:
    if question.about_kind not in ABOUT_NAMES:
        yield Problem("bad_about", f"请从{'、'.join(ABOUT_NAMES.values())}中选一种", "关于什么")
        return
    check = _CHECKS.get(question.about_kind)
    if check is None:
        if question.about:
            yield Problem("bad_about", "没有选择关于什么，就不要填编号", "关于什么")
    elif not question.about.isprintable() or not check(conn, trust_id, question.about):
        name = ABOUT_NAMES[question.about_kind]
        yield Problem("unknown_about", f"没有这个{name}，请从页面上的链接进入", "关于什么")


def _is_entry(conn: Connection, trust_id: int, about: str) -> bool:
    try:
        find_seq(conn, trust_id, about)
    except Unanswerable:
        return False
    return True


def _is_statement(conn: Connection, trust_id: int, about: str) -> bool:
    try:
        code = read_span(about).code
    except Refused:
        return False
    found = exists().where(statement.c.trust_id == trust_id, statement.c.period == code)
    return bool(conn.execute(select(found)).scalar_one())


def _is_project(conn: Connection, trust_id: int, about: str) -> bool:
    d = dimension_value.c
    found = exists().where(d.trust_id == trust_id, d.dimension == "project", d.code == about)
    return bool(conn.execute(select(found)).scalar_one())


_CHECKS: Mapping[str, Callable[[Connection, int, str], bool]] = {
    "entry": _is_entry,
    "statement": _is_statement,
    "project": _is_project,
    "area": lambda _conn, _trust_id, about: about in areas(),
}
