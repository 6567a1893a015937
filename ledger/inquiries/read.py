"""Inquiries as pages show them: lists by key, one with all its steps, and what everybody may read of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, bindparam, func, or_, select

from ledger.errors import Unanswerable
from ledger.inquiries.model import (
    DUTY_STATES,
    PUBLISHED,
    SYSTEM,
    TRUSTEE,
    WITHDRAWN,
    kinds,
)
from ledger.inquiries.pictures import Picture, pictures_of
from ledger.inquiries.publishing import RECORD, published_steps, subject_of
from ledger.inquiries.response import Response, responses_of, slow_repairs
from ledger.inquiries.shown import (
    ANSWER,
    QUESTION,
    HowMany,
    InquiryFile,
    InquiryRow,
    PublicInquiry,
    PublicStep,
    Said,
)
from ledger.inquiries.state import State, Step, state_of
from ledger.inquiries.store import asked_of, steps_of
from ledger.records import places_of
from ledger.store.tables import inquiry, inquiry_echo, inquiry_now
from ledger.trust.act import BEIJING

_MOST = 2**31


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which inquiries a list shows; empty fields ask for everything.

    ``states``: of :data:`~ledger.inquiries.model.STATUS_NAMES`; ``late_on``: those due before that day that still
    wait for somebody on duty; ``slow_at``: repairs that by then had waited too long for a response; ``opened``: first and last day of asking; ``ever_late``, ``raised`` (to a higher level), ``reworked`` and
    ``repeated`` (following an earlier one) pick what the evaluation counts; ``undecided``: those whose words are neither published nor kept; ``published``: only with public words.
    """

    kind: str = ""
    about_kind: str = ""
    about: str = ""
    states: tuple[str, ...] = ()
    level: int = 0
    late_on: date | None = None
    slow_at: datetime | None = None
    opened: tuple[date, date] | None = None
    ever_late: bool = False
    raised: bool = False
    reworked: bool = False
    repeated: bool = False
    undecided: bool = False
    published: bool = False
    person: str = ""


