"""Vendors and contracts for everybody: whom the community deals with, on what terms, and what was paid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from litestar import route
from litestar.params import FromPath
from sqlalchemy import Connection, case, func, select

from disclosure.public.answers import HTML, Answer, Req, answer
from disclosure.public.contract_read import ContractRow, contract_row, contract_rows, decisions_of
from disclosure.public.pages import READ
from disclosure.public.paid import cash_by_year, total
from disclosure.public.papers import copies_of
from disclosure.public.services import reading_site
from disclosure.public.trusts import Site
from disclosure.public.words import day_text
from ledger.events import DOCUMENT_KINDS
from ledger.journal.person_names import looks_like_person, shown_name
from ledger.payments.contract_papers import contract_papers
from ledger.payments.payables import OWED, RETENTION, Payable, open_payables
from ledger.payments.vendors import Vendor, list_vendors, read_vendor
from ledger.resolutions.decided import decisions
from ledger.revenue.due import due_list
from ledger.store.tables import contract, posting
from ledger.totals import Flow

_PAGE = 50
_LONGEST = 40


@dataclass(frozen=True, slots=True)
class VendorRow:
    """A vendor with what it was paid, fen: in all, and this year. ``given_back``: what came back from it."""

    code: str
    name: str
    related: bool
    contracts: int
    paid: int
    this_year: int
    given_back: int


@dataclass(frozen=True, slots=True)
class Owed:
    """What a vendor is still owed, fen; ``overdue`` is the part past its day, since ``since``."""

    open: int = 0
    overdue: int = 0
    since: date | None = None


@route("/c/{slug:str}/vendors", http_method=READ, sync_to_thread=True)
def vendors(request: Req, slug: FromPath[str]) -> Answer:
    """Vendors by code, with a search."""
    with reading_site(request, slug) as (services, conn, site):
        today = services.today()
        asked = {name: _clean(request.query_params.get(name, "")) for name in ("find", "after")}

        def make() -> bytes:
            found = _found(conn, site.trust_id, asked["find"], asked["after"])
            shown = found[:_PAGE]
            following = {**asked, "after": shown[-1].code} if len(found) > _PAGE else {}
            return services.pages.html(
                "vendors.html",
                site=site,
                rows=_vendor_rows(conn, site, shown, today),
                asked=asked,
                year=today.year,
                more=urlencode({name: value for name, value in following.items() if value}),
            )

        return answer(request, make, media_type=HTML, version=(services.pages.build, site.state, today.year))


@route("/c/{slug:str}/vendors/{code:str}", http_method=READ, sync_to_thread=True)
def vendor(request: Req, slug: FromPath[str], code: FromPath[str]) -> Answer:
    """One vendor: its contracts, what it was paid by year, what it is owed."""
    with reading_site(request, slug) as (services, conn, site):
        today = services.today()
        found = read_vendor(conn, site.trust_id, code)
        years = cash_by_year(conn, site.trust_id, "vendor", [code]).get(code, {})
        after = _clean(request.query_params.get("after", ""))
        contracts = contract_rows(conn, site.trust_id, vendor=code, after=after, limit=_PAGE + 1)
        debts = _vendor_owed(conn, site, code, today)
        row = _vendor_row(found, years, len(contracts), today)
        return answer(
            request,
            lambda: services.pages.html(
                "vendor.html",
                site=site,
                row=row,
                years=sorted(years.items(), reverse=True),
                total=total(years),
                contracts=contracts[:_PAGE],
                more=contracts[_PAGE - 1].number if len(contracts) > _PAGE else "",
                owed=debts,
                today=today,
                day=day_text,
            ),
            media_type=HTML,
            version=(services.pages.build, site.state, today, repr((row, contracts, debts))),
        )


@route("/c/{slug:str}/contracts", http_method=READ, sync_to_thread=True)
def contracts(request: Req, slug: FromPath[str]) -> Answer:
    """Contracts by number."""
    with reading_site(request, slug) as (services, conn, site):
        today = services.today()
        after = _clean(request.query_params.get("after", ""))
        rows = contract_rows(conn, site.trust_id, after=after, limit=_PAGE + 1)
        return answer(
            request,
            lambda: services.pages.html(
                "contracts.html",
                site=site,
                rows=rows[:_PAGE],
                more=rows[_PAGE - 1].number if len(rows) > _PAGE else "",
                first=not after,
                today=today,
                day=day_text,
            ),
            media_type=HTML,
            version=(services.pages.build, site.state, today, repr(rows)),
        )


@route("/c/{slug:str}/contracts/{number:str}", http_method=READ, sync_to_thread=True)
def one_contract(request: Req, slug: FromPath[str], number: FromPath[str]) -> Answer:
    """One contract: parties, sum, papers, decisions, what was paid and what is overdue."""
    with reading_site(request, slug) as (services, conn, site):
        today = services.today()
        row = contract_row(conn, site.trust_id, number)
        numbers = decisions_of(conn, site.trust_id, number)
        papers = _papers(conn, site, number)
        late = _contract_owed(conn, site, row, today)
        known = decisions(conn, site.trust_id, numbers)
        years = cash_by_year(conn, site.trust_id, "contract", [number]).get(number, {})
        return answer(
            request,
            lambda: services.pages.html(
                "contract.html",
                site=site,
                row=row,
                owed=late,
                papers=papers,
                decided=[(ref, known.get(ref)) for ref in numbers],
                years=sorted(years.items(), reverse=True),
                today=today,
                day=day_text,
            ),
            media_type=HTML,
            version=(services.pages.build, site.state, today, repr((row, papers, late, numbers))),
        )


def _clean(text: str) -> str:
    return "".join(char for char in text if char.isprintable()).strip()[:_LONGEST]


def _found(conn: Connection, trust_id: int, find: str, after: str) -> list[Vendor]:
    """A page of vendors and one more. A name that is not shown can't be looked for either, only its code."""
    found: list[Vendor] = []
    while len(found) <= _PAGE:
        some = list_vendors(conn, trust_id, find=find, after=after, limit=_PAGE + 1)
        found += [item for item in some if find in item.code or not looks_like_person(item.name)]
        if len(some) <= _PAGE:
            break
        after = some[-1].code
    return found[: _PAGE + 1]


