"""Whose scheme holds: the community's own, its street's, the one that comes with the program; each from its day."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Connection, Engine, text

from ledger.errors import Refused
from ledger.evaluation.scheme import Rule, default_scheme, read_scheme
from ledger.evaluation.scheme_changes import cost_said
from ledger.evaluation.scheme_text import write_scheme
from ledger.evaluation.schemes_kept import (
    find_version,
    record_district_scheme,
    record_scheme,
    scheme_on,
    scheme_versions,
    version_before,
)
from ledger.people import Forbidden
from ledger.store.engine import reading, writing
from ledger.store.tables import INSTALLATION
from tests.inquiries.desk import COMMITTEE, PARTY, Desk, open_desk
from tests.ledger.books import act

SPRING, SUMMER = date(2025, 4, 1), date(2025, 7, 1)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (Rule("a", "漏巡", each=50), "每次扣 0.5 分"),
        (Rule("a", "电梯", unit="台", each=500, at_most=1000), "每台扣 5 分，最多扣 10 分"),
        (Rule("a", "超时", unit="%", how="percent", each=50), "每 1% 扣 0.5 分"),
        (Rule("a", "满意", unit="%", how="shortfall"), "按比率得分"),
        (Rule("a", "任职", unit="%", how="shortfall", target=50), "不到 50% 的，差多少按比例扣多少"),
    ],
)
def test_what_a_rule_costs_is_said_in_one_way(rule: Rule, said: str) -> None:
    assert cost_said(rule) == said


def in_force(desk: Desk, day: date, scope: str = "") -> tuple[str, int, str]:
    with desk.reading() as (conn, trust_id):
        found = scheme_on(conn, trust_id, day, scope)
    return found.scope, found.version, found.scheme.title


def record(desk: Desk, title: str, effective_on: date, district: str | None = None) -> int:
    desk.today = effective_on - timedelta(days=10)
    scheme = msgspec.structs.replace(default_scheme(), title=title)
    with desk.writing() as (conn, trust_id, act):
        if district is None:
            return record_scheme(conn, trust_id, scheme, effective_on, "联席会议第3次", PARTY, act)
        return record_district_scheme(conn, district, scheme, effective_on, "街道文件", PARTY, act)


def test_the_nearest_scheme_in_force_holds(engine: Engine, tmp_path: Path) -> None:
    desk = open_desk(engine, tmp_path, district="东街道")
    other = open_desk(engine, tmp_path, 8)
    assert in_force(desk, SPRING)[:2] == ("default", 0)
    record(desk, "全区方案", SPRING, "")
    record(desk, "东街道方案", SPRING, "东街道")
    record(desk, "西街道方案", SPRING, "西街道")
    assert in_force(desk, SPRING - timedelta(days=1))[0] == "default"
    assert in_force(desk, SPRING) == ("district", 2, "东街道方案")
    assert in_force(other, SPRING) == ("district", 1, "全区方案")
    record(desk, "本小区方案", SUMMER)
    assert in_force(desk, SPRING) == ("district", 2, "东街道方案"), "a scheme begins on its day"
    assert in_force(desk, SUMMER) == ("own", 1, "本小区方案")
    assert in_force(desk, SUMMER, "district") == ("district", 2, "东街道方案")
    assert in_force(other, SUMMER)[2] == "全区方案"
    with pytest.raises(Refused, match="还没有生效的本小区的方案"):
        in_force(desk, SPRING, "own")


def test_versions_stay_as_they_were(engine: Engine, tmp_path: Path) -> None:
    desk = open_desk(engine, tmp_path)
    for title, day in (("第一版", SPRING), ("第二版", SUMMER)):
        record(desk, title, day)
    with desk.reading() as (conn, trust_id):
        kept = scheme_versions(conn, trust_id)
        assert scheme_versions(conn, INSTALLATION) == []
    assert [(one.version, one.scheme.title) for one in kept] == [(2, "第二版"), (1, "第一版")]
    assert len({one.scheme.digest for one in kept}) == 2


def test_each_version_knows_what_held_before_it(engine: Engine, tmp_path: Path) -> None:
    desk = open_desk(engine, tmp_path, district="东街道")
    for title, day, district in (
        ("全区方案", SPRING, ""),
        ("东街道方案", SPRING, "东街道"),
        ("东街道新方案", SUMMER, "东街道"),
        ("西街道方案", SPRING, "西街道"),
    ):
        record(desk, title, day, district)
    record(desk, "本小区方案", SUMMER)
    record(desk, "本小区更正", SUMMER)
    with desk.reading() as (conn, trust_id):

        def before(key: str, trust: int = trust_id, district: str = "东街道") -> str:
            found = find_version(conn, trust, key, district)
            assert found is not None
            return version_before(conn, trust_id, found).scheme.title

        assert before("own-2") == "本小区方案"
        assert before("own-1") == "东街道新方案", "the street's, as it stood on that day"
        assert before("district-3") == "东街道方案"
        assert before("district-2") == "全区方案"
        assert before("district-1") == before("default-0") == default_scheme().title
        assert find_version(conn, trust_id, "district-4", "东街道") is None, "another street's"
        assert find_version(conn, INSTALLATION, "own-1", "东街道") is None
        assert find_version(conn, INSTALLATION, "district-4", "西街道") is not None


def _somebody_waits(engine: Engine) -> bool:
    """Whether a transaction on this server waits for another to end."""
    with reading(engine) as conn:
        return bool(conn.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))


@pytest.mark.db("postgresql")
def test_two_who_make_a_streets_scheme_at_once_do_not_both_succeed(engine: Engine, tmp_path: Path) -> None:
    desk = open_desk(engine, tmp_path)

    def make(conn: Connection) -> int:
        day = date(2026, 1, 1)
        return record_district_scheme(conn, "东街道", default_scheme(), day, "街道文件", PARTY, act())

    with ThreadPoolExecutor(1) as other, writing(engine) as conn:

        def second() -> int:
            with writing(engine) as theirs:
                return make(theirs)

        assert make(conn) == 1
        waiting = other.submit(second)
        while not _somebody_waits(engine):
            assert not waiting.done(), "the other waits for the first"
            time.sleep(0.01)
        conn.commit()
        with pytest.raises(Refused) as caught:
            waiting.result(30)
    assert caught.value.codes == {"at_once"}
    with desk.reading() as (conn, _):
        assert len(scheme_versions(conn, INSTALLATION, "东街道")) == 1


def test_a_member_of_the_committee_does_not_change_schemes(engine: Engine, tmp_path: Path) -> None:
    desk = open_desk(engine, tmp_path)
    scheme = default_scheme()
    with desk.writing() as (conn, trust_id, act), pytest.raises(Forbidden):
        record_scheme(conn, trust_id, scheme, SUMMER, "自己的意思", COMMITTEE, act)
    with desk.writing() as (conn, trust_id, act), pytest.raises(Refused) as caught:
        broken = msgspec.structs.replace(scheme, party=())
        record_scheme(conn, trust_id, broken, act.today, "", PARTY, act)
    assert caught.value.codes == {"weights", "too_early", "empty_field"}


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ('code = "S1"', 'code = "S1', "行第 11 个字附近写法不对"),
        ("least_answers = 30", "", "“survey”缺少“least_answers”"),
        ("least_answers = 30", 'least_answers = "三十"', "“survey.least_answers”应是整数，不能是文字"),
        ('title = "缺岗"', "title = 3", "应是文字，不能是整数"),
        ("appeal_days = 7", "appeal_day = 7", "最外层里的“appeal_day”不是方案的内容"),
        ('least_weight = "60"', 'least_weight = "6.555"', "分值“6.555”应写成"),
        ('least_weight = "60"', "least_weight = 6.5", "分值“6.5”应写成"),
        ('scorers = ["committee"]', 'scorers = "committee"', "应是列表，不能是文字"),
        ("[survey]", "[survey", "第"),
    ],
)
def test_a_file_that_cannot_be_read_says_why_in_plain_words(was: str, becomes: str, told: str) -> None:
    text = write_scheme(default_scheme())
    assert was in text
    with pytest.raises(Refused) as caught:
        read_scheme(text.replace(was, becomes, 1))
    (problem,) = caught.value.problems
    assert told in problem.message
    assert not re.search("[A-Z][a-z]+ ", problem.message), problem.message
