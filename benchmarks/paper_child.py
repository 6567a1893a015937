"""A long statement on paper in a process of its own: ``python -m benchmarks.paper_child HOW ROWS FOLDER``.

``naive`` is what one would write first: the same rows as one HTML table with its head repeated, in one document, given
to WeasyPrint in one call. It has the same type size, margins and column widths, the faster of the two table layouts
(fixed), WeasyPrint's own page counter, and no tags, bookmarks or front page, which ours has. ``ours`` is what the
application does; ``again`` binds the year once more from pieces that are there. Prints seconds, seconds of processor
time with all child processes, pages, bytes.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from random import Random

from disclosure.paper import Column, Imprint, Listing, Row, Sheet, print_pdf

MONTHS = 12
COLUMNS = (
    Column("凭证号", 13),
    Column("日期", 10),
    Column("收入（元）", 14, "right"),
    Column("支出（元）", 14, "right"),
    Column("资金", 13),
    Column("摘要、对方", 0),
)
_STYLE = """@page { size: A4; margin: 14mm; @bottom-right { content: counter(page) " / " counter(pages) } }
html { font: 8pt/1.45 "Noto Sans CJK SC" } table { width: 100%; table-layout: fixed; border-collapse: collapse }
th, td { border-bottom: .4pt solid #ccc; padding: .5mm 1mm; text-align: left; vertical-align: top; overflow-wrap: anywhere }
.n { text-align: right }"""
_WIDTHS = (22, 18, 20, 20, 20, 0)
_WORDS = (
    "物业服务费",
    "电梯维保",
    "公共收益",
    "停车场地租金",
    "绿化养护",
    "保洁",
    "消防检测",
    "水泵房",
    "楼道照明",
)
_FUNDS = ("物业服务资金", "公共收益", "押金", "代收代付")
_FRONT = """<!doctype html><html lang="zh-CN"><head><title>年度报告</title></head><body>
<h1>2025年度报告　附件：全部记账</h1><p>按月、按日期排列。</p></body></html>"""


def entries(count: int) -> Iterator[Row]:
    """Rows as an annex has them, most on one line and some on two or three."""
    random = Random(7)
    for number in range(count):
        amount = f"{random.randrange(100, 9_999_999) / 100:,.2f}"
        paid = random.random() < 0.3
        text = "，".join(random.choice(_WORDS) for _ in range(random.choice((2, 3, 3, 4, 8))))
        month = number * MONTHS // count + 1
        day = f"2025-{month:02}-{number % 28 + 1:02}"
        money = ("", amount) if paid else (amount, "")
        yield Row((f"A-2025-{number + 1:06}", day, *money, random.choice(_FUNDS), text))


def naive(count: int, folder: Path) -> Path:
    """All rows as one table."""
    from weasyprint import CSS, HTML

    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    heads = "".join(
        f"<th{f' style=width:{width}mm' if width else ''}>{column.title}</th>"
        for column, width in zip(COLUMNS, _WIDTHS, strict=True)
    )
    rows = "".join("<tr>" + "".join(map(_cell, range(6), row.cells)) + "</tr>" for row in entries(count))
    html = f'<html lang="zh-CN"><title>附件</title><table><thead><tr>{heads}</tr></thead>{rows}</table>'
    target = folder / "naive.pdf"
    HTML(string=html).write_pdf(target, stylesheets=[CSS(string=_STYLE)])
    return target


def _cell(place: int, text: str) -> str:
    return f"<td class=n>{text}</td>" if place in (2, 3) else f"<td>{escape(text)}</td>"


def ours(count: int, folder: Path) -> Path:
    """A front page and twelve months, as the annex of a year."""

    def parts() -> Iterator[Sheet | Listing]:
        yield Sheet(_FRONT, bookmark="年度报告")
        months: dict[str, list[Row]] = {}
        for row in entries(count):
            months.setdefault(row.cells[1][:7], []).append(row)
        for month, rows in months.items():
            yield Listing(f"{month}　物业共有资金账　全部记账", COLUMNS, rows)

    imprint = Imprint("2025年度报告", "物业", "明和苑　2025年度报告　附件：全部记账")
    return print_pdf(folder, imprint, parts, paper="A4", key=b"benchmark")


def again(count: int, folder: Path) -> Path:
    """The same when the months were printed before but never together."""
    for document in (folder / "paper" / "documents").iterdir():
        document.unlink()
    return ours(count, folder)


HOW: dict[str, Callable[[int, Path], Path]] = {"naive": naive, "ours": ours, "again": again}


def main(how: str, rows: str, folder: str) -> None:
    """Print it, and count its pages afterwards."""
    from pikepdf import Pdf

    start = time.perf_counter()
    file = HOW[how](int(rows), Path(folder))
    seconds, spent = time.perf_counter() - start, os.times()
    processor = spent.user + spent.system + spent.children_user + spent.children_system
    with Pdf.open(file) as document:
        print(seconds, processor, len(document.pages), file.stat().st_size, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