def _vendor_rows(conn: Connection, site: Site, shown: Sequence[Vendor], today: date) -> list[VendorRow]:
    codes = [item.code for item in shown]
    paid = cash_by_year(conn, site.trust_id, "vendor", codes)
    counted = (
        select(contract.c.party, func.count())
        .where(contract.c.trust_id == site.trust_id, contract.c.party.in_(codes))
        .group_by(contract.c.party)
    )
    counts: dict[str, int] = {code: int(count) for code, count in conn.execute(counted)}
    return [_vendor_row(item, paid.get(item.code, {}), counts.get(item.code, 0), today) for item in shown]


def _vendor_row(item: Vendor, years: Mapping[int, Flow], contracts: int, today: date) -> VendorRow:
    moved = total(years)
    return VendorRow(
        code=item.code,
        name=shown_name(item.name),
        related=item.related,
        contracts=contracts,
        paid=moved.paid,
        this_year=years.get(today.year, Flow()).paid,
        given_back=moved.received,
    )


def _vendor_owed(conn: Connection, site: Site, code: str, today: date, number: str = "") -> Owed:
    """What a vendor is owed, on one contract if named. Most owe nothing most of the time, which one sum tells."""
    signed = case((posting.c.side == "C", posting.c.amount), else_=-posting.c.amount)
    sums = (
        select(func.sum(signed))
        .where(
            posting.c.trust_id == site.trust_id,
            posting.c.vendor == code,
            posting.c.account.in_((OWED, RETENTION)),
        )
        .group_by(posting.c.fund, posting.c.account, posting.c.contract)
    )
    if not any(conn.execute(sums).scalars()):
        return Owed()
    debts = open_payables(conn, site.trust_id, vendor=code)
    return owed([debt for debt in debts if not number or debt.contract == number], today)


def owed(debts: Sequence[Payable], today: date) -> Owed:
    """What is open of these debts, and what of it is past its day; work on its way counts as open."""
    late = [debt for debt in debts if debt.due_on is not None and debt.due_on < today]
    return Owed(
        open=sum(debt.amount - debt.paid for debt in debts),
        overdue=sum(debt.amount - debt.paid for debt in late),
        since=min((debt.due_on for debt in late if debt.due_on is not None), default=None),
    )


def _contract_owed(conn: Connection, site: Site, row: ContractRow, today: date) -> Owed:
    """Of a purchase what we owe, of shared revenue what the other side owes by its schedule."""
    if not row.revenue:
        if not row.vendor:
            return Owed()
        return _vendor_owed(conn, site, row.vendor, today, row.number)
    lines = due_list(conn, site.trust_id, today, contract=row.number)
    late = [line for line in lines if line.overdue_days(today)]
    return Owed(
        open=sum(line.open for line in lines if line.row.due_on <= today and line.open > 0),
        overdue=sum(line.open for line in late if line.open > 0),
        since=min((line.row.due_on for line in late), default=None),
    )


def _papers(conn: Connection, site: Site, number: str) -> list[tuple[str, str]]:
    """The contract's papers by name, with the SHA-256 of the copy everybody may see."""
    found = contract_papers(conn, site.trust_id, number)
    documents = [item.document for item in found]
    copies = copies_of(conn, site.trust_id, [(item.original, item.public) for item in documents])
    return [(DOCUMENT_KINDS.get(item.kind, "附件"), copies.get(item.original, "")) for item in documents]


HANDLERS = [vendors, vendor, contracts, one_contract]
