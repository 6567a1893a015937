"""Statements on the site: the page, its files, and what other programs make of them."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from litestar.testing import TestClient
from pypdf import PdfReader

from disclosure.app import create_app
from disclosure.config import Config
from disclosure.public.statement_list import done_text
from disclosure.statements import read_statement
from disclosure.statements.csv_file import PLAIN
from disclosure.statements.figures import figures
from disclosure.statements.full_csv import FULL
from ledger.log.tree import leaf_hash
from ledger.money import format_yuan, plain_yuan
from ledger.statements import StatementAct, confirm_report, record_posting, record_report
from ledger.store.engine import reading, writing
from tests.ledger.books import act
from tests.servers import Databases
from tests.statements.conftest import lived
from tests.statements.year import TODAY, Year
from tests.work.people import ACCOUNTANT, MEMBER

pytestmark = pytest.mark.db("sqlite")
BASE = "/c/trust-1/statements"
CORRECTED = date(2025, 5, 8)


@pytest.fixture(scope="module")
def published(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Year, TestClient]]:
    """A year with statements of each kind, one of them corrected, one hung up and reported; served."""
    folder = tmp_path_factory.mktemp("statements")
    with lived(databases, "sqlite", folder) as year:
        for code in (202403, 202400, 202433, 202533):
            year.publish(code)
        year.books.reverse(year.refs["interest-202502"], on=CORRECTED, reason="银行退回")
        year.publish(202533)
        with writing(year.engine) as conn:
            record_posting(conn, 1, 202533, 2, TODAY, date(2025, 8, 1), "东门公示栏", "", ACCOUNTANT, act())
            told = record_report(
                conn, 1, 202533, 2, "committee", TODAY, "会议当面报告", "", ACCOUNTANT, act()
            )
            confirm_report(conn, 1, told, MEMBER, act())
        year.sign()
        config = Config(folder, str(year.engine.url), "https://mingzhang.example")
        with TestClient(create_app(config, now=lambda: datetime(2025, 7, 1, 4, tzinfo=UTC))) as client:
            yield year, client


Published = tuple[Year, TestClient]


def test_every_figure_on_the_page_is_the_stored_one(published: Published) -> None:
    year, client = published
    for slug, code in (("2024-03", 202403), ("2025-Q1", 202533), ("2024", 202400)):
        page = client.get(f"{BASE}/{slug}").text
        stored = json.loads(client.get(f"{BASE}/{slug}.json").content)
        shown = re.findall(r'data-figure="([^"]+)"( data-unit="count")?>([^<]+)<', page)
        assert len(shown) > 30
        for path, counted, text in shown:
            found = stored
            for step in path.split("."):
                found = found[int(step)] if isinstance(found, list) else found[step]
            expected = str(found) if counted else f"{'-' if found < 0 else ''}¥{format_yuan(abs(found))}"
            assert text == expected, path
        with reading(year.engine) as conn:
            value = read_statement(conn, 1, code).value
        paths = {path for path, _, _ in shown}
        hidden = {figure.path for figure in figures(value)} - paths
        twice = {path for path in hidden if code == 202400 and path.endswith(".year")}
        assert {path for path in hidden - twice if not may_be_hidden(path)} == set()


def may_be_hidden(path: str) -> bool:
    """Columns in which all is nil, sums of a single row, and sums of nothing are left out."""
    nil = ("opened", "moved_in", "moved_out", "payment_total", "payment_count", "yields", "other")
    return path.rsplit(".", 1)[1] in nil or ".cash_total." in path or path.startswith("uses.")


def test_the_stored_bytes_are_those_in_the_log(published: Published) -> None:
    _, client = published
    page = client.get(f"{BASE}/2025-Q1").text
    address = re.search(r'data-leaf="([^"]+)"', page)
    source = re.search(r'data-json="([^"]+)"', page)
    assert address is not None
    assert source is not None
    body = client.get(source[1]).content
    leaf = client.get(address[1])
    assert len(leaf_hash(leaf.content)) == 32
    record = leaf.json()
    assert record["kind"] == "mingzhang.statement.v1"
    assert record["value"]["sha256"] == sha256(body).hexdigest()
    assert (record["value"]["period"], record["value"]["version"]) == (202533, 2)


def test_a_corrected_statement_says_what_was_wrong_and_why(published: Published) -> None:
    year, client = published
    page = client.get(f"{BASE}/2025-Q1").text
    for words in ("更正版", "与第 1 版的不同", "引起更正的凭证", "银行退回", year.refs["interest-202502"]):
        assert words in page
    old = client.get(f"{BASE}/2025-Q1?version=1").text
    assert "这是旧版" in old
    assert "与第 1 版的不同" not in old
    assert "更正版" in client.get(BASE).text


def test_the_page_says_what_was_done_and_what_was_not(published: Published) -> None:
    _, client = published
    page = client.get(f"{BASE}/2025-Q1").text
    assert "张贴在东门公示栏，正在张贴" in page
    assert "业委会成员已确认" in page
    assert "还没有登记向业主大会报告" in page
    for name in (ACCOUNTANT.signature, MEMBER.signature, "王芳", "陈静"):
        assert name not in page
    assert "还没有登记张贴" in client.get(f"{BASE}/2024").text


def test_the_list_shows_what_is_late_by_itself(published: Published) -> None:
    _, client = published
    page = client.get(BASE).text
    assert "逾期没有发布" in page
    assert "2025年5月月报，应在2025年6月15日前发布，已逾期 16 天" in page
    assert "下一期：2025年6月月报" in page
    assert "已张贴，已报告业委会" in page


def test_a_corrected_version_does_not_hang_because_the_first_one_did() -> None:
    moment = datetime(2026, 1, 3, 9, tzinfo=UTC)

    def done(version: int, kind: str, step: str = "") -> StatementAct:
        told = ("东门公示栏", "", "u01", "会计", moment, step, "", "", None)
        return StatementAct(version, 202536, version, kind, date(2026, 1, 2), None, *told)

    first = [done(1, "posted"), done(1, "committee", "confirmed")]
    assert done_text(first, 1) == "已张贴，已报告业委会"
    assert done_text(first, 2) == "第 1 版已张贴，已报告业委会；第 2 版没有登记"
    assert done_text([*first, done(2, "posted")], 2) == "已张贴"
    assert done_text([done(2, "committee")], 2) == ""


def test_the_plain_file_has_every_figure_of_the_page_in_yuan(published: Published) -> None:
    year, client = published
    answer = client.get(f"{BASE}/2025-Q1.csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert tuple(rows[0]) == PLAIN
    with reading(year.engine) as conn:
        value = read_statement(conn, 1, 202533).value
    amounts = [row[8] or row[9] for row in rows[1:]]
    for place, figure in enumerate(figures(value)):
        assert amounts[place] == (plain_yuan(figure.value) if figure.unit == "fen" else str(figure.value))


def test_the_full_file_holds_every_line_of_the_quarter(published: Published) -> None:
    _, client = published
    text = client.get(f"{BASE}/2025-Q1-full.csv").content.decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert tuple(rows[0]) == FULL
    lines = [row for row in rows if row["row"] == "line"]
    assert {row["date"][:7] for row in lines} == {"2025-01", "2025-02", "2025-03"}
    for account, side in (("4101", "C"), ("5015", "D")):
        posted = sum(
            round(float(row["amount"]) * 100)
            for row in lines
            if row["code"] == account and row["side"] == side
        )
        stated = [
            row
            for row in rows
            if row["row"] == "figure" and row["code"] == account and row["key"].endswith(".amount")
        ]
        assert posted == round(float(stated[0]["amount"]) * 100)


def test_the_data_package_is_valid_to_frictionless(published: Published, tmp_path: Path) -> None:
    _, client = published
    for slug in ("2024-03", "2025-Q1", "2024"):
        folder = tmp_path / slug
        described = client.get(f"{BASE}/{slug}/datapackage.json")
        package = described.json()
        folder.mkdir()
        (folder / "datapackage.json").write_bytes(described.content)
        for resource in package["resources"]:
            answer = client.get(f"{BASE}/{slug}/{resource['path']}")
            assert answer.status_code == 200
            assert len(answer.content) == resource["bytes"]
            assert resource["hash"] == f"sha256:{sha256(answer.content).hexdigest()}"
            path = folder / resource["path"]
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(answer.content)
        assert frictionless(folder) == (0, "")


def test_frictionless_refuses_a_package_whose_file_was_changed(published: Published, tmp_path: Path) -> None:
    _, client = published
    package = client.get(f"{BASE}/2024-03/datapackage.json")
    (tmp_path / "v1").mkdir()
    (tmp_path / "datapackage.json").write_bytes(package.content)
    for resource in package.json()["resources"]:
        body = client.get(f"{BASE}/2024-03/{resource['path']}").content
        (tmp_path / resource["path"]).write_bytes(
            body.replace(b",figure,", b",Figure,").replace(b"line,", b"Line,", 1)
        )
    code, said = frictionless(tmp_path)
    assert code != 0, said


def frictionless(folder: Path) -> tuple[int, str]:
    """What the program says of a package on disk: its exit code, and its words if it is not content."""
    program = Path(sys.executable).with_name("frictionless")
    done = subprocess.run(
        [program, "validate", "datapackage.json"], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.returncode, "" if done.returncode == 0 else done.stdout + done.stderr


def test_files_are_revalidated_with_304(published: Published) -> None:
    _, client = published
    for name in ("", ".csv", "-full.csv", ".json", "/datapackage.json"):
        address = f"{BASE}/2024-03{name}"
        first = client.get(address)
        assert first.status_code == 200
        again = client.get(address, headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b""), name


@pytest.mark.parametrize(
    "path",
    [
        "/2025-13",
        "/2025-Q5",
        "/abc",
        "/2025-Q1?version=9",
        "/2025-Q1?version=x",
        "/2025-Q1.xlsx",
        "/2025-Q1.pdf?paper=A5",
        "/2025-Q1/v9/2025-Q1.csv",
        "/2025-Q1/v1/2024.csv",
        "/2025-Q1/vx/2025-Q1.csv",
        "/2026/datapackage.json",
        "/2025-Q1-full.json",
    ],
)
def test_what_does_not_exist_is_said_in_chinese(published: Published, path: str) -> None:
    _, client = published
    answer = client.get(f"{BASE}{path}")
    assert answer.status_code == 404
    assert re.search(r"[\u4e00-\u9fff]", answer.text)


def test_the_printed_quarter_has_the_difference_too(published: Published) -> None:
    _, client = published
    answer = client.get(f"{BASE}/2025-Q1.pdf")
    printed = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    for words in ("2025年第一季度公示", "更正了什么", "公共收益", "预算与实际"):
        assert words in printed
