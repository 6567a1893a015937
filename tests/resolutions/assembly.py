"""A community whose owners vote: a developer, one owner of two homes, couples; and who runs the vote.

`Assembly` is a trust with a transaction a call. Days: drafted on DAY, noticed, opened 15 days later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import count
from typing import Any

from sqlalchemy import Engine, insert

from ledger.people import Actor, Role
from ledger.people.accounts import create_person
from ledger.people.members import grant
from ledger.resolutions.ballots import Receipt, cast_online
from ledger.resolutions.closing import close_vote, publish_result
from ledger.resolutions.codes import issue_codes
from ledger.resolutions.course import draft_resolution, give_notice, record_motion
from ledger.resolutions.opening import open_vote
from ledger.resolutions.results import Result
from ledger.resolutions.roll import Roll, voters_of_units
from ledger.resolutions.slips import Entered, Slip, enter_slips
from ledger.resolutions.value import Draft, Item, Motion, Notice
from ledger.store.engine import reading, writing
from ledger.store.tables import document
from ledger.trust import Act, Unit, add_units, record_setting
from ledger.trust.owner_register import Person, add_people
from ledger.trust.titles import NewTitle, record_titles
from tests.ledger.books import OPENED, Books, act, open_books

DAY = date(2025, 3, 10)
OPENS = DAY + timedelta(days=15)
CLOSES = OPENS + timedelta(days=9)
AFTER = CLOSES + timedelta(days=1)
SCAN = "ab" * 32
CHAIR = Actor("p-chair", "主任甲（zhuren）", frozenset({Role.CHAIR}))
MEMBER = Actor("p-member", "委员乙（weiyuan）", frozenset({Role.COMMITTEE}))
OTHER = Actor("p-other", "委员丙（weiyuan2）", frozenset({Role.COMMITTEE}))
REVIEWER = Actor("p-reviewer", "审核丁（shenhe）", frozenset({Role.REVIEWER}))
LIFT = Item("更新 3 栋电梯", "use_maintenance_fund")
HOMES: Mapping[str, tuple[int, tuple[str, ...]]] = {
    "3-101": (100_00, ("one",)),
    "3-102": (90_00, ("one",)),
    "3-201": (80_00, ("wife", "husband")),
    "3-202": (80_00, ("husband", "wife")),
    "3-301": (120_00, ("wife",)),
    "3-302": (70_00, ("shop-firm",)),
    "3-401": (60_00, ("dev",)),
}
"""Area and owners; 3-402 is unsold. Voters: one; wife+husband; wife; shop-firm; developer: five heads."""
_PEOPLE = ("one", "wife", "husband", "shop-firm")
_accounts = count(1)


def draft_of(*items: Item, **changes: Any) -> Draft:
    values = {"title": "更新 3 栋电梯", "text": "用维修资金更新 3 栋两部电梯。", "items": items or (LIFT,)}
    return Draft(**(values | changes))


@dataclass
class Assembly:
    """The trust with its owners."""

    books: Books
    codes: dict[int, str] = field(default_factory=dict)
    residents: dict[str, Actor] = field(default_factory=dict)

    @property
    def engine(self) -> Engine:
        return self.books.engine

    @property
    def trust_id(self) -> int:
        return self.books.trust_id

    def do(self, command: Any, *args: Any, day: date = DAY, actor: Actor = CHAIR, **named: Any) -> Any:
        """Run one command in a transaction of its own."""
        with writing(self.engine) as conn:
            return command(conn, self.trust_id, *args, actor=actor, act=act(day), **named)

    def ask(self, query: Any, *args: Any, **named: Any) -> Any:
        with reading(self.engine) as conn:
            return query(conn, self.trust_id, *args, **named)

    def rule(self, name: str, value: object, on: date = OPENED) -> None:
        with writing(self.engine) as conn:
            record_setting(
                conn, self.trust_id, name, value, effective_on=on, authority="议事规则", act=act(on)
            )

    def noticed(self, draft: Draft | None = None) -> str:
        """Draft, committee's motion, notice."""
        number: str = self.do(draft_resolution, draft or draft_of(), actor=MEMBER)
        self.do(record_motion, number, Motion("committee", DAY))
        self.do(give_notice, number, Notice(OPENS, CLOSES, "公告栏、微信群", "已书面告知明和社区居委会"))
        return number

    def opened(self, draft: Draft | None = None, **named: Any) -> str:
        number = self.noticed(draft)
        self.do(open_vote, number, day=OPENS, **named)
        letters = self.do(issue_codes, number, day=OPENS, actor=MEMBER)
        self.codes = {letter.voter: letter.code for letter in letters}
        return number

    def voter(self, number: str, unit: str) -> int:
        found: int = self.ask(voters_of_units, number, [unit])[unit]
        return found

    def resident(self, unit: str, role: Role = Role.RESIDENT) -> Actor:
        """Somebody with an account in a home; the same each time."""
        key = f"{unit}/{role}"
        if key not in self.residents:
            with writing(self.engine) as conn:
                person = create_person(conn, f"yezhu{next(_accounts)}", "业主", by="t", act=act(OPENED))
                grant(conn, self.trust_id, person.person, role, by="t", act=act(OPENED), unit=unit)
            self.residents[key] = Actor(person.person, person.signature, frozenset({role}), "", (unit,))
        return self.residents[key]

    def vote(
        self,
        number: str,
        unit: str,
        *choices: str,
        day: date = OPENS,
        code: str | None = None,
        actor: Actor | None = None,
    ) -> Receipt:
        """An online ballot from a home."""
        voter = self.voter(number, unit)
        actor = actor or self.resident(unit)
        code = self.codes[voter] if code is None else code
        receipt: Receipt = self.do(cast_online, number, voter, choices, code, day=day, actor=actor)
        return receipt

    def type(self, number: str, slips: Sequence[Slip], actor: Actor = MEMBER, day: date = OPENS) -> Entered:
        entered: Entered = self.do(enter_slips, number, slips, day=day, actor=actor)
        return entered

    def paper(self, number: str, votes: Mapping[str, str], day: date = OPENS) -> None:
        """Typed by two people."""
        slips = [Slip(unit, tuple(said.split("/")), day) for unit, said in votes.items()]
        for actor in (MEMBER, OTHER):
            self.type(number, slips, actor, day)

    def close(self, number: str, **named: Any) -> Result:
        result: Result = self.do(close_vote, number, day=AFTER, **named)
        return result

    def publish(self, number: str) -> int:
        place: int = self.do(publish_result, number, day=AFTER)
        return place


