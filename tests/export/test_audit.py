"""The year's export for auditors: complete, balanced, equal to the books, and saying what it is."""

from __future__ import annotations

import csv
import io
import zipfile
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from defusedxml.ElementTree import fromstring
from sqlalchemy import Engine

from ledger.balances import resolve_clock, trial_balance
from ledger.errors import Unanswerable
from ledger.export.audit import CAVEAT, audit_years, audit_zip, files, open_scope, vouchers, write_audit
from ledger.export.audit.tables import tables
from ledger.export.csv_table import safe_cell
from ledger.export.xml_chars import xml_text
from ledger.log.entries import decode_entry
from ledger.log.store import stream_leaves
from ledger.store.engine import reading
from tests.verify.books import AWKWARD, TRUST, full_books

TODAY = date(2025, 2, 3)
YEARS = (2024, 2025)
PRIVATE = ("张三", "私下备注", "1-101", "2-201", "王会计", "李出纳")
Rows = list[dict[str, str]]


@dataclass(frozen=True)
class Read:
    """An export as another program reads it: tables by name, from CSV and from XML."""

    tables: dict[str, Rows]
    xml: Any
    note: str
    raw: bytes

    def __getitem__(self, name: str) -> Rows:
        return self.tables[name]


def export(engine: Engine, year: int, *, full: bool = False) -> Read:
    with reading(engine) as conn:
        raw = b"".join(audit_zip(open_scope(conn, TRUST, year, today=TODAY, full=full)))
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert archive.testzip() is None
        files = {name: archive.read(name) for name in archive.namelist()}
    tables = {
        name[2:].removesuffix(".csv"): list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
        for name, body in files.items()
        if name.endswith(".csv")
    }
    return Read(tables, fromstring(files["审计数据.xml"]), files["说明.txt"].decode(), raw)


@pytest.fixture
def books(engine: Engine) -> Engine:
    full_books(engine)
    return engine


def yuan(text: str) -> Decimal:
    return Decimal(text or "0")


def signed(row: dict[str, str], which: str) -> Decimal:
    amount = yuan(row[f"{which}余额"])
    return -amount if row[f"{which}余额方向"] == "贷" else amount


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("year", YEARS)
def test_every_voucher_of_the_year_is_there_and_balances_in_each_fund(
    books: Engine, year: int, full: bool
) -> None:
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in export(books, year, full=full)["记账凭证"]:
        found[row["凭证编号"]].append(row)
    with reading(books) as conn:
        size = open_scope(conn, TRUST, year, today=TODAY).size
        posted = [e for body in stream_leaves(conn, TRUST, size) if (e := decode_entry(body)) is not None]
    expected = {entry.ref: entry for entry in posted if entry.year == year}
    assert set(found) == set(expected)
    for ref, rows in found.items():
        lines = expected[ref].lines
        assert [row["科目编号"] for row in rows] == [line.account for line in lines]
        assert [(yuan(row["借方金额"]), yuan(row["贷方金额"])) for row in rows] == [
            (Decimal(line.amount).scaleb(-2), Decimal(0))
            if line.side == "D"
            else (Decimal(0), Decimal(line.amount).scaleb(-2))
            for line in lines
        ]
        funds: dict[str, Decimal] = defaultdict(Decimal)
        for row in rows:
            funds[row["资金代号"]] += yuan(row["借方金额"]) - yuan(row["贷方金额"])
        assert not any(funds.values()), ref
    numbers: dict[str, list[int]] = defaultdict(list)
    for rows in found.values():
        numbers[rows[0]["电子账簿编号"]].append(int(rows[0]["凭证序号"]))
    assert all(sorted(some) == list(range(1, len(some) + 1)) for some in numbers.values())


