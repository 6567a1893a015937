"""What a version of a statement says otherwise than the one before: figure by figure, and why."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from disclosure.statements.figures import figures
from disclosure.statements.named import named_corrections
from disclosure.statements.restated import later_corrections
from disclosure.statements.value import Change, Difference, Statement
from ledger.periods.spans import span_of

_Said = tuple[str, int | str, tuple[str, ...]]
"""Name of a figure, its value, and the entries that corrected it."""


def difference(conn: Connection, trust_id: int, version: int, old: Statement, new: Statement) -> Difference:
    """``new`` against ``old``, which is version ``version``; corrections since its cut-off are named."""
    later = later_corrections(conn, trust_id, span_of(new.period), new.size)
    since = [seq for seq in later if seq >= old.size]
    return Difference(version, changes(old, new), tuple(named_corrections(conn, trust_id, since)))


def changes(old: Statement, new: Statement) -> tuple[Change, ...]:
    """Every figure or text that differs, in the order of the new version; what is gone comes last."""
    before, after = dict(_said(old)), dict(_said(new))
    booked = {item.key: item.booked for item in new.restated}
    found = []
    for key in dict.fromkeys((*after, *before)):
        label, now, refs = after.get(key, (before.get(key, ("",))[0], None, ()))
        was = before[key][1] if key in before else booked.get(key)
        if was != now:
            named = before[key][2] if key in before else ()
            found.append(Change(key, label, was, now, tuple(ref for ref in refs if ref not in named) or refs))
    return tuple(found)


def _said(value: Statement) -> Iterator[tuple[str, _Said]]:
    """What a statement says in the end: corrected figures instead of booked ones."""
    corrected = {item.key: item for item in value.restated}
    for figure in figures(value):
        item = corrected.pop(figure.key, None)
        refs = item.entries if item else ()
        yield figure.key, (figure.label, item.corrected if item else figure.value, refs)
    for item in corrected.values():
        yield item.key, (item.label, item.corrected, item.entries)
    yield "payment_above", ("逐笔列出的付款起点", value.payment_above, ())
    yield "name", ("小区名称", value.name, ())
    yield "trustee", ("受托人", value.trustee, ())
    for row in value.decisions:
        outcome = "通过" if row.passed else "没有通过"
        yield f"decision.{row.number}", (f"业主的决定 {row.number}", f"{row.title}（{outcome}）", ())
