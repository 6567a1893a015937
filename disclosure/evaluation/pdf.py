"""A round on paper for the notice board: A4, large letters, both halves side by side, with a QR code to its page."""

from __future__ import annotations

from pathlib import Path

from disclosure.charts import printed
from disclosure.evaluation.view import RoundView
from disclosure.paper import Imprint, Sheet, print_pdf
from disclosure.public.rendering import Pages
from disclosure.public.trusts import Site
from disclosure.statements.pdf import qr

STYLES = ("print.css", "print-evaluation.css")


def round_file(pages: Pages, cache_dir: Path, site: Site, view: RoundView, address: str) -> Path:
    """The file; ``address`` is the page its QR code leads to."""
    sheet = round_sheet(pages, site, view, address)
    mark = "演示数据，均为虚构　" if pages.environment.globals["demo"] else ""
    imprint = Imprint(sheet.bookmark, f"{site.name}业主委员会", f"{mark}{sheet.bookmark}")
    return print_pdf(cache_dir, imprint, lambda: [sheet], paper="A4", key=repr((pages.build, sheet)).encode())


def round_sheet(pages: Pages, site: Site, view: RoundView, address: str) -> Sheet:
    """Its pages."""
    html = pages.text(
        "evaluation/round_print.html",
        site=site,
        view=view,
        address=address,
        page_code=qr(address),
        charts=[(half.chart, printed(half.chart)) for half in view.halves],
    )
    standing = f"第 {view.version} 版" if view.final else "公示，未定稿"
    return Sheet(html, STYLES, f"{site.name}　{view.title}双百分评价　{standing}")
