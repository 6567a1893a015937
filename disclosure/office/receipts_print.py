"""Printed receipts: the list of payments, taking a number, the A5 sheet as PDF."""

from __future__ import annotations

import segno
from litestar import Response, get, post
from litestar.params import FromPath

from disclosure.office.acting import PRIVATE, acting, reading_office
from disclosure.office.forms import Form, FormData, place_number
from disclosure.public.answers import PDF, Answer, Req
from disclosure.public.rendering import STATIC
from ledger.chart import FUNDS
from ledger.receipts import Slip, capital_yuan, payments_taken, print_receipt, read_slip

_A_PAGE = 50


@get("/c/{slug:str}/office/receipts/list", sync_to_thread=True, action="receipt.read")
def payments(request: Req, slug: FromPath[str]) -> Answer:
    """Payments of households, newest first, with the receipts printed for them."""
    with reading_office(request, slug) as office:
        found = payments_taken(
            office.conn,
            office.trust_id,
            before=place_number(request.query_params.get("before", "")),
            limit=_A_PAGE + 1,
        )
        return office.page(
            "office/receipts_list.html",
            rows=found[:_A_PAGE],
            older=found[_A_PAGE - 1].seq if len(found) > _A_PAGE else None,
            may_print=office.actor.may("receipt.print"),
        )


@post("/c/{slug:str}/office/receipts/print", sync_to_thread=True, action="receipt.print")
def take_number(request: Req, slug: FromPath[str], data: FormData) -> Answer:
    """Give a payment its receipt, or note that it is printed again; then show the sheet."""
    with acting(request, slug, subject=str(data.get("ref", ""))[:30]) as office:
        form = Form(data)
        ref = form.text("ref", "凭证号", longest=30)
        form.finish()
        slip = print_receipt(office.conn, office.trust_id, ref, office.actor, office.act)
        again = f"（第 {slip.print_no} 次打印，标明补打）" if slip.print_no > 1 else ""
        return office.done(
            f"/c/{slug}/office/receipts/slips/{ref}/{slip.print_no}",
            f"收据 {slip.number_text} 已生成{again}",
        )


@get(
    "/c/{slug:str}/office/receipts/slips/{ref:str}/{print_no:int}",
    sync_to_thread=True,
    action="receipt.print",
)
def slip_page(request: Req, slug: FromPath[str], ref: FromPath[str], print_no: FromPath[int]) -> Answer:
    """A receipt with the way to its sheet."""
    with reading_office(request, slug) as office:
        slip = read_slip(office.conn, office.trust_id, ref, print_no)
        return office.page(
            "office/receipt_slip.html",
            slip=slip,
            fund=FUNDS[slip.fund].name,
            capital=capital_yuan(slip.amount),
        )


@get(
    "/c/{slug:str}/office/receipts/slips/{ref:str}/{print_no:int}/receipt.pdf",
    sync_to_thread=True,
    action="receipt.print",
)
def slip_pdf(request: Req, slug: FromPath[str], ref: FromPath[str], print_no: FromPath[int]) -> Answer:
    """The sheet itself: A5, with a QR code that leads to the entry's public page."""
    with reading_office(request, slug) as office:
        slip = read_slip(office.conn, office.trust_id, ref, print_no)
        address = office.services.address(f"/c/{slug}/entries/{ref}")
        html = office.services.pages.text(
            "office/receipt_print.html",
            slip=slip,
            site=office.site,
            fund=FUNDS[slip.fund].name,
            capital=capital_yuan(slip.amount),
            address=address,
            qr=segno.make(address, error="m", micro=False).svg_data_uri(border=0),
        )
    headers = {**PRIVATE, "content-disposition": f'inline; filename="receipt-{slip.number_text}.pdf"'}
    return Response(receipt_pdf(html, slip), media_type=PDF, headers=headers)


def receipt_pdf(html: str, slip: Slip) -> bytes:
    """The sheet on A5; it may load nothing from anywhere."""
    from weasyprint import CSS, HTML
    from weasyprint.urls import URLFetcher

    style = CSS(string=(STATIC / "receipt-print.css").read_text(encoding="utf-8"))
    document = HTML(string=html, base_url=None, url_fetcher=URLFetcher(allowed_protocols=["data"]))
    identifier = f"{slip.number_text}-{slip.print_no}".encode()
    body: bytes = document.write_pdf(stylesheets=[style], pdf_identifier=identifier, pdf_tags=True)
    return body


HANDLERS = [payments, take_number, slip_page, slip_pdf]
