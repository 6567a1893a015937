"""Use of the maintenance fund (使用维修资金, E23c): paid once, borne by units by area to the fen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from ledger.balances import resolve_clock
from ledger.errors import Problem, Refused, refuse
from ledger.journal import Detail, Document, Draft, Line
from ledger.maintenance.apportion import Part, apportion
from ledger.maintenance.keys import next_key
from ledger.maintenance.pending import pending_work
from ledger.maintenance.plans import Plan, used_by_plan
from ledger.maintenance.scope import homes_in
from ledger.maintenance.subaccounts import subaccount_balances
from ledger.money import format_yuan, plain_yuan
from ledger.trust.act import Act
from ledger.trust.lock import lock_trust
from ledger.trust.setup import Setup
from ledger.work import Work

KIND = "maintenance_use"
_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Use:
    """One payment under a plan: to whom, for which bill (invoice or settlement number), from where."""

    plan: Plan
    fen: int
    on: date
    payee: str
    bill: str
    bank_account: str
    invoice: bool = False


@dataclass(frozen=True, slots=True)
class UsePreview:
    """Who would bear what, and what stands against it, before anything is prepared."""

    parts: tuple[Part, ...]
    used_before: int
    problems: tuple[Problem, ...]

    @property
    def short(self) -> list[Part]:
        """Units whose sub-account is too small: what their owners must pay in."""
        return [part for part in self.parts if part.short]

    @property
    def short_total(self) -> int:
        """What all of them lack, fen."""
        return sum(part.short for part in self.parts)


def preview_use(conn: Connection, setup: Setup, plan: Plan, fen: int, act: Act) -> UsePreview:
    """Apportion ``fen`` over the plan's units, by what their sub-accounts hold today and open work leaves.

    Raises :class:`~ledger.errors.Refused` where nothing can be reckoned at all.
    """
    if fen <= 0:
        raise refuse("no_amount", "使用金额应大于零", "金额")
    trust_id = setup.trust_id
    waiting = pending_work(conn, trust_id, (KIND,))
    homes = homes_in(conn, trust_id, plan.scope, act.today)
    clock = resolve_clock(conn, trust_id, today=act.today)
    balances = subaccount_balances(conn, trust_id, clock)
    free = {home.unit: balances.get(home.unit, 0) + waiting.by_unit[home.unit] for home in homes}
    parts = tuple(apportion(homes, free, fen, plan.shortfall))
    before = used_by_plan(conn, trust_id).get(plan.plan, 0) + waiting.by_plan[plan.plan]
    problems = [*_beyond_estimate(setup, plan, before + fen, act), *_overdrawn(plan, parts)]
    return UsePreview(parts, before, tuple(problems))


def _beyond_estimate(setup: Setup, plan: Plan, total: int, act: Act) -> list[Problem]:
    percent = int(setup.setting("maintenance_excess_percent", act.today) or 0)
    if total * 100 <= plan.estimate * (100 + percent):
        return []
    allowed = f"（允许超出 {percent}%）" if percent else ""
    return [
        Problem(
            "beyond_estimate",
            f"方案“{plan.plan}”累计使用将达 {format_yuan(total)} 元，超过预算 {format_yuan(plan.estimate)} 元{allowed}；"
            "请重新表决、备案后登记方案的新版本",
            "金额",
        )
    ]


def _overdrawn(plan: Plan, parts: tuple[Part, ...]) -> list[Problem]:
    short = [part for part in parts if part.short]
    if plan.shortfall != "refuse" or not short:
        return []
    shown = "、".join(f"{part.unit} 差 {format_yuan(part.short)} 元" for part in short[:_SHOWN])
    more = f"等 {len(short)} 户" if len(short) > _SHOWN else ""
    total = format_yuan(sum(part.short for part in short))
    return [
        Problem(
            "subaccount_short",
            f"{len(short)} 户的户分账不足，共差 {total} 元（{shown}{more}）。请业主先补交，"
            "或在方案里登记业主共同决定的处理办法",
            "户分账",
        )
    ]


def use_work(conn: Connection, setup: Setup, use: Use, act: Act) -> Work:
    """The payment as work. Raises :class:`Refused` if a sub-account would be overdrawn without a decision."""
    lock_trust(conn, setup.trust_id)  # two payments at once must not both find the sub-accounts full
    preview = preview_use(conn, setup, use.plan, use.fen, act)
    problems = [*preview.problems, *_missing(setup, use)]
    if problems:
        raise Refused(problems)
    plan = use.plan
    details = tuple(
        Detail(part.unit, part.share, f"{plain_yuan(part.area)}㎡，按面积分摊")
        for part in preview.parts
        if part.share
    )
    papers = [
        Document("plan", f"维修资金使用方案：{plan.title}", number=plan.plan),
        Document("apportionment", f"分摊清册（{len(details)} 户）"),
        Document("filing", "维修资金使用备案回执", number=plan.filing),
        Document("invoice", "发票", number=use.bill)
        if use.invoice
        else Document("other", "结算单", number=use.bill),
    ]
    references = {"resolution": plan.resolution, "plan": plan.plan}
    if plan.shortfall != "refuse" and preview.short:
        references["shortfall_decision"] = plan.decision
    draft = Draft(
        book="M",
        date=use.on,
        event="E23c",
        summary=f"使用维修资金：{plan.title}（{len(details)} 户按面积分摊）",
        lines=(
            Line("5001", "M", "D", use.fen, details=details),
            Line("1001", "M", "C", use.fen, bank_account=use.bank_account),
        ),
        preparer="",
        reviewer="",
        key=next_key(conn, setup.trust_id, f"maintenance:use:{plan.plan}:{use.bill}"),
        documents=tuple(papers),
        references=references,
        counterparty=use.payee,
        counterparty_public=True,
    )
    return Work(kind=KIND, title=f"维修资金支付：{plan.title}", drafts=(draft,))


def _missing(setup: Setup, use: Use) -> list[Problem]:
    problems = []
    if not use.payee.strip():
        problems.append(Problem("no_payee", "请填写收款单位全称", "收款单位"))
    if not use.bill.strip():
        problems.append(Problem("no_bill", "请填写发票号或结算单号，系统据此防止重复支付", "发票或结算单号"))
    home = setup.bank_accounts.get(use.bank_account)
    if home is None or home[2] != "M":
        problems.append(Problem("wrong_bank_account", "请选择维修资金专户", "银行账户"))
    return problems
