"""What surrounds an entry, in words: hands it went through, bank, budget, where to read on, corrections side by side."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from disclosure.public.entry_around import Around, BankCheck
from disclosure.public.leaves import PublicEntry
from disclosure.public.words import SIDES, Amount, day_text, fund_name, moment_text, yuan
from ledger.budget.codes import budget_name, parse_code
from ledger.journal.person_names import shown_name
from ledger.totals import entry_flows
from ledger.trust.setup import Setup

ROLES = {
    "prepare": "制单（记账员）",
    "review": "审核（审核员）",
    "co_sign": "会签（业主委员会）",
    "pay": "付款（出纳）",
}
_LINKS = {
    "vendor": ("对方单位", "vendors"),
    "contract": ("合同", "contracts"),
    "project": ("专项项目", "projects"),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """Somewhere to read on: what it is, its name, and its address below the community's."""

    label: str
    name: str
    path: str
    entries: str


@dataclass(frozen=True, slots=True)
class BudgetState:
    """A budget line as it stands now."""

    code: str
    title: str
    path: str
    budgeted: Amount
    waiting: Amount | None
    used: Amount
    left: Amount
    over: bool


@dataclass(frozen=True, slots=True)
class Column:
    """One of the entries that stand side by side."""

    title: str
    ref: str
    date: str
    summary: str
    here: bool


@dataclass(frozen=True, slots=True)
class Aligned:
    """The same side, account and fund in every column; None where an entry has no such line."""

    side: str
    account: str
    name: str
    fund: str
    cells: tuple[Amount | None, ...]
    now: Amount
    difference: Amount


@dataclass(frozen=True, slots=True)
class Comparison:
    """A correction: what was booked at first, what took it back, what is right."""

    columns: tuple[Column, ...]
    rows: tuple[Aligned, ...]


@dataclass(frozen=True, slots=True)
class AroundView:
    """Everything the page shows that is not in the leaf."""

    acts: tuple[tuple[str, str], ...]
    bank: str
    budget: BudgetState | None
    readings: tuple[Reading, ...]
    comparison: Comparison | None
    previous: str
    following: str
    pictures: tuple[str, ...]
    copies: tuple[str, ...]


def around_view(item: PublicEntry, around: Around, setup: Setup) -> AroundView:
    """Put it into words."""
    return AroundView(
        acts=tuple((ROLES[act.step], moment_text(act.at)) for act in around.acts),
        bank=_bank_text(around.bank, item) if around.bank else "",
        budget=_budget(around),
        readings=tuple(_readings(item, setup)),
        comparison=_comparison(item, around.related) if around.related else None,
        previous=around.previous,
        following=around.following,
        pictures=tuple(digest for digest, kind in around.media.items() if kind.startswith("image/")),
        copies=tuple(around.media),
    )


def _bank_text(bank: BankCheck, item: PublicEntry) -> str:
    """That the statement agrees, never what account it is."""
    days = "至".join(dict.fromkeys([day_text(bank.first), day_text(bank.last)]))
    moved = f"{'收入' if bank.amount > 0 else '付出'} {yuan(abs(bank.amount)).text}"
    lines = f"银行记录 {bank.lines:,} 笔" if bank.lines > 1 else "银行记录"
    if bank.entries > 1:
        return f"银行流水已核对：{days}，{lines}{moved}，与这一批 {bank.entries:,} 张凭证对上"
    flows, _ = entry_flows(item.book, item.event, item.lines)
    if sum(flow.net for flow in flows.values()) == bank.amount:
        return f"银行流水已核对：{days}，{lines}{moved}，金额与这一笔一致"
    return f"银行流水已对应：{days}，{lines}{moved}"


def _budget(around: Around) -> BudgetState | None:
    line = around.budget
    code = parse_code(line.code) if line else None
    if line is None or code is None:
        return None
    return BudgetState(
        code=line.code,
        title=line.title,
        path=f"budgets/{budget_name(code.year, code.fund)}",
        budgeted=yuan(line.budgeted),
        waiting=yuan(line.encumbered) if line.encumbered else None,
        used=yuan(line.actual),
        left=yuan(line.left),
        over=line.left < 0,
    )


def _readings(item: PublicEntry, setup: Setup) -> list[Reading]:
    """Pages of the vendors, contracts and projects that the lines or references name, each once."""
    found: dict[tuple[str, str], None] = {}
    for kind in _LINKS:
        if ref := item.references.get(kind):
            found[kind, ref] = None
        for line in item.lines:
            if code := line.dims.get(kind):
                found[kind, code] = None
    readings = []
    for kind, code in found:
        label, folder = _LINKS[kind]
        value = setup.values.get((kind, code))
        if value is not None:
            shown = value.name if kind != "vendor" else shown_name(value.name)
            safe = quote(code, safe="")
            readings.append(Reading(label, shown, f"{folder}/{safe}", f"{kind}={safe}"))
    return readings


def _comparison(item: PublicEntry, related: tuple[PublicEntry, ...]) -> Comparison:
    entries = sorted([item, *related], key=lambda one: one.seq)
    keys = dict.fromkeys(
        (line.side, line.account, line.name, line.fund) for one in entries for line in one.lines
    )
    rows = []
    for key in keys:
        sums = [_sum(one, key) for one in entries]
        now = sum(found or 0 for found in sums)
        side, account, name, fund = key
        rows.append(
            Aligned(
                side=SIDES[side],
                account=account,
                name=name,
                fund=fund_name(fund),
                cells=tuple(None if found is None else yuan(found, red_letter=True) for found in sums),
                now=yuan(now),
                difference=yuan(now - (sums[0] or 0)),
            )
        )
    columns = tuple(
        Column(_title(one, number), one.ref, day_text(one.date), one.summary, here=one.seq == item.seq)
        for number, one in enumerate(entries)
    )
    return Comparison(columns, tuple(rows))


def _sum(one: PublicEntry, key: tuple[str, str, str, str]) -> int | None:
    amounts = [line.amount for line in one.lines if (line.side, line.account, line.name, line.fund) == key]
    return sum(amounts) if amounts else None


def _title(one: PublicEntry, number: int) -> str:
    if one.reverses:
        return "红字冲销"
    if one.amends:
        return "更正"
    return "原来" if number == 0 else "另一笔"
