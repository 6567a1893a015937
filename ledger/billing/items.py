"""What households are charged, and on which accounts it stands (``items.toml``)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from ledger.errors import refuse


@dataclass(frozen=True, slots=True)
class Item:
    """A kind of charge (收费项目); see ``items.toml`` for the fields."""

    name: str
    title: str
    receivable: str
    fund: str
    event: str
    credits: Mapping[str, str]
    prepaid: str
    methods: tuple[str, ...]
    counted: str

    def credit(self, use_kind: str) -> str:
        """The account on the other side for a unit of this use."""
        return self.credits.get(use_kind) or self.credits[""]


@cache
def load_items() -> Mapping[str, Item]:
    """All kinds of charges by name."""
    rows = tomllib.loads(files("ledger.billing").joinpath("items.toml").read_text(encoding="utf-8"))
    return MappingProxyType(
        {
            name: Item(
                name=name,
                title=row["title"],
                receivable=row["receivable"],
                fund=row["fund"],
                event=row["event"],
                credits=MappingProxyType(row.get("credit_by_use") or {"": row["credit"]}),
                prepaid=row.get("prepaid", ""),
                methods=tuple(row["methods"]),
                counted=row.get("counted", ""),
            )
            for name, row in rows.items()
        }
    )


def find_item(name: str) -> Item:
    """The kind of charge of this name. Raises :class:`~ledger.errors.Refused`."""
    item = load_items().get(name)
    if item is None:
        known = "、".join(f"{item.title}（{item.name}）" for item in load_items().values())
        raise refuse("unknown_item", f"没有“{name}”这个收费项目，可选：{known}", "收费项目")
    return item
