"""What the residents of the demo asked for, and what became of it: data for :mod:`disclosure.demo.inquiries`.

``day`` counts days after the inquiry was made. Nothing here is told of anybody real.
"""

from __future__ import annotations

from dataclasses import dataclass

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """A step: who takes it (a role, or ``asker``), which, and its words."""

    day: int
    by: str
    step: str
    words: Words = ()


@dataclass(frozen=True, slots=True)
class Story:
    """An inquiry made ``ago`` days before today by neighbour number ``asker``. ``about`` is a code, or a word that
    is looked up when the day has come."""

    ago: int
    asker: int
    kind: str
    text: str
    about_kind: str
    about: str
    moves: tuple[Move, ...]
    place: str = ""
    picture: str = ""


def _accepted(day: int = 0, post: str = "") -> tuple[Move, ...]:
    sent = (Move(day, "preparer", "assign", (post, "")),) if post else ()
    return (Move(day, "preparer", "accept"), *sent)


def _settled(day: int, rated: str, called: str, by: str = "reviewer") -> tuple[Move, ...]:
    return (
        Move(day, "asker", "satisfied", (rated,)),
        Move(day + 2, by, "settled", (called,)),
    )


STORIES = (
    Story(
        300, 0, "question", "上个月的保洁费是按什么标准付的？楼道拖地的次数好像少了，请把合同和验收情况说一下。",
        "entry", "cleaning",
        (
            *_accepted(post="环境主管"),
            Move(1, "preparer", "answer", ("保洁费按合同每月固定支付，楼道每天清扫一次、每周拖地两次；当月验收记录已附在凭证后面，扣款一次也在其中。",)),
            Move(1, "reviewer", "publish", ("上个月的保洁费是按什么标准付的？楼道拖地的次数好像少了，合同和验收情况怎样？",)),
            Move(1, "reviewer", "publish_answer", ("保洁费按合同每月固定支付，楼道每天清扫一次、每周拖地两次。当月验收记录附在凭证后面。",)),
            Move(2, "1", "echo"), Move(3, "2", "echo"), Move(5, "3", "echo"),
            *_settled(6, "看到合同和验收单了", "电话回访，提问人说清楚了"),
        ),
    ),
    Story(
        262, 4, "repair", "地下车库拐弯的地方三盏灯都不亮，夜里看不清。", "area", "lighting",
        (
            *_accepted(post="工程主管"),
            Move(0, "preparer", "visit", ("到场查看，两盏灯管坏，一处线头松动",)),
            Move(1, "preparer", "answer", ("更换灯管两支，线头重新压接，已试亮。",)),
            Move(2, "asker", "note", ("今天又灭了一盏，就是线头那盏。",)),
            Move(2, "preparer", "rework", ("线头接触不良，重新布一段线",)),
            Move(3, "preparer", "visit", ("带电工到场，换线三米",)),
            Move(3, "preparer", "answer", ("换线后连续亮灯一天，正常。",)),
            *_settled(5, "这次好了", "到现场看过，三盏灯都亮", "committee"),
        ),
        place="车库负一层东侧弯道",
    ),
    Story(
        215, 1, "snapshot", "消防通道上画了黄线还停着车，救护车进不来怎么办？", "area", "fire",
        (
            *_accepted(post="秩序主管"),
            Move(1, "preparer", "answer", ("已联系车主挪车，通道口加装隔离柱两根，夜班每两小时巡查一次。",)),
            Move(2, "committee", "publish", ("消防通道上画了黄线还停着车，怎么办？",)),
            Move(2, "committee", "publish_answer", ("已通知挪车，通道口加装隔离柱两根，夜班每两小时巡查一次。",)),
            Move(3, "2", "echo"), Move(4, "4", "echo"),
            *_settled(5, "现在空着了", "回访满意"),
        ),
        place="南门内",
        picture="fire",
    ),
    Story(
        180, 2, "question", "季度里公共用电比去年多，报表上看不出是哪里用的，能不能分开写？", "statement", "last",
        (
            *_accepted(post="财务主管"),
            Move(2, "preparer", "answer", ("电梯、水泵、照明分表抄见数已列在报表附注，从下月起按三项分开记账。",)),
            Move(3, "reviewer", "publish", ("公共用电比去年多，报表上看不出是哪里用的，能不能分开写？",)),
            Move(3, "reviewer", "publish_answer", ("电梯、水泵、照明分表抄见数已列在报表附注，从下月起按三项分开记账。",)),
            Move(26, "reviewer", "settled", ("提问人没有评价；回访说已看到分项，没有别的问题",)),
        ),
    ),
    Story(
        150, 4, "inspection", "申请查阅上半年保洁和绿化的合同、发票，并复印。", "", "",
        (
            *_accepted(post="财务主管"),
            Move(1, "preparer", "answer", ("资料已备好，工作日九点到十七点在服务中心二楼查阅，复印每页五角按成本收取。",)),
            Move(2, "reviewer", "publish", ("申请查阅上半年保洁和绿化的合同、发票，并复印。",)),
            Move(2, "reviewer", "publish_answer", ("资料已备好，工作日九点到十七点在服务中心二楼查阅，复印按成本收取。",)),
            *_settled(4, "当天就看到了", "已取走复印件"),
        ),
    ),
    Story(
        120, 3, "snapshot", "晚上九点以后广场还在放音响跳舞，孩子没法写作业。", "area", "security",
        (
            *_accepted(post="秩序主管"),
            Move(3, "committee", "agreed", ("请跳舞的居民和楼栋代表一起谈了一次，约定八点半收音响，音量表贴在现场",)),
            Move(4, "committee", "publish", ("晚上九点以后广场还在放音响跳舞，能不能早点结束？",)),
            Move(4, "committee", "publish_answer", ("经调解约定：每天八点半收音响，音量表贴在现场，秩序岗负责提醒。",)),
            *_settled(6, "这几天安静了", "一周内没有再响过", "committee"),
        ),
        place="中心广场",
    ),
    Story(
        104, 4, "repair", "单元门禁刷卡没有反应，只能从车库绕。", "area", "gate",
        (
            *_accepted(post="工程主管"),
            Move(0, "preparer", "visit", ("读卡器进水，先换备用的",)),
            Move(1, "preparer", "answer", ("读卡器换好，试过三张卡都能开。",)),
            Move(3, "asker", "note", ("下雨又不行了。",)),
            Move(3, "preparer", "rework", ("防水胶条老化，拆下重做",)),
            Move(4, "preparer", "visit", ("加装防雨罩，重打胶",)),
            Move(4, "preparer", "answer", ("加了防雨罩，淋水试验正常。",)),
            *_settled(6, "下过雨了，能用", "回访满意"),
        ),
        place="自家单元门",
    ),
    Story(
        95, 1, "question", "电梯里的广告合同是怎么谈下来的，有没有比过价？收入进了哪个账户？", "area", "elevator",
        (
            Move(26, "street", "accept"),
            Move(27, "street", "answer", ("街道请受托人、业委会到场核对：合同经比选，三家报价，取最高价；收入进公共收益专户，已在当月凭证公开。受托人没有按期答复，已约谈。",)),
            Move(28, "committee", "publish", ("电梯里的广告合同是怎么谈下来的，有没有比过价？收入进了哪个账户？",)),
            Move(28, "committee", "publish_answer", ("经街道核对：合同经三家比选，取最高价；收入进公共收益专户，已在当月凭证公开。受托人没有按期答复，已被约谈。",)),
            Move(29, "0", "echo"), Move(29, "2", "echo"), Move(30, "3", "echo"), Move(31, "4", "echo"),
            Move(32, "asker", "satisfied", ("早该这样说清楚",)),
            Move(34, "street", "settled", ("街道回访，提问人满意",)),
        ),
    ),
    Story(
        75, 2, "question", "为什么门禁坏了半个月才修？维保费照付了吗？", "area", "gate",
        (
            *_accepted(),
            Move(1, "preparer", "answer", ("配件缺货，已修好。",)),
            Move(2, "asker", "unsatisfied", ("没有回答维保费有没有照付",)),
            Move(4, "party", "accept"),
            Move(5, "party", "answer", ("社区核对：停用期间的维保费已按天扣减，扣减单附在付款凭证后；今后停用超过三天要张贴告示。",)),
            Move(6, "committee", "publish", ("为什么门禁坏了半个月才修？停用期间的维保费照付了吗？",)),
            Move(6, "committee", "publish_answer", ("停用期间的维保费已按天扣减，扣减单附在付款凭证后；今后停用超过三天要张贴告示。",)),
            *_settled(7, "这回说清楚了", "社区回访满意", "party"),
        ),
    ),
    Story(
        55, 0, "question", "电梯更新施工期间，老人上下楼怎么安排？", "project", "lift",
        (
            *_accepted(post="工程主管"),
            Move(1, "preparer", "answer", ("施工分两段，每段二十天；安排两名搬运员，早七点到晚八点随叫随到，电话贴在单元门口。",)),
            Move(1, "reviewer", "publish", ("电梯更新施工期间，老人上下楼怎么安排？",)),
            Move(1, "reviewer", "publish_answer", ("施工分两段，每段二十天；安排两名搬运员，早七点到晚八点随叫随到，联系方式贴在单元门口。",)),
            Move(2, "1", "echo"), Move(2, "3", "echo"),
            *_settled(3, "放心了", "回访满意"),
        ),
    ),
    Story(
        40, 3, "question", "楼上水管漏到我家吊顶，谁来修、谁来赔？", "", "",
        (
            *_accepted(post="工程主管"),
            Move(1, "preparer", "answer", ("已上门查看，是楼上户内软管老化；已约两家当面谈，修缮由楼上负责。",)),
            Move(2, "committee", "keep", ("只涉及两户家里的事",)),
            *_settled(4, "谈好了", "两家都认可"),
        ),
    ),
    Story(
        30, 1, "repair", "一楼下水道返臭，地漏往上冒水。", "area", "drains",
        (
            *_accepted(post="工程主管"),
            Move(0, "preparer", "visit", ("主管堵塞，约疏通车",)),
            Move(1, "preparer", "answer", ("疏通主管二十米，清出油污，试水正常。",)),
            Move(2, "asker", "satisfied", ("不冒了",)),
        ),
        place="东侧单元一楼",
    ),
    Story(
        20, 3, "question", "东边绿化带的枯树去年就说补种，钱付了没有，什么时候种？", "area", "green",
        (
            *_accepted(post="环境主管"),
            Move(1, "preparer", "answer", ("正在安排。",)),
            Move(2, "asker", "unsatisfied", ("没有说钱付了没有，也没有日期",)),
        ),
    ),
    Story(
        12, 4, "question", "小区规则里的会签限额是谁定的，可以调低吗？", "", "",
        (
            *_accepted(post="客服主管"),
            Move(1, "preparer", "answer", ("限额写在信托文件里，由业主大会决定；要调低，可以向业委会提议，列入下次会议。",)),
            Move(2, "reviewer", "publish", ("会签限额是谁定的，可以调低吗？",)),
            Move(2, "reviewer", "publish_answer", ("限额写在信托文件里，由业主大会决定；要调低，可以向业委会提议，列入下次会议。",)),
        ),
    ),
    Story(
        9, 2, "question", "路面停车的收费为什么没有贴价目表？", "area", "parking", (),
    ),
    Story(
        2, 0, "snapshot", "快递柜旁边的路灯罩破了，怕掉下来砸到人。", "area", "lighting", _accepted(post="工程主管"),
        place="北门快递柜旁", picture="lamp",
    ),
    Story(
        0, 4, "repair", "单元门的闭门器坏了，关门声音很大。", "area", "corridor", (),
        place="自家单元门",
    ),
)  # fmt: skip

