"""Restricted grants (限定用途资金): given by one paper, for one purpose, to one project.

The community's support fund (保障资金), special funds (专项基金), small matters of the people (民生微实事) and
donations for a purpose. What came in on a grant, and what was paid from it, is read from the entries that
name it; :mod:`ledger.projects.spending` refuses to pay it out for anything else.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, insert, select

from ledger.errors import Problem, Refused, Unanswerable
from ledger.people import Actor, require
from ledger.projects.steps import final_step, steps_of
from ledger.resolutions.texts import document_problems, text_problems
from ledger.store.tables import dimension_value, project_grant
from ledger.trust.act import Act
from ledger.trust.lock import lock_trust

GRANT_KINDS = {
    "support": "社区保障资金",
    "fund": "专项基金",
    "small_matters": "民生微实事",
    "subsidy": "政府专项补助",
    "donation": "限定用途捐赠",
}
_CODE = re.compile(r"[A-Za-z0-9一-鿿〔〕()（）-]{1,40}")
_GIVERS = ("government", "society")


@dataclass(frozen=True, slots=True)
class Grant:
    """A grant: ``amount`` approved in fen, ``paper`` its number, ``document`` the SHA-256 of its scan."""

    code: str
    title: str
    kind: str
    source: str
    giver: str
    purpose: str
    project: str
    amount: int
    paper: str
    approved_on: date
    document: str = ""
    version: int = 0


def record_grant(conn: Connection, trust_id: int, grant: Grant, actor: Actor, act: Act) -> int:
    """Keep a grant, or a new version that leaves its project; returns the version. Raises :class:`Refused`."""
    require(actor, "project.prepare")
    lock_trust(conn, trust_id)
    known = grants(conn, trust_id, [grant.code]).get(grant.code)
    problems = [*_problems(grant, act.today), *document_problems(conn, trust_id, [grant.document], "批文")]
    problems += _project_problems(conn, trust_id, grant, known)
    if problems:
        raise Refused(problems)
    version = (known.version if known else 0) + 1
    conn.execute(
        insert(project_grant).values(
            trust_id=trust_id,
            code=grant.code,
            version=version,
            title=grant.title.strip(),
            kind=grant.kind,
            source=grant.source,
            giver=grant.giver.strip(),
            purpose=grant.purpose.strip(),
            project=grant.project,
            amount=grant.amount,
            paper=grant.paper.strip(),
            document=grant.document,
            approved_on=grant.approved_on,
            recorded_at=act.now,
            recorded_by=actor.signature,
        )
    )
    return version


def _project_problems(conn: Connection, trust_id: int, grant: Grant, known: Grant | None) -> list[Problem]:
    """A grant is for a project that is known and not closed, and stays with it."""
    if final_step(steps_of(conn, trust_id, [grant.project]).get(grant.project, ())) is not None:
        return [Problem("project_closed", f"项目 {grant.project} 已经决算，不能再登记资金", "项目")]
    if known is not None and known.project != grant.project:
        return [
            Problem(
                "grant_other_project",
                f"“{grant.code}”是给项目 {known.project} 的，不能改到别的项目；出资方同意改变用途的，请另登记一项",
                "项目",
            )
        ]
    found = conn.execute(
        select(dimension_value.c.code).where(
            dimension_value.c.trust_id == trust_id,
            dimension_value.c.dimension == "project",
            dimension_value.c.code == grant.project,
        )
    ).first()
    return [] if found else [Problem("unknown_project", "没有这个项目，请先登记项目计划", "项目")]


def _problems(grant: Grant, today: date) -> list[Problem]:
    problems = [
        *text_problems(grant.title, "名称", longest=80),
        *text_problems(grant.giver, "出资方", longest=80),
        *text_problems(grant.purpose, "限定用途", longest=300),
        *text_problems(grant.paper, "批文号", longest=80),
    ]
    if not _CODE.fullmatch(grant.code):
        problems.append(
            Problem("bad_code", "资金编号用文字、字母、数字和短横线，最长 40 个字，不能有空格", "资金编号")
        )
    if grant.kind not in GRANT_KINDS:
        problems.append(Problem("bad_choice", "请选择种类", "种类"))
    if grant.source not in _GIVERS:
        problems.append(Problem("bad_choice", "限定用途资金的来源只能是政府补助或社会筹集", "来源"))
    if grant.amount <= 0:
        problems.append(Problem("bad_amount", "批准金额应大于零", "金额"))
    if grant.approved_on > today:
        problems.append(Problem("future_date", f"批准日期 {grant.approved_on} 还没到", "批准日期"))
    return problems


def grants(
    conn: Connection,
    trust_id: int,
    codes: Collection[str] | None = None,
    *,
    projects: Collection[str] | None = None,
) -> dict[str, Grant]:
    """The newest version of each grant, by code; one query."""
    table = project_grant
    place = func.row_number().over(partition_by=table.c.code, order_by=table.c.version.desc())
    ranked = select(table, place.label("place")).where(table.c.trust_id == trust_id)
    if codes is not None:
        ranked = ranked.where(table.c.code.in_(sorted(codes)))
    if projects is not None:
        ranked = ranked.where(table.c.project.in_(sorted(projects)))
    rows = ranked.subquery()
    query = select(rows).where(rows.c.place == 1).order_by(rows.c.code)
    return {
        row.code: Grant(
            row.code,
            row.title,
            row.kind,
            row.source,
            row.giver,
            row.purpose,
            row.project,
            row.amount,
            row.paper,
            row.approved_on,
            row.document,
            row.version,
        )
        for row in conn.execute(query)
    }


def read_grant(conn: Connection, trust_id: int, code: str) -> Grant:
    """One grant. Raises :class:`~ledger.errors.Unanswerable`."""
    found = grants(conn, trust_id, [code]).get(code)
    if found is None:
        raise Unanswerable("unknown_grant", f"没有登记过限定用途资金“{code}”")
    return found
