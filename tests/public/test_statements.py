"""Statements: figures equal the ledger, versions, renderings of one stored value."""

from __future__ import annotations

import csv
import io
import re
from datetime import date

import pytest
from pypdf import PdfReader
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from disclosure.statements import (
    PublishedStatement,
    Statement,
    list_statements,
    publish_statement,
    read_statement,
)
from disclosure.statements.codec import decode_statement, encode_statement
from disclosure.statements.csv_file import safe_text, statement_csv
from disclosure.statements.value import BookReport
from ledger.balances import Clock, fund_totals
from ledger.errors import Refused
from ledger.log.checkpoint import open_checkpoint
from ledger.log.note import Verifier
from ledger.money import format_yuan, plain_yuan
from ledger.store.engine import reading, writing
from ledger.store.tables import period_close, statement
from ledger.trust import record_setting
from tests.public.community import SECRETS, SLUG, TRUST_ID, act_on
from tests.public.conftest import Site

BASE = f"/c/{SLUG}"


def value_of(site: Site, period: int) -> Statement:
    return published(site, period).value


def published(site: Site, period: int) -> PublishedStatement:
    with reading(site.community.engine) as conn:
        return read_statement(conn, TRUST_ID, period)


def book(value: Statement, code: str) -> BookReport:
    return next(item for item in value.books if item.book == code)


def test_cash_equals_the_ledger_and_adds_up(site: Site) -> None:
    for period, before, last in (
        (202508, None, date(2025, 8, 31)),
        (202509, date(2025, 8, 31), date(2025, 9, 30)),
    ):
        value = value_of(site, period)
        with reading(site.community.engine) as conn:
            for code, prefixes in (("A", ("1002", "1012")), ("M", ("1001",))):
                closing = fund_totals(conn, TRUST_ID, code, Clock(last, value.size, False), prefixes)
                opening = (
                    fund_totals(conn, TRUST_ID, code, Clock(before, value.size, False), prefixes)
                    if before
                    else {}
                )
                for row in book(value, code).cash:
                    assert row.closing == closing[row.fund].balance
                    assert row.opening == (opening[row.fund].balance if row.fund in opening else 0)
                    moved = row.opened + row.received - row.paid + row.moved_in - row.moved_out
                    assert row.opening + moved == row.closing


def test_august_in_the_words_of_accounting(site: Site) -> None:
    august = book(value_of(site, 202508), "A")
    service = next(row for row in august.cash if row.fund == "F1")
    assert (service.opening, service.opened) == (0, 5_000_000)
    assert (service.received, service.paid) == (9 * 17_820, 107)  # the channel's fee, not its settlement
    fees = next(row for row in august.income if row.account == "400101")
    assert (fees.amount, fees.year) == (178_200, 178_200)
    assert august.corrections == ()
    assert value_of(site, 202508).arrears.total == 17_820
    assert value_of(site, 202508).arrears.households == 1


def test_september_names_payments_and_corrections(site: Site) -> None:
    value = value_of(site, 202509)
    september = book(value, "A")
    assert [item.ref for item in september.payments] == [site.community.refs["payment"]]
    assert september.payments[0].counterparty == "迅达电梯维保有限公司"
    assert [(item.ref, item.target, item.amount) for item in september.corrections] == [
        (site.community.refs["reversal"], site.community.refs["reversed"], -12_345),
        (site.community.refs["amendment"], site.community.refs["amended"], -800),
    ]
    moved = {row.fund: (row.moved_in, row.moved_out) for row in september.cash}
    assert moved["F1"] == (50_000, 0)
    assert moved["F3"] == (0, 50_000)
    interest = [row for row in september.income if row.account == "4101"]
    assert interest == []  # posted and taken back by red letters


def test_cut_off_is_the_closing_and_its_checkpoint_verifies(site: Site) -> None:
    verifier = Verifier.from_vkey(site.community.vkey)
    for period in (202508, 202509):
        value = value_of(site, period)
        with reading(site.community.engine) as conn:
            closed = conn.execute(
                select(period_close.c.size).where(period_close.c.period == period)
            ).scalars()
            assert value.size == max(closed)
        assert open_checkpoint(value.checkpoint, verifier).size >= value.size


