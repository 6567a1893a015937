"""Papers on the web: handed in from a phone, blacked out, shown, taken back; nothing unsafe is ever opened."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from PIL import Image

from tests.documents.papers import SECRET, e_invoice, pdf, picture
from tests.office.conftest import OfficeSite

TYPED = {"kind": "receipt", "access": "internal"}


def hand_in(
    office: OfficeSite, data: bytes, name: str = "IMG_1.jpg", role: str = "preparer", **fields: str
) -> Any:
    """Upload as a browser does."""
    sent = {"file": (name, data, "image/jpeg")}
    return office.post(office.client(role), office.path("/documents/new"), files=sent, **(TYPED | fields))


def show(office: OfficeSite, no: int = 1, **fields: str) -> Any:
    typed = {"access": "public", "looked": "1", "boxes": "0,2500,2500,2500,2500"}
    return office.post(office.client("preparer"), office.path(f"/documents/{no}/copy"), **(typed | fields))


def page(office: OfficeSite, below: str, role: str = "preparer") -> Any:
    return office.client(role).get(office.path(below))


def test_a_photo_is_blacked_out_and_everybody_sees_only_the_copy(office: OfficeSite) -> None:
    answer = hand_in(office, picture("JPEG", exif=True), access="public", title="收据")
    assert answer.headers["location"] == office.path("/documents/1/copy?access=public")
    drawing = office.follow(office.client("preparer"), answer)
    assert "原件已存好" in drawing.text
    assert 'data-redact-page="0"' in drawing.text
    done = office.follow(office.client("preparer"), show(office))
    assert "副本已生成，公开" in done.text
    original, copy = re.findall(r"[0-9a-f]{64}", done.text)[:2]
    stranger = office.anyone()
    seen = stranger.get(f"/c/{office.slug}/documents/{copy}")
    assert seen.headers["content-type"] == "image/jpeg"
    assert seen.headers["x-content-type-options"] == "nosniff"
    assert seen.headers["content-security-policy"].endswith("sandbox")
    assert b"PHONE-MAKER" not in seen.content
    middle: Any = Image.open(io.BytesIO(seen.content)).getpixel((150, 112))
    assert max(middle) < 12
    assert max(abs(a - b) for a, b in zip(middle, SECRET, strict=True)) > 50
    assert stranger.get(f"/c/{office.slug}/documents/{original}").status_code == 404
    back = office.post(office.client("reviewer"), office.path("/documents/1/take-back"), reason="漏了电话")
    assert "收回" in office.follow(office.client("reviewer"), back).text
    assert stranger.get(f"/c/{office.slug}/documents/{copy}").status_code == 404


def test_a_copy_for_owners_is_not_public(office: OfficeSite) -> None:
    hand_in(office, picture())
    done = office.follow(office.client("preparer"), show(office, access="owners"))
    copy = re.findall(r"[0-9a-f]{64}", done.text)[1]
    assert office.anyone().get(f"/c/{office.slug}/documents/{copy}").status_code == 404
    assert page(office, "/documents/1/shown").headers["content-type"] == "image/png"
    below = f"/c/{office.slug}/owners/documents"
    resident = office.client("resident")
    assert f"{below}/1" in resident.get(below).text
    assert resident.get(f"{below}/1").content == page(office, "/documents/1/shown").content
    assert office.client("tenant").get(f"{below}/1").status_code == 403
    assert office.anyone().get(f"{below}/1").status_code == 303
    office.post(office.client("reviewer"), office.path("/documents/1/take-back"), reason="改为内部")
    assert resident.get(f"{below}/1").status_code == 404
    assert "还没有给业主看的附件" in resident.get(below).text


@pytest.mark.db("sqlite")
def test_without_having_looked_or_drawn_no_copy_is_made(office: OfficeSite) -> None:
    hand_in(office, picture())
    for fields, said in (
        ({"looked": ""}, "只作内部留存"),
        ({"boxes": ""}, "没有遮盖任何地方"),
        ({"boxes": "0,1,1"}, "重新画"),
        ({"boxes": "0,9999,0,5000,1"}, "页面外面"),
        ({"boxes": "x,0,0,1,1"}, "重新画"),
        ({"access": "internal"}, "没有“internal”这个选项"),
    ):
        answer = show(office, **fields)
        assert answer.status_code == 422
        assert said in answer.text
    assert "内部" in page(office, "/documents/1").text
    assert page(office, "/documents/1/shown").status_code == 404


@pytest.mark.db("sqlite")
def test_whoever_looked_and_found_nothing_may_say_so(office: OfficeSite) -> None:
    hand_in(office, picture())
    assert show(office, boxes="", nothing="1").status_code == 303


@pytest.mark.db("sqlite")
def test_what_is_refused_comes_back_as_the_form_with_what_was_typed(office: OfficeSite) -> None:
    for data, said in (
        (b"<html><script>alert(1)</script></html>", "网页"),
        (b"", "请选择文件"),
        (b"\xff\xd8\xff broken", "重新拍照"),
    ):
        answer = hand_in(office, data, "a.jpg" if data else "", title="六月收据")
        assert answer.status_code == 422
        assert said in answer.text
        assert "六月收据" in answer.text
    assert "还没有这类附件" in page(office, "/documents").text


@pytest.mark.db("sqlite")
def test_the_original_is_only_ever_saved_never_opened(office: OfficeSite) -> None:
    hand_in(office, e_invoice(), "x.xml", kind="invoice")
    answer = page(office, "/documents/1/file")
    assert answer.content == e_invoice()
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.db("sqlite")
def test_an_e_invoice_shows_what_was_read_and_leads_to_the_payable(office: OfficeSite) -> None:
    text = office.follow(
        office.client("preparer"), hand_in(office, e_invoice(), "x.xml", kind="invoice")
    ).text
    for said in ("25327000001739485410", "2025-05-29", "电梯公司", "1,060.00", "系统识读", "登记应付"):
        assert said in text
    answer = hand_in(office, e_invoice(), "x.xml", kind="invoice", access="public")
    assert "不能遮盖" in office.follow(office.client("preparer"), answer).text


@pytest.mark.db("sqlite")
def test_the_pages_of_a_pdf_are_looked_at_as_pictures(office: OfficeSite) -> None:
    hand_in(office, pdf(pages=2), "c.pdf", kind="contract")
    shown = page(office, "/documents/1/page/2")
    assert shown.headers["content-type"] == "image/jpeg"
    assert Image.open(io.BytesIO(shown.content)).size[1] <= 1600
    assert page(office, "/documents/1/page/3").status_code == 422
    assert page(office, "/documents/1/page/0").status_code == 404
    assert page(office, "/documents/1/copy").text.count("data-redact-page") == 2


@pytest.mark.parametrize(
    ("role", "reads", "uploads", "shows"),
    [
        ("preparer", 200, 303, 303),
        ("reviewer", 200, 303, 303),
        ("cashier", 200, 303, 403),
        ("committee", 200, 303, 303),
        ("supervisor", 200, 303, 403),
        ("party", 403, 303, 403),
        ("resident", 403, 403, 403),
        ("tenant", 403, 403, 403),
        ("operator", 403, 403, 403),
    ],
)
@pytest.mark.db("sqlite")
def test_each_role_does_what_it_may_with_papers(
    office: OfficeSite, role: str, reads: int, uploads: int, shows: int
) -> None:
    hand_in(office, picture())
    client = office.client(role)
    for below in ("/documents", "/documents/1", "/documents/1/file", "/documents/1/page/1"):
        assert client.get(office.path(below)).status_code == reads, below
    assert hand_in(office, picture(), role=role).status_code == uploads
    typed = {"access": "public", "looked": "1", "boxes": "0,0,0,100,100"}
    assert office.post(client, office.path("/documents/1/copy"), **typed).status_code == shows


@pytest.mark.db("sqlite")
def test_the_list_is_turned_page_by_page(office: OfficeSite) -> None:
    for _ in range(3):
        hand_in(office, picture())
    page(office, "/documents")
    text = page(office, "/documents?before=3").text
    assert "第 2 号" in text
    assert "第 3 号" not in text
    assert "还没有这类附件" in page(office, "/documents?kind=contract").text
