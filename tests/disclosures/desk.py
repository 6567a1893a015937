"""Short hands for the tests of what has to be public: lists and notes that are right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from ledger.disclosures.duties import Duty, duties
from ledger.disclosures.fulfilment import Done, Note, publish_note
from ledger.disclosures.posts import Post, PostList, publish_posts
from ledger.disclosures.reviews import confirm_block
from ledger.disclosures.services import Service, ServiceList, publish_services
from ledger.people import Actor
from ledger.store.engine import reading, writing
from tests.ledger.books import OPENED, TODAY, Books, act
from tests.work.people import ACCOUNTANT

CLEANING = Service("保洁", "打扫楼道和大堂。", "无烟头、无杂物。", "每天一次")
LIFTS = Service("电梯运行", "维护保养，故障救援。", "困人 30 分钟内到场。", "每 15 天一次")
MANAGER = Post("项目经理", "全面负责。", "物业服务中心二楼", ("S01", "S02"))


def services(*items: Service, on: date = OPENED, authority: str = "合同附件二") -> ServiceList:
    return ServiceList(items or (CLEANING, LIFTS), on, authority)


def posts(*items: Post, on: date = OPENED) -> PostList:
    return PostList(items or (MANAGER,), on)


def note(period: int, *items: Done, summary: str = "两项都达标。", **more: Any) -> Note:
    done = items or (Done("S01", "打扫 30 次。", "met"), Done("S02", "维保 2 次。", "met"))
    return Note(period, summary, done, **more)


@dataclass(frozen=True)
class Desk:
    """A trust's trustee; every call a transaction on a day."""

    books: Books

    def services(self, value: ServiceList | None = None, day: date = TODAY, actor: Actor = ACCOUNTANT) -> int:
        with writing(self.books.engine) as conn:
            return publish_services(conn, self.books.trust_id, value or services(), actor, act(day))

    def posts(self, value: PostList | None = None, day: date = TODAY, actor: Actor = ACCOUNTANT) -> int:
        with writing(self.books.engine) as conn:
            return publish_posts(conn, self.books.trust_id, value or posts(), actor, act(day))

    def note(self, value: Note, day: date = TODAY, actor: Actor = ACCOUNTANT) -> int:
        with writing(self.books.engine) as conn:
            return publish_note(conn, self.books.trust_id, value, actor, act(day))

    def confirm(
        self, block: str, day: date = TODAY, text: str = "逐项核对过", actor: Actor = ACCOUNTANT
    ) -> int:
        with writing(self.books.engine) as conn:
            return confirm_block(conn, self.books.trust_id, block, text, actor, act(day))

    def duty(self, code: str, day: date = TODAY) -> Duty:
        with reading(self.books.engine) as conn:
            return next(item for item in duties(conn, self.books.trust_id, day) if item.code == code)
