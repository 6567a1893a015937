"""The display modes as a form that leads back: nowhere else, and whatever it is given."""

from __future__ import annotations

import pytest

from tests.public.community import SLUG
from tests.public.conftest import Site

HOME = f"/c/{SLUG}"


@pytest.mark.db("sqlite")
@pytest.mark.parametrize(
    ("back", "leads_to"),
    [
        (f"{HOME}/entries?q=电梯&month=2025-09", f"{HOME}/entries?q=%E7%94%B5%E6%A2%AF&month=2025-09"),
        (f"{HOME}/entries?q=%E7%94%B5%E6%A2%AF", f"{HOME}/entries?q=%E7%94%B5%E6%A2%AF"),
        (f"{HOME}\r\nset-cookie: a=b", f"{HOME}set-cookie:%20a=b"),
        (f"{HOME}\x00", f"{HOME}%00"),
        ("https://elsewhere.example/evil", "/evil"),
        ("//elsewhere.example", "/"),
        ("////elsewhere.example", "/"),
        ("/\\elsewhere.example", "/"),
        ("/\t/elsewhere.example", "/"),
        ("javascript:alert(1)", "/"),
        ("https://[elsewhere", "/"),
        ("/display?size=large", "/"),
    ],
)
def test_choosing_leads_back_to_a_page_of_this_site(site: Site, back: str, leads_to: str) -> None:
    answer = site.client.get("/display", params={"size": "large", "back": back}, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == leads_to
    assert answer.headers["set-cookie"].startswith("display=large; HttpOnly")


@pytest.mark.db("sqlite")
def test_half_a_character_leads_to_the_front_page(site: Site) -> None:
    answer = site.client.get("/display?size=large&back=/%ED%A0%80", follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/")


@pytest.mark.db("sqlite")
@pytest.mark.parametrize("cookie", ["large.contrast.evil", '"><script>', "x" * 3_000, "large\\054"])
def test_a_cookie_of_ones_own_making_puts_nothing_on_the_page(site: Site, cookie: str) -> None:
    answer = site.client.get("/display", headers={"cookie": f"display={cookie}"})
    assert answer.status_code == 200
    assert "evil" not in answer.text
    assert "<script>" not in answer.text
