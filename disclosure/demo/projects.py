"""The demo community's special projects: a lift renewed from need to final account, another one waiting."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from sqlalchemy import Connection, Engine

from disclosure.demo.bookkeeper import Bookkeeper
from disclosure.demo.community import LIFT_MAKER, PROJECT, RESOLUTIONS
from disclosure.demo.movements import PROJECT_PARTS
from ledger.maintenance.scope import Scope
from ledger.people import Actor, Role
from ledger.projects.course import accept_milestone, evaluate
from ledger.projects.final import publish_final
from ledger.projects.grants import Grant, record_grant
from ledger.projects.lists import Need, Resource, record_need, record_resource
from ledger.projects.plans import adopt_plan, draft_plan, kept_parts
from ledger.projects.shares import parts_text
from ledger.projects.value import INCOME, Milestone, Plan, Portion, Sharing, Source
from ledger.resolutions.decided import RecordedDecision, decisions, record_decision
from ledger.store.engine import reading, writing

GRANT = "BZ-LIFT"
_BEGINS, _FIRST, _SECOND, _ENDS, _NEXT = 6, 7, 9, 10, 12
"""In which of the demo's months the plan is made, the milestones are accepted, the account is published."""
_LIFTED = Scope("building", ("03",), ("home",))
_FACTORS = tuple((floor, 0 if floor == 1 else floor + 3) for floor in range(1, 14))
_OTHER = "X-2026-02"
People = Mapping[Role, Actor]


def project_month(engine: Engine, keeper: Bookkeeper, people: People, number: int, month: date) -> None:
    """What people do about projects in the demo's month ``number``, before its bank statements come."""
    if number == _BEGINS:
        _begin(engine, keeper, people, month)
    elif number in (_FIRST, _SECOND):
        code = "1" if number == _FIRST else "2"
        _accept(engine, keeper, people, code, month + timedelta(days=15))
    elif number == _ENDS:
        _end(engine, keeper, people, month + timedelta(days=5))
    elif number == _NEXT:
        _next(engine, keeper, people, month)


