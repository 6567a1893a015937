"""A vote over the pages: owners on record, and each step as the person who takes it.

1-101 and 2-201 belong to one owner (the resident lives in 1-101), 1-102 to another: two heads.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import httpx
from sqlalchemy import select

from ledger.resolutions.codes import issue_codes
from ledger.resolutions.roll import voters_of_units
from ledger.store.engine import reading, writing
from ledger.store.tables import ballot
from ledger.trust.owner_register import Person, add_people
from ledger.trust.titles import NewTitle, record_titles
from tests.ledger.books import OPENED, act
from tests.office.conftest import OfficeSite

OWNERS = {"1-101": "one", "2-201": "one", "1-102": "two"}
NOTICED, OPENS, CLOSES, AFTER = date(2025, 6, 30), date(2025, 7, 15), date(2025, 7, 24), date(2025, 7, 25)
LIFT = "是否同意动用维修资金更换 3 栋电梯？"


def register_owners(office: OfficeSite) -> None:
    with writing(office.engine) as conn:
        add_people(
            conn, office.trust_id, [Person(key, "person", f"某{key}") for key in ("one", "two")], act(OPENED)
        )
        titles = [NewTitle(unit, OPENED, "first", "", {owner: Fraction(1)}) for unit, owner in OWNERS.items()]
        record_titles(conn, office.trust_id, titles, signature="会计甲", act=act(OPENED))


@dataclass
class Vote:
    """One vote and who runs it."""

    office: OfficeSite
    number: str = ""

    def path(self, below: str = "") -> str:
        return self.office.path(f"/resolutions/{self.number}{below}")

    def to(self, day: date) -> None:
        """Another day: everybody logs in again."""
        self.office.clock.to(day)
        self.office._clients.clear()

    def send(self, role: str, below: str, **fields: Any) -> httpx.Response:
        files = fields.pop("files", {"none": ("", b"")})
        return self.office.post(self.office.client(role), self.path(below), files=files, **fields)

    def drafted(self, **changes: Any) -> Vote:
        fields = {"title": "更换 3 栋电梯", "text": "两部电梯已用二十年。", "item_title_1": LIFT}
        fields |= {"item_matter_1": "use_maintenance_fund", **changes}
        answer = self.office.post(
            self.office.client("committee"),
            self.office.path("/resolutions/new"),
            files={"none": ("", b"")},
            **fields,
        )
        assert answer.status_code == 303, answer.text
        self.number = answer.headers["location"].rsplit("/", 1)[1]
        return self

    def noticed(self, **changes: Any) -> Vote:
        self.drafted(**changes)
        self.done(self.send("committee", "/motion", by="committee", moved_on=NOTICED.isoformat()))
        told = {"how": "公告栏张贴", "neighbourhood": "书面告知居委会"}
        days = {"opens_on": OPENS.isoformat(), "closes_on": CLOSES.isoformat()}
        self.done(self.send("committee", "/notice", **told, **days))
        return self

    def opened(self, **changes: Any) -> Vote:
        self.noticed(**changes)
        self.to(OPENS)
        self.done(self.office.post(self.office.client("chair"), self.path("/open")))
        return self

    def code(self, unit: str) -> str:
        """The voting code of a home's voter, as the letter prints it."""
        with writing(self.office.engine) as conn:
            voter = voters_of_units(conn, self.office.trust_id, self.number, [unit])[unit]
            args = (
                conn,
                self.office.trust_id,
                self.number,
                self.office.actor("committee"),
                self.office.act(),
            )
            return issue_codes(*args, voters=[voter])[0].code

    def cast(self, choice: str = "agree", code: str = "", **fields: Any) -> httpx.Response:
        """The resident of 1-101 votes online."""
        given = {"choice_1": choice, "code": code or self.code("1-101"), **fields}
        client = self.office.client("resident")
        return self.office.post(client, f"/c/{self.office.slug}/mine/votes/{self.number}", **given)

    def type_in(self, role: str, *rows: tuple[str, str], **fields: Any) -> httpx.Response:
        typed = {f"unit_{no}": unit for no, (unit, _) in enumerate(rows, start=1)}
        typed |= {f"c_{no}_1": said for no, (_, said) in enumerate(rows, start=1)}
        day = {"received_on": self.office.clock.now.date().isoformat()}
        return self.send(role, "/ballots", **day, **typed, **fields)

    def closed(self) -> Vote:
        self.to(AFTER)
        self.done(self.office.post(self.office.client("chair"), self.path("/close")))
        return self

    def published(self) -> Vote:
        self.closed()
        self.done(self.office.post(self.office.client("chair"), self.path("/publish")))
        return self

    def channels(self) -> list[str]:
        with reading(self.office.engine) as conn:
            query = select(ballot.c.channel).where(ballot.c.trust_id == self.office.trust_id)
            return list(conn.execute(query.order_by(ballot.c.ballot_no)).scalars())

    @staticmethod
    def done(answer: httpx.Response) -> None:
        assert answer.status_code == 303, said(answer.text)


def said(page: str) -> str:
    """The text of a page, for messages and searching."""
    text = re.sub(r"<(script|style)[^>]*>.*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", text)
