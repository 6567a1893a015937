"""The desk of the evaluation in a browser, stage by stage: in order for everybody, on a phone and at a desk; and the
receipt of a questionnaire checked in one's own browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from litestar.testing import TestClient
from playwright.sync_api import expect
from sqlalchemy import Engine

from disclosure.app import create_app
from disclosure.config import Config
from disclosure.signing import Keys, sign_pending
from ledger.log.keys import create_key
from tests.axe import violations
from tests.ledger.books import TODAY, open_books
from tests.office.conftest import CHEAP, Clock, OfficeSite, settle
from tests.office.evaluations import NOTHING, Desk, photo, settle_desk
from tests.serving import serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

pytestmark = pytest.mark.db("sqlite")


@dataclass
class ServedSite(OfficeSite):
    """Clients go over the wire, so that a browser can take their sessions on."""

    address: str = ""
    opened: list[httpx.Client] = field(default_factory=list)

    def anyone(self) -> Any:
        self.opened.append(httpx.Client(base_url=self.address, headers={"origin": self.address}))
        return self.opened[-1]


@pytest.fixture
def served(engine: Engine, database_url: str, tmp_path: Path) -> Iterator[tuple[str, Desk]]:
    """The desk on a real port, its log signed."""
    books = open_books(engine)
    config = Config(tmp_path, database_url, "http://127.0.0.1", password_cost=CHEAP)
    create_key(config.key_path("trust-1"), Random(1).randbytes)
    clock = Clock(TODAY)
    app = create_app(config, now=clock)
    with serving(app) as address:
        site = ServedSite(app, config, engine, books, clock, settle(books), TestClient(app), address=address)
        yield address, settle_desk(site)
        for client in site.opened:
            client.close()


def in_order(browser: Browser, address: str, desk: Desk, who: str, *paths: str, shots: str = "") -> None:
    """Nothing hinders anybody on these pages, and nothing stands out on the right."""
    for width, scheme in ((390, "light"), (1280, "dark")):
        context = signed_in(browser, address, desk, who, width=width, scheme=scheme)
        page = context.new_page()
        for path in paths:
            page.goto(address + path)
            for summary in page.locator("main details > summary").all():
                summary.click()
            if shots:
                name = path.strip("/").replace("/", "_").replace("?", "_")
                page.screenshot(path=f"{shots}/{name}-{who}-{width}.png", full_page=True)
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
            assert violations(page) == [], (path, who, width)
            boxes = page.eval_on_selector_all(
                "main input[type=checkbox], main input[type=radio]",
                "all => all.map(one => one.getBoundingClientRect()).filter(box => box.width)"
                ".map(box => [Math.round(box.width), Math.round(box.height)])",
            )
            assert len({side for box in boxes for side in box}) <= 1, ("boxes to tick", path, who, width)
        context.close()


def signed_in(
    browser: Browser, address: str, desk: Desk, who: str, *, width: int = 390, scheme: str = "light"
) -> BrowserContext:
    """A browser with the session of the person's client."""
    cookies = desk.office.client(who).cookies
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    context.add_cookies(
        [{"name": cookie.name, "value": cookie.value or "", "url": address} for cookie in cookies.jar]
    )
    return context


def walk(browser: Browser, address: str, desk: Desk, shots: str = "") -> None:
    """From the empty list to the corrected result, each page as those see it who work on it."""
    office, here = desk.office, desk.here

    def check(who: str, *paths: str) -> None:
        in_order(browser, address, desk, who, *paths, shots=shots)

    check("party", office.path("/evaluations"))
    desk.done(office.path("/evaluations"), "party", span="2025-Q2", scope="")
    desk.to(date(2025, 7, 5))
    check("reviewer", f"{here}/self")
    desk.done(f"{here}/self", "reviewer", points_S1="9.5", text="本季度按合同履约。")
    desk.done(f"{here}/figures", "party")
    desk.sheets()
    check("committee", f"{here}/sheets/committee", f"{here}/sheets/committee/S2")
    check("party", here, f"{here}/sheets/party/P7")
    veto = {"veto": "V4", "veto_on": "2025-05-20", "veto_what": "为催费停水", "unrelated": "1"}
    desk.done(f"{here}/veto", "supervisor", {"veto_file": ("v.jpg", photo(), "image/jpeg")}, **veto)
    desk.done(f"{here}/survey", "party", closes_on="2025-07-12")
    desk.done(desk.mine, "resident", home="1", choice="yes")
    check("resident", desk.mine, f"/c/{office.slug}/mine/evaluations", f"{desk.mine}/receipt?home=1")
    check("resident", f"/c/{office.slug}/evaluations/1/receipt")
    desk.to(date(2025, 7, 13))
    desk.done(f"{here}/preview", "party")
    check("reviewer", here)
    ref = desk.state().findings()["S2", "patrol"].items[0].ref  # type: ignore[union-attr]
    desk.done(f"{here}/appeal", "reviewer", NOTHING, ref=ref, appeal_reason="当天下暴雨")
    check("supervisor", here)
    appeal = str(desk.state().open_appeals()[0].no)
    ruling = {"appeal": appeal, "count": "1", "ruling_reason": "属实", "unrelated": "1"}
    desk.done(f"{here}/rule", "supervisor", **ruling)
    desk.to_final()
    check("party", here, f"{here}/correct", office.path("/evaluations"), office.path())


def test_every_page_of_a_round_is_in_order(browser: Browser, served: tuple[str, Desk]) -> None:
    walk(browser, *served)


def test_a_receipt_is_checked_in_ones_own_browser(browser: Browser, served: tuple[str, Desk]) -> None:
    address, desk = served
    desk.to_scoring()
    desk.done(f"{desk.here}/survey", "party", closes_on="2025-07-12")
    desk.done(desk.mine, "resident", home="1", choice="fair")
    receipt = desk.office.client("resident").get(f"{desk.mine}/receipt.txt?home=1").text
    sign_pending(desk.office.engine, Keys(desk.office.config), desk.office.clock)
    page = browser.new_page()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.goto(f"{address}/c/{desk.office.slug}/evaluations/1/receipt")
    for text, verdict in ((receipt, "一致"), (receipt.replace("fair", "bad"), "不一致")):
        page.get_by_label("回执").fill(text)
        page.get_by_role("button", name="核对").click()
        expect(page.locator("[data-verdict] strong")).to_have_text(verdict)
    assert set(sent) == {"GET"}, "the receipt stays on the phone"
    page.close()
