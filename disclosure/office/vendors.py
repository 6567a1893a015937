"""Pages of vendors and contracts: whom we buy from, on what terms, and their ties to the trustee."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.document_picker import UPLOAD_LIMIT, document_picker, documents_from_form
from disclosure.office.draft_view import local_time
from disclosure.office.forms import Form, FormData, FormFiles
from disclosure.public.answers import Answer, Req
from ledger.errors import Problem, Refused
from ledger.payments.contract_papers import add_papers, contract_papers
from ledger.payments.contracts import (
    Purchase,
    add_purchase,
    change_total,
    list_contracts,
    read_contract,
)
from ledger.payments.payables import open_payables
from ledger.payments.vendors import (
    Vendor,
    add_vendor,
    change_vendor,
    list_vendors,
    read_vendor,
    untie_vendor,
    vendor_history,
)
from ledger.trust.setup import Setup

_A_PAGE = 50
_MOST_CHOICES = 1_000


def setup_choices(setup: Setup, dimension: str) -> list[tuple[str, str]]:
    """Open values of a dimension for a drop-down: code, and code with name."""
    return [
        (code, f"{value.name}（{code}）" if value.name != code else code)
        for (of, code), value in sorted(setup.values.items())
        if of == dimension and value.closed_on is None
    ][:_MOST_CHOICES]


@get("/c/{slug:str}/office/vendors", sync_to_thread=True, action="vendor.read")
def vendors(request: Req, slug: FromPath[str]) -> Answer:
    """Vendors by code, with a search."""
    asked = {name: request.query_params.get(name, "").strip() for name in ("find", "after")}
    with reading_office(request, slug) as office:
        items = list_vendors(
            office.conn, office.trust_id, find=asked["find"], after=asked["after"], limit=_A_PAGE + 1
        )
        more = len(items) > _A_PAGE
        return office.page(
            "office/vendors.html",
            items=items[:_A_PAGE],
            asked=asked,
            following=urlencode(asked | {"after": items[_A_PAGE - 1].code}) if more else "",
            may_keep=office.actor.may("vendor.prepare"),
        )


@get("/c/{slug:str}/office/vendors/new", sync_to_thread=True, action="vendor.prepare")
def new_vendor(request: Req, slug: FromPath[str]) -> Answer:
    """The form of a vendor."""
    with reading_office(request, slug) as office:
        return _vendor_form(office, {}, ())


def _vendor_form(
    office: Office, values: dict[str, Any], problems: tuple[Problem, ...], status: int = 200, code: str = ""
) -> Answer:
    return office.page("office/vendors_form.html", status=status, values=values, problems=problems, code=code)


@post("/c/{slug:str}/office/vendors/new", sync_to_thread=True, action="vendor.prepare")
def keep_vendor(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Register a vendor."""
    try:
        with acting(request, slug, subject="供应商") as office:
            form = Form(data)
            vendor = _vendor(form, form.text("code", "编号", required=False, longest=20))
            form.finish()
            code = add_vendor(office.conn, office.trust_id, vendor, office.actor, office.act)
            return office.done(f"/c/{slug}/office/vendors/{code}", f"已登记供应商 {vendor.name}，编号 {code}")
    except Refused as error:
        with reading_office(request, slug) as office:
            return _vendor_form(office, data, error.problems, status=422)


def _vendor(form: Form, code: str) -> Vendor:
    return Vendor(
        name=form.text("name", "供应商名称", required=False, longest=100),
        code=code,
        tax_no=form.text("tax_no", "税号", required=False, longest=40),
        bank=form.text("bank", "开户行", required=False, longest=100),
        bank_number=form.text("bank_number", "收款账号", required=False, longest=60),
        contact=form.text("contact", "联系人", required=False, longest=100),
        related=form.flag("related"),
        relation=form.text("relation", "关联关系", required=False, longest=100),
    )


