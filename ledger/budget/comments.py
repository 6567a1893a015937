"""What residents say while a budget is on public notice, and the answers. Shown to all; who spoke never is."""

from __future__ import annotations

from sqlalchemy import Connection, func, insert, select

from ledger.budget.drafting import public_text_problems
from ledger.budget.read import of_version, read_lines, read_version
from ledger.budget.value import NOTICED, Key, Version
from ledger.errors import Problem, Refused, refuse
from ledger.journal.head import lock_head
from ledger.people import Actor, Role, require
from ledger.store.tables import budget_answer, budget_comment
from ledger.trust.act import Act

MOST_COMMENTS = 20
"""What one person may say about one version: enough for every line that matters, too few to flood it."""
_SHORTEST = 2


def comment(
    conn: Connection, trust_id: int, key: Key, text: str, *, line: str = "", actor: Actor, act: Act
) -> int:
    """A resident's comment on a budget on notice, or on one of its lines; returns its number.

    Raises :class:`~ledger.errors.Refused` with all problems: too early or late, private data, no such line.
    """
    require(actor, "budget.comment")
    lock_head(conn, trust_id)
    version = read_version(conn, trust_id, key)
    problems = [*_not_now(version, act), *public_text_problems(text, "意见")]
    if 0 < len(text.strip()) < _SHORTEST:
        problems.append(Problem("too_short", "请把意见写具体一些", "意见"))
    if line and line not in {item.code for item in read_lines(conn, trust_id, key, version.fixed)}:
        problems.append(Problem("unknown_line", "这份预算里没有您选的那一行", "预算行"))
    said = conn.execute(
        select(func.count()).where(
            *of_version(budget_comment, trust_id, key), budget_comment.c.person == actor.person
        )
    ).scalar_one()
    if said >= MOST_COMMENTS:
        problems.append(Problem("too_many_comments", f"每人对一份预算最多提 {MOST_COMMENTS} 条意见", "意见"))
    if problems:
        raise Refused(problems)
    last = conn.execute(
        select(func.max(budget_comment.c.comment_no)).where(*of_version(budget_comment, trust_id, key))
    ).scalar()
    no = (last or 0) + 1
    conn.execute(
        insert(budget_comment).values(
            trust_id=trust_id,
            **key._asdict(),
            comment_no=no,
            line=line,
            text=text.strip(),
            person=actor.person,
            commented_at=act.now,
        )
    )
    return no


def _not_now(version: Version, act: Act) -> list[Problem]:
    notice = version.notice
    if version.state != NOTICED or notice is None or notice.ends_on is None:
        return [Problem("not_on_notice", "这份预算不在公示中，现在不能提意见", "意见")]
    if act.today > notice.ends_on:
        return [Problem("notice_over", f"公示已于 {notice.ends_on} 结束，不再收意见", "意见")]
    return []


def answer(
    conn: Connection, trust_id: int, key: Key, comment_no: int, text: str, *, actor: Actor, act: Act
) -> None:
    """Answer a comment, for the trustee or for the committee by the actor's role; more than one may.

    Raises :class:`~ledger.errors.Refused`.
    """
    require(actor, "budget.answer")
    lock_head(conn, trust_id)
    read_version(conn, trust_id, key)
    if problems := public_text_problems(text, "答复"):
        raise Refused(problems)
    known = conn.execute(
        select(budget_comment.c.comment_no).where(
            *of_version(budget_comment, trust_id, key), budget_comment.c.comment_no == comment_no
        )
    ).first()
    if known is None:
        raise refuse("unknown_comment", f"没有第 {comment_no} 条意见", "意见")
    last = conn.execute(
        select(func.max(budget_answer.c.answer_no)).where(
            *of_version(budget_answer, trust_id, key), budget_answer.c.comment_no == comment_no
        )
    ).scalar()
    owners = {Role.COMMITTEE, Role.CHAIR} & actor.roles
    conn.execute(
        insert(budget_answer).values(
            trust_id=trust_id,
            **key._asdict(),
            comment_no=comment_no,
            answer_no=(last or 0) + 1,
            side="committee" if owners else "trustee",
            text=text.strip(),
            person=actor.person,
            signature=actor.signature,
            answered_at=act.now,
        )
    )
