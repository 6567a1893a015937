"""The tables of the audit export. Amounts are yuan with two decimals; red letters are negative on their side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ledger.books import view_of
from ledger.books.movements import movements
from ledger.books.span import Span
from ledger.books.trial import level_of
from ledger.chart import FUNDS, account_class_name
from ledger.events import DOCUMENT_KINDS, load_events
from ledger.export.audit.scope import BOOKS, Scope
from ledger.export.audit.vouchers import Line, Voucher, vouchers
from ledger.journal.public_view import PUBLIC_DIMENSIONS, SEALED_DIMENSIONS
from ledger.journal.rules import DIMENSION_NAMES
from ledger.money import plain_yuan
from ledger.periods import closed_periods
from ledger.periods.calendar import first_day, last_day

CAVEAT = "参考 GB/T 24589 结构，未经符合性认证"
PUBLIC, LEDGER = "公共档案类", "总账类"
Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its group, its name, its columns, and how its rows are made, as often as one asks."""

    group: str
    name: str
    columns: tuple[str, ...]
    rows: Callable[[Scope], Iterator[Row]]


def tables(scope: Scope) -> tuple[Table, ...]:
    """All tables of an export, in order."""
    return (*_ALWAYS, _details_table()) if scope.full else _ALWAYS


def _books(scope: Scope) -> Iterator[Row]:
    for book in scope.books:
        yield (
            book,
            BOOKS[book],
            scope.setup.name,
            scope.trustee,
            "人民币",
            str(scope.year),
            scope.setup.opened_on.isoformat(),
            scope.last.isoformat(),
            "明账",
            "含不公开内容，仅供有权查阅的人" if scope.full else "公开内容",
            str(scope.size),
            scope.signed.note.replace("\n", " ").strip() if scope.signed else "",
            CAVEAT,
        )


def _periods(scope: Scope) -> Iterator[Row]:
    for book in scope.books:
        closed = {item.period for item in closed_periods(scope.conn, scope.trust_id, book)}
        for month in scope.months:
            yield (
                book,
                str(scope.year),
                f"{month % 100:02d}",
                first_day(month).isoformat(),
                last_day(month).isoformat(),
                "已结账" if month in closed else "未结账",
            )


def _accounts(scope: Scope) -> Iterator[Row]:
    chart = scope.setup.chart
    for book in scope.books:
        for account in chart.of_book(book):
            yield (
                book,
                account.code,
                account.name,
                str(level_of(chart, book, account.code)),
                account_class_name(account.class_),
                "借" if account.side == "D" else "贷",
                account.parent,
                "是" if account.leaf else "否",
                " ".join(account.funds),
                "、".join(DIMENSION_NAMES[name] for name in account.dimensions),
            )


def _kinds(scope: Scope) -> Iterator[Row]:
    yield "fund", "资金"
    for name in _dimensions(scope):
        yield name, DIMENSION_NAMES[name]


def _values(scope: Scope) -> Iterator[Row]:
    for fund in FUNDS.values():
        if fund.book in scope.books:
            yield "fund", fund.code, fund.name, fund.book
    known = _dimensions(scope)
    for (kind, code), value in sorted(scope.setup.values.items()):
        if kind in known:
            yield kind, code, scope.shown(value.name) if kind == "vendor" else value.name, ""


def _dimensions(scope: Scope) -> tuple[str, ...]:
    shown = (*PUBLIC_DIMENSIONS, *SEALED_DIMENSIONS) if scope.full else PUBLIC_DIMENSIONS
    return tuple(name for name in shown if name != "counter_fund")


def _balances(scope: Scope) -> Iterator[Row]:
    chart = scope.setup.chart
    for book in scope.books:
        for month in scope.months:
            view = view_of(scope.conn, scope.trust_id, book, Span(month, month), today=scope.today)
            for (code, fund), moved in movements(scope.conn, view).items():
                if moved.blank:
                    continue
                account = chart.get(book, code)
                yield (
                    book,
                    str(scope.year),
                    f"{month % 100:02d}",
                    code,
                    account.name if account else code,
                    fund,
                    "人民币",
                    *_side(moved.opening),
                    plain_yuan(moved.debit),
                    plain_yuan(moved.credit),
                    *_side(moved.closing),
                )


def _side(balance: int) -> tuple[str, str]:
    """A balance (debit minus credit) as its side and its amount."""
    return "借" if balance > 0 else "贷" if balance < 0 else "平", plain_yuan(abs(balance))


