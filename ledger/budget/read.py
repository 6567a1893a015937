"""What is on record about budgets: versions, where each stands, its lines, what was said about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, func, or_, select

from ledger.budget.available import VersionInForce, versions_in_force
from ledger.budget.lines import Line
from ledger.budget.value import Answer, Comment, Key, Paper, Step, Version
from ledger.errors import refuse
from ledger.store.tables import (
    budget_answer,
    budget_comment,
    budget_document,
    budget_line,
    budget_revision,
    budget_step,
    budget_version,
)


def list_versions(
    conn: Connection, trust_id: int, *, year: int | None = None, fund: str = ""
) -> list[Version]:
    """All versions, newest year first, then by fund, newest version first; three queries."""

    def scope(table: Table) -> list[ColumnElement[bool]]:
        found = [table.c.trust_id == trust_id]
        if year is not None:
            found.append(table.c.year == year)
        if fund:
            found.append(table.c.fund == fund)
        return found

    steps: dict[Key, list[Step]] = defaultdict(list)
    for row in conn.execute(
        select(budget_step)
        .where(*scope(budget_step))
        .order_by(budget_step.c.year, budget_step.c.fund, budget_step.c.version, budget_step.c.step_no)
    ):
        steps[_key(row)].append(_step(row))
    newest = {
        _key(row): (row.revision, row.person)
        for row in conn.execute(
            select(budget_revision).where(*scope(budget_revision)).order_by(budget_revision.c.revision)
        )
    }
    rows = conn.execute(
        select(budget_version)
        .where(*scope(budget_version))
        .order_by(budget_version.c.year.desc(), budget_version.c.fund, budget_version.c.version.desc())
    )
    return [
        Version(
            key=_key(row),
            reason=row.reason,
            signature=row.signature,
            opened_at=row.opened_at,
            revision=newest[_key(row)][0],
            saved_by=newest[_key(row)][1],
            steps=tuple(steps.get(_key(row), ())),
        )
        for row in rows
    ]


def first_day(versions: Sequence[Version], year: int, fund: str) -> date | None:
    """The day the first version of a budget took effect; None if none did."""
    days = [
        step.effective_on
        for version in versions
        if (version.key.year, version.key.fund) == (year, fund)
        for step in version.steps
        if step.effective_on is not None
    ]
    return min(days, default=None)


def read_version(conn: Connection, trust_id: int, key: Key) -> Version:
    """One version. Raises :class:`~ledger.errors.Refused` if there is none."""
    found = [v for v in list_versions(conn, trust_id, year=key.year, fund=key.fund) if v.key == key]
    if not found:
        raise refuse("unknown_budget", f"没有 {key.name} 第 {key.version} 版预算", "预算")
    return found[0]


def read_lines(conn: Connection, trust_id: int, key: Key, revision: int) -> list[Line]:
    """The lines of a revision: income first, then spending, in the order they were put."""
    return lines_of(conn, trust_id, {key: revision})[key]


def lines_of(conn: Connection, trust_id: int, revisions: Mapping[Key, int]) -> dict[Key, list[Line]]:
    """The same of several versions at once; a version without lines has an empty list."""
    line = budget_line.c
    found: dict[Key, list[Line]] = {key: [] for key in revisions}
    if not found:
        return found
    rows = conn.execute(
        select(budget_line)
        .where(
            line.trust_id == trust_id,
            or_(
                *(
                    and_(*of_version(budget_line, trust_id, key), line.revision == revision)
                    for key, revision in revisions.items()
                )
            ),
        )
        .order_by(line.kind.desc(), line.place)
    )
    for row in rows:
        found[_key(row)].append(
            Line(
                code=row.code,
                kind=row.kind,
                title=row.title,
                accounts=tuple(row.accounts.split()),
                price=row.price,
                quantity=row.quantity,
                times=row.times,
                unit=row.unit,
                spread=row.spread,
                note=row.note,
            )
        )
    return found


def current(
    conn: Connection, trust_id: int, year: int, fund: str, on: date | None = None
) -> tuple[Key, list[Line]] | None:
    """The version in force with its lines; None if the fund has no budget for the year."""
    held: VersionInForce | None = versions_in_force(conn, trust_id, on).get((fund, year))
    if held is None:
        return None
    key = Key(year, fund, held.version)
    return key, read_lines(conn, trust_id, key, held.revision)


def read_comments(conn: Connection, trust_id: int, key: Key, *, person: str = "") -> list[Comment]:
    """What residents said, with the answers; only one person's if named."""
    comment = budget_comment.c
    query = select(comment.comment_no, comment.line, comment.text, comment.commented_at).where(
        *of_version(budget_comment, trust_id, key)
    )
    if person:
        query = query.where(comment.person == person)
    answers: dict[int, list[Answer]] = defaultdict(list)
    for row in conn.execute(
        select(budget_answer)
        .where(*of_version(budget_answer, trust_id, key))
        .order_by(budget_answer.c.comment_no, budget_answer.c.answer_no)
    ):
        answers[row.comment_no].append(Answer(row.side, row.text, row.answered_at))
    return [
        Comment(row.comment_no, row.line, row.text, row.commented_at, tuple(answers.get(row.comment_no, ())))
        for row in conn.execute(query.order_by(comment.comment_no))
    ]


def count_unanswered(conn: Connection, trust_id: int, key: Key) -> int:
    """How many comments still wait for an answer."""
    comment, answer = budget_comment, budget_answer
    answered = (
        select(answer.c.comment_no)
        .where(*of_version(answer, trust_id, key), answer.c.comment_no == comment.c.comment_no)
        .exists()
    )
    query = select(func.count()).select_from(comment).where(*of_version(comment, trust_id, key), ~answered)
    return int(conn.execute(query).scalar_one())


def read_papers(conn: Connection, trust_id: int, key: Key) -> list[Paper]:
    """The papers behind a version, in the order they were added."""
    rows = conn.execute(
        select(budget_document)
        .where(*of_version(budget_document, trust_id, key))
        .order_by(budget_document.c.doc_no)
    )
    return [Paper(row.line, row.kind, row.title, row.number, row.original, row.public) for row in rows]


def of_version(table: Table, trust_id: int, key: Key) -> list[ColumnElement[bool]]:
    """Conditions for the rows of a version."""
    return [
        table.c.trust_id == trust_id,
        table.c.year == key.year,
        table.c.fund == key.fund,
        table.c.version == key.version,
    ]


def _key(row: Any) -> Key:
    return Key(row.year, row.fund, row.version)


def _step(row: Any) -> Step:
    return Step(
        step=row.step,
        revision=row.revision,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        effective_on=row.effective_on,
        body=row.body,
        decision=row.decision,
        note=row.note,
        income=row.income,
        expense=row.expense,
        free=row.free,
        person=row.person,
        signature=row.signature,
        acted_at=row.acted_at,
    )