def test_the_same_content_is_the_same_version(own_site: Site) -> None:
    engine = own_site.community.engine
    with writing(engine) as conn:
        again = publish_statement(conn, TRUST_ID, 202509, act_on(date(2025, 10, 20)))
        assert again.version == 1
        assert again.published_at == act_on(date(2025, 10, 4)).now
        act = act_on(date(2025, 10, 20))
        record_setting(
            conn,
            TRUST_ID,
            "statement_payment_above",
            1_000,
            effective_on=date(2025, 9, 1),
            authority="决议3号",
            act=act,
        )
        changed = publish_statement(conn, TRUST_ID, 202509, act)
        assert changed.version == 2
        assert len(book(changed.value, "A").payments) > 1
    page = own_site.client.get(f"{BASE}/statements/2025-09").text
    assert "第 2 版" in page
    old = own_site.client.get(f"{BASE}/statements/2025-09?version=1").text
    assert "这是旧版" in old
    assert "第 1 版（" in own_site.client.get(f"{BASE}/statements").text


def test_an_open_month_is_refused(own_site: Site) -> None:
    with writing(own_site.community.engine) as conn, pytest.raises(Refused) as refused:
        publish_statement(conn, TRUST_ID, 202510, act_on(date(2025, 11, 1)))
    assert refused.value.codes == {"not_closed"}


def test_a_version_cannot_be_changed(own_site: Site) -> None:
    with pytest.raises(DBAPIError), writing(own_site.community.engine) as conn:
        conn.execute(update(statement).values(value=b"{}"))


def test_stored_bytes_are_canonical(site: Site) -> None:
    with reading(site.community.engine) as conn:
        for item in list_statements(conn, TRUST_ID):
            assert encode_statement(decode_statement(item.body)) == item.body


def test_page_pdf_and_csv_show_the_same_figures(site: Site) -> None:
    value = value_of(site, 202509)
    page = site.client.get(f"{BASE}/statements/2025-09").text
    table = site.client.get(f"{BASE}/statements/2025-09.csv").content
    pdf = site.client.get(f"{BASE}/statements/2025-09.pdf")
    assert pdf.headers["content-type"] == "application/pdf"
    reader = PdfReader(io.BytesIO(pdf.content))
    printed = "".join(item.extract_text() for item in reader.pages)
    assert f"第 1 页 / 共 {len(reader.pages)} 页" in printed
    assert table.startswith(b"\xef\xbb\xbf")
    cells = {cell for row in csv.reader(io.StringIO(table.decode("utf-8-sig"))) for cell in row}
    for report in value.books:
        amounts = [row.closing for row in report.cash] + [row.opening for row in report.cash]
        amounts += [row.amount for row in (*report.income, *report.expense)]
        amounts += [item.amount for item in report.payments]
        for fen in amounts:
            assert f"¥{format_yuan(abs(fen))}" in page
            assert f"¥{format_yuan(abs(fen))}" in printed
            assert plain_yuan(fen) in cells
    assert value.checkpoint.split("\n")[2] in printed.replace("\n", "")
    assert "https://mingzhang.example/c/heyuan/statements/2025-09" in printed.replace("\n", "")
    for secret in SECRETS:
        assert secret not in printed


def test_the_page_begins_in_plain_words_and_with_a_picture(site: Site) -> None:
    value = value_of(site, 202509)
    page = site.client.get(f"{BASE}/statements/2025-09").text
    first = re.sub(r"<[^>]+>", "", page.split('class="in-brief"')[1].split("</div>")[0])
    cash = value.books[0].cash_total
    for fen in (cash.received, cash.paid, cash.closing):
        assert f"¥{format_yuan(fen)}" in first
    assert page.index("chart-picture") < page.index('id="part-book-A"')


def test_pdf_is_kept_and_always_the_same(site: Site) -> None:
    folder = site.config.cache_dir / "paper" / "documents"
    first = site.client.get(f"{BASE}/statements/2025-08.pdf").content
    kept = sorted(folder.iterdir())
    assert site.client.get(f"{BASE}/statements/2025-08.pdf").content == first
    assert sorted(folder.iterdir()) == kept
    for path in kept:
        path.unlink()
    assert site.client.get(f"{BASE}/statements/2025-08.pdf").content == first


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@sum", "\t=1", "＝1", "\r\n=1"])
def test_no_text_becomes_a_formula(text: str) -> None:
    assert safe_text(text) == f"'{text}"


def test_negative_amounts_in_csv_stay_numbers(site: Site) -> None:
    rows = list(csv.reader(io.StringIO(statement_csv(published(site, 202509)).decode("utf-8-sig"))))
    assert {len(row) for row in rows} == {10}
    assert "-123.45" in {row[8] for row in rows}
