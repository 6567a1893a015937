"""The community's rules: every known setting, its value today, its history, and a form for another value."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from disclosure.office.acting import Office, acting, reading_office
from disclosure.office.draft_view import local_time
from disclosure.office.forms import Form, FormData
from disclosure.public.answers import Answer, Req
from ledger.errors import Problem, Refused
from ledger.trust.remuneration import BASES, KINDS
from ledger.trust.settings import (
    SettingKind,
    change_setting,
    in_force,
    known_settings,
    setting_history,
)


@get("/c/{slug:str}/office/settings", sync_to_thread=True, action="setup.read")
def settings(request: Req, slug: FromPath[str]) -> Answer:
    """All known rules by group, with what is in force and what is to come."""
    with reading_office(request, slug) as office:
        history, today = setting_history(office.conn, office.trust_id), office.act.today
        groups: dict[str, list[Any]] = {}
        for name, kind in known_settings().items():
            versions = history.get(name, [])
            coming = [v for v in versions if v.effective_on > today]
            groups.setdefault(kind.group, []).append((kind, in_force(versions, today), coming))
        return office.page("office/setup_settings.html", groups=groups)


@get("/c/{slug:str}/office/settings/{name:str}", sync_to_thread=True, action="setup.read")
def setting(request: Req, slug: FromPath[str], name: FromPath[str]) -> Answer:
    """One rule with its history."""
    with reading_office(request, slug) as office:
        return _setting(office, _known(name), {"effective_on": office.act.today.isoformat()}, ())


@post("/c/{slug:str}/office/settings/{name:str}", sync_to_thread=True, action="deed.record")
def change(request: Req, slug: FromPath[str], name: FromPath[str], data: FormData) -> Answer:
    """Another value from a day on."""
    kind = _known(name)
    try:
        with acting(request, slug, subject=name) as office:
            form = Form(data)
            effective_on = form.day("effective_on", "生效日")
            authority = form.text("authority", "依据")
            form.finish()
            change_setting(
                office.conn,
                office.trust_id,
                name,
                {key: value for key, value in data.items() if isinstance(value, str)},
                effective_on=effective_on or office.act.today,
                authority=authority,
                actor=office.actor,
                act=office.act,
            )
            return office.done(f"/c/{slug}/office/settings", f"{kind.title}已登记，{effective_on} 起生效")
    except Refused as error:
        with reading_office(request, slug) as office:
            return _setting(office, kind, data, error.problems, 422)


def _known(name: str) -> SettingKind:
    kind = known_settings().get(name)
    if kind is None:
        raise NotFoundException
    return kind


def _setting(
    office: Office,
    kind: SettingKind,
    values: dict[str, Any],
    problems: tuple[Problem, ...],
    status: int = 200,
) -> Answer:
    versions = setting_history(office.conn, office.trust_id).get(kind.name, [])
    needed = "rule.change" if kind.owners_rule and versions else "deed.record"
    return office.page(
        "office/setup_setting.html",
        status,
        kind=kind,
        versions=versions,
        may_change=office.actor.may(needed),
        today=office.act.today,
        local_time=local_time,
        clauses=list(KINDS.items()),
        bases=list(BASES.items()),
        values=values,
        problems=problems,
    )


HANDLERS = [settings, setting, change]
