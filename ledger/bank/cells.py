"""Opening a workbook with the native reader and turning its cells into text.

Runs in the caller's process for XLSX, which was looked over beforehand, and as a script in a process of its own for
the old binary XLS: a damaged XLS can make the native reader ask for so much memory that its process is ended, which
must never be the process that serves residents. As a script it imports nothing of this project, reads the file from
standard input, and writes JSON: ``{"sheets": [[name, rows], ...]}`` or ``{"error": "damaged" | "big"}``.
"""

import io
import json
import sys
from datetime import date, datetime, time, timedelta
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

MAX_ROWS = 200_000
MAX_COLUMNS = 200
MAX_SHEETS = 10
_MAX_MEMORY = 2 * 1024**3
_MAX_SECONDS = 60


class WorkbookError(ValueError):
    """The workbook cannot be used; the argument is ``damaged`` or ``big``."""


def workbook_rows(data: bytes) -> list[tuple[str, list[list[str]]]]:
    """Return name and rows of text of every sheet. Raises :class:`WorkbookError`."""
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            if len(book.sheet_names) > MAX_SHEETS:
                raise WorkbookError("big")
            return [(name, _rows(book, name)) for name in book.sheet_names]
    except CalamineError as error:
        raise WorkbookError("damaged") from error
    except BaseException as error:
        # A damaged file can make the native reader panic, which Python sees as a BaseException of its own.
        if type(error).__name__ == "PanicException":
            raise WorkbookError("damaged") from error
        raise


def _rows(book: CalamineWorkbook, name: str) -> list[list[str]]:
    sheet = book.get_sheet_by_name(name)
    if sheet.total_height > MAX_ROWS or sheet.total_width > MAX_COLUMNS:
        raise WorkbookError("big")
    return [[_text(cell) for cell in cells] for cells in sheet.to_python(skip_empty_area=False)]


def _text(cell: Any) -> str:
    """Write a typed cell as the statement would have. Numbers keep Excel's own 15 significant digits."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, float):
        # Not arithmetic on money: this undoes the binary form of the file, as Excel does to display it.
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else format(cell, ".15g")
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, timedelta):
        seconds = int(cell.total_seconds())
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    if isinstance(cell, time):
        return cell.strftime("%H:%M:%S")
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _limit_resources() -> None:
    try:
        import resource
    except ImportError:  # not on every system; the separate process is then the only fence
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY, _MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_MAX_SECONDS, _MAX_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _main() -> None:
    _limit_resources()
    answer: dict[str, object]
    try:
        answer = {"sheets": workbook_rows(sys.stdin.buffer.read())}
    except WorkbookError as error:
        answer = {"error": str(error)}
    sys.stdout.buffer.write(json.dumps(answer).encode())


if __name__ == "__main__":
    _main()
