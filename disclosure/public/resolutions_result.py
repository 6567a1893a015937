"""A count in words and in a table: both tallies beside what they had to reach, exact figures always shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection

from disclosure.public.resolutions_view import square
from disclosure.public.words import day_text
from ledger.resolutions.decided import Figures
from ledger.resolutions.matters import Matter, Threshold, matters
from ledger.resolutions.read import ResolutionFile
from ledger.resolutions.results import Count, Result, ResultItem
from ledger.resolutions.turnout import Turnout, participation
from ledger.resolutions.value import AGREE, CHOOSE, Item
from ledger.resolutions.words import outcome_name, percent, result_sentence
from ledger.trust.act import BEIJING


@dataclass(frozen=True, slots=True)
class TallyRow:
    """A line of the table; shares are of ``of``, empty where none is meant."""

    label: str
    area: str
    area_share: str
    people: str
    people_share: str
    of: str
    main: bool = False


@dataclass(frozen=True, slots=True)
class CheckView:
    """One threshold by one measure: what it asks, what was reached."""

    label: str
    needed: str
    reached: str
    met: bool


@dataclass(frozen=True, slots=True)
class TurnoutView:
    """Who took part so far, in words; never what they chose. ``as_of``: until when, '' for now."""

    checks: tuple[CheckView, ...]
    ballots: int
    buildings: tuple[tuple[str, int, int, str], ...]
    as_of: str = ""


@dataclass(frozen=True, slots=True)
class CandidateView:
    """What a candidate got, of those who took part."""

    no: int
    name: str
    area: str
    area_share: str
    people: str
    people_share: str
    chosen: bool
    enough: bool


@dataclass(frozen=True, slots=True)
class ItemResult:
    """One item counted."""

    no: int
    title: str
    matter: str
    outcome: str
    passed: bool
    sentence: str
    rows: tuple[TallyRow, ...]
    checks: tuple[CheckView, ...]
    candidates: tuple[CandidateView, ...]
    tied: str
    followed: str


def result_views(result: Result, items: Sequence[Item]) -> list[ItemResult]:
    """All items, in order."""
    return [_item(counted, item) for counted, item in zip(result.items, items, strict=True)]


def _item(one: ResultItem, item: Item) -> ItemResult:
    known = matters().get(one.matter)
    return ItemResult(
        no=one.no,
        title=one.title,
        matter=known.title if known else one.matter,
        outcome=outcome_name(one),
        passed=one.passed,
        sentence=result_sentence(one),
        rows=tuple(_rows(one)),
        checks=tuple(_checks(one)),
        candidates=tuple(_candidates(one, item)),
        tied="、".join(_name(item, no) for no in one.tied),
        followed=_followed(one),
    )


def _rows(one: ResultItem) -> list[TallyRow]:
    took, agree = one.participate_threshold, one.agree_threshold
    choose = one.kind == CHOOSE
    rows = [
        _row("全体业主", one.total, None, ""),
        _row("参加投票", one.took_part, one.total, "全体", took, main=True),
        _row(
            "投给候选" if choose else "同意",
            one.agreed,
            one.took_part,
            "参加的",
            None if choose else agree,
            main=not choose,
        ),
        _row("都不选" if choose else "反对", one.against, one.took_part, "参加的"),
        _row("弃权", one.abstained, one.took_part, "参加的"),
    ]
    if one.invalid.people:
        rows.append(_row("无效票", one.invalid, None, ""))
    if one.silent.people:
        rows.append(_row("送达后没有投票", one.silent, None, ""))
    return rows


def _row(
    label: str,
    part: Count,
    whole: Count | None,
    of: str,
    threshold: Threshold | None = None,
    *,
    main: bool = False,
) -> TallyRow:
    shares = ("", "")
    if whole is not None:
        shares = (
            percent(part.area, whole.area, threshold),
            percent(part.people, whole.people, threshold),
        )
    return TallyRow(label, square(part.area), shares[0], f"{part.people:,} 人", shares[1], of, main)


def _checks(one: ResultItem) -> list[CheckView]:
    took, agree = one.participate_threshold, one.agree_threshold
    found = [
        _check("参加投票的面积", "全体面积", took, one.took_part.area, one.total.area, area=True),
        _check("参加投票的人数", "全体人数", took, one.took_part.people, one.total.people),
    ]
    if one.kind != CHOOSE:
        found += [
            _check("同意的面积", "参加面积", agree, one.agreed.area, one.took_part.area, area=True),
            _check("同意的人数", "参加人数", agree, one.agreed.people, one.took_part.people),
        ]
    return found


def _check(
    label: str, whole_name: str, threshold: Threshold, part: int, whole: int, *, area: bool = False
) -> CheckView:
    """The least that would do is said in whole units, so that nobody has to trust a percentage."""
    least = _least(threshold, whole)
    shown = square if area else (lambda people: f"{people:,} 人")
    return CheckView(
        label,
        f"{whole_name}的{threshold.words}，至少 {shown(least)}",
        f"{shown(part)}，占 {percent(part, whole, threshold)}",
        whole > 0 and threshold.met(part, whole),
    )


def _least(threshold: Threshold, whole: int) -> int:
    """The smallest whole number that meets the threshold."""
    exact, rest = divmod(whole * threshold.numerator, threshold.denominator)
    return exact + 1 if threshold.more_than or rest else exact


def _candidates(one: ResultItem, item: Item) -> list[CandidateView]:
    agree = one.agree_threshold
    return [
        CandidateView(
            candidate.no,
            _name(item, candidate.no),
            square(candidate.agreed.area),
            percent(candidate.agreed.area, one.took_part.area, agree),
            f"{candidate.agreed.people:,} 人",
            percent(candidate.agreed.people, one.took_part.people, agree),
            candidate.chosen,
            candidate.enough.both,
        )
        for candidate in one.candidates
    ]


def _name(item: Item, no: int) -> str:
    return item.candidates[no - 1] if no <= len(item.candidates) else f"{no} 号"


def _followed(one: ResultItem) -> str:
    if not one.followed:
        return ""
    side = "同意" if one.followed == AGREE else "反对"
    return f"按本小区议事规则，弃权或送达后没有投票的随多数，计入{side}。"


def paper_figures(figures: Figures, matter: Matter) -> list[CheckView]:
    """The count of a vote on paper, as it was recorded; nothing here has counted it."""
    total, took, agreed = figures.total, figures.took_part, figures.agreed
    part, agree = matter.participate, matter.agree
    return [
        _check("参加投票的面积", "全体面积", part, took.area, total.area, area=True),
        _check("参加投票的人数", "全体人数", part, took.people, total.people),
        _check("同意的面积", "参加面积", agree, agreed.area, took.area, area=True),
        _check("同意的人数", "参加人数", agree, agreed.people, took.people),
    ]


def turnout_view(turnout: Turnout, as_of: str = "") -> TurnoutView:
    """How many took part so far, beside the two thirds it takes."""
    took, total = turnout.took_part, turnout.total
    quorum = matters()["other"].participate
    return TurnoutView(
        checks=(
            CheckView(
                "参加投票的面积",
                f"{square(total.area)}的{quorum.words}",
                f"{square(took.area)}，占 {percent(took.area, total.area, quorum)}",
                turnout.quorum.by_area,
            ),
            CheckView(
                "参加投票的人数",
                f"{total.people:,} 人的{quorum.words}",
                f"{took.people:,} 人，占 {percent(took.people, total.people, quorum)}",
                turnout.quorum.by_people,
            ),
        ),
        ballots=turnout.ballots,
        buildings=tuple(
            (row.building, row.voted_units, row.units, percent(row.voted_units, row.units))
            for row in turnout.buildings
        ),
        as_of=as_of,
    )


def public_turnout(conn: Connection, trust_id: int, file: ResolutionFile, today: date) -> TurnoutView | None:
    """While ballots come in up to the end of yesterday only, so that nobody can watch them come in."""
    if file.stage not in ("open", "closed") or file.roll is None:
        return None
    if file.stage == "closed":
        return turnout_view(participation(conn, trust_id, file.state.number))
    found = participation(conn, trust_id, file.state.number, until=datetime.combine(today, time(), BEIJING))
    return turnout_view(found, f"截至昨天（{day_text(today - timedelta(days=1))}）24 时")