def assemble(engine: Engine, trust_id: int = 1, *, unowned: Sequence[str] = ()) -> Assembly:
    """Open the books of a trust with the homes above; ``unowned`` ones have nobody on record."""
    books = open_books(engine, trust_id)
    now = act(OPENED)
    with writing(engine) as conn:
        units = [Unit(unit, "3", "home", area) for unit, (area, _) in HOMES.items()]
        add_units(conn, trust_id, [*units, Unit("3-402", "3", "unsold", 50_00)])
        people = [Person(key, "person" if key != "shop-firm" else "firm", f"某{key}") for key in _PEOPLE]
        people += [Person("dev", "developer", "某置业公司"), Person("small", "person", "某小户")]
        add_people(conn, trust_id, people, now)
        titles = [(unit, owners) for unit, (_, owners) in HOMES.items() if unit not in unowned]
        titles += [(unit, ("small",)) for unit in ("1-101", "1-102", "2-201")]
        record_titles(
            conn,
            trust_id,
            [
                NewTitle(unit, OPENED, "first", "", {key: Fraction(1, len(owners)) for key in owners})
                for unit, owners in titles
            ],
            signature="t",
            act=now,
        )
        keep_scan(conn, trust_id, now)
    return Assembly(books)


def keep_scan(conn: Any, trust_id: int, now: Act) -> None:
    """A scan that the archive has, without its bytes."""
    conn.execute(
        insert(document).values(
            trust_id=trust_id,
            sha256=SCAN,
            media_type="application/pdf",
            size=1,
            access="internal",
            stored_at=now.now,
        )
    )


def roll_of_voters(roll: Roll) -> tuple[int, int]:
    return roll.total.people, roll.total.area


def at(day: date, hour: int) -> Act:
    """An hour of a Chinese day."""
    return Act(datetime(day.year, day.month, day.day, hour, tzinfo=act().now.tzinfo), act().entropy)
