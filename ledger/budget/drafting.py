"""Draft a budget: begin a version, save its lines as often as needed, put papers to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, func, insert, select

from ledger.budget.codes import BUDGET_FUNDS, make_code, parse_code
from ledger.budget.lines import Line, fresh_codes, line_set_problems
from ledger.budget.read import current, list_versions, read_lines, read_version
from ledger.budget.value import DRAFT, NOTICED, Key, Version
from ledger.chart import FUNDS
from ledger.errors import Problem, Refused, refuse
from ledger.journal import Document
from ledger.journal.head import lock_head
from ledger.journal.privacy import private_data_in
from ledger.people import Actor, require
from ledger.store.tables import budget_document, budget_line, budget_revision, budget_version
from ledger.trust.act import Act
from ledger.trust.setup import load_setup

LONGEST_TEXT = 500


def open_draft(
    conn: Connection, trust_id: int, year: int, fund: str, *, reason: str = "", actor: Actor, act: Act
) -> Key:
    """Begin a version, with the lines in force (an adjustment) or those of the year before to start from.

    ``reason`` is public and needed when a budget of that fund and year is in force. Raises
    :class:`~ledger.errors.Refused`.
    """
    require(actor, "budget.prepare")
    lock_head(conn, trust_id)
    _refuse_outside(year, fund, act)
    versions = list_versions(conn, trust_id, year=year, fund=fund)
    for version in versions:
        if version.state in (DRAFT, NOTICED):
            raise refuse(
                "budget_under_way",
                f"{version.key.name} 第 {version.key.version} 版还没有办完，请先办完或撤销那一版",
                "预算",
            )
    in_force = current(conn, trust_id, year, fund)
    problems = public_text_problems(reason, "调整原因", required=in_force is not None)
    if problems:
        raise Refused(problems)
    key = Key(year, fund, max((version.key.version for version in versions), default=0) + 1)
    conn.execute(
        insert(budget_version).values(
            trust_id=trust_id,
            **key._asdict(),
            reason=reason.strip(),
            person=actor.person,
            signature=actor.signature,
            opened_at=act.now,
        )
    )
    start = in_force[1] if in_force else _from_last_year(conn, trust_id, year, fund)
    _write_revision(conn, trust_id, key, 1, start, actor, act)
    return key


def save_lines(
    conn: Connection, trust_id: int, key: Key, lines: Sequence[Line], actor: Actor, act: Act
) -> int:
    """Save the whole line set of a draft as its next revision. Raises :class:`~ledger.errors.Refused`."""
    require(actor, "budget.prepare")
    head = lock_head(conn, trust_id)
    version = draft_version(conn, trust_id, key)
    chart = load_setup(conn, trust_id, head.setup_version).chart
    if problems := line_set_problems(lines, key.year, key.fund, chart):
        raise Refused(problems)
    taken = _codes_given(conn, trust_id, key.year, key.fund)
    unknown = sorted({line.code for line in lines if line.code} - set(taken))
    if unknown:
        raise refuse("unknown_line", f"没有行号 {'、'.join(unknown)}；新的一行请不填行号", "预算行")
    revision = version.revision + 1
    _write_revision(conn, trust_id, key, revision, fresh_codes(lines, taken, key.year, key.fund), actor, act)
    return revision


def add_paper(
    conn: Connection, trust_id: int, key: Key, document: Document, *, line: str = "", actor: Actor, act: Act
) -> None:
    """Put a paper to a draft, or to one of its lines. Raises :class:`~ledger.errors.Refused`."""
    require(actor, "budget.prepare")
    lock_head(conn, trust_id)
    version = draft_version(conn, trust_id, key)
    problems = public_text_problems(document.title, "附件名称", required=False)
    if line and line not in {item.code for item in read_lines(conn, trust_id, key, version.revision)}:
        problems.append(Problem("unknown_line", f"没有行号 {line}", "预算行"))
    if problems:
        raise Refused(problems)
    last = conn.execute(
        select(func.max(budget_document.c.doc_no)).where(
            budget_document.c.trust_id == trust_id,
            budget_document.c.year == key.year,
            budget_document.c.fund == key.fund,
            budget_document.c.version == key.version,
        )
    ).scalar()
    conn.execute(
        insert(budget_document).values(
            trust_id=trust_id,
            **key._asdict(),
            doc_no=(last or 0) + 1,
            line=line,
            kind=document.kind,
            title=document.title,
            number=document.number,
            original=document.original,
            public=document.public,
            recorded_by=actor.signature,
            recorded_at=act.now,
        )
    )


def draft_version(conn: Connection, trust_id: int, key: Key) -> Version:
    """A version that is still a draft. Raises :class:`~ledger.errors.Refused` otherwise."""
    version = read_version(conn, trust_id, key)
    if version.state != DRAFT:
        raise refuse("not_a_draft", "这一版已经公示或办结，不能再改；公示中的请先退回修改", "预算")
    return version


def public_text_problems(text: str, where: str, *, required: bool = True) -> list[Problem]:
    """A text everybody will read: there, not too long, nothing private in it."""
    problems = []
    if required and not text.strip():
        problems.append(Problem("missing", f"请填写{where}", where))
    if len(text) > LONGEST_TEXT:
        problems.append(Problem("too_long", f"{where}最多 {LONGEST_TEXT} 个字", where))
    return problems + [
        Problem("private_data", f"这段话会公开，但里面像有{kind}，请删去", where)
        for kind in private_data_in(text)
    ]


def _refuse_outside(year: int, fund: str, act: Act) -> None:
    this_year = act.today.year
    if fund not in BUDGET_FUNDS:
        names = "、".join(FUNDS[code].name for code in BUDGET_FUNDS)
        raise refuse("no_budget_fund", f"预算只按这几项资金编：{names}", "资金")
    if year not in (this_year, this_year + 1):
        raise refuse("bad_budget_year", f"只能编 {this_year} 年或 {this_year + 1} 年的预算", "年度")


def _from_last_year(conn: Connection, trust_id: int, year: int, fund: str) -> list[Line]:
    """The lines of the year before under this year's codes."""
    before = current(conn, trust_id, year - 1, fund)
    if before is None:
        return []
    return [
        replace(line, code=make_code(year, fund, parsed.kind, parsed.number))
        for line in before[1]
        if (parsed := parse_code(line.code)) is not None
    ]


def _codes_given(conn: Connection, trust_id: int, year: int, fund: str) -> list[str]:
    query = select(budget_line.c.code).where(
        budget_line.c.trust_id == trust_id, budget_line.c.year == year, budget_line.c.fund == fund
    )
    return list(conn.execute(query.distinct()).scalars())


def _write_revision(
    conn: Connection,
    trust_id: int,
    key: Key,
    revision: int,
    lines: Sequence[Line],
    actor: Actor,
    act: Act,
) -> None:
    of_revision = {"trust_id": trust_id, **key._asdict(), "revision": revision}
    conn.execute(
        insert(budget_revision).values(
            **of_revision, person=actor.person, signature=actor.signature, saved_at=act.now
        )
    )
    rows = [
        {
            **of_revision,
            "code": line.code,
            "place": place,
            "kind": line.kind,
            "title": line.title.strip(),
            "accounts": " ".join(line.accounts),
            "price": line.price,
            "quantity": line.quantity,
            "unit": line.unit.strip(),
            "times": line.times,
            "amount": line.amount,
            "spread": line.spread,
            "note": line.note.strip(),
        }
        for place, line in enumerate(lines, start=1)
    ]
    if rows:
        conn.execute(insert(budget_line), rows)