@get("/c/{slug:str}/office/vendors/{code:str}", sync_to_thread=True, action="vendor.read")
def vendor_page(request: Req, slug: FromPath[str], code: FromPath[str]) -> Answer:
    """A vendor with its contracts and what it is owed."""
    with reading_office(request, slug) as office:
        return office.page(
            "office/vendors_show.html",
            vendor=read_vendor(office.conn, office.trust_id, code),
            history=vendor_history(office.conn, office.trust_id, code),
            contracts=list_contracts(office.conn, office.trust_id, vendor=code, limit=_A_PAGE),
            debts=open_payables(office.conn, office.trust_id, vendor=code),
            when=local_time,
            may_keep=office.actor.may("vendor.prepare"),
            may_untie=office.actor.may("vendor.untie"),
            may_pay=office.actor.may("payment.prepare"),
        )


@get("/c/{slug:str}/office/vendors/{code:str}/change", sync_to_thread=True, action="vendor.prepare")
def change_vendor_form(request: Req, slug: FromPath[str], code: FromPath[str]) -> Answer:
    """The form of a vendor with what is on record."""
    with reading_office(request, slug) as office:
        vendor = read_vendor(office.conn, office.trust_id, code)
        values = {name: getattr(vendor, name) for name in Vendor.__dataclass_fields__}
        return _vendor_form(office, values, (), code=code)


@post("/c/{slug:str}/office/vendors/{code:str}/change", sync_to_thread=True, action="vendor.prepare")
def keep_change(request: Req, slug: FromPath[str], code: FromPath[str], data: FormData) -> Answer:
    """Record what has changed."""
    try:
        with acting(request, slug, subject=f"vendor {code}") as office:
            form = Form(data)
            vendor = _vendor(form, code)
            form.finish()
            change_vendor(office.conn, office.trust_id, vendor, office.actor, office.act)
            return office.done(f"/c/{slug}/office/vendors/{code}", "已记下改动，旧的内容仍可查")
    except Refused as error:
        with reading_office(request, slug) as office:
            name = read_vendor(office.conn, office.trust_id, code).name
            return _vendor_form(office, data | {"name": name}, error.problems, status=422, code=code)


@post("/c/{slug:str}/office/vendors/{code:str}/untie", sync_to_thread=True, action="vendor.untie")
def untie(request: Req, slug: FromPath[str], code: FromPath[str], data: FormData) -> Answer:
    """Take the mark of a related party off a vendor."""
    with acting(request, slug, subject=f"vendor {code}") as office:
        reason = Form(data).text("reason", "原因", required=False)
        untie_vendor(office.conn, office.trust_id, code, reason, office.actor, office.act)
        return office.done(f"/c/{slug}/office/vendors/{code}", "已解除关联标记，从今天起付款不再按关联方办理")


@get("/c/{slug:str}/office/contracts", sync_to_thread=True, action="vendor.read")
def contracts(request: Req, slug: FromPath[str]) -> Answer:
    """Contracts by number."""
    after = request.query_params.get("after", "")
    with reading_office(request, slug) as office:
        items = list_contracts(office.conn, office.trust_id, after=after, limit=_A_PAGE + 1)
        more = len(items) > _A_PAGE
        return office.page(
            "office/vendors_contracts.html",
            items=items[:_A_PAGE],
            parties={code: value.name for (of, code), value in office.setup.values.items() if of == "party"},
            following=urlencode({"after": items[_A_PAGE - 1].purchase.number}) if more else "",
            may_keep=office.actor.may("vendor.prepare"),
        )


@get("/c/{slug:str}/office/contracts/new", sync_to_thread=True, action="vendor.prepare")
def new_contract(request: Req, slug: FromPath[str]) -> Answer:
    """The form of a contract."""
    with reading_office(request, slug) as office:
        return _contract_form(office, {"vendor": request.query_params.get("vendor", "")}, ())


def _contract_form(
    office: Office, values: dict[str, Any], problems: tuple[Problem, ...], status: int = 200
) -> Answer:
    return office.page(
        "office/vendors_contract_form.html",
        status=status,
        values=values,
        problems=problems,
        vendors=setup_choices(office.setup, "vendor"),
        sites=setup_choices(office.setup, "site"),
        picker=document_picker(office, ("contract",), rows=2),
    )


