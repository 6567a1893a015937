"""Account books as tables: subsidiary ledger, general ledger, table of balances."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from disclosure.books.report import Column, Row, Style, Table, or_blank, side_and_balance, split_balance
from disclosure.public.words import fund_name
from ledger.books import GeneralAccount, Kind, LedgerRow, TrialTable
from ledger.periods.calendar import period_name

_ENTRY_COLUMNS = (
    Column("日期", "day", 9),
    Column("凭证号", "ref", 12),
    Column("摘要", "text", 26),
    Column("借方", "money", 12),
    Column("贷方", "money", 12),
    Column("方向", "side", 4),
    Column("余额", "money", 13),
)
_LABELS: dict[Kind, tuple[str, Style]] = {
    Kind.TAKEN_OVER: ("建账余额", "opening"),
    Kind.LAST_YEAR: ("上年结转", "opening"),
    Kind.OPENING: ("期初余额", "opening"),
    Kind.CARRIED: ("承前页（本月至此）", "carry"),
    Kind.MONTH: ("本月合计", "subtotal"),
    Kind.YEAR: ("本年累计", "subtotal"),
    Kind.NEXT_YEAR: ("结转下年", "total"),
}
_GENERAL_COLUMNS = (
    Column("月份", "text", 9),
    Column("摘要", "text", 10),
    Column("借方", "money", 13),
    Column("贷方", "money", 13),
    Column("方向", "side", 4),
    Column("余额", "money", 14),
)
_TRIAL_COLUMNS = (
    Column("科目编码", "text", 7),
    Column("科目名称", "text", 17),
    Column("借方", "money", 11, "期初余额"),
    Column("贷方", "money", 11, "期初余额"),
    Column("借方", "money", 11, "本期发生额"),
    Column("贷方", "money", 11, "本期发生额"),
    Column("借方", "money", 11, "期末余额"),
    Column("贷方", "money", 11, "期末余额"),
)


def whole_fund(fund: str) -> str:
    """The fund's name, or that all are taken together."""
    return fund_name(fund) if fund else "全部资金合计"


def subsidiary_table(title: str, facts: tuple[str, ...], rows: Iterable[LedgerRow]) -> Table:
    """Rows of a subsidiary ledger, one after another."""
    return Table(title, _ENTRY_COLUMNS, (_ledger_row(row) for row in rows), facts)


def _ledger_row(row: LedgerRow) -> Row:
    side, balance = side_and_balance(row.balance)
    if row.kind is Kind.LINE:
        cells = (row.day, row.ref, row.summary, or_blank(row.debit), or_blank(row.credit), side, balance)
        return Row(cells)
    label, style = _LABELS[row.kind]
    if row.kind in (Kind.LAST_YEAR, Kind.OPENING, Kind.TAKEN_OVER, Kind.NEXT_YEAR):
        return Row((row.day, "", label, None, None, side, balance), style)
    return Row((row.day, "", label, row.debit, row.credit, side, balance), style)


def general_tables(accounts: Iterable[GeneralAccount]) -> Iterator[Table]:
    """One table an account."""
    for account in accounts:
        title = f"{account.account} {account.name}"
        rows = tuple(_general_rows(account))
        yield Table(title, _GENERAL_COLUMNS, rows, (whole_fund(account.fund),))


def _general_rows(account: GeneralAccount) -> Iterator[Row]:
    balance = account.opening
    for number, month in enumerate(account.months):
        name = period_name(month.period)
        if number == 0 or month.period % 100 == 1:
            label = "上年结转" if month.period % 100 == 1 else "期初余额"
            yield Row((name, label, None, None, *side_and_balance(balance)), "opening")
        yield Row((name, "本月合计", month.month.debit, month.month.credit, *side_and_balance(month.balance)))
        yield Row(
            ("", "本年累计", month.year.debit, month.year.credit, *side_and_balance(month.balance)),
            "subtotal",
        )
        if month.period % 100 == 12:
            yield Row(("", "结转下年", None, None, *side_and_balance(month.balance)), "total")
        balance = month.balance


def trial_report_table(table: TrialTable) -> Table:
    """The table of balances of one fund."""
    rows = [
        Row(
            (
                line.account,
                line.name,
                *split_balance(line.movement.opening),
                or_blank(line.movement.debit),
                or_blank(line.movement.credit),
                *split_balance(line.movement.closing),
            ),
            "" if line.leaf else "group",
            line.level - 1,
        )
        for line in table.lines
    ]
    sums = (
        table.opening_debit,
        table.opening_credit,
        table.debit,
        table.credit,
        table.closing_debit,
        table.closing_credit,
    )
    rows.append(Row(("", "合计", *sums), "total"))
    return Table(whole_fund(table.fund), _TRIAL_COLUMNS, tuple(rows))
