"""A vendor's invoice into the books: filled in from an e-invoice, or typed beside the picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import get, post
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.budget_picker import budget_choices
from disclosure.office.document_picker import UPLOAD_LIMIT, document_picker, documents_from_form
from disclosure.office.forms import Form, FormFiles
from disclosure.office.payments import fund_choices
from disclosure.office.uploads import upload_of
from disclosure.public.answers import Answer, Req
from ledger.errors import Problem, Refused
from ledger.invoices import Reading, readings_of, record_reading
from ledger.journal import Document
from ledger.money import format_yuan, plain_yuan
from ledger.payments.contracts import list_contracts, read_contract
from ledger.payments.requests import VendorInvoice, invoice_work
from ledger.payments.vendors import read_vendor
from ledger.work import prepare

COST_ROWS = 3
_COSTS = ("5", "1601", "1801")
_MOST_CONTRACTS = 500


@get("/c/{slug:str}/office/payments/invoice", sync_to_thread=True, action="payment.prepare")
def invoice_form(request: Req, slug: FromPath[str]) -> Answer:
    """The form of an invoice, filled in as far as an e-invoice says it."""
    asked = request.query_params
    with reading_office(request, slug) as office:
        values: dict[str, Any] = {"on": office.act.today.isoformat(), "contract": asked.get("contract", "")}
        values["fund"] = "F1"
        document = asked.get("document", "")
        if document.isdecimal():
            values |= _from_upload(office, int(document))
        return _invoice_page(office, values, ())


def _from_upload(office: Office, no: int) -> dict[str, Any]:
    """What the form can take from a paper handed in."""
    paper = upload_of(office, no)
    values: dict[str, Any] = {
        "number": paper.number,
        "upload_no": no,
        "doc_kind_1": "invoice",
        "doc_sha_1": paper.original,
        "doc_number_1": paper.number,
    }
    reading = _read(office, paper.original)
    if reading is not None:
        values |= {
            "issued_on": reading.issued_on.isoformat() if reading.issued_on else "",
            "seller": reading.seller,
            "seller_tax_no": reading.seller_tax_no,
            "amount_1": plain_yuan(reading.total) if reading.total is not None else "",
        }
        contracts = list_contracts(office.conn, office.trust_id, limit=_MOST_CONTRACTS)
        same = [file.purchase.number for file in contracts if file.party_name == reading.seller]
        if len(same) == 1:
            values["contract"] = same[0]
    return values


def _read(office: Office, digest: str) -> Reading | None:
    """What the system read from a file, the last time."""
    read = [
        item.reading for item in readings_of(office.conn, office.trust_id, digest) if item.source == "read"
    ]
    return read[-1] if read else None


def _invoice_page(
    office: Office, values: dict[str, Any], problems: Sequence[Problem], status: int = 200
) -> Answer:
    contracts = list_contracts(office.conn, office.trust_id, limit=_MOST_CONTRACTS)
    upload_no = str(values.get("upload_no", ""))
    return office.page(
        "office/payments_invoice.html",
        status=status,
        values=values,
        problems=problems,
        contracts=[
            (c.purchase.number, f"{c.purchase.title}（{c.party_name}）")
            for c in contracts
            if ("vendor", c.purchase.vendor) in office.setup.values  # contracts of shared revenue bring money
        ],
        funds=fund_choices(),
        accounts=[
            (account.code, f"{account.code} {account.name}")
            for account in office.setup.chart.of_book("A")
            if account.leaf and account.closed_on is None and account.code.startswith(_COSTS)
        ],
        cost_rows=range(1, COST_ROWS + 1),
        budget_lines=budget_choices(office),
        picker=document_picker(office, ("invoice", "acceptance"), rows=3),
        paper=upload_of(office, int(upload_no)) if upload_no.isdecimal() else None,
    )


@post(
    "/c/{slug:str}/office/payments/invoice",
    sync_to_thread=True,
    action="payment.prepare",
    request_max_body_size=UPLOAD_LIMIT,
)
def prepare_invoice(request: Req, slug: FromPath[str], data: FormFiles) -> Answer:
    """Hand the invoice in for review; keep what was typed beside what was read."""
    try:
        with acting(request, slug, subject=str(data.get("number", ""))[:60]) as office:
            form = Form(data)
            invoice, typed = _invoice(office, form)
            form.finish()
            paper = next((item.original for item in invoice.documents if item.kind == "invoice"), "")
            _compare(office, invoice, typed, paper)
            work = invoice_work(office.conn, office.trust_id, invoice, office.act)
            prepared = prepare(office.conn, office.trust_id, work, office.actor, office.act)
            record_reading(
                office.conn, office.trust_id, paper, typed, "typed", office.actor, office.act, prepared.no
            )
            return office.done(
                f"/c/{slug}/office/work-items/{prepared.no}", f"已制成第 {prepared.no} 号单据，等待审核"
            )
    except Refused as error:
        with reading_office(request, slug) as office:
            return _invoice_page(office, data, error.problems, status=422)


def _invoice(office: Office, form: Form) -> tuple[VendorInvoice, Reading]:
    """The invoice as typed, twice: for the books and for the record."""
    number = "".join(form.text("number", "发票号", longest=60).split())
    costs = []
    for row in range(1, COST_ROWS + 1):
        account = form.text(f"account_{row}", f"费用科目 {row}", required=row == 1)
        amount = form.money(f"amount_{row}", f"金额 {row}", required=bool(account))
        if account and amount:
            costs.append((account, amount))
    documents = documents_from_form(office, form)
    with_number = tuple(_numbered(item, number) for item in documents)
    invoice = VendorInvoice(
        contract=form.text("contract", "合同"),
        number=number,
        fund=form.choice("fund", "资金", dict(fund_choices())),
        on=form.day("on", "入账日期") or office.act.today,
        costs=tuple(costs),
        summary=form.text("summary", "摘要", required=False),
        due_on=form.day("due_on", "应付日", required=False),
        retention=form.money("retention", "质保金", required=False, zero=True),
        retention_due=form.day("retention_due", "质保到期日", required=False),
        budget_line=form.text("budget_line", "预算行", required=False),
        documents=with_number,
    )
    typed = Reading(
        number=number,
        issued_on=form.day("issued_on", "开票日期", required=False),
        seller=form.text("seller", "销售方", required=False),
        seller_tax_no=form.text("seller_tax_no", "销售方税号", required=False, longest=40),
        total=invoice.total,
    )
    return invoice, typed


def _numbered(item: Document, number: str) -> Document:
    """The invoice's paper carries the invoice's number."""
    return msgspec.structs.replace(item, number=number) if item.kind == "invoice" else item


def _compare(office: Office, invoice: VendorInvoice, typed: Reading, paper: str) -> None:
    """An e-invoice's own words win over a slip of the pen. Raises :class:`Refused`."""
    reading = _read(office, paper) if paper else None
    if reading is None:
        return
    problems = []
    if not reading.number.endswith(typed.number):
        problems.append(Problem("number_differs", f"发票号与电子发票（{reading.number}）不同", "发票号"))
    if reading.total is not None and reading.total != invoice.total:
        problems.append(
            Problem(
                "total_differs",
                f"费用合计 {format_yuan(invoice.total)} 元，电子发票价税合计 {format_yuan(reading.total)} 元，两者须相同",
                "金额",
            )
        )
    vendor = read_vendor(
        office.conn,
        office.trust_id,
        read_contract(office.conn, office.trust_id, invoice.contract).purchase.vendor,
    )
    same = reading.seller == vendor.name or (vendor.tax_no and reading.seller_tax_no == vendor.tax_no)
    if reading.seller and not same:
        problems.append(
            Problem(
                "seller_differs",
                f"电子发票的销售方是“{reading.seller}”，合同对方是“{vendor.name}”；如确是同一家，请在供应商里登记税号",
                "合同",
            )
        )
    if problems:
        raise Refused(problems)


HANDLERS = [invoice_form, prepare_invoice]
