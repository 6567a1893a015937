"""A small community whose people ask and answer, a transaction a call; days are moved on by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, select

from ledger.inquiries import Question, ask, escalate_due
from ledger.inquiries.model import SYSTEM
from ledger.inquiries.state import State, state_of
from ledger.inquiries.store import steps_of
from ledger.log.findings import Finding, Findings
from ledger.people import Actor, Role
from ledger.store.engine import reading, writing
from ledger.store.tables import inquiry_now, leaf
from ledger.trust import record_setting
from ledger.trust.act import Act
from ledger.verify.inquiries import check_inquiries
from tests.ledger.books import Books, fee_charge, open_books

MONDAY = date(2025, 6, 2)
"""A holiday: the Dragon Boat Festival (端午节) was moved to it."""
TUESDAY = date(2025, 6, 3)
ASKER = Actor("p-zhao", "赵明（zhao）", frozenset({Role.RESIDENT}), units=("1-101",))
NEIGHBOUR = Actor("p-qian", "钱进（qian）", frozenset({Role.RESIDENT}), units=("1-102",))
TENANT = Actor("p-sun", "孙立（sun）", frozenset({Role.TENANT}))
PREPARER = Actor("p-lin", "林会（lin）", frozenset({Role.PREPARER}))
REVIEWER = Actor("p-shen", "沈核（shen）", frozenset({Role.REVIEWER}))
COMMITTEE = Actor("p-wei", "魏源（wei）", frozenset({Role.COMMITTEE}))
PARTY = Actor("p-she", "佘区（she）", frozenset({Role.PARTY}))
STREETS = Actor("p-jie", "解道（jie）", frozenset({Role.STREET}))
SUPERVISOR = Actor("p-jian", "简度（jian）", frozenset({Role.SUPERVISOR}))
WORDS = "三月份保洁费为什么比二月多了两千元？请说明。"
PUBLIC = "三月的保洁费为什么比二月高？"

_random = Random(6)
_keys = count(1)


def at(day: date, hour: int = 10, minute: int = 0) -> Act:
    """A moment in China."""
    moment = datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC) - timedelta(hours=8)
    return Act(moment, _random.randbytes)


@dataclass
class Desk:
    """The community of ``books``; ``today`` is the day on which everything happens."""

    books: Books
    folder: Path
    ref: str = ""
    today: date = TUESDAY
    hour: int = 10
    keys: Iterator[int] = field(default_factory=lambda: _keys)

    @contextmanager
    def writing(self) -> Iterator[tuple[Connection, int, Act]]:
        with writing(self.books.engine) as conn:
            yield conn, self.books.trust_id, at(self.today, self.hour)

    @contextmanager
    def reading(self) -> Iterator[tuple[Connection, int]]:
        with reading(self.books.engine) as conn:
            yield conn, self.books.trust_id

    def ask(self, actor: Actor = ASKER, **changes: Any) -> int:
        """Ask about an entry; changes are those of the question, or pictures."""
        more = {name: changes.pop(name) for name in ("shots", "location") if name in changes}
        values = {"kind": "question", "text": WORDS, "key": f"k{next(self.keys)}"}
        if "about_kind" not in changes:
            values |= {"about_kind": "entry", "about": self.ref}
        with self.writing() as (conn, trust_id, act):
            return ask(conn, trust_id, Question(**(values | changes)), actor, act, **more)

    def set(self, name: str, value: object) -> None:
        """A rule of the community from today on."""
        with self.writing() as (conn, trust_id, act):
            record_setting(
                conn, trust_id, name, value, effective_on=self.today, authority="业主大会决定", act=act
            )

    def do(self, command: Callable[..., Any], no: int, *words: Any, by: Actor, **named: Any) -> Any:
        """One command in a transaction of its own."""
        with self.writing() as (conn, trust_id, act):
            return command(conn, trust_id, no, *words, by, act, **named)

    def tick(self, days: int = 0) -> list[int]:
        """Let days pass, then let the system do what is due."""
        self.today += timedelta(days=days)
        with self.writing() as (conn, trust_id, act):
            return escalate_due(conn, trust_id, act)

    def state(self, no: int) -> State:
        with self.reading() as (conn, trust_id):
            return state_of(steps_of(conn, trust_id, [no])[no])

    def kinds(self, no: int) -> list[str]:
        with self.reading() as (conn, trust_id):
            return [step.kind for step in steps_of(conn, trust_id, [no])[no]]

    def by_system(self, no: int) -> list[tuple[str, int, str]]:
        """What the system did: kind, level, reason."""
        with self.reading() as (conn, trust_id):
            found = steps_of(conn, trust_id, [no])[no]
        return [(step.kind, step.level, step.result) for step in found if step.signature == SYSTEM]

    def summary(self, no: int) -> Any:
        with self.reading() as (conn, trust_id):
            n = inquiry_now.c
            return conn.execute(select(inquiry_now).where(n.trust_id == trust_id, n.no == no)).one()

    def leaves(self, kind: str = "mingzhang.inquiry.v1") -> list[dict[str, Any]]:
        """What the log says, of one kind."""
        with self.reading() as (conn, trust_id):
            query = select(leaf.c.body).where(leaf.c.trust_id == trust_id, leaf.c.kind == kind)
            return [msgspec.json.decode(body) for body in conn.execute(query.order_by(leaf.c.seq)).scalars()]

    def findings(self) -> list[Finding]:
        """What verification says of the inquiries."""
        findings = Findings()
        with self.reading() as (conn, trust_id):
            check_inquiries(conn, trust_id, findings)
        return findings.kept


def open_desk(engine: Engine, folder: Path, trust_id: int = 7, **settings: object) -> Desk:
    """A community with one entry to ask about."""
    books = open_books(engine, trust_id, **settings)
    return Desk(books, folder, books.post(fee_charge()).ref)
