"""The office's menu: what a person may open, in the order of the day's work."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.people import Actor


@dataclass(frozen=True, slots=True)
class MenuItem:
    """An entry of the menu. ``path`` is below ``/c/{slug}/office``; ``action`` what it needs."""

    section: str
    title: str
    path: str
    action: str


MENU = (
    MenuItem("home", "工作台", "", "office.home"),
    MenuItem("work", "单据", "/work", "work.read"),
    MenuItem("vouchers", "制单", "/vouchers/new", "work.prepare"),
)


def menu_for(actor: Actor) -> list[MenuItem]:
    """The items this person may open."""
    return [item for item in MENU if actor.may(item.action)]
