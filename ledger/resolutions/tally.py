"""The count (计票): areas and heads in exact integers, every threshold by area and by headcount separately.

Pure functions over plain values: who is on the roll, the ballot of each that counts, the rules of the vote.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from ledger.resolutions.matters import Amount, Matter, Met, matters
from ledger.resolutions.rules import Rules
from ledger.resolutions.value import ABSTAIN, AGAINST, AGREE, CHOOSE, INVALID, Choice, Item

NOBODY = Amount()
_FOLLOW = "majority"
_COUNTED = "apart"


@dataclass(frozen=True, slots=True)
class CandidateTally:
    """What one candidate got; ``enough`` by the threshold, ``chosen`` within the number of seats."""

    no: int
    agreed: Amount
    enough: Met
    chosen: bool


@dataclass(frozen=True, slots=True)
class ItemTally:
    """The count of one item. ``followed``: those whom the rules add to the majority, and to which side."""

    matter: Matter
    total: Amount
    took_part: Amount
    agreed: Amount
    against: Amount
    abstained: Amount
    invalid: Amount
    silent: Amount
    followed: str
    quorum: Met
    enough: Met
    passed: bool
    candidates: tuple[CandidateTally, ...] = ()
    tied: tuple[int, ...] = ()
    """Candidates with enough votes who share the last seat with another: none of them is chosen."""


@dataclass(slots=True)
class _Sums:
    """Areas and heads by what was said."""

    by_option: dict[str, Amount] = field(default_factory=dict)

    def add(self, option: str, area: int) -> None:
        self.by_option[option] = self.of(option).plus(Amount(area, 1))

    def of(self, option: str) -> Amount:
        return self.by_option.get(option, NOBODY)


def tally(
    items: Sequence[Item],
    rules: Rules,
    areas: Mapping[int, int],
    ballots: Mapping[int, Sequence[Choice]],
    delivered: Collection[int] = (),
) -> tuple[ItemTally, ...]:
    """Count every item.

    ``areas``: each voter's area (0.01 m²); each voter is one head. ``ballots``: of those who voted, the
    choice for each item. ``delivered``: who got a ballot paper; matters where silence follows the majority.
    """
    total = Amount(sum(areas.values()), len(areas))
    silent = NOBODY
    if rules.silence == _FOLLOW:
        quiet = [areas[voter] for voter in set(delivered) & areas.keys() if voter not in ballots]
        silent = Amount(sum(quiet), len(quiet))
    return tuple(_count(at, item, rules, areas, ballots, total, silent) for at, item in enumerate(items))


def _count(
    at: int,
    item: Item,
    rules: Rules,
    areas: Mapping[int, int],
    ballots: Mapping[int, Sequence[Choice]],
    total: Amount,
    silent: Amount,
) -> ItemTally:
    said, picked, positive = _heard(at, item, areas, ballots)
    took_part = positive.plus(said.of(AGAINST)).plus(said.of(ABSTAIN)).plus(silent)
    if rules.invalid == _COUNTED:
        took_part = took_part.plus(said.of(INVALID))
    matter = matters()[item.matter]
    quorum = matter.participate.of(took_part, total)
    agreed, against, followed = positive, said.of(AGAINST), ""
    if item.kind != CHOOSE:
        following = silent.plus(said.of(ABSTAIN)) if rules.abstain == _FOLLOW else silent
        followed = _majority(agreed, against) if following.people else ""
        agreed = agreed.plus(following) if followed == AGREE else agreed
        against = against.plus(following) if followed == AGAINST else against
    candidates, tied = (
        _candidates(item, rules, matter, picked, took_part, quorum) if item.kind == CHOOSE else ((), ())
    )
    enough = matter.agree.of(agreed, took_part) if took_part.people else Met(False, False)
    passed = any(c.chosen for c in candidates) if item.kind == CHOOSE else quorum.both and enough.both
    return ItemTally(
        matter=matter,
        total=total,
        took_part=took_part,
        agreed=agreed,
        against=against,
        abstained=said.of(ABSTAIN),
        invalid=said.of(INVALID),
        silent=silent,
        followed=followed,
        quorum=quorum,
        enough=enough,
        passed=passed,
        candidates=candidates,
        tied=tied,
    )


def _heard(
    at: int, item: Item, areas: Mapping[int, int], ballots: Mapping[int, Sequence[Choice]]
) -> tuple[_Sums, _Sums, Amount]:
    """Sums by option; by candidate; and of all who agreed, or chose anybody."""
    said, picked, choosing = _Sums(), _Sums(), NOBODY
    for voter, choices in ballots.items():
        choice, area = choices[at], areas[voter]
        if item.kind == CHOOSE and choice[0].isdigit():
            choosing = choosing.plus(Amount(area, 1))
            for no in choice.split(","):
                picked.add(no, area)
        else:
            said.add(choice, area)
    return said, picked, choosing if item.kind == CHOOSE else said.of(AGREE)


def _majority(agreed: Amount, against: Amount) -> str:
    """Which side is larger by area and by headcount alike; neither if they disagree."""
    if agreed.area > against.area and agreed.people > against.people:
        return AGREE
    if agreed.area < against.area and agreed.people < against.people:
        return AGAINST
    return ""


def _candidates(
    item: Item, rules: Rules, matter: Matter, picked: _Sums, took_part: Amount, quorum: Met
) -> tuple[tuple[CandidateTally, ...], tuple[int, ...]]:
    """Of those with enough votes the first ``seats``; who tie across the last seat are not chosen."""
    got = {no: picked.of(str(no)) for no in range(1, len(item.candidates) + 1)}
    met = {
        no: matter.agree.of(amount, took_part) if took_part.people else Met(False, False)
        for no, amount in got.items()
    }
    able = [no for no in got if met[no].both] if quorum.both else []

    def rank(no: int) -> tuple[int, int]:
        area, people = got[no]
        return (people, area) if rules.rank_by == "people" else (area, people)

    able.sort(key=rank, reverse=True)
    chosen, tied = able[: item.seats], list[int]()
    if len(able) > item.seats and rank(able[item.seats]) == rank(able[item.seats - 1]):
        tied = [no for no in able if rank(no) == rank(able[item.seats])]
        chosen = [no for no in chosen if no not in tied]
    return (
        tuple(CandidateTally(no, got[no], met[no], no in chosen) for no in got),
        tuple(sorted(tied)),
    )