@pytest.mark.parametrize("year", YEARS)
def test_balances_follow_from_the_vouchers_and_meet_the_trial_balance(books: Engine, year: int) -> None:
    read = export(books, year)
    moved: dict[tuple[str, ...], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for row in read["记账凭证"]:
        if row["业务编号"] == "E00":
            continue  # taken over: the opening balance, not the month's movement
        key = (row["电子账簿编号"], row["会计期间号"], row["科目编号"], row["资金代号"])
        moved[key][0] += yuan(row["借方金额"])
        moved[key][1] += yuan(row["贷方金额"])
    last: dict[tuple[str, ...], Decimal] = {}
    for row in read["科目余额及发生额"]:
        book, code, fund = row["电子账簿编号"], row["科目编号"], row["资金代号"]
        debit, credit = moved.pop((book, row["会计期间号"], code, fund), [Decimal(0), Decimal(0)])
        assert (yuan(row["借方发生额"]), yuan(row["贷方发生额"])) == (debit, credit)
        assert signed(row, "期末") == signed(row, "期初") + debit - credit
        if (book, code, fund) in last:
            assert signed(row, "期初") == last[book, code, fund], "a month begins as the one before ended"
        last[book, code, fund] = signed(row, "期末")
    assert not any(sum(map(abs, amounts)) for amounts in moved.values())
    with reading(books) as conn:
        end = min(date(year, 12, 31), TODAY)
        for book in ("A", "M"):
            rows = trial_balance(conn, TRUST, book, resolve_clock(conn, TRUST, today=TODAY, as_of=end))
            for total in rows:
                assert last.pop((book, total.account, total.fund), 0) == Decimal(total.totals.balance).scaleb(
                    -2
                )
    assert not any(last.values())


def test_xml_and_csv_are_the_same_tables(books: Engine) -> None:
    read = export(books, 2025)
    for name, rows in read.tables.items():
        elements = list(read.xml.iter(name))
        assert len(elements) == len(rows), name
        for element, row in zip(elements, rows, strict=True):
            told = {child.tag: child.text for child in element}
            for column, text in row.items():
                exact = told.get(column, "")
                assert text in (exact, safe_cell(str(exact))), f"{name} {column}"
    assert [group.tag for group in read.xml] == ["公共档案类", "总账类"]


@pytest.mark.parametrize("full", [False, True])
def test_it_says_that_it_is_not_certified(books: Engine, full: bool) -> None:
    read = export(books, 2025, full=full)
    assert CAVEAT == "参考 GB/T 24589 结构，未经符合性认证"
    assert CAVEAT in read.note
    assert {row["标准说明"] for row in read["电子账簿"]} == {CAVEAT}
    assert {element.findtext("标准说明") for element in read.xml.iter("电子账簿")} == {CAVEAT}


def test_the_public_form_has_nothing_private(books: Engine) -> None:
    with reading(books) as conn:
        for year in YEARS:
            scope = open_scope(conn, TRUST, year, today=TODAY)
            with zipfile.ZipFile(io.BytesIO(b"".join(audit_zip(scope)))) as archive:
                for name in archive.namelist():
                    text = archive.read(name).decode()
                    assert not [secret for secret in PRIVATE if secret in text], name
    rows = export(books, 2025)["记账凭证"]
    assert {row["制单人"] for row in rows} == {"制单（姓名不公开）"}
    assert {row["房屋"] for row in rows} == {row["备注"] for row in rows} == {""}


def test_names_of_vendors_are_shown_as_the_caller_says(books: Engine) -> None:
    def vendors(**options: Any) -> set[str]:
        with reading(books) as conn:
            scope = open_scope(conn, TRUST, 2025, today=TODAY, **options)
            rows = [
                row for table in tables(scope) if table.name == "自定义档案值" for row in table.rows(scope)
            ]
        return {row[2] for row in rows if row[0] == "vendor"}

    assert vendors() == {""}
    assert vendors(shown=lambda name: f"<{name}>") == {f"<{name}>" for name in vendors(full=True)}
    assert "" not in vendors(full=True)


def test_the_full_form_has_what_an_auditor_needs(books: Engine) -> None:
    rows, details = [], []
    for year in YEARS:
        read = export(books, year, full=True)
        rows += read["记账凭证"]
        details += read.tables["分户明细"]
    assert {row["制单人"] for row in rows}.isdisjoint({"", "制单（姓名不公开）"})
    assert any(row["房屋"] for row in rows)
    parts: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for part in details:
        parts[part["凭证编号"], part["行号"]] += yuan(part["金额"])
    split = {(row["凭证编号"], row["行号"]): row for row in rows if row["分户数"]}
    assert set(parts) == set(split)
    for key, total in parts.items():
        assert total == yuan(split[key]["借方金额"]) + yuan(split[key]["贷方金额"])


def test_the_same_books_give_the_same_bytes(books: Engine) -> None:
    assert export(books, 2025).raw == export(books, 2025).raw


def test_a_folder_holds_the_same_files_and_is_not_overwritten(books: Engine, tmp_path: Path) -> None:
    read = export(books, 2025)
    with reading(books) as conn:
        scope = open_scope(conn, TRUST, 2025, today=TODAY)
        written = write_audit(scope, tmp_path / "out")
        with zipfile.ZipFile(io.BytesIO(read.raw)) as archive:
            assert [path.name for path in written] == archive.namelist()
            assert all(path.read_bytes() == archive.read(path.name) for path in written)
        with pytest.raises(FileExistsError):
            write_audit(scope, tmp_path / "out")


@pytest.mark.parametrize("year", [1999, 2026])
def test_a_year_without_books_is_refused(books: Engine, year: int) -> None:
    with reading(books) as conn, pytest.raises(Unanswerable, match="没有账"):
        open_scope(conn, TRUST, year, today=TODAY)
    assert audit_years(date(2024, 12, 1), TODAY) == [2025, 2024]


def test_awkward_texts_survive_in_xml() -> None:
    assert fromstring(f"<a>{_escaped(xml_text(AWKWARD))}</a>").text == AWKWARD
    assert xml_text("全角\u3000空格\x00\ud800😀") == "全角\u3000空格😀"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@pytest.mark.db("sqlite")
def test_pieces_are_sent_before_the_last_voucher_is_read(
    books: Engine, count_queries: Callable[[Engine], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory stays flat because nothing is gathered: the benchmark measures it over a million postings."""
    monkeypatch.setattr(vouchers, "CHUNK", 1)
    monkeypatch.setattr(files, "_ROWS_A_CHUNK", 1)
    with reading(books) as conn:
        scope = open_scope(conn, TRUST, 2025, today=TODAY)
        (xml,) = [pieces for name, pieces in files.audit_files(scope) if name.endswith(".xml")]
        with count_queries(books) as queries:
            while "<记账凭证>" not in next(xml).decode():
                pass
            at_first = len(queries)
            for _ in xml:
                pass
    assert len(queries) > at_first + scope.entries, "one small query a voucher, each after the piece before"
