"""Known structures of e-invoices (``data/layouts.toml``) and what is read by them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cache
from importlib.resources import files
from xml.etree.ElementTree import Element

from ledger.money import parse_yuan

_DAY = re.compile(r"(\d{4})\D?(\d{1,2})\D?(\d{1,2})")
_MOST_TEXT = 200


@dataclass(frozen=True, slots=True)
class Reading:
    """What an invoice says. Amounts in fen: without tax, tax, and both together; None if not stated."""

    layout: str = ""
    number: str = ""
    issued_on: date | None = None
    seller: str = ""
    seller_tax_no: str = ""
    buyer: str = ""
    buyer_tax_no: str = ""
    net: int | None = None
    tax: int | None = None
    total: int | None = None

    @property
    def adds_up(self) -> bool:
        """Whether the amounts agree, as far as they are stated."""
        if self.net is None or self.tax is None or self.total is None:
            return True
        return self.net + self.tax == self.total

    def filled_by(self, other: Reading) -> Reading:
        """This reading, with what it lacks taken from another."""
        empty = ("", None)
        return replace(
            self,
            **{
                field.name: getattr(other, field.name)
                for field in fields(self)
                if getattr(self, field.name) in empty and getattr(other, field.name) not in empty
            },
        )


@dataclass(frozen=True, slots=True)
class Layout:
    """One structure: the root's local name and, for each field, where it may stand."""

    name: str
    root: str
    by_reference: bool
    paths: Mapping[str, tuple[tuple[str, ...], ...]]

    def read(self, root: Element, texts: Mapping[str, str]) -> Reading | None:
        """The invoice under a root; None without a number. ``texts``: text objects of an OFD by id."""
        if local(root) != self.root:
            return None
        found = {name: self._first(root, name, texts) for name in self.paths}
        number = "".join((found.get("code", "") + found.get("number", "")).split())
        if not found.get("number"):
            return None
        return Reading(
            layout=self.name,
            number=number[:_MOST_TEXT],
            issued_on=_day(found.get("issued_on", "")),
            seller=found.get("seller", ""),
            seller_tax_no=found.get("seller_tax_no", ""),
            buyer=found.get("buyer", ""),
            buyer_tax_no=found.get("buyer_tax_no", ""),
            net=_fen(found.get("net", "")),
            tax=_fen(found.get("tax", "")),
            total=_fen(found.get("total", "")),
        )

    def _first(self, root: Element, name: str, texts: Mapping[str, str]) -> str:
        for path in self.paths[name]:
            for element in _below(root, path):
                text = self._text(element, texts)
                if text:
                    return text[:_MOST_TEXT]
        return ""

    def _text(self, element: Element, texts: Mapping[str, str]) -> str:
        if not self.by_reference:
            return (element.text or "").strip()
        refs = [(item.text or "").strip() for item in element.iter() if local(item) == "ObjectRef"]
        return "".join(texts.get(ref, "") for ref in refs).strip()


@cache
def layouts() -> tuple[Layout, ...]:
    """All known structures, best first."""
    text = files("ledger.invoices").joinpath("data", "layouts.toml").read_text(encoding="utf-8")
    return tuple(
        Layout(
            name=row["name"],
            root=row["root"],
            by_reference=row.get("by_reference", False),
            paths={
                name: tuple(tuple(path.split("/")) for path in paths) for name, paths in row["fields"].items()
            },
        )
        for row in tomllib.loads(text)["layout"]
    )


def local(element: Element) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rsplit("}", 1)[-1]


def _below(element: Element, path: tuple[str, ...]) -> Iterator[Element]:
    """Elements at a path of local names; a last step ``Name=x`` asks for an attribute."""
    if not path:
        yield element
        return
    step, *rest = path
    if "=" in step:
        name, _, value = step.partition("=")
        if element.get(name) == value:
            yield element
        return
    for child in element:
        if local(child) == step:
            yield from _below(child, tuple(rest))


def _day(text: str) -> date | None:
    match = _DAY.match(text.strip())
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def _fen(text: str) -> int | None:
    """Fen of an amount; None for ``***`` (tax-free) and anything that is no amount to the fen."""
    try:
        return parse_yuan(text)
    except ValueError:
        return None
