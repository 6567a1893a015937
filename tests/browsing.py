"""What people do at a browser, each step waited for: what comes after it is about the page it led to."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

import pyotp

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

PATIENCE = 30_000
"""So many milliseconds something may take on a busy machine before a test gives it up."""


def follow(step: Locator, *, tap: bool = False) -> None:
    """Press a button or a link that leads to another page, and wait until that page is there with its scripts."""
    with step.page.expect_navigation():
        if tap:
            step.tap()
        else:
            step.click()


def log_in(page: Page, account: str, password: str) -> None:
    """Fill in the log-in page that is shown."""
    page.get_by_label("账号").fill(account)
    page.get_by_label("密码").fill(password)
    follow(page.get_by_role("button", name="登录"))


def set_up_phone(page: Page, now: datetime) -> str:
    """Put the secret that is shown into a phone and confirm it with the code of this moment; the secret."""
    secret = re.sub(r"\s", "", page.locator("code.secret").inner_text())
    page.locator("[name=code]").fill(pyotp.TOTP(secret).at(now))
    follow(page.locator("main button[type=submit]"))
    return secret


def verdict(page: Page, button: str = "核验") -> tuple[str, str]:
    """How the check that a button starts ends: its title, and all it says. Without a button it began by itself."""
    if button:
        page.get_by_role("button", name=button).click()
    box = page.locator(".verdict.good, .verdict.bad, .verdict.unsure")
    box.wait_for()
    return box.locator("strong").first.inner_text(), box.inner_text()
