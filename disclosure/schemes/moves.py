"""What the buttons of the form do to a sheet: a row more, a row less, a row up."""

from __future__ import annotations

import re
from typing import Any

from disclosure.schemes.sheet import LISTS, Sheet
from ledger.evaluation.scheme import HALVES

MOST_ROWS = 40
_MOVE = re.compile(r"(add|drop|up):([a-z]{1,20}(?:\.\d{1,2}\.rules)?)(?:\.(\d{1,2}))?", re.ASCII)
_FIRST_CODES = {"service": "S", "party": "P", "vetoes": "V"}


def move(sheet: Sheet, asked: str) -> str:
    """Carry out ``add:service.2.rules``, ``drop:vetoes.1`` or ``up:party.3``; what can't be is left out.

    Returns the place in the form to go on at, '' if the button is none of these.
    """
    found = _MOVE.fullmatch(asked)
    if not found:
        return ""
    what, path, number = found[1], found[2], int(found[3] or 0)
    rows = _rows(sheet, path)
    if rows is None:
        return ""
    if what == "add":
        if len(rows) < MOST_ROWS:
            rows.append(_blank(path, rows))
        return place_of(path, len(rows) - 1)
    if number < len(rows):
        if what == "drop":
            del rows[number]
        elif number:
            rows[number - 1], rows[number] = rows[number], rows[number - 1]
    return place_of(path, max(0, number - 1))


def place_of(path: str, number: int) -> str:
    """The id of a row in the form: ``service-2``; rules and the short lists have one for all."""
    head, _, rest = path.partition(".")
    if rest:
        return f"{head}-{rest.partition('.')[0]}"
    return f"{head}-{number}" if head in HALVES else head


def _rows(sheet: Sheet, path: str) -> list[Any] | None:
    head, *rest = path.split(".")
    rows = sheet.get(head)
    if head not in LISTS or not isinstance(rows, list):
        return None
    if not rest:
        return rows
    number = int(rest[0])
    if head not in HALVES or number >= len(rows):
        return None
    rules: list[Any] = rows[number]["rules"]
    return rules


def _blank(path: str, rows: list[Any]) -> Sheet:
    """A row to fill in, with a code that is free."""
    head = path.rpartition(".")[2]
    codes = {row.get("code") for row in rows}
    first = _FIRST_CODES.get(head, "r" if head == "rules" else "c")
    code = next(
        f"{first}{no}" for no in range(len(rows) + 1, 2 * len(rows) + 3) if f"{first}{no}" not in codes
    )
    if head == "rules":
        return {"code": code, "how": "count", "needed": "1", "args": {}}
    if head in HALVES:
        return {"code": code, "by": {}, "rules": [_blank("rules", [])]}
    return {"code": code, "service": "1"} if head == "vetoes" else {"code": code}
