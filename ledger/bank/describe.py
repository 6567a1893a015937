"""Declarative descriptions of statement formats: what a TOML file may say, and loading it.

Column names are compared without spaces and with full-width brackets made half-width, so a description may
write them either way. Patterns are shell globs (``*``, ``?``); an empty pattern matches an empty cell.
"""

import functools
import re
import unicodedata
from collections.abc import Iterable
from fnmatch import fnmatchcase
from importlib import resources
from typing import Literal

import msgspec


class DescriptionError(ValueError):
    """A format description is wrong; the message says which file, which key and how to mend it."""


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"in_": "in"}):
    """Common ground of all parts: immutable, misspelt keys refused, ``in`` spelt ``in_`` in Python."""


class Columns(_Part, frozen=True):
    """Which columns play which role; alternatives in order of preference.

    ``date``, ``time``, ``amount``, ``out``, ``in_``, ``direction`` and ``balance`` use the first one the
    header has; names, accounts and ``flow_no`` use the first one that is not empty in the row; ``memo``
    joins them all. In ``zero_is_empty`` columns a lone 0 stands for an empty cell.
    """

    date: tuple[str, ...]
    time: tuple[str, ...] = ()
    amount: tuple[str, ...] = ()
    out: tuple[str, ...] = ()
    in_: tuple[str, ...] = ()
    direction: tuple[str, ...] = ()
    balance: tuple[str, ...] = ()
    counterparty_name: tuple[str, ...] = ()
    counterparty_account: tuple[str, ...] = ()
    memo: tuple[str, ...] = ()
    flow_no: tuple[str, ...] = ()
    account: tuple[str, ...] = ()
    currency: tuple[str, ...] = ()
    zero_is_empty: tuple[str, ...] = ()


class Sign(_Part, frozen=True):
    """How the file tells money in from money out.

    ``signed``: one signed amount. ``columns``: one column each. ``direction``: an amount without sign and a
    column of words. ``negative`` allows a minus in ``columns``, by which banks write a reversal in red.
    """

    how: Literal["signed", "columns", "direction"]
    in_: tuple[str, ...] = ()
    out: tuple[str, ...] = ()
    negative: bool = False


class Status(_Part, frozen=True):
    """The column of transaction states.

    Patterns that moved money, patterns that did not; any other is refused.
    """

    column: str
    counted: tuple[str, ...]
    skipped: tuple[str, ...] = ()


class Rule(_Part, frozen=True):
    """When all named columns match one of their patterns.

    Count as in or out, or skip. The first match wins.
    """

    when: dict[str, tuple[str, ...]]
    then: Literal["in", "out", "skip"]
    reason: str = ""


class Fee(_Part, frozen=True):
    """A column with the channel's fee, charged on top of the row's amount; it becomes a line of its own."""

    column: str
    payee: str
    memo: str
    decimals: int = 2


class Totals(_Part, frozen=True):
    """The sums a file states about itself.

    ``lead``: ``marker`` is a regular expression on the rows above the header, group 1 is the number of
    rows. ``row``: the footer row whose first cell matches the glob ``marker``; ``in_``, ``out`` are header
    columns. ``table``: the footer row whose first cell matches is a header of its own; the values follow in
    the next row.
    """

    place: Literal["lead", "row", "table"]
    marker: str
    count: str = ""
    in_: str = ""
    out: str = ""
    fee: str = ""


class Export(_Part, frozen=True):
    """How the source writes the file, for making demonstration files.

    ``date`` and ``time`` are for strftime. ``lead``, ``fixed``, ``fixed_out`` (rows of money out) and
    ``totals_fixed`` are templates; see the writer for the names they may use. ``zero`` is what an unused
    amount column holds. ``lead_width`` is the number of cells of a lead row.
    """

    header: tuple[str, ...]
    encoding: Literal["utf-8", "utf-8-sig", "gb18030"] = "utf-8"
    lead: tuple[str, ...] = ()
    lead_width: int = 1
    trailing_comma: bool = False
    tab_after: tuple[str, ...] = ()
    date: str = "%Y-%m-%d %H:%M:%S"
    time: str = ""
    money_prefix: str = ""
    zero: str = ""
    fixed: dict[str, str] = msgspec.field(default_factory=dict)
    fixed_out: dict[str, str] = msgspec.field(default_factory=dict)
    totals_header: tuple[str, ...] = ()
    totals_fixed: dict[str, str] = msgspec.field(default_factory=dict)


