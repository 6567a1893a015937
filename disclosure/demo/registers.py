"""The registers of evidence of the demo community, and its inspections on the spot: nothing about any person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from sqlalchemy import Connection

from disclosure.demo.bookkeeper import Bookkeeper
from disclosure.demo.inquiries import drawn
from ledger.documents import Location
from ledger.people import Actor, Role
from ledger.registers import (
    Activity,
    Check,
    Checklist,
    Equipment,
    Fix,
    Institution,
    Paper,
    Plan,
    Point,
    Posts,
    Safeguard,
    Sync,
    Visit,
    inspect,
    keep_row,
    settle_point,
)
from ledger.registers.value import Body
from ledger.store.engine import writing

_IN_STEP = {"registration": True, "supervision": True, "review": False}
_PLANS = {"volunteer": 12, "double": 6, "service": 12}
_ACTIVITIES = (
    ("volunteer", "周末清洁楼道", 26, 52),
    ("service", "免费磨刀、量血压", 9, 27),
    ("double", "双报到党组织清理绿化带", 18, 36),
    ("volunteer", "夜间安全巡逻", 12, 24),
    ("service", "旧衣回收和家电义修", 11, 33),
)
"""Kind, title, people, hours: held in turn, one every so many days."""
_EVERY = 17
_INSTITUTIONS = ("议事规则", "三公开制度", "物业例会记录", "投诉处理台账", "联席会议制度")
_LATE_ONE = 150
"""So many days ago the last of them was still missing."""
_POINTS = (
    Point("fire", "东门消防通道畅通"),
    Point("clean", "三栋楼道无积灰、无杂物"),
    Point("rubbish", "北侧垃圾房当天清运"),
    Point("green", "东侧绿化带无裸露、无死株"),
    Point("facility", "水泵房门上锁、记录齐全"),
)
_VISITS: Mapping[int, tuple[Role, Mapping[int, str], int]] = {
    200: (Role.COMMITTEE, {}, 0),
    92: (Role.PARTY, {3: "垃圾房有三桶过夜没有清"}, 3),
    58: (Role.COMMITTEE, {2: "四楼转角堆了纸箱"}, 5),
    13: (Role.COMMITTEE, {1: "通道口停了一辆三轮车", 4: "新补的草皮有两处黄了"}, 0),
}
"""Days ago: who went round, what was not in order at which point, and after how many days all of it was put right."""


class Registers:
    """Kept a day at a time, by those whose registers they are."""

    def __init__(
        self,
        keeper: Bookkeeper,
        documents: Location,
        people: Mapping[Role, Actor],
        first: date,
        today: date,
    ) -> None:
        self._keeper, self._documents, self._people = keeper, documents, people
        self._trust_id, self._first, self._today = keeper.trust_id, first, today
        self._plan: list[tuple[date, Callable[[Connection, date], None]]] = [(first, self._begin)]
        for year in range(first.year, today.year + 1):
            self._plan.append((max(first, date(year, 1, 8)), self._plans))
        self._activities()
        self._equipment()
        self._on(_LATE_ONE, self._found_at_last)
        for ago in _VISITS:
            self._inspection(ago)
        self._plan = sorted((event for event in self._plan if event[0] >= first), key=lambda event: event[0])

    def live(self, until: date) -> None:
        """Whatever has come by a day and was not done."""
        with writing(self._keeper.engine) as conn:
            while self._plan and self._plan[0][0] <= until:
                day, do = self._plan.pop(0)
                do(conn, day)

    def _on(self, ago: int, do: Callable[[Connection, date], None]) -> None:
        self._plan.append((self._today - timedelta(days=ago), do))

    def _keep(self, conn: Connection, body: Body, on: date, role: Role = Role.PARTY, no: int = 0) -> int:
        act = self._keeper.act(on, hour=11)
        return keep_row(conn, self._trust_id, body, on, self._people[role], act, no=no)

    def _begin(self, conn: Connection, day: date) -> None:
        for item, in_step in _IN_STEP.items():
            self._keep(conn, Sync(item, in_step), day)
        self._keep(conn, Posts("业主委员会", 5, 3), day)
        self._keep(conn, Posts("物业项目部", 4, 2), day)
        self._keep(conn, Safeguard("list", "独居老人和行动不便住户名册"), day)
        self._keep(conn, Safeguard("plan", "火灾、停水、电梯困人应急预案"), day)
        for title in _INSTITUTIONS:
            self._keep(conn, Institution(title, title != _INSTITUTIONS[-1]), day)
        self._checklist = self._keep(
            conn, Checklist("小区现场检查", _POINTS, every_days=0, fix_days=7), day, Role.PREPARER
        )

    def _plans(self, conn: Connection, day: date) -> None:
        for kind, times in _PLANS.items():
            self._keep(conn, Plan(kind, day.year, times), day)

    def _activities(self) -> None:
        days = (self._today - self._first).days
        for place, ago in enumerate(range(days // _EVERY * _EVERY, 0, -_EVERY)):
            kind, title, people, hours = _ACTIVITIES[place % len(_ACTIVITIES)]
            body = Activity(kind, title, people + place % 5, hours * 60)
            self._on(ago, self._line(body))
        self._on(185, self._line(Safeguard("drill", "消防疏散演练")))

    def _line(self, body: Body, role: Role = Role.PARTY) -> Callable[[Connection, date], None]:
        def do(conn: Connection, day: date) -> None:
            self._keep(conn, body, day, role)

        return do

    def _found_at_last(self, conn: Connection, day: date) -> None:
        last = len(_INSTITUTIONS)
        self._keep(conn, Institution(_INSTITUTIONS[-1], kept=True), day, no=last)

    def _equipment(self) -> None:
        """Lifts, water, fire: one lift's check runs out in three weeks, the water's ran out last week."""
        for number, (kind, title, valid, ends_in) in enumerate(
            (
                ("lift", "3栋1单元电梯", 365, 21),
                ("lift", "7栋2单元电梯", 365, 130),
                ("water", "二次供水泵房", 180, -6),
                ("fire", "消防报警和喷淋", 365, 210),
            ),
            start=1,
        ):
            self._plan.append((self._first, self._line(Equipment(kind, title), Role.PREPARER)))
            ends_on = self._today + timedelta(days=ends_in)
            while ends_on > self._first:
                on = ends_on - timedelta(days=valid)
                self._plan.append((max(on, self._first), self._certify(number, kind, on, ends_on)))
                ends_on = on

    def _certify(self, number: int, kind: str, on: date, until: date) -> Callable[[Connection, date], None]:
        def do(conn: Connection, day: date) -> None:
            body = Paper(number, "check", f"JY-{on:%Y}-{kind[0].upper()}{number}", until)
            act = self._keeper.act(day, hour=12)
            keep_row(conn, self._trust_id, body, on, self._people[Role.PREPARER], act)

        return do

    def _inspection(self, ago: int) -> None:
        role, wrong, after = _VISITS[ago]
        numbers: list[int] = []

        def go_round(conn: Connection, day: date) -> None:
            checks = {
                place: Check(
                    place not in wrong, wrong.get(place, ""), drawn("fire") if place in wrong else None
                )
                for place in range(1, len(_POINTS) + 1)
            }
            visit = Visit(self._checklist, 1, day, f"demo-{ago}", checks)
            act = self._keeper.act(day, hour=16)
            numbers.append(
                inspect(conn, self._trust_id, visit, self._people[role], act, location=self._documents)
            )

        def put_right(conn: Connection, day: date) -> None:
            fixer, act = self._people[Role.PREPARER], self._keeper.act(day, hour=16)
            for place in wrong:
                fix = Fix("done", "已清理，责任岗每天检查", day)
                settle_point(conn, self._trust_id, numbers[0], place, fix, fixer, act)

        self._on(ago, go_round)
        if after:
            self._on(ago - after, put_right)
