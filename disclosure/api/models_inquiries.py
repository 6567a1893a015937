"""What the API answers about inquiries.

As in :mod:`disclosure.api.models`, the docstrings of the models are what users read.
"""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from disclosure.api.models import Address, Next


class InquiryItem(msgspec.Struct, frozen=True, kw_only=True):
    """一件质询、随手拍、报修或查阅复制。没有公开文字的，只有种类、级别、日期和办理情况。"""

    no: int
    kind: Annotated[str, Meta(description="question 质询，snapshot 随手拍，repair 报修，inspection 查阅复制")]
    kind_name: str
    status: str
    status_name: str
    level: Annotated[Literal[1, 2, 3], Meta(description="1 小区，2 社区，3 街道")]
    opened_on: datetime.date
    due_on: Annotated[datetime.date | None, Meta(description="下一步最迟哪天；办结的为 null")]
    late_days: Annotated[int, Meta(description="现在过期几天")]
    response_hours: Annotated[
        int | None, Meta(description="报修承诺多少小时内有人响应，按提出时的规则；其他的为 null")
    ]
    response_late: Annotated[bool, Meta(description="报修过了承诺的小时数才有人响应，或还没有人响应")]
    published: bool
    about_kind: Annotated[
        str | None, Meta(description="entry、statement、project、area，或空；没有公开文字的为 null")
    ]
    about: Annotated[str | None, Meta(description="凭证号、期间、项目编号或部位；没有公开文字的为 null")]
    question: Annotated[str | None, Meta(description="公开的提问；没有公开文字的为 null")]
    rating: Annotated[
        str | None, Meta(description="satisfied 满意，not 不满意，空为没有评价；没有公开文字的为 null")
    ]
    also_asking: Annotated[int, Meta(description="另有多少人也想问")]
    page: Address
    api: Address


class InquiryNumbers(msgspec.Struct, frozen=True, kw_only=True):
    """最近十二个月提出的，按期撤回的不算。"""

    first: datetime.date
    last: datetime.date
    asked: Annotated[int, Meta(description="收到多少件")]
    open: Annotated[int, Meta(description="正在办")]
    overdue: Annotated[int, Meta(description="正在办或待回访、已经过期")]
    late: Annotated[int, Meta(description="过期过")]
    answered: Annotated[int, Meta(description="有答复的")]
    in_time: Annotated[int, Meta(description="按时答复")]
    rated: Annotated[int, Meta(description="提问人作过评价的；不作声不算")]
    satisfied: Annotated[int, Meta(description="满意的")]
    raised: Annotated[int, Meta(description="升到社区、街道的")]
    reworks: Annotated[int, Meta(description="返修次数")]
    slow_repairs: Annotated[
        int, Meta(description="报修响应超时的，撤回了也算；过了承诺的小时数才有人响应，或还没有人响应")
    ]
    mediations: Annotated[
        dict[str, int], Meta(description="调解次数：agreed 达成一致，failed 没有达成，referred 走法律途径")
    ]


class Inquiries(msgspec.Struct, frozen=True):
    """编号大的在前。"""

    items: tuple[InquiryItem, ...]
    numbers: InquiryNumbers
    next: Next


class InquirySaid(msgspec.Struct, frozen=True, kw_only=True):
    """公开的一段话。"""

    says: Literal["question", "answer"]
    by: Annotated[str, Meta(description="以什么身份，不是姓名")]
    said_on: datetime.date
    text: str
    pictures: Annotated[tuple[str, ...], Meta(description="公开的图片的地址")]
    leaf: Annotated[str, Meta(description="公开日志里的那一条")]
    proof: Annotated[str, Meta(description="那一条的证明的地址（C2SP tlog-proof）")]


class InquiryStep(msgspec.Struct, frozen=True, kw_only=True):
    """办理的一步。"""

    kind: str
    title: str
    level: int
    by: Annotated[str, Meta(description="以什么身份，不是姓名")]
    on: datetime.date
    due_on: Annotated[datetime.date | None, Meta(description="下一步最迟哪天")]
    duty: Annotated[str, Meta(description="从这一步起由哪个岗位负责；没有变的为空")]


class Inquiry(msgspec.Struct, frozen=True, kw_only=True):
    """一件的公开内容和办理过程。"""

    item: InquiryItem
    said: tuple[InquirySaid, ...]
    course: tuple[InquiryStep, ...]
