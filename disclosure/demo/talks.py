"""What the demo community talks over: items of the joint conference at every stage, a fee under consultation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
_PARKING = "道路车位白天对外临时停放"


class Talks:
    """The conference of the demo, and a fee under consultation. Days are counted back from today, and come in
    order: what an evaluation measured must not turn up later."""

    def __init__(self, engine: Engine, keeper: Bookkeeper, people: People, today: date) -> None:
        self._engine, self._keeper, self._people, self._today = engine, keeper, people, today
        self._trust_id = keeper.trust_id
        self._items: dict[str, int] = {}
        self._tasks: dict[str, int] = {}
        self._proposal = 0
        self._plan: list[tuple[date, Callable[[Connection], None]]] = []
        self._lifts()
        self._parking()
        self._lights()
        self._fee()
        self._plan.sort(key=lambda event: event[0])

    def live(self, until: date) -> None:
        """Whatever has come by a day and was not done."""
        with writing(self._engine) as conn:
            while self._plan and self._plan[0][0] <= until:
                self._plan.pop(0)[1](conn)

    def _on(self, ago: int, do: Callable[[Connection, date], None]) -> None:
        day = self._today - timedelta(days=ago)
        self._plan.append((day, lambda conn: do(conn, day)))

    def _lifts(self) -> None:
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

    def _parking(self) -> None:
        """A stage left out, with the reason, and the vote that goes on."""
        item = self._propose(
            60,
            _PARKING,
            "白天空着三十多个车位，附近医院停车难，收入可以补充维修资金。",
            "committee",
        )
        self._meet(item, 52, "consult", "agreed", "白天对外、晚八点前清场；收费和用途分两项交业主表决。")
        self._on(45, self._leave_out)
        self._link(item, "resolution", RESOLUTIONS["revenue"])

    def _lights(self) -> None:
        """An item just proposed, with a task that is late."""
        item = self._propose(
            25, "地下车库照明改造", "车库灯暗，夜里看不清。想换感应灯，省下的电费几年能回本？"
        )
        self._task(item, 24, "测算感应灯改造的费用和节电", "trustee", "工程主管", 5, "")

    def _fee(self) -> None:
        """A proposed fee, half-way through its consultation: one home answered online, a paper count waits."""
        self._on(9, self._ask_for_more)
        self._on(0, self._hear_owners)

    def _leave_out(self, conn: Connection, day: date) -> None:
        skip_stage(
            conn, self._trust_id, self._items[_PARKING], "review",
            "方案与商议结果一致，没有修改，直接提交业主表决；审议意见在表决公示期间一并征集。",
            self._people[Role.COMMITTEE], self._keeper.act(day, hour=11),
        )  # fmt: skip

    def _ask_for_more(self, conn: Connection, day: date) -> None:
        began = self._keeper.act(day, hour=10)
        setup = load_setup(conn, self._trust_id)
        effect = self._today + timedelta(days=120)
        asked = Standard("property", "use", "home", "area", _NEW_RATE_E4, effect, PENDING)
        reason = "公共用电和人工上涨，近一年收支见成本测算；调整部分只用于保洁和秩序维护，不增加受托人酬金。"
        self._proposal = propose_fee(conn, setup, asked, reason, self._people[Role.PREPARER], began)
        until = self._today + timedelta(days=20)
        open_consultation(conn, self._trust_id, self._proposal, until, self._people[Role.COMMITTEE], began)

    def _hear_owners(self, conn: Connection, day: date) -> None:
        now = self._keeper.act(day, hour=11)
        resident, committee = self._people[Role.RESIDENT], self._people[Role.COMMITTEE]
        note = "先把公共用电的账单贴出来"
        answer_fee(conn, self._trust_id, self._proposal, resident.units[0], "other", note, resident, now)
        for role in (Role.COMMITTEE, Role.CHAIR):
            count = Tally(96, 61, 18)
            count_paper(conn, self._trust_id, self._proposal, count, "", self._people[role], now)
        count_paper(conn, self._trust_id, self._proposal, Tally(151, 83, 27), "", committee, now)

    def _propose(self, ago: int, title: str, body: str, by: str = "residents") -> str:
        """An item, known by its title in what follows."""

        def do(conn: Connection, day: date) -> None:
            new = NewItem(title, body, by, day, {})
            actor, act = self._people[Role.PARTY], self._keeper.act(day, hour=9)
            self._items[title] = propose(conn, self._trust_id, new, actor, act)

        self._on(ago, do)
        return title

    def _meet(
        self,
        item: str,
        ago: int,
        stage: str,
        outcome: str,
        minutes: str,
        came: Mapping[str, Attendance] | None = None,
    ) -> None:
        def do(conn: Connection, day: date) -> None:
            meeting = Meeting(day, minutes, outcome, came or _ALL, {})
            actor, act = self._people[Role.PARTY], self._keeper.act(day, hour=20)
            record_meeting(conn, self._trust_id, self._items[item], stage, meeting, actor, act)

        self._on(ago, do)

    def _task(self, item: str, ago: int, title: str, owner: str, role: str, due: int, done: str) -> None:
        """A task given ``ago`` and due ``due`` days before today, done on the day before if ``done`` says how."""
        actor, due_on = self._people[Role.PARTY], self._today - timedelta(days=due)

        def give(conn: Connection, day: date) -> None:
            new, act = NewTask(title, owner, role, due_on), self._keeper.act(day, hour=20)
            self._tasks[title] = add_task(conn, self._trust_id, self._items[item], new, actor, act)

        def settle(conn: Connection, day: date) -> None:
            step = TaskStep("done", done, "", day - timedelta(days=1))
            place = (conn, self._trust_id, self._items[item], self._tasks[title])
            settle_task(*place, step, actor, self._keeper.act(day))

        self._on(ago, give)
        if done:
            self._on(due, settle)

    def _link(self, item: str, kind: str, reference: str) -> None:
        """Tie an item to what followed, where the demo has lived to see it."""

        def do(conn: Connection, day: date) -> None:
            if link_kinds()[kind].known(conn, self._trust_id, reference):
                act = self._keeper.act(day, hour=12)
                place = (conn, self._trust_id, self._items[item])
                add_link(*place, kind, reference, self._people[Role.COMMITTEE], act)

        self._on(0, do)
