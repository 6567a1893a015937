"""The scheme editor and the evaluations of many communities in a browser: with and without its script, in order for
everybody."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from ledger.people import Role
from ledger.people.members import grant
from ledger.store.engine import writing
from tests.axe import violations
from tests.browsing import follow
from tests.evaluation.many import many
from tests.office.evaluations import Desk
from tests.office.test_evaluations_browser import in_order, served, signed_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.db("sqlite")
__all__ = ["served"]


def test_the_pages_are_in_order_for_everybody(browser: Browser, served: tuple[str, Desk]) -> None:
    address, desk = served
    office = desk.office
    with writing(office.engine) as conn:
        many(conn, 3)
        for trust_id in (100, 101, 102):
            grant(conn, trust_id, office.person("party").person, Role.PARTY, by="测试", act=office.act())
    in_order(
        browser,
        address,
        desk,
        "party",
        "/district/evaluations",
        "/district/evaluations/indicators?period=2024-Q3",
        "/district/evaluations/indicators/S1?period=2024-Q3",
        "/district/evaluation-scheme",
        office.path("/evaluation-scheme"),
        office.path("/evaluation-scheme/default-0"),
    )


@pytest.mark.parametrize("script", [True, False])
def test_a_scheme_is_edited_on_a_phone(browser: Browser, served: tuple[str, Desk], script: bool) -> None:
    """Weights add up while they are typed; without the script when they are checked."""
    address, desk = served
    cookies = signed_in(browser, address, desk, "chair").cookies()
    context = browser.new_context(viewport={"width": 390, "height": 800}, java_script_enabled=script)
    context.add_cookies(cookies)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address + desk.office.path("/evaluation-scheme/edit?from=default-0"))
    page.locator("#service-0 > summary").click()
    page.locator("#service-7 > summary").click()
    if script:
        assert violations(page) == []
    page.locator("[id='service.0.weight']").fill("12.5")
    total = page.locator("[data-sum=service]")
    expect(total).to_have_text(f"权重合计 {'102.5' if script else '100'} 分，应为 100 分")
    with page.expect_navigation():
        page.locator("[id='service.0.weight']").press("Enter")
    expect(page.locator("#problems")).to_contain_text("现在是 102.5 分")
    expect(total).to_have_text("权重合计 102.5 分，应为 100 分")
    page.locator("#problems a[href='#service']").click()
    page.locator("#service-1 > summary").click()
    page.locator("[id='service.1.weight']").fill("12.5")
    follow(page.locator("#service-1").get_by_role("button", name="加一条扣分规则"))
    expect(page).to_have_url(re.compile("#service-1$"))
    expect(page.locator("[id='service.1.rules.6.title']")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.locator("[id='service.1.rules.6.title']").fill("监控损坏")
    page.locator("[id='service.1.rules.6.each']").fill("0.5")
    page.locator("#authority").fill("联席会议第3次")
    follow(page.get_by_role("button", name="登记这一版"))
    expect(page.locator("main")).to_contain_text("版方案已登记")
    page.locator(".scheme-versions summary").first.click()
    changed = "S2 规则新增“监控损坏”：每次扣 0.5 分"
    expect(page.locator(".scheme-versions")).to_contain_text(changed, use_inner_text=True)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    context.close()
