"""What homes say to a proposal: one answer a home, the newest counts; on paper by two who count the same.

Publicly only counts are told. Whoever answered online is not to be counted on paper again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, exists, func, insert, select

from ledger.consultation.proposals import Proposal, read_proposal
from ledger.errors import Problem, Refused, refuse
from ledger.people import Actor, Forbidden, require
from ledger.store.tables import document as document_table
from ledger.store.tables import fee_answer, fee_count, unit
from ledger.trust.act import Act
from ledger.trust.lock import lock_trust

CHOICES = {"agree": "同意", "against": "不同意", "other": "其他意见"}


@dataclass(frozen=True, slots=True)
class Tally:
    """Homes by answer. ``homes``: all there are."""

    agree: int = 0
    against: int = 0
    other: int = 0
    homes: int = 0

    @property
    def answered(self) -> int:
        """Homes that answered."""
        return self.agree + self.against + self.other

    def plus(self, more: Tally) -> Tally:
        """Both together; ``homes`` is this one's."""
        return Tally(
            self.agree + more.agree, self.against + more.against, self.other + more.other, self.homes
        )


@dataclass(frozen=True, slots=True)
class PaperCount:
    """A count of paper answers by one person."""

    no: int
    counted: Tally
    person: str
    recorded_by: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Counts:
    """All answers to a proposal. ``waiting``: a paper count nobody has repeated yet."""

    online: Tally
    paper: Tally
    waiting: PaperCount | None

    @property
    def total(self) -> Tally:
        """Online and on paper."""
        return self.online.plus(self.paper)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a home said."""

    unit: str
    choice: str
    note: str
    recorded_at: datetime


def answer_fee(
    conn: Connection,
    trust_id: int,
    number: int,
    unit_code: str,
    choice: str,
    note: str,
    actor: Actor,
    act: Act,
) -> None:
    """Answer for a home of one's own; a later answer takes the place of an earlier one."""
    require(actor, "fee.answer")
    if unit_code not in actor.units:
        raise Forbidden([Problem("not_your_home", "只能为自己名下的房屋答复", "房屋")])
    lock_trust(conn, trust_id)
    _still_open(read_proposal(conn, trust_id, number), act)
    problems = []
    if choice not in CHOICES:
        problems.append(Problem("bad_choice", f"请选择{'、'.join(CHOICES.values())}", "答复"))
    if len(note) > 500:
        problems.append(Problem("too_long", "意见最多 500 个字", "意见"))
    if choice == "other" and not note.strip():
        problems.append(Problem("missing", "选“其他意见”的，请写明意见", "意见"))
    if problems:
        raise Refused(problems)
    a = fee_answer.c
    last = conn.execute(
        select(func.coalesce(func.max(a.version), 0)).where(
            a.trust_id == trust_id, a.proposal == number, a.unit == unit_code
        )
    ).scalar_one()
    conn.execute(
        insert(fee_answer).values(
            trust_id=trust_id,
            proposal=number,
            unit=unit_code,
            version=int(last) + 1,
            choice=choice,
            note=note.strip(),
            person=actor.person,
            recorded_at=act.now,
        )
    )


def count_paper(
    conn: Connection, trust_id: int, number: int, counted: Tally, document: str, actor: Actor, act: Act
) -> bool:
    """Record one person's count of the answers on paper; True once two in a row agree.

    Raises :class:`~ledger.errors.Refused`.
    """
    require(actor, "fee.count")
    lock_trust(conn, trust_id)
    proposal = read_proposal(conn, trust_id, number)
    if proposal.stage(act.today) not in ("consulting", "consulted"):
        raise refuse("wrong_stage", "征询还没开始，或已经有了决定，不能再录入答复", "阶段")
    now = counts_of(conn, trust_id, [number])[number]
    problems = []
    if min(counted.agree, counted.against, counted.other) < 0:
        problems.append(Problem("bad_number", "户数不能为负", "户数"))
    if counted.answered + now.online.answered > now.online.homes:
        problems.append(
            Problem(
                "too_many",
                f"纸质 {counted.answered} 户加上网上 {now.online.answered} 户，超过全小区 {now.online.homes} 户；"
                "网上答复过的，纸质不要重复计",
                "户数",
            )
        )
    if document and not _known(conn, trust_id, document):
        problems.append(Problem("unknown_document", "没有这份附件，请先上传", "附件"))
    if now.waiting and now.waiting.person == actor.person and _same(now.waiting.counted, counted):
        problems.append(Problem("same_person", "您已经录过同样的数，须由另一人再数一遍、录入核对", "户数"))
    if problems:
        raise Refused(problems)
    c = fee_count.c
    query = select(func.coalesce(func.max(c.no), 0)).where(c.trust_id == trust_id, c.proposal == number)
    conn.execute(
        insert(fee_count).values(
            trust_id=trust_id,
            proposal=number,
            no=int(conn.execute(query).scalar_one()) + 1,
            agree=counted.agree,
            against=counted.against,
            other=counted.other,
            document=document,
            person=actor.person,
            recorded_at=act.now,
            recorded_by=actor.signature,
        )
    )
    return counts_of(conn, trust_id, [number])[number].waiting is None


