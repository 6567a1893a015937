"""What a statement file becomes, the errors it may cause, and the key that stops double import."""

import hashlib
import json
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class BankLine:
    """One movement of money on one account.

    ``row`` is the row of the file the line was read from, counted from 1. ``occurred_at`` is naive Beijing
    time; a format that gives only a date yields 00:00. ``amount`` is in fen from the account holder's view:
    in +, out -. ``balance`` is the balance after the line in fen, ``None`` where the file does not tell it.
    Texts are as the file has them, trimmed and without control characters, and are NOT safe to put in HTML
    or a spreadsheet unescaped.
    """

    row: int
    occurred_at: datetime
    amount: int
    balance: int | None
    counterparty_name: str
    counterparty_account: str
    memo: str
    flow_no: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and where. ``row`` 0 means the file as a whole; ``field`` is a column name or empty."""

    row: int
    field: str
    message: str

    def __str__(self) -> str:
        where = f"第 {self.row} 行" if self.row else "整个文件"
        field = f"“{self.field}”" if self.field else ""
        return f"{where}{field}：{self.message}"


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that was read whole.

    ``lines`` run from oldest to newest as far as the file tells. ``opening`` and ``closing`` (fen) are the
    balances before the first and after the last line, known only when the balance chain held.
    ``balance_verified`` is true only then. ``account_no`` is the holder's own account if the file tells it,
    else empty; it may be masked. ``skipped`` are rows that moved no money, each with its reason. ``waived``
    are failed checks the operator chose to import past; they should stay with the import for good.
    """

    format_id: str
    lines: Sequence[BankLine]
    opening: int | None
    closing: int | None
    balance_verified: bool
    account_no: str
    skipped: tuple[Problem, ...] = ()
    waived: tuple[Problem, ...] = ()


class StatementError(ValueError):
    """The file was refused whole; not one line may be used.

    ``problems`` lists everything found. ``waivable`` is true when every row was read and only the file's
    own sums failed, so that reading again with ``accept_unverified_balance=True`` would succeed. ``str()``
    is plain Chinese for the person who chose the file; it shows the first twenty problems.
    """

    def __init__(self, problems: Sequence[Problem], *, filename: str = "", waivable: bool = False) -> None:
        self.problems: list[Problem] = list(problems)
        self.filename = filename
        self.waivable = waivable
        super().__init__(str(self))

    def __str__(self) -> str:
        name = f"“{self.filename}”" if self.filename else "这份流水"
        text = [f"{name}没有导入，一行都没有入账。共 {len(self.problems)} 处问题："]
        text += [str(problem) for problem in self.problems[:_SHOWN]]
        if len(self.problems) > _SHOWN:
            text.append(f"其余 {len(self.problems) - _SHOWN} 处从略。")
        if self.waivable:
            text.append(
                "请先重新下载完整的原始文件；确认文件无误时，可以选择“不校验余额”再导入，这批流水会一直带着“余额未校验”标记。"
            )
        return "\n".join(text)


class UnknownHeaderError(StatementError):
    """No row near the beginning is a header of a known format: a person may map the columns."""


def line_key(line: BankLine, ordinal: int = 0) -> str:
    """Return the key by which a line is known when the same file, or an overlapping one, is imported again.

    With a flow number: ``flow:<number>:<signed fen>``. The amount is part of it because banks give a
    transfer and its fee one number. Without: ``sha256:<hex>`` over the JSON array of time, amount, balance,
    counterparty name, counterparty account and memo; JSON keeps the parts apart unambiguously.

    ``ordinal`` counts, from 0, the earlier lines of the same file with the same key, so that two truly
    equal lines stay two lines; see :func:`line_keys`. The key is unique within one account only: store it
    together with the account. Pure; raises nothing.
    """
    if line.flow_no:
        key = f"flow:{line.flow_no}:{line.amount}"
        return key if ordinal == 0 else f"{key}#{ordinal + 1}"
    parts = [
        line.occurred_at.isoformat(),
        line.amount,
        line.balance,
        line.counterparty_name,
        line.counterparty_account,
        line.memo,
        ordinal,
    ]
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def keyed_lines(lines: Sequence[BankLine]) -> Iterator[tuple[str, BankLine]]:
    """Give every line of ONE file with its key, with ordinals counted among equal lines of that file.

    Equal lines are alike in all the key covers, so which of them gets which ordinal does not matter, and a
    later file covering the same time gives the same keys. A file that ends between two such equal lines
    gives one key less, which the next file then supplies.
    """
    # Only the keys that occur again are counted: to hold them all takes more than the lines themselves.
    hashes = array("q", (hash(line_key(line)) for line in lines))
    again = frozenset(one for one, next_one in pairwise(sorted(hashes)) if one == next_one)
    seen: Counter[str] = Counter()
    for line in lines:
        key = line_key(line)
        if hash(key) in again:
            seen[key] += 1
            key = line_key(line, seen[key] - 1)
        yield key, line


def line_keys(lines: Sequence[BankLine]) -> list[str]:
    """Return the keys alone; see :func:`keyed_lines`."""
    return [key for key, _ in keyed_lines(lines)]