def list_inquiries(
    conn: Connection,
    trust_id: int,
    wanted: Wanted | None = None,
    *,
    before: int | None = None,
    limit: int = 50,
    private: bool = False,
) -> list[InquiryRow]:
    """Inquiries, the newest first; ``before`` is the number of the last one seen. Two queries, and two more for
    repairs, or to find the slow ones."""
    n = inquiry_now.c
    wanted = wanted or Wanted()
    columns = [column for column in n if column.name != "trust_id"]
    query = (
        select(*columns, inquiry.c.text)
        .join(inquiry, (inquiry.c.trust_id == n.trust_id) & (inquiry.c.no == n.no))
        .where(n.trust_id == trust_id, *_conditions(wanted))
        .order_by(n.no.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(n.no < before)
    if wanted.slow_at is not None:
        query = query.where(n.no.in_(slow_repairs(conn, trust_id, date.min, date.max, wanted.slow_at)))
    rows = conn.execute(query).all()
    public = published_steps(conn, trust_id, [row.no for row in rows if row.publication == PUBLISHED])
    responses = responses_of(conn, trust_id, _works(rows))
    return [
        _row(row, row.text if private else public.get((row.no, 1), ""), responses.get(row.no)) for row in rows
    ]


def read_inquiry(conn: Connection, trust_id: int, no: int) -> InquiryFile:
    """One inquiry with everything private. Raises :class:`~ledger.errors.Unanswerable`."""
    return _files(conn, trust_id, [no])[0]


def read_public(conn: Connection, trust_id: int, no: int) -> PublicInquiry:
    """What everybody may know of one inquiry. Raises :class:`~ledger.errors.Unanswerable`."""
    return read_inquiry(conn, trust_id, no).public


def about(
    conn: Connection, trust_id: int, about_kind: str, about: str, *, limit: int = 20
) -> list[PublicInquiry]:
    """Published questions and answers about an entry, statement, project or area, the most asked first."""
    n = inquiry_now.c
    query = (
        select(n.no)
        .where(
            n.trust_id == trust_id,
            n.about_kind == about_kind,
            n.about == about,
            n.publication == PUBLISHED,
        )
        .order_by(n.echoes.desc(), n.no.desc())
        .limit(limit)
    )
    nos = list(conn.execute(query).scalars())
    found = {item.no: item.public for item in _files(conn, trust_id, nos)} if nos else {}
    return [found[no] for no in nos]


def how_many(conn: Connection, trust_id: int, about_kind: str, about: str) -> HowMany:
    """How many people asked about it, each counted once; published or not, only the number is told. What was taken back
    counts no more, unless its words are public and stay there."""
    row = conn.execute(_askers(), {"trust": trust_id, "kind": about_kind, "name": about}).one()
    return HowMany(int(row[0]), int(row[1]))


@cache
def _askers() -> Select[int, int]:
    """Built once: the page of every entry asks it."""
    n, trust = inquiry_now.c, bindparam("trust", type_=BigInteger)
    asks = (
        select(inquiry.c.no, inquiry.c.person)
        .join(inquiry_now, (n.trust_id == inquiry.c.trust_id) & (n.no == inquiry.c.no))
        .where(
            n.trust_id == trust,
            n.about_kind == bindparam("kind"),
            n.about == bindparam("name"),
            or_(n.status != WITHDRAWN, n.publication == PUBLISHED),
        )
    )
    first = asks.subquery()
    echoed = select(inquiry_echo.c.no, inquiry_echo.c.person).where(
        inquiry_echo.c.trust_id == trust, inquiry_echo.c.no.in_(select(first.c.no))
    )
    together = asks.union_all(echoed).subquery()
    return select(func.count(together.c.no.distinct()), func.count(together.c.person.distinct()))


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    n = inquiry_now.c
    found: list[ColumnElement[bool]] = []
    for column, value in ((n.kind, wanted.kind), (n.about_kind, wanted.about_kind), (n.about, wanted.about)):
        if value:
            found.append(column == value)
    if wanted.states:
        found.append(n.status.in_(wanted.states))
    if wanted.level:
        found.append(n.level == wanted.level)
    if wanted.late_on is not None:
        found += [n.status.in_(DUTY_STATES), n.due_on < wanted.late_on]
    if wanted.opened is not None:
        found += [n.opened_on >= wanted.opened[0], n.opened_on <= wanted.opened[1]]
    picked = (
        (wanted.ever_late, n.late.is_(True)),
        (wanted.raised, n.level > TRUSTEE),
        (wanted.reworked, n.reworks > 0),
        (wanted.repeated, inquiry.c.follows > 0),
        (wanted.undecided, n.publication == ""),
        (wanted.published, n.publication == PUBLISHED),
        (bool(wanted.person), inquiry.c.person == wanted.person),
    )
    found += [condition for asked, condition in picked if asked]
    return found


def _works(rows: Iterable[Any]) -> list[int]:
    return [row.no for row in rows if kinds()[row.kind].work]


def _row(row: Any, words: str, response: Response | None) -> InquiryRow:
    names = [name for name in InquiryRow.__dataclass_fields__ if name not in ("words", "response")]
    return InquiryRow(**{name: getattr(row, name) for name in names}, words=words, response=response)


def _files(conn: Connection, trust_id: int, nos: Sequence[int]) -> list[InquiryFile]:
    """Several at once, five queries, and two more for repairs; unknown numbers raise."""
    wanted = [no for no in nos if 0 < no < _MOST]
    asked, steps = asked_of(conn, trust_id, wanted), steps_of(conn, trust_id, wanted)
    if len(asked) < len(set(nos)):
        raise Unanswerable("unknown_inquiry", "没有这个编号的质询")
    pictures: dict[int, dict[int, list[Picture]]] = {}
    for item in pictures_of(conn, trust_id, wanted):
        pictures.setdefault(item.no, {}).setdefault(item.step, []).append(item)
    n = inquiry_now.c
    rows = {
        r.no: r for r in conn.execute(select(inquiry_now).where(n.trust_id == trust_id, n.no.in_(wanted)))
    }
    subjects = [subject_of(no, s.no) for no in wanted for s in steps[no] if s.kind == "published"]
    places = places_of(conn, trust_id, RECORD, subjects)
    responses = responses_of(conn, trust_id, _works(rows.values()))
    made = []
    for no in nos:
        of_step = {step: tuple(items) for step, items in pictures.get(no, {}).items()}
        state = state_of(steps[no])
        row = _row(rows[no], "", responses.get(no))
        public = _public(row, state, steps[no], of_step, places)
        made.append(InquiryFile(asked[no], tuple(steps[no]), state, of_step, public))
    return made


def _public(
    row: InquiryRow,
    state: State,
    steps: Sequence[Step],
    pictures: Mapping[int, tuple[Picture, ...]],
    places: Mapping[str, int],
) -> PublicInquiry:
    said: dict[int, Said] = {}
    for step in steps:
        if step.kind == "published":
            source = steps[step.of_step - 1]
            shown = tuple(item.redacted for item in pictures.get(step.no, ()))
            says = QUESTION if source.no == 1 else ANSWER
            seq = places[subject_of(row.no, step.no)]
            said[source.no] = Said(
                says, source.no, step.no, source.signature, source.on, step.text, shown, seq
            )
    words = said[1].text if 1 in said else ""
    course = tuple(_public_step(step) for step in steps if step.kind not in ("noted", "assigned"))
    ordered = tuple(said[place] for place in sorted(said))
    return PublicInquiry(replace(row, words=words), state.duty, ordered, course)


def _public_step(step: Step) -> PublicStep:
    by_system = step.signature == SYSTEM or step.kind == "opened"
    return PublicStep(
        kind=step.kind,
        title=step.title,
        level=step.level,
        by=step.signature,
        on=step.recorded_at.astimezone(BEIJING).date(),
        due_on=step.due_on,
        duty=step.text if by_system else "",
        result=step.result,
    )
