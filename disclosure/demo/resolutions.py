"""What the owners of the demo community decided: on paper before, by a vote that was held, by one that goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from random import Random

from sqlalchemy import Connection, Engine

from disclosure.demo.bookkeeper import Bookkeeper
from disclosure.demo.community import RESOLUTIONS
from ledger.people import Actor, Role
from ledger.resolutions.ballots import cast_online
from ledger.resolutions.closing import close_vote, publish_result
from ledger.resolutions.codes import issue_codes
from ledger.resolutions.course import COMMITTEE, OWNERS, draft_resolution, give_notice, record_motion
from ledger.resolutions.decided import RecordedDecision, record_decision
from ledger.resolutions.opening import open_vote
from ledger.resolutions.read import list_resolutions
from ledger.resolutions.roll import roll_rows, voters_of_units
from ledger.resolutions.slips import Slip, enter_slips
from ledger.resolutions.value import Draft, Item, Motion, Notice, Unlock
from ledger.store.engine import writing
from ledger.trust import Act
from ledger.trust.units import units_on

DEMO_CODE = "AAAA-AAAA-AAAA-AAAA"
"""The voting code of the demo's resident: of zeros, so that it can be printed with the log-ins."""
People = Mapping[Role, Actor]
_SEED = 20250905
_HELD, _COUNTED = 11, 12
"""In which of the demo's months the vote is called that was held, and in which it is counted."""
_NOTICE = timedelta(days=15)
_DECISIONS: Mapping[str, tuple[int, str, str, str]] = {
    "fees": (0, "other", "物业费收费标准", "同意住宅每平方米每月 1.98 元、商铺 3.50 元的收费标准。"),
    "revenue": (0, "shared_use", "利用共有部分经营", "同意电梯广告、快递柜、道路车位和充电桩的经营合同，收益归全体业主。"),
    "repair": (2, "use_maintenance_fund", "使用维修资金大修电梯", "同意使用维修资金大修电梯，费用按专有部分面积分摊。"),
    "transfer": (5, "other", "公共收益补充维修资金", "同意从公共收益中划出一部分补充住宅专项维修资金。"),
    "waiver": (9, "other", "停水期间物业费减免", "同意减免受停水影响住户的部分物业费。"),
}  # fmt: skip
"""Decisions on paper by their names in ``RESOLUTIONS``: the month they are recorded in, matter, title, text."""
_PUMPS = Draft(
    title="使用维修资金更新二次供水泵房",
    text="泵房设备已用十六年，拟使用住宅专项维修资金更新水泵、水箱和控制柜，预算 46 万元，按专有部分面积分摊。",
    items=(Item("同意使用维修资金更新二次供水泵房", "use_maintenance_fund"),),
    unlocks=(Unlock("maintenance_plan", "WX-供水泵房"),),
)
_PARKING = Draft(
    title="道路车位对外临时停放和收益用途",
    text="白天空闲的道路车位对外临时停放，按小时收费；收益的六成补充维修资金。两项分别表决。",
    items=(
        Item("同意白天空闲的道路车位对外临时停放", "shared_use"),
        Item("同意这项收益的六成补充维修资金", "other"),
    ),
)


def paper_decisions(conn: Connection, keeper: Bookkeeper, chair: Actor, number: int, month: date) -> None:
    """Record what was decided on paper before the demo's month ``number`` began."""
    for name, (due, matter, title, text) in _DECISIONS.items():
        if due != number:
            continue
        no = RESOLUTIONS[name]
        rows = [("事项", title, False), ("结果", "参与、同意的面积和人数均达到规定", False)]
        scan = keeper.paper(conn, "resolution", "业主大会决议", rows, no, month)
        decided = month - timedelta(days=12)
        recorded = RecordedDecision(no, matter, title, text, decided, decided, (scan.original,))
        record_decision(conn, keeper.trust_id, recorded, chair, keeper.act(month, hour=7))


def resolution_month(
    engine: Engine, keeper: Bookkeeper, people: People, number: int, month: date, today: date
) -> None:
    """What the owners do in the demo's month ``number``, before its bank statements come.

    Decisions of month 0 are recorded with the founding (:func:`paper_decisions`).
    """
    if number:
        with writing(engine) as conn:
            paper_decisions(conn, keeper, people[Role.CHAIR], number, month)
    if number == _HELD:
        pumps = Vote(engine, keeper, people, _PUMPS)
        pumps.call(month + timedelta(days=2), (month + timedelta(days=45)).replace(day=12))
        pumps.paper_ballots(month + timedelta(days=24), range(300), (75, 15, 10))
    if number == _COUNTED:
        pumps = Vote(engine, keeper, people, _PUMPS)
        pumps.resident_votes(month + timedelta(days=4), ["agree"])
        pumps.paper_ballots(month + timedelta(days=8), range(280, 590), (80, 12, 8))
        pumps.count(month + timedelta(days=12))
        parking = Vote(engine, keeper, people, _PARKING)
        parking.call(month + timedelta(days=8), today + timedelta(days=21), by=OWNERS)
        parking.paper_ballots(month + timedelta(days=26), range(290), (70, 20, 10))


