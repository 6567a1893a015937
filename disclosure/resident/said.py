"""What one said: comments on budgets and answers about fees, each with what was answered; and one's votes."""

from __future__ import annotations

from litestar import get
from litestar.params import FromPath

from disclosure.public.answers import Answer, Req
from disclosure.public.words import moment_text
from disclosure.resident.acting import reading_resident
from ledger.homes.said import MOST, said_by


@get("/c/{slug:str}/mine/said", sync_to_thread=True, action="resident.home")
def said(request: Req, slug: FromPath[str]) -> Answer:
    """Newest first."""
    with reading_resident(request, slug) as mine:
        rows = said_by(mine.conn, mine.trust_id, mine.actor.person)
        return mine.page("resident/said.html", rows=rows, most=MOST, moment=moment_text)


HANDLERS = [said]
