"""A statement in words: formatted once, shown by the page and the PDF alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from disclosure.public.words import day_text, moment_text
from disclosure.statements.publish import PublishedStatement
from disclosure.statements.table import Cell, Part, Row, Section, Table, entry_table, money, plain, said
from disclosure.statements.value import Difference, Restated, Statement
from disclosure.statements.view_books import book_section
from disclosure.statements.view_more import more_sections
from disclosure.statements.words import THIS, TITLES, statement_title
from ledger.periods.spans import span_slug

_CHANGED = ("哪个数字", "原来", "更正后", "相差", "因为")
_CLOSED = "结了账的月份不能再改，更正记在发现的那个月；下面各表仍是当时账簿上的数，更正后的数见这里。"


@dataclass(frozen=True, slots=True)
class StatementView:
    """The whole statement. ``slug`` names its span in addresses; ``corrected`` says it replaces a version."""

    title: str
    kind: str
    period: str
    community: str
    trustee: str
    span: str
    note: str
    version: int
    published_at: str
    size: int
    sections: tuple[Section, ...]
    checkpoint: str
    address: str
    corrected: bool


def statement_view(published: PublishedStatement, address: str) -> StatementView:
    """Put a stored statement into words; ``address`` is its public page."""
    value = published.value
    note = ""
    if value.opened_on > value.first:
        note = f"账套自{day_text(value.opened_on)}启用，{THIS[value.span]}从那天算起。"
    return StatementView(
        title=statement_title(value.period),
        kind=TITLES[value.span],
        period=span_slug(value.period),
        community=value.name,
        trustee=value.trustee,
        span=f"{day_text(value.first)}至{day_text(value.last)}",
        note=note,
        version=published.version,
        published_at=moment_text(published.published_at),
        size=value.size,
        sections=tuple(_sections(value)),
        checkpoint=value.checkpoint,
        address=address,
        corrected=value.difference is not None,
    )


def _sections(value: Statement) -> Iterator[Section]:
    changed = tuple(_corrected(value))
    if changed:
        yield Section("difference", "更正了什么", changed, hint=_CLOSED if value.restated else "")
    for place in range(len(value.books)):
        yield book_section(value, place)
    yield from more_sections(value)


def _corrected(value: Statement) -> Iterator[Part]:
    changed = value.difference
    if changed:
        note = () if changed.changes else said("数字没有变化。")
        yield Part(
            f"与第 {changed.version} 版的不同", _changes(changed) if changed.changes else None, note=note
        )
        if changed.later:
            title = "引起更正的凭证"
            yield Part(title, entry_table(title, changed.later, "difference.later", corrections=True))
    shown = {(c.key, c.old, c.new) for c in changed.changes} if changed else set()
    if any((item.key, item.booked, item.corrected) not in shown for item in value.restated):
        title = "结账以后更正的数字"
        yield Part(title, _restated(value.restated))


def _changes(difference: Difference) -> Table:
    rows = []
    for place, change in enumerate(difference.changes):
        path, counted = f"difference.changes.{place}", counts(change.key)
        both = (_value(change.old, f"{path}.old", counted), _value(change.new, f"{path}.new", counted))
        by = Cell()
        if isinstance(change.old, int) and isinstance(change.new, int):
            by = _value(change.new - change.old, "", counted)
        rows.append(Row((Cell(change.label), *both, by, _because(change.entries))))
    return plain(f"与第 {difference.version} 版的不同", _CHANGED, rows, "changed")


def _restated(items: tuple[Restated, ...]) -> Table:
    rows = []
    for place, item in enumerate(items):
        path, counted = f"restated.{place}", counts(item.key)
        rows.append(
            Row(
                (
                    Cell(item.label),
                    _value(item.booked, f"{path}.booked", counted),
                    _value(item.corrected, f"{path}.corrected", counted),
                    _value(item.corrected - item.booked, "", counted),
                    _because(item.entries),
                )
            )
        )
    return plain("结账以后更正的数字", _CHANGED, rows, "changed")


def counts(key: str) -> bool:
    """Whether a figure counts things rather than fen."""
    return key.endswith((".count", ".households"))


def _value(value: int | str | None, path: str, counted: bool) -> Cell:
    if value is None:
        return Cell("没有")
    if isinstance(value, str):
        return Cell(value)
    return Cell(str(value), path, "count") if counted else money(value, path)


def _because(refs: tuple[str, ...]) -> Cell:
    return Cell(refs=refs) if refs else Cell("规则或资料有变动")