class Vote:
    """One vote of the demo, step by step, each in the name of whoever does it."""

    def __init__(self, engine: Engine, keeper: Bookkeeper, people: People, draft: Draft) -> None:
        self._engine, self._keeper, self._people, self._draft = engine, keeper, people, draft
        self._trust_id = keeper.trust_id
        self._rng = Random(f"{_SEED} {draft.title}")  # noqa: S311 - the same every time, and apart from the rest

    def _act(self, day: date, hour: int) -> Act:
        return Act(self._keeper.act(day, hour=hour).now, self._rng.randbytes)

    def call(self, day: date, closes: date, *, by: str = COMMITTEE) -> None:
        """Draft, motion and notice on one day; voting begins when the notice has run, with letters printed."""
        chair, member, trust_id = self._people[Role.CHAIR], self._people[Role.COMMITTEE], self._trust_id
        act, at = self._act(day, 9), self._act(day + _NOTICE, 9)
        with writing(self._engine) as conn:
            number = draft_resolution(conn, trust_id, self._draft, member, act)
            record_motion(conn, trust_id, number, self._motion(conn, day, by), member, act)
            notice = Notice(
                day + _NOTICE, closes, "公告栏张贴、逐户送达通知书", "已书面告知明和社区居民委员会"
            )
            give_notice(conn, trust_id, number, notice, member, act)
            open_vote(conn, trust_id, number, chair, at)
            issue_codes(conn, trust_id, number, member, at)
            voter = self._resident(conn, number)
            issue_codes(conn, trust_id, number, member, Act(at.now, bytes), voters=[voter])

    def paper_ballots(self, day: date, places: range, parts: Sequence[int]) -> None:
        """Paper ballots of some of the voters, typed by two people; ``parts``: how many in a hundred say what."""
        rng = Random(f"{_SEED} {places}")  # noqa: S311 - an invented world must be the same every time
        options = ("agree", "against", "abstain")
        with writing(self._engine) as conn:
            number = self._number(conn)
            mine = self._resident(conn, number)
            rows = [row for row in roll_rows(conn, self._trust_id, number) if row.voter != mine]
            Random(_SEED).shuffle(rows)  # noqa: S311
            slips = [
                Slip(row.units[0].unit, tuple(rng.choices(options, parts, k=len(self._draft.items))), day)
                for row in rows[places.start : places.stop]
            ]
            for role, hour in ((Role.COMMITTEE, 10), (Role.CHAIR, 15)):
                act = self._act(day, hour)
                enter_slips(conn, self._trust_id, number, slips, self._people[role], act)

    def resident_votes(self, day: date, choices: Sequence[str]) -> None:
        """The demo's resident votes online."""
        with writing(self._engine) as conn:
            number = self._number(conn)
            cast_online(
                conn,
                self._trust_id,
                number,
                self._resident(conn, number),
                choices,
                DEMO_CODE,
                self._people[Role.RESIDENT],
                self._act(day, 20),
            )

    def count(self, day: date) -> None:
        """Close, count, publish."""
        chair, act = self._people[Role.CHAIR], self._act(day, 11)
        with writing(self._engine) as conn:
            number = self._number(conn)
            close_vote(conn, self._trust_id, number, chair, act)
            publish_result(conn, self._trust_id, number, chair, act)

    def _number(self, conn: Connection) -> str:
        held = list_resolutions(conn, self._trust_id)
        return next(one.number for one in held if one.title == self._draft.title)

    def _resident(self, conn: Connection, number: str) -> int:
        home = self._people[Role.RESIDENT].units[0]
        return voters_of_units(conn, self._trust_id, number, [home])[home]

    def _motion(self, conn: Connection, day: date, by: str) -> Motion:
        if by == COMMITTEE:
            return Motion(COMMITTEE, day)
        homes = tuple(unit.unit for unit in units_on(conn, self._trust_id, day) if unit.use_kind == "home")
        rows = [("提议", self._draft.title, False), ("签名", "见附页", True)]
        scan = self._keeper.paper(conn, "resolution", "业主联名提议书", rows, f"LM-{day:%Y%m}", day)
        return Motion(OWNERS, day, homes[::4], scan.original)