def counts_of(conn: Connection, trust_id: int, numbers: Collection[int]) -> Mapping[int, Counts]:
    """Answers to several proposals, in three queries."""
    homes = int(
        conn.execute(select(func.count()).select_from(unit).where(unit.c.trust_id == trust_id)).scalar_one()
    )
    online: dict[int, dict[str, int]] = {}
    a, later = fee_answer.c, fee_answer.alias()
    for proposal, choice, count in conn.execute(
        select(a.proposal, a.choice, func.count())
        .where(
            a.trust_id == trust_id,
            a.proposal.in_(numbers),
            ~exists().where(
                later.c.trust_id == a.trust_id,
                later.c.proposal == a.proposal,
                later.c.unit == a.unit,
                later.c.version > a.version,
            ),
        )
        .group_by(a.proposal, a.choice)
    ):
        online.setdefault(proposal, {})[choice] = int(count)
    papers: dict[int, list[PaperCount]] = {}
    c = fee_count.c
    for row in conn.execute(
        select(fee_count).where(c.trust_id == trust_id, c.proposal.in_(numbers)).order_by(c.proposal, c.no)
    ):
        counted = Tally(row.agree, row.against, row.other)
        papers.setdefault(row.proposal, []).append(
            PaperCount(row.no, counted, row.person, row.recorded_by, row.recorded_at)
        )
    return {
        number: _counts(Tally(**online.get(number, {}), homes=homes), papers.get(number, []))
        for number in numbers
    }


def _counts(online: Tally, papers: Sequence[PaperCount]) -> Counts:
    """The last pair of equal counts by two people holds; a newer count that stands alone waits."""
    agreed, waiting = Tally(), None
    for count in papers:
        if waiting and waiting.person != count.person and _same(waiting.counted, count.counted):
            agreed, waiting = count.counted, None
        else:
            waiting = count
    return Counts(online, agreed, waiting)


def _same(one: Tally, other: Tally) -> bool:
    return (one.agree, one.against, one.other) == (other.agree, other.against, other.other)


def answers_of(conn: Connection, trust_id: int, number: int, units: Collection[str]) -> dict[str, Answer]:
    """The newest answers of these homes, for their owners' eyes."""
    a = fee_answer.c
    rows = conn.execute(
        select(fee_answer)
        .where(a.trust_id == trust_id, a.proposal == number, a.unit.in_(units))
        .order_by(a.unit, a.version)
    )
    return {row.unit: Answer(row.unit, row.choice, row.note, row.recorded_at) for row in rows}


def opinions_of(
    conn: Connection, trust_id: int, number: int, *, after: str = "", limit: int = 100
) -> list[Answer]:
    """What homes wrote besides their answer, for the office, by home; ``after`` is the last home shown."""
    a, later = fee_answer.c, fee_answer.alias()
    rows = conn.execute(
        select(fee_answer)
        .where(
            a.trust_id == trust_id,
            a.proposal == number,
            a.note != "",
            a.unit > after,
            ~exists().where(
                later.c.trust_id == a.trust_id,
                later.c.proposal == a.proposal,
                later.c.unit == a.unit,
                later.c.version > a.version,
            ),
        )
        .order_by(a.unit)
        .limit(limit)
    )
    return [Answer(row.unit, row.choice, row.note, row.recorded_at) for row in rows]


def _still_open(proposal: Proposal, act: Act) -> None:
    stage = proposal.stage(act.today)
    if stage == "consulting":
        return
    message = "征询还没有开始" if stage == "proposed" else "征询已经结束，不能再答复或修改"
    raise refuse("not_open", message, "征询")


def _known(conn: Connection, trust_id: int, digest: str) -> bool:
    d = document_table.c
    query = select(d.sha256).where(d.trust_id == trust_id, d.sha256 == digest)
    return conn.execute(query).first() is not None
