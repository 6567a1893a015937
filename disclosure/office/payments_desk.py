"""The cashier's desk: what waits to be paid, the batch list for the bank, the payment slip on paper."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec
import xlsxwriter
from litestar import Response, get
from litestar.params import FromPath
from sqlalchemy import select

from disclosure.office.acting import PRIVATE, Office, acting, reading_office
from disclosure.office.draft_view import draft_view, local_time
from disclosure.office.maintenance_pdf import office_pdf
from disclosure.office.work import STEP_NAMES
from disclosure.public.answers import PDF, Answer, Req, download_name
from ledger.documents.read import uploads_by_digest
from ledger.journal import Draft
from ledger.money import format_yuan
from ledger.payments.vendors import Vendor, list_vendors, payee_changes
from ledger.store.tables import work as work_table
from ledger.store.tables import work_status, work_step
from ledger.work import PAY, REVIEW, Work, read_work
from ledger.work.needs import unpaid_drafts

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MOST = 500
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_TITLES = ("序号", "单据号", "付款账户", "收款户名", "收款账号", "收款开户行", "金额（元）", "用途", "提醒")
_WIDTHS = (6, 8, 22, 32, 26, 28, 14, 40, 36)
PAYEE_CHANGED = "收款资料在审核之后改过，请先核实"
_decode = msgspec.json.Decoder(Work).decode


@dataclass(frozen=True, slots=True)
class Transfer:
    """One payment that waits: from which account, to whom, how much in fen. ``changed``: the payee's bank
    account is not the one on record when the reviewer agreed."""

    no: int
    bank_account: str
    payee: str
    bank: str
    bank_number: str
    amount: int
    purpose: str
    changed: bool = False


def waiting_transfers(office: Office) -> list[Transfer]:
    """All payments that wait for the cashier, by account and number."""
    rows = office.conn.execute(
        select(work_table.c.no, work_table.c.payload, work_step.c.acted_at)
        .join(
            work_status,
            (work_status.c.trust_id == work_table.c.trust_id) & (work_status.c.no == work_table.c.no),
        )
        .join(
            work_step,
            (work_step.c.trust_id == work_table.c.trust_id)
            & (work_step.c.no == work_table.c.no)
            & (work_step.c.step == REVIEW),
        )
        .where(work_table.c.trust_id == office.trust_id, work_status.c.waiting_for == PAY)
        .order_by(work_table.c.no)
        .limit(_MOST)
    )
    vendors = {vendor.code: vendor for vendor in list_vendors(office.conn, office.trust_id, limit=10_000)}
    changes = payee_changes(office.conn, office.trust_id)
    found = [
        item
        for row in rows
        for item in _transfers(
            office,
            row.no,
            _decode(row.payload),
            vendors,
            {code for code, at in changes.items() if at > row.acted_at},
        )
    ]
    return sorted(found, key=lambda item: (item.bank_account, item.no))


def _transfers(
    office: Office, no: int, work: Work, vendors: dict[str, Vendor], changed: set[str]
) -> Iterator[Transfer]:
    for place in sorted(unpaid_drafts(work)):
        draft = work.drafts[place]
        vendor = next((vendors[line.vendor] for line in draft.lines if line.vendor in vendors), None)
        for code, amount in _leaving(work, draft):
            account = office.setup.values["bank_account", code]
            yield Transfer(
                no=no,
                bank_account=f"{account.name}（{code}）",
                payee=vendor.name if vendor else draft.counterparty,
                bank=vendor.bank if vendor else "",
                bank_number=vendor.bank_number if vendor else "",
                amount=amount,
                purpose=draft.summary,
                changed=vendor is not None and vendor.code in changed,
            )


def _leaving(work: Work, draft: Draft) -> Iterator[tuple[str, int]]:
    """What is still to be paid, in fen, by bank account: of an amendment, only what it adds."""
    if work.amends:
        yield from work.adds.items()
        return
    for line in draft.lines:
        if line.side == "C" and line.bank_account:
            yield line.bank_account, line.amount


@get("/c/{slug:str}/office/payments/waiting", sync_to_thread=True, action="payment.read")
def waiting(request: Req, slug: FromPath[str]) -> Answer:
    """What the cashier has to pay today."""
    with reading_office(request, slug) as office:
        transfers = waiting_transfers(office)
        return office.page(
            "office/payments_waiting.html",
            transfers=transfers,
            total=sum(item.amount for item in transfers),
            incomplete=sum(not item.bank_number for item in transfers),
            changed=PAYEE_CHANGED,
            may_export=office.actor.may("payment.export"),
        )


@get("/c/{slug:str}/office/payments/waiting.xlsx", sync_to_thread=True, action="payment.export")
def batch_list(request: Req, slug: FromPath[str]) -> Answer:
    """The same as a list for the bank's batch payment."""
    with acting(request, slug) as office:  # who took payees' bank accounts out of here stays on the trail
        transfers = waiting_transfers(office)
        office.subject = f"{len(transfers)} 笔，{format_yuan(sum(item.amount for item in transfers))} 元"
        body = batch_xlsx(transfers)
        name = f"payments-{office.act.today.isoformat()}.xlsx"
        return Response(body, media_type=XLSX, headers={**PRIVATE, **download_name(name)})


