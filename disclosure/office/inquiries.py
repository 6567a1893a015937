"""The desk of inquiries (质询、随手拍、报修、查阅复制): what waits, by step, level and day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from litestar import get
from litestar.params import FromPath

from disclosure.inquiries.public_view import about_of, unannounced_text
from disclosure.office.acting import Office, reading_office
from disclosure.office.draft_view import local_time
from disclosure.office.forms import place_number
from disclosure.office.home import TASKS, Task
from disclosure.public.answers import Answer, Req
from ledger.inquiries import Wanted, list_inquiries
from ledger.inquiries.model import COMMUNITY, LEVELS, OPEN_STATES, STATUS_NAMES, STREET, kinds
from ledger.inquiries.numbers import Desk, on_the_desk
from ledger.people.roles import STAFF, Role

PAGE = 50
OPEN = "open"
"""Stands for all states in which somebody on duty has to do something."""
_STATES: Mapping[str, str] = {OPEN: "要办理的", **STATUS_NAMES}
_MOST = 2**31


@dataclass(frozen=True, slots=True)
class Seen:
    """What a list shows, as its address says it."""

    state: str = ""
    level: int = 0
    kind: str = ""
    late: bool = False
    slow: bool = False
    undecided: bool = False

    @property
    def address(self) -> str:
        """The query string."""
        fields = {
            "state": self.state,
            "level": str(self.level or ""),
            "kind": self.kind,
            "late": "1" if self.late else "",
            "slow": "1" if self.slow else "",
            "undecided": "1" if self.undecided else "",
        }
        return urlencode({name: value for name, value in fields.items() if value})


def inquiry_tasks(office: Office) -> Iterator[Task]:
    """What waits for this person's steps; what is late, for everybody who may look."""
    actor = office.actor
    if not actor.may("inquiry.read"):
        return
    desk = on_the_desk(office.conn, office.trust_id, office.act.today)
    for title, count, address, hint in _waiting(office, desk):
        if count:
            yield Task(title, count, f"/inquiries?{address}", hint)


def _waiting(office: Office, desk: Desk) -> Iterator[tuple[str, int, str, str]]:
    actor = office.actor
    if actor.roles & STAFF:
        yield "质询报修待受理", desk.to_accept, "state=waiting&level=1", "件，请受理或直接答复"
        yield "质询报修办理中", desk.to_answer, "state=working&level=1", "件，请在期限内答复"
    if Role.PARTY in actor.roles:
        yield "升级到社区的质询报修", desk.at_community, f"state=open&level={COMMUNITY}", "件，请办理"
    if actor.roles & {Role.PARTY, Role.STREET}:
        hint = "件，请办理" if Role.STREET in actor.roles else "件，由街道办理，请跟进"
        yield "升级到街道的质询报修", desk.at_street, f"state=open&level={STREET}", hint
    if actor.may("inquiry.call_back"):
        low = bool(actor.roles & STAFF)
        count = desk.to_call_back_low if low else desk.to_call_back
        yield "质询报修待回访", count, f"state=closing{'&level=1' * low}", "件，请问清是否真的解决"
    if actor.may("inquiry.publish"):
        yield "答复待公开", desk.to_publish, "undecided=1", "件，请决定公开或不公开文字"
    yield "质询报修逾期", desk.overdue, "late=1", "件，点开看在谁手里"


def read_seen(query: Mapping[str, str]) -> Seen:
    """Understand an address; nonsense is left out, and without anything it is what is to be done."""
    if not any(query.get(name) for name in ("state", "level", "kind", "late", "slow", "undecided", "all")):
        return Seen(state=OPEN)
    level = query.get("level", "")
    return Seen(
        state=query.get("state", "") if query.get("state", "") in _STATES else "",
        level=int(level) if level in {str(number) for number in LEVELS} else 0,
        kind=query.get("kind", "") if query.get("kind", "") in kinds() else "",
        late=query.get("late") == "1",
        slow=query.get("slow") == "1",
        undecided=query.get("undecided") == "1",
    )


@get("/c/{slug:str}/office/inquiries", sync_to_thread=True, action="inquiry.read")
def desk_page(request: Req, slug: FromPath[str]) -> Answer:
    """The list, and how many wait at each step."""
    seen = read_seen(request.query_params)
    before = place_number(request.query_params.get("before", ""))
    with reading_office(request, slug) as office:
        today = office.act.today
        states = OPEN_STATES if seen.state == OPEN else (seen.state,) if seen.state else ()
        wanted = Wanted(
            kind=seen.kind,
            states=states,
            level=seen.level,
            late_on=today if seen.late else None,
            slow_at=office.act.now if seen.slow else None,
            undecided=seen.undecided,
        )
        before = min(before, _MOST) if before else None
        rows = list_inquiries(
            office.conn, office.trust_id, wanted, before=before, limit=PAGE + 1, private=True
        )
        older = f"{seen.address or 'all=1'}&before={rows[PAGE - 1].no}" if len(rows) > PAGE else ""
        setup = office.setup
        return office.page(
            "office/inquiries.html",
            rows=rows[:PAGE],
            about=lambda row: about_of(row.about_kind, row.about, setup),
            seen=seen,
            desk=on_the_desk(office.conn, office.trust_id, today),
            states=_STATES.items(),
            levels=LEVELS.items(),
            kinds=[(kind.name, kind.title) for kind in kinds().values()],
            today=today,
            now=office.act.now,
            local_time=local_time,
            unannounced=unannounced_text(today, *(row.due_on for row in rows if not row.ended)),
            older=older,
        )


TASKS.append(inquiry_tasks)
HANDLERS = [desk_page]
