"""What the owners decide: the list of votes and decisions, and one vote with all its steps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlencode

from litestar import get
from litestar.params import FromPath

from disclosure.office.acting import Office, reading_office
from disclosure.office.home import TASKS, Task
from disclosure.office.resolutions_view import resolution_page
from disclosure.public.answers import Answer, Req
from ledger.resolutions.decided import RECORDED
from ledger.resolutions.matters import matter_title
from ledger.resolutions.read import list_decisions, list_resolutions
from ledger.resolutions.read_pending import pending_rows

_A_PAGE = 50


@get("/c/{slug:str}/office/resolutions", sync_to_thread=True, action="resolution.read")
def resolutions(request: Req, slug: FromPath[str]) -> Answer:
    """Votes newest first, and what was decided on paper."""
    before = _place(request.query_params.get("before", ""))
    with reading_office(request, slug) as office:
        rows = list_resolutions(office.conn, office.trust_id, before=before, limit=_A_PAGE + 1)
        last = rows[_A_PAGE - 1] if len(rows) > _A_PAGE else None
        older = urlencode({"before": f"{last.drafted_at.isoformat()} {last.number}"}) if last else ""
        decided = list_decisions(office.conn, office.trust_id, limit=_A_PAGE)
        return office.page(
            "office/resolutions.html",
            rows=rows[:_A_PAGE],
            older=older,
            recorded=[item for item in decided if item.source == RECORDED],
            matter_title=matter_title,
        )


def _place(text: str) -> tuple[datetime, str] | None:
    """Where the list goes on: the moment and number of the last one shown."""
    moment, _, number = text.partition(" ")
    try:
        return (datetime.fromisoformat(moment), number) if number else None
    except ValueError:
        return None


@get("/c/{slug:str}/office/resolutions/{number:str}", sync_to_thread=True, action="resolution.read")
def resolution(request: Req, slug: FromPath[str], number: FromPath[str]) -> Answer:
    """One vote: where it stands and what comes next."""
    with reading_office(request, slug) as office:
        return resolution_page(office, number, {}, ())


def waiting_votes(office: Office) -> Iterator[Task]:
    """Votes whose next step waits for this person: the chair's steps, and ballots to be typed again."""
    chair, types = office.actor.may("resolution.open"), office.actor.may("resolution.enter")
    if not (chair or types):
        return
    rows = list_resolutions(office.conn, office.trust_id, limit=_A_PAGE, stages=("noticed", "open", "closed"))
    today, path = office.act.today, "/resolutions"
    if chair:
        begin = sum(r.stage == "noticed" and r.opens_on is not None and r.opens_on <= today for r in rows)
        over = sum(r.stage == "open" and r.closes_on is not None and r.closes_on < today for r in rows)
        counted = sum(r.stage == "closed" for r in rows)
        for title, count in (
            ("可以开始的表决", begin),
            ("到期待截止的表决", over),
            ("待公布的结果", counted),
        ):
            if count:
                yield Task(title, count, path, "项")
    if types:
        pending = [
            row
            for item in rows
            if item.stage == "open"
            for row in pending_rows(office.conn, office.trust_id, item.number)
        ]
        mine = sum(row.kind == "once" and row.slips[0].person != office.actor.person for row in pending)
        differ = sum(row.kind == "differ" for row in pending)
        if mine or differ:
            yield Task("待复录的纸质选票", mine + differ, path, "张，请另一个人录一遍")


TASKS.append(waiting_votes)
HANDLERS = [resolutions, resolution]
