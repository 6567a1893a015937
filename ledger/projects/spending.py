"""What may be spent of a project's money (专款专用), asked of the books after an entry was put in them.

Checked for all work of the office and the command line (``ledger.work.carry_out``), when it is prepared and
again when its last step posts, whatever form it came from: a project's own pages, a voucher typed line by
line, a bank line, a correction. Not checked for what an installation posts directly (``mingzhang post``,
rules that post bank lines at once, :func:`ledger.journal.post` from a program): there only the journal's
gates hold, which ask for a project's number but not what it stands for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import Connection, select

from ledger.errors import Problem, Refused
from ledger.events import load_events
from ledger.journal import Draft, Posted
from ledger.journal.read import read_entries
from ledger.money import format_yuan
from ledger.projects.file import ProjectFile, project_files
from ledger.projects.grants import Grant, grants
from ledger.projects.limits import sum_problems
from ledger.projects.movements import (
    FUND,
    GRANT,
    MILESTONE,
    PLAN,
    PROJECT,
    RETENTION,
    SOURCE,
)
from ledger.projects.plans import linked_plans, plan_versions
from ledger.projects.shares import milestone_of, read_parts
from ledger.projects.steps import steps_of
from ledger.projects.value import SOURCE_NAMES
from ledger.projects.waiting import debts_of_projects, with_waiting
from ledger.store.tables import entry_reference, posting

PAYABLE = "payable"
DIFFERENCE = "E26c"
"""Corrects amounts only: it names what the whole payment was taken from, and is itself a part of it."""
_SPENDING = ("5018", "5901", "1123", "1221", "2202")
"""Debits of these in F5 spend a project's money, or pay what was spent."""


def refuse_misspent(
    conn: Connection, trust_id: int, posted: Sequence[Posted], *, others: bool = False
) -> None:
    """Refuse entries, posted a moment ago in this transaction, that misspend a project's money.

    ``others``: what other work on its way takes counts too. Raises :class:`~ledger.errors.Refused`.
    """
    fresh = [place.seq for place in posted if not place.already]
    if not fresh:
        return
    span = (min(fresh), max(fresh))
    concerned = conn.execute(
        select(posting.c.seq)
        .where(posting.c.trust_id == trust_id, posting.c.seq.between(*span), posting.c.fund == FUND)
        .union(
            select(entry_reference.c.seq).where(
                entry_reference.c.trust_id == trust_id,
                entry_reference.c.seq.between(*span),
                entry_reference.c.kind == PLAN,
            )
        )
    ).scalars()
    seqs = sorted(set(concerned) & set(fresh))
    if not seqs:
        return
    drafts = [stored.draft for stored in read_entries(conn, trust_id, seqs)]
    if problems := project_problems(conn, trust_id, drafts, others=others):
        raise Refused(problems)


def project_problems(
    conn: Connection, trust_id: int, drafts: Sequence[Draft], *, others: bool = False
) -> list[Problem]:
    """What is wrong with these entries as spending of projects; they are in the books already.

    A handful of queries however many entries. See the module for what never comes through here.
    """
    plans: dict[str, str] = {}
    if any(draft.book == "M" for draft in drafts):
        plans = linked_plans(plan_versions(conn, trust_id), steps_of(conn, trust_id))
    named = [(draft, _projects_of(draft, plans)) for draft in drafts]
    codes = {code for _, some in named for code in some}
    files = project_files(conn, trust_id, codes)
    if others:
        files = with_waiting(conn, trust_id, files)
    payable = _payable_projects(conn, trust_id, drafts)
    given = grants(conn, trust_id, {code for draft in drafts for code in _grants_of(draft)})
    problems = [
        problem for draft, some in named for problem in _draft_problems(draft, some, files, given, payable)
    ]
    for code in sorted(codes):
        if code in files and files[code].adopted is not None:
            problems += sum_problems(files[code])
    return list(dict.fromkeys(problems))


def _projects_of(draft: Draft, plans: Mapping[str, str]) -> set[str]:
    if draft.book == "M":
        code = plans.get(draft.references.get(PLAN, ""))
        return {code} if code else set()
    named = {line.project for line in draft.lines if line.fund == FUND and line.project}
    reference = draft.references.get(PROJECT, "").strip()
    return named | ({reference} if reference else set())


def _grants_of(draft: Draft) -> set[str]:
    return set(read_parts(draft.references.get(GRANT, "")))


def _spends(draft: Draft) -> bool:
    """Whether it takes a project's money for something. Red letters take nothing: the sums judge them."""
    event = load_events()[draft.event]
    if event.opening or event.closing or _red(draft):
        return False
    return draft.book == "M" or any(
        line.fund == FUND and line.side == "D" and line.account.startswith(_SPENDING) for line in draft.lines
    )


def _red(draft: Draft) -> bool:
    return all(line.amount < 0 for line in draft.lines)


def _corrects(draft: Draft) -> bool:
    return load_events()[draft.event].correction


def _pays_debts(draft: Draft) -> bool:
    """Whether it only pays what was booked before."""
    return all(line.account.startswith("2202") for line in draft.lines if line.side == "D")


