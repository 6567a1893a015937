"""Vetoes, and what the trustee objected to with what became of it, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from disclosure.evaluation.read import RoundFile
from disclosure.evaluation.words import GONE, OUTCOMES, spoken
from disclosure.public.words import day_text
from ledger.evaluation.scheme import HALVES


@dataclass(frozen=True, slots=True)
class VetoView:
    """Something that brought a grade down; ``stands`` false: a ruling struck it."""

    ref: str
    title: str
    halves: str
    on: str
    what: str
    document: str
    copy: str
    stands: bool


@dataclass(frozen=True, slots=True)
class AppealView:
    """What the trustee objected to and what became of it; ``outcome`` '' while it waits."""

    about: str
    on: str
    reason: str
    copy: str
    outcome: str
    ruled_on: str
    ruling: str


def veto_views(file: RoundFile, value: Mapping[str, Any]) -> Iterator[VetoView]:
    for one in value["vetoes"]:
        yield VetoView(
            ref=one["ref"],
            title=one["title"],
            halves="、".join(HALVES[half] for half in one["halves"]),
            on=day_text(date.fromisoformat(one["on"])),
            what=one["what"],
            document=one["document"],
            copy=file.copies.get(one["document"], ""),
            stands=one["stands"],
        )


def appeal_views(file: RoundFile, value: Mapping[str, Any]) -> Iterator[AppealView]:
    known = dict(_named(value))
    for one in value["appeals"]:
        ruling = one["ruling"]
        about, before, kind = known.get(one["ref"], (GONE, 0, "gone"))
        yield AppealView(
            about=about,
            on=day_text(date.fromisoformat(one["on"])),
            reason=one["reason"],
            copy=file.copies.get(one["document"], ""),
            outcome=outcome(ruling["count"], before, kind) if ruling else "",
            ruled_on=day_text(date.fromisoformat(ruling["on"])) if ruling else "",
            ruling=ruling["reason"] if ruling else "",
        )


def _named(value: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, int, str]]]:
    """What refs name: words, the count that was found first, and whether it is a count, a share or a veto."""
    for half in value["halves"].values():
        for indicator in half["indicators"]:
            for rule in indicator["rules"]:
                kind = "count" if rule["whole"] is None else "share"
                for item in rule["items"]:
                    about = f"{indicator['code']} {rule['title']}：{spoken(item['what'])}"
                    yield item["ref"], (about, item["count"] + item["struck"], kind)
    for veto in value["vetoes"]:
        yield veto["ref"], (f"一票否决“{veto['title']}”：{veto['what']}", 1, "veto")


def outcome(count: int, before: int, kind: str) -> str:
    """What a ruling came to: a share may be bettered by a greater count, a count is struck by nought; of what was
    gone already nothing was left to rule."""
    if kind == "gone":
        return OUTCOMES["gone"]
    if count == before:
        return OUTCOMES["kept"]
    if kind != "share" and not count:
        return OUTCOMES[f"{kind}_struck"]
    return OUTCOMES[f"{kind}_changed"].format(before=before, count=count)
