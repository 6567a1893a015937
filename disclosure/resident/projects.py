"""What a resident's own homes bear of special projects."""

from __future__ import annotations

from collections.abc import Iterator

from litestar import get
from litestar.params import FromPath

from disclosure.public.answers import Answer, Req
from disclosure.resident.acting import Resident, reading_resident
from disclosure.resident.home import CARDS, Card
from ledger.homes import homes_of
from ledger.money import format_yuan
from ledger.projects.owners import HomeShare, shares_of_homes


@get("/c/{slug:str}/mine/projects", sync_to_thread=True, action="project.mine")
def shares(request: Req, slug: FromPath[str]) -> Answer:
    """The parts of the resident's own homes, and what was paid of them."""
    with reading_resident(request, slug) as mine:
        return mine.page("resident/projects.html", rows=_rows(mine))


def _rows(mine: Resident) -> list[HomeShare]:
    """Of homes that were sold the buyer bears the part."""
    homes = homes_of(mine.conn, mine.trust_id, mine.actor, mine.act.today)
    units = [home.unit for home in homes if not home.given_up(mine.act.today)]
    return shares_of_homes(mine.conn, mine.trust_id, units)


def to_pay(mine: Resident) -> Iterator[Card]:
    """On the first page: parts that were not paid in full yet."""
    rows = _rows(mine)
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
