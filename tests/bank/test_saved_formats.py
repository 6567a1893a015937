"""A bank nobody described is mapped once by a person, remembered by the trust, and read like the others."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine

from ledger.bank import StatementError, read_statement
from ledger.bank.describe import builtin_formats
from ledger.bank.mapping import Mapping, described, guess, header_rows, try_format
from ledger.bank.saved_formats import formats_of, retire_format, save_format, saved_formats
from ledger.bank.statement import UnknownHeaderError
from ledger.errors import Refused
from ledger.store.engine import reading, writing
from tests.bank import samples
from tests.bank.test_formats import CSV_SAMPLES
from tests.ledger.books import act, open_books

TWO_COLUMNS = (
    "某某农商行对账单\n交易日,收入发生额,支出发生额,账户余额,对手户名,对手账号,附言\n"
    "2025-03-03,200.00,,200.00,王伟,62220001,3-2-1201\n2025-03-04,,50.00,150.00,电梯公司,110,维保\n"
    "合计,200.00,50.00,,,,\n"
)
WITH_WORDS = "日期,借贷,发生额,余额,摘要\n20250303,贷,200.00,200.00,物业费\n20250304,借,50.00,150.00,维保\n"
SIGNED = "入账日期,金额,余额\n2025/03/03,200.00,200.00\n2025/03/04,-50.00,150.00\n"


def mapping(text: str, **chosen: Any) -> Mapping:
    """What the program proposes for a file, with a person's changes."""
    header = header_rows(text.encode(), "流水.csv")[0]
    proposed = {role: name for role, name in guess(header).items() if role != "memo"}
    return Mapping(**({"name": "某行"} | proposed | chosen))


@pytest.mark.parametrize(
    ("text", "how"), [(TWO_COLUMNS, "columns"), (WITH_WORDS, "direction"), (SIGNED, "signed")]
)
def test_the_proposal_alone_reads_common_layouts(text: str, how: str) -> None:
    header = header_rows(text.encode(), "流水.csv")[0]
    statement = try_format(described(mapping(text, how=how), header.cells), text.encode(), "流水.csv")
    assert [line.amount for line in statement.lines] == [200_00, -50_00]
    assert statement.balance_verified


def test_a_saved_format_is_recognised_by_this_trust_only_until_it_is_retired(engine: Engine) -> None:
    books = open_books(engine)
    open_books(engine, 2)
    header = header_rows(TWO_COLUMNS.encode(), "流水.csv")[0]
    form = described(mapping(TWO_COLUMNS, how="columns"), header.cells)
    for version in (1, 2):
        with writing(engine) as conn:
            assert save_format(conn, books.trust_id, form, by="甲", act=act()) == version
    with reading(engine) as conn:
        assert [(item.id, item.version) for item in saved_formats(conn, books.trust_id)] == [(form.id, 2)]
        assert (
            read_statement(TWO_COLUMNS.encode(), "a.csv", formats_of(conn, books.trust_id)).format_id
            == form.id
        )
        with pytest.raises(UnknownHeaderError):
            read_statement(TWO_COLUMNS.encode(), "a.csv", formats_of(conn, 2))
    with writing(engine) as conn:
        retire_format(conn, books.trust_id, form.id, by="甲", act=act())
    with reading(engine) as conn:
        assert formats_of(conn, books.trust_id) == builtin_formats()
    with writing(engine) as conn, pytest.raises(Refused, match="已停用"):
        retire_format(conn, books.trust_id, form.id, by="甲", act=act())


def test_columns_in_another_order_are_still_the_same_format(engine: Engine) -> None:
    header = header_rows(SIGNED.encode(), "流水.csv")[0]
    form = described(mapping(SIGNED, how="signed"), header.cells)
    turned = "余额,入账日期,金额\n200.00,2025/03/03,200.00\n"
    assert read_statement(turned.encode(), "a.csv", [form]).lines[0].amount == 200_00
    with pytest.raises(StatementError):
        read_statement(b"a,b,c\n1,2,3\n", "a.csv", [form])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"date": ""}, "哪一列是日期"),
        ({"name": " "}, "起个名字"),
        ({"amount": "没有的列"}, "表头里没有“没有的列”这一列"),
        ({"amount": ""}, "要指明金额"),
        ({"how": "columns"}, "收入和付出两列"),
    ],
)
def test_a_mapping_that_lacks_something_says_what(changes: dict[str, str], said: str) -> None:
    header = header_rows(SIGNED.encode(), "流水.csv")[0]
    with pytest.raises(Refused, match=said):
        described(mapping(SIGNED, **({"how": "signed"} | changes)), header.cells)


@pytest.mark.parametrize("format_id", ["cmb-corporate", "abc-corporate", "icbc-corporate", "boc-personal"])
def test_the_header_of_a_known_bank_is_found_among_its_rows(format_id: str) -> None:
    """The proposal is judged by formats we know: header row and the columns of day and balance."""
    form = next(form for form in builtin_formats() if form.id == format_id)
    header = header_rows(CSV_SAMPLES[format_id].encode(), "流水.csv")[0]
    assert form.matches([cell.strip() for cell in header.cells])
    found = guess(header)
    assert found["date"] in form.columns.date
    assert found["balance"] in form.columns.balance


def test_hostile_headers_are_only_text() -> None:
    text = "=cmd|x,<b>日期</b>,金额\n1,2025-01-01,5.00\n"
    header = header_rows(text.encode(), "流水.csv")[0]
    form = described(Mapping(name="x", how="signed", date="<b>日期</b>", amount="金额"), header.cells)
    assert try_format(form, text.encode(), "流水.csv").lines[0].amount == 500


def test_workbooks_can_be_mapped_too() -> None:
    book = samples.xlsx([["日期", "金额", "余额"], ["20250303", 200.0, 200.0]])
    header = header_rows(book, "流水.xlsx")[0]
    form = described(
        Mapping(name="x", how="signed", date="日期", amount="金额", balance="余额"), header.cells
    )
    assert try_format(form, book, "流水.xlsx").lines[0].amount == 200_00
