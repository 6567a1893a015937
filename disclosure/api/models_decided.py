"""What the API answers about statements, budgets, resolutions and projects.

As in :mod:`disclosure.api.models`, the docstrings of the models are what users read.
"""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from disclosure.api.models import Address, Fen, Next


class StatementRow(msgspec.Struct, frozen=True, kw_only=True):
    """一版报告。发布过的版本不会改；内容有更正，就是新的一版。"""

    span: Annotated[str, Meta(description="期间：2025-03、2025-Q1 或 2025", examples=["2025-09"])]
    kind: Annotated[Literal["month", "quarter", "year"], Meta(description="月报、季报或年报")]
    title: str
    version: int
    corrects: Annotated[int | None, Meta(description="更正的是第几版；第一版为 null")]
    published_at: Annotated[datetime.datetime, Meta(description="发布时刻（UTC）")]
    size: Annotated[int, Meta(description="截止在日志的第几条")]
    page: Address
    pdf: Address
    csv: Address
    json: Annotated[str, Meta(description="原文的地址，一字节不差")]
    api: Address


class Statements(msgspec.Struct, frozen=True):
    """发布过的报告，期间新的在前，同一期版本新的在前。"""

    items: tuple[StatementRow, ...]
    next: Next


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """一版报告的全部数字。"""

    span: str
    version: int
    published_at: datetime.datetime
    sha256: Annotated[str, Meta(description="value 原文的 SHA-256；原文就是这里的字节")]
    versions: Annotated[tuple[int, ...], Meta(description="这一期有哪几版，新的在前")]
    value: Annotated[dict[str, Any], Meta(description="报告的原文；金额单位：分")]
    leaf: Annotated[str | None, Meta(description="公开日志里登记它的那一条：期间、版本、截止位置和 sha256")]
    proof: Annotated[str | None, Meta(description="那一条的证明的地址（C2SP tlog-proof）")]
    page: Address


class BudgetRow(msgspec.Struct, frozen=True, kw_only=True):
    """一版预算。"""

    name: Annotated[str, Meta(description="年度和资金", examples=["2026-F1"])]
    year: int
    fund: str
    fund_name: str
    version: int
    standing: Annotated[
        str,
        Meta(
            description="in_force 生效中，noticed 公示中，pending 待生效，replaced 已被代替，其他为修改或撤销"
        ),
    ]
    standing_name: str
    effective_on: datetime.date | None
    income_fen: Annotated[int, Meta(description="预计收入，单位：分")]
    expense_fen: Annotated[int, Meta(description="计划支出，单位：分")]
    page: Address
    api: Address


class Budgets(msgspec.Struct, frozen=True):
    """公示过的预算。"""

    items: tuple[BudgetRow, ...]


class BudgetLine(msgspec.Struct, frozen=True, kw_only=True):
    """预算的一行；生效中的，附执行情况，其余为 null。"""

    code: Annotated[str, Meta(description="行号")]
    kind: Annotated[Literal["income", "expense"], Meta(description="收入或支出")]
    title: str
    accounts: Annotated[tuple[str, ...], Meta(description="科目编码的开头")]
    basis: Annotated[str, Meta(description="怎样算出来的")]
    planned_fen: Fen
    actual_fen: Annotated[int | None, Meta(description="已入账，单位：分")]
    waiting_fen: Annotated[int | None, Meta(description="在途（已制单未入账），单位：分")]
    left_fen: Annotated[int | None, Meta(description="还可以用的，单位：分")]


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """一版预算的全部。"""

    name: str
    year: int
    fund: str
    version: int
    versions: tuple[int, ...]
    standing: str
    reason: Annotated[str, Meta(description="编制或调整的理由")]
    effective_on: datetime.date | None
    notice_from: datetime.date | None
    notice_to: datetime.date | None
    income_fen: Fen
    expense_fen: Fen
    free_fen: Annotated[int, Meta(description="年初可用结余，单位：分")]
    as_of: Annotated[datetime.date | None, Meta(description="执行情况截至哪一天")]
    lines: tuple[BudgetLine, ...]
    page: Address


class VoteRow(msgspec.Struct, frozen=True, kw_only=True):
    """正在进行的表决。"""

    number: str
    title: str
    stage: Annotated[str, Meta(description="noticed 已通知，open 表决中，closed 已截止")]
    stage_name: str
    opens_on: datetime.date | None
    closes_on: datetime.date | None
    page: Address
    api: Address