def _draft_problems(
    draft: Draft,
    named: set[str],
    files: Mapping[str, ProjectFile],
    given: Mapping[str, Grant],
    payable: Mapping[str, tuple[str, str]],
) -> Iterator[Problem]:
    if load_events()[draft.event].opening or _red(draft):
        return
    if len(named) > 1:
        names = "、".join(sorted(named))
        yield Problem("project_mixed", f"一张凭证只能用于一个项目，这里写了 {names}，请分开制单", "项目")
        return
    code = next(iter(named), "")
    yield from _grant_problems(draft, code, given)
    if not _spends(draft) or (draft.book == "M" and not code):
        return
    if not code:
        yield Problem("no_project", "动用专项项目资金须写明项目；请在“专项项目”里登记发票、申请付款", "项目")
        return
    file = files.get(code)
    if file is None or file.adopted is None:
        yield Problem(
            "project_not_adopted",
            f"项目 {code} 还没有经业委会通过的计划，不能支出；请先在“专项项目”登记计划并由业委会通过",
            "项目",
        )
        return
    if file.final is not None and not _pays_debts(draft) and not _corrects(draft):
        yield Problem("project_closed", f"项目 {code} 已经决算，不能再支出", "项目")
    yield from _milestone_problems(draft, file, payable)
    yield from _payment_problems(draft, file)


def _grant_problems(draft: Draft, code: str, given: Mapping[str, Grant]) -> Iterator[Problem]:
    for name in sorted(_grants_of(draft)):
        grant = given.get(name)
        if grant is None:
            yield Problem("unknown_grant", f"没有登记过限定用途资金“{name}”", "限定用途资金")
        elif grant.project != code:
            yield Problem(
                "grant_other_project",
                f"“{grant.title}”（{name}）只能用于项目 {grant.project}（{grant.purpose}），不能用于 {code or '别处'}",
                "限定用途资金",
            )


def _milestone_problems(
    draft: Draft, file: ProjectFile, payable: Mapping[str, tuple[str, str]]
) -> Iterator[Problem]:
    code = draft.references.get(MILESTONE, "").strip()
    item = milestone_of(file.plan, code)
    where = f"项目 {file.code}"
    if item is None:
        codes = "、".join(f"{m.code}（{m.title}）" for m in file.plan.milestones)
        said = f"计划里没有付款节点“{code}”" if code else "须写明按哪个付款节点支出"
        how = "；关联了项目的维修资金方案，请在“专项项目”里从维修资金支付" if draft.book == "M" else ""
        yield Problem("no_milestone", f"{said}；可选：{codes}{how}", where)
    elif code not in file.accepted:
        yield Problem(
            "milestone_not_accepted",
            f"付款节点“{item.title}”还没有验收，不能支付；请业委会先验收并上传验收单（条件：{item.shows}）",
            where,
        )
    for name in draft.references.get(PAYABLE, "").split():
        other = payable.get(name)
        if other is not None and other != (file.code, code):
            yield Problem(
                "payable_other_project",
                f"应付款 {name} 属于项目 {other[0] or '（未写）'} 节点 {other[1] or '（未写）'}，与本次付款写的不同",
                where,
            )
    until = file.plan.retention_until
    keeps = any(line.account == RETENTION and line.side == "D" for line in draft.lines)
    if keeps and until is not None and draft.date < until:
        yield Problem("retention_not_due", f"质保金 {until} 起才能支付，现在还不能付", where)


def _payment_problems(draft: Draft, file: ProjectFile) -> Iterator[Problem]:
    """Money that leaves the project's account says from which sources, to the fen."""
    if draft.book == "M":
        return
    lines = [line for line in draft.lines if line.fund == FUND and line.account.startswith(("1002", "1012"))]
    paid = -sum(line.signed for line in lines)
    if paid <= 0:
        return
    taken = read_parts(draft.references.get(SOURCE, ""))
    where = f"项目 {file.code}"
    if set(taken) - set(SOURCE_NAMES) or not taken:
        names = "、".join(SOURCE_NAMES.values())
        yield Problem("no_source", f"须写明这笔钱从哪些来源出（{names}），如“政府补助=1000.00”", where)
    elif sum(taken.values()) != paid and draft.event != DIFFERENCE:
        yield Problem(
            "source_sum",
            f"各来源合计 {format_yuan(sum(taken.values()))} 元，付款 {format_yuan(paid)} 元，两者应相等",
            where,
        )
    bound: dict[str, int] = {}
    for name, fen in read_parts(draft.references.get(GRANT, "")).items():
        if name in file.grants:
            source = file.grants[name].source
            bound[source] = bound.get(source, 0) + (fen or paid)
    for source, fen in bound.items():
        if fen > taken.get(source, 0):
            yield Problem(
                "grant_beyond_source",
                f"从限定用途资金支付 {format_yuan(fen)} 元，超过{SOURCE_NAMES[source]}承担的 {format_yuan(taken.get(source, 0))} 元",
                where,
            )


def _payable_projects(conn: Connection, trust_id: int, drafts: Iterable[Draft]) -> dict[str, tuple[str, str]]:
    """Project and milestone of each debt that these entries pay in F5."""
    names = {
        name
        for draft in drafts
        if any(line.fund == FUND for line in draft.lines)
        for name in draft.references.get(PAYABLE, "").split()
    }
    return debts_of_projects(conn, trust_id, names)
