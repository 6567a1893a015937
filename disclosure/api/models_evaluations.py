"""What the API answers about the evaluation.

As in :mod:`disclosure.api.models`, the docstrings of the models are what users read.
"""

from __future__ import annotations

import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from disclosure.api.models import Address, Next

Points = Annotated[int, Meta(description="分数，整数，单位：0.01 分（8850 = 88.5 分）")]


class EvaluationScore(msgspec.Struct, frozen=True, kw_only=True):
    """一个百分。两个百分不相加。"""

    points: Annotated[int | None, Meta(description="得分，单位 0.01 分；公示以前为 null")]
    possible: Annotated[int, Meta(description="评了多少分，单位 0.01 分；一百分里其余的未评")]
    grade: Annotated[str, Meta(description="等级；评得太少的为空")]


class EvaluationRound(msgspec.Struct, frozen=True, kw_only=True):
    """一轮评价走到哪一步；公示以后有分数。"""

    no: int
    period: Annotated[str, Meta(description="期间：2025-03、2025-Q1 或 2025")]
    title: str
    stage: Annotated[
        str,
        Meta(
            description="self 自评，scoring 评分，survey 业主问卷，preview 公示和申诉，final 已定稿，withdrawn 已撤回"
        ),
    ]
    stage_name: str
    due_on: Annotated[
        datetime.date | None,
        Meta(description="这一步最迟哪天，问卷阶段是问卷和评分都完的那天；定稿的为 null"),
    ]
    survey_closes_on: Annotated[
        datetime.date | None, Meta(description="业主问卷哪天截止；没有发过问卷的为 null")
    ]
    late_days: Annotated[int, Meta(description="这一步过期几天")]
    version: Annotated[int, Meta(description="发布到第几版；没有定稿的为 0")]
    service: Annotated[EvaluationScore, Meta(description="物业服务")]
    party: Annotated[EvaluationScore, Meta(description="党建引领")]
    vetoes: Annotated[int, Meta(description="成立的一票否决有几项")]
    appeals: Annotated[int, Meta(description="还没有裁定的申诉有几件")]
    indicators: Annotated[
        dict[str, int | None], Meta(description="每一项的得分，单位 0.01 分；未评的为 null；公示以前为空")
    ]
    page: Address
    api: Address


class Evaluations(msgspec.Struct, frozen=True):
    """轮次大的在前。"""

    items: tuple[EvaluationRound, ...]
    next: Next


class EvaluationSpread(msgspec.Struct, frozen=True, kw_only=True):
    """同一片小区已定稿的分数怎样分布，不写是哪个小区；单位 0.01 分，两个百分按已评的折算成一百分。"""

    of: Annotated[int, Meta(description="几个小区")]
    least: Points
    lower: Annotated[int, Meta(description="四分之一的小区不高于它")]
    middle: Annotated[int, Meta(description="一半的小区不高于它")]
    upper: Annotated[int, Meta(description="四分之三的小区不高于它")]
    most: Points


class EvaluationVersion(msgspec.Struct, frozen=True, kw_only=True):
    """发布的一版。"""

    version: int
    published_at: datetime.datetime
    correction: Annotated[str, Meta(description="更正的原因；第一版为空")]
    sha256: Annotated[str, Meta(description="原始数据的 SHA-256，公开日志里登记的就是它")]
    json: Address
    pdf: Address
    leaf: Annotated[str, Meta(description="公开日志里的那一条")]
    proof: Annotated[str, Meta(description="那一条的证明的地址（C2SP tlog-proof）")]


class EvaluationDuty(msgspec.Struct, frozen=True, kw_only=True):
    """信托文件写明的后果。"""

    kind: Annotated[str, Meta(description="pay 酬金支付比例，rectify 限期整改，renewal 续聘议题")]
    title: str
    due_on: datetime.date | None
    percent: Annotated[int, Meta(description="酬金按百分之几支付，只对 pay 有意义")]
    basis: str
    done: bool
    note: Annotated[str, Meta(description="办理情况")]


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """一轮评价。value 是发布的原始数据，一字不差：每一项的得分、扣分的事实和证据、申诉和裁定。"""

    item: EvaluationRound
    version: Annotated[int, Meta(description="value 是第几版；0 是公示稿，还可能变")]
    value: Annotated[
        dict[str, Any] | None,
        Meta(description="原始数据，分数单位 0.01 分，page 是小区网址以后的部分；公示以前为 null"),
    ]
    versions: tuple[EvaluationVersion, ...]
    spreads: Annotated[
        dict[str, EvaluationSpread],
        Meta(description="service、party 和每一项的分布；不到 5 个小区的没有，只随最新一版给出"),
    ]
    duties: Annotated[tuple[EvaluationDuty, ...], Meta(description="后果，只随最新一版给出")]
