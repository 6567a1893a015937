"""What is found in the demo's rounds of the evaluation: data for :mod:`disclosure.demo.evaluations`.

Nothing here is told of anybody real.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ledger.people import Role


@dataclass(frozen=True, slots=True)
class Seen:
    """A line of a body's sheet, or a veto: seen so many days before the end of the span, on this paper."""

    body: str
    indicator: str
    rule: str
    before: int
    what: str
    paper: str
    count: int = 1
    whole: int = 0


@dataclass(frozen=True, slots=True)
class Objection:
    """The trustee's appeal against the first item of a rule, and what was left of it by whose ruling."""

    indicator: str
    rule: str
    reason: str
    paper: str
    stands: int
    ruling: str
    by: Role


@dataclass(frozen=True, slots=True)
class Plan:
    """A round. ``said``: points the trustee gave itself where not full, '' text: it said nothing; ``answers``:
    choices of the questionnaire by building; ``steps``: how many of the steps are taken, None: all; ``asks``: the
    questionnaire is open on the day the demo is made, and the demo's own resident has not answered."""

    text: str = ""
    said: Mapping[str, int] = field(default_factory=dict)
    seen: tuple[Seen, ...] = ()
    veto: Seen | None = None
    recused: tuple[Role, str] | None = None
    answers: tuple[str, ...] = ()
    objection: Objection | None = None
    reply: str = ""
    steps: int | None = None
    asks: bool = False


BEFORE = Plan(
    "本季度按合同履约，春季补植按计划完成。",
    {"S3": 14_00},
    (
        Seen("committee", "S3", "dirty", 20, "地下车库两处积灰", "保洁抽检照片", 2),
        Seen("committee", "S5", "upkeep", 12, "水泵房缺一次巡查记录", "设备巡查记录"),
    ),
    answers=("yes yes very fair yes", "yes very yes no yes yes", "fair yes"),
    reply="感谢各位业主，积灰的两处已列入每周清扫。",
)
FULL = Plan(
    "本季度电梯更新开工，围挡和搬运按方案安排；夜间巡查有缺，已补人。",
    {"S2": 12_00, "S3": 14_00, "S5": 19_00},
    (
        Seen("committee", "S1", "promise", 30, "承诺季末以前贴出的停车价目表没有贴", "承诺事项清单"),
        Seen("committee", "S1", "papers", 27, "水泵更新的设备档案没有归档", "档案清单"),
        Seen("committee", "S2", "patrol", 41, "夜间巡更缺三次打点", "电子巡更记录", 3),
        Seen("committee", "S2", "blocked", 25, "东门消防通道堆放装修材料", "现场照片"),
        Seen("committee", "S3", "dirty", 18, "楼道抽检三处不合格", "保洁抽检照片", 3),
        Seen("committee", "S4", "bare", 15, "东侧绿化带两处黄土裸露", "绿化抽检照片", 2),
        Seen("committee", "S5", "upkeep", 22, "七号电梯缺一次维保签字", "电梯维保单"),
        Seen("party", "S2", "hazard", 34, "电动车棚一处消防隐患到期没有整改", "整改通知书"),
        Seen("party", "S3", "rubbish", 11, "北侧垃圾房两次过夜未清", "社区巡查照片", 2),
    ),
    recused=(Role.COMMITTEE, "配偶在受托人处任职"),
    answers=(
        "very yes yes yes fair yes no yes yes very yes fair",
        "yes yes very yes no yes fair yes yes",
        "yes fair very yes yes bad",
        "yes very fair",
        "no yes very",
        "yes yes very",
    ),
    objection=Objection(
        "S2",
        "patrol",
        "其中两次是雷暴红色预警，按应急预案停止户外巡更，改为监控巡查，有值班记录。",
        "值班记录和预警通知",
        1,
        "预警时段停止户外巡更符合应急预案，监控巡查有记录；另一次没有说明，维持。",
        Role.SUPERVISOR,
    ),
    reply="缺的一次巡更已问责；价目表已贴出，垃圾房改为每天清运两次。",
)
ASKING = Plan(
    "本季度外墙和消防设施按计划检修，停梯提前张贴。",
    {"S3": 14_00, "S5": 19_50},
    (
        Seen("committee", "S1", "promise", 16, "承诺季末以前贴出的检修计划没有贴", "承诺事项清单"),
        Seen("committee", "S3", "dirty", 10, "大堂一处不合格", "保洁抽检照片"),
    ),
    answers=("yes very fair yes yes", "yes very yes", "fair yes", "very no yes"),
    asks=True,
)
"""The committee has rated, the Party committee and the supervisor have not yet, and the homes are being asked."""
NEXT = Plan(
    "本季度正在办理，先报自评。",
    {"S3": 14_50},
    (Seen("committee", "S3", "dirty", 10, "大堂一处不合格", "保洁抽检照片"),),
    answers=("yes yes fair",),
)
VETOED = Plan(
    seen=(
        Seen("committee", "S1", "absent", 20, "门岗夜班缺岗六天", "考勤表", 6),
        Seen("committee", "S3", "rubbish", 24, "垃圾房四次过夜未清", "现场照片", 4),
        Seen("party", "S2", "hazard", 16, "两处消防隐患到期没有整改", "整改通知书", 2),
        Seen("party", "P1", "sync", 6, "登记备案没有与建党组织同步", "三同步对照表"),
        Seen(
            "party", "P2", "cross", 3, "业委会 5 名成员中 1 名交叉任职（只到组织层面）", "任职文件清单", 1, 5
        ),
        Seen("party", "P7", "plan", 4, "年度计划到本季度应办 6 场，已办 3 场", "志愿服务活动记录", 3, 6),
    ),
    veto=Seen("party", "", "V4", 12, "以停水催交物业费，社区到场核实后当天恢复供水", "社区核实记录"),
    answers=("no bad", "fair no"),
)
STUCK = Plan("本季度按合同履约，卫生和门岗无投诉。", {"S3": 14_50}, steps=4)
"""Figures were taken, and nobody has scored since."""
