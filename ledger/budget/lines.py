"""Lines as people hand them in, and what a set of lines must be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ledger.budget.amounts import amount_of, basis_text, formula_text
from ledger.budget.codes import EARNING, EXPENSE, INCOME, SPENDING, make_code, parse_code
from ledger.chart import FUNDS, Chart
from ledger.errors import Problem
from ledger.journal.privacy import private_data_in
from ledger.money import MAX_FEN

MONTHLY, ONCE = "monthly", "once"
SPREADS = {MONTHLY: "每月都发生", ONCE: "一次或几次"}
"""How a line is spent over the year: what the forecast goes by."""
KINDS = {EXPENSE: "支出", INCOME: "收入"}
MOST_LINES = 200
_LONGEST = {"名称": 60, "单位": 10, "说明": 300}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a budget. ``price`` in 0.0001 yuan, ``quantity`` in 0.001; ``code`` is empty for a new one.

    ``accounts``: beginnings of the codes of the accounts it is booked in.
    """

    code: str
    kind: str
    title: str
    accounts: tuple[str, ...]
    price: int
    quantity: int
    times: int
    unit: str = ""
    spread: str = MONTHLY
    note: str = ""

    @property
    def amount(self) -> int:
        """Fen for the year."""
        return amount_of(self.price, self.quantity, self.times)

    @property
    def basis(self) -> str:
        """How the amount was reckoned, in words."""
        return basis_text(self.price, self.quantity, self.unit, self.times)

    @property
    def formula(self) -> str:
        """The same without what it comes to."""
        return formula_text(self.price, self.quantity, self.unit, self.times)


def total(lines: Sequence[Line], kind: str) -> int:
    """Expected income, or planned spending, in fen."""
    return sum(line.amount for line in lines if line.kind == kind)


def line_set_problems(lines: Sequence[Line], year: int, fund: str, chart: Chart) -> list[Problem]:
    """Everything that is wrong with a set of lines."""
    problems = [item for no, line in enumerate(lines, start=1) for item in _problems(no, line, fund, chart)]
    if len(lines) > MOST_LINES:
        problems.append(Problem("too_many_lines", f"一份预算最多 {MOST_LINES} 行", "预算行"))
    codes = [line.code for line in lines if line.code]
    for code in sorted(set(codes)):
        parsed = parse_code(code)
        if parsed is None or (parsed.year, parsed.fund) != (year, fund):
            problems.append(Problem("bad_line_code", f"“{code}”不是这份预算的行号", "预算行"))
        elif codes.count(code) > 1:
            problems.append(Problem("line_twice", f"行号 {code} 出现了两次", "预算行"))
    return [*problems, *_overlaps(lines)]


def _problems(no: int, line: Line, fund: str, chart: Chart) -> Iterator[Problem]:
    where = f"第 {no} 行"
    if line.kind not in KINDS:
        yield Problem("bad_kind", "请选择收入或支出", where)
        return
    if not line.title.strip():
        yield Problem("missing", "请填写名称", where)
    if line.spread not in SPREADS:
        yield Problem("bad_spread", f"支用方式只能是{'、'.join(SPREADS.values())}", where)
    if line.code and (parsed := parse_code(line.code)) is not None and parsed.kind != line.kind:
        yield Problem("kind_changed", f"行号 {line.code} 不能在收入和支出之间改变", where)
    if not 1 <= line.times <= 1000:
        yield Problem("bad_times", "次数请填 1 到 1000 之间的整数", where)
    elif line.amount >= MAX_FEN:
        yield Problem("absurd_amount", "金额大得不合常理，请核对单价和数量", where)
    for name, text in (("名称", line.title), ("单位", line.unit), ("说明", line.note)):
        if len(text) > _LONGEST[name]:
            yield Problem("too_long", f"{name}最多 {_LONGEST[name]} 个字", where)
        for kind in private_data_in(text):
            yield Problem("private_data", f"{name}会公开，但里面像有{kind}，请删去", where)
    yield from _account_problems(where, line, fund, chart)


def _account_problems(where: str, line: Line, fund: str, chart: Chart) -> Iterator[Problem]:
    wanted = SPENDING if line.kind == EXPENSE else EARNING
    if not line.accounts:
        yield Problem("no_account", "请填写记到哪个科目", where)
    for code in line.accounts:
        account = chart.get("A", code)
        if account is None:
            yield Problem("unknown_account", f"没有科目 {code}", where)
        elif not code.startswith(wanted):
            yield Problem("wrong_account", f"科目 {code} {account.name}不能做{KINDS[line.kind]}预算", where)
        elif fund not in account.funds:
            yield Problem("fund_not_allowed", f"科目 {code} 不能用于{FUNDS[fund].name}", where)


def _overlaps(lines: Sequence[Line]) -> Iterator[Problem]:
    """Lines may share accounts exactly, not in part: last year's figures could not be set beside them."""
    sets = sorted({line.accounts for line in lines if line.accounts})
    for place, one in enumerate(sets):
        for other in sets[place + 1 :]:
            shared = [a for a in one for b in other if a.startswith(b) or b.startswith(a)]
            if shared:
                yield Problem(
                    "accounts_overlap",
                    f"两行的科目有一部分相同（{shared[0]}）；请写成完全相同的科目，或完全不同的",
                    "预算行",
                )


def fresh_codes(lines: Sequence[Line], taken: Sequence[str], year: int, fund: str) -> list[Line]:
    """Lines with a code each; numbers that were ever given are not given again."""
    last = {EXPENSE: 0, INCOME: 0}
    for code in [*taken, *(line.code for line in lines if line.code)]:
        parsed = parse_code(code)
        if parsed is not None:
            last[parsed.kind] = max(last[parsed.kind], parsed.number)
    given = []
    for line in lines:
        if line.code:
            given.append(line)
            continue
        last[line.kind] += 1
        given.append(replace(line, code=make_code(year, fund, line.kind, last[line.kind])))
    return given
