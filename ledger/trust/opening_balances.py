"""Opening balances (期初余额): a sheet of what each fund has and owes on the day the books open, as work.

The sheet becomes one entry a book (event E00), with households' balances as details of one line an account.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256

from sqlalchemy import Connection, func, select

from ledger.chart import FUNDS, Account
from ledger.errors import Problem, Refused, refuse
from ledger.journal import Detail, Document, Draft, Line
from ledger.money import MAX_FEN, format_yuan, parse_yuan
from ledger.store.tables import entry, posting
from ledger.trust.dimensions import DIMENSION_TITLES
from ledger.trust.setup import Setup
from ledger.trust.sheet import CellProblem, Cells, Column, Form, SheetRow
from ledger.work import Work

EVENT = "E00"
OPENING_FORM = Form(
    title="期初余额",
    columns=(
        Column("fund", "基金", "这笔余额属于哪个基金。", 8, required=True, choices=tuple(FUNDS)),
        Column("account", "科目编码", "末级科目的编码，后面带名称也可以。从网页下载的模板里有“科目表”和“已登记的代码”两页可以照抄。", 22, required=True),
        Column("debit", "借方余额", "元。资产、支出类科目一般填这里。", 14),
        Column("credit", "贷方余额", "元。负债、净资产、收入类科目一般填这里。", 14),
        Column("unit", "房号", "应收、预收、押金、维修资金户分账要一户一行。", 14),
        Column("vendor", "供应商", "应付款、预付款填供应商代码。", 10),
        Column("contract", "合同", "应付款、公共收益合同款填合同号。", 12),
        Column("project", "项目", "专项项目资金填项目代码。", 12),
        Column("bank_account", "账户", "银行存款填登记的账户代码，如 F1-CCB。", 12),
        Column("party", "往来单位或人员", "备用金、代垫款等填代码。", 12),
        Column("counter_fund", "对方基金", "只有 1901 基金间往来填。", 10),
    ),
    examples=(
        ("F1", "100201 物业服务资金户", "386215.40", "", "", "", "", "", "F1-CCB", "", ""),
        ("F1", "112201 应收物业费", "1764.58", "", "03-2-1201", "", "", "", "", "", ""),
        ("F1", "220301 预收物业费", "", "529.36", "03-2-1202", "", "", "", "", "", ""),
        ("F1", "3001 物业服务资金结余", "", "387450.62", "", "", "", "", "", "", ""),
        ("F3", "100203 押金户", "2000.00", "", "", "", "", "", "F3-ICBC", "", ""),
        ("F3", "224101 装修保证金", "", "2000.00", "03-2-1202", "", "", "", "", "", ""),
    ),
    notes=(
        "填建账那一天接手时的余额：每个基金有多少钱、别人欠多少、欠别人多少，差额是结余。",
        "每个基金自己的借方合计要等于贷方合计。物业服务资金的结余记 3001，公共收益记 3002，专项项目记 3003；押金和代收代付没有结余。",
        "一行只填借方或贷方中的一个，都是正数。没有余额的科目不用写。",
        "“示例”这一页只供参考，不会被导入；内容均为虚构。",
        "上传以后先看到预览，有错的格子会标出来；确认后制成单据，审核通过才入账。",
    ),
)  # fmt: skip
_FUND = re.compile(r"F[1-5](?!\d)|M")
_DIMENSIONS = ("unit", "vendor", "contract", "project", "bank_account", "party", "counter_fund")


@dataclass(frozen=True, slots=True)
class FundSum:
    """What a fund adds up to, in fen."""

    fund: str
    debit: int
    credit: int

    @property
    def difference(self) -> int:
        """Debit minus credit: must be nil."""
        return self.debit - self.credit


@dataclass(slots=True)
class OpeningPlan:
    """What a sheet would post; ``lines`` with the row each comes from."""

    rows: Sequence[SheetRow]
    problems: list[CellProblem] = field(default_factory=list)
    lines: list[tuple[int, Line]] = field(default_factory=list)

    @property
    def sums(self) -> list[FundSum]:
        """By fund, in the order of the funds."""
        return [
            FundSum(fund, _total(self.lines, fund, "D"), _total(self.lines, fund, "C"))
            for fund in FUNDS
            if any(line.fund == fund for _, line in self.lines)
        ]

    @property
    def balanced(self) -> bool:
        """Whether every fund balances by itself."""
        return all(item.difference == 0 for item in self.sums)


def opened_funds(conn: Connection, trust_id: int) -> set[str]:
    """Funds whose opening balances are in the books and were not reversed."""
    undone = select(entry.c.reverses).where(entry.c.trust_id == trust_id, entry.c.reverses.is_not(None))
    rows = conn.execute(
        select(posting.c.fund)
        .join(entry, (entry.c.trust_id == posting.c.trust_id) & (entry.c.seq == posting.c.seq))
        .where(entry.c.trust_id == trust_id, entry.c.event == EVENT, entry.c.seq.not_in(undone))
        .distinct()
    )
    return set(rows.scalars())


def plan_opening(conn: Connection, setup: Setup, rows: Sequence[SheetRow]) -> OpeningPlan:
    """What the rows would post, with every problem in its cell."""
    plan = OpeningPlan(rows)
    done = opened_funds(conn, setup.trust_id)
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        cells = Cells(row, plan.problems)
        line = _line(cells, setup, done)
        if line is None:
            continue
        key = (line.fund, line.account, *(getattr(line, name) for name in _DIMENSIONS))
        if key in seen:
            cells.wrong("account", f"与第 {seen[key]} 行是同一个科目和同一个对象，请合成一行")
        seen.setdefault(key, row.number)
        plan.lines.append((row.number, line))
    return plan


def opening_work(conn: Connection, setup: Setup, plan: OpeningPlan, *, sheet: bytes, authority: str) -> Work:
    """The plan as work: one entry a book. ``authority`` names the handover list it rests on; ``sheet`` are
    the bytes it was read from. Raises :class:`~ledger.errors.Refused`."""
    problems = [Problem("bad_cell", p.message, f"第 {p.row} 行") for p in plan.problems[:50]]
    problems += [
        Problem(
            "unbalanced",
            f"基金 {s.fund} {FUNDS[s.fund].name}借贷相差 {format_yuan(abs(s.difference))} 元（{'借' if s.difference > 0 else '贷'}方多）",
            "期初余额",
        )
        for s in plan.sums
        if s.difference
    ]
    if not authority.strip():
        problems.append(Problem("no_authority", "请填写移交清册的编号或名称", "移交清册"))
    if problems:
        raise Refused(problems)
    if not plan.lines:
        raise refuse("empty_sheet", "表格里没有填任何余额", "期初余额")
    before = conn.execute(
        select(func.count())
        .select_from(entry)
        .where(entry.c.trust_id == setup.trust_id, entry.c.event == EVENT)
    ).scalar_one()
    drafts = [
        draft
        for book in ("A", "M")
        if (draft := _draft(plan, book, setup.opened_on, sheet, authority, int(before))) is not None
    ]
    return Work(kind="opening", title=f"期初建账（{setup.opened_on} 余额）", drafts=tuple(drafts))


def _draft(
    plan: OpeningPlan, book: str, day: date, sheet: bytes, authority: str, before: int
) -> Draft | None:
    lines = [line for _, line in plan.lines if FUNDS[line.fund].book == book]
    if not lines:
        return None
    funds = "、".join(FUNDS[fund].name for fund in FUNDS if any(line.fund == fund for line in lines))
    digest = sha256(sheet).hexdigest()
    return Draft(
        book=book,  # type: ignore[arg-type]
        date=day,
        event=EVENT,
        summary=f"期初建账：{funds}",
        lines=tuple(_gathered(lines)),
        preparer="",
        reviewer="",
        key=f"opening:{book}:{before}",  # another sheet must not wait beside it
        documents=(Document("handover", authority.strip(), original=digest),),
    )


def _gathered(lines: Sequence[Line]) -> list[Line]:
    """Lines that differ by their unit only, put together with details."""
    groups: dict[Line, list[Line]] = {}
    for line in lines:
        groups.setdefault(_without(line), []).append(line)
    found = []
    for common, parts in groups.items():
        if len(parts) == 1:
            found.append(parts[0])
            continue
        details = tuple(Detail(part.unit, part.amount, "期初") for part in parts)
        total = sum(part.amount for part in parts)
        found.append(
            Line(
                common.account,
                common.fund,
                common.side,
                total,
                details=details,
                **{name: getattr(common, name) for name in _DIMENSIONS if name != "unit"},
            )
        )
    return found


def _without(line: Line) -> Line:
    """The line without unit and amount, to group by."""
    rest = {name: getattr(line, name) for name in _DIMENSIONS if name != "unit"}
    return Line(line.account, line.fund, line.side, 0 if line.unit else line.amount, **rest)


def _line(cells: Cells, setup: Setup, done: set[str]) -> Line | None:
    before = len(cells.problems)
    written = cells.required("fund", "基金").upper()
    fund = match[0] if (match := _FUND.match(written)) else written
    account = _account(cells, setup, fund, done)
    side, amount = _amount(cells)
    dims = {name: cells.code(name) for name in _DIMENSIONS}
    if account is not None:
        for name in _DIMENSIONS:
            _dimension(cells, setup, account, name, dims[name])
    if len(cells.problems) > before or account is None:
        return None
    return Line(account.code, fund, side, amount, **dims)  # type: ignore[arg-type]


def _account(cells: Cells, setup: Setup, fund: str, done: set[str]) -> Account | None:
    if fund not in FUNDS:
        if fund:
            cells.wrong("fund", f"没有基金“{cells.text('fund')}”，可填：{'、'.join(FUNDS)}")
        return None
    if fund in done:
        cells.wrong("fund", f"基金 {fund} 的期初余额已经入账；要改，请先红字冲销原来那张凭证")
    code = "".join(c for c in cells.required("account", "科目编码") if c.isascii() and c.isdigit())
    account = setup.chart.get(FUNDS[fund].book, code) if code else None
    if account is None:
        if cells.text("account"):
            cells.wrong("account", f"账套 {FUNDS[fund].book} 没有科目“{cells.text('account')}”")
        return None
    if not account.leaf:
        cells.wrong("account", f"{code} {account.name} 不是末级科目，请填它下面的科目")
    elif fund not in account.funds:
        cells.wrong("account", f"{code} {account.name} 不属于基金 {fund}，可用于 {'、'.join(account.funds)}")
    return account


def _amount(cells: Cells) -> tuple[str, int]:
    before = len(cells.problems)
    read: Callable[[str], int] = parse_yuan
    debit, credit = cells.parsed("debit", read) or 0, cells.parsed("credit", read) or 0
    side, amount, where = ("C", credit, "credit") if credit else ("D", debit, "debit")
    if len(cells.problems) > before:
        return side, amount
    if debit and credit:
        cells.wrong("credit", "一行只能填借方或贷方中的一个")
    elif not amount:
        cells.wrong("debit", "请填写借方余额或贷方余额")
    elif not 0 < amount < MAX_FEN:
        cells.wrong(where, "余额要填正数，且在合理范围内；方向相反的填另一栏")
    return side, amount


def _dimension(cells: Cells, setup: Setup, account: Account, name: str, code: str) -> None:
    title = DIMENSION_TITLES[name]
    if not code:
        if name in account.dimensions:
            cells.wrong(name, f"{account.code} {account.name} 要写{title}")
        return
    if (name, code) not in setup.values:
        cells.wrong(name, f"没有登记过{title}“{code}”")
    elif name == "bank_account" and setup.bank_accounts.get(code, ("", "", ""))[1] != account.code:
        cells.wrong(name, f"账户“{code}”的钱不记在科目 {account.code}")


def _total(lines: Sequence[tuple[int, Line]], fund: str, side: str) -> int:
    return sum(line.amount for _, line in lines if line.fund == fund and line.side == side)


def balancing_hint(item: FundSum) -> str:
    """What to do about a fund that does not balance."""
    result = FUNDS[item.fund].result_account
    if item.difference == 0:
        return "已平"
    side = "贷" if item.difference > 0 else "借"
    amount = format_yuan(abs(item.difference))
    if not result:
        return f"{side}方少 {amount} 元：这个基金没有结余，请核对押金或代收代付的明细"
    return f"{side}方少 {amount} 元：如果这就是结余，请加一行 {result}，{side}方 {amount}"
