"""What people do with an inquiry: accept, assign, visit, answer, do again, rate, call back, mediate, withdraw.

Each is one step under the trust's lock, and refused with all problems if it can't follow. There is no step that
turns an inquiry down: whoever can't settle it lets it go up. Pictures are made ready beforehand
(:func:`~ledger.inquiries.pictures.read_shot`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from ledger.documents import Location
from ledger.errors import Problem
from ledger.inquiries.course import take
from ledger.inquiries.model import (
    AGREED,
    INSPECTION,
    MEDIATION_NAMES,
    NOT_SATISFIED,
    NOT_SETTLED,
    REFERRED,
    SATISFIED,
    SETTLED,
    TRUSTEE,
)
from ledger.inquiries.pictures import Shot, attach, count_problems
from ledger.inquiries.state import State
from ledger.inquiries.store import Asked
from ledger.inquiries.texts import LONGEST_ANSWER, LONGEST_NAME, LONGEST_NOTE, words_problems
from ledger.people import Actor
from ledger.trust.act import Act


def accept(conn: Connection, trust_id: int, no: int, actor: Actor, act: Act) -> State:
    """Take it on; the answer stays due when it was promised, however late it is accepted."""
    course = take(conn, trust_id, no, act)
    course.check("accepted", actor)
    course.add("accepted", actor, due_on=course.promised)
    return course.state


def assign(
    conn: Connection, trust_id: int, no: int, post: str, actor: Actor, act: Act, *, note: str = ""
) -> State:
    """Send it to a post, such as 工程维修岗; the words are not public."""
    course = take(conn, trust_id, no, act)
    problems = [
        *words_problems(post, "派给哪个岗位", LONGEST_NAME),
        *words_problems(note, "派单说明", LONGEST_NOTE, needed=False),
    ]
    course.check("assigned", actor, problems)
    text = post.strip() + (f"：{note.strip()}" if note.strip() else "")
    course.add("assigned", actor, text=text, due_on=course.promised)
    return course.state


def visit(
    conn: Connection,
    trust_id: int,
    no: int,
    text: str,
    actor: Actor,
    act: Act,
    *,
    shots: Sequence[Shot] = (),
    location: Location | None = None,
) -> State:
    """Somebody came and looked (repairs)."""
    course = take(conn, trust_id, no, act)
    course.check("visited", actor, [*words_problems(text, "到场情况", LONGEST_NOTE), *count_problems(shots)])
    step = course.add("visited", actor, text=text, due_on=course.promised)
    attach(conn, trust_id, location, no, step.no, shots, act)
    return course.state


def answer(
    conn: Connection,
    trust_id: int,
    no: int,
    text: str,
    actor: Actor,
    act: Act,
    *,
    shots: Sequence[Shot] = (),
    location: Location | None = None,
) -> State:
    """Answer the asker, or say that the work is done (repairs); from now on they can rate it."""
    course = take(conn, trust_id, no, act)
    work = course.asked.kind_row.work
    kind = "done" if work else "answered"
    where = "完工情况" if work else "答复"
    course.check(kind, actor, [*words_problems(text, where, LONGEST_ANSWER), *count_problems(shots)])
    step = course.add(kind, actor, text=text, due_on=course.deadlines.rate_by(act.today))
    attach(conn, trust_id, location, no, step.no, shots, act)
    return course.state


def rework(conn: Connection, trust_id: int, no: int, text: str, actor: Actor, act: Act) -> State:
    """Send the workmen once more (返修); it is counted."""
    course = take(conn, trust_id, no, act)
    course.check("rework", actor, words_problems(text, "返修原因", LONGEST_NOTE))
    dates = course.deadlines
    first_level = course.state.level == TRUSTEE
    due_on = dates.answer_by(course.asked.kind, act.today) if first_level else dates.level_by(act.today)
    course.add("rework", actor, text=text, due_on=due_on)
    return course.state


def rate(
    conn: Connection, trust_id: int, no: int, satisfied: bool, actor: Actor, act: Act, *, text: str = ""
) -> State:
    """What the asker says of the answer; not satisfied, it goes one level up at once."""
    course = take(conn, trust_id, no, act)
    course.check("rated", actor, words_problems(text, "评价说明", LONGEST_NOTE, needed=False))
    due_on = course.deadlines.call_back_by(act.today) if satisfied else act.today
    result = SATISFIED if satisfied else NOT_SATISFIED
    course.add("rated", actor, text=text, result=result, due_on=due_on)
    return course.state


def call_back(
    conn: Connection, trust_id: int, no: int, settled: bool, text: str, actor: Actor, act: Act
) -> State:
    """Ask once more whether it is settled (回访): then it is closed, or goes up.

    Where the asker said nothing of the answer, only somebody else than those who answered may find it settled.
    """
    course = take(conn, trust_id, no, act)
    problems = list(words_problems(text, "回访情况", LONGEST_NOTE))
    if settled and course.state.rateable and actor.person in course.answerers:
        problems.append(Problem("own_answer", "提问人没有评价，须由没有作过答复的人回访后才能办结", "回访人"))
    course.check("called_back", actor, problems)
    result, due_on = (SETTLED, None) if settled else (NOT_SETTLED, act.today)
    course.add("called_back", actor, text=text, result=result, due_on=due_on)
    return course.state


def mediate(
    conn: Connection, trust_id: int, no: int, result: str, text: str, actor: Actor, act: Act
) -> State:
    """Record a mediation (调解): ``agreed`` counts as an answer the asker can rate, ``failed`` changes nothing,
    ``referred`` ends it here: other ways of law are open. That takes an answer, and never ends a request to
    inspect: the owners' right to see the books is nothing to settle."""
    course = take(conn, trust_id, no, act)
    problems = list(words_problems(text, "调解情况", LONGEST_ANSWER))
    if result not in MEDIATION_NAMES:
        problems.append(Problem("bad_result", f"只能是{'、'.join(MEDIATION_NAMES.values())}", "调解结果"))
    if result == REFERRED:
        problems += referral_problems(course.asked, course.state)
    course.check("mediated", actor, problems)
    due_on = course.state.due_on
    if result in (AGREED, REFERRED):
        due_on = course.deadlines.rate_by(act.today) if result == AGREED else None
    course.add("mediated", actor, text=text, result=result, due_on=due_on)
    return course.state