class Format(_Part, frozen=True):
    """One format of one source.

    ``recognise`` are the columns a header must have to be this format (``a|b``: one of the two); of several
    formats that fit, the one with most columns wins. ``order`` says which end of the file is newest when times do not tell. ``blank`` are patterns of
    cells that mean empty, ``cell_prefix`` a mark before every cell, ``footer`` patterns of the first cell
    after the last line.
    """

    id: str
    name: str
    kind: Literal["bank", "channel"]
    recognise: tuple[str, ...]
    columns: Columns
    sign: Sign
    times: tuple[str, ...]
    order: Literal["oldest-first", "newest-first"] = "oldest-first"
    blank: tuple[str, ...] = ()
    cell_prefix: str = ""
    currencies: tuple[str, ...] = ("人民币", "人民币元", "CNY", "RMB")
    footer: tuple[str, ...] = ()
    counterparty_pattern: str = ""
    account_lead: str = ""
    status: Status | None = None
    rules: tuple[Rule, ...] = ()
    fee: Fee | None = None
    totals: Totals | None = None
    export: Export | None = None

    def matches(self, header: Iterable[str]) -> bool:
        """Tell whether a row (already normalised by :func:`column_name`) is this format's header."""
        present = set(header)
        return all(any(column_name(name) in present for name in names.split("|")) for names in self.recognise)


def column_name(text: str) -> str:
    """Reduce a column heading to what is compared: no spaces, no backtick, half-width forms."""
    return "".join(unicodedata.normalize("NFKC", text).replace("`", "").replace("\ufeff", "").split())


def matches_any(text: str, patterns: Iterable[str]) -> bool:
    """Tell whether ``text`` matches one of the glob ``patterns``; case matters."""
    return any(fnmatchcase(text, pattern) for pattern in patterns)


def parse_description(text: str, source: str) -> Format:
    """Read one TOML description. Raises :class:`DescriptionError` naming ``source`` and what is wrong."""
    try:
        found = msgspec.toml.decode(text, type=Format)
    except (msgspec.MsgspecError, ValueError) as error:
        raise DescriptionError(f"流水格式描述 {source} 读不懂：{error}。请对照其他描述文件改正") from error
    return checked(found, source)


def checked(found: Format, source: str) -> Format:
    """Return the description if it holds together. Raises :class:`DescriptionError`."""
    for complaint in _complaints(found):
        raise DescriptionError(f"流水格式描述 {source} 有误：{complaint}")
    return found


def _complaints(found: Format) -> Iterable[str]:
    needed = {"signed": ("amount",), "columns": ("out", "in_"), "direction": ("amount", "direction")}
    for role in needed[found.sign.how]:
        if not getattr(found.columns, role):
            yield f"sign.how = {found.sign.how} 时，columns.{role.strip('_')} 不能空"
    if found.sign.how == "direction" and not (found.sign.in_ and found.sign.out):
        yield "sign.how = direction 时，要写 sign.in 和 sign.out 的用词"
    if not (found.recognise and found.columns.date and found.times):
        yield "recognise、columns.date、times 都不能空"
    # What decides whether money moved must be there in every file, or the decision would silently change.
    sure = {column_name(name) for name in found.recognise if "|" not in name}
    deciding = [name for rule in found.rules for name in rule.when]
    deciding += [found.status.column] if found.status else []
    deciding += [found.fee.column] if found.fee else []
    for name in deciding:
        if column_name(name) not in sure:
            yield f"列“{name}”用来判断收付，必须写进 recognise"
    if found.fee and found.columns.balance:
        yield "fee 只用于没有余额列的渠道账单"
    for pattern in (found.counterparty_pattern, found.account_lead):
        try:
            re.compile(pattern)
        except re.error as error:
            yield f"正则表达式 {pattern} 写错了：{error}"


@functools.cache
def builtin_formats() -> tuple[Format, ...]:
    """Return every description that ships with the program, by file name.

    Raises :class:`DescriptionError`.
    """
    folder = resources.files("ledger.bank") / "formats"
    files = sorted(
        (entry for entry in folder.iterdir() if entry.name.endswith(".toml")), key=lambda f: f.name
    )
    formats = tuple(parse_description(entry.read_text("utf-8"), entry.name) for entry in files)
    for entry, found in zip(files, formats, strict=True):
        if entry.name != f"{found.id}.toml":
            raise DescriptionError(f"流水格式描述 {entry.name} 有误：id 应与文件名一致，写的是 {found.id}")
    return formats
