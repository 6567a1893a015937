"""Blacking out in a real browser: with a finger on a phone, and nothing at all without scripts."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from playwright.sync_api import expect
from sqlalchemy import Engine

from disclosure.app import create_app
from disclosure.config import Config
from tests.browsing import log_in, set_up_phone
from tests.documents.papers import picture
from tests.ledger.books import TODAY, open_books
from tests.office.conftest import CHEAP, PASSWORD, Clock, settle
from tests.serving import serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.db("sqlite")
OFFICE = "/c/trust-1/office"


@pytest.fixture
def address(engine: Engine, database_url: str, tmp_path: Path) -> Iterator[str]:
    """The office on a real port."""
    settle(open_books(engine))
    config = Config(tmp_path, database_url, "http://127.0.0.1", password_cost=CHEAP)
    app = create_app(config, now=Clock(TODAY))
    with serving(app) as where:
        yield where


def upload(page: Page, address: str, file: Path) -> None:
    """As the preparer, who logs in for the first time."""
    page.goto(f"{address}/login")
    log_in(page, "preparer-1", PASSWORD)
    page.goto(address + OFFICE)
    set_up_phone(page, Clock(TODAY).now)
    file.write_bytes(picture("PNG", (800, 600)))
    page.goto(f"{address}{OFFICE}/documents/new")
    page.select_option("[name=kind]", "receipt")
    page.set_input_files("[name=file]", file)
    page.check("[name=access][value=public]")
    page.click("main button[type=submit]")
    page.wait_for_url("**/copy?access=public")


def test_a_box_drawn_on_a_phone_is_black_in_the_copy(browser: Browser, address: str, tmp_path: Path) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844}, has_touch=True)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    upload(page, address, tmp_path / "a.png")
    canvas = page.locator("canvas")
    canvas.wait_for()
    canvas.scroll_into_view_if_needed()
    frame = canvas.bounding_box()
    assert frame is not None
    page.mouse.move(frame["x"] + frame["width"] * 0.2, frame["y"] + frame["height"] * 0.2)
    page.mouse.down()
    page.mouse.move(frame["x"] + frame["width"] * 0.55, frame["y"] + frame["height"] * 0.55, steps=4)
    page.mouse.up()
    expect(page.locator("[data-redact-count]")).to_have_text("已遮盖 1 处")
    page.click("[data-redact-submit]")
    page.wait_for_url("**/documents/1")
    shown = page.request.get(f"{address}{OFFICE}/documents/1/shown").body()
    image = Image.open(io.BytesIO(shown)).convert("RGB")
    assert {image.getpixel((x, y)) for x in range(190, 410, 7) for y in range(140, 310, 7)} == {(0, 0, 0)}
    assert image.getpixel((600, 100)) == (255, 255, 255)
    assert problems == []
    page.close()


def test_without_scripts_no_copy_can_be_made(browser: Browser, address: str, tmp_path: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    upload(page, address, tmp_path / "a.png")
    expect(page.locator("main")).to_contain_text("没有启用脚本", use_inner_text=True)
    expect(page.locator("[data-redact-submit]")).to_be_disabled()
    context.close()
