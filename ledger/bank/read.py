"""A statement file -> a :class:`Statement`, or a refusal of the whole file with every reason."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath

from ledger.bank.camt import looks_like_camt, read_camt
from ledger.bank.chain import chronological, in_order, verified_order
from ledger.bank.describe import Format, builtin_formats, column_name, matches_any
from ledger.bank.packed import PackedLines, kept
from ledger.bank.rows import RowReader
from ledger.bank.statement import BankLine, Problem, Statement, StatementError, UnknownHeaderError
from ledger.bank.table import Row, Sheet, read_table, refusal, refuse_size
from ledger.bank.totals import Sums, check_totals, first_text

HEADER_WITHIN = 40


def read_statement(
    data: bytes,
    filename: str,
    formats: Sequence[Format] | None = None,
    *,
    accept_unverified_balance: bool = False,
) -> Statement:
    """Read a statement of a bank, WeChat Pay or Alipay. ``formats`` default to all that ship with the
    program.

    The format is told by its header row, never by the file's name. Either every row was understood and the
    file's own sums hold, or :class:`StatementError` is raised with all problems and nothing may be
    imported.

    ``accept_unverified_balance`` is the operator's explicit choice to import past failed sums only:
    balances masked or not in chain, totals masked, missing or different. The statement then has
    ``balance_verified`` false and says in ``waived`` what failed. Rows that cannot be read are never
    waived. Formats without a balance column always have ``balance_verified`` false.
    """
    name = shown_name(filename)
    try:
        if looks_like_camt(data):
            refuse_size(data)
            return read_camt(data, waive=accept_unverified_balance)
        sheets = read_table(data, filename)
        known = builtin_formats() if formats is None else formats
        found = [_read_sheet(*place, waive=accept_unverified_balance) for place in _recognise(sheets, known)]
    except StatementError as error:
        raise type(error)(error.problems, filename=name, waivable=error.waivable) from error
    if any(_content(other) != _content(found[0]) for other in found[1:]):
        problem = Problem(0, "", "工作簿里有几张内容不同的流水表，请只保留一张再导入")
        raise StatementError([problem], filename=name)
    return found[0]


def shown_name(filename: str) -> str:
    """The bare name of an uploaded file, without what cannot be seen."""
    bare = PurePath(filename.replace("\\", "/")).name
    return "".join(char for char in bare if unicodedata.category(char)[0] != "C")[:100]


def _content(statement: Statement) -> list[BankLine]:
    return [replace(line, row=0) for line in statement.lines]


def _recognise(sheets: Sequence[Sheet], formats: Sequence[Format]) -> list[tuple[Format, Sheet, int]]:
    """Return format, sheet and position of the header for each sheet that is a statement; at least one."""
    found = []
    for sheet in sheets:
        for position, row in enumerate(sheet.head(HEADER_WITHIN)):
            names = [column_name(cell) for cell in row.cells]
            matching = [form for form in formats if form.matches(names)]
            if matching:
                found.append((_closest(matching, row), sheet, position))
                break
    if not found:
        for sheet in sheets:
            sheet.check()  # damage further down explains more than an unknown header
        known = "、".join(form.name for form in formats)
        message = (
            f"前 {HEADER_WITHIN} 行里没有认识的表头。能读的有：{known}。"
            "请确认下载的是交易明细、文字没有乱码；其他银行可在“流水格式”里对应一次各列，以后自动识别"
        )
        raise UnknownHeaderError([Problem(0, "", message)])
    return found


def _closest(matching: Sequence[Format], row: Row) -> Format:
    most = max(len(form.recognise) for form in matching)
    best = [form for form in matching if len(form.recognise) == most]
    if len(best) > 1:
        names = "、".join(form.name for form in best)
        raise refusal(f"表头同时像 {names}，分不清是哪一种，请让管理员补充格式描述", row=row.number)
    return best[0]


@dataclass(slots=True)
class _Findings:
    lines: PackedLines = field(default_factory=PackedLines)
    skipped: list[Problem] = field(default_factory=list)
    unreadable: list[Problem] = field(default_factory=list)
    unverified: list[Problem] = field(default_factory=list)
    accounts: dict[str, int] = field(default_factory=dict)
    sums: Sums = field(default_factory=Sums)
    footer: list[Row] = field(default_factory=list)


def _read_sheet(form: Format, sheet: Sheet, position: int, *, waive: bool) -> Statement:
    *lead, header = sheet.head(position + 1)
    try:
        reader = RowReader(form, header.cells)
    except ValueError as error:
        raise refusal(f"{form.name}：{error}", row=header.number) from error
    found = _read_rows(form, reader, sheet.after(position))
    account = _account(form, lead, found)
    if found.unreadable:
        raise StatementError(found.unreadable)
    if not found.lines:
        raise refusal("文件里没有一笔收付，没有可以导入的流水；如果本期确有收付，请重新下载")
    chained = bool(form.columns.balance) and not found.unverified
    lines, breaks = _ordered(form, found.lines, chained=chained)
    found.unverified += breaks
    found.unverified += check_totals(form, lead, header, found.footer, found.sums)
    if found.unverified and not waive:
        raise StatementError(found.unverified, waivable=True)
    verified = chained and not found.unverified
    first, last = lines[0], lines[-1]
    return Statement(
        format_id=form.id,
        lines=lines,
        opening=first.balance - first.amount if verified and first.balance is not None else None,
        closing=last.balance if verified else None,
        balance_verified=verified,
        account_no=account,
        skipped=tuple(found.skipped),
        waived=tuple(found.unverified),
    )


def _ordered(form: Format, lines: PackedLines, *, chained: bool) -> tuple[Sequence[BankLine], list[Problem]]:
    """The lines from oldest to newest, and where their balances break; all at once only if it must be."""
    newest_first, breaks = form.order == "newest-first", list[Problem]()
    order: Sequence[BankLine] | None = in_order(lines, newest_first=newest_first, balances=chained)
    if order is None and chained:
        order, breaks = verified_order(lines, form.columns.balance[0], newest_first=newest_first)
    elif order is None:
        order = chronological(lines, newest_first=newest_first)
    return kept(order), breaks


def _read_rows(form: Format, reader: RowReader, rows: Iterable[Row]) -> _Findings:
    found = _Findings()
    for row in rows:
        first = first_text(row)
        if not first:
            continue
        if found.footer or matches_any(first, form.footer):
            if not reader.is_dated(row):
                found.footer.append(row)
                continue
            if found.footer:
                found.unreadable.append(
                    Problem(row.number, "", "合计或说明后面又出现流水，文件像是拼接过的，请分开导入")
                )
                continue
        result = reader.read(row)
        found.sums.rows += 1
        found.sums.gross_in += result.gross_in
        found.sums.gross_out += result.gross_out
        found.sums.fee += result.fee
        found.lines.extend(result.lines)
        found.unreadable += result.problems
        found.unverified += result.balance_problems
        if result.skipped:
            found.skipped.append(result.skipped)
        if result.account:
            found.accounts.setdefault(result.account, row.number)
    return found


def _account(form: Format, lead: Sequence[Row], found: _Findings) -> str:
    if len(found.accounts) > 1:
        (_, _), (other, number), *_ = found.accounts.items()
        text = f"出现了另一个本方账号“{other[:40]}”，一份文件只能有一个账户的流水，请分账户下载"
        found.unreadable.append(Problem(number, "", text))
    if found.accounts:
        return next(iter(found.accounts))
    if form.account_lead:
        for row in lead:
            text = column_name("".join(row.cells))
            if told := re.search(form.account_lead, text):
                return told[1]
    return ""
