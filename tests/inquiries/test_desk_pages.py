"""The desk in the browser: accept, assign, answer, repair, mediate, call back, publish; and who sees what waits."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
from PIL import Image

from disclosure.inquiries import shots
from ledger.documents import MAX_BYTES
from ledger.inquiries import Question, ask, escalate_due, rate, read_inquiry
from ledger.inquiries.pictures import MOST, Shot, read_shot
from ledger.inquiries.shown import InquiryFile
from ledger.people import Actor
from ledger.people.audit import AuditFilter, read_audit
from ledger.store.engine import reading, writing
from tests.office.conftest import OfficeSite

pytestmark = pytest.mark.db("sqlite")
WORDS = "1-101 的张阿姨问：三月保洁费为什么高？电话 13812345678"
CLEAN = "三月保洁费为什么高？"
_keys = count(1)


def asked(
    office: OfficeSite, kind: str = "question", *, text: str = WORDS, shots: tuple[Shot, ...] = ()
) -> int:
    question = Question(kind, text, f"k{next(_keys)}", unit="1-101")
    place = office.config.documents_dir
    with writing(office.engine) as conn:
        return ask(
            conn, office.trust_id, question, resident(office), office.act(), shots=shots, location=place
        )


def resident(office: OfficeSite) -> Actor:
    return office.actor("resident")


def rated(office: OfficeSite, no: int, satisfied: bool) -> None:
    with writing(office.engine) as conn:
        rate(conn, office.trust_id, no, satisfied, resident(office), office.act())


def file_of(office: OfficeSite, no: int) -> InquiryFile:
    with reading(office.engine) as conn:
        return read_inquiry(conn, office.trust_id, no)


def handle(office: OfficeSite, no: int, step: str, role: str = "preparer", **fields: Any) -> Any:
    """One step through the form, as browsers send it: multipart."""
    files = fields.pop("files", {"nothing": ("", b"", "application/octet-stream")})
    path = office.path(f"/inquiries/{no}/handle")
    return office.post(office.client(role), path, files=files, step=step, **fields)


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (300, 200), "white").save(out, "JPEG")
    return out.getvalue()


def test_a_question_is_accepted_assigned_and_answered(office: OfficeSite) -> None:
    no = asked(office)
    desk = office.client("preparer").get(office.path("/inquiries")).text
    assert f"第 {no} 号" in desk
    page = office.follow(office.client("preparer"), handle(office, no, "accept")).text
    assert f"第 {no} 号：已受理" in page
    handle(office, no, "assign", post="客服岗", text="请查三月合同")
    page = office.follow(
        office.client("preparer"), handle(office, no, "answer", text="多洗了一次外墙。")
    ).text
    assert "已答复，提问人可以评价了" in page
    assert [step.kind for step in file_of(office, no).steps] == ["opened", "accepted", "assigned", "answered"]
    with reading(office.engine) as conn:
        trail = read_audit(conn, office.trust_id, AuditFilter("", "", "", None))
    assert {(item.action, item.subject) for item in trail} >= {("inquiry.handle", f"第{no}号")}


def test_who_takes_on_what_came_up_is_not_held_to_the_day_of_the_level_below(office: OfficeSite) -> None:
    no = asked(office)
    promise = f"最迟 {file_of(office, no).asked.answer_by} 答复的承诺不变"
    path = office.path(f"/inquiries/{no}")
    assert promise in office.client("preparer").get(path).text
    handle(office, no, "answer", text="多洗了一次外墙。")
    rated(office, no, False)
    page = office.client("party").get(path).text
    assert promise not in page
    assert f"受理后仍要在 {file_of(office, no).state.due_on} 前办好" in page


def test_a_repair_is_visited_done_with_a_picture_and_done_again(office: OfficeSite) -> None:
    no = asked(office, "repair")
    page = office.client("preparer").get(office.path(f"/inquiries/{no}")).text
    assert "记到场" in page
    assert "报完工" in page
    handle(office, no, "visit", text="水管接头裂了")
    shot = {"picture": ("done.jpg", picture(), "image/jpeg")}
    handle(office, no, "answer", text="已换接头", files=shot)
    assert file_of(office, no).state.status == "answered"
    image = office.client("preparer").get(office.path(f"/inquiries/{no}/pictures/3/1"))
    assert image.headers["content-type"].startswith("image/")
    assert image.headers["cache-control"] == "no-store"
    handle(office, no, "rework", text="又漏了")
    state = file_of(office, no).state
    assert (state.status, state.reworks) == ("working", 1)
    assert "返修</dt><dd>1 次" in office.client("preparer").get(office.path(f"/inquiries/{no}")).text


def test_a_refused_step_shows_why_and_keeps_what_was_typed(office: OfficeSite) -> None:
    no = asked(office, "repair")
    answer = handle(office, no, "assign", post="", text="请带上梯子")
    assert answer.status_code == 422
    assert "请填写派给哪个岗位" in answer.text
    assert "请带上梯子" in answer.text
    not_a_picture = {"picture": ("a.pdf", b"%PDF-1.7\n", "application/pdf")}
    answer = handle(office, no, "answer", text="好了", files=not_a_picture)
    assert (answer.status_code, "这里只能传图片" in answer.text) == (422, True)
    assert [step.kind for step in file_of(office, no).steps] == ["opened"]


def test_too_many_or_too_large_pictures_are_refused_before_any_is_opened(
    office: OfficeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    no = asked(office, "repair")
    opened: list[int] = []

    def open_one(data: bytes) -> Shot:
        opened.append(len(data))
        return read_shot(data)

    monkeypatch.setattr(shots, "read_shot", open_one)
    shot = ("picture", ("done.jpg", picture(), "image/jpeg"))
    large = ("picture", ("large.jpg", picture() + bytes(MAX_BYTES), "image/jpeg"))
    for files, said in (([shot] * (MOST + 1), "一次最多 6 张图片"), ([shot, large], "附件超过 20 MB")):
        answer = handle(office, no, "visit", text="到场看了", files=files)
        assert answer.status_code == 422
        assert said in answer.text
        assert "到场看了" in answer.text
    assert opened == []
    handle(office, no, "visit", text="到场看了", files=[shot] * MOST)
    assert len(opened) == MOST, "so many are opened"


def test_each_desk_sees_what_waits_for_it(office: OfficeSite) -> None:
    asked(office)
    done = asked(office)
    handle(office, done, "answer", text="多洗了一次外墙。")
    rated(office, done, False)
    settled = asked(office)
    handle(office, settled, "answer", text="见合同。")
    rated(office, settled, True)

    def tasks(role: str) -> str:
        return office.client(role).get(office.path()).text

    assert re.search(r"质询报修待受理</h2>\s*<p>.*?count number-text\">1<", tasks("preparer"), re.S)
    assert "升级到社区" not in tasks("preparer")
    assert re.search(r"升级到社区的质询报修</h2>\s*<p>.*?count number-text\">1<", tasks("party"), re.S)
    for role in ("party", "committee", "reviewer"):
        assert "质询报修待回访" in tasks(role), role
    assert "答复待公开" in tasks("committee")
    assert (
        "质询报修"
        not in office.client("preparer").get(office.path("/work-items?state=x")).text.split("<main")[1]
    )


def test_the_community_answers_what_came_up_and_the_trustee_no_longer_needs_to(office: OfficeSite) -> None:
    no = asked(office)
    early = office.post(
        office.client("party"),
        office.path(f"/inquiries/{no}/handle"),
        files={"nothing": ("", b"", "application/octet-stream")},
        step="answer",
        text="x",
    )
    assert early.status_code == 403
    assert "还在小区办理" in early.text
    handle(office, no, "answer", text="见合同。")
    rated(office, no, False)
    page = office.client("party").get(office.path("/inquiries?state=open&level=2")).text
    assert f"第 {no} 号" in page
    one = office.path(f"/inquiries/{no}")
    for role, told in (("party", False), ("preparer", True), ("street", True), ("committee", False)):
        page = office.client(role).get(one).text
        assert "由社区一级的社区党组织负责人办理" in page, role
        assert ("已升级到社区，由社区受理和答复" in page) == told, role
    handle(office, no, "answer", role="party", text="社区核过合同和验收单，多洗的一次有业委会确认。")
    assert file_of(office, no).state.level == 2
    assert file_of(office, no).steps[-1].signature == "社区党组织负责人"
    page = office.client("preparer").get(one).text
    assert "等提问人评价" in page
    assert "已升级到社区，由社区受理" not in page, "there is nothing to accept or answer"


def test_what_is_late_is_marked_and_found(office: OfficeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("disclosure.escalating.due_trusts", lambda *_: [])  # or the site might be quicker
    no = asked(office)
    handle(office, no, "accept")
    office.clock.to(date(2025, 6, 30) + timedelta(days=9))
    page = office.client("committee").get(office.path("/inquiries?late=1")).text
    assert f"第 {no} 号" in page
    assert re.search(r"逾期 \d+ 天", page)
    with writing(office.engine) as conn:
        assert escalate_due(conn, office.trust_id, office.act()) == [no]
    assert f"第 {no} 号</a>" not in office.client("committee").get(office.path("/inquiries?late=1")).text


def test_ways_of_law_are_offered_only_where_a_mediation_may_end_with_them(office: OfficeSite) -> None:
    refer = '<option value="referred"'
    for kind, later in (("question", True), ("inspection", False)):
        no = asked(office, kind)
        path = office.path(f"/inquiries/{no}")
        page = office.client("committee").get(path).text
        assert '<option value="failed"' in page
        assert (refer in page, "引导走法律途径" in page) == (False, False), "nobody answered"
        handle(office, no, "answer", text="多洗了一次外墙。")
        rated(office, no, False)
        page = office.client("committee").get(path).text
        assert (refer in page, "引导走法律途径就此办结" in page) == (later, later), kind


def test_the_committee_mediates_and_calls_back(office: OfficeSite) -> None:
    no = asked(office)
    committee = office.client("committee")
    path = office.path(f"/inquiries/{no}")
    answer = office.post(
        committee, f"{path}/mediate", result="agreed", text="双方同意贴出合同", form="mediate"
    )
    assert "达成一致" in office.follow(committee, answer).text
    rated(office, no, True)
    answer = office.post(committee, f"{path}/call-back", settled="", text="", form="call-back")
    assert (answer.status_code, "请填写回访结果" in answer.text) == (422, True)
    answer = office.post(committee, f"{path}/call-back", settled="yes", text="已看到合同", form="call-back")
    assert "已办结" in office.follow(committee, answer).text
    assert file_of(office, no).state.status == "closed"


def test_publishing_shows_what_must_not_stand_there_until_it_is_gone(office: OfficeSite) -> None:
    no = asked(office)
    committee, path = office.client("committee"), office.path(f"/inquiries/{no}/publish")
    form = committee.get(path).text
    for found in ("手机号", "房号"):
        assert f"不能写{found}" in form, found
    answer = office.post(committee, path, of="1", text=WORDS)
    assert answer.status_code == 422
    assert "不能写手机号" in answer.text
    assert WORDS in answer.text
    checked = office.post(committee, path, of="1", text=CLEAN, check="1")
    assert (checked.status_code, "没有查出" in checked.text) == (200, True)
    assert file_of(office, no).state.publication == ""
    answer = office.post(committee, path, of="1", text=CLEAN)
    page = office.follow(committee, answer).text
    assert "已公开，并写入公开日志" in page
    handle(office, no, "answer", text="3 月 12 日外墙清洗。")
    step = file_of(office, no).steps[-1].no
    assert f'name="of" value="{step}"' in committee.get(path).text, "the answer is next"
    office.post(committee, path, of=str(step), text="三月多洗了一次外墙。")
    public = office.anyone().get(f"/c/{office.slug}/inquiries/{no}").text
    assert CLEAN in public
    assert "三月多洗了一次外墙。" in public
    assert "13812345678" not in public
    desk = committee.get(office.path(f"/inquiries/{no}")).text
    for item in file_of(office, no).public.said:
        assert f"日志第 {item.seq + 1:,} 条</p>" in desk
        assert f"第 {item.seq + 1:,} 条原文" in public, "the same number for everybody"


def test_a_picture_is_published_only_when_it_was_looked_at(office: OfficeSite) -> None:
    no = asked(office, "snapshot", shots=(read_shot(picture()),))
    committee, path = office.client("committee"), office.path(f"/inquiries/{no}/publish")
    answer = office.post(committee, path, of="1", text="路灯不亮", show_1="1", looked="", boxes="")
    assert (answer.status_code, "遮盖工具" in answer.text) == (422, True)
    fields = {"of": "1", "text": "路灯不亮", "show_1": "1", "looked": "1", "boxes": "0,0,0,5000,10000"}
    assert office.post(committee, path, **fields).status_code == 303
    shown = file_of(office, no).public.said[0].pictures
    assert len(shown) == 1
    image = office.anyone().get(f"/c/{office.slug}/documents/{shown[0]}")
    assert image.status_code == 200, image.text
    pixels = Image.open(io.BytesIO(image.content)).convert("L")
    left, right = (pixels.getpixel((x, 100)) for x in (50, 250))
    assert isinstance(left, int)
    assert isinstance(right, int)
    assert (left < 40, right > 200) == (True, True), "half of it is blacked out"


def test_words_can_be_kept_private_with_a_reason(office: OfficeSite) -> None:
    no = asked(office)
    committee, path = office.client("committee"), office.path(f"/inquiries/{no}/keep")
    assert office.post(committee, path, text="", form="keep").status_code == 422
    answer = office.post(committee, path, text="只涉及一户", form="keep")
    assert "文字不公开" in office.follow(committee, answer).text
    assert file_of(office, no).state.publication == "kept"


def test_the_supervisor_reads_and_finds_no_form(office: OfficeSite) -> None:
    no = asked(office)
    page = office.client("supervisor").get(office.path(f"/inquiries/{no}")).text
    assert "三月保洁费" in page
    assert "现在可以办" not in page


@pytest.mark.parametrize(
    "below",
    ["/inquiries/" + "9" * 30, "/inquiries/404", "/inquiries/404/publish", "/inquiries/1/pictures/1/1"],
)
def test_what_is_not_there_is_not_found(office: OfficeSite, below: str) -> None:
    assert office.client("committee").get(office.path(below)).status_code == 404


@pytest.mark.parametrize("query", ["state=x&level=9&kind=y", "before=" + "9" * 30, "before=①", "all=1"])
def test_nonsense_in_the_address_of_the_list_is_left_out(office: OfficeSite, query: str) -> None:
    assert office.client("committee").get(office.path(f"/inquiries?{query}")).status_code == 200
