"""One's own sub-account of the maintenance fund (维修资金户分账)."""

from __future__ import annotations

from litestar import get
from litestar.params import FromPath

from disclosure.public.answers import Answer, Req
from disclosure.resident.acting import chosen_homes, reading_resident
from ledger.balances import resolve_clock
from ledger.maintenance import unit_statement
from ledger.maintenance.subaccounts import Movement


@get("/c/{slug:str}/mine/maintenance", sync_to_thread=True, action="resident.money")
def maintenance(request: Req, slug: FromPath[str]) -> Answer:
    """What came and went of one home: paid in, earned, used; newest first."""
    with reading_resident(request, slug) as mine:
        chosen = chosen_homes(mine, request, one=True)
        opening, lines = 0, list[Movement]()
        home = chosen.all[chosen.place - 1] if chosen.place else None
        if home is not None:
            until = home.until if home.given_up(mine.act.today) else None
            clock = resolve_clock(mine.conn, mine.trust_id, today=mine.act.today, as_of=until)
            since = home.since or mine.site.opened_on
            opening, lines = unit_statement(mine.conn, mine.trust_id, home.unit, since, clock)
        return mine.page(
            "resident/maintenance.html",
            chosen=chosen,
            home=home,
            opening=opening,
            lines=lines[::-1],
            balance=lines[-1].balance if lines else opening,
        )


HANDLERS = [maintenance]
