"""What other programs make of the books must be what the books say, to the fen."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from beancount import loader
from beancount.core.data import Open, Transaction
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from ledger.balances import resolve_clock, trial_balance
from ledger.chart import load_chart, load_default_chart
from ledger.errors import Unanswerable
from ledger.export import FORMATS, export_book, stream_book
from ledger.export import beancount as beancount_format
from ledger.export import hledger as hledger_format
from ledger.export.csv_table import HEADER, safe_cell
from ledger.export.public import Book, component
from ledger.log.store import stream_leaves
from ledger.store.engine import reading
from tests.verify.books import AWKWARD, TRUST, full_books, small_books

TODAY = date(2025, 2, 3)
PRIVATE = ("张三", "私下备注", "1-101", "2-201", "王会计", "李出纳", "6200F1")


def written(engine: Engine, format: Any, size: int | None = None) -> bytes:
    out = io.BytesIO()
    with reading(engine) as conn:
        export_book(conn, TRUST, format, out, size=size)
    return out.getvalue()


def book_balances(engine: Engine) -> dict[str, Decimal]:
    """Account and fund to balance in yuan, as the books have it; named as in the exports."""
    found = {}
    with reading(engine) as conn:
        chart = load_chart(conn, TRUST)
        clock = resolve_clock(conn, TRUST, today=TODAY)
        for book in ("A", "M"):
            for row in trial_balance(conn, TRUST, book, clock):
                account = chart[book, row.account]
                root = {"A": "Assets", "L": "Liabilities", "N": "Equity", "I": "Income", "E": "Expenses"}
                name = f"{root[account.class_]}:{row.fund}:{row.account}-{component(account.name)}"
                found[name] = Decimal(row.totals.balance).scaleb(-2)
    return {name: balance for name, balance in found.items() if balance}


def run(*command: str) -> str:
    result = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "LANG": "C.UTF-8"}
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert not result.stderr, result.stderr
    return result.stdout


def bean_check(path: Path) -> str:
    return run(str(Path(sys.executable).with_name("bean-check")), "-C", str(path))


def hledger_balances(path: Path) -> dict[str, Decimal]:
    rows = csv.reader(io.StringIO(run("hledger", "-f", str(path), "bal", "--no-total", "-O", "csv")))
    next(rows)
    return {name: Decimal(amount.removesuffix(" CNY")) for name, amount in rows}


# --- Every balance ------------------------------------------------------------------------------------------


def test_beancount_has_every_balance(engine: Engine, tmp_path: Path) -> None:
    full_books(engine)
    path = tmp_path / "book.beancount"
    path.write_bytes(written(engine, "beancount"))
    assert bean_check(path) == ""
    entries, errors, _ = loader.load_file(str(path))
    assert errors == []
    sums: dict[str, Decimal] = {}
    transactions = [item for item in entries if isinstance(item, Transaction)]
    for item in transactions:
        for posting in item.postings:
            assert posting.units is not None and posting.units.currency == "CNY"
            sums[posting.account] = sums.get(posting.account, Decimal(0)) + posting.units.number
    assert {name: total for name, total in sums.items() if total} == book_balances(engine)
    opens = [item for item in entries if isinstance(item, Open)]
    assert {item.account for item in opens} == set(sums)
    assert {item.date for item in opens} == {date(2024, 11, 1)}


def test_beancount_keeps_what_is_public(engine: Engine) -> None:
    full_books(engine)
    entries, _, options = loader.load_string(written(engine, "beancount").decode())
    assert options["operating_currency"] == ["CNY"]
    assert options["title"] == "明和苑 公开账簿"
    by_ref = {item.meta["ref"]: item for item in entries if isinstance(item, Transaction)}
    assert by_ref["A-2025-000001"].narration == AWKWARD
    invoice = by_ref["A-2025-000003"]
    assert (invoice.payee, invoice.narration) == ('电梯 "快修" 公司; 一分店', AWKWARD)
    assert invoice.meta["documents"].startswith("发票 NO-")
    assert invoice.postings[1].meta["contract"] == "HT-1"
    red = by_ref["A-2025-000004"]
    assert (red.meta["reverses"], red.meta["event"], red.meta["seq"]) == (
        "A-2025-000001",
        "E26a",
        Decimal(18),
    )
    assert red.meta["posted_at"] == "2025-01-10T04:00:00Z"
    assert [posting.units.number for posting in red.postings] == [Decimal("-100.01"), Decimal("100.01")]
    assert all(posting.meta["redletter"] is True for posting in red.postings)
    assert by_ref["A-2025-000005"].meta["amends"] == "A-2025-000002"


def test_hledger_has_every_balance(engine: Engine, tmp_path: Path) -> None:
    full_books(engine)
    path = tmp_path / "book.journal"
    path.write_bytes(written(engine, "hledger"))
    run("hledger", "-f", str(path), "check", "--strict")
    assert hledger_balances(path) == book_balances(engine)


def test_csv_has_every_posting(engine: Engine) -> None:
    full_books(engine)
    data = written(engine, "csv")
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert tuple(rows[0]) == HEADER
    sums: dict[tuple[str, str, str], int] = {}
    for row in rows:
        key = row["账套"], row["科目编码"], row["基金"]
        debit, credit = (row[name] or "0" for name in ("借方金额（元）", "贷方金额（元）"))
        sums[key] = sums.get(key, 0) + int(debit.replace(".", "")) - int(credit.replace(".", ""))
    with reading(engine) as conn:
        clock = resolve_clock(conn, TRUST, today=TODAY)
        for book in ("A", "M"):
            for balance in trial_balance(conn, TRUST, book, clock):
                assert sums.pop((book, balance.account, balance.fund)) == balance.totals.balance
    assert sums == {}
    assert rows[-2]["凭证号"] == "M-2025-000001"
    assert [row["摘要"] for row in rows if row["凭证号"] == "A-2025-000001"] == [AWKWARD, AWKWARD]
    assert {row["红字冲销凭证"] for row in rows} == {"", "A-2025-000001", "A-2025-000003"}


def test_jsonl_is_the_log_itself(engine: Engine) -> None:
    community = full_books(engine)
    with reading(engine) as conn:
        leaves = list(stream_leaves(conn, TRUST, community.size()))
    assert written(engine, "jsonl").split(b"\n") == [*leaves, b""]


@pytest.mark.parametrize("format", FORMATS)
def test_nothing_private_leaves_the_house(engine: Engine, format: str) -> None:
    full_books(engine)
    text = written(engine, format).decode()
    assert [word for word in PRIVATE if word in text] == []


def test_text_files_prefixes_and_refusals(engine: Engine) -> None:
    small_books(engine)
    out = io.StringIO()
    with reading(engine) as conn:
        export_book(conn, TRUST, "csv", out, size=1)
        assert len(out.getvalue().splitlines()) == 3
        assert b"".join(stream_book(conn, TRUST, "csv", size=1)).decode() == out.getvalue()
        assert b"".join(stream_book(conn, TRUST, "jsonl", size=0)) == b""
        for code, arguments in (
            ("unknown_entry", (TRUST, "csv", 11)),
            ("unknown_trust", (8, "csv", None)),
            ("unknown_format", (TRUST, "xls", None)),
        ):
            with pytest.raises(Unanswerable) as caught:
                stream_book(conn, *arguments[:2], size=arguments[2])  # type: ignore[arg-type]
            assert caught.value.code == code


# --- Any text -----------------------------------------------------------------------------------------------

BOOK = Book("明和苑", "mingheyuan", date(2024, 11, 1), 1, load_default_chart())
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)


def leaf(seq: int, text: str) -> bytes:
    view = {
        "kind": "mingzhang.entry.v1",
        "trust": "mingheyuan",
        "seq": seq,
        "ref": f"A-2025-{seq + 1:06d}",
        "book": "A",
        "year": 2025,
        "number": seq + 1,
        "date": "2025-01-10",
        "posted_at": "2025-01-10T04:00:00Z",
        "event": "E16",
        "summary": text,
        "counterparty": text,
        "documents": [{"kind": "other", "title": text}],
        "references": {"contract": text},
        "sealed": {"preparer": "ab", "reviewer": "cd"},
        "lines": [
            {
                "no": 1,
                "account": "1002" + "02",
                "name": "公共收益专户",
                "fund": "F2",
                "side": "D",
                "amount": 12,
            }
            | {"dims": {"bank_account": text}},
            {"no": 2, "account": "4101", "name": "利息收入", "fund": "F2", "side": "C", "amount": 12},
        ],
    }
    return msgspec.json.encode(view, order="sorted")


@given(st.lists(TEXT, min_size=1, max_size=10))
@example(['"', "\\", '\\"', "a\nb", "\r\n", "\t", ";", "|", "{}", "#tag ^link", "\x00", "\x85\u2028"])
def test_any_text_survives_beancount(texts: list[str]) -> None:
    source = "".join(beancount_format.render(BOOK, [leaf(*item) for item in enumerate(texts)]))
    entries, errors, _ = loader.load_string(source)
    assert errors == []
    found = [item for item in entries if isinstance(item, Transaction)]
    assert [item.narration for item in found] == texts
    assert [item.payee for item in found] == [item.narration for item in found]


@settings(max_examples=25)
@given(st.lists(TEXT, min_size=1, max_size=30))
@example(
    ["; x", "a|b", "date:2025-13-01", "[2025-13-01]", "(x", "= 5", "* y", "a\nb", "a,b: c", "\x00", "\x85"]
)
def test_any_text_survives_hledger(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    path = tmp_path_factory.mktemp("hledger") / "book.journal"
    leaves = [leaf(*item) for item in enumerate(texts)]
    path.write_text("".join(hledger_format.render(BOOK, leaves)), "utf-8", newline="")
    run("hledger", "-f", str(path), "check", "--strict")
    total = Decimal(12 * len(texts)).scaleb(-2)
    assert hledger_balances(path) == {
        "Assets:F2:100202-公共收益专户": total,
        "Income:F2:4101-利息收入": -total,
    }


@given(TEXT)
@example("=1+1")
@example(" =1+1")
@example("\t=1+1")
@example("-2")
@example("＝cmd")
def test_no_cell_is_a_formula(text: str) -> None:
    shown = safe_cell(text)
    assert shown in (text, "'" + text)
    assert shown.lstrip()[:1] not in tuple("=+-@＝＋－＠")
    assert shown[:1] not in ("\t", "\r", "\n")


@given(TEXT)
def test_any_account_name_is_lawful(text: str) -> None:
    from beancount.core.account import is_valid

    assert is_valid(f"Assets:F1:1002-{component(text)}")


@pytest.mark.parametrize("format", FORMATS)
def test_memory_stays_flat(format: str) -> None:
    def leaves() -> Iterator[bytes]:
        return (leaf(seq, "利息") for seq in range(20_000))

    length = 0
    tracemalloc.start()
    for piece in FORMATS[format].render(BOOK, leaves()):
        length += len(piece)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert length > 3_000_000
    assert peak < 500_000