BESIDE = {
    "guihuli": (
        Story(
            72, 0, "question", "保洁费涨过没有？合同上写的是几个人、几点上班？", "entry", "cleaning",
            (
                *_accepted(post="项目经理"),
                Move(1, "preparer", "answer", ("开账以来没有涨过。合同是两人，每天七点到十一点、十三点到十七点。",)),
                Move(1, "reviewer", "publish", ("保洁费涨过没有？合同上写的是几个人、几点上班？",)),
                Move(1, "reviewer", "publish_answer", ("开账以来没有涨过。合同是两人，每天七点到十一点、十三点到十七点。",)),
                Move(2, "1", "echo"),
                *_settled(3, "清楚了", "回访满意"),
            ),
        ),
        Story(
            66, 1, "repair", "二楼转角的灯不亮。", "area", "lighting",
            (
                *_accepted(post="项目经理"),
                Move(0, "preparer", "visit", ("灯头氧化",)),
                Move(1, "preparer", "answer", ("换灯头一个，已亮。",)),
                *_settled(2, "亮了", "回访满意"),
            ),
            place="一栋二楼转角",
        ),
    ),
    "dongliyuan": (
        Story(
            78, 0, "question", "银行手续费每月记了又冲，是怎么回事？", "", "",
            (
                Move(27, "street", "accept"),
                Move(28, "street", "answer", ("街道已要求受托人说明，受托人没有按期回复；已列入本季度评价。",)),
                Move(29, "asker", "unsatisfied", ("还是没有人说清楚",)),
            ),
        ),
        Story(65, 1, "snapshot", "垃圾房三天没有人清运。", "area", "rubbish", (), place="北侧垃圾房"),
        Story(18, 0, "repair", "楼道窗户的玻璃碎了。", "area", "corridor", (), place="二栋三楼"),
    ),
}  # fmt: skip
"""The same of the two communities beside, by slug: where things are settled, and where nobody answers."""
