"""Services, posts and notes on what was done, in rows and words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from disclosure.public.words import beijing_day, day_text
from ledger.disclosures.fulfilment import STATES, Done, PublishedNote
from ledger.disclosures.posts import PostVersion
from ledger.disclosures.services import Service, ServiceVersion
from ledger.periods.spans import span_name, span_slug
from ledger.trust.deeds import Piece, compare

_FIELDS = {"title": "名称", "content": "内容", "standard": "质量标准", "frequency": "频次"}


@dataclass(frozen=True, slots=True)
class Change:
    """What a version changed about one service; ``texts``: each changed text by its name, in pieces."""

    title: str
    how: str
    texts: tuple[tuple[str, tuple[Piece, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version of the list; ``place``: where it stands in the log."""

    version: int
    since: str
    published: str
    authority: str
    changes: tuple[Change, ...]
    place: int | None


@dataclass(frozen=True, slots=True)
class ServicesView:
    """The page of services."""

    items: tuple[Service, ...]
    versions: tuple[VersionRow, ...]


@dataclass(frozen=True, slots=True)
class PostRow:
    """A post with the services it answers for, by name."""

    title: str
    duty: str
    desk: str
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoteRow:
    """A period in the list of notes."""

    slug: str
    name: str
    summary: str
    counts: str
    published: str
    version: int


@dataclass(frozen=True, slots=True)
class NoteView:
    """One note. ``papers``: title and SHA-256 of the copy to look at, '' if none is public."""

    row: NoteRow
    items: tuple[tuple[Done, str], ...]
    papers: tuple[tuple[str, str], ...]
    versions: tuple[int, ...]
    newest: bool


def services_view(versions: Sequence[ServiceVersion], places: Mapping[str, int]) -> ServicesView:
    """Versions newest first, each compared with the one before it; the oldest shown is not compared."""
    rows = []
    for place, item in enumerate(versions):
        older = versions[place + 1] if place + 1 < len(versions) else None
        rows.append(
            VersionRow(
                version=item.version,
                since=day_text(item.list.effective_on),
                published=day_text(beijing_day(item.published_at)),
                authority=item.list.authority,
                changes=tuple(changes(older.list.items, item.list.items)) if older else (),
                place=places.get(str(item.version)),
            )
        )
    return ServicesView(versions[0].list.items if versions else (), tuple(rows))


def changes(before: Sequence[Service], after: Sequence[Service]) -> list[Change]:
    """What is new, gone or worded differently, in the order of the newer list."""
    known = {item.code: item for item in before}
    made = []
    for item in after:
        old = known.pop(item.code, None)
        if old is None:
            made.append(Change(item.title, "新增"))
        elif old != item:
            texts = tuple(
                (title, tuple(compare(getattr(old, name), getattr(item, name))))
                for name, title in _FIELDS.items()
                if getattr(old, name) != getattr(item, name)
            )
            made.append(Change(item.title, "修改", texts))
    return made + [Change(item.title, "取消") for item in known.values()]


def post_rows(versions: Sequence[PostVersion], offered: Sequence[ServiceVersion]) -> list[PostRow]:
    """The posts of the newest version."""
    names = {item.code: item.title for item in offered[0].list.items} if offered else {}
    return [
        PostRow(
            item.title, item.duty, item.desk, tuple(names[code] for code in item.services if code in names)
        )
        for item in (versions[0].list.items if versions else ())
    ]


def note_row(found: PublishedNote) -> NoteRow:
    """A note in one row."""
    counted = Counter(item.state for item in found.note.items)
    counts = "，".join(f"{name} {counted[state]} 项" for state, name in STATES.items() if counted[state])
    return NoteRow(
        slug=span_slug(found.note.period),
        name=span_name(found.note.period),
        summary=found.note.summary,
        counts=counts,
        published=day_text(beijing_day(found.published_at)),
        version=found.version,
    )


def note_view(found: PublishedNote, copies: Mapping[str, str]) -> NoteView:
    """A whole note; ``copies``: SHA-256 of the public copy by that of the original."""
    return NoteView(
        row=note_row(found),
        items=tuple((item, STATES[item.state]) for item in found.note.items),
        papers=tuple((item.title, copies.get(item.original, "")) for item in found.note.papers),
        versions=tuple(no for no in range(found.versions, 0, -1) if no != found.version),
        newest=found.version == found.versions,
    )
