"""What the small community in good order publishes: its services and posts, a note and a statement each month."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import Connection

from disclosure.demo.bookkeeper import PREPARER, Bookkeeper
from disclosure.demo.statements import publish_month
from ledger.disclosures.duties import duties
from ledger.disclosures.fulfilment import Done, Note, publish_note
from ledger.disclosures.posts import Post, PostList, publish_posts
from ledger.disclosures.reviews import CONFIRMABLE, confirm_block
from ledger.disclosures.services import Service, ServiceList, publish_services, read_services
from ledger.people import Actor, Role

_CLERK = Actor("demo-small", PREPARER, frozenset({Role.PREPARER}), "演示")
_SERVICES = (
    Service("保洁", "楼道、道路清扫，垃圾收集清运。", "楼道无杂物；垃圾桶不满溢，当天清运。", "每天一次"),
    Service("门岗", "大门值守、来访登记、车辆引导。", "大门 24 小时有人。", "每天"),
)
_POSTS = (
    Post("项目经理", "负责服务质量和信息公开，答复业主意见。", "物业服务中心", ("S01", "S02")),
    Post("会计", "记账、对账、报表，答复账目询问。", "物业服务中心"),
)


def publish_first(conn: Connection, keeper: Bookkeeper, day: date) -> None:
    """The first lists, on the day the books open."""
    act = keeper.act(day, hour=10)
    services = ServiceList(_SERVICES, day, "物业服务合同附件")
    publish_services(conn, keeper.trust_id, services, _CLERK, act)
    publish_posts(conn, keeper.trust_id, PostList(_POSTS, day), _CLERK, act)


def publish_closed(conn: Connection, keeper: Bookkeeper, period: int, day: date) -> None:
    """A month that was closed and signed: its statement, and what was done in it."""
    publish_month(conn, keeper, period, day)
    now = read_services(conn, keeper.trust_id).list.items
    items = tuple(Done(item.code, "按标准完成，无投诉。", "met") for item in now)
    note = Note(period, f"{len(items)} 项服务都达标。", items)
    publish_note(conn, keeper.trust_id, note, _CLERK, keeper.act(day, hour=15))


def confirm_rest(conn: Connection, keeper: Bookkeeper, day: date, ahead: int = 0) -> None:
    """Whatever would be late so many days from a day is looked at and confirmed."""
    act = keeper.act(day, hour=10)
    for duty in duties(conn, keeper.trust_id, day + timedelta(days=ahead)):
        if duty.late_days and duty.code in CONFIRMABLE:
            confirm_block(
                conn, keeper.trust_id, duty.code, "与合同逐项核对；没有发生的，如实写明没有", _CLERK, act
            )
