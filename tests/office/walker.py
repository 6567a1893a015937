"""People at their browsers, for the walk through the office: what they see and press, nothing behind it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyotp
from playwright.sync_api import Browser, Download, Page, expect

from tests.browsing import PATIENCE, follow

PASSWORD = "一句好记的话 2025"


@dataclass
class Walker:
    """Somebody at a browser of their own. ``shots``: where pictures go, if anybody wants them."""

    page: Page
    base: str
    now: Callable[[], datetime]
    name: str
    shots: Path | None
    secret: str = ""

    def open(self, path: str) -> Walker:
        """Go to an address."""
        answer = self.page.goto(self.base + path)
        assert answer is not None
        assert answer.status < 400, f"{path}: {answer.status} {self.page.inner_text('main')}"
        return self

    def fill(self, **fields: str) -> Walker:
        """Type into fields, by the names of the form."""
        for name, value in fields.items():
            box = self.page.locator(f"main [name='{name}']").first
            kind = box.evaluate("e => e.tagName + '/' + e.type")
            if kind.startswith("SELECT"):
                box.select_option(value)
            elif kind.endswith("/checkbox"):
                box.check()
            else:
                box.fill(value)
        return self

    def choose_file(self, name: str, filename: str, data: bytes) -> Walker:
        """Pick a file of this machine."""
        self.page.locator(f"main [name='{name}']").set_input_files(
            {"name": filename, "mimeType": "application/octet-stream", "buffer": data}
        )
        return self

    def press(self, text: str) -> Walker:
        """Press a button or follow a link of the main part, by what it says."""
        main = self.page.locator("main")
        button = main.get_by_role("button", name=re.compile(text)).or_(
            main.get_by_role("link", name=re.compile(text))
        )
        unfilled = button.first.evaluate(
            "e => [...(e.form?.querySelectorAll('input:invalid, select:invalid, textarea:invalid') ?? [])]"
            ".map(field => field.name)"
        )
        assert unfilled == [], f"{self.path}: these fields stop “{text}”: {unfilled}"
        follow(button.first)
        return self

    def unfold(self, text: str) -> Walker:
        """Open a folded part."""
        self.page.locator("main summary", has_text=text).click()
        return self

    def sees(self, *texts: str) -> Walker:
        """Check that the page says so."""
        for text in texts:
            expect(self.page.locator("body")).to_contain_text(text)
        return self

    def download(self, text: str) -> bytes:
        """The file behind a link."""
        with self.page.expect_download() as waiting:
            self.page.locator("main").get_by_role("link", name=re.compile(text)).first.click()
        found: Download = waiting.value
        return Path(found.path()).read_bytes()

    def shot(self, name: str) -> Walker:
        """Keep a picture, wide and at a phone's width."""
        if self.shots is not None:
            for width in (1280, 390):
                self.page.set_viewport_size({"width": width, "height": 900})
                self.page.screenshot(path=self.shots / f"{name}-{width}.png", full_page=True)
            self.page.set_viewport_size({"width": 1280, "height": 900})
        return self

    @property
    def path(self) -> str:
        """Where the browser is."""
        return self.page.url.removeprefix(self.base)

    def code(self) -> str:
        """What the phone shows now."""
        return pyotp.TOTP(self.secret).at(self.now())

    def log_in(self, account: str) -> Walker:
        """Log in for the first time, with a phone for the one-time codes."""
        self.open("/login").fill(account=account, password=PASSWORD).press("登录")
        return self.set_up_phone()

    def join(self, code: str, account: str, name: str) -> Walker:
        """Open an account with an invitation."""
        self.open(f"/invite?code={code}").press("继续|下一步|查看|确定|使用")
        self.fill(name=name, account=account, password=PASSWORD, again=PASSWORD).press("开通并登录")
        return self.set_up_phone()

    def set_up_phone(self) -> Walker:
        """Set up the second factor."""
        self.open("/account/code")
        self.secret = re.sub(r"\s", "", self.page.inner_text("code.secret"))
        return self.fill(code=self.code()).press("确定")


def newcomer(
    browser: Browser, base: str, now: Callable[[], datetime], name: str, shots: Path | None
) -> Walker:
    """Somebody who opens a browser; every script error fails the walk."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)

    def fail(error: Any) -> None:
        raise AssertionError(f"{page.url}: {error}")

    page.on("pageerror", fail)
    return Walker(page, base, now, name, shots)
