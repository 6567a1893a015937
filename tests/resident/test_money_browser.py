"""The own part checked on a phone: what the page shows is what the signed log holds; a changed page is found out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine

from ledger.billing import record_fee_standard
from ledger.journal import Posted
from ledger.store.engine import writing
from tests.billing.desk import RATE, Desk
from tests.browsing import log_in
from tests.ledger.books import OPENED, fee_receipt
from tests.office.conftest import PASSWORD, signing_office
from tests.serving import serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.db("sqlite")


@pytest.fixture
def served(engine: Engine, database_url: str, tmp_path: Path) -> Iterator[tuple[str, Posted, Posted]]:
    """A month charged and paid on a real port, its log signed."""
    office = signing_office(engine, database_url, tmp_path)
    with writing(engine) as conn:
        record_fee_standard(conn, 1, "home", RATE, effective_on=OPENED, authority="业决1号")
    charge = Desk(office.books).charge(202505)
    paid = office.books.post(fee_receipt(178_20, "1-101"))
    with serving(office.app) as address:
        yield f"{address}/c/trust-1", charge, paid


def check(page: Page) -> str:
    page.tap("[data-check]")
    verdict = page.locator("[data-verdict]")
    expect(verdict).to_have_class(re.compile("good|bad|unsure"))
    return verdict.inner_text()


def put(page: Page, field: str, text: str) -> None:
    """What an operator might show instead of what is in the log."""
    page.evaluate(
        "([field, text]) => { document.querySelector(`[data-field=${field}]`).textContent = text }",
        [field, text],
    )


def test_the_own_part_is_checked_on_a_phone_and_every_change_is_found_out(
    browser: Browser, served: tuple[str, Posted, Posted]
) -> None:
    address, charge, paid = served
    page = browser.new_page(viewport={"width": 390, "height": 844}, has_touch=True)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{address}/mine/proof/{charge.ref}")
    log_in(page, "resident-1", PASSWORD)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    said = check(page)
    assert said.startswith("一致"), said
    assert "1-101 的 ¥178.20 在公开的合计 ¥534.60 里" in said
    for field, text in (
        ("amount", "178.21"),
        ("unit", "1-102"),
        ("basis", "80.00㎡×1.9800元"),
        ("total", "534.61"),
    ):
        page.reload()
        put(page, field, text)
        assert check(page).startswith("不一致"), field
    page.reload()
    put(page, "amount", "很多")
    assert check(page).startswith("无法核对")
    page.goto(f"{address}/mine/proof/{paid.ref}")
    said = check(page)
    assert said.startswith("一致"), said
    assert "公开账目里 ¥178.20 的这一行，记的就是 1-101" in said
    put(page, "unit", "1-102")
    assert check(page).startswith("不一致")
    assert problems == []
    page.close()


def test_without_scripts_the_page_says_so_and_offers_the_file(
    browser: Browser, served: tuple[str, Posted, Posted]
) -> None:
    address, charge, _ = served
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/mine/proof/{charge.ref}")
    log_in(page, "resident-1", PASSWORD)
    expect(page.locator("a:has-text('下载核对文件')")).to_be_visible()
    expect(page.locator("[data-check]")).to_be_hidden()
    context.close()
