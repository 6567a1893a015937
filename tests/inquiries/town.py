"""The desk's community behind its web pages, with an account for every role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ledger.inquiries import answer, publish
from ledger.people import Actor
from tests.inquiries.desk import COMMITTEE, PREPARER, PUBLIC, Desk
from tests.ledger.books import TODAY, fee_charge
from tests.office.conftest import OfficeSite

ANSWER = "三月起增加了夜间保洁，合同变更单已附在凭证后。"
PRIVATE = "我家漏水，电话打给楼上都不理"


@dataclass
class Town:
    """Pages and commands over the same books; both clocks stand at the same day."""

    office: OfficeSite
    desk: Desk

    @property
    def base(self) -> str:
        return f"/c/{self.office.slug}"

    @property
    def resident(self) -> Actor:
        return self.office.actor("resident")

    def see(self, path: str, who: str = "") -> str:
        """The text of a page; ``who``: a role, or nobody in particular."""
        client = self.office.client(who) if who else self.office.anyone()
        found = client.get(self.base + path)
        assert found.status_code == 200, (path, found.status_code)
        return found.text

    def send(self, path: str, who: str = "resident", **fields: Any) -> Any:
        """A form; the address it leads to is in the headers."""
        return self.office.post(self.office.client(who), self.base + path, **fields)

    def published(self, **changes: Any) -> int:
        """A question with its answer, both public."""
        no = self.desk.ask(**changes)
        self.desk.do(answer, no, "原话：夜间保洁加了人。", by=PREPARER)
        self.desk.do(publish, no, 1, PUBLIC, by=COMMITTEE)
        self.desk.do(publish, no, 2, ANSWER, by=COMMITTEE)
        return no

    def go_on(self, days: int) -> list[int]:
        """Let days pass on both clocks, then let the system do what is due."""
        found = self.desk.tick(days)
        self.office.clock.to(self.desk.today)
        return found


def settle_town(office: OfficeSite) -> Town:
    """With one entry to ask about."""
    ref = office.books.post(fee_charge()).ref
    return Town(office, Desk(office.books, office.config.data_dir, ref, today=TODAY))
