"""Money of a project: restricted grants, receipts of the three sources, use of the maintenance fund."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.document_picker import UPLOAD_LIMIT, document_picker, documents_from_form
from disclosure.office.forms import Form, FormFiles
from disclosure.office.maintenance_cash import cash_choices, fund_accounts, read_cash
from disclosure.office.projects_lists import paper_of
from disclosure.public.answers import Answer, Req
from ledger.errors import Problem, Refused
from ledger.maintenance import Use, read_plan
from ledger.money import parse_yuan, plain_yuan
from ledger.projects.file import ProjectFile, project_file
from ledger.projects.grants import GRANT_KINDS, Grant, record_grant
from ledger.projects.movements import FUND
from ledger.projects.owners import owners_by_unit
from ledger.projects.paying import fund_use_work
from ledger.projects.receipts import ProjectReceipt, receipt_work
from ledger.projects.value import SOURCES
from ledger.work import prepare

_SHEET = re.compile(r"(\S+?)[\s,，=:：]+(\S+)")
_OFFERED = 400
GIVERS = {source: name for source, name in SOURCES.items() if source != "owners"}


@get("/c/{slug:str}/office/projects/{code:str}/grants", sync_to_thread=True, action="project.prepare")
def grants_form(request: Req, slug: FromPath[str], code: FromPath[str]) -> Answer:
    """A restricted grant; ``grant`` takes one up again."""
    with reading_office(request, slug) as office:
        file = project_file(office.conn, office.trust_id, code)
        known = file.grants.get(request.query_params.get("grant", ""))
        values: dict[str, Any] = {}
        if known is not None:
            names = ("title", "kind", "source", "giver", "purpose", "paper", "document")
            values = {name: getattr(known, name) for name in names}
            values |= {
                "grant": known.code,
                "amount": plain_yuan(known.amount),
                "approved_on": known.approved_on.isoformat(),
            }
        return _grants_page(office, file, values, ())


def _grants_page(
    office: Office, file: ProjectFile, values: dict[str, Any], problems: Sequence[Problem], status: int = 200
) -> Answer:
    return office.page(
        "office/projects_grant.html",
        status=status,
        file=file,
        values=values,
        problems=problems,
        kinds=list(GRANT_KINDS.items()),
        sources=list(GIVERS.items()),
        picker=document_picker(office, ("approval",), rows=1),
    )


@post(
    "/c/{slug:str}/office/projects/{code:str}/grants",
    sync_to_thread=True,
    action="project.prepare",
    request_max_body_size=UPLOAD_LIMIT,
)
def keep_grant(request: Req, slug: FromPath[str], code: FromPath[str], data: FormFiles) -> Answer:
    """Keep a restricted grant."""
    try:
        with acting(request, slug, subject=f"{code} {data.get('grant', '')}"[:60]) as office:
            form = Form(data)
            papers = documents_from_form(office, form)
            day = form.day("approved_on", "批准日期")
            grant = Grant(
                code=form.text("grant", "资金编号", longest=40),
                title=form.text("title", "名称", longest=80),
                kind=form.choice("kind", "种类", GRANT_KINDS),
                source=form.choice("source", "来源", GIVERS),
                giver=form.text("giver", "出资方", longest=80),
                purpose=form.text("purpose", "限定用途", longest=300),
                project=code,
                amount=form.money("amount", "批准金额"),
                paper=form.text("paper", "批文号", longest=80),
                approved_on=day or office.act.today,
                document=paper_of(papers) or form.text("document", "批文", required=False),
            )
            form.finish()
            record_grant(office.conn, office.trust_id, grant, office.actor, office.act)
            return office.done(f"/c/{slug}/office/projects/{code}", f"已登记限定用途资金 {grant.code}")
    except Refused as error:
        with reading_office(request, slug) as office:
            file = project_file(office.conn, office.trust_id, code)
            return _grants_page(office, file, dict(data), error.problems, status=422)


@get("/c/{slug:str}/office/projects/{code:str}/receipt", sync_to_thread=True, action="project.prepare")
def receipt_form(request: Req, slug: FromPath[str], code: FromPath[str]) -> Answer:
    """Money that came in for the project."""
    with reading_office(request, slug) as office:
        file = project_file(office.conn, office.trust_id, code)
        values = {"source": request.query_params.get("source", ""), "on": office.act.today.isoformat()}
        return _receipt_page(office, file, values, ())


def _receipt_page(
    office: Office, file: ProjectFile, values: dict[str, Any], problems: Sequence[Problem], status: int = 200
) -> Answer:
    return office.page(
        "office/projects_receipt.html",
        status=status,
        file=file,
        values=values,
        problems=problems,
        sources=[(source, SOURCES[source]) for source in file.agreed],
        grants=[
            (code, f"{grant.title}（还可到账 {plain_yuan(grant.amount - file.tally.received_on[code])} 元）")
            for code, grant in file.grants.items()
        ],
        open_homes=_open_homes(office, file),
        cash=cash_choices(office, FUND),
        picker=document_picker(office, (), rows=1),
    )


def _open_homes(office: Office, file: ProjectFile) -> list[tuple[str, int]]:
    """Homes that have not paid all they bear, with what is missing."""
    parts, paid = owners_by_unit(office.conn, office.trust_id, file)
    left = [(part.unit, part.amount - paid.get(part.unit, 0)) for part in parts]
    return [(unit, fen) for unit, fen in left if fen > 0][:_OFFERED]


@post(
    "/c/{slug:str}/office/projects/{code:str}/receipt",
    sync_to_thread=True,
    action="project.prepare",
    request_max_body_size=UPLOAD_LIMIT,
)
def prepare_receipt(request: Req, slug: FromPath[str], code: FromPath[str], data: FormFiles) -> Answer:
    """Hand the receipt in for review."""
    try:
        with acting(request, slug, subject=code) as office:
            form = Form(data)
            source = form.choice("source", "来源", SOURCES)
            homes = read_homes(form) if source == "owners" else None
            receipt = ProjectReceipt(
                project=code,
                source=source,
                grant="" if source == "owners" else form.text("grant", "限定用途资金", required=False),
                giver=form.text("giver", "出资方", required=False, longest=80),
                giver_public=form.flag("giver_public"),
                homes=homes,
                documents=documents_from_form(office, form),
                cash=read_cash(form, office, FUND),
            )
            form.finish()
            work = receipt_work(office.conn, office.trust_id, receipt)
            prepared = prepare(office.conn, office.trust_id, work, office.actor, office.act)
            return office.done(
                f"/c/{slug}/office/work-items/{prepared.no}", f"已制成第 {prepared.no} 号单据，等待审核"
            )
    except Refused as error:
        with reading_office(request, slug) as office:
            file = project_file(office.conn, office.trust_id, code)
            return _receipt_page(office, file, dict(data), error.problems, status=422)


def read_homes(form: Form) -> dict[str, int]:
    """One home and its sum a line."""
    found: dict[str, int] = {}
    for no, text in enumerate(str(form.values.get("homes", "")).splitlines(), start=1):
        if not text.strip():
            continue
        where = f"交款房屋第 {no} 行"
        match = _SHEET.fullmatch(text.strip())
        try:
            fen = parse_yuan(match[2]) if match else 0
        except ValueError:
            fen = 0
        if match is None or fen <= 0:
            form.problem(
                "bad_row", f"读不懂“{text.strip()[:40]}”，请写成 房号 金额，如 03-2-1201 5000.00", where
            )
        elif match[1] in found:
            form.problem("listed_twice", f"房号 {match[1]} 写了两次，请合并", where)
        else:
            found[match[1]] = fen
    return found


@get("/c/{slug:str}/office/projects/{code:str}/fund", sync_to_thread=True, action="project.prepare")
def fund_form(request: Req, slug: FromPath[str], code: FromPath[str]) -> Answer:
    """A payment of the owners' part from the maintenance fund."""
    with reading_office(request, slug) as office:
        file = project_file(office.conn, office.trust_id, code)
        return _fund_page(office, file, {"on": office.act.today.isoformat()}, ())