def _vouchers(scope: Scope) -> Iterator[Row]:
    events = load_events()
    for voucher in vouchers(scope):
        item = voucher.leaf
        event = events.get(item.event)
        before = (
            item.book,
            str(item.year),
            f"{item.date.month:02d}",
            str(item.number),
            item.ref,
            item.date.isoformat(),
            item.original_date.isoformat() if item.original_date else "",
            item.posted_at,
            item.event,
            event.name if event else "",
            item.summary,
        )
        after = (
            item.counterparty,
            str(len(item.documents)),
            "; ".join(f"{kind}={ref}" for kind, ref in item.references.items()),
            item.reverses,
            item.amends,
            voucher.preparer,
            voucher.reviewer,
            str(item.seq),
            voucher.memo,
        )
        for line in item.lines:
            yield *before, *_line(voucher, line), *after


def _line(voucher: Voucher, line: Line) -> Row:
    amount, private = plain_yuan(line.amount), voucher.private.get(line.no, {})
    units = voucher.units(line)
    return (
        str(line.no),
        line.fund,
        line.account,
        line.name,
        amount if line.side == "D" else "",
        amount if line.side == "C" else "",
        *(line.dims.get(name, "") for name in PUBLIC_DIMENSIONS),
        *(private.get(name, "") for name in SEALED_DIMENSIONS),
        str(units) if units else "",
    )


def _papers(scope: Scope) -> Iterator[Row]:
    for voucher in vouchers(scope):
        for paper in voucher.leaf.documents:
            kind = DOCUMENT_KINDS.get(paper.kind, paper.kind)
            yield voucher.leaf.ref, kind, paper.title, paper.number, paper.original, paper.public


def _details(scope: Scope) -> Iterator[Row]:
    for voucher in vouchers(scope):
        for no, parts in voucher.details.items():
            for part in parts:
                yield voucher.leaf.ref, str(no), part.unit, plain_yuan(part.amount), part.basis


def _details_table() -> Table:
    columns = ("凭证编号", "行号", "房屋", "金额", "计算依据")
    return Table(LEDGER, "分户明细", columns, _details)


_ALWAYS = (
    Table(
        PUBLIC, "电子账簿",
        ("电子账簿编号", "电子账簿名称", "会计核算单位", "受托人", "本位币", "会计年度", "启用日期", "截止日期",
         "开发软件", "内容范围", "公开日志条数", "签名凭据", "标准说明"),
        _books,
    ),
    Table(
        PUBLIC, "会计期间",
        ("电子账簿编号", "会计年度", "会计期间号", "起始日期", "截止日期", "结账状态"),
        _periods,
    ),
    Table(PUBLIC, "自定义档案项", ("档案编码", "档案名称"), _kinds),
    Table(PUBLIC, "自定义档案值", ("档案编码", "档案值编码", "档案值名称", "电子账簿编号"), _values),
    Table(
        LEDGER, "会计科目",
        ("电子账簿编号", "科目编号", "科目名称", "科目级次", "科目类型", "余额方向", "上级科目编号", "是否末级",
         "可用资金", "辅助核算"),
        _accounts,
    ),
    Table(
        LEDGER, "科目余额及发生额",
        ("电子账簿编号", "会计年度", "会计期间号", "科目编号", "科目名称", "资金代号", "币种", "期初余额方向",
         "期初余额", "借方发生额", "贷方发生额", "期末余额方向", "期末余额"),
        _balances,
    ),
    Table(
        LEDGER, "记账凭证",
        ("电子账簿编号", "会计年度", "会计期间号", "凭证序号", "凭证编号", "业务日期", "原始日期", "入账时间",
         "业务编号", "业务名称", "摘要", "行号", "资金代号", "科目编号", "科目名称", "借方金额", "贷方金额",
         "供应商", "合同", "项目", "点位", "银行账户", "对方资金", "房屋", "往来单位或人员", "分户数", "对方",
         "附件数", "依据", "红字冲销凭证", "订正凭证", "制单人", "审核人", "日志序号", "备注"),
        _vouchers,
    ),
    Table(
        LEDGER, "凭证附件",
        ("凭证编号", "附件种类", "附件名称", "附件编号", "原件SHA256", "公开副本SHA256"),
        _papers,
    ),
)  # fmt: skip
