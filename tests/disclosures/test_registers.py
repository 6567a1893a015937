"""Services, posts, notes and confirmations: versions that stay, each a leaf of the log, nothing private in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import msgspec
import pytest
from sqlalchemy import Engine, text

from ledger.disclosures.fulfilment import Done, Paper, list_notes, note_values, read_note
from ledger.disclosures.posts import Post, post_values, post_versions
from ledger.disclosures.reviews import CONFIRMABLE, latest_reviews, list_reviews, review_values
from ledger.disclosures.services import Service, read_services, service_values, service_versions
from ledger.errors import Refused, Unanswerable
from ledger.log.store import read_leaf
from ledger.people import Forbidden
from ledger.records import places_of, record_kinds
from ledger.store.engine import reading, writing
from ledger.verify import verify_books
from tests.disclosures.desk import CLEANING, LIFTS, MANAGER, Desk, note, posts, services
from tests.ledger.books import OPENED, TODAY, act, open_books
from tests.servers import Database
from tests.verify.tamper import behind_the_back
from tests.work.people import MEMBER


@pytest.fixture
def desk(engine: Engine) -> Desk:
    return Desk(open_books(engine))


def codes(refused: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {problem.code for problem in refused.value.problems}


def test_services_keep_their_numbers_through_versions(desk: Desk) -> None:
    assert desk.services() == 1
    with reading(desk.books.engine) as conn:
        first = read_services(conn, 1).list
    assert [item.code for item in first.items] == ["S01", "S02"]
    stricter = replace(first.items[1], standard="困人 20 分钟内到场。")
    assert desk.services(services(stricter, Service("绿化", "修剪。", "无枯死。", "每月"))) == 2
    with reading(desk.books.engine) as conn:
        versions = service_versions(conn, 1)
    assert [item.version for item in versions] == [2, 1]
    assert [(item.code, item.title) for item in versions[0].list.items] == [
        ("S02", "电梯运行"),
        ("S03", "绿化"),
    ]
    desk.services(services(stricter, Service("保洁", "打扫。", "干净。", "每天")))
    with reading(desk.books.engine) as conn:  # S01 and S03 were other services
        assert [item.code for item in read_services(conn, 1).list.items] == ["S02", "S04"]


def test_mistakes_in_a_list_of_services_are_said_together(desk: Desk) -> None:
    bad = (
        Service("", "打扫。", "干净。", "每天"),
        Service("保安", "巡逻", "找 13812345678", "x" * 41),
        Service("保安", "巡逻", "3-1202 门口", "每天", code="S77"),
    )
    with pytest.raises(Refused) as refused:
        desk.services(services(*bad, authority=" "))
    assert codes(refused) == {"missing", "private_data", "too_long", "twice", "unknown_service"}
    with pytest.raises(Refused) as refused:
        desk.services(services(*(replace(CLEANING, title=f"事项{n}") for n in range(41))))
    assert codes(refused) == {"too_many"}
    assert desk.duty("services").last_on is None


def test_a_list_that_says_the_same_is_no_new_version(desk: Desk) -> None:
    desk.services()
    with reading(desk.books.engine) as conn:
        same = read_services(conn, 1).list
    with pytest.raises(Refused) as refused:
        desk.services(same)
    assert codes(refused) == {"nothing_changed"}
    with pytest.raises(Refused) as refused:
        desk.services(services(CLEANING, on=date(2023, 1, 1)))
    assert codes(refused) == {"before_last_version"}


def test_posts_answer_for_services_that_are_published(desk: Desk) -> None:
    with pytest.raises(Refused) as refused:
        desk.posts()
    assert codes(refused) == {"unknown_service"}
    desk.services()
    assert desk.posts() == 1
    with pytest.raises(Refused) as refused:
        desk.posts(posts(Post("经理", "负责，电话 13912345678", ""), Post("", "", "", ("S01",))))
    assert codes(refused) == {"private_data", "missing"}
    with reading(desk.books.engine) as conn:
        assert post_versions(conn, 1)[0].list.items == (MANAGER,)


def test_a_note_is_about_a_time_that_is_over(desk: Desk) -> None:
    with pytest.raises(Refused) as refused:
        desk.note(note(202505))
    assert "no_services" in codes(refused)
    desk.services()
    for period, wrong in ((202506, "not_over"), (202400, "bad_span"), (202534, "not_over")):
        with pytest.raises(Refused) as refused:
            desk.note(note(period))
        assert codes(refused) == {wrong}
    assert desk.note(note(202505)) == 1


def test_a_corrected_note_is_another_version(desk: Desk) -> None:
    desk.services()
    first = note(202505, papers=(Paper("照片", "a" * 64, "b" * 64),))
    desk.note(first)
    with pytest.raises(Refused) as refused:
        desk.note(first)
    assert codes(refused) == {"nothing_changed"}
    assert desk.note(replace(first, items=(Done("S01", "打扫 29 次。", "partly"),))) == 2
    with reading(desk.books.engine) as conn:
        newest, old = read_note(conn, 1, 202505), read_note(conn, 1, 202505, 1)
        with pytest.raises(Unanswerable):
            read_note(conn, 1, 202505, 3)
        with pytest.raises(Unanswerable):
            read_note(conn, 1, 202504)
    assert (newest.version, newest.versions, old.version, old.versions) == (2, 2, 1, 2)
    assert [item.title for item in newest.note.items] == ["保洁"]
    assert old.note.papers == newest.note.papers == first.papers


def test_notes_are_listed_by_period_and_go_on_where_they_stopped(desk: Desk) -> None:
    desk.services()
    for period in (202501, 202502, 202503, 202533, 202504):
        desk.note(note(period))
    desk.note(note(202502, summary="更正。"))
    with reading(desk.books.engine) as conn:
        everything = [(item.note.period, item.version) for item in list_notes(conn, 1)]
        pages, before = [], None
        while found := list_notes(conn, 1, before=before, limit=2):
            pages += [(item.note.period, item.version) for item in found]
            before = found[-1].note.period
    assert everything == [(202504, 1), (202503, 1), (202533, 1), (202502, 2), (202501, 1)]
    assert pages == everything


def test_mistakes_in_a_note_are_said_together(desk: Desk) -> None:
    desk.services()
    bad = (
        Done("S01", "", "met"),
        Done("S01", "打扫", "很好"),
        Done("S09", "沪A12345 停车", "met"),
    )
    with pytest.raises(Refused) as refused:
        desk.note(note(202505, *bad, summary=""))
    assert codes(refused) == {"missing", "twice", "bad_state", "unknown_service", "private_data"}


def test_what_was_never_published_cannot_be_confirmed(desk: Desk) -> None:
    with pytest.raises(Refused) as refused:
        desk.confirm("posts")
    assert codes(refused) == {"never_published"}
    with pytest.raises(Refused) as refused:
        desk.confirm("fulfilment")
    assert codes(refused) == {"bad_block"}
    assert "fulfilment" not in CONFIRMABLE
    with pytest.raises(Refused) as refused:
        desk.confirm("operation", text="")
    assert codes(refused) == {"no_note"}
    desk.confirm("operation", text="本小区没有共有部分经营")
    assert desk.duty("operation").state == "按时"
    with pytest.raises(Refused) as refused:
        desk.confirm("operation")
    assert codes(refused) == {"published_today"}
    with pytest.raises(Forbidden):
        desk.confirm("operation", actor=MEMBER)


def test_the_newest_confirmation_of_each_block_counts(desk: Desk) -> None:
    desk.services(day=OPENED)
    for day, block in ((date(2024, 5, 1), "services"), (date(2024, 6, 1), "services"), (TODAY, "quality")):
        desk.confirm(block, day)
    with reading(desk.books.engine) as conn:
        assert [(item.review, item.block) for item in list_reviews(conn, 1)] == [
            (3, "quality"),
            (2, "services"),
            (1, "services"),
        ]
        assert {code: item.review for code, item in latest_reviews(conn, 1).items()} == {
            "services": 2,
            "quality": 3,
        }


def test_everything_published_is_a_leaf_that_can_be_made_again(desk: Desk) -> None:
    desk.services()
    desk.services(services(CLEANING))
    desk.posts(posts(replace(MANAGER, services=())))
    desk.note(note(202505, Done("S03", "打扫。", "met")))
    desk.confirm("charge_items", text="没有收费项目")
    subjects = {"services": ["1", "2"], "posts": ["1"], "fulfilment": ["202505-1"], "block_review": ["1"]}
    makers = {
        "services": service_values,
        "posts": post_values,
        "fulfilment": note_values,
        "block_review": review_values,
    }
    with reading(desk.books.engine) as conn:
        for kind, names in subjects.items():
            places = places_of(conn, 1, kind, names)
            values = makers[kind](conn, 1, names)
            assert sorted(places) == sorted(values) == names
            for name in names:
                leaf = msgspec.json.decode(read_leaf(conn, 1, places[name]))
                assert leaf["kind"] == record_kinds()[kind].leaf_kind
                assert (leaf["subject"], leaf["value"]) == (name, values[name])
            assert record_kinds()[kind].rebuild(conn, 1, names[:1]).keys() == set(names[:1])
    desk.books.check_log()


def test_verification_finds_an_edited_register(desk: Desk, database: Database) -> None:
    desk.services()
    desk.posts()
    desk.note(note(202505))
    desk.confirm("operation", text="没有共有部分经营")
    changes = {
        "services": "UPDATE service_item SET standard = '随便' WHERE place = 2",
        "posts": "UPDATE staff_post SET duty = '不负责'",
        "fulfilment": "UPDATE fulfilment_item SET state = 'missed' WHERE place = 1",
        "block_review": "UPDATE block_review SET note = '核对了'",
    }
    assert changed_records(desk) == 0
    for number, change in enumerate(changes.values(), start=1):
        with behind_the_back(database) as conn:
            assert conn.execute(text(change)).rowcount
        assert changed_records(desk) == number


def changed_records(desk: Desk) -> int:
    """How many records verification can't make again as they were published."""
    with reading(desk.books.engine) as conn:
        found = verify_books(conn, 1, None, now=act().now).findings
    return sum(finding.code.startswith("record") for finding in found)


def test_two_communities_do_not_see_each_other(engine: Engine) -> None:
    one, two = Desk(open_books(engine, 1)), Desk(open_books(engine, 2))
    one.services()
    two.services(services(LIFTS))
    with reading(engine) as conn:
        assert [len(read_services(conn, number).list.items) for number in (1, 2)] == [2, 1]
    with writing(engine) as conn, pytest.raises(Unanswerable):
        read_services(conn, 3)
