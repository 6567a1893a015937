"""Lists to hand out and to post: sub-accounts, who must pay in again, who bears what, what is overdue.

As a workbook or on paper, made by the same renderer as the account books.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from datetime import date

from litestar import Response, get
from litestar.params import FromPath

from disclosure.books.files import FORMATS
from disclosure.books.paper import report_pdf
from disclosure.books.report import Cell, Column, Report, Row, Table
from disclosure.books.xlsx import write_xlsx
from disclosure.office.acting import PRIVATE, Office, reading_office
from disclosure.office.draft_view import local_time
from disclosure.office.forms import Form
from disclosure.public.answers import Answer, Req, download_name
from ledger.balances import resolve_clock
from ledger.errors import Unanswerable
from ledger.maintenance import list_subaccounts, preview_use, read_plan
from ledger.maintenance.low import low_list
from ledger.money import format_yuan
from ledger.revenue import due_list

Sheet = Callable[[Office, Req], Report]


def _report(
    office: Office,
    title: str,
    span: str,
    columns: tuple[Column, ...],
    rows: Iterable[tuple[Cell, ...]],
    total: tuple[Cell, ...],
    notes: tuple[str, ...] = (),
) -> Report:
    return Report(
        kind="maintenance",
        title=title,
        community=office.site.name,
        trustee=office.site.trustee,
        span=span,
        tables=[Table("", columns, [*(Row(cells) for cells in rows), Row(total, style="total")])],
        printed_by=office.actor.signature,
        printed_at=local_time(office.act.now),
        landscape=len(columns) > 6,
        signatures=(("制表", office.actor.signature), ("审核", "")),
        notes=notes,
    )


def _money(*titles: str) -> tuple[Column, ...]:
    return tuple(Column(title, "money", 8) for title in titles)


def accounts_sheet(office: Office, request: Req) -> Report:
    """All sub-accounts of the year so far."""
    today = office.act.today
    since = max(date(today.year, 1, 1), office.setup.opened_on)
    clock = resolve_clock(office.conn, office.trust_id, today=today)
    rows = list_subaccounts(office.conn, office.trust_id, clock, since, limit=None)
    amounts = [(r.opening, r.contributions, r.yields, r.uses, r.other, r.closing) for r in rows]
    cells = [(row.unit, *sums) for row, sums in zip(rows, amounts, strict=True)]
    columns = (
        Column("房号", width=9),
        *_money("期初余额", "本期交存", "收益分配", "本期使用", "结转及更正", "期末余额"),
    )
    sums = [sum(row[at] for row in amounts) for at in range(6)]
    total: tuple[Cell, ...] = ("合计", *sums)
    return _report(office, "维修资金户分账明细表", f"{since} 至 {today}", columns, cells, total)


def low_sheet(office: Office, request: Req) -> Report:
    """Who must pay in again, and how much."""
    clock = resolve_clock(office.conn, office.trust_id, today=office.act.today)
    low = low_list(office.conn, office.setup, clock, office.act, limit=None)
    rows = [(row.unit, row.initial, row.balance, row.renewal) for row in low.rows]
    columns = (Column("房号", width=9), *_money("首期交存额", "现有余额", "应续交"))
    return _report(
        office,
        "维修资金应续交清单",
        f"截至 {office.act.today}",
        columns,
        rows,
        (f"合计 {low.count} 户", None, None, low.total),
        (f"余额低于首期交存额 {low.percent}% 的房屋，续交到首期交存额。本清单供办理续交，不公示。",),
    )


def use_sheet(office: Office, request: Req) -> Report:
    """Who bears what of a use (分摊清册)."""
    asked = request.query_params
    plan = read_plan(office.conn, office.trust_id, asked.get("plan", ""))
    form = Form(asked)
    fen = form.money("amount", "金额")
    form.finish()
    preview = preview_use(office.conn, office.setup, plan, fen, office.act)
    rows = [(p.unit, p.area, p.due, p.share, p.short or None) for p in preview.parts]
    columns = (Column("房号", width=9), *_money("面积（㎡）", "按面积应摊", "本次从分账支出", "应补交"))
    total = (
        f"合计 {len(rows)} 户",
        sum(p.area for p in preview.parts),
        sum(p.due for p in preview.parts),
        sum(p.share for p in preview.parts),
        preview.short_total,
    )
    notes = (
        f"方案 {plan.plan}，决议 {plan.resolution}，备案 {plan.filing}；分摊范围：{plan.scope.words}，"
        f"按专有部分面积分摊，合计 {format_yuan(sum(p.share for p in preview.parts))} 元。",
    )
    return _report(
        office, f"维修资金分摊清册：{plan.title}", f"{office.act.today}", columns, rows, total, notes
    )


def due_sheet(office: Office, request: Req) -> Report:
    """What contracts owe."""
    today = office.act.today
    lines = [
        x for x in due_list(office.conn, office.trust_id, today) if not x.settled and x.row.due_on <= today
    ]
    rows = [
        (x.row.due_on, f"{x.terms.contract} {x.terms.title}", x.terms.party_name, x.row.amount, x.received,
         x.open, str(x.overdue_days(today) or ""))
        for x in lines
    ]  # fmt: skip
    columns = (
        Column("应付日", "day", 6),
        Column("合同", width=14),
        Column("对方", width=12),
        *_money("应收", "已收", "未收"),
        Column("逾期天数", width=5),
    )
    total: tuple[Cell, ...] = (
        "合计",
        "",
        "",
        sum(x.row.amount for x in lines),
        sum(x.received for x in lines),
        sum(x.open for x in lines),
        "",
    )
    return _report(office, "公共收益应收未收清单", f"截至 {today}", columns, rows, total)


def _download(request: Req, slug: str, sheet: Sheet, name: str, kind: str) -> Answer:
    if kind not in ("xlsx", "pdf"):
        raise Unanswerable("unknown_format", "只能下载电子表格（xlsx）或 PDF")
    with reading_office(request, slug) as office:
        report = sheet(office, request)
        if kind == "pdf":
            body = report_pdf(office.services.pages, report)
        else:
            out = io.BytesIO()
            write_xlsx(report, out)
            body = out.getvalue()
    headers = {**PRIVATE, **download_name(f"{name}.{kind}")}
    return Response(body, media_type=FORMATS["pdf" if kind == "pdf" else "xlsx"], headers=headers)


_FUND_SHEETS: dict[str, Sheet] = {"accounts": accounts_sheet, "low": low_sheet, "use": use_sheet}


@get(
    "/c/{slug:str}/office/maintenance/sheets/{name:str}/{kind:str}",
    sync_to_thread=True,
    action="maintenance.read",
)
def fund_sheet(request: Req, slug: FromPath[str], name: FromPath[str], kind: FromPath[str]) -> Answer:
    """A list of the maintenance fund as a file."""
    if name not in _FUND_SHEETS:
        raise Unanswerable("unknown_sheet", "没有这张清单")
    return _download(request, slug, _FUND_SHEETS[name], f"maintenance-{name}", kind)


@get("/c/{slug:str}/office/revenue/sheets/due/{kind:str}", sync_to_thread=True, action="revenue.read")
def revenue_sheet(request: Req, slug: FromPath[str], kind: FromPath[str]) -> Answer:
    """What contracts owe as a file."""
    return _download(request, slug, due_sheet, "revenue-due", kind)


HANDLERS = [fund_sheet, revenue_sheet]
