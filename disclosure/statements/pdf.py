"""Statements on paper: the statement itself on A4 or in large type on A3, and its annex with every entry."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import segno
from sqlalchemy import Engine

from disclosure.paper import Imprint, Paper, Part, Sheet, print_pdf
from disclosure.public.rendering import Pages
from disclosure.statements.annex import month_lists
from disclosure.statements.pictures import pictures
from disclosure.statements.publish import PublishedStatement
from disclosure.statements.view import StatementView, statement_view
from ledger.log.kept import kept_code
from ledger.periods.spans import span_of
from ledger.store.engine import reading

STYLES: dict[Paper, tuple[str, ...]] = {"A4": ("print.css",), "A3": ("print.css", "print-a3.css")}


def statement_file(
    pages: Pages, cache_dir: Path, published: PublishedStatement, address: str, paper: Paper = "A4"
) -> Path:
    """The statement on paper; ``address`` is the page its QR code leads to."""
    view = statement_view(published, address)
    values = {"kind": span_of(published.period).kind, "pictures": pictures(published.value)}
    sheet = _sheet(pages, "statement_print.html", view, paper, view.title, **values)
    key = repr((pages.build, sheet)).encode()
    return print_pdf(cache_dir, _imprint(pages, view), lambda: [sheet], paper=paper, key=key)


def annex_file(
    pages: Pages,
    cache_dir: Path,
    engine: Engine,
    trust_id: int,
    published: PublishedStatement,
    address: str,
    paper: Paper = "A4",
) -> Path:
    """Every entry of the statement's span as known at its cut-off, after a page that sums them up.

    Raises :class:`~ledger.errors.Refused` if that is too long for paper.
    """
    view = statement_view(published, address)

    def parts() -> Iterator[Part]:
        with reading(engine) as conn:
            lists = list(month_lists(conn, trust_id, span_of(published.period), published.size))
        yield _sheet(pages, "statement_annex.html", view, paper, "附件：全部记账", lists=lists)
        for item in lists:
            yield item.listing

    known = repr(("annex", pages.build, published.version, published.published_at.isoformat(), address))
    key = known.encode() + published.body
    return print_pdf(cache_dir, _imprint(pages, view, "　附件：全部记账"), parts, paper=paper, key=key)


def _sheet(
    pages: Pages,
    template: str,
    view: StatementView,
    paper: Paper,
    bookmark: str,
    **values: Any,
) -> Sheet:
    html = pages.text(
        template,
        view=view,
        paper=paper,
        page_code=qr(view.address),
        checkpoint_code=qr(
            f"{view.address.partition('/statements/')[0]}/verify#kept={kept_code(view.checkpoint)}"
        ),
        **values,
    )
    return Sheet(html, STYLES[paper], bookmark)


def qr(text: str) -> str:
    """A QR code as an address an ``img`` can show."""
    code: str = segno.make(text, error="m", micro=False).svg_data_uri(border=2)
    return code


def _imprint(pages: Pages, view: StatementView, more: str = "") -> Imprint:
    title = f"{view.community}　{view.title}　第 {view.version} 版{more}"
    mark = (
        "演示数据，均为虚构　" if pages.environment.globals["demo"] else ""
    )  # on every sheet that may be passed on
    return Imprint(title, view.trustee, f"{mark}{title}")


def write_whole(path: Path, body: bytes) -> None:
    """The file appears with all its bytes, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(body)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
