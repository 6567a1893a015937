"""What may still be spent of a budget line: budgeted, less booked, less waiting.

Ask under the trust's lock (:func:`ledger.journal.head.lock_head`): then no other request takes from the same
line meanwhile. Entries count by what they put on spending accounts of the line's fund, red letters negative;
the payment of an invoice that was counted when it was booked takes nothing again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import Connection, Select, and_, case, func, literal_column, or_, select

from ledger.budget.codes import REFERENCE, SPENDING, parse_code
from ledger.chart import FUNDS
from ledger.errors import Problem
from ledger.money import format_yuan
from ledger.store.tables import budget_claim, budget_line, entry_reference, posting, setting, work_status

if TYPE_CHECKING:  # the journal's rules ask us: importing it here would go in a circle
    from ledger.journal.draft import Draft
    from ledger.trust.setup import Setup

IN_FORCE = "budget:"
"""Settings of this name say which version of a budget is in force from which day: ``budget:F1:2026``."""
PROBLEMS = frozenset(
    {
        "gate_budget_line",
        "budget_line_unknown",
        "budget_fund",
        "budget_year",
        "budget_account",
        "over_budget",
    }
)
"""Codes of refusals that are about budgets."""
ON_ITS_WAY = ("review", "co_sign", "pay")
"""As ``ledger.work.value.OPEN``: what work that still takes from its lines can be waiting for."""


class VersionInForce(msgspec.Struct, frozen=True):
    """Which lines hold."""

    version: int
    revision: int


@dataclass(frozen=True, slots=True)
class Available:
    """A line of spending in force, in fen."""

    code: str
    title: str
    fund: str
    year: int
    budgeted: int
    encumbered: int
    actual: int
    account_prefixes: tuple[str, ...]

    @property
    def left(self) -> int:
        """What may still be spent (可用)."""
        return self.budgeted - self.encumbered - self.actual


def in_force_setting(fund: str, year: int) -> str:
    """The setting's name that says which version of a budget is in force."""
    return f"{IN_FORCE}{fund}:{year}"


def versions_in_force(
    conn: Connection, trust_id: int, on: date | None = None
) -> dict[tuple[str, int], VersionInForce]:
    """By fund and year, the version in force on a day; the newest decided on if no day is given."""
    query = select(setting.c.name, setting.c.value).where(
        setting.c.trust_id == trust_id, setting.c.name.between(IN_FORCE, f"{IN_FORCE}~")
    )
    if on is not None:
        query = query.where(setting.c.effective_on <= on)
    found = {}
    for name, value in conn.execute(query.order_by(setting.c.name, setting.c.effective_on)):
        _, fund, year = name.split(":")
        found[fund, int(year)] = msgspec.json.decode(value, type=VersionInForce)
    return found


def funds_in_force(conn: Connection, trust_id: int, on: date | None = None) -> set[tuple[str, int]]:
    """Funds and years whose budget is in force: there, nothing is spent without a line (无预算不支出)."""
    return set(versions_in_force(conn, trust_id, on))


def governed(setup: Setup, fund: str, day: date) -> bool:
    """Whether a budget of the fund for that day's year is in force on the day; asks no database."""
    return setup.setting(in_force_setting(fund, day.year), day) is not None


def available(
    conn: Connection, trust_id: int, codes: Collection[str], *, on: date | None = None
) -> dict[str, Available]:
    """The lines of spending in force among ``codes``, with what each has left. Unknown codes are left out.

    ``on``: by the versions in force that day; the newest decided on if not given.
    """
    known = {code: parsed for code in codes if (parsed := parse_code(code)) is not None}
    if not known:
        return {}
    holding = versions_in_force(conn, trust_id, on)
    wanted = {
        (p.fund, p.year): holding[p.fund, p.year] for p in known.values() if (p.fund, p.year) in holding
    }
    if not wanted:
        return {}
    query = _lines(trust_id, wanted).where(budget_line.c.code.in_(known))
    return _with_use(conn, trust_id, query)


def lines_in_force(conn: Connection, trust_id: int, on: date, years: Collection[int]) -> list[Available]:
    """All lines of spending in force on a day for some years, by code: what a form offers."""
    holding = versions_in_force(conn, trust_id, on)
    wanted = {(fund, year): held for (fund, year), held in holding.items() if year in years}
    if not wanted:
        return []
    found = _with_use(conn, trust_id, _lines(trust_id, wanted))
    return [found[code] for code in sorted(found)]


def _lines(trust_id: int, wanted: Mapping[tuple[str, int], VersionInForce]) -> Select[Any]:
    line = budget_line.c
    versions = (
        and_(
            line.year == year,
            line.fund == fund,
            line.version == held.version,
            line.revision == held.revision,
        )
        for (fund, year), held in wanted.items()
    )
    return select(line.code, line.title, line.fund, line.year, line.amount, line.accounts).where(
        line.trust_id == trust_id, or_(*versions), line.kind == "E"
    )


