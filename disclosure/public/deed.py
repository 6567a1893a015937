"""The trust deed for everybody: five elements, remuneration, the community's rules, and what changed when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from litestar import route
from litestar.params import FromPath

from disclosure.public.answers import HTML, Answer, Req, answer
from disclosure.public.pages import READ
from disclosure.public.services import reading_site
from disclosure.public.words import day_text
from ledger.disclosures.rules import FIRST_DAYS, FIRST_SETTING
from ledger.disclosures.rules import rules as duty_rules
from ledger.resolutions.decided import Decision, decisions
from ledger.trust.deeds import ELEMENTS, DeedVersion, Piece, deed_versions, differences
from ledger.trust.settings import (
    SettingKind,
    SettingVersion,
    in_force,
    known_settings,
    setting_history,
)

_HIDDEN_GROUPS = frozenset({"银行流水"})
"""Rules of handling bank files: of no interest, and their words may be people's."""
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class DeedRow:
    """A version with what it changed: each element's name and its text in pieces."""

    version: int
    since: str
    authority: str
    decision: bool
    changes: tuple[tuple[str, tuple[Piece, ...]], ...]


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule in force: ``value`` in words, since when, on what, and who may change it; earlier values."""

    title: str
    value: str
    since: str
    authority: str
    who: str
    help: str
    before: tuple[tuple[str, str], ...]


@route("/c/{slug:str}/deed", http_method=READ, sync_to_thread=True)
def deed(request: Req, slug: FromPath[str]) -> Answer:
    """The deed in force, its versions, and the rules."""
    with reading_site(request, slug) as (services, conn, site):
        today = services.today()
        versions = deed_versions(conn, site.trust_id)
        known = decisions(conn, site.trust_id, {item.deed.authority for item in versions})

        def make() -> bytes:
            held = next((item for item in versions if item.deed.effective_on <= today), None)
            coming = next((item for item in versions if item.deed.effective_on > today), None)
            groups = rule_groups(setting_history(conn, site.trust_id), today)
            return services.pages.html(
                "deed.html",
                site=site,
                elements=[(title, getattr(held.deed, name)) for name, title in ELEMENTS.items()]
                if held
                else [],
                since=day_text(held.deed.effective_on) if held else "",
                coming=day_text(coming.deed.effective_on) if coming else "",
                versions=deed_rows(versions, known),
                clause=clause_row(groups),
                groups=groups,
            )

        state = (services.pages.build, site.state, today, len(versions))
        return answer(request, make, media_type=HTML, version=state)


def deed_rows(versions: Sequence[DeedVersion], known: Mapping[str, Decision]) -> list[DeedRow]:
    """Versions newest first, each compared with the one it replaced."""
    rows = []
    for place, item in enumerate(versions[:_SHOWN]):
        older = versions[place + 1].deed if place + 1 < len(versions) else None
        changed = differences(older, item.deed) if older else {}
        rows.append(
            DeedRow(
                version=item.version,
                since=day_text(item.deed.effective_on),
                authority=item.deed.authority,
                decision=item.deed.authority in known,
                changes=tuple((ELEMENTS[name], tuple(pieces)) for name, pieces in changed.items()),
            )
        )
    return rows


def rule_groups(history: Mapping[str, list[SettingVersion]], today: date) -> list[tuple[str, list[RuleRow]]]:
    """The rules by group: those that were set, and the deadlines of disclosure with their defaults."""
    groups: dict[str, list[RuleRow]] = {}
    defaults = {rule.setting: rule.default for rule in duty_rules().values()} | {FIRST_SETTING: FIRST_DAYS}
    for name, kind in known_settings().items():
        if kind.group in _HIDDEN_GROUPS:
            continue
        versions = history.get(name, [])
        if versions or name in defaults:
            groups.setdefault(kind.group, []).append(rule_row(kind, versions, defaults.get(name), today))
    return list(groups.items())


def rule_row(
    kind: SettingKind, versions: Sequence[SettingVersion], default: int | None, today: date
) -> RuleRow:
    """One rule; what begins later counts as not yet in force and is listed with the others."""
    held = in_force(list(versions), today)
    others = [(day_text(item.effective_on), kind.shown(item.value)) for item in versions if item is not held]
    if held is not None:
        value, since = kind.shown(held.value), day_text(held.effective_on)
    elif default is not None:
        value, since = f"{kind.shown(default)}（默认）", ""
    else:
        value, since = "还没有生效", ""
    return RuleRow(
        title=kind.title,
        value=value,
        since=since,
        authority=held.authority if held else "",
        who=_who(kind),
        help=kind.help,
        before=tuple(others[:_SHOWN]),
    )


def _who(kind: SettingKind) -> str:
    if kind.kind == "managed":
        return "物业登记，凭证据"
    if kind.owners_only or kind.owners_rule:
        return "业委会，凭业主决定" if kind.decided else "业委会"
    return "物业或业委会"


def clause_row(groups: Sequence[tuple[str, Sequence[RuleRow]]]) -> RuleRow | None:
    """The remuneration clause, if one is set."""
    title = known_settings()["remuneration_clause"].title
    return next((row for _, rows in groups for row in rows if row.title == title), None)


HANDLERS = [deed]
