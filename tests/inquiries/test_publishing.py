"""What becomes public of an inquiry: words somebody on duty wrote anew, checked, in the log; else only numbers."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import insert, select, text

from disclosure.feeds.news import read_news
from ledger.documents import read_public_document
from ledger.documents.pictures import Box
from ledger.errors import Refused, Unanswerable
from ledger.inquiries import (
    about,
    answer,
    echo,
    how_many,
    keep_private,
    mediate,
    note,
    publish,
    read_inquiry,
    read_public,
    withdraw,
)
from ledger.inquiries.pictures import MOST, Chosen, Shot, draw_chosen, read_picture, read_shot
from ledger.inquiries.privacy import privacy_problems
from ledger.people import Forbidden
from ledger.people.accounts import create_person
from ledger.people.members import grant
from ledger.people.roles import Role
from ledger.store.tables import document, owner, owner_contact
from ledger.verify import verify_books
from tests.inquiries.desk import (
    ASKER,
    COMMITTEE,
    NEIGHBOUR,
    PARTY,
    PREPARER,
    PUBLIC,
    REVIEWER,
    TENANT,
    WORDS,
    Desk,
    at,
)

ANSWER = "三月起增加了夜间保洁，合同变更单已附在凭证后。"


def photo(colour: str = "red", *, size: tuple[int, int] = (64, 48)) -> bytes:
    """A picture as a phone makes it: it says which phone, and where."""
    exif = Image.Exif()
    exif[0x010F] = "SECRETPHONE"
    exif.get_ifd(0x8825)[2] = (30.0, 39.0, 0.0)
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG", exif=exif)
    return out.getvalue()


def shots(*colours: str) -> tuple[Shot, ...]:
    return tuple(read_shot(photo(colour)) for colour in colours)


def test_an_unpublished_inquiry_is_public_as_numbers_only(desk: Desk) -> None:
    no = desk.ask(place="1栋三层", unit="1-101")
    desk.do(answer, no, "私下答复", by=PREPARER)
    desk.do(note, no, "补充的私事", by=ASKER)
    desk.do(keep_private, no, "只关一户", by=COMMITTEE)
    with desk.reading() as (conn, trust_id):
        public = read_public(conn, trust_id, no)
    assert public.said == ()
    told = repr(public)
    for secret in (WORDS, "私", "1-101", "三层", "赵明", "p-zhao", "只关一户", "林会"):
        assert secret not in told
    assert [step.title for step in public.course] == ["提出", "答复", "不公开文字"]
    assert [step.by for step in public.course] == ["业主", "受托人", "业委会"]
    assert desk.leaves() == []


def test_question_and_answer_stand_by_the_entry_and_in_the_log(desk: Desk) -> None:
    no = desk.ask()
    desk.do(answer, no, "原话：夜间保洁加了人。", by=PREPARER)
    first = desk.do(publish, no, 1, PUBLIC, by=COMMITTEE)
    second = desk.do(publish, no, 2, ANSWER, by=REVIEWER)
    assert second == first + 1
    with desk.reading() as (conn, trust_id):
        (found,) = about(conn, trust_id, "entry", desk.ref)
        assert about(conn, trust_id, "entry", "A-2025-000002") == []
        asked = how_many(conn, trust_id, "entry", desk.ref)
    assert found.question is not None
    assert (found.question.text, found.question.by, found.question.seq) == (PUBLIC, "业主", first)
    assert [(said.text, said.by) for said in found.answers] == [(ANSWER, "受托人")]
    assert (asked.inquiries, asked.people) == (1, 1)
    value = {**desk.leaves()[1]["value"]}
    assert value == {
        "no": no,
        "step": 4,
        "of_step": 2,
        "says": "answer",
        "kind": "question",
        "about_kind": "entry",
        "about": desk.ref,
        "level": 1,
        "by": "受托人",
        "said_on": "2025-06-03",
        "text": ANSWER,
        "pictures": [],
    }


def test_what_is_published_is_news(desk: Desk) -> None:
    no = desk.ask(kind="repair", about_kind="area", about="elevator")
    desk.do(answer, no, "原话", by=PREPARER)
    desk.do(publish, no, 1, "电梯停了", by=COMMITTEE)
    desk.do(publish, no, 2, "已换皮带", by=COMMITTEE)
    with desk.reading() as (conn, trust_id):
        news = read_news(conn, trust_id, {}, only="inquiries").items
    assert [(item.title, item.path) for item in news] == [
        ("报修第 1 号：公开答复", "/inquiries/1"),
        ("报修第 1 号：公开提问", "/inquiries/1"),
    ]
    assert news[0].text == "关于电梯，受托人于2025年6月3日：已换皮带"


def test_the_count_of_people_counts_each_once(desk: Desk) -> None:
    for actor in (ASKER, ASKER, NEIGHBOUR):
        desk.ask(actor=actor)
    desk.do(publish, 1, 1, PUBLIC, by=COMMITTEE)
    for actor in (NEIGHBOUR, TENANT):
        desk.do(echo, 1, by=actor)
    with desk.reading() as (conn, trust_id):
        asked = how_many(conn, trust_id, "entry", desk.ref)
        assert (asked.inquiries, asked.people) == (3, 3)
        assert how_many(conn, trust_id, "area", "elevator").people == 0


def test_who_took_a_question_back_is_not_counted_unless_it_is_public(desk: Desk) -> None:
    mine, neighbours = desk.ask(actor=ASKER), desk.ask(actor=NEIGHBOUR)
    desk.do(publish, neighbours, 1, PUBLIC, by=COMMITTEE)
    desk.do(withdraw, mine, "看错了", by=ASKER)
    desk.do(withdraw, neighbours, "不问了", by=NEIGHBOUR)
    with desk.reading() as (conn, trust_id):
        asked = how_many(conn, trust_id, "entry", desk.ref)
        assert (asked.inquiries, asked.people) == (1, 1)
        assert [one.row.no for one in about(conn, trust_id, "entry", desk.ref)] == [neighbours]


def test_words_published_again_replace_the_first_on_pages_and_both_stay_in_the_log(desk: Desk) -> None:
    no = desk.ask()
    desk.do(publish, no, 1, PUBLIC, by=COMMITTEE)
    with pytest.raises(Refused, match="完全相同"):
        desk.do(publish, no, 1, f" {PUBLIC}", by=COMMITTEE)
    desk.do(publish, no, 1, "更清楚的问法", by=COMMITTEE)
    with desk.reading() as (conn, trust_id):
        assert read_public(conn, trust_id, no).row.words == "更清楚的问法"
    assert [record["value"]["text"] for record in desk.leaves()] == [PUBLIC, "更清楚的问法"]


def test_an_answer_is_published_after_its_question_and_only_an_answer(desk: Desk) -> None:
    no = desk.ask()
    desk.do(mediate, no, "failed", "没有谈成", by=PARTY)
    desk.do(answer, no, "答复", by=PREPARER)
    with pytest.raises(Refused, match="请先公开提问"):
        desk.do(publish, no, 3, ANSWER, by=COMMITTEE)
    desk.do(publish, no, 1, PUBLIC, by=COMMITTEE)
    for step in (0, 2, 4, 9, -1):
        with pytest.raises(Refused, match="不是答复"):
            desk.do(publish, no, step, ANSWER, by=COMMITTEE)
    desk.do(publish, no, 3, ANSWER, by=COMMITTEE)
    with pytest.raises(Refused):
        desk.do(keep_private, no, "改主意", by=COMMITTEE)


def test_only_the_committee_and_the_reviewer_publish(desk: Desk) -> None:
    no = desk.ask()
    for actor in (ASKER, NEIGHBOUR, PREPARER, PARTY):
        with pytest.raises(Forbidden):
            desk.do(publish, no, 1, PUBLIC, by=actor)


# --- Private words ------------------------------------------------------------------------------------------


@pytest.fixture
def people(desk: Desk) -> Desk:
    """Somebody on the register, a firm, and somebody with an account."""
    with desk.writing() as (conn, trust_id, act):
        for key, kind, name in (
            ("o1", "person", "欧阳春晓"),
            ("o2", "firm", "建设银行"),
            ("o3", "person", ""),
            ("o4", "person", "张三丰、李四光"),
            ("o5", "person", "Zhao Ming"),
        ):
            conn.execute(insert(owner).values(trust_id=trust_id, owner=key, kind=kind, recorded_at=act.now))
            conn.execute(
                insert(owner_contact).values(
                    trust_id=trust_id, owner=key, name=name, phone="", address="", changed_at=act.now
                )
            )
        made = create_person(conn, "shige", "史歌", by="x", act=act)
        grant(conn, trust_id, made.person, Role.PREPARER, by="x", act=act, reason="任职")
    return desk


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("请打 13812345678", "手机号"),
        ("请打 138 1234 5678", "手机号"),
        ("请打 １３８１２３４５６７８", "手机号"),
        ("座机 028-85551234 找人", "电话号码"),
        ("身份证 510107199001011234", "身份证号"),
        ("卡号 6222 0212 3456 7890 123", "银行卡号"),
        ("川A12345 占道", "车牌号"),
        ("3栋1单元1201 欠费三个月", "房号"),
        ("1-101 的户主欠费", "房号"),
        ("欧阳春晓欠费", "姓名"),
        ("欧阳 春晓欠费", "姓名"),
        ("会计史歌说的", "姓名"),
        ("李四光家漏水", "姓名"),
        ("zhao ming 家漏水", "姓名"),
        ("电话138，1234，5678", "手机号"),
        ("电话138/1234/5678", "手机号"),
        ("电话（138）1234_5678", "手机号"),
        ("座机 0571-8888 6666", "电话号码"),
        ("写信给 zhao@example.com", "邮箱"),
        ("住在1/101的人", "房号"),
        ("1号101欠费", "房号"),
        ("1#101 欠费", "房号"),
        ("1_101 欠费", "房号"),
    ],
)
def test_private_words_are_found_before_they_are_public(people: Desk, words: str, kind: str) -> None:
    no = people.ask()
    with pytest.raises(Refused) as error:
        people.do(publish, no, 1, words, by=COMMITTEE)
    assert kind in str(error.value)
    assert people.leaves() == []
    assert people.kinds(no) == ["opened"]


@pytest.mark.parametrize(
    "words",
    [
        PUBLIC,
        "凭证 A-2025-000123 的 2,000.00 元付给建设银行，2025-03-10 入账",
        "2024-2025 年两次，合计 12345678.90 元",
        "3 栋电梯停了 14 天",
        "三次分别付 1300、1500、800 元，另付 13,500,000.00 元",
        "2025/03/01、2025/04/01 两次，2025年3月1日101户参加",
        "1 号楼停 14 天，四次分别付 4320、5230、6100、7450 元",
    ],
)
def test_everyday_words_pass(people: Desk, words: str) -> None:
    with people.reading() as (conn, trust_id):
        assert privacy_problems(conn, trust_id, words) == []


def test_the_trustee_puts_no_other_words_to_what_others_said(desk: Desk) -> None:
    no, own = desk.ask(), desk.ask()
    for one, by in ((no, COMMITTEE), (own, REVIEWER)):
        desk.do(answer, one, "原话", by=PREPARER)
        desk.do(publish, one, 1, PUBLIC, by=by)
        desk.do(publish, one, 2, ANSWER, by=by)
    for one, of_step in ((no, 1), (no, 2), (own, 1)):
        with pytest.raises(Refused) as error:
            desk.do(publish, one, of_step, "谢谢物业的辛苦工作！", by=REVIEWER)
        assert error.value.codes == {"others_words"}
    desk.do(publish, own, 2, "更正：合同变更单附在四月的凭证后。", by=REVIEWER)
    desk.do(publish, own, 1, "三月的保洁费比二月高，高在哪里？", by=COMMITTEE)
    assert len(desk.leaves()) == 6


def test_the_number_of_the_public_service_desk_may_be_told(desk: Desk) -> None:
    desk.set("service_desk", "一号楼大厅，028-85551234，每天 9 点到 18 点")
    with desk.reading() as (conn, trust_id):
        assert privacy_problems(conn, trust_id, "请打服务台 028-85551234") == []
        assert privacy_problems(conn, trust_id, "请打 028-85559999") != []


# --- Pictures -----------------------------------------------------------------------------------------------


def test_pictures_are_kept_for_those_on_duty_and_public_only_as_a_clean_copy(desk: Desk) -> None:
    no = desk.ask(
        kind="snapshot", about_kind="area", about="rubbish", shots=shots("red", "blue"), location=desk.folder
    )
    with desk.reading() as (conn, trust_id):
        pictures = read_inquiry(conn, trust_id, no).pictures[1]
        for item in pictures:
            for digest in (item.original, item.redacted):
                with pytest.raises(Unanswerable):
                    read_public_document(conn, trust_id, desk.folder, digest)
        made = draw_chosen(conn, trust_id, desk.folder, no, [Chosen(1, 2, (Box(0, 0, 0, 5000, 10000),))])
    desk.do(publish, no, 1, "垃圾没有清", by=COMMITTEE, redacted=made, location=desk.folder)
    (record,) = desk.leaves()
    (digest,) = record["value"]["pictures"]
    with desk.reading() as (conn, trust_id):
        assert read_public(conn, trust_id, no).said[0].pictures == (digest,)
        data, _ = read_public_document(conn, trust_id, desk.folder, digest)
        with pytest.raises(Unanswerable):
            read_public_document(conn, trust_id, desk.folder, pictures[1].original)
    assert b"SECRETPHONE" not in data
    assert b"Exif" not in data
    with Image.open(io.BytesIO(data)) as shown:
        left, right = shown.getpixel((8, 24)), shown.getpixel((56, 24))
    assert max(left) < 30  # type: ignore[type-var, arg-type]
    assert max(right) > 200  # type: ignore[type-var, arg-type]


def test_those_on_duty_see_the_copy_without_what_the_phone_wrote(desk: Desk) -> None:
    no = desk.ask(shots=shots("red"), location=desk.folder)
    with desk.reading() as (conn, trust_id):
        data, media_type = read_picture(conn, trust_id, desk.folder, no, 1, 1)
        for wrong in ((no, 1, 2), (no, 2, 1), (2**40, 1, 1), (0, 1, 1)):
            with pytest.raises(Unanswerable):
                read_picture(conn, trust_id, desk.folder, *wrong)
    assert media_type == "image/jpeg"
    assert b"SECRETPHONE" not in data


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xff\xd8\xff broken", "图片：图片打不开"),
        (b"", "图片：文件是空的"),
        (b"text", "图片：这个文件的内容不是可以接收的类型。这里只能传图片"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "图片：这是苹果手机的 HEIC 图片"),
        (b"%PDF-1.4\n", "图片：这里只能传图片"),
    ],
)
def test_a_picture_that_cannot_be_read_is_refused_in_words_about_pictures(data: bytes, words: str) -> None:
    with pytest.raises(Refused) as error:
        read_shot(data)
    assert str(error.value).startswith(words)
    assert "OFD" not in str(error.value)


def test_what_is_no_picture_or_too_many_is_refused(desk: Desk) -> None:
    for data in (b"%PDF-1.4\n", b"text", b"\xff\xd8\xff broken"):
        with pytest.raises(Refused):
            read_shot(data)
    with pytest.raises(Refused, match=f"最多 {MOST} 张"):
        desk.ask(shots=shots(*["red"] * (MOST + 1)), location=desk.folder)
    with desk.reading() as (conn, trust_id):
        assert conn.execute(select(document.c.sha256).where(document.c.trust_id == trust_id)).all() == []
        with pytest.raises(Refused, match="没有第 1 步第 1 张"):
            draw_chosen(conn, trust_id, desk.folder, 1, [Chosen(1, 1)])


# --- Verification -------------------------------------------------------------------------------------------


def test_records_are_made_again_from_the_rows(desk: Desk) -> None:
    no = desk.ask(
        kind="snapshot", about_kind="area", about="rubbish", shots=shots("green"), location=desk.folder
    )
    desk.do(answer, no, "已清", by=PREPARER)
    with desk.reading() as (conn, trust_id):
        made = draw_chosen(conn, trust_id, desk.folder, no, [Chosen(1, 1)])
    desk.do(publish, no, 1, "垃圾没有清", by=COMMITTEE, redacted=made, location=desk.folder)
    desk.do(publish, no, 2, "已清运", by=REVIEWER)
    with desk.reading() as (conn, trust_id):
        report = verify_books(conn, trust_id, None, now=at(desk.today).now)
    assert report.findings == ()
    assert report.records >= 2


@pytest.mark.db("sqlite")
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("UPDATE inquiry_now SET rating = 'satisfied'", "inquiry.state"),
        ("UPDATE inquiry_now SET late = 0, level = 1, status = 'closed', due_on = NULL", "inquiry.state"),
        ("UPDATE inquiry_now SET echoes = 99", "inquiry.state"),
        ("DELETE FROM inquiry_now", "inquiry.state"),
        ("DELETE FROM inquiry_step WHERE kind = 'escalated'", "inquiry.state"),
        ("DELETE FROM inquiry_step WHERE step > 1", "inquiry.state"),
        ("UPDATE inquiry_step SET kind = 'nonsense' WHERE step = 2", "inquiry.state"),
        ("UPDATE inquiry_step SET text = '改' WHERE kind = 'published'", "record.differs"),
        ("UPDATE inquiry SET about = 'A-2025-000009'", "record.differs"),
    ],
)
def test_verification_finds_what_somebody_changed_behind_the_application(
    desk: Desk, change: str, code: str
) -> None:
    no = desk.ask()
    desk.tick(9)
    desk.do(publish, no, 1, PUBLIC, by=COMMITTEE)
    assert desk.findings() == []
    with desk.books.engine.begin() as conn:
        triggers = conn.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
        for name in triggers:
            conn.execute(text(f"DROP TRIGGER {name}"))
        conn.execute(text(change))
    with desk.reading() as (read, trust_id):
        found: Any = verify_books(read, trust_id, None, now=at(desk.today).now).findings
    assert code in {finding.code for finding in found}
