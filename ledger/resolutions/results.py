"""A result as it is kept and published: integers only, made from the count and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from ledger.resolutions.matters import Amount, Met, Threshold
from ledger.resolutions.tally import CandidateTally, ItemTally
from ledger.resolutions.value import Item


class Count(msgspec.Struct, frozen=True):
    """``area`` in 0.01 m², ``people`` as heads."""

    area: int
    people: int

    @property
    def amount(self) -> Amount:
        """For comparing."""
        return Amount(self.area, self.people)


class Verdict(msgspec.Struct, frozen=True):
    """Whether a threshold is met, by area and by headcount."""

    area: bool
    people: bool

    @property
    def both(self) -> bool:
        """As the law asks."""
        return self.area and self.people


class ResultCandidate(msgspec.Struct, frozen=True):
    """A candidate by number; names are with the question."""

    no: int
    agreed: Count
    enough: Verdict
    chosen: bool


class ResultItem(msgspec.Struct, frozen=True):
    """One item. ``participate`` and ``agree`` are [numerator, denominator]; ``more_than``: 过半数."""

    no: int
    title: str
    matter: str
    kind: str
    participate: tuple[int, int]
    agree: tuple[int, int]
    more_than: bool
    total: Count
    took_part: Count
    agreed: Count
    against: Count
    abstained: Count
    invalid: Count
    silent: Count
    followed: str
    quorum: Verdict
    enough: Verdict
    passed: bool
    candidates: tuple[ResultCandidate, ...] = ()
    tied: tuple[int, ...] = ()

    @property
    def participate_threshold(self) -> Threshold:
        """How many must take part."""
        return Threshold(*self.participate)

    @property
    def agree_threshold(self) -> Threshold:
        """How many of those must agree."""
        return Threshold(*self.agree, self.more_than)

    @property
    def chosen(self) -> tuple[int, ...]:
        """Numbers of the candidates chosen."""
        return tuple(candidate.no for candidate in self.candidates if candidate.chosen)


class Result(msgspec.Struct, frozen=True):
    """The count of a resolution. ``ballots``: all that were cast; ``voted``: voters with one that counts;
    ``log_size``: the records in the log when it was counted, every ballot among them."""

    resolution: str
    closed_at: str
    roll_root: str
    log_size: int
    ballots: int
    voted: int
    set_aside: int
    items: tuple[ResultItem, ...]

    def to_value(self) -> dict[str, Any]:
        """As published: what its JSON decodes to."""
        value: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self))
        return value


def result_items(items: Sequence[Item], tallies: Sequence[ItemTally]) -> tuple[ResultItem, ...]:
    """The counts of all items as they are published."""
    return tuple(
        _item(no, item, one) for no, (item, one) in enumerate(zip(items, tallies, strict=True), start=1)
    )


def _item(no: int, item: Item, one: ItemTally) -> ResultItem:
    matter = one.matter
    return ResultItem(
        no=no,
        title=item.title,
        matter=matter.name,
        kind=item.kind,
        participate=(matter.participate.numerator, matter.participate.denominator),
        agree=(matter.agree.numerator, matter.agree.denominator),
        more_than=matter.agree.more_than,
        total=_count(one.total),
        took_part=_count(one.took_part),
        agreed=_count(one.agreed),
        against=_count(one.against),
        abstained=_count(one.abstained),
        invalid=_count(one.invalid),
        silent=_count(one.silent),
        followed=one.followed,
        quorum=_verdict(one.quorum),
        enough=_verdict(one.enough),
        passed=one.passed,
        candidates=tuple(_candidate(candidate) for candidate in one.candidates),
        tied=one.tied,
    )


def _candidate(one: CandidateTally) -> ResultCandidate:
    return ResultCandidate(one.no, _count(one.agreed), _verdict(one.enough), one.chosen)


def _count(amount: Amount) -> Count:
    return Count(amount.area, amount.people)


def _verdict(met: Met) -> Verdict:
    return Verdict(met.by_area, met.by_people)
