"""Bytes of an unknown file -> rows of text.

Bounded before anything is unpacked; content, not the name, decides.
"""

import codecs
import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import PurePath

from ledger.bank.cells import MAX_COLUMNS, MAX_ROWS
from ledger.bank.statement import Problem, StatementError

MAX_BYTES = 20 * 1024 * 1024

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
# Banks hand out text tables and new-style workbooks under the old .xls name, so that name promises nothing.
_ALLOWED = {
    ".csv": ("text",),
    ".txt": ("text",),
    ".xls": ("xls", "xlsx", "text"),
    ".xlsx": ("xlsx",),
}
_KIND_NAMES = {"text": "文本表格", "xls": "旧版 Excel 工作簿", "xlsx": "Excel 工作簿"}
_MAX_LINE = 100_000
_PIECE = 1 << 16
_END = "\x1fend"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table; ``number`` counts from 1 the way the file's reader does (for CSV.

    The physical line).
    """

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of a file; a CSV file is one sheet without a name.

    ``all_rows`` gives the rows from the first, each time anew: those of a long file are never all in memory.
    """

    name: str
    all_rows: Callable[[], Iterable[Row]]

    def head(self, count: int) -> tuple[Row, ...]:
        """The first rows. Raises :class:`StatementError` if they cannot be read."""
        return tuple(islice(self.all_rows(), count))

    def after(self, position: int) -> Iterator[Row]:
        """The rows after the one at ``position`` (from 0)."""
        return islice(self.all_rows(), position + 1, None)

    def check(self) -> None:
        """Go over all rows. Raises :class:`StatementError` for the first that cannot be read."""
        for _ in self.all_rows():
            pass


def read_table(data: bytes, filename: str) -> list[Sheet]:
    """Return the sheets of a CSV, TXT, XLS or XLSX file as text.

    The rows of a text file are read when they are asked for, and may raise then. Raises :class:`StatementError` when the file is too large, of another kind than its name says, damaged,
    packed beyond reason, or text in no known encoding.
    """
    refuse_size(data)
    kind = _kind(data)
    suffix = PurePath(filename).suffix.lower()
    if suffix not in _ALLOWED:
        raise refusal(f"不认识“{suffix or '没有扩展名'}”的文件，请上传 .csv、.txt、.xls、.xlsx 或 .xml 流水")
    if kind not in _ALLOWED[suffix]:
        raise refusal(f"文件名是 {suffix}，内容却是{_KIND_NAMES[kind]}，请重新下载原始文件")
    if kind == "text":
        encoding = encoding_of(data)
        return [Sheet("", lambda: _csv_rows(data, encoding))]
    from ledger.bank.workbook import workbook_sheets

    return workbook_sheets(data, kind)


def refuse_size(data: bytes) -> None:
    """Raise :class:`StatementError` for nothing at all, or for more than a statement can be."""
    if not data:
        raise refusal("文件是空的，请重新下载")
    if len(data) > MAX_BYTES:
        raise refusal(f"文件超过 {MAX_BYTES // 1024 // 1024} MB，请按月份分开下载")


def refusal(message: str, *, row: int = 0, field: str = "") -> StatementError:
    """Return the error that refuses a file for one reason."""
    return StatementError([Problem(row, field, message)])


def _kind(data: bytes) -> str:
    if data.startswith(_OLE):
        return "xls"
    if data.startswith(_ZIP):
        return "xlsx"
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(b"<?xml"):
        raise refusal("内容是 XML，却不是 camt.053 对账单；请在网银里选择下载 camt.053、CSV 或 Excel")
    if head.startswith((b"<!doctype", b"<html", b"<table")):
        raise refusal("内容是网页，不是流水表格；请在网银里选择下载 CSV 或 Excel")
    if head.startswith(b"%pdf"):
        raise refusal("内容是 PDF；请在网银里选择下载 CSV 或 Excel")
    if b"\x00" in data and not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise refusal("内容不是文本表格，也不是 Excel 工作簿，请重新下载原始文件")
    return "text"


def encoding_of(data: bytes) -> str:
    """Return the encoding of a text: UTF-8, UTF-16 with a mark, or GB18030 (which covers GBK and GB2312).

    Raises :class:`StatementError` when it is none of them or is cut off in the middle of a character.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _checked(data, "utf-16")
    try:
        _read_through(data, "utf-8-sig")
    except UnicodeDecodeError as error:
        # Valid Chinese UTF-8 up to the last few bytes is a file cut short, not another encoding.
        if error.reason == "unexpected end of data" and not data[: error.start].isascii():
            raise refusal("文件在一个汉字中间断了，是不完整的，请重新下载") from error
        return _checked(data, "gb18030")
    return "utf-8-sig"


def _checked(data: bytes, encoding: str) -> str:
    try:
        binary = _read_through(data, encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise refusal("文字编码不是 UTF-8 也不是 GB18030，请重新下载原始文件", row=line) from error
    if binary:
        raise refusal("内容里有二进制数据，不是流水表格，请重新下载原始文件")
    return encoding


def _read_through(data: bytes, encoding: str) -> bool:
    """Decode piece by piece and tell whether there is a zero in the text.

    Raises ``UnicodeDecodeError`` with its place in ``data``.
    """
    decoder, binary = codecs.getincrementaldecoder(encoding)(), False
    try:
        for start in range(0, len(data), _PIECE):
            binary |= "\x00" in decoder.decode(data[start : start + _PIECE], start + _PIECE >= len(data))
    except UnicodeDecodeError:
        data.decode(encoding)  # a piece does not know where in the whole it stands
        raise
    return binary


def _csv_rows(data: bytes, encoding: str) -> Iterator[Row]:
    head = _lines(data, encoding).read(20_000).splitlines()[:60]
    delimiter = max(",\t", key=lambda mark: max((line.count(mark) for line in head), default=0))
    # A quote that is never closed swallows the rest of the file silently; the end mark is then swallowed too.
    source = chain(_lines(data, encoding), [_END])
    reader = csv.reader(_bounded_lines(source), delimiter=delimiter)
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except (csv.Error, StopIteration) as error:
            raise refusal("从这一行起引号没有配对，请重新下载原始文件", row=number) from error
        if cells == [_END]:
            return
        if number > MAX_ROWS:
            raise refusal(f"超过 {MAX_ROWS} 行，请按月份分开下载")
        if len(cells) > MAX_COLUMNS:
            raise refusal(f"这一行超过 {MAX_COLUMNS} 列，不像流水", row=number)
        if any(_END in cell for cell in cells):
            raise refusal("从这一行起引号没有配对，文件不完整，请重新下载原始文件", row=number)
        yield Row(number, tuple(cells))


def _lines(data: bytes, encoding: str) -> io.TextIOWrapper:
    # decoded as it is read: the whole text at once would take several times the file's size
    return io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline="")


def _bounded_lines(source: Iterable[str]) -> Iterator[str]:
    # A line of nothing but commas would otherwise become millions of cells before they can be counted.
    for number, line in enumerate(source, 1):
        if len(line) > _MAX_LINE:
            raise refusal("这一行太长，不像流水，请重新下载原始文件", row=number)
        yield line