@post(
    "/c/{slug:str}/office/contracts/new",
    sync_to_thread=True,
    action="vendor.prepare",
    request_max_body_size=UPLOAD_LIMIT,
)
def keep_contract(request: Req, slug: FromPath[str], data: FormFiles) -> Answer:
    """Register a contract with its papers."""
    try:
        with acting(request, slug, subject="合同") as office:
            form = Form(data)
            number = "".join(form.text("number", "合同号", longest=100).split())
            starts_on = form.day("starts_on", "开始日")
            purchase = Purchase(
                number=number,
                title=form.text("title", "合同名称", longest=100),
                vendor=form.text("vendor", "供应商"),
                starts_on=starts_on or office.act.today,
                ends_on=form.day("ends_on", "到期日", required=False),
                site=form.text("site", "点位", required=False),
                total=form.money("total", "合同总额", required=False) or None,
                note=form.text("note", "备注", required=False),
            )
            documents = documents_from_form(office, form)
            form.finish()
            add_purchase(office.conn, office.trust_id, purchase, documents, office.actor, office.act)
            return office.done(f"/c/{slug}/office/contracts/{number}", f"已登记合同 {number}")
    except Refused as error:
        with reading_office(request, slug) as office:
            return _contract_form(office, data, error.problems, status=422)


@get("/c/{slug:str}/office/contracts/{number:str}", sync_to_thread=True, action="vendor.read")
def contract_page(request: Req, slug: FromPath[str], number: FromPath[str]) -> Answer:
    """A contract: sums, papers, what is open."""
    with reading_office(request, slug) as office:
        file = read_contract(office.conn, office.trust_id, number)
        debts = open_payables(office.conn, office.trust_id, vendor=file.purchase.vendor)
        return office.page(
            "office/vendors_contract.html",
            file=file,
            papers=contract_papers(office.conn, office.trust_id, number),
            debts=[debt for debt in debts if debt.contract == number],
            picker=document_picker(office, ("acceptance",), rows=1),
            when=local_time,
            may_keep=office.actor.may("vendor.prepare"),
            may_pay=office.actor.may("payment.prepare"),
        )


@post(
    "/c/{slug:str}/office/contracts/{number:str}/papers",
    sync_to_thread=True,
    action="vendor.prepare",
    request_max_body_size=UPLOAD_LIMIT,
)
def keep_papers(request: Req, slug: FromPath[str], number: FromPath[str], data: FormFiles) -> Answer:
    """Add papers to a contract."""
    with acting(request, slug, subject=f"contract {number}") as office:
        read_contract(office.conn, office.trust_id, number)
        form = Form(data)
        documents = documents_from_form(office, form)
        if not documents and not form.problems:
            form.problem("missing", "请选择或上传附件", "附件")
        form.finish()
        add_papers(office.conn, office.trust_id, number, documents, office.actor, office.act)
        return office.done(f"/c/{slug}/office/contracts/{number}", "附件已加到合同")


@post("/c/{slug:str}/office/contracts/{number:str}/total", sync_to_thread=True, action="vendor.prepare")
def keep_total(request: Req, slug: FromPath[str], number: FromPath[str], data: FormData) -> Answer:
    """Record a supplement's sum."""
    with acting(request, slug, subject=f"contract {number}") as office:
        form = Form(data)
        total = form.money("total", "新的合同总额")
        note = form.text("note", "依据", required=False, longest=100)
        form.finish()
        change_total(office.conn, office.trust_id, number, total, note, office.actor, office.act)
        return office.done(f"/c/{slug}/office/contracts/{number}", "合同总额已更新，旧的总额仍可查")


HANDLERS = [
    vendors,
    new_vendor,
    keep_vendor,
    vendor_page,
    change_vendor_form,
    keep_change,
    untie,
    contracts,
    new_contract,
    keep_contract,
    contract_page,
    keep_papers,
    keep_total,
]
