"""The list of published statements in words, with what is late and what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Protocol

from disclosure.public.words import day_text, moment_text
from disclosure.statements.words import TITLES, statement_title
from ledger.periods.spans import KINDS, span_name, span_of, span_slug
from ledger.statements import SpanDue, StatementAct
from ledger.statements.acts import acts_by_period


class Version(Protocol):
    """What of a published version is listed."""

    @property
    def period(self) -> int: ...
    @property
    def version(self) -> int: ...
    @property
    def published_at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class VersionLink:
    """A version of a statement."""

    number: int
    published_at: str


@dataclass(frozen=True, slots=True)
class MonthLink:
    """A month, quarter or year with all its versions, newest first. ``state`` says what was done with it."""

    name: str
    slug: str
    versions: tuple[VersionLink, ...]
    late: str = ""
    state: str = ""

    @property
    def corrected(self) -> bool:
        """Whether there is more than one version."""
        return len(self.versions) > 1


@dataclass(frozen=True, slots=True)
class Waiting:
    """A statement that is not published yet: by when it has to be."""

    name: str
    due: str
    late_days: int


@dataclass(frozen=True, slots=True)
class KindList:
    """Statements of one kind by year, newest first."""

    kind: str
    title: str
    waiting: tuple[Waiting, ...]
    coming: Waiting | None
    years: tuple[tuple[str, tuple[MonthLink, ...]], ...]


def statement_months(
    published: Sequence[Version],
    dues: Iterable[SpanDue] = (),
    acts: Sequence[StatementAct] = (),
) -> list[MonthLink]:
    """Group versions by span, in the order given."""
    by_period = acts_by_period(acts)
    late = {due.span.code: due.late_days for due in dues if due.published_on}
    spans: dict[int, list[VersionLink]] = {}
    for item in published:
        link = VersionLink(item.version, moment_text(item.published_at))
        spans.setdefault(item.period, []).append(link)
    return [
        MonthLink(
            span_name(period),
            span_slug(period),
            tuple(versions),
            late=f"晚了 {late[period]} 天" if late.get(period) else "",
            state=done_text(by_period.get(period, ()), max(version.number for version in versions)),
        )
        for period, versions in spans.items()
    ]


def done_text(acts: Iterable[StatementAct], newest: int) -> str:
    """Which of the recorded acts hold for the newest version, in a few words; else for which older one."""
    held = [act for act in acts if act.holds]
    if not held:
        return ""
    version = max(act.version for act in held)
    kinds = {act.kind for act in held if act.version == version}
    words = {"posted": "已张贴", "committee": "已报告业委会", "assembly": "已报告业主大会"}
    done = "，".join(word for kind, word in words.items() if kind in kinds)
    return done if version == newest else f"第 {version} 版{done}；第 {newest} 版没有登记"


def statement_kinds(
    published: Sequence[Version], dues: Sequence[SpanDue], acts: Sequence[StatementAct], today: date
) -> list[KindList]:
    """All kinds, the yearly first: what is late, what comes next, what there is by year."""
    lists = []
    for kind in reversed(KINDS):
        mine = [due for due in dues if due.span.kind == kind]
        known = {item.period for item in published}
        links = statement_months(
            [item for item in published if span_of(item.period).kind == kind], mine, acts
        )
        open_ = [due for due in mine if due.span.code not in known]
        coming = min((due for due in open_ if not due.over), key=lambda due: due.due_on, default=None)
        lists.append(
            KindList(
                kind=kind,
                title=TITLES[kind],
                waiting=tuple(_waiting(due) for due in open_ if due.over),
                coming=_waiting(coming) if coming else None,
                years=tuple(
                    (year, tuple(rows)) for year, rows in groupby(links, key=lambda link: link.slug[:4])
                ),
            )
        )
    return lists


def _waiting(due: SpanDue) -> Waiting:
    return Waiting(statement_title(due.span.code), day_text(due.due_on), due.late_days)
