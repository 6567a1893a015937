"""Votes and decisions in words: questions, tallies, thresholds; formatted before any template sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from ledger.money import format_yuan
from ledger.resolutions.drafting import PEOPLE_MATTER
from ledger.resolutions.matters import Amount, Matter, matters
from ledger.resolutions.value import ABSTAIN, AGAINST, AGREE, APPROVE, OPTION_NAMES, Item

NONE_OF_THEM = "都不选"
"""What ``against`` means where one chooses among candidates."""


@dataclass(frozen=True, slots=True)
class QuestionView:
    """One question as a voter reads it. ``options`` are value and label; ``several`` means boxes to tick."""

    no: int
    title: str
    text: str
    matter: str
    basis: str
    needs: str
    options: tuple[tuple[str, str], ...]
    several: bool
    seats: int
    seats_text: str
    candidates: tuple[str, ...]

    @property
    def paper_options(self) -> tuple[str, ...]:
        """Labels as printed beside the boxes."""
        return tuple(f"{value} {label}" if value.isdigit() else label for value, label in self.options)

    def chosen(self, choice: str) -> str:
        """A choice in words."""
        labels = dict(self.options)
        if choice in labels and not choice.isdigit():
            return labels[choice]
        if self.candidates:
            return "、".join(labels.get(no, no) for no in choice.split(","))
        return OPTION_NAMES.get(choice, choice)


def question_views(items: Sequence[Item]) -> list[QuestionView]:
    """All questions of a vote."""
    return [_question(no, item) for no, item in enumerate(items, start=1)]


def without_names(items: Sequence[Item]) -> list[Item]:
    """The questions as everybody may see them: where candidates are people, by number only."""
    return [
        msgspec.structs.replace(
            item, candidates=tuple(f"{no} 号候选人" for no in range(1, len(item.candidates) + 1))
        )
        if item.matter == PEOPLE_MATTER
        else item
        for item in items
    ]


def square(area: int) -> str:
    """``1,234.50 平方米`` from 0.01 m²."""
    return f"{format_yuan(area)} 平方米"


def amount_text(amount: Amount) -> str:
    """``1,234.50 平方米、12 人``."""
    return f"{square(amount.area)}、{amount.people:,} 人"


def needs_text(matter: Matter) -> str:
    """What a matter takes, in the words of everyday."""
    return (
        f"全体业主里，面积和人数都要有{matter.participate.words}参加投票；"
        f"参加投票的业主里，面积和人数都要{matter.agree.words}同意"
    )


def _question(no: int, item: Item) -> QuestionView:
    matter = matters()[item.matter]
    if item.kind == APPROVE:
        options = [(name, OPTION_NAMES[name]) for name in (AGREE, AGAINST, ABSTAIN)]
    else:
        options = [(str(place), name) for place, name in enumerate(item.candidates, start=1)]
        options += [(AGAINST, NONE_OF_THEM), (ABSTAIN, OPTION_NAMES[ABSTAIN])]
    several = item.kind != APPROVE and item.seats > 1
    return QuestionView(
        no=no,
        title=item.title,
        text=item.text,
        matter=matter.title,
        basis=matter.basis,
        needs=needs_text(matter),
        options=tuple(options),
        several=several,
        seats=item.seats,
        seats_text=("" if item.kind == APPROVE else f"最多选 {item.seats} 个" if several else "选 1 个"),
        candidates=item.candidates,
    )
