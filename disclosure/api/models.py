"""What the API answers about a community, its entries and its log.

Names are English and stay; texts are the Chinese of the pages. Amounts are whole fen in fields that end in
``_fen``; days are ``2025-09-03``, moments UTC; addresses begin at the root of the site. The docstrings of the
models are read by users, in the description of the API, and are in Chinese therefore.
"""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Fen = Annotated[int, Meta(description="金额，整数，单位：分（1 元 = 100 分）")]
Address = Annotated[str, Meta(description="地址，从本站根目录开始")]
Day = Annotated[datetime.date, Meta(description="日期")]
Moment = Annotated[datetime.datetime, Meta(description="时刻（世界协调时 UTC）")]
Direction = Literal["in", "out", "moved", "opened", "none"]
Next = Annotated[str | None, Meta(description="下一页的地址；没有下一页时为 null")]


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """没有办成的原因（RFC 9457）。"""

    type: Annotated[str, Meta(description="固定为 about:blank，原因看 code")] = "about:blank"
    title: Annotated[str, Meta(description="一句话说明")]
    status: Annotated[int, Meta(description="HTTP 状态码")]
    detail: Annotated[str, Meta(description="具体哪里不对，可以怎么办")]
    code: Annotated[str, Meta(description="原因的代码，不会改名，供程序判断")]


class CommunityLinks(msgspec.Struct, frozen=True):
    """一个小区的各个地址。"""

    page: Address
    feed: Address
    entries: Address
    totals: Address
    statements: Address
    budgets: Address
    resolutions: Address
    projects: Address
    inquiries: Address
    evaluations: Address
    log: Address


class CommunityRow(msgspec.Struct, frozen=True, kw_only=True):
    """小区列表里的一行。"""

    slug: Annotated[str, Meta(description="小区在网址里的名字", examples=["mingheyuan"])]
    name: Annotated[str, Meta(description="小区名称")]
    trustee: Annotated[str, Meta(description="受托人（物业企业）")]
    opened_on: Annotated[datetime.date, Meta(description="启用日：这本账从哪天记起")]
    entries: Annotated[int, Meta(description="已入账的凭证张数")]
    last_posted_at: Annotated[datetime.datetime | None, Meta(description="最近一次入账的时刻")]
    api: Address


class Communities(msgspec.Struct, frozen=True):
    """本站的小区。"""

    items: tuple[CommunityRow, ...]
    next: Next


class FundNow(msgspec.Struct, frozen=True, kw_only=True):
    """一种资金今天有多少，本月进出多少。"""

    fund: Annotated[str, Meta(description="资金代号：F1 至 F5，维修资金为 M")]
    name: str
    book: Annotated[
        Literal["A", "M"], Meta(description="账套：A 物业共有资金，M 住宅专项维修资金；两套账从不相加")
    ]
    balance_fen: Fen
    opened_fen: Fen
    received_fen: Fen
    paid_fen: Fen
    moved_in_fen: Fen
    moved_out_fen: Fen


class DutyNow(msgspec.Struct, frozen=True, kw_only=True):
    """一项应当公开的事：上次是哪天，下次应在哪天，迟了几天。"""

    code: str
    title: str
    basis: Annotated[str, Meta(description="依据")]
    last_on: datetime.date | None
    due_on: Annotated[datetime.date | None, Meta(description="应在哪天以前；没有设定期限时为 null")]
    late_days: Annotated[int, Meta(description="迟了几天，没有迟为 0")]
    page: Address


class Community(msgspec.Struct, frozen=True, kw_only=True):
    """一个小区今天的情况。"""

    slug: str
    name: str
    trustee: str
    opened_on: Day
    entries: Annotated[int, Meta(description="已入账的凭证张数")]
    last_posted_at: datetime.datetime | None
    today: Annotated[datetime.date, Meta(description="余额是哪一天的（北京时间）")]
    funds: Annotated[tuple[FundNow, ...], Meta(description="各项资金；进出是本月 1 日到今天的")]
    duties: Annotated[tuple[DutyNow, ...], Meta(description="应当公开的事项")]
    links: CommunityLinks


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """资金的进出。建账接收 + 收入 - 支出 + 转入 - 转出 = 余额的变化（change_fen）。"""

    opened_fen: Fen
    received_fen: Fen
    paid_fen: Fen
    moved_in_fen: Fen
    moved_out_fen: Fen
    change_fen: Fen


class FundFlow(msgspec.Struct, frozen=True, kw_only=True):
    """一张凭证使一种资金进出多少。"""

    fund: str
    received_fen: Fen
    paid_fen: Fen
    moved_in_fen: Fen
    moved_out_fen: Fen
    opened_fen: Fen


class EntryState(msgspec.Struct, frozen=True, kw_only=True):
    """一张凭证后来怎样了。"""

    reversed_by: Annotated[str | None, Meta(description="冲销它的红字凭证号")]
    amended_by: Annotated[tuple[str, ...], Meta(description="订正它的凭证号")]