def batch_xlsx(transfers: Sequence[Transfer]) -> bytes:
    """A workbook of texts and amounts; no text in it is ever a formula, there or after saving as CSV."""
    out = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet("批量付款")
        head = book.add_format({"bold": True, "border": 1})
        money, text = book.add_format({"num_format": "0.00"}), book.add_format({"num_format": "@"})
        for at, (title, width) in enumerate(zip(_TITLES, _WIDTHS, strict=True)):
            sheet.write_string(0, at, title, head)
            sheet.set_column(at, at, width)
        for row, item in enumerate(transfers, start=1):
            texts = (str(row), str(item.no), item.bank_account, item.payee, item.bank_number, item.bank)
            for at, value in enumerate(texts):
                sheet.write_string(row, at, neutral(value), text)
            sheet.write_number(row, 6, Decimal(item.amount) / 100, money)
            sheet.write_string(row, 7, neutral(item.purpose), text)
            sheet.write_string(row, 8, PAYEE_CHANGED if item.changed else "", text)
        sheet.freeze_panes(1, 0)
    return out.getvalue()


def neutral(text: str) -> str:
    """A text no spreadsheet takes for a formula, also after it went through a CSV file."""
    return f"'{text}" if text.startswith(_FORMULA) else text


@get("/c/{slug:str}/office/payments/slip/{no:int}", sync_to_thread=True, action="work.read")
def slip(request: Req, slug: FromPath[str], no: FromPath[int]) -> Answer:
    """The payment slip (付款审批单) of a piece of work: request, papers, who agreed when."""
    with reading_office(request, slug) as office:
        html = office.services.pages.text("office/payments_slip_print.html", **_slip_values(office, no))
        return Response(
            office_pdf(html), media_type=PDF, headers={**PRIVATE, **download_name(f"slip-{slug}-{no}.pdf")}
        )


def _slip_values(office: Office, no: int) -> dict[str, Any]:
    file = read_work(office.conn, office.trust_id, no)
    drafts = [draft_view(office.setup, draft) for draft in file.work.drafts[:20]]
    digests = [item.original for draft in file.work.drafts for item in draft.documents if item.original]
    uploads = uploads_by_digest(office.conn, office.trust_id, digests)
    steps = [("制单", file.item.signature, local_time(file.item.prepared_at), "")]
    for step in file.steps:
        note = step.note
        if step.step == PAY:
            note = f"付款日 {step.paid_on}" + (f"，回单号 {step.bank_number}" if step.bank_number else "")
        steps.append((STEP_NAMES[step.step], step.signature, local_time(step.acted_at), note))
    return {
        "site": office.site,
        "file": file,
        "drafts": drafts,
        "amount": format_yuan(file.item.amount),
        "steps": steps,
        "uploads": uploads,
        "waiting": {"review": "待审核", "co_sign": "待会签", "pay": "待付款"}.get(file.item.waiting_for, ""),
        "printed_by": office.actor.signature,
        "printed_at": local_time(office.act.now),
    }


HANDLERS = [waiting, batch_list, slip]
