"""One row of text -> one line of the statement, by the words of a format description."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ledger.bank.amounts import parse_fen, parse_time, shorten
from ledger.bank.describe import Format, column_name, matches_any
from ledger.bank.statement import BankLine, Problem
from ledger.bank.table import Row

_MAX_TEXT = 1000
# Control characters break databases; invisible direction marks make a name read as another.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+")
_FORMULA_TEXT = re.compile(r'="([^"]*)"')
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+?\d+")
_MIDNIGHT = " 00:00:00"


@dataclass(slots=True)
class RowResult:
    """What a row gave: lines, or why it was skipped, or why it cannot be read.

    ``gross_in``, ``gross_out`` and ``fee`` (fen) are the row's part of the file's totals.
    ``balance_problems`` stand apart because the operator may import past them. ``account`` is the row's own
    account, if it tells one.
    """

    lines: list[BankLine] = field(default_factory=list)
    skipped: Problem | None = None
    problems: list[Problem] = field(default_factory=list)
    balance_problems: list[Problem] = field(default_factory=list)
    gross_in: int = 0
    gross_out: int = 0
    fee: int = 0
    account: str = ""


class _FieldError(Exception):
    """One cell cannot be read: the column and the reason in Chinese."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column
        self.message = message


class RowReader:
    """Reads the rows under one header.

    Raises ``ValueError`` (Chinese) if a used column is missing or doubled.
    """

    def __init__(self, form: Format, header: Sequence[str]) -> None:
        self.form = form
        self.names = [column_name(cell) for cell in header]
        while self.names and not self.names[-1]:
            self.names.pop()
        columns, how = form.columns, form.sign.how
        self._index = {name: number for number, name in enumerate(self.names) if name}
        self._date = self._first(columns.date, needed=True)
        self._time = self._first(columns.time)
        self._balance = self._first(columns.balance, needed=bool(columns.balance))
        self._amount = self._first(columns.amount, needed=how != "columns")
        self._in = self._first(columns.in_, needed=how == "columns")
        self._out = self._first(columns.out, needed=how == "columns")
        self._direction = self._first(columns.direction, needed=how == "direction")
        self._memo = [name for name in map(column_name, columns.memo) if name in self._index]
        self._zero_is_empty = frozenset(map(column_name, columns.zero_is_empty))
        self._pattern = re.compile(form.counterparty_pattern) if form.counterparty_pattern else None

    def is_dated(self, row: Row) -> bool:
        """Tell whether the row has a readable date where lines have theirs.

        It is then a line, never a footer.
        """
        try:
            self._moment(self._cells(row))
        except _FieldError:
            return False
        return True

    def read(self, row: Row) -> RowResult:
        """Read one row.

        Problems come back in the result, so that all of a file's problems can be listed at once.
        """
        result = RowResult()
        extra = [cell for cell in row.cells[len(self.names) :] if cell.strip()]
        if len(row.cells) < len(self.names) or extra:
            text = (
                f"这一行有 {len(row.cells)} 列，表头有 {len(self.names)} 列，文件不完整或被改动过，请重新下载"
            )
            result.problems.append(Problem(row.number, "", text))
            return result
        cells = self._cells(row)
        moment: datetime | None = None
        amount: int | None = None
        try:
            moment = self._moment(cells)
        except _FieldError as error:
            result.problems.append(Problem(row.number, error.column, error.message))
        try:
            self._check_currency(cells)
            amount = self._signed_amount(row, cells, result)
        except _FieldError as error:
            result.problems.append(Problem(row.number, error.column, error.message))
        try:
            line = self._line(row, cells, moment, amount, result)
        except _FieldError as error:
            result.problems.append(Problem(row.number, error.column, error.message))
            return result
        if line and not result.problems and not result.skipped:
            self._add(line, cells, result)
        return result

    def _first(self, candidates: Sequence[str], *, needed: bool = False) -> str:
        present = [name for name in map(column_name, candidates) if name in self._index]
        if needed and not present:
            raise ValueError(f"表头里没有“{'”或“'.join(candidates)}”这一列")
        if present and self.names.count(present[0]) > 1:
            raise ValueError(f"表头里有两列都叫“{present[0]}”，分不清用哪一列")
        return present[0] if present else ""

    def _cells(self, row: Row) -> dict[str, str]:
        found = {}
        for name, number in self._index.items():
            text = row.cells[number] if number < len(row.cells) else ""
            text = _UNSEEN.sub(" ", text).strip().removeprefix(self.form.cell_prefix).strip()
            empty = (text == "0" and name in self._zero_is_empty) or (
                text and matches_any(text, self.form.blank)
            )
            found[name] = "" if empty else text
        return found

    def _moment(self, cells: dict[str, str]) -> datetime:
        text, clock = cells[self._date], cells.get(self._time, "")
        if clock:
            # A spreadsheet gives a date cell a midnight of its own.
            text = f"{text.removesuffix(_MIDNIGHT)} {clock}"
        try:
            return parse_time(text, self.form.times)
        except ValueError as error:
            raise _FieldError(self._date, str(error)) from error

    def _check_currency(self, cells: dict[str, str]) -> None:
        for name in map(column_name, self.form.columns.currency):
            if (text := cells.get(name, "")) and text not in self.form.currencies:
                raise _FieldError(name, f"币种是“{shorten(text)}”，只能导入人民币流水，请分账户下载")

    def _fen(self, cells: dict[str, str], name: str, *, zeros_to: int = 2) -> int | None:
        if not cells[name]:
            return None
        try:
            return parse_fen(cells[name], zeros_to=zeros_to)
        except ValueError as error:
            raise _FieldError(name, str(error)) from error

    def _signed_amount(self, row: Row, cells: dict[str, str], result: RowResult) -> int | None:
        """Return the amount, or ``None`` with ``result.skipped`` set when the row moved no money."""
        if reason := self._skip_reason(cells):
            result.skipped = Problem(row.number, "", reason)
            return None
        if self.form.sign.how == "columns":
            amount = self._from_columns(cells, result)
        else:
            name = self._amount
            found = self._fen(cells, name)
            if found is None:
                raise _FieldError(name, "没有金额，请重新下载原始文件")
            amount = found if self.form.sign.how == "signed" else self._from_direction(cells, found)
            result.gross_in, result.gross_out = max(amount, 0), max(-amount, 0)
        if amount == 0:
            result.skipped = Problem(row.number, "", "金额为 0，没有收付")
        return amount

    def _skip_reason(self, cells: dict[str, str]) -> str:
        """Return why the row moved no money, or nothing. Rules look first at what is surest: the state."""
        if rule := self._rule(cells, skipping=True):
            return rule[1]
        if not (status := self.form.status):
            return ""
        column = column_name(status.column)
        text = cells[column]
        if matches_any(text, status.skipped):
            return f"状态是“{shorten(text)}”，没有收付"
        if not matches_any(text, status.counted):
            hint = (
                f"不认识的状态“{shorten(text)}”，不能判断钱有没有动；"
                f"请让管理员在格式描述 {self.form.id} 里写明"
            )
            raise _FieldError(column, hint)
        return ""

    def _rule(self, cells: dict[str, str], *, skipping: bool) -> tuple[str, str] | None:
        for rule in self.form.rules:
            if (rule.then == "skip") != skipping:
                continue
            if all(matches_any(cells[column_name(name)], globs) for name, globs in rule.when.items()):
                return rule.then, rule.reason
        return None

    def _from_columns(self, cells: dict[str, str], result: RowResult) -> int:
        money_in, money_out = self._fen(cells, self._in), self._fen(cells, self._out)
        if money_in is None and money_out is None:
            raise _FieldError(self._in, f"“{self._in}”和“{self._out}”都是空的，请重新下载原始文件")
        if money_in and money_out:
            raise _FieldError(self._in, f"“{self._in}”和“{self._out}”都有金额，分不清是收是付")
        for name, value in ((self._in, money_in), (self._out, money_out)):
            if value and value < 0 and not self.form.sign.negative:
                raise _FieldError(name, "金额是负数，这种流水不应有负数")
        result.gross_in, result.gross_out = money_in or 0, money_out or 0
        return result.gross_in - result.gross_out

    def _from_direction(self, cells: dict[str, str], amount: int) -> int:
        if amount < 0:
            raise _FieldError(self._amount, "金额是负数，这种流水用收支一栏表示方向，不应有负数")
        if rule := self._rule(cells, skipping=False):
            return amount if rule[0] == "in" else -amount
        word, sign = cells[self._direction], self.form.sign
        if word in sign.in_:
            return amount
        if word in sign.out:
            return -amount
        kinds = sorted({name for rule in self.form.rules for name in rule.when} - {self._direction})
        told = "，".join(f"{name}“{shorten(cells[column_name(name)])}”" for name in kinds)
        hint = f"“{word or '空'}”不能判断是收是付（{told}）；请让管理员在格式描述 {self.form.id} 里写明"
        raise _FieldError(self._direction, hint)

    def _line(
        self, row: Row, cells: dict[str, str], moment: datetime | None, amount: int | None, result: RowResult
    ) -> BankLine | None:
        columns = self.form.columns
        result.account = self._text(cells, columns.account, number=True)
        name = self._text(cells, columns.counterparty_name)
        account = self._text(cells, columns.counterparty_account, number=True)
        if self._pattern and (found := self._pattern.fullmatch(name)):
            name, account = found["name"] or "", found["account"] or account
        memo = "；".join(dict.fromkeys(cells[part] for part in self._memo if cells[part]))
        flow_no = self._text(cells, columns.flow_no, number=True)
        for text in (name, memo):
            if len(text) > _MAX_TEXT:
                raise _FieldError("", f"文字超过 {_MAX_TEXT} 字，不像流水，请重新下载原始文件")
        if moment is None or amount is None:
            return None
        return BankLine(
            row.number, moment, amount, self._read_balance(row, cells, result), name, account, memo, flow_no
        )

    def _text(self, cells: dict[str, str], candidates: Sequence[str], *, number: bool = False) -> str:
        for column in map(column_name, candidates):
            text = cells.get(column, "")
            if not text:
                continue
            if not number:
                return text
            if wrapped := _FORMULA_TEXT.fullmatch(text):
                text = wrapped[1]
            text = text.lstrip("'")
            if _SCIENTIFIC.fullmatch(text):
                hint = "号码被表格软件改成了科学计数法，尾数已丢失；请重新下载原始文件，不要打开另存"
                raise _FieldError(column, hint)
            return text
        return ""

    def _read_balance(self, row: Row, cells: dict[str, str], result: RowResult) -> int | None:
        if not self._balance:
            return None
        text = cells[self._balance]
        try:
            return parse_fen(text)
        except ValueError:
            message = (
                f"余额“{shorten(text)}”被遮盖或不是金额，无法校验余额" if text else "余额是空的，无法校验余额"
            )
            result.balance_problems.append(Problem(row.number, self._balance, message))
            return None

    def _add(self, line: BankLine, cells: dict[str, str], result: RowResult) -> None:
        result.lines.append(line)
        fee = self.form.fee
        if not fee:
            return
        column = column_name(fee.column)
        try:
            charged = self._fen(cells, column, zeros_to=fee.decimals) or 0
        except _FieldError as error:
            result.problems.append(Problem(line.row, error.column, error.message))
            return
        result.fee = charged
        if charged:
            flow = f"{line.flow_no}-{fee.memo}" if line.flow_no else ""
            memo = f"{fee.memo}；{line.memo}" if line.memo else fee.memo
            result.lines.append(
                BankLine(line.row, line.occurred_at, -charged, None, fee.payee, "", memo, flow)
            )