class EntryRow(msgspec.Struct, frozen=True, kw_only=True):
    """凭证列表里的一行。全部内容见 api 给出的地址。"""

    ref: Annotated[str, Meta(description="凭证号，永不改变", examples=["A-2025-000123"])]
    date: Annotated[datetime.date, Meta(description="业务日期")]
    posted_at: Annotated[datetime.datetime, Meta(description="入账时刻（UTC）")]
    book: Annotated[Literal["A", "M"], Meta(description="账套")]
    event: Annotated[str, Meta(description="业务编号")]
    event_name: str
    summary: Annotated[str, Meta(description="摘要")]
    counterparty: Annotated[str | None, Meta(description="对方；个人不公开，为 null")]
    direction: Annotated[
        Direction, Meta(description="in 收入，out 支出，moved 划转，opened 期初，none 只记账没有动钱")
    ]
    amount_fen: Annotated[int, Meta(description="收入、支出或划转了多少，单位：分；没有动钱的为 0")]
    total_fen: Annotated[int, Meta(description="借方合计，单位：分；红字为负")]
    funds: Annotated[tuple[str, ...], Meta(description="涉及的资金代号")]
    flows: Annotated[tuple[FundFlow, ...], Meta(description="各项资金的进出；没有动钱的为空")]
    original_date: Annotated[datetime.date | None, Meta(description="补记的，业务实际发生的日期")]
    reverses: Annotated[str | None, Meta(description="它是红字，冲销的是这张凭证")]
    amends: Annotated[str | None, Meta(description="它是订正，订正的是这张凭证")]
    state: EntryState
    page: Address
    api: Address


class Entries(msgspec.Struct, frozen=True):
    """符合条件的凭证，业务日期新的在前。"""

    items: tuple[EntryRow, ...]
    next: Next


class BookTotals(msgspec.Struct, frozen=True, kw_only=True):
    """一套账里符合条件的凭证使资金进出多少。"""

    book: Annotated[Literal["A", "M"], Meta(description="账套")]
    flow: Flow


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """符合条件的凭证的合计。选了资金的，只计这项资金。"""

    count: Annotated[int, Meta(description="凭证张数")]
    books: Annotated[tuple[BookTotals, ...], Meta(description="两套账分列，从不相加")]
    entries: Annotated[str, Meta(description="这些凭证的列表地址")]


class LeafDetail(msgspec.Struct, frozen=True):
    """这一行合计了多少户；root 是分户明细的指纹。"""

    count: int
    root: str


class LeafLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """一行分录。"""

    no: int
    account: Annotated[str, Meta(description="科目编码")]
    name: Annotated[str, Meta(description="科目名称")]
    fund: str
    side: Annotated[Literal["D", "C"], Meta(description="D 借，C 贷")]
    amount: Annotated[int, Meta(description="金额，单位：分；红字为负")]
    dims: Annotated[
        dict[str, str], Meta(description="辅助核算：供应商、合同、项目、点位、账户、对方资金")
    ] = {}
    sealed: Annotated[dict[str, str], Meta(description="不公开的内容的加盐指纹")] = {}
    detail: LeafDetail | None = None


class LeafDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    """一份原始凭证；original 和 public 是原件和公开副本的 SHA-256。"""

    kind: str
    title: str
    number: str = ""
    original: str = ""
    public: str = ""
    sealed: dict[str, str] = {}


class Leaf(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """公开日志里的原文，与网页、日志一字不差；没有的项目不写。这里的金额字段是 amount，单位也是分。"""

    kind: str
    trust: str
    seq: Annotated[int, Meta(description="在日志里的位置，从 0 起")]
    ref: str
    book: str
    year: int
    number: int
    date: datetime.date
    posted_at: datetime.datetime
    event: str
    summary: str
    lines: tuple[LeafLine, ...]
    sealed: dict[str, str] = {}
    counterparty: str = ""
    original_date: datetime.date | None = None
    documents: tuple[LeafDocument, ...] = ()
    references: Annotated[dict[str, str], Meta(description="依据：决议、预算行、合同等")] = {}
    reverses: str = ""
    amends: str = ""


class EntryProof(msgspec.Struct, frozen=True, kw_only=True):
    """怎样证明这张凭证在公开日志里、没有被改过。"""

    leaf_hash: Annotated[str, Meta(description="原文的 RFC 6962 叶指纹，十六进制")]
    signed_size: Annotated[int, Meta(description="最新签名凭据覆盖多少条；还没有覆盖到这一条时为 0")]
    leaf: Annotated[str, Meta(description="原文的地址，一字节不差")]
    proof: Annotated[str, Meta(description="证明的地址（C2SP tlog-proof）")]
    checkpoint: Address
    key: Address


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """一张凭证。"""

    ref: str
    leaf: Leaf
    state: EntryState
    proof: EntryProof
    page: Address


class Log(msgspec.Struct, frozen=True, kw_only=True):
    """公开日志：谁保存了旧的签名凭据，谁就能证明旧账有没有被改过。"""

    origin: Annotated[str, Meta(description="日志的名字，写在签名凭据的第一行")]
    size: Annotated[int, Meta(description="日志现有多少条（凭证和其他公布的内容）")]
    signed_size: Annotated[int, Meta(description="其中多少条已有签名凭据")]
    checkpoint: Annotated[str | None, Meta(description="最新签名凭据的原文")]
    signed_at: datetime.datetime | None
    key: Annotated[str | None, Meta(description="验证签名用的公钥（C2SP vkey）")]
    checkpoint_address: Address
    leaf_address: Annotated[str, Meta(description="每一条原文的地址，{index} 从 0 起")]
    proof_address: Annotated[str, Meta(description="每一条的证明的地址")]
    tile_address: Annotated[str, Meta(description="C2SP tlog-tiles 的地址前缀")]
    consistency_address: Annotated[str, Meta(description="两个长度之间的一致性证明")]
