"""Notices of a round: who is told of which step, by when to act, and nothing of what was found or said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from disclosure.notices.mail import MailChannel
from disclosure.notices.sending import Sender
from ledger.evaluation import appeals, course, survey, telling
from ledger.evaluation.value import Appeal, Correction, Line, Ruling, VetoFinding
from ledger.notices import agree
from ledger.people import Actor, Role
from ledger.people.accounts import create_person
from ledger.people.members import grant
from ledger.store.tables import notice
from tests.evaluation.rounds import EVIDENCE, FIRST, HOMES, LAST, Community, open_community
from tests.inquiries.desk import PARTY, REVIEWER, at
from tests.inquiries.mailbox import Sink, mail_server

DIRTY = Line("S3", "dirty", LAST, "三号楼大堂两处积灰", 2, document=EVIDENCE)


@pytest.fixture(scope="module")
def server() -> Iterator[Sink]:
    with mail_server() as sink:
        yield sink


class Town:
    """A community in which one of each role agreed to be told, and the owners of two homes."""

    def __init__(self, community: Community, sink: Sink) -> None:
        self.community, self.sink = community, sink
        self.people = {
            role: self.person(role.value, role)
            for role in (Role.REVIEWER, Role.PREPARER, Role.CHAIR, Role.PARTY, Role.SUPERVISOR)
        }
        for home in HOMES[:2]:
            self.person(f"owner{home}", Role.RESIDENT, home)

    def person(self, account: str, role: Role, unit: str = "", agrees: bool = True) -> Actor:
        with self.community.desk.writing() as (conn, trust_id, act):
            person = create_person(conn, account, "某人", by="测试", act=act)
            grant(conn, trust_id, person.person, role, by="测试", act=act, unit=unit)
            if agrees:
                agree(conn, person.person, "email", f"{account}@example.com", act)
        return Actor(person.person, person.signature, frozenset({role}))

    def told(self) -> dict[str, tuple[str, str]]:
        """What has been sent since the last time: subject and text by account."""
        self.sink.letters.clear()
        now = at(self.community.desk.today, 12).now
        engine = self.community.desk.books.engine
        Sender(engine, {"email": MailChannel(self.sink.mail)}, "https://mingzhang.example", lambda: now)()
        found = {
            to.removesuffix("@example.com"): (str(letter["subject"]), letter.get_content())
            for to, letter in self.sink.letters
        }
        assert len(found) == len(self.sink.letters), "nobody is told twice"
        return found

    def scored(self, *lines: Line) -> None:
        """As far as the questionnaire."""
        self.community.open()
        self.community.figures()
        self.community.sheets(*lines)


@pytest.fixture
def town(community: Community, server: Sink) -> Town:
    server.letters.clear()
    community.desk.today = FIRST
    return Town(community, server)


def test_the_trustee_is_told_to_assess_itself_and_those_who_score_to_score(town: Town) -> None:
    town.community.open()
    told = town.told()
    assert set(told) == {"reviewer"}
    subject, text = told["reviewer"]
    assert subject.endswith("2025年第二季度评价：请自评")
    assert "请受托人自评，最迟 2025-07-10" in text
    assert f"/c/trust-7/office/evaluations/{town.community.no}" in text
    town.community.figures(date(2025, 7, 5))
    told = town.told()
    assert set(told) == {"chair", "party", "supervisor"}
    assert "请评分，最迟 2025-07-20" in told["chair"][1]


def test_owners_who_may_answer_are_asked_and_nothing_private_is_in_it(town: Town) -> None:
    town.scored(DIRTY)
    town.told()
    town.community.do(survey.open_survey, date(2025, 7, 12), by=PARTY)
    told = town.told()
    assert set(told) == {f"owner{home}" for home in HOMES[:2]}
    for subject, text in told.values():
        assert "一户一份，最迟 2025-07-12" in text
        assert f"/mine/evaluations/{town.community.no}" in text
        for private in (*HOMES, "某人", DIRTY.what, "owner", "满意率"):
            assert private not in subject + text, private


def test_preview_appeal_ruling_and_result_go_to_those_concerned(town: Town) -> None:
    community = town.community
    town.scored(DIRTY)
    community.survey({})
    town.told()
    community.preview()
    told = town.told()
    assert set(told) == {"reviewer"}
    assert "可以申诉，最迟 2025-07-18" in told["reviewer"][1]
    items = community.state().findings()["S3", "dirty"]
    assert items is not None
    no = community.do(appeals.appeal, Appeal(items.items[0].ref, "当天下了暴雨。", EVIDENCE), by=REVIEWER)
    told = town.told()
    assert set(told) == {"party", "supervisor"}
    assert "暴雨" not in "".join(text for _, text in told.values())
    ruler = town.people[Role.SUPERVISOR]
    community.do(appeals.rule, Ruling(no, 0, "情况属实。"), by=ruler, unrelated=True)
    told = town.told()
    assert set(told) == {"reviewer"}
    assert told["reviewer"][0].endswith("评价：申诉已裁定")
    community.finalise()
    told = town.told()
    owners = {f"owner{home}" for home in HOMES[:2]}
    assert set(told) == {"reviewer", "chair", "party", "supervisor", *owners}
    assert all(f"/c/trust-7/evaluations/{community.no}" in text for _, text in told.values())
    said = Correction("复核后更正。", EVIDENCE, {items.items[0].ref: 1})
    community.do(appeals.correct, said, by=PARTY, unrelated=True)
    assert "另发了更正版" in town.told()["reviewer"][1]


def test_whoever_found_it_or_stands_aside_is_not_asked_to_rule(town: Town) -> None:
    community, party = town.community, town.people[Role.PARTY]
    other = town.person("party2", Role.PARTY)
    town.scored()
    veto = VetoFinding("V4", LAST, "以停水催交物业费", EVIDENCE)
    community.do(course.find_veto, veto, by=party, unrelated=True)
    community.do(course.recuse, town.people[Role.SUPERVISOR].person, "亲属在受托人处任职", by=PARTY)
    community.survey({})
    community.preview()
    town.told()
    ref = community.state().all_vetoes()[0][0]
    community.do(appeals.appeal, Appeal(ref, "没有停水。", EVIDENCE), by=REVIEWER)
    assert set(town.told()) == {"party2"}, other


def test_what_has_to_be_mended_and_by_when_is_told_with_the_result(town: Town) -> None:
    community = town.community
    community.desk.today = FIRST
    community.desk.set("evaluation_rectify_days", 30)
    town.scored()
    veto = VetoFinding("V4", LAST, "以停水催交物业费", EVIDENCE)
    community.do(course.find_veto, veto, by=PARTY, unrelated=True)
    community.survey({})
    community.preview()
    town.told()
    community.finalise()
    with community.desk.reading() as (conn, _):
        query = select(notice.c.person, notice.c.text, notice.c.path).where(notice.c.key.like("%-rectify-%"))
        texts = list(conn.execute(query))
    told = {row.person for row in texts}
    roles = (Role.REVIEWER, Role.CHAIR, Role.PARTY)
    assert told == {town.people[role].person for role in roles}
    assert all("要整改，最迟 2025-08-18" in row.text for row in texts), texts
    office = f"/office/evaluations/{community.no}"
    assert {row.path for row in texts} == {office}, "where it is registered as done"
    assert all(town.people[role].may("evaluation.read") for role in roles), "and which they may open"
    said = Correction("复核后更正。", EVIDENCE, {}, (VetoFinding("V3", LAST, "责任事故一起", EVIDENCE),))
    before = count(town)
    community.do(appeals.correct, said, by=PARTY, unrelated=True)
    assert count(town) > before, "that there is a correction is told"
    with community.desk.reading() as (conn, _):
        subjects = set(conn.execute(select(notice.c.subject).where(notice.c.text.like("%更正版%"))).scalars())
        assert {subject.rpartition("：")[2] for subject in subjects} == {"有更正版"}
        mend = select(notice.c.person, notice.c.text, notice.c.path).where(notice.c.text.like("%要整改%"))
        assert sorted(conn.execute(mend)) == sorted(texts), "the day is the same: nothing to tell again"


def test_a_round_given_up_is_told_to_those_who_waited(town: Town) -> None:
    town.community.open()
    town.told()
    town.community.do(course.withdraw, "期间选错了", by=PARTY)
    assert set(town.told()) == {"reviewer", "chair", "party", "supervisor"}


def test_owners_who_were_asked_are_told_that_they_need_not_answer(town: Town) -> None:
    town.scored()
    town.community.do(survey.open_survey, date(2025, 7, 12), by=PARTY)
    town.told()
    town.community.do(course.withdraw, "期间选错了", by=PARTY)
    told = town.told()
    owners = {f"owner{home}" for home in HOMES[:2]}
    assert set(told) == {"reviewer", "chair", "party", "supervisor", *owners}
    assert all("已经撤回，不用再办" in text for _, text in told.values())
    page = f"/c/trust-7/evaluations/{town.community.no}"
    assert all(page in told[owner][1] for owner in owners), "the page that says why"


def test_a_ruling_that_is_undone_is_told_to_those_who_can_rule_again(town: Town) -> None:
    """But to nobody who found it, or has ties; and no recusal that undoes nothing is news."""
    community, party = town.community, town.people[Role.PARTY]
    ruler, supervisor = town.person("party2", Role.PARTY), town.people[Role.SUPERVISOR]
    town.person("street", Role.STREET)
    town.scored()
    veto = VetoFinding("V4", LAST, "以停水催交物业费", EVIDENCE)
    community.do(course.find_veto, veto, by=party, unrelated=True)
    town.told()
    community.survey({})
    community.preview()
    town.told()
    ref = community.state().all_vetoes()[0][0]
    no = community.do(appeals.appeal, Appeal(ref, "没有停水。", EVIDENCE), by=REVIEWER)
    town.told()
    community.do(appeals.rule, Ruling(no, 0, "情况属实。"), by=ruler, unrelated=True)
    town.told()
    community.do(course.recuse, town.people[Role.CHAIR].person, "亲属在受托人处任职", by=supervisor)
    assert town.told() == {}
    community.do(course.recuse, ruler.person, "亲属在受托人处任职", by=supervisor)
    told = town.told()
    assert set(told) == {"supervisor", "street"}
    assert "有一件受托人的申诉等待裁定" in told["street"][1]
    assert "亲属" not in "".join(text for _, text in told.values())


def test_a_step_that_is_undone_is_not_told(town: Town) -> None:
    town.scored()
    before = count(town)
    with pytest.raises(RuntimeError), town.community.desk.writing() as (conn, trust_id, act):
        survey.open_survey(conn, trust_id, town.community.no, date(2025, 7, 12), PARTY, act)
        raise RuntimeError
    assert count(town) == before


def test_more_owners_do_not_take_more_queries(
    engine: Engine, server: Sink, tmp_path: Path, count_queries: Callable[..., Any]
) -> None:
    asked = []
    for trust_id, homes in ((7, 1), (8, len(HOMES))):
        community = open_community(engine, tmp_path, trust_id)
        community.desk.today = FIRST
        for home in HOMES[:homes]:
            owner = f"o{trust_id}-{home}"
            with community.desk.writing() as (conn, no, act):
                for n in range(3):
                    person = create_person(conn, f"{owner}-{n}", "某人", by="测试", act=act)
                    grant(conn, no, person.person, Role.RESIDENT, by="测试", act=act, unit=home)
                    agree(conn, person.person, "email", f"{owner}-{n}@example.com", act)
        community.open()
        community.figures()
        with community.desk.writing() as (conn, no, act), count_queries(engine) as queries:
            survey.open_survey(conn, no, community.no, date(2025, 7, 12), PARTY, act)
        asked.append(len(queries))
        with community.desk.reading() as (conn, no):
            told = conn.execute(select(func.count()).where(notice.c.trust_id == no)).scalar_one()
        assert told == homes * 3
    assert asked[0] == asked[1], asked


def test_very_many_are_told_in_parts(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "_AT_ONCE", 1)
    town.scored()
    town.community.do(survey.open_survey, date(2025, 7, 12), by=PARTY)
    assert {f"owner{home}" for home in HOMES[:2]} <= set(town.told())


def count(town: Town) -> int:
    with town.community.desk.reading() as (conn, _):
        return int(conn.execute(select(func.count()).select_from(notice)).scalar_one())
