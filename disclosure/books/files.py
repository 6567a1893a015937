"""A book written to a file in one of the formats."""

from __future__ import annotations

from typing import IO

from disclosure.books.build import Request, build_report
from disclosure.books.csv_file import csv_chunks
from disclosure.books.kinds import FormatName
from disclosure.books.paper import report_pdf
from disclosure.books.vouchers import each_voucher, vouchers_pdf
from disclosure.books.xlsx import write_xlsx
from disclosure.public.rendering import Pages
from ledger.books import VoucherRange

FORMATS: dict[FormatName, str] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8",
}
"""Content types by format."""


def write_file(request: Request, kind: str, file_format: FormatName, pages: Pages, out: IO[bytes]) -> None:
    """Write the book. Raises :class:`~ledger.errors.Refused` or Unanswerable; then ``out`` is worthless."""
    if file_format == "pdf" and kind == "vouchers":
        asked, view = request.asked, request.view
        vouchers = each_voucher(request.conn, view, VoucherRange(asked.first_no, asked.last_no))
        out.write(vouchers_pdf(pages, request.community, request.trustee, view.span.title, vouchers))
    elif file_format == "pdf":
        out.write(report_pdf(pages, build_report(kind, request)))
    elif file_format == "xlsx":
        write_xlsx(build_report(kind, request), out)
    else:
        for piece in csv_chunks(build_report(kind, request)):
            out.write(piece)
