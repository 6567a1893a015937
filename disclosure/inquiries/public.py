"""Pages of inquiries for everybody: the list with its numbers, and one with its course."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from litestar import route
from litestar.enums import HttpMethod
from litestar.params import FromPath
from sqlalchemy import Connection

from disclosure.inquiries.public_about import inquiries_state
from disclosure.inquiries.public_chart import inquiry_chart, last_months
from disclosure.inquiries.public_view import (
    days_text,
    figures,
    line_of,
    minutes_text,
    one_view,
    unannounced_text,
)
from disclosure.public.answers import HTML, Answer, Req, answer
from disclosure.public.services import reading_site
from disclosure.public.trusts import Site
from disclosure.public.words import beijing_day, day_text
from ledger.inquiries import Wanted, list_inquiries, read_public
from ledger.inquiries.deadlines import Deadlines, deadlines_on
from ledger.inquiries.model import (
    ABOUT_NAMES,
    ANSWERED,
    CLOSED,
    CLOSING,
    LEVELS,
    OPEN_STATES,
    kinds,
)
from ledger.inquiries.numbers import by_kind, numbers, trend
from ledger.inquiries.response import slow_repairs, waiting_too_long
from ledger.periods.calendar import first_day
from ledger.trust.setup import load_setup

READ = [HttpMethod.GET, HttpMethod.HEAD]
PAGE = 30
STATES: Mapping[str, str] = {
    "open": "正在办",
    "late": "过期还没办好",
    "slow": "报修响应超时",
    "answered": "答复了，等评价或回访",
    "closed": "已办结",
}
_OF_STATE = {"open": OPEN_STATES, "answered": (ANSWERED, CLOSING), "closed": (CLOSED,)}
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: fields that make sense, what they mean, and where the list goes on."""

    fields: Mapping[str, str]
    wanted: Wanted
    before: int | None

    @property
    def active(self) -> bool:
        """Whether anything is filtered."""
        return any(self.fields.values())

    def address(self, **changed: str) -> str:
        """The query string that asks the same elsewhere in the list."""
        return urlencode({name: text for name, text in {**self.fields, **changed}.items() if text}, safe=":")


def read_asked(query: Mapping[str, str], now: datetime) -> Asked:
    """Understand an address; what means nothing is left out. ``about`` finds what is published only."""
    about_kind, _, about = query.get("about", "")[:_LONGEST].partition(":")
    known = about_kind in ABOUT_NAMES and bool(about_kind and about) and about.isprintable()
    fields = {
        "kind": query.get("kind", "") if query.get("kind") in kinds() else "",
        "state": query.get("state", "") if query.get("state") in STATES else "",
        "level": query.get("level", "") if query.get("level") in {str(level) for level in LEVELS} else "",
        "words": "1" if query.get("words") else "",
        "about": f"{about_kind}:{about}" if known else "",
    }
    wanted = Wanted(
        kind=fields["kind"],
        states=_OF_STATE.get(fields["state"], ()),
        level=int(fields["level"] or 0),
        late_on=beijing_day(now) if fields["state"] == "late" else None,
        slow_at=now if fields["state"] == "slow" else None,
        published=bool(fields["words"]),
    )
    if known:
        wanted = replace(wanted, about_kind=about_kind, about=about, published=True)
    before = query.get("before", "")
    place = int(before) if before.isascii() and before.isdecimal() and len(before) < 10 else None
    return Asked(fields, wanted, place)


@route("/c/{slug:str}/inquiries", http_method=READ, sync_to_thread=True)
def inquiries(request: Req, slug: FromPath[str]) -> Answer:
    """All inquiries, the newest first, with the numbers of the last twelve months."""
    with reading_site(request, slug) as (services, conn, site):
        now, today = services.now(), services.today()
        asked = read_asked(dict(request.query_params.items()), now)

        def make() -> bytes:
            setup = load_setup(conn, site.trust_id, site.setup_version)
            rows = list_inquiries(conn, site.trust_id, asked.wanted, before=asked.before, limit=PAGE + 1)
            shown = rows[:PAGE]
            return services.pages.html(
                "inquiries/public.html",
                site=site,
                asked=asked,
                lines=[line_of(row, now, setup) for row in shown],
                older=asked.address(before=str(shown[-1].no)) if len(rows) > PAGE else "",
                kinds=kinds(),
                states=STATES,
                levels=LEVELS,
                overview=None if asked.active or asked.before else _overview(conn, site, now),
                deadlines=_deadlines(deadlines_on(setup, today)),
                unannounced=unannounced_text(today, today.replace(year=today.year + 1, day=1)),
            )

        changing = inquiries_state(conn, site.trust_id), waiting_too_long(conn, site.trust_id, now)
        version = (services.pages.build, site.state, today, *changing)
        return answer(request, make, media_type=HTML, version=version)


@route("/c/{slug:str}/inquiries/{no:int}", http_method=READ, sync_to_thread=True)
def one(request: Req, slug: FromPath[str], no: FromPath[int]) -> Answer:
    """One inquiry: its public words, and its course through the levels."""
    with reading_site(request, slug) as (services, conn, site):
        now = services.now()
        found = read_public(conn, site.trust_id, no)

        def make() -> bytes:
            setup = load_setup(conn, site.trust_id, site.setup_version)
            view = one_view(found, now, setup)
            return services.pages.html("inquiries/public_one.html", site=site, view=view, day=day_text)

        version = (services.pages.build, site.state, beijing_day(now), repr(found), found.row.slow(now))
        return answer(request, make, media_type=HTML, version=version)


def _overview(conn: Connection, site: Site, now: datetime) -> dict[str, object]:
    today = beijing_day(now)
    months = last_months(today)
    first = first_day(months[0])
    rows = by_kind(conn, site.trust_id, first, today, today)
    slow = slow_repairs(conn, site.trust_id, first, today, now)
    return {
        "first": day_text(first),
        "figures": figures(numbers(conn, site.trust_id, first, today, today), len(slow)),
        "kinds": [
            (kinds()[name].title, row, days_text(row.median_days), minutes_text(row.response_minutes))
            for name, row in rows.items()
            if row.asked
        ],
        "chart": inquiry_chart(trend(conn, site.trust_id, first, today), months),
    }


def _deadlines(rules: Deadlines) -> list[tuple[str, str]]:
    """The promises in force, and which post has it in hand at each level."""
    return [
        ("受理", f"{rules.accept_days} 个工作日内；报修 {rules.repair_hours} 小时内"),
        ("答复质询", f"{rules.answer_days} 个工作日内"),
        ("处理随手拍", f"{rules.snapshot_days} 天内"),
        ("修好", f"{rules.repair_days} 天内"),
        ("安排查阅复制", f"{rules.inspection_days} 个工作日内"),
        *((f"{name}一级", rules.duty(level)) for level, name in LEVELS.items()),
        ("升级以后", f"每一级 {rules.level_days} 个工作日内"),
        ("评价", f"答复以后 {rules.rating_days} 天内；不作声不算满意"),
        ("回访", f"评价以后 {rules.call_back_days} 天内"),
    ]


HANDLERS = [inquiries, one]
