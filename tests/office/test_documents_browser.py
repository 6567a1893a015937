"""Blacking out in a real browser: with a finger on a phone, and nothing at all without scripts."""

from __future__ import annotations

import io
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pyotp
import pytest
import uvicorn
from PIL import Image
from sqlalchemy import Engine

from disclosure.app import create_app
from disclosure.config import Config
from tests.documents.papers import picture
from tests.ledger.books import TODAY, open_books
from tests.office.conftest import CHEAP, PASSWORD, Clock, settle

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
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def log_in(page: Page, address: str) -> None:
    page.goto(f"{address}/login")
    page.fill("[name=account]", "preparer-1")
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.goto(address + OFFICE)
    secret = re.sub(r"\s", "", page.locator("code.secret").inner_text())
    page.fill("[name=code]", pyotp.TOTP(secret).at(Clock(TODAY).now))
    page.click("main button[type=submit]")
    page.wait_for_load_state()


def upload(page: Page, address: str, file: Path) -> None:
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
    log_in(page, address)
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
    assert "已遮盖 1 处" in page.locator("[data-redact-count]").inner_text()
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
    log_in(page, address)
    upload(page, address, tmp_path / "a.png")
    assert "没有启用脚本" in page.locator("main").inner_text()
    assert page.locator("[data-redact-submit]").is_disabled()
    context.close()
