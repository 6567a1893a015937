"""One row of text -> one line of the statement, by the words of a format description."""

import re
from collections.abc import Sequence
from datetime import datetime
from fnmatch import translate

from ledger.bank.amounts import parse_fen, parse_time_by, shorten
from ledger.bank.describe import Format, column_name, matches_any
from ledger.bank.row_result import FieldError, RowResult
from ledger.bank.statement import BankLine, Problem
from ledger.bank.table import Row
from ledger.bank.texts import MAX_TEXT, UNSEEN, plain_number

_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d", re.ASCII)
_MIDNIGHT = " 00:00:00"


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
        self._memo = self._present(columns.memo)
        self._name = self._present(columns.counterparty_name)
        self._number = self._present(columns.counterparty_account)
        self._flow_no = self._present(columns.flow_no)
        self._account = self._present(columns.account)
        self._currency = self._present(columns.currency)
        zero = frozenset(map(column_name, columns.zero_is_empty))
        self._places = [(name, at, name in zero) for name, at in self._index.items()]
        self._blank = re.compile("|".join(map(translate, form.blank))).match if form.blank else None
        self._times = form.times
        self._days: dict[str, datetime] = {}
        self._pattern = re.compile(form.counterparty_pattern) if form.counterparty_pattern else None

    def is_dated(self, row: Row) -> bool:
        """Tell whether the row has a readable date where lines have theirs.

        It is then a line, never a footer.
        """
        try:
            self._moment(self._cells(row))
        except FieldError:
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
        except FieldError as error:
            result.problems.append(Problem(row.number, error.column, error.message))
        try:
            self._check_currency(cells)
            amount = self._signed_amount(row, cells, result)
        except FieldError as error:
            result.problems.append(Problem(row.number, error.column, error.message))
        try:
            line = self._line(row, cells, moment, amount, result)
        except FieldError as error:
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

    def _present(self, candidates: Sequence[str]) -> tuple[str, ...]:
        return tuple(name for name in map(column_name, candidates) if name in self._index)

    def _cells(self, row: Row) -> dict[str, str]:
        found, cells, prefix, blank = {}, row.cells, self.form.cell_prefix, self._blank
        for name, number, zero_is_empty in self._places:
            text = cells[number] if number < len(cells) else ""
            if not text.isprintable():
                text = UNSEEN.sub(" ", text)
            text = text.strip()
            if prefix:
                text = text.removeprefix(prefix).strip()
            if (zero_is_empty and text == "0") or (blank is not None and text and blank(text)):
                text = ""
            found[name] = text
        return found

    def _moment(self, cells: dict[str, str]) -> datetime:
        text, clock = cells[self._date], cells.get(self._time, "")
        if clock:
            # A spreadsheet gives a date cell a midnight of its own.
            text = f"{text.removesuffix(_MIDNIGHT)} {clock}"
        if (found := self._on_a_known_day(text)) is not None:
            return found
        try:
            moment, fits = parse_time_by(text, self._times)
        except ValueError as error:
            raise FieldError(self._date, str(error)) from error
        if fits.endswith(" %H:%M:%S"):
            self._days[text.rpartition(" ")[0]] = moment
        if fits != self._times[0]:
            # A file keeps to one way of writing times: try that one first in the next row.
            self._times = (fits, *(form for form in self._times if form != fits))
        return moment

    def _on_a_known_day(self, text: str) -> datetime | None:
        """The moment if its day was read before: reading the day is most of the work, and days repeat."""
        day, _, clock = text.rpartition(" ")
        known = self._days.get(day)
        if known is None or not _CLOCK.fullmatch(clock):
            return None
        return known.replace(hour=int(clock[:2]), minute=int(clock[3:5]), second=int(clock[6:]))

    def _check_currency(self, cells: dict[str, str]) -> None:
        for name in self._currency:
            if (text := cells[name]) and text not in self.form.currencies:
                raise FieldError(name, f"币种是“{shorten(text)}”，只能导入人民币流水，请分账户下载")

    def _fen(self, cells: dict[str, str], name: str, *, zeros_to: int = 2) -> int | None:
        if not cells[name]:
            return None
        try:
            return parse_fen(cells[name], zeros_to=zeros_to)
        except ValueError as error:
            raise FieldError(name, str(error)) from error

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
                raise FieldError(name, "没有金额，请重新下载原始文件")
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
            raise FieldError(column, hint)
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
            raise FieldError(self._in, f"“{self._in}”和“{self._out}”都是空的，请重新下载原始文件")
        if money_in and money_out:
            raise FieldError(self._in, f"“{self._in}”和“{self._out}”都有金额，分不清是收是付")
        for name, value in ((self._in, money_in), (self._out, money_out)):
            if value and value < 0 and not self.form.sign.negative:
                raise FieldError(name, "金额是负数，这种流水不应有负数")
        result.gross_in, result.gross_out = money_in or 0, money_out or 0
        return result.gross_in - result.gross_out

    def _from_direction(self, cells: dict[str, str], amount: int) -> int:
        if amount < 0 and not self.form.sign.negative:
            raise FieldError(self._amount, "金额是负数，这种流水用收支一栏表示方向，不应有负数")
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
        raise FieldError(self._direction, hint)

    def _line(
        self, row: Row, cells: dict[str, str], moment: datetime | None, amount: int | None, result: RowResult
    ) -> BankLine | None:
        result.account = self._text(cells, self._account, number=True)
        name = self._text(cells, self._name)
        account = self._text(cells, self._number, number=True)
        if self._pattern and (found := self._pattern.fullmatch(name)):
            name, account = found["name"] or "", found["account"] or account
        memo = "；".join(dict.fromkeys(cells[part] for part in self._memo if cells[part]))
        flow_no = self._text(cells, self._flow_no, number=True)
        for text in (name, memo):
            if len(text) > MAX_TEXT:
                raise FieldError("", f"文字超过 {MAX_TEXT} 字，不像流水，请重新下载原始文件")
        if moment is None or amount is None:
            return None
        return BankLine(
            row.number, moment, amount, self._read_balance(row, cells, result), name, account, memo, flow_no
        )

    def _text(self, cells: dict[str, str], columns: Sequence[str], *, number: bool = False) -> str:
        for column in columns:
            text = cells[column]
            if not text:
                continue
            if not number:
                return text
            try:
                return plain_number(text)
            except ValueError as error:
                raise FieldError(column, str(error)) from error
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
        except FieldError as error:
            result.problems.append(Problem(line.row, error.column, error.message))
            return
        result.fee = charged
        if charged:
            flow = f"{line.flow_no}-{fee.memo}" if line.flow_no else ""
            memo = f"{fee.memo}；{line.memo}" if line.memo else fee.memo
            result.lines.append(
                BankLine(line.row, line.occurred_at, -charged, None, fee.payee, "", memo, flow)
            )
