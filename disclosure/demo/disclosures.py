"""What the demo's trustee publishes besides money: services, posts, monthly notes; the posts are overdue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import Connection, Engine

from disclosure.demo.bookkeeper import Bookkeeper
from ledger.disclosures.duties import duties
from ledger.disclosures.fulfilment import Done, Note, publish_note, read_note
from ledger.disclosures.posts import Post, PostList, publish_posts
from ledger.disclosures.reviews import confirm_block
from ledger.disclosures.services import Service, ServiceList, publish_services, read_services
from ledger.payments.contract_papers import add_papers
from ledger.people import Actor, Role
from ledger.periods.calendar import period_of, preceding
from ledger.store.engine import writing
from ledger.trust import Act

_CONTRACT = "物业服务合同附件二"
SERVICES = (
    Service("保洁", "楼道、电梯轿厢、大堂、道路和地下车库的清扫，垃圾收集清运。", "楼道无烟头、无杂物；垃圾桶不满溢，当天清运。", "楼道每天一次，大堂每天两次"),
    Service("秩序维护", "大门值守、巡逻、车辆引导、监控值班。", "大门 24 小时有人；监控录像保存 30 天以上。", "巡逻每两小时一次"),
    Service("电梯运行", "委托有资质的单位维护保养，按期检验，故障救援。", "困人 30 分钟内到场；检验合格标志在有效期内。", "维保每 15 天一次"),
    Service("绿化养护", "修剪、浇水、治虫、补种。", "无大面积枯死和裸露；用药前一天张贴告示。", "草坪每月修剪一次，乔木每年一次"),
    Service("公共设施维修", "门禁、路灯、水泵、管道等共用设施的巡查和小修。", "急修 1 小时内到场，小修 2 天内办结。", "水泵房每天巡查，其余每周一次"),
    Service("消防设施", "消防栓、报警、喷淋、应急灯的检查和保养。", "设施完好，通道畅通；每年检测一次并张贴报告。", "每月检查一次"),
    Service("客户服务", "来电来访登记、报修派单、催费通知、装修巡查。", "来访当面答复或 2 天内答复；报修有单可查。", "每天 8:30 至 20:00"),
)  # fmt: skip
POSTS = (
    Post("项目经理", "全面负责服务质量、预算执行和信息公开；业主意见不满意的，到这里再反映。", "物业服务中心二楼", ("S01", "S02", "S03", "S04", "S05", "S06", "S07")),
    Post("客服主管", "接待、报修派单、答复业主询问。", "物业服务中心前台", ("S07",)),
    Post("工程主管", "电梯、水泵、消防和公共设施的维修，外包维保单位的验收。", "工程部值班室", ("S03", "S05", "S06")),
    Post("秩序主管", "大门、巡逻、监控和车辆。", "东门岗亭", ("S02",)),
    Post("环境主管", "保洁和绿化，垃圾清运。", "物业服务中心前台", ("S01", "S04")),
    Post("财务主管", "记账、对账、报表，答复账目询问。", "物业服务中心前台", ()),
)  # fmt: skip
_CONTRACTS = {"C-2025-01": "电梯维保合同", "C-2025-02": "秩序维护服务合同", "C-2025-03": "保洁服务合同"}
_RENEWED, _CONFIRMED, _CORRECTED = 8, 11, 5
_TREES = {3, 4, 11}


def disclose_month(
    engine: Engine,
    keeper: Bookkeeper,
    people: Mapping[Role, Actor],
    number: int,
    month: date,
    today: date,
) -> None:
    """What is published in the demo's month ``number``, on the days that have come by ``today``."""
    actor = people[Role.PREPARER]
    with writing(engine) as conn:
        desk = _Desk(conn, keeper, actor)
        if number == 0:
            desk.open(month)
        elif (day := month + timedelta(days=9)) <= today:
            desk.note(preceding(period_of(month)), day)
        if number == _RENEWED and month + timedelta(days=14) <= today:
            desk.renew(month + timedelta(days=14))
        if number == _CONFIRMED and month + timedelta(days=19) <= today:
            desk.confirm(month + timedelta(days=19))


