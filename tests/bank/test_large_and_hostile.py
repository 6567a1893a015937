"""Files of a hundred thousand lines, shuffled, cut or meant to harm: read in bounds, or refused with the line."""

from __future__ import annotations

import io
import random
import resource
import subprocess
import sys
import zipfile
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from ledger.bank import BankLine, StatementError, read_statement
from ledger.bank.preview import preview_statement
from ledger.errors import Refused
from ledger.store.engine import reading
from tests.bank.samples import CMB_CORPORATE, CMB_HEADER, long_statement, xlsx
from tests.bank.test_importing import bank, bring, statement


@pytest.fixture(scope="module")
def long_file() -> bytes:
    return long_statement(100_000).encode()


def test_a_hundred_thousand_lines_are_read_and_verified(long_file: bytes) -> None:
    found = read_statement(long_file, "流水.csv")
    assert len(found.lines) == 100_000
    assert found.balance_verified


def test_one_wrong_figure_among_many_is_found() -> None:
    lines = long_statement(20_000).splitlines()
    parts = lines[12_345].split(",")
    parts[10] = "99999.99"
    lines[12_345] = ",".join(parts)
    with pytest.raises(StatementError) as caught:
        read_statement("\n".join(lines).encode(), "流水.csv")
    assert caught.value.problems[0].row in (12_346, 12_347)


def test_a_shuffled_file_is_put_in_order_again() -> None:
    lines = long_statement(3_000).splitlines()
    body = lines[1:]
    random.Random(7).shuffle(body)
    found = read_statement("\n".join([lines[0], *body]).encode(), "流水.csv")
    assert found.balance_verified
    assert [line.flow_no for line in found.lines] == [f"F{n}" for n in range(3_000)]


def test_a_cut_file_is_refused_or_honestly_shorter(long_file: bytes) -> None:
    with pytest.raises(StatementError, match="第 "):
        read_statement(long_file[: len(long_file) // 2 - 7].rsplit(b",", 3)[0], "流水.csv")


@pytest.mark.parametrize("encoding", ["big5", "shift_jis", "utf-16-le", "latin-1"])
def test_a_wrong_encoding_never_becomes_other_money(encoding: str) -> None:
    data = CMB_CORPORATE.encode(encoding, "replace")
    with pytest.raises(StatementError):
        read_statement(data, "流水.csv")


def nested(levels: int) -> bytes:
    data = b"0" * 100_000
    for _ in range(levels):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("inner.zip", data)
        data = out.getvalue()
    return data


def bombs() -> Iterator[tuple[str, bytes]]:
    sheet = io.BytesIO(xlsx([["a"]]))
    with zipfile.ZipFile(sheet, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet9.xml", b" " * 250_000_000)
    yield "one huge member", sheet.getvalue()
    many = io.BytesIO(xlsx([["a"]]))
    with zipfile.ZipFile(many, "a", zipfile.ZIP_DEFLATED) as archive:
        for number in range(600):
            archive.writestr(f"xl/{number}.xml", b"<a/>")
    yield "many members", many.getvalue()
    yield "an archive in an archive", nested(5)


@pytest.mark.parametrize(
    ("name", "data"), list(bombs()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_archives_that_unpack_beyond_reason_take_no_memory(name: str, data: bytes) -> None:
    """In a process of its own with little memory, where a bomb that went off would end it."""
    program = (
        "import sys; from ledger.bank import StatementError, read_statement\n"
        "try: read_statement(sys.stdin.buffer.read(), 'a.xlsx')\n"
        "except StatementError as error: print(error)"
    )

    def little() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (600 * 1024**2, 600 * 1024**2))

    done = subprocess.run([sys.executable, "-c", program], input=data, capture_output=True, preexec_fn=little, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    assert "没有导入" in done.stdout.decode()


def test_a_million_cells_of_commas_are_refused() -> None:
    with pytest.raises(StatementError, match=r"太长|列"):
        read_statement((CMB_HEADER + "\n" + "," * 1_000_000 + "\n").encode(), "流水.csv")


def test_a_preview_writes_nothing_and_a_refused_file_neither(engine: Engine) -> None:
    books = bank(engine)
    before = books.footprint()
    with reading(engine) as conn:
        found = preview_statement(conn, books.trust_id, "F1-NEW", statement(*_three()), "三月.csv")
    assert (len(found.lines), found.known, found.new, found.money_in, found.money_out) == (
        3,
        0,
        3,
        300_00,
        50_00,
    )
    with pytest.raises(StatementError):
        bring(books, b"nonsense")
    with pytest.raises(Refused):
        bring(books, statement(*_three()), account="F2-CMB")
    assert books.footprint() == before


def _three() -> list[BankLine]:
    from tests.bank.test_importing import paid

    return [paid(3, 200_00), paid(4, 100_00), paid(5, -50_00)]
