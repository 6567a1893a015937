"""What the demo community talks over: items of the joint conference at every stage, a fee under consultation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from sqlalchemy import Connection, Engine

from disclosure.demo.bookkeeper import Bookkeeper
from disclosure.demo.community import PROJECT, RESOLUTIONS
from ledger.billing import Standard
from ledger.conference import (
    Attendance,
    Meeting,
    NewItem,
    NewTask,
    add_task,
    propose,
    record_meeting,
    settle_task,
    skip_stage,
)
from ledger.conference.links import add_link, link_kinds
from ledger.conference.tasks import TaskStep
from ledger.consultation.answers import Tally, answer_fee, count_paper
from ledger.consultation.course import open_consultation
from ledger.consultation.proposals import PENDING, propose_fee
from ledger.people import Actor, Role
from ledger.store.engine import writing
from ledger.trust import load_setup

People = Mapping[Role, Actor]
_ALL = {
    "party": Attendance(2, "书记、网格员"),
    "committee": Attendance(3, "主任、委员"),
    "trustee": Attendance(2, "项目经理、工程主管"),
    "residents": Attendance(14, "楼栋居民代表"),
}
_NEW_RATE_E4 = 2_1500


def hold_talks(engine: Engine, keeper: Bookkeeper, people: People, today: date) -> None:
    """Items and a proposal, as they stand today; called once, at the end of the demo's last month."""
    with writing(engine) as conn:
        talks = _Talks(conn, keeper, people, today)
        talks.lifts()
        talks.parking()
        talks.lights()
        talks.fee()


class _Talks:
    """The conference of the demo; days are counted back from today."""

    def __init__(self, conn: Connection, keeper: Bookkeeper, people: People, today: date) -> None:
        self._conn, self._keeper, self._people, self._today = conn, keeper, people, today
        self._trust_id = keeper.trust_id

    def lifts(self) -> None:
        """All stages but the last, and what followed."""
        item = self._propose(
            230,
            "3栋高龄电梯更新",
            "3栋电梯用了十九年，一年停运七次，老人上下楼难。希望更新，也请说清钱从哪里来。",
        )
        self._meet(
            item, 222, "consult", "again", "同意更新，对居民出多少没有谈拢；请物业另找两家报价，党组织联系街道补助。",
            came={name: who for name, who in _ALL.items() if name != "trustee"},
        )  # fmt: skip
        self._task(
            item, 222, "请三家电梯单位报价，附比价单", "trustee", "项目经理", 200, "三份报价单已交业委会"
        )
        self._task(
            item, 222, "向街道申请高龄电梯更新补助", "party", "书记", 195, "街道已批复，补助随进度拨付"
        )
        self._meet(
            item, 205, "consult", "agreed", "政府补一点、社会筹一点、居民凑一点；居民部分按楼层系数分摊。"
        )
        self._meet(item, 190, "review", "passed", "逐条通过方案和分摊办法，提交业主表决。")
        self._link(item, "project", PROJECT[0])
        self._link(item, "resolution", RESOLUTIONS["lift"])

    def parking(self) -> None:
        """A stage left out, with the reason, and the vote that goes on."""
        item = self._propose(
            60,
            "道路车位白天对外临时停放",
            "白天空着三十多个车位，附近医院停车难，收入可以补充维修资金。",
            "committee",
        )
        self._meet(item, 52, "consult", "agreed", "白天对外、晚八点前清场；收费和用途分两项交业主表决。")
        act = self._keeper.act(self._today - timedelta(days=45), hour=11)
        skip_stage(
            self._conn, self._trust_id, item, "review",
            "方案与商议结果一致，没有修改，直接提交业主表决；审议意见在表决公示期间一并征集。",
            self._people[Role.COMMITTEE], act,
        )  # fmt: skip
        self._link(item, "resolution", RESOLUTIONS["revenue"])

    def lights(self) -> None:
        """An item just proposed, with a task that is late."""
        item = self._propose(
            25, "地下车库照明改造", "车库灯暗，夜里看不清。想换感应灯，省下的电费几年能回本？"
        )
        self._task(item, 24, "测算感应灯改造的费用和节电", "trustee", "工程主管", 5, "")

    def fee(self) -> None:
        """A proposed fee, half-way through its consultation: one home answered online, a paper count waits."""
        began = self._keeper.act(self._today - timedelta(days=9), hour=10)
        setup = load_setup(self._conn, self._trust_id)
        effect = self._today + timedelta(days=120)
        asked = Standard("property", "use", "home", "area", _NEW_RATE_E4, effect, PENDING)
        reason = "公共用电和人工上涨，近一年收支见成本测算；调整部分只用于保洁和秩序维护，不增加受托人酬金。"
        number = propose_fee(self._conn, setup, asked, reason, self._people[Role.PREPARER], began)
        until = self._today + timedelta(days=20)
        committee = self._people[Role.COMMITTEE]
        open_consultation(self._conn, self._trust_id, number, until, committee, began)
        now = self._keeper.act(self._today, hour=11)
        resident = self._people[Role.RESIDENT]
        note = "先把公共用电的账单贴出来"
        answer_fee(self._conn, self._trust_id, number, resident.units[0], "other", note, resident, now)
        for role in (Role.COMMITTEE, Role.CHAIR):
            count_paper(self._conn, self._trust_id, number, Tally(96, 61, 18), "", self._people[role], now)
        count_paper(self._conn, self._trust_id, number, Tally(151, 83, 27), "", committee, now)

    def _propose(self, ago: int, title: str, body: str, by: str = "residents") -> int:
        day = self._today - timedelta(days=ago)
        new = NewItem(title, body, by, day, {})
        actor = self._people[Role.PARTY]
        return propose(self._conn, self._trust_id, new, actor, self._keeper.act(day, hour=9))

    def _meet(
        self,
        item: int,
        ago: int,
        stage: str,
        outcome: str,
        minutes: str,
        came: Mapping[str, Attendance] | None = None,
    ) -> None:
        day = self._today - timedelta(days=ago)
        meeting = Meeting(day, minutes, outcome, came or _ALL, {})
        actor, act = self._people[Role.PARTY], self._keeper.act(day, hour=20)
        record_meeting(self._conn, self._trust_id, item, stage, meeting, actor, act)

    def _task(self, item: int, ago: int, title: str, owner: str, role: str, due: int, done: str) -> None:
        """A task given ``ago`` and due ``due`` days before today, done on the day before if ``done`` says how."""
        given, due_on = self._today - timedelta(days=ago), self._today - timedelta(days=due)
        actor = self._people[Role.PARTY]
        task = add_task(
            self._conn,
            self._trust_id,
            item,
            NewTask(title, owner, role, due_on),
            actor,
            self._keeper.act(given),
        )
        if done:
            step = TaskStep("done", done, "", due_on - timedelta(days=1))
            act = self._keeper.act(due_on)
            settle_task(self._conn, self._trust_id, item, task, step, actor, act)

    def _link(self, item: int, kind: str, reference: str) -> None:
        """Tie an item to what followed, where the demo has lived to see it."""
        if not link_kinds()[kind].known(self._conn, self._trust_id, reference):
            return
        act = self._keeper.act(self._today, hour=12)
        add_link(self._conn, self._trust_id, item, kind, reference, self._people[Role.COMMITTEE], act)