def payment_references(month_number: int) -> dict[str, str]:
    """What the entry of a progress payment names besides the project."""
    shares = {source: PROJECT_PARTS[account] // 2 for source, account in INCOME.items()}
    return {
        "milestone": "1" if month_number <= _FIRST else "2",
        "source": parts_text(shares),
        "grant": parts_text({GRANT: shares["government"]}),
    }


def owners_shares(engine: Engine, trust_id: int) -> dict[str, int]:
    """What each home of building 03 bears of its lift, fen."""
    with reading(engine) as conn:
        return {part.unit: part.amount for part in kept_parts(conn, trust_id, PROJECT[0], 1)}


def _begin(engine: Engine, keeper: Bookkeeper, people: People, month: date) -> None:
    act, trust_id = keeper.act(month, hour=9), keeper.trust_id
    preparer = people[Role.PREPARER]
    need = Need("3栋电梯超龄、经常停梯", "3栋", 26, "urgent", "residents")
    with writing(engine) as conn:
        _decide(conn, keeper, people, month)
        record_need(conn, trust_id, need, people[Role.COMMITTEE], act)
        for source, giver, title, paper in (
            ("government", "锦城街道办事处", "高龄电梯更新补助", "锦街办〔2026〕15号"),
            ("society", "锦城社区发展基金会", "老旧小区帮扶资金", "捐赠协议2026-07"),
            ("owners", "3栋业主", "业主分摊", RESOLUTIONS["lift"]),
        ):
            resource = Resource(source, giver, title, PROJECT_PARTS[INCOME[source]], "promised", paper)
            record_resource(conn, trust_id, resource, preparer, act)
        version = draft_plan(conn, trust_id, _plan(month), preparer, act)
        adopt_plan(conn, trust_id, PROJECT[0], people[Role.CHAIR], act, version=version)
        grant = Grant(
            GRANT, "高龄电梯更新补助", "small_matters", "government", "锦城街道办事处", "只用于3栋电梯更新",
            PROJECT[0], PROJECT_PARTS["4301"], "锦街办〔2026〕15号", month,
        )  # fmt: skip
        record_grant(conn, trust_id, grant, preparer, act)


def _decide(conn: Connection, keeper: Bookkeeper, people: People, month: date) -> None:
    """The owners' decision, on paper, unless it is on record already."""
    number = RESOLUTIONS["lift"]
    if number in decisions(conn, keeper.trust_id, [number]):
        return
    rows = [("事项", "更新3栋电梯并由3栋业主分摊", False), ("结果", "同意过四分之三", False)]
    scan = keeper.paper(conn, "resolution", "业主大会决议", rows, number, month)
    made = RecordedDecision(
        number, "rebuild", "更新3栋高龄电梯", "同意更新3栋电梯，政府和社会资金以外的部分由3栋业主按楼层分摊。",
        month - timedelta(days=20), month - timedelta(days=10), (scan.original,),
    )  # fmt: skip
    record_decision(conn, keeper.trust_id, made, people[Role.CHAIR], keeper.act(month, hour=8))


def _plan(month: date) -> Plan:
    return Plan(
        project=PROJECT[0],
        title=PROJECT[1],
        purpose="拆除旧梯，更换整机并取得特检合格，只用于3栋",
        place="3栋",
        total=sum(PROJECT_PARTS.values()),
        sources=tuple(Source(name, Portion(fen=PROJECT_PARTS[account])) for name, account in INCOME.items()),
        milestones=(
            Milestone("1", "设备到场", "设备到场、开箱验收签字", Portion("1/2")),
            Milestone("2", "竣工", "特检合格、业委会验收签字", Portion("1/2")),
        ),
        starts_on=month,
        ends_on=month + timedelta(days=120),
        needs=(1,),
        resources=(1, 2, 3),
        resolution=RESOLUTIONS["lift"],
        matter="rebuild",
        sharing=Sharing(_LIFTED, "floor", _FACTORS),
    )


def _accept(engine: Engine, keeper: Bookkeeper, people: People, milestone: str, day: date) -> None:
    rows = [("项目", PROJECT[1], False), ("单位", LIFT_MAKER.name, False), ("验收人", "业委会代表", True)]
    with writing(engine) as conn:
        scan = keeper.paper(conn, "acceptance", "节点验收单", rows, f"DT-{milestone}", day)
        accept_milestone(
            conn,
            keeper.trust_id,
            PROJECT[0],
            milestone,
            document=scan.original,
            on=day,
            actor=people[Role.COMMITTEE],
            act=keeper.act(day),
        )


def _end(engine: Engine, keeper: Bookkeeper, people: People, day: date) -> None:
    act, trust_id, chair = keeper.act(day), keeper.trust_id, people[Role.CHAIR]
    with writing(engine) as conn:
        evaluate(
            conn, trust_id, PROJECT[0], satisfied=22, fair=3, unsatisfied=1, on=day,
            note="希望早晚高峰再快一些", actor=chair, act=act,
        )  # fmt: skip
        publish_final(conn, trust_id, PROJECT[0], note="按计划完成，没有结余。", actor=chair, act=act)


def _next(engine: Engine, keeper: Bookkeeper, people: People, month: date) -> None:
    """Another project is drawn up and waits for the committee."""
    act, trust_id, preparer = keeper.act(month, hour=10), keeper.trust_id, people[Role.PREPARER]
    with writing(engine) as conn:
        need = Need("北门雨棚破损，雨天积水", "北门", 782, "soon", "trustee")
        no = record_need(conn, trust_id, need, preparer, act)
        resource = Resource("government", "锦城街道办事处", "民生微实事", 60_000_00, "applied")
        record_resource(conn, trust_id, resource, preparer, act)
        plan = Plan(
            project=_OTHER,
            title="北门雨棚翻新",
            purpose="更换北门雨棚和排水，只用于北门",
            place="北门",
            total=80_000_00,
            sources=(
                Source("government", Portion("3/4")),
                Source("society", Portion("1/4")),
            ),
            milestones=(
                Milestone("1", "进场", "材料进场验收签字", Portion("2/5")),
                Milestone("2", "竣工", "业委会验收签字", Portion("3/5"), retention=3),
            ),
            starts_on=month + timedelta(days=45),
            ends_on=month + timedelta(days=90),
            retention_until=month + timedelta(days=455),
            needs=(no,),
        )
        draft_plan(conn, trust_id, plan, preparer, act)
