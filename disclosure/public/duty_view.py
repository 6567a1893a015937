"""Duties of disclosure in words, and who was asked to look where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from disclosure.public.words import day_text
from ledger.disclosures.duties import Duty


@dataclass(frozen=True, slots=True)
class DutyRow:
    """One duty as a row. ``tone``: good, late or never, for the eye; ``state`` says the same in words."""

    code: str
    title: str
    basis: str
    page: str
    last: str
    due: str
    state: str
    tone: str
    how: str


@dataclass(frozen=True, slots=True)
class DutiesView:
    """The page: the nine blocks, the other deadlines, and both in a sentence."""

    today: str
    blocks: tuple[DutyRow, ...]
    others: tuple[DutyRow, ...]
    summary: str
    late: tuple[str, ...]


def duties_view(duties: Sequence[Duty], confirmed: dict[str, date], today: date) -> DutiesView:
    """Put duties into rows; ``confirmed``: the day each block was last confirmed as still valid."""
    rows = [duty_row(duty, confirmed.get(duty.code)) for duty in duties]
    blocks = tuple(row for duty, row in zip(duties, rows, strict=True) if duty.block)
    return DutiesView(
        today=day_text(today),
        blocks=blocks,
        others=tuple(row for duty, row in zip(duties, rows, strict=True) if not duty.block),
        summary=_summary([duty for duty in duties if duty.block]),
        late=tuple(f"{duty.title}{duty.state}" for duty in duties if duty.late_days),
    )


def duty_row(duty: Duty, confirmed: date | None = None) -> DutyRow:
    """One duty in words."""
    tone = "late" if duty.late_days else "never" if duty.last_on is None else "good"
    return DutyRow(
        code=duty.code,
        title=duty.title,
        basis=duty.basis,
        page=duty.page,
        last=day_text(duty.last_on) if duty.last_on else "还没有",
        due=day_text(duty.due_on) if duty.due_on else "没有约定",
        state=duty.state,
        tone=tone,
        how="已核对，仍有效" if confirmed and confirmed == duty.last_on else "",
    )


def _summary(blocks: Sequence[Duty]) -> str:
    late = [duty for duty in blocks if duty.late_days]
    never = [duty for duty in blocks if duty.last_on is None and not duty.late_days]
    on_time = len(blocks) - len(late) - len(never)
    if on_time == len(blocks):
        return f"法律要求公开的 {len(blocks)} 项，都按时公开了。"
    parts = [f"{on_time} 项按时"]
    if late:
        parts.append(f"{len(late)} 项逾期")
    if never:
        parts.append(f"{len(never)} 项尚未公开")
    return f"法律要求公开的 {len(blocks)} 项：{'，'.join(parts)}。"
