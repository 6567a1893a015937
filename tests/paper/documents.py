"""Documents for the tests, and what a reader finds in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from pypdf import PdfReader

from disclosure.paper import Column, Imprint, Listing, Paper, Part, Row, Sheet, print_pdf

IMPRINT = Imprint("明和苑 2025年3月月报", "锦安物业", "明和苑　2025年3月月报")
COLUMNS = (Column("凭证号", 13), Column("金额（元）", 14, "right"), Column("摘要", 0))
FRONT = """<!doctype html><html lang="zh-CN"><head><title>月报</title></head><body>
<h1>月报</h1><h2>钱的进出</h2><p>合计一千元。</p><h2>收入与支出</h2><p>没有。</p></body></html>"""


def rows(count: int, text: str = "付给电梯公司：三月维保费") -> list[Row]:
    return [Row((f"A-2025-{number:06}", f"{number}.00", text)) for number in range(1, count + 1)]


def listing(entries: Iterable[Row], title: str = "2025年3月　全部记账") -> Listing:
    return Listing(title, COLUMNS, entries)


def printed(
    folder: Path,
    parts: Sequence[Part],
    *,
    key: bytes = b"one",
    paper: Paper = "A4",
    imprint: Imprint = IMPRINT,
) -> Path:
    return print_pdf(folder, imprint, lambda: parts, paper=paper, key=key)


def texts(file: Path) -> list[str]:
    return [page.extract_text() for page in PdfReader(file).pages]


def words(file: Path) -> str:
    """All text without white space, page after page."""
    return re.sub(r"\s", "", "".join(texts(file)))


def references(file: Path) -> Iterator[str]:
    for text in texts(file):
        yield from re.findall(r"A-2025-\d{6}", text)


def front() -> Sheet:
    return Sheet(FRONT, bookmark="月报")
