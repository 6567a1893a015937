"""One version of a budget with everything that is shown beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from ledger.budget.available import versions_in_force
from ledger.budget.codes import EXPENSE, INCOME
from ledger.budget.difference import Change, changes
from ledger.budget.execution import Execution, execution
from ledger.budget.figures import beside_lines, covers_year, free_balance, year_by_account
from ledger.budget.lines import Line, total
from ledger.budget.read import first_day, lines_of, list_versions, read_comments, read_papers
from ledger.budget.value import ADOPTED, DRAFT, NOTICED, WITHDRAWN, Comment, Key, Paper, Version
from ledger.trust.setup import Setup

PENDING, IN_FORCE, REPLACED, RETURNED = "pending", "in_force", "replaced", "returned"
STANDINGS = {
    DRAFT: "编制中",
    RETURNED: "退回修改中",
    NOTICED: "公示中",
    PENDING: "已批准，还没到生效日",
    IN_FORCE: "生效中",
    REPLACED: "已被新的一版代替",
    WITHDRAWN: "已撤销",
}
"""Where a version stands today, as people say it."""


@dataclass(frozen=True, slots=True)
class BudgetReport:
    """A version today. ``last_year``: the year before by line, fen, None if the books did not cover it;
    ``free``: what the fund has besides, as of the notice, or as of now for a draft."""

    version: Version
    standing: str
    versions: tuple[Version, ...]
    standings: Mapping[int, str]
    lines: tuple[Line, ...]
    last_year: Mapping[str, int] | None
    free: int
    former: Key | None
    changes: tuple[Change, ...]
    comments: tuple[Comment, ...]
    papers: tuple[Paper, ...]
    execution: Execution | None
    today: date

    @property
    def key(self) -> Key:
        """Which version."""
        return self.version.key

    @property
    def income(self) -> int:
        """Expected income, fen."""
        return total(self.lines, INCOME)

    @property
    def expense(self) -> int:
        """Planned spending, fen."""
        return total(self.lines, EXPENSE)

    @property
    def short(self) -> int:
        """What is to be spent beyond income and free balance, fen; 0 or less if it suffices."""
        return self.expense - self.income - self.free

    @property
    def unanswered(self) -> int:
        """Comments that wait for an answer."""
        return sum(not comment.answers for comment in self.comments)

    def of_kind(self, kind: str) -> list[Line]:
        """Lines of income, or of spending."""
        return [line for line in self.lines if line.kind == kind]


def standing(version: Version, holding: int | None, today: date) -> str:
    """Where a version stands; ``holding`` is the number of the version in force today."""
    if version.state == DRAFT:
        return RETURNED if version.notice is not None else DRAFT
    if version.state != ADOPTED or version.adopted is None:
        return version.state
    if version.key.version == holding:
        return IN_FORCE
    effective_on = version.adopted.effective_on
    return PENDING if effective_on is not None and effective_on > today else REPLACED


def standings(conn: Connection, trust_id: int, versions: Sequence[Version], today: date) -> dict[Key, str]:
    """Where each of these versions stands today."""
    holding = versions_in_force(conn, trust_id, today)
    found = {}
    for version in versions:
        held = holding.get((version.key.fund, version.key.year))
        found[version.key] = standing(version, held.version if held else None, today)
    return found


def read_report(conn: Connection, setup: Setup, version: Version, revision: int, today: date) -> BudgetReport:
    """A version at a revision of its lines, with what belongs beside it."""
    trust_id, key = setup.trust_id, version.key
    versions = list_versions(conn, trust_id, year=key.year, fund=key.fund)
    at = standings(conn, trust_id, versions, today)
    former = next((v for v in versions if v.key.version < key.version and v.state == ADOPTED), None)
    sets = lines_of(conn, trust_id, {key: revision} | ({former.key: former.fixed} if former else {}))
    lines = sets[key]
    since = first_day(versions, key.year, key.fund)
    notice = version.notice
    return BudgetReport(
        version=version,
        standing=at[key],
        versions=tuple(versions),
        standings={v.key.version: at[v.key] for v in versions},
        lines=tuple(lines),
        last_year=_last_year(conn, setup, key, lines),
        free=notice.free
        if notice is not None and version.state != DRAFT
        else free_balance(conn, trust_id, key.fund, key.year, today),
        former=former.key if former else None,
        changes=tuple(changes(sets[former.key], lines)) if former else (),
        comments=tuple(read_comments(conn, trust_id, key)),
        papers=tuple(read_papers(conn, trust_id, key)),
        execution=execution(conn, trust_id, setup.chart, key, lines, since, today)
        if since is not None and at[key] == IN_FORCE
        else None,
        today=today,
    )


def _last_year(conn: Connection, setup: Setup, key: Key, lines: Sequence[Line]) -> dict[str, int] | None:
    if not covers_year(conn, setup.trust_id, key.year - 1):
        return None
    by_account = year_by_account(conn, setup.trust_id, setup.chart, key.fund, key.year - 1)
    return beside_lines(lines, by_account)
