"""The entries of a search as CSV: the same question and the same rows as the page, without an end.

Simple: one row an entry, what a resident reads. Full: one row a posting, every public field. UTF-8 with BOM,
amounts in yuan with two decimals, red-letter ones negative; no text a spreadsheet would take for a formula.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from io import StringIO

from disclosure.public.leaves import PublicDocument
from disclosure.public.listed import Listed
from disclosure.public.present import headline, marks_of
from disclosure.public.words import BOOKS, REFERENCES, SEALED, SIDES, fund_name
from ledger.events import DOCUMENT_KINDS, load_events
from ledger.export.csv_table import safe_cell
from ledger.money import plain_yuan

SIMPLE = (
    "凭证号", "日期", "摘要", "对方", "收支", "金额（元）", "资金", "账本", "业务类型", "更正情况",
    "凭证资料", "公开日志第几条", "网址",
)  # fmt: skip
FULL = (
    "凭证号", "公开日志第几条", "账本", "年度", "日期", "原始日期", "入账时间（UTC）", "业务编号", "业务类型",
    "摘要", "对方", "收支", "行号", "借贷", "科目编码", "科目名称", "资金代号", "资金", "金额（元）",
    "供应商", "合同", "项目", "点位", "账户", "对方资金", "分户数", "凭证资料", "依据",
    "冲销的凭证", "订正的凭证", "被冲销于", "被订正于", "不公开内容的指纹", "公开内容原文", "网址",
)  # fmt: skip
_DIMENSIONS = ("vendor", "contract", "project", "site", "bank_account", "counter_fund")
_ROWS_A_PIECE = 200
Names = Mapping[tuple[str, str], str]
Address = Callable[[str], str]


def entries_csv(found: Iterable[Listed], names: Names, address: Address, *, full: bool) -> Iterator[bytes]:
    """The file in pieces. ``address`` makes the permanent address of an entry from its name."""
    buffer = StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write("\ufeff")
    writer.writerow(FULL if full else SIMPLE)
    for number, listed in enumerate(found, start=1):
        if full:
            writer.writerows(_full_rows(listed, names, address))
        else:
            writer.writerow(_simple_row(listed, address))
        if number % _ROWS_A_PIECE == 0:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _simple_row(listed: Listed, address: Address) -> tuple[str | int, ...]:
    item = listed.entry
    direction, fen = headline(item)
    return (
        item.ref,
        item.date.isoformat(),
        safe_cell(item.summary),
        safe_cell(item.counterparty),
        direction,
        plain_yuan(fen),
        "、".join(fund_name(code) for code in sorted({line.fund for line in item.lines})),
        BOOKS.get(item.book, item.book),
        _event_name(item.event),
        "、".join(marks_of(listed)),
        safe_cell(_documents(item.documents)),
        item.seq + 1,
        address(item.ref),
    )


def _full_rows(listed: Listed, names: Names, address: Address) -> Iterator[tuple[str | int, ...]]:
    item = listed.entry
    before = (
        item.ref, item.seq + 1, item.book, item.year, item.date.isoformat(),
        item.original_date.isoformat() if item.original_date else "",
        f"{item.posted_at:%Y-%m-%dT%H:%M:%SZ}", item.event, _event_name(item.event), safe_cell(item.summary),
        safe_cell(item.counterparty), headline(item)[0],
    )  # fmt: skip
    after = (
        safe_cell(_documents(item.documents)), safe_cell(_references(item.references)), item.reverses,
        item.amends, listed.reversed_by, " ".join(listed.amended_by),
    )  # fmt: skip
    for line in item.lines:
        sealed = {f"{SEALED.get(name, '其他')}": value for name, value in line.sealed.items()}
        if line.detail is not None:
            sealed["分户明细"] = line.detail.root
        if line.no == 1:
            staff = {"preparer": "制单人", "reviewer": "审核人", **SEALED}
            sealed.update({staff.get(name, "其他"): value for name, value in item.sealed.items()})
        yield (
            *before,
            line.no,
            SIDES[line.side],
            line.account,
            safe_cell(line.name),
            line.fund,
            fund_name(line.fund),
            plain_yuan(line.amount),
            *(safe_cell(_named(names, kind, line.dims.get(kind, ""))) for kind in _DIMENSIONS),
            line.detail.count if line.detail else "",
            *after,
            "; ".join(f"{name}={value}" for name, value in sealed.items()),
            f"{address(item.ref)}.json",
            address(item.ref),
        )


def _named(names: Names, kind: str, code: str) -> str:
    """``V1 迅达电梯维保有限公司``."""
    name = names.get((kind, code), "")
    return f"{code} {name}" if name and name != code else code


def _event_name(code: str) -> str:
    event = load_events().get(code)
    return event.name if event else code


def _documents(documents: Iterable[PublicDocument]) -> str:
    """``发票 12345678 原件 SHA-256 ab…； …``: every voucher with the hashes of original and public copy."""
    texts = []
    for document in documents:
        parts = [DOCUMENT_KINDS.get(document.kind, "其他凭证"), document.number]
        parts += [f"原件指纹 {document.original}"] if document.original else []
        parts += [f"公开件指纹 {document.public}"] if document.public else []
        texts.append(" ".join(part for part in parts if part))
    return "；".join(texts)


def _references(references: Mapping[str, str]) -> str:
    return "；".join(f"{REFERENCES.get(kind, '其他依据')} {ref}" for kind, ref in sorted(references.items()))
