"""A resident asks, sees the own inquiry through, and asks the same as others; nobody else sees a word of it."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image

from ledger.inquiries import answer, read_inquiry
from ledger.inquiries.pictures import MOST
from tests.inquiries.desk import NEIGHBOUR, PREPARER, PUBLIC
from tests.inquiries.test_publishing import photo
from tests.inquiries.town import ANSWER, PRIVATE, Town, settle_town
from tests.office.conftest import OfficeSite, office

__all__ = ["office"]
pytestmark = pytest.mark.db("sqlite")


@pytest.fixture
def town(office: OfficeSite) -> Town:
    return settle_town(office)


def ask(town: Town, who: str = "resident", **fields: object) -> int:
    """Through the form; the number."""
    values = {"kind": "question", "text": PRIVATE, "about": f"entry:{town.desk.ref}"} | fields
    files = values.pop("files", {"pictures": ("", b"", "application/octet-stream")})
    answered = town.send("/ask", who, files=files, **values)
    assert answered.status_code == 303, answered.text
    return int(answered.headers["location"].rpartition("/")[2])


def test_a_question_about_an_entry_goes_to_the_own_list(town: Town) -> None:
    form = town.see(f"/ask?about=entry:{town.desk.ref}", "resident")
    assert town.desk.ref in form
    assert "人问过这个" not in form
    assert ">想问什么</label>" in form, "nothing can be broken in an entry"
    assert ">想问什么、坏了什么</label>" in town.see("/ask", "resident")
    no = ask(town, unit="1-101")
    page = town.see(f"/mine/inquiries/{no}", "resident")
    assert "已经收到，编号是第 1 号" in page
    assert PRIVATE in page
    assert "物业服务中心负责人" in page
    assert f'/mine/inquiries/{no}"' in town.see("/mine/inquiries", "resident")
    with town.desk.reading() as (conn, trust_id):
        asked = read_inquiry(conn, trust_id, no).asked
    assert (asked.about, asked.unit, asked.person) == (town.desk.ref, "1-101", town.resident.person)


def test_somebody_not_logged_in_is_led_back_to_the_form(town: Town) -> None:
    path = f"{town.base}/ask?about=entry:{town.desk.ref}"
    answered = town.office.anyone().get(path)
    assert answered.status_code == 303
    assert answered.headers["location"].startswith("/login?next=")
    assert town.desk.ref in answered.headers["location"]


def test_before_the_form_stands_who_asked_and_what_was_answered(town: Town) -> None:
    no = town.published()
    town.desk.ask(actor=NEIGHBOUR, text="没有公开的另一问")
    form = town.see(f"/ask?about=entry:{town.desk.ref}", "resident")
    assert "2 人问过这个" in form
    assert form.index("2 人问过这个") < form.index("<textarea")
    assert PUBLIC in form
    assert ANSWER in form
    assert f'href="{town.base}/ask/same/{no}"' in form
    assert "另一问" not in form


def test_asking_the_same_counts_once(town: Town) -> None:
    no = town.published()
    assert PUBLIC in town.see(f"/ask/same/{no}", "tenant")
    for _ in range(2):
        assert town.send(f"/ask/same/{no}", "tenant").status_code == 303
    assert "另有 1 人也想问" in town.see("/inquiries")
    hidden = town.desk.ask(actor=NEIGHBOUR)
    client = town.office.client("tenant")
    assert client.get(f"{town.base}/ask/same/{hidden}").status_code == 404
    assert town.send(f"/ask/same/{hidden}", "tenant").status_code == 422


def test_pictures_come_with_it_without_place_and_device(town: Town) -> None:
    files = [("camera", ("a.jpg", photo("red"), "image/jpeg"))]
    files += [("pictures", (f"{n}.jpg", photo(c), "image/jpeg")) for n, c in enumerate(("blue", "green"))]
    no = ask(town, files=files, kind="snapshot", about="area:elevator", place="3 栋东侧")
    page = town.see(f"/mine/inquiries/{no}", "resident")
    sources = re.findall(r'src="([^"]+/pictures/[^"]+)"', page)
    assert len(sources) == 3
    client = town.office.client("resident")
    for source in sources:
        found = client.get(source)
        assert found.headers["content-type"] == "image/jpeg"
        assert "no-store" in found.headers["cache-control"]
        assert b"SECRETPHONE" in photo()
        assert b"SECRETPHONE" not in found.content
        assert not dict(Image.open(io.BytesIO(found.content)).getexif())
        for other in (town.office.client("tenant"), town.office.client("preparer")):
            assert other.get(source).status_code in (403, 404)
        assert town.office.anyone().get(source).status_code == 303


def test_what_is_wrong_is_all_said_at_once_and_what_was_typed_stays(town: Town) -> None:
    no_picture = [("pictures", ("a.jpg", b"not a picture", "image/jpeg"))]
    answered = town.send("/ask", kind="question", text="写了的话", about="", files=no_picture)
    assert answered.status_code == 422
    assert "第 1 张图片" in answered.text
    assert "写了的话" in answered.text
    many = [("pictures", (f"{n}.jpg", photo(), "image/jpeg")) for n in range(MOST + 1)]
    answered = town.send("/ask", kind="question", text="写了的话", files=many)
    assert answered.status_code == 422
    assert f"最多 {MOST} 张" in answered.text
    empty = {"pictures": ("", b"", "application/octet-stream")}
    answered = town.send("/ask", kind="", text="", about="area:elevator", files=empty)
    assert answered.status_code == 422
    assert "请填写种类" in answered.text
    assert "请填写内容" in answered.text
    assert "您还没有提过" in town.see("/mine/inquiries", "resident")


def test_a_form_sent_twice_asks_once(town: Town) -> None:
    page = town.see("/ask", "resident")
    once = re.search(r'name="once" value="([0-9a-f]+)"', page)
    assert once is not None
    numbers = {ask(town, once=once[1]) for _ in range(2)}
    assert numbers == {1}
    assert len(re.findall(r'/mine/inquiries/\d+"', town.see("/mine/inquiries", "resident"))) == 1


def test_an_owner_may_ask_to_inspect_and_copy_and_a_tenant_is_not_offered_it(town: Town) -> None:
    assert 'value="inspection"' in town.see("/ask", "resident")
    assert 'value="inspection"' not in town.see("/ask", "tenant")
    no = ask(town, kind="inspection", about="")
    assert "查阅复制第" in town.see(f"/mine/inquiries/{no}", "resident")
    empty = {"pictures": ("", b"", "application/octet-stream")}
    refused = town.send("/ask", "tenant", kind="inspection", text="看账", files=empty)
    assert refused.status_code == 403


def test_an_answer_waits_on_the_first_page_and_is_rated(town: Town) -> None:
    no = ask(town)
    assert "有答复了" not in town.see("/mine", "resident")
    town.desk.do(answer, no, "给您一个人的答复", by=PREPARER)
    assert f"第 {no} 号有答复了，满意吗" in town.see("/mine", "resident")
    page = town.see(f"/mine/inquiries/{no}", "resident")
    assert "给您一个人的答复" in page
    assert "这次答复，您满意吗" in page
    answered = town.send(f"/mine/inquiries/{no}/rate", satisfied="no", text="没有说清楚")
    page = town.office.follow(town.office.client("resident"), answered).text
    assert "现在由社区党组织负责人负责，重新办" in page
    assert "升级到社区" in page
    assert "没有说清楚" in page
    assert "这次答复，您满意吗" not in page
    assert "有答复了" not in town.see("/mine", "resident")
    again = town.send(f"/mine/inquiries/{no}/rate", satisfied="yes")
    assert again.status_code == 422
    assert "还没有答复，或已经评价过" in again.text


def test_words_are_added_and_it_is_taken_back(town: Town) -> None:
    no = ask(town)
    files = {"camera": ("a.jpg", photo(), "image/jpeg")}
    assert town.send(f"/mine/inquiries/{no}/note", note="又坏了", files=files).status_code == 303
    page = town.see(f"/mine/inquiries/{no}", "resident")
    assert "又坏了" in page
    assert f"{town.base}/mine/inquiries/{no}/pictures/2/1" in page
    assert town.send(f"/mine/inquiries/{no}/withdraw", reason="修好了").status_code == 303
    page = town.see(f"/mine/inquiries/{no}", "resident")
    assert "已撤回" in page
    assert f'{town.base}/ask?follows={no}"' in page
    assert "接着第 1 号再提" in town.see(f"/ask?follows={no}", "resident")
    assert ask(town, follows=str(no)) == 2
    empty = {"pictures": ("", b"", "application/octet-stream")}
    assert town.send(f"/mine/inquiries/{no}/note", note="再说一句", files=empty).status_code == 422


def test_others_see_nothing_of_it(town: Town) -> None:
    no = ask(town)
    tenant = town.office.client("tenant")
    assert tenant.get(f"{town.base}/mine/inquiries/{no}").status_code == 404
    assert tenant.get(f"{town.base}/ask?follows={no}").status_code == 404
    assert PRIVATE not in town.see("/mine/inquiries", "tenant")
    assert town.send(f"/mine/inquiries/{no}/rate", "tenant", satisfied="yes").status_code in (403, 404)
    assert town.send(f"/mine/inquiries/{no}/withdraw", "tenant").status_code in (403, 404)
    empty = {"pictures": ("", b"", "application/octet-stream")}
    for who in ("tenant", "committee"):
        sent = town.send(f"/mine/inquiries/{no}/note", who, note="插话", files=empty)
        assert sent.status_code == 404, who
    assert town.desk.kinds(no) == ["opened"]
    assert town.office.client("preparer").get(f"{town.base}/ask").status_code == 403


def test_what_cannot_be_asked_about_is_not_found(town: Town) -> None:
    client = town.office.client("resident")
    for about in ("entry:A-2025-999999", "entry:", "statement:2025-13", "statement:x", "project:none", "x:y"):
        assert client.get(f"{town.base}/ask?about={about}").status_code == 404, about


def test_pages_of_residents_are_nobody_elses_business(town: Town) -> None:
    for path in ("/ask", "/mine/inquiries"):
        found = town.office.client("resident").get(town.base + path)
        assert "no-store" in found.headers["cache-control"]
        assert "noindex" in found.headers["x-robots-tag"]
    assert "Disallow: /c/*/ask" in town.office.anyone().get("/robots.txt").text


def test_a_tenant_finds_the_way_from_the_first_page(town: Town) -> None:
    page = town.office.client("tenant").get("/me").text
    assert f'href="{town.base}/mine/inquiries"' in page
    listed = town.see("/mine/inquiries", "tenant")
    assert f'href="{town.base}/ask"' in listed
    assert f'href="{town.base}/mine/money"' not in listed, "it would be refused"


def test_about_what_stands_in_the_books_there_is_nothing_to_repair(town: Town) -> None:
    form = town.see(f"/ask?about=entry:{town.desk.ref}", "resident")
    assert 'value="question" required checked' in form
    assert 'value="inspection"' in form
    assert 'value="repair"' not in form
    assert 'value="repair"' in town.see("/ask", "resident")
