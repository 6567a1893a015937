"""What a resident's own homes bear of special projects."""

from __future__ import annotations

from collections.abc import Iterator

from litestar import get
from litestar.params import FromPath

from disclosure.public.answers import Answer, Req
from disclosure.resident.acting import Resident, reading_resident
from disclosure.resident.home import CARDS, Card
from ledger.money import format_yuan
from ledger.projects.owners import shares_of_homes


@get("/c/{slug:str}/mine/projects", sync_to_thread=True, action="project.mine")
def shares(request: Req, slug: FromPath[str]) -> Answer:
    """The parts of the resident's own homes, and what was paid of them."""
    with reading_resident(request, slug) as mine:
        rows = shares_of_homes(mine.conn, mine.trust_id, mine.actor.units)
        return mine.page("resident/projects.html", rows=rows)


def to_pay(mine: Resident) -> Iterator[Card]:
    """On the first page: parts that were not paid in full yet."""
    rows = shares_of_homes(mine.conn, mine.trust_id, mine.actor.units)
    left = sum(row.left for row in rows)
    if rows:
        yield Card(
            title="项目分摊" if left else "项目分摊已交齐",
            text=f"您家要分摊的项目还差 {format_yuan(left)} 元。" if left else "您家分摊的项目款都交齐了。",
            path="/mine/projects",
            button="看我家的分摊",
            done=not left,
        )


CARDS.append(to_pay)
HANDLERS = [shares]
