"""The tables as files: one XML with all of them, a CSV each, and a note; in a folder or as one ZIP, streamed."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from pathlib import Path

from ledger.export.audit.scope import Scope
from ledger.export.audit.tables import CAVEAT, Row, Table, tables
from ledger.export.csv_table import safe_cell
from ledger.export.xml_chars import escaped

_ROOT = "会计核算数据"
_ROWS_A_CHUNK = 500
_LARGE = 300_000
"""Vouchers from which a file of the archive may pass 2 GiB and needs the 64-bit form of ZIP."""
_WHEN = (1980, 1, 1, 0, 0, 0)
"""The same date on every file, so that the same books give the same bytes."""
_NOTE = """\
{name} {year} 年会计核算数据

{caveat}。

内容：{content}，截至 {last}，公开日志 {size} 条。
审计数据.xml 是全部表格；各个 CSV 是同样的表格，每张一个文件，UTF-8 编码，可以用 Excel、WPS 打开。
金额单位：元，保留两位小数；红字为负数，方向不变。两套账（A 物业共有资金，M 住宅专项维修资金）从不相加。
建账时接收的余额（业务编号 E00 的凭证）算期初余额，不算当月发生额；记账凭证表里有这张凭证。
CSV 里以 = + - @ 开头的文字前面加了一个撇号，免得表格软件当成公式；XML 里是原文。
怎样核对：记账凭证按科目、资金、期间相加，应等于科目余额及发生额；每张凭证在每项资金内借贷相等；
凭证序号从 1 起连续。日志序号可用来取得每张凭证的原文和证明，与网站外保存的签名凭据比对。
"""


def audit_files(scope: Scope) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Names and contents of all files, one after another; contents are made as they are read."""
    found = tables(scope)
    yield "说明.txt", iter([_note(scope).encode()])
    yield "审计数据.xml", _xml(scope, found)
    for no, table in enumerate(found, start=1):
        yield f"{no:02d}{table.name}.csv", _csv(scope, table)


def write_audit(scope: Scope, folder: Path) -> list[Path]:
    """Write the files into a folder, which is made if needed. Raises OSError, FileExistsError before overwriting."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, pieces in audit_files(scope):
        path = folder / name
        with path.open("xb") as file:
            file.writelines(pieces)
        written.append(path)
    return written


def audit_zip(scope: Scope) -> Iterator[bytes]:
    """The files as one ZIP, in pieces; memory does not grow with the books."""
    out = _Outbox()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        for name, pieces in audit_files(scope):
            info = zipfile.ZipInfo(name, _WHEN)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            with archive.open(info, "w", force_zip64=scope.entries > _LARGE) as file:
                for piece in pieces:
                    file.write(piece)
                    yield from out.taken()
            yield from out.taken()
    yield from out.taken()


class _Outbox(io.RawIOBase):
    """Where the archive writes to: nothing can be read back, pieces are passed on as they come."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int:
        piece = bytes(data)  # type: ignore[call-overload]
        self._pieces.append(piece)
        return len(piece)

    def taken(self) -> Iterator[bytes]:
        """What was written since the last time."""
        pieces, self._pieces = self._pieces, []
        if pieces:
            yield b"".join(pieces)


def _note(scope: Scope) -> str:
    return _NOTE.format(
        name=scope.setup.name,
        year=scope.year,
        caveat=CAVEAT,
        content="含不公开的内容，仅供有权查阅的人使用，请妥善保管"
        if scope.full
        else "公开内容，不含姓名、房号",
        last=scope.last,
        size=scope.size,
    )


def _xml(scope: Scope, found: Iterable[Table]) -> Iterator[bytes]:
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<!-- {CAVEAT} -->\n<{_ROOT}>\n'.encode()
    for group, members in groupby(found, key=lambda table: table.group):
        yield f"<{group}>\n".encode()
        for table in members:
            for rows in _chunks(table.rows(scope)):
                yield "".join(_elements(table, rows)).encode()
        yield f"</{group}>\n".encode()
    yield f"</{_ROOT}>\n".encode()


def _elements(table: Table, rows: Iterable[Row]) -> Iterator[str]:
    """Rows as elements named like their table; empty cells are left out."""
    tags = [(f"<{name}>", f"</{name}>") for name in table.columns]
    for row in rows:
        cells = zip(tags, escaped(row), strict=True)
        fields = "".join([f"{before}{text}{after}" for (before, after), text in cells if text])
        yield f"<{table.name}>{fields}</{table.name}>\n"


def _csv(scope: Scope, table: Table) -> Iterator[bytes]:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write("\ufeff")
    writer.writerow(table.columns)
    for rows in _chunks(table.rows(scope)):
        writer.writerows(
            [_cell(name, text) for name, text in zip(table.columns, row, strict=True)] for row in rows
        )
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue().encode()


def _cell(column: str, text: str) -> str:
    """Amounts as they are, for spreadsheets to add up; other texts so that none is run as a formula."""
    return text if column.endswith(("金额", "余额", "发生额")) else safe_cell(text)


def _chunks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while some := list(islice(rows, _ROWS_A_CHUNK)):
        yield some