class DecisionItem(msgspec.Struct, frozen=True, kw_only=True):
    """一项决定。"""

    number: str
    title: str
    matter: Annotated[str, Meta(description="事项")]
    passed: bool
    decided_on: datetime.date
    effective_on: datetime.date
    source: Annotated[str, Meta(description="怎样作出的")]
    page: Address
    api: Address


class Resolutions(msgspec.Struct, frozen=True):
    """业主的决定，新的在前；第一页另有正在进行的表决。"""

    under_way: tuple[VoteRow, ...]
    items: tuple[DecisionItem, ...]
    next: Next


class ResolutionOption(msgspec.Struct, frozen=True):
    """一个选项。"""

    value: str
    label: str


class ResolutionQuestion(msgspec.Struct, frozen=True):
    """表决的一个问题。"""

    no: int
    title: str
    text: str
    matter: str
    needs: Annotated[str, Meta(description="通过需要多少")]
    options: tuple[ResolutionOption, ...]


class ResolutionPaper(msgspec.Struct, frozen=True):
    """随附的文件；digest 和 shown 是原件和公开副本的 SHA-256。"""

    title: str
    digest: str
    shown: str


class ResolutionRecord(msgspec.Struct, frozen=True):
    """写进公开日志的一条。"""

    what: str
    seq: Annotated[int, Meta(description="在日志里的位置，从 0 起")]


class Resolution(msgspec.Struct, frozen=True, kw_only=True):
    """一次表决或一项决定。谁怎么投不公开；没有公布结果以前没有 result。"""

    number: str
    title: str
    text: str
    stage: str
    source: Annotated[
        Literal["recorded", "vote"], Meta(description="vote 在本站表决，recorded 书面作出后登记")
    ]
    questions: tuple[ResolutionQuestion, ...]
    roll_root: Annotated[str, Meta(description="名册的指纹")]
    turnout: Annotated[dict[str, Any] | None, Meta(description="参加情况")]
    documents: tuple[ResolutionPaper, ...]
    entries: Annotated[tuple[str, ...], Meta(description="依据它入账的凭证号，最新的 50 张")]
    records: tuple[ResolutionRecord, ...]
    checkpoint: str
    opens_on: datetime.date | None = None
    closes_on: datetime.date | None = None
    result: Annotated[dict[str, Any] | None, Meta(description="计票结果；area 单位：0.01 平方米")] = None
    decisions: tuple[str, ...] = ()
    decided_on: datetime.date | None = None
    effective_on: datetime.date | None = None
    matter: str = ""


class ProjectRow(msgspec.Struct, frozen=True, kw_only=True):
    """一个专项项目。"""

    code: str
    title: str
    state: Annotated[str, Meta(description="draft 待通过，running 进行中，closed 已决算")]
    state_name: str
    planned_fen: Annotated[int, Meta(description="计划总额，单位：分")]
    received_fen: Annotated[int, Meta(description="已到账，单位：分")]
    paid_fen: Annotated[int, Meta(description="已支付，单位：分")]
    cost_fen: Annotated[int, Meta(description="已发生的花费，单位：分")]
    starts_on: datetime.date
    ends_on: datetime.date
    page: Address
    api: Address


class Projects(msgspec.Struct, frozen=True):
    """全部专项项目。"""

    items: tuple[ProjectRow, ...]


class ProjectSource(msgspec.Struct, frozen=True, kw_only=True):
    """一种资金来源：约定、到账、支付。"""

    name: str
    agreed_fen: Fen
    received_fen: Fen
    paid_fen: Fen


class ProjectMilestone(msgspec.Struct, frozen=True, kw_only=True):
    """一个付款节点。"""

    code: str
    title: str
    planned_fen: Fen
    cost_fen: Fen
    paid_fen: Fen
    accepted_on: Annotated[datetime.date | None, Meta(description="验收日期；还没有验收为 null")]


class ProjectEntry(msgspec.Struct, frozen=True, kw_only=True):
    """项目的一张凭证。"""

    ref: str
    date: datetime.date
    summary: str
    kind: str
    amount_fen: Fen


class Project(msgspec.Struct, frozen=True, kw_only=True):
    """一个专项项目的计划与实际。"""

    code: str
    title: str
    purpose: str
    state: str
    summary: Annotated[str, Meta(description="一两句话说明进展")]
    planned_fen: Fen
    received_fen: Fen
    paid_fen: Fen
    cost_fen: Fen
    sources: tuple[ProjectSource, ...]
    milestones: tuple[ProjectMilestone, ...]
    entries: tuple[ProjectEntry, ...]
    page: Address
