"""Units with what they owe, and the account of one unit (户账). Never outside the office."""

from __future__ import annotations

from urllib.parse import urlencode

from litestar import get
from litestar.params import FromPath

from disclosure.office.acting import reading_office
from disclosure.office.forms import place_number
from disclosure.public.answers import Answer, Req
from ledger.billing import open_items
from ledger.billing.open_items import prepaid_balances
from ledger.billing.run import use_title
from ledger.deposits import deposits
from ledger.errors import Unanswerable
from ledger.money import plain_yuan
from ledger.periods.calendar import period_name
from ledger.receipts import arrears, list_units, unit_account
from ledger.receipts.household import PREPAID, find_unit

_A_PAGE = 50
_ENTRIES = 30


@get("/c/{slug:str}/office/households", sync_to_thread=True, action="household.read")
def households(request: Req, slug: FromPath[str]) -> Answer:
    """Units that owe, or all; searched by their code."""
    asked = {name: request.query_params.get(name, "").strip() for name in ("q", "all", "after")}
    with reading_office(request, slug) as office:
        found = list_units(
            office.conn,
            office.trust_id,
            search=asked["q"],
            owing=not asked["all"],
            after=asked["after"],
            limit=_A_PAGE + 1,
        )
        more = ""
        if len(found) > _A_PAGE:
            more = urlencode(asked | {"after": found[_A_PAGE - 1].unit})
        return office.page(
            "office/households.html",
            rows=[(unit, period_name(unit.oldest) if unit.oldest else "") for unit in found[:_A_PAGE]],
            asked=asked,
            more=more,
            all=arrears(office.conn, office.trust_id),
        )


@get("/c/{slug:str}/office/households/{unit:str}", sync_to_thread=True, action="household.read")
def household(request: Req, slug: FromPath[str], unit: FromPath[str]) -> Answer:
    """Charges, payments, prepayments and deposits of one unit, with the balance after each."""
    with reading_office(request, slug) as office:
        known = find_unit(office.conn, office.trust_id, unit)
        if known is None:
            raise Unanswerable("unknown_unit", f"没有登记过房号“{unit}”")
        lines = unit_account(
            office.conn,
            office.trust_id,
            unit,
            before=place_number(request.query_params.get("before", "")),
            limit=_ENTRIES + 1,
        )
        seqs = list(dict.fromkeys(line.seq for line in lines))
        shown = set(seqs[:_ENTRIES])
        ahead = prepaid_balances(office.conn, office.trust_id, [unit]).get(unit, {})
        return office.page(
            "office/household.html",
            unit=unit,
            building=known[0],
            use=use_title(known[1]),
            area=plain_yuan(known[2]),
            items=open_items(office.conn, office.trust_id, [unit]).get(unit, []),
            ahead=[(PREPAID[account], fen) for account, fen in ahead.items() if fen],
            deposits=deposits(office.conn, office.trust_id, unit=unit),
            lines=[line for line in lines if line.seq in shown],
            older=seqs[_ENTRIES - 1] if len(seqs) > _ENTRIES else None,
            may_prepare=office.actor.may("receipt.prepare"),
        )


HANDLERS = [households, household]
