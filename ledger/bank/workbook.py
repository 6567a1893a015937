"""Excel workbooks -> rows of text, with the guards a file from outside needs.

An XLSX is a ZIP of XML. Two kinds of bomb are defused before the workbook reader sees anything: members
that unpack to far more than they weigh, and a single cell at the far corner of a sheet, for which a reader
allocates the whole rectangle. The reader is then given a fresh archive made only of members that were
checked, so that what was checked is what is read.

An XLS is binary and cannot be looked over beforehand; it is opened in a process of its own, with little memory.
"""

import io
import json
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from xml.parsers import expat

from ledger.bank import cells
from ledger.bank.cells import MAX_COLUMNS, MAX_ROWS, WorkbookError, workbook_rows
from ledger.bank.statement import StatementError
from ledger.bank.table import Row, Sheet, refusal

MAX_UNPACKED = 200 * 1024 * 1024
_MAX_MEMBERS = 500
_MAX_SECONDS = 90
# ValueError: numbers and texts in an archive's or a sheet's structure that are none.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    expat.ExpatError,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
)
_DAMAGED = "Excel 文件损坏或加了密码，请重新下载，或去掉密码后另存为 .xlsx"
_TOO_BIG = f"表格范围超过 {MAX_ROWS} 行或 {MAX_COLUMNS} 列，或工作表过多，不像流水，请重新下载原始文件"


def workbook_sheets(data: bytes, kind: str) -> list[Sheet]:
    """Return the sheets of an XLS or XLSX file as text. Raises ``StatementError`` when damaged or oversized."""
    try:
        found = workbook_rows(_checked_archive(data)) if kind == "xlsx" else _rows_apart(data)
    except WorkbookError as error:
        raise _refusal(str(error)) from error
    return [Sheet(name, partial(_rows, rows)) for name, rows in found]


def _rows(rows: Sequence[Sequence[str]]) -> Iterator[Row]:
    return (Row(number, tuple(row)) for number, row in enumerate(rows, 1))


def _refusal(reason: str) -> StatementError:
    return refusal(_TOO_BIG if reason == "big" else _DAMAGED)


def _rows_apart(data: bytes) -> list[tuple[str, list[list[str]]]]:
    """Read an XLS in a process of its own, which a damaged file may end without harm."""
    command = [sys.executable, "-I", str(Path(cells.__file__))]
    try:
        # Our own script, no shell, no argument from outside.
        done = subprocess.run(command, input=data, capture_output=True, timeout=_MAX_SECONDS, check=False)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise WorkbookError("damaged") from error
    if done.returncode != 0:
        raise WorkbookError("damaged")
    answer = json.loads(done.stdout)
    if "error" in answer:
        raise WorkbookError(answer["error"])
    return [(str(name), [[str(cell) for cell in row] for row in rows]) for name, rows in answer["sheets"]]


def _checked_archive(data: bytes) -> bytes:
    """Return a new archive of only the workbook's XML members, each in bounds and looked over."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if "xl/workbook.xml" not in archive.namelist():
                raise refusal("这是压缩包，不是 .xlsx 流水；如果是微信或支付宝的压缩包，请先解压")
            if len(members) > _MAX_MEMBERS or sum(m.file_size for m in members) > MAX_UNPACKED:
                raise refusal("Excel 文件解开后大得不合情理，已拒收，请重新下载原始文件")
            fresh = io.BytesIO()
            with zipfile.ZipFile(fresh, "w", zipfile.ZIP_STORED) as out:
                for member in members:
                    if _is_needed(member.filename):
                        # Reads no more than the declared size, bounded above; a lie fails the checksum.
                        out.writestr(member.filename, _looked_over(archive.read(member)))
            return fresh.getvalue()
    except StatementError:
        raise
    except _DAMAGE as error:
        raise refusal(_DAMAGED) from error


def _is_needed(name: str) -> bool:
    return name.startswith(("xl/", "_rels/", "[Content_Types]")) and name.endswith((".xml", ".rels"))


def _looked_over(xml: bytes) -> bytes:
    """Return ``xml`` unchanged if no cell lies outside the bounds and it declares no entities."""
    # The workbook reader takes everything for UTF-8; a declared encoding must not show this check another text.
    parser = expat.ParserCreate("utf-8")
    rows = 0

    def element(tag: str, attributes: dict[str, str]) -> None:
        nonlocal rows
        local = tag.rpartition(":")[2]
        if local == "row":
            rows = int(attributes.get("r", rows + 1))
            _require(0 < rows <= MAX_ROWS)
        elif local == "c" and (place := attributes.get("r")):
            letters = place.rstrip("0123456789")
            _require(len(letters) <= 2 and letters.isalpha() and int(place[len(letters) :]) <= MAX_ROWS)

    def doctype(*_: object) -> None:
        raise refusal(_DAMAGED)

    parser.StartElementHandler = element
    parser.StartDoctypeDeclHandler = doctype
    parser.Parse(xml, True)
    return xml


def _require(within: bool) -> None:
    if not within:
        raise refusal(_TOO_BIG)
