"""The office's menu: what a person may open, in the order of the day's work."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.people import Actor


@dataclass(frozen=True, slots=True)
class MenuItem:
    """An entry of the menu. ``path`` is below ``/c/{slug}/office``; ``action`` what it needs."""

    section: str
    title: str
    path: str
    action: str


MENU: tuple[tuple[str, tuple[MenuItem, ...]], ...] = (
    (
        "今天",
        (
            MenuItem("home", "工作台", "", "office.home"),
            MenuItem("work", "单据", "/work-items", "work.read"),
            MenuItem("inquiries", "质询报修", "/inquiries", "inquiry.read"),
        ),
    ),
    (
        "收费",
        (
            MenuItem("charges", "计费", "/charges", "charge.read"),
            MenuItem("receipts", "收款", "/receipts", "receipt.read"),
            MenuItem("households", "户账", "/households", "household.read"),
            MenuItem("deposits", "押金代收", "/deposits", "deposit.read"),
            MenuItem("revenue", "公共收益", "/revenue", "revenue.read"),
        ),
    ),
    (
        "付款",
        (
            MenuItem("budgets", "预算", "/budgets", "budget.read"),
            MenuItem("payments", "付款", "/payments", "payment.read"),
            MenuItem("vendors", "供应商", "/vendors", "vendor.read"),
            MenuItem("projects", "专项项目", "/projects", "project.read"),
        ),
    ),
    (
        "流水和账",
        (
            MenuItem("bank", "银行流水", "/bank", "bank.read"),
            MenuItem("vouchers", "制单", "/vouchers/new", "work.prepare"),
            MenuItem("entries", "凭证", "/entries", "entry.read"),
            MenuItem("books", "账簿", "/books", "books.read"),
            MenuItem("closing", "结账", "/closing", "period.read"),
            MenuItem("statements", "报表", "/statements", "statement.read"),
        ),
    ),
    (
        "维修资金",
        (MenuItem("maintenance", "维修资金", "/maintenance", "maintenance.read"),),
    ),
    (
        "业主决定",
        (
            MenuItem("resolutions", "决定", "/resolutions", "resolution.read"),
            MenuItem("conference", "联席会议", "/conference", "conference.read"),
            MenuItem("fees", "调价征询", "/fees", "fee.read"),
            MenuItem("selection", "选聘解聘", "/selection", "selection.read"),
        ),
    ),
    (
        "评价",
        (
            MenuItem("evaluations", "双百分评价", "/evaluations", "evaluation.read"),
            MenuItem("evaluation-scheme", "评价方案", "/evaluation-scheme", "evaluation.read"),
            MenuItem("inspections", "现场检查", "/inspections", "register.read"),
            MenuItem("registers", "台账", "/registers", "register.read"),
        ),
    ),
    (
        "小区资料",
        (
            MenuItem("disclosures", "公开事项", "/disclosures", "disclosure.read"),
            MenuItem("documents", "附件", "/documents", "document.read"),
            MenuItem("units", "房屋业主", "/units", "unit.read"),
            MenuItem("deed", "信托文件", "/deed", "setup.read"),
            MenuItem("settings", "小区规则", "/settings", "setup.read"),
            MenuItem("setup", "开账准备", "/setup", "setup.read"),
        ),
    ),
    (
        "人员和移交",
        (
            MenuItem("people", "账号", "/people", "people.read"),
            MenuItem("audit", "操作留痕", "/audit", "audit.read"),
            MenuItem("witnesses", "见证人", "/witnesses", "witness.read"),
            MenuItem("handover", "受托人移交", "/handover", "handover.read"),
        ),
    ),
)
"""All items by group."""


def menu_for(actor: Actor) -> list[tuple[str, list[MenuItem]]]:
    """The items this person may open, by group; empty groups are left out."""
    mine = [(title, [item for item in items if actor.may(item.action)]) for title, items in MENU]
    return [(title, items) for title, items in mine if items]