def _with_use(conn: Connection, trust_id: int, query: Select[Any]) -> dict[str, Available]:
    rows = conn.execute(query).all()
    names = [row.code for row in rows]
    waiting, booked = encumbered(conn, trust_id, names), actual(conn, trust_id, names)
    return {
        row.code: Available(
            code=row.code,
            title=row.title,
            fund=row.fund,
            year=row.year,
            budgeted=row.amount,
            encumbered=waiting.get(row.code, 0),
            actual=booked.get(row.code, 0),
            account_prefixes=tuple(row.accounts.split()),
        )
        for row in rows
    }


def encumbered(conn: Connection, trust_id: int, codes: Collection[str]) -> dict[str, int]:
    """What waiting work would take from lines (预算占用), fen."""
    query = (
        select(budget_claim.c.line, func.sum(budget_claim.c.amount))
        .join(
            work_status,
            (work_status.c.trust_id == budget_claim.c.trust_id) & (work_status.c.no == budget_claim.c.no),
        )
        .where(
            budget_claim.c.trust_id == trust_id,
            budget_claim.c.line.in_(codes),
            work_status.c.waiting_for.in_(ON_ITS_WAY),
        )
        .group_by(budget_claim.c.line)
    )
    return {code: int(amount) for code, amount in conn.execute(query)}


def actual(conn: Connection, trust_id: int, codes: Collection[str]) -> dict[str, int]:
    """What posted entries took from lines, fen; red letters give it back."""
    signed = case((posting.c.side == "D", posting.c.amount), else_=-posting.c.amount)
    query = (
        select(entry_reference.c.ref, posting.c.fund, func.sum(signed))
        .join(
            posting,
            (posting.c.trust_id == entry_reference.c.trust_id) & (posting.c.seq == entry_reference.c.seq),
        )
        .where(
            entry_reference.c.trust_id == trust_id,
            entry_reference.c.kind == literal_column(f"'{REFERENCE}'"),  # as the partial index spells it
            entry_reference.c.ref.in_(codes),
            posting.c.book == "A",
            or_(*(posting.c.account.startswith(prefix) for prefix in SPENDING)),
        )
        .group_by(entry_reference.c.ref, posting.c.fund)
    )
    booked: dict[str, int] = defaultdict(int)
    for code, fund, amount in conn.execute(query):
        parsed = parse_code(code)
        if parsed is not None and parsed.fund == fund:
            booked[code] += int(amount)
    return booked


# --- What entries take, and whether they may --------------------------------------------------------------------


def takes(draft: Draft) -> tuple[str, int]:
    """The line an entry names and what it takes from it, fen; ``("", 0)`` if it names none."""
    code = draft.references.get(REFERENCE, "").strip()
    parsed = parse_code(code)
    fund = parsed.fund if parsed else ""
    return code, sum(
        line.signed for line in draft.lines if line.fund == fund and line.account.startswith(SPENDING)
    )


def taken_by(drafts: Iterable[Draft]) -> dict[str, int]:
    """What several entries together take from each line."""
    taken: dict[str, int] = defaultdict(int)
    for draft in drafts:
        code, amount = takes(draft)
        if code:
            taken[code] += amount
    return dict(taken)


def line_problems(draft: Draft, lines: Mapping[str, Available], before: Mapping[str, int]) -> list[Problem]:
    """Why an entry that names a line may not take from it; empty if it may.

    ``lines``: what is available; ``before``: what entries ahead of it in the same request take (an entry
    being put right gives back what it took: a negative amount).
    """
    code, amount = takes(draft)
    if not code:
        return []
    line = lines.get(code)
    if line is None:
        return [
            Problem(
                "budget_line_unknown",
                f"没有生效的预算行“{code}”；请在生效的预算里选一行，或先申请预算调整",
                "预算行",
            )
        ]
    problems = list(_misfits(draft, line))
    left = line.left - before.get(code, 0)
    if not problems and amount > max(left, 0):
        problems.append(
            Problem(
                "over_budget",
                f"预算行 {code} {line.title} 还剩 {format_yuan(left)} 元，这笔 {format_yuan(amount)} 元，"
                f"超出 {format_yuan(amount - left)} 元；"
                "请先申请预算调整，或换一个预算行",
                "预算行",
            )
        )
    return problems


def _misfits(draft: Draft, line: Available) -> Iterable[Problem]:
    """Another fund, another year, or an account the line is not for."""
    spending: list[Any] = [item for item in draft.lines if item.account.startswith(SPENDING)]
    for fund in sorted({item.fund for item in spending} - {line.fund}):
        yield Problem(
            "budget_fund",
            f"预算行 {line.code} 属于{FUNDS[line.fund].name}，这笔支出用的是{_fund_name(fund)}；请换一个预算行",
            "预算行",
        )
    if draft.date.year != line.year:
        yield Problem(
            "budget_year",
            f"预算行 {line.code} 是 {line.year} 年的，这笔支出的业务日期是 {draft.date}；请换一个预算行",
            "预算行",
        )
    for account in sorted({item.account for item in spending if item.fund == line.fund}):
        if not account.startswith(line.account_prefixes):
            yield Problem(
                "budget_account",
                f"预算行 {line.code} {line.title} 只管科目 {'、'.join(line.account_prefixes)}，"
                f"这笔支出记在 {account}；请换一个预算行",
                "预算行",
            )


def _fund_name(fund: str) -> str:
    return FUNDS[fund].name if fund in FUNDS else fund