class _Desk:
    """One transaction of the trustee's."""

    def __init__(self, conn: Connection, keeper: Bookkeeper, actor: Actor) -> None:
        self._conn, self._keeper, self._actor = conn, keeper, actor
        self._trust_id = keeper.trust_id

    def open(self, day: date) -> None:
        """The first lists."""
        act = self._keeper.act(day, hour=10)
        publish_services(self._conn, self._trust_id, ServiceList(SERVICES, day, _CONTRACT), self._actor, act)
        publish_posts(self._conn, self._trust_id, PostList(POSTS, day), self._actor, act)
        for contract, title in _CONTRACTS.items():
            self._contract_papers(contract, title, day, act)

    def _contract_papers(self, contract: str, title: str, day: date, act: Act) -> None:
        """The contract's text and how prices were compared, each with a copy for everybody."""
        text = [("合同", title, False), ("甲方", "明和苑业主大会", False), ("乙方经办人", "朱某某", True)]
        compared = [
            ("项目", title, False),
            ("报价单位", "三家", False),
            ("结论", "最低价中选", False),
            ("询价人", "朱某某", True),
        ]
        papers = (
            self._keeper.paper(self._conn, "contract", title, text, contract, day),
            self._keeper.paper(self._conn, "quote", "比价单", compared, f"BJ-{contract}", day),
        )
        add_papers(self._conn, self._trust_id, contract, papers, self._actor, act)

    def note(self, period: int, day: date) -> None:
        """What was done last month; one was corrected two days later."""
        act = self._keeper.act(day, hour=15)
        publish_note(self._conn, self._trust_id, _note(period, self._items(period)), self._actor, act)
        if period % 100 == _CORRECTED:
            self._correct(period, self._keeper.act(day + timedelta(days=2), hour=15))

    def _items(self, period: int) -> tuple[Done, ...]:
        now = read_services(self._conn, self._trust_id).list.items
        said = _done(period)
        return tuple(Done(item.code, *said.get(item.title, ("按标准完成，无投诉。", "met"))) for item in now)

    def _correct(self, period: int, act: Act) -> None:
        note = read_note(self._conn, self._trust_id, period).note
        items = tuple(
            replace(item, done=f"{item.done}（更正：其中一次晚了一天）", state="partly")
            if item.title == "公共设施维修"
            else item
            for item in note.items
        )
        publish_note(self._conn, self._trust_id, _note(period, items), self._actor, act)

    def renew(self, day: date) -> None:
        """A stricter standard and one service more."""
        items = [
            replace(item, standard="困人 20 分钟内到场；检验合格标志在有效期内，停梯检修提前一天告知。")
            if item.title == "电梯运行"
            else item
            for item in read_services(self._conn, self._trust_id).list.items
        ]
        items.append(Service("充电桩管理", "充电车位巡查，线路和灭火器检查，占位劝离。", "故障 2 天内报修；灭火器在有效期内。", "每周一次"))  # fmt: skip
        value = ServiceList(tuple(items), day, "物业服务合同补充协议一")
        publish_services(self._conn, self._trust_id, value, self._actor, self._keeper.act(day, hour=10))

    def confirm(self, day: date) -> None:
        """After a year most of it is looked at again; the posts are forgotten."""
        act = self._keeper.act(day, hour=10)
        for duty in duties(self._conn, self._trust_id, act.today):
            if duty.code in ("charge_items", "charge_rates", "operation"):
                confirm_block(self._conn, self._trust_id, duty.code, "与合同、决议逐项核对", self._actor, act)


def _note(period: int, items: tuple[Done, ...]) -> Note:
    met = sum(item.state == "met" for item in items)
    return Note(period, f"{len(items)} 项服务中 {met} 项达标。没有达标的写明了原因和补救。", items)


def _done(period: int) -> dict[str, tuple[str, str]]:
    """What was done in a month, in words and figures that differ a little from month to month."""
    month = period % 100
    repairs = 31 + period * 7 % 12
    lifts = ("维保 2 次，救援 0 次。", "met")
    if month == 7:
        lifts = ("维保 1 次，另一次因汛期推迟到下月 2 日。2 栋停梯 5 小时，已减收当月维保费。", "partly")
    trees = (
        ("修剪草坪 1 次，乔木本月不修剪。", "met")
        if month in _TREES
        else ("修剪、浇水、治虫按计划完成。", "met")
    )
    return {
        "保洁": (f"楼道清扫 {30 if month != 2 else 28} 次，抽查 12 处，1 处返工。", "met"),
        "秩序维护": ("值守无间断，劝离占用消防通道车辆 9 次。", "met"),
        "电梯运行": lifts,
        "绿化养护": trees,
        "公共设施维修": (f"接报 {repairs} 件，办结 {repairs - 1} 件，1 件等配件。", "met"),
        "消防设施": ("检查 1 次，更换应急灯 4 只、灭火器 6 具。", "met"),
        "客户服务": (f"来电来访 {150 + period * 11 % 60} 次，2 天内答复率 98%。", "met"),
        "充电桩管理": ("巡查 4 次，报修 2 台，均已修复。", "met"),
    }
