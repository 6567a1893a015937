"""Notices: written with the step, sent to a local mail server, once, without anything personal."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from disclosure.config import Config, config_from_env
from disclosure.notices import channels
from disclosure.notices.channels import Letter, channels_of
from disclosure.notices.mail import MailChannel
from disclosure.notices.sending import Sender
from ledger.errors import Refused
from ledger.inquiries import accept, answer, echo, publish, rate
from ledger.notices import addresses_of, agree, forget
from ledger.notices.outbox import BACK_OFF, OLDEST
from ledger.people import Actor, Role
from ledger.people.accounts import create_person
from ledger.people.members import grant
from ledger.store.tables import notice, notice_queue, notice_sent
from tests.inquiries.desk import ASKER, NEIGHBOUR, PREPARER, PUBLIC, REVIEWER, WORDS, Desk, at
from tests.inquiries.mailbox import Sink, mail_server

ANSWERED = "三月份增加了一次外墙清洗，合同和验收单见附件。"


@pytest.fixture(scope="module")
def server() -> Iterator[Sink]:
    with mail_server() as sink:
        yield sink


@pytest.fixture
def sink(server: Sink) -> Sink:
    server.letters.clear()
    server.answers.clear()
    return server


@dataclass
class Post:
    """The desk's sender; its clock stands at ten of the desk's day, ``late`` later."""

    desk: Desk
    sink: Sink
    late: timedelta = timedelta()

    def now(self) -> datetime:
        return at(self.desk.today, 10).now + self.late

    def send(self) -> int:
        names = {"email": MailChannel(self.sink.mail)}
        return Sender(self.desk.books.engine, names, "https://mingzhang.example", self.now)()

    def count(self, table: object) -> int:
        with self.desk.reading() as (conn, _):
            return int(conn.execute(select(func.count()).select_from(table)).scalar_one())  # type: ignore[arg-type]

    def outcomes(self) -> list[str]:
        with self.desk.reading() as (conn, _):
            return list(conn.execute(select(notice_sent.c.outcome)).scalars())


@pytest.fixture
def post(desk: Desk, sink: Sink) -> Post:
    agreed(desk, ASKER, "zhao@example.com")
    return Post(desk, sink)


def agreed(desk: Desk, actor: Actor, address: str) -> None:
    with desk.writing() as (conn, _, act):
        agree(conn, actor.person, "email", address, act)


def official(desk: Desk, account: str, role: Role) -> Actor:
    """Somebody with an account, a role and an address."""
    with desk.writing() as (conn, trust_id, act):
        person = create_person(conn, account, "某人", by="测试", act=act)
        grant(conn, trust_id, person.person, role, by="测试", act=act)
        agree(conn, person.person, "email", f"{account}@example.com", act)
    return Actor(person.person, person.signature, frozenset({role}))


def test_the_asker_is_told_of_the_answer_by_mail_and_nothing_personal_is_in_it(post: Post) -> None:
    desk = post.desk
    no = desk.ask(place="1-101 门口", unit="1-101")
    desk.do(answer, no, ANSWERED, by=PREPARER)
    assert post.send() == 1
    ((address, letter),) = post.sink.letters
    text = letter.get_content()
    assert address == "zhao@example.com"
    assert letter["subject"].endswith(f"第 {no} 号质询有新进展")
    assert f"/c/trust-{desk.books.trust_id}/mine/inquiries/{no}" in text
    assert "请在 2025-06-10 前评价" in text
    for private in (WORDS, ANSWERED, "赵明", "1-101", desk.ref, "zhao"):
        assert private not in text + letter["subject"], private


def test_a_letter_goes_out_once_however_often_the_job_runs(post: Post) -> None:
    post.desk.do(accept, post.desk.ask(), by=PREPARER)
    assert [post.send(), post.send(), post.send()] == [1, 0, 0]
    assert (len(post.sink.letters), post.outcomes(), post.count(notice_queue)) == (1, ["sent"], 0)


def test_a_step_that_is_undone_is_not_told(post: Post) -> None:
    no = post.desk.ask()
    with pytest.raises(RuntimeError), post.desk.writing() as (conn, trust_id, act):
        accept(conn, trust_id, no, PREPARER, act)
        raise RuntimeError
    assert post.count(notice) == 0
    assert post.send() == 0


def test_who_did_not_agree_is_not_told_and_nothing_is_kept_for_them(post: Post) -> None:
    post.desk.do(accept, post.desk.ask(NEIGHBOUR), by=PREPARER)
    assert (post.count(notice), post.count(notice_queue)) == (0, 0)


def test_consent_taken_back_stops_what_still_waits_and_deletes_the_address(post: Post) -> None:
    post.desk.do(accept, post.desk.ask(), by=PREPARER)
    with post.desk.writing() as (conn, _, _act):
        forget(conn, ASKER.person, "email")
        assert addresses_of(conn, ASKER.person) == {}
    assert post.send() == 0
    assert (post.sink.letters, post.outcomes()) == ([], ["no_address"])


def test_own_steps_are_no_news(post: Post) -> None:
    no = post.desk.ask()
    post.desk.do(answer, no, ANSWERED, by=PREPARER)
    before = post.count(notice)
    post.desk.do(rate, no, True, by=ASKER)
    assert post.count(notice) == before


def test_those_on_duty_hear_of_what_is_asked_and_the_party_of_what_goes_up(post: Post) -> None:
    desk = post.desk
    staff = official(desk, "wuye", Role.PREPARER)
    official(desk, "shequ", Role.PARTY)
    official(desk, "jiandu", Role.SUPERVISOR)
    no = desk.ask()
    post.send()
    assert [to for to, _ in post.sink.letters] == ["wuye@example.com"]
    post.sink.letters.clear()
    desk.do(answer, no, ANSWERED, by=staff)
    desk.do(rate, no, False, by=ASKER)
    post.send()
    told = {to: letter.get_content() for to, letter in post.sink.letters}
    assert set(told) == {"shequ@example.com", "zhao@example.com"}
    assert f"/office/inquiries/{no}" in told["shequ@example.com"]
    assert "已升级到社区" in told["shequ@example.com"]


def test_what_goes_up_to_the_street_is_told_to_the_street_or_without_one_to_the_community(post: Post) -> None:
    desk = post.desk
    staff = official(desk, "wuye", Role.PREPARER)
    party = official(desk, "shequ", Role.PARTY)

    def told_at_the_top() -> set[str]:
        no = desk.ask()
        desk.do(answer, no, ANSWERED, by=staff)
        desk.do(rate, no, False, by=ASKER)
        desk.do(answer, no, ANSWERED, by=party)
        post.send()
        post.sink.letters.clear()
        desk.do(rate, no, False, by=ASKER)
        post.send()
        found = {to for to, letter in post.sink.letters if "已升级到街道" in letter.get_content()}
        return found - {"zhao@example.com"}

    assert told_at_the_top() == {"shequ@example.com"}
    official(desk, "jiedao", Role.STREET)
    assert told_at_the_top() == {"jiedao@example.com"}


def test_who_asked_the_same_hears_of_the_published_answer(post: Post) -> None:
    desk = post.desk
    agreed(desk, NEIGHBOUR, "qian@example.com")
    no = desk.ask()
    desk.do(publish, no, 1, PUBLIC, by=REVIEWER)
    with desk.writing() as (conn, trust_id, act):
        echo(conn, trust_id, no, NEIGHBOUR, act)
    desk.do(answer, no, ANSWERED, by=PREPARER)
    desk.do(publish, no, 3, "三月多洗了一次外墙。", by=REVIEWER)
    post.send()
    (letter,) = [letter for to, letter in post.sink.letters if to == "qian@example.com"]
    assert "您也想问的" in letter.get_content()
    assert f"/c/trust-{desk.books.trust_id}/inquiries/{no}" in letter.get_content()


def test_a_server_that_is_away_is_tried_again_after_longer_and_longer(post: Post) -> None:
    post.desk.do(accept, post.desk.ask(), by=PREPARER)
    post.sink.answers += ["451 later", "451 later"]
    assert (post.send(), post.send()) == (0, 0)
    assert post.sink.answers == ["451 later"], "tried again at once"
    post.late += BACK_OFF[0]
    assert post.send() == 0
    post.late += BACK_OFF[0]
    assert post.send() == 0
    post.late += BACK_OFF[1] - BACK_OFF[0]
    assert post.send() == 1
    assert (len(post.sink.letters), post.outcomes()) == (1, ["sent"])


def test_it_is_given_up_in_the_end(post: Post) -> None:
    post.desk.do(accept, post.desk.ask(), by=PREPARER)
    post.sink.answers += ["451 later"] * 20
    for pause in BACK_OFF:
        post.send()
        post.late += pause
    assert post.send() == 0
    assert (post.outcomes(), post.sink.letters) == (["given_up"], [])
    assert len(post.sink.answers) == 20 - len(BACK_OFF)


def test_an_address_nobody_has_is_not_tried_again_and_stands_in_no_log_line(
    post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    no = post.desk.ask()
    post.desk.do(accept, no, by=PREPARER)
    post.sink.answers += ["550 no such user zhao@example.com"]
    with caplog.at_level(logging.DEBUG):
        assert post.send() == 0
    assert post.outcomes() == ["refused"]
    said = "\n".join(caplog.handler.format(one) for one in caplog.records if one.name != "mail.log")
    assert "event=notice_failed channel=email" in said
    assert "zhao" not in said, "the mail server of the tests alone may say it"
    assert ASKER.person not in said


def test_old_news_is_not_sent_when_a_mail_server_is_set_up_at_last(post: Post) -> None:
    post.desk.do(accept, post.desk.ask(), by=PREPARER)
    post.late = OLDEST + timedelta(minutes=1)
    assert post.send() == 0
    assert (post.outcomes(), post.sink.letters) == (["expired"], [])


def test_the_same_letter_carries_the_same_mark_when_a_crash_sends_it_again(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.desk.do(accept, post.desk.ask(), by=PREPARER)
    monkeypatch.setattr(Sender, "_settle", lambda *_: None)
    post.send()
    monkeypatch.undo()
    post.late += BACK_OFF[0]
    assert post.send() == 1
    first, second = (letter for _, letter in post.sink.letters)
    assert first["message-id"] == second["message-id"]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "zhao",
        "zhao@",
        "a@b",
        "a b@example.com",
        "a@example.com\nBcc: x@y.cn",
        "a..b@example.com",
        "a.@example.com",
    ],
)
def test_what_is_no_mailbox_is_refused(desk: Desk, address: str) -> None:
    with pytest.raises(Refused) as refused:
        agreed(desk, ASKER, address)
    assert refused.value.codes == {"bad_address"}


@dataclass
class _Other:
    """A channel of another package."""

    name: str = "weixin"

    def send(self, letter: Letter, address: str) -> None:
        raise NotImplementedError


def test_another_package_adds_a_channel(monkeypatch: pytest.MonkeyPatch, sink: Sink, tmp_path: Path) -> None:
    class Point:
        def load(self) -> object:
            return lambda _config: _Other()

    monkeypatch.setattr(channels, "entry_points", lambda group: [Point()] if group == channels.GROUP else [])
    config = Config(tmp_path, "", "")
    assert list(channels_of(config)) == ["weixin"]
    assert set(channels_of(Config(tmp_path, "", "", mail=sink.mail))) == {"email", "weixin"}


def test_the_environment_says_which_server(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOST", "PORT", "SECURITY", "USER", "PASSWORD", "SENDER"):
        monkeypatch.delenv(f"SMTP_{name}", raising=False)
    assert config_from_env().mail is None
    monkeypatch.setenv("SMTP_HOST", "mail.example.com")
    with pytest.raises(ValueError, match="SMTP_SENDER"):
        config_from_env()
    monkeypatch.setenv("SMTP_SENDER", "tongzhi@example.com")
    monkeypatch.setenv("SMTP_PASSWORD", "sehr-geheim")
    config = config_from_env()
    assert config.mail is not None
    assert (config.mail.port, config.mail.security) == (587, "starttls")
    assert "sehr-geheim" not in repr(config)
    monkeypatch.setenv("SMTP_SECURITY", "ssl")
    with pytest.raises(ValueError, match="SMTP_SECURITY"):
        config_from_env()