def referral_problems(asked: Asked, state: State) -> Iterator[Problem]:
    """Why a mediation may not end it with other ways of law."""
    if asked.kind == INSPECTION:
        yield Problem("right_to_inspect", "查阅是业主的权利，不能用“引导走法律途径”结束", "调解结果")
    elif state.answered_on is None:
        message = "还没有答复过，不能用“引导走法律途径”结束，请先答复"
        yield Problem("not_answered", message, "调解结果")


def withdraw(conn: Connection, trust_id: int, no: int, text: str, actor: Actor, act: Act) -> State:
    """The asker needs no answer any more."""
    course = take(conn, trust_id, no, act)
    course.check("withdrawn", actor, words_problems(text, "撤回原因", LONGEST_NOTE, needed=False))
    course.add("withdrawn", actor, text=text, due_on=None)
    return course.state


def note(
    conn: Connection,
    trust_id: int,
    no: int,
    text: str,
    actor: Actor,
    act: Act,
    *,
    shots: Sequence[Shot] = (),
    location: Location | None = None,
) -> State:
    """Something added by the asker or by those on duty; nothing is due earlier or later for it."""
    course = take(conn, trust_id, no, act)
    course.check("noted", actor, [*words_problems(text, "补充说明", LONGEST_NOTE), *count_problems(shots)])
    step = course.add("noted", actor, text=text, due_on=course.state.due_on)
    attach(conn, trust_id, location, no, step.no, shots, act)
    return course.state
