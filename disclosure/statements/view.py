"""A statement in words: formatted once, shown by the page and the PDF alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from disclosure.public.words import Amount, day_text, fund_name, moment_text, yuan
from disclosure.statements.publish import PublishedStatement
from disclosure.statements.value import AccountAmount, BookReport, FundCash, StatementEntry
from ledger.money import format_yuan
from ledger.periods.calendar import period_name

BOOK_TITLES = {"A": "物业共有资金", "M": "住宅专项维修资金"}
CASH_COLUMNS = (
    ("opening", "期初余额"),
    ("opened", "建账接收"),
    ("received", "收入"),
    ("paid", "支出"),
    ("moved_in", "内部转入"),
    ("moved_out", "内部转出"),
    ("closing", "期末余额"),
)
_ALWAYS = ("opening", "received", "paid", "closing")


@dataclass(frozen=True, slots=True)
class CashRow:
    """A fund's line of the cash table; amounts in the order of the columns."""

    name: str
    amounts: tuple[tuple[str, Amount], ...]
    total: bool = False


@dataclass(frozen=True, slots=True)
class AccountRow:
    """Income or expense of an account, or a sum of them."""

    name: str
    fund: str
    month: Amount
    year: Amount
    total: bool = False


@dataclass(frozen=True, slots=True)
class AccountGroup:
    """Income, expense, or the difference of the two."""

    title: str
    rows: tuple[AccountRow, ...]


@dataclass(frozen=True, slots=True)
class EntryRow:
    """A payment or correction with its permanent name."""

    ref: str
    date: str
    summary: str
    fund: str
    amount: Amount
    counterparty: str
    target: str


@dataclass(frozen=True, slots=True)
class BookView:
    """One book of the statement."""

    code: str
    title: str
    columns: tuple[str, ...]
    cash: tuple[CashRow, ...]
    accounts: tuple[AccountGroup, ...]
    payments: tuple[EntryRow, ...]
    payments_note: str
    corrections: tuple[EntryRow, ...]


@dataclass(frozen=True, slots=True)
class StatementView:
    """The whole statement."""

    title: str
    period: str
    community: str
    trustee: str
    span: str
    version: int
    published_at: str
    size: int
    books: tuple[BookView, ...]
    arrears: str
    checkpoint: str
    address: str


def period_slug(period: int) -> str:
    """``2025-09``, as in addresses."""
    return f"{period // 100:04d}-{period % 100:02d}"


def statement_view(published: PublishedStatement, address: str) -> StatementView:
    """Put a stored statement into words; ``address`` is its public page."""
    value = published.value
    arrears = "没有户欠物业费。"
    if value.arrears.total or value.arrears.households:
        arrears = (
            f"截至{day_text(value.last)}，共有 {value.arrears.households} 户的物业费尚未交清，"
            f"合计 ¥{format_yuan(value.arrears.total)}。为保护隐私，不公布是哪些户。"
        )
    return StatementView(
        title=f"{period_name(value.period)}月报",
        period=period_slug(value.period),
        community=value.name,
        trustee=value.trustee,
        span=f"{day_text(value.first)}至{day_text(value.last)}",
        version=published.version,
        published_at=moment_text(published.published_at),
        size=value.size,
        books=tuple(_book(book, value.payment_above) for book in value.books),
        arrears=arrears,
        checkpoint=value.checkpoint,
        address=address,
    )


def _book(book: BookReport, above: int) -> BookView:
    names = [
        name for name, _ in CASH_COLUMNS if name in _ALWAYS or any(getattr(row, name) for row in book.cash)
    ]
    titles = dict(CASH_COLUMNS)
    cash = [_cash_row(fund_name(row.fund), [row], names) for row in book.cash]
    if len(book.cash) > 1:
        cash.append(_cash_row("合计", book.cash, names, total=True))
    result = AccountRow(
        name="收支结余（收入减支出）",
        fund="",
        month=yuan(sum(x.month for x in book.income) - sum(x.month for x in book.expense)),
        year=yuan(sum(x.year for x in book.income) - sum(x.year for x in book.expense)),
        total=True,
    )
    limit = f"¥{format_yuan(above)}"
    note = f"本月 {limit} 及以上的付款共 {book.payment_count} 笔，合计 ¥{format_yuan(book.payment_total)}。"
    if book.payment_count > len(book.payments):
        note += f"这里列出金额最大的 {len(book.payments)} 笔，其余见逐笔账目。"
    return BookView(
        code=book.book,
        title=BOOK_TITLES[book.book],
        columns=tuple(titles[name] for name in names),
        cash=tuple(cash),
        accounts=(
            AccountGroup("收入", _accounts(book.income, "收入合计")),
            AccountGroup("支出", _accounts(book.expense, "支出合计")),
            AccountGroup("结余", (result,)),
        ),
        payments=tuple(_entry(item) for item in book.payments),
        payments_note=note if book.payment_count else f"本月没有 {limit} 及以上的付款。",
        corrections=tuple(_entry(item, red_letter=True) for item in book.corrections),
    )


def _cash_row(name: str, rows: Sequence[FundCash], names: Iterable[str], *, total: bool = False) -> CashRow:
    titles = dict(CASH_COLUMNS)
    amounts = tuple((titles[key], yuan(sum(getattr(row, key) for row in rows))) for key in names)
    return CashRow(name, amounts, total)


def _accounts(lines: Sequence[AccountAmount], title: str) -> tuple[AccountRow, ...]:
    rows = [AccountRow(x.name, fund_name(x.fund), yuan(x.month), yuan(x.year)) for x in lines]
    month, year = sum(x.month for x in lines), sum(x.year for x in lines)
    return (*rows, AccountRow(title, "", yuan(month), yuan(year), total=True))


def _entry(item: StatementEntry, *, red_letter: bool = False) -> EntryRow:
    return EntryRow(
        ref=item.ref,
        date=day_text(item.date),
        summary=item.summary,
        fund="、".join(fund_name(code) for code in item.fund.split("、")),
        amount=yuan(item.amount, red_letter=red_letter),
        counterparty=item.counterparty,
        target=item.target,
    )