def _fund_page(
    office: Office, file: ProjectFile, values: dict[str, Any], problems: Sequence[Problem], status: int = 200
) -> Answer:
    return office.page(
        "office/projects_fund.html",
        status=status,
        file=file,
        values=values,
        problems=problems,
        plans=[(name, name) for name in file.plan.maintenance_plans],
        milestones=milestone_choices(file),
        accounts=fund_accounts(office.setup, "M"),
        picker=document_picker(office, ("plan", "filing", "invoice"), rows=4),
    )


def milestone_choices(file: ProjectFile) -> list[tuple[str, str]]:
    """Milestones that were accepted, with what they still allow."""
    sums = file.tally
    return [
        (
            item.code,
            f"{item.code} {item.title}（还可列支 {plain_yuan(file.milestones[item.code] - sums.cost[item.code])} 元）",
        )
        for item in file.plan.milestones
        if item.code in file.accepted
    ]


@post(
    "/c/{slug:str}/office/projects/{code:str}/fund",
    sync_to_thread=True,
    action="project.prepare",
    request_max_body_size=UPLOAD_LIMIT,
)
def prepare_fund(request: Req, slug: FromPath[str], code: FromPath[str], data: FormFiles) -> Answer:
    """Hand the payment from the maintenance fund in for review."""
    try:
        with acting(request, slug, subject=code) as office:
            form = Form(data)
            name = form.text("plan", "使用方案")
            milestone = form.text("milestone", "付款节点")
            day = form.day("on", "付款日期")
            fen, payee = form.money("amount", "付款金额"), form.text("payee", "收款单位")
            bill = form.text("bill", "发票或结算单号", longest=60)
            account, papers = form.text("bank_account", "付款账户"), documents_from_form(office, form)
            form.finish()
            plan = read_plan(office.conn, office.trust_id, name)
            use = Use(plan, fen, day or office.act.today, payee, bill, account, form.flag("invoice"))
            work = fund_use_work(office.conn, office.setup, code, milestone, use, papers, office.act)
            prepared = prepare(office.conn, office.trust_id, work, office.actor, office.act)
            return office.done(
                f"/c/{slug}/office/work-items/{prepared.no}", f"已制成第 {prepared.no} 号单据，等待审核"
            )
    except Refused as error:
        with reading_office(request, slug) as office:
            file = project_file(office.conn, office.trust_id, code)
            return _fund_page(office, file, dict(data), error.problems, status=422)


HANDLERS = [grants_form, keep_grant, receipt_form, prepare_receipt, fund_form, prepare_fund]
