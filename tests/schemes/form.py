"""What a browser sends from the form of a scheme."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ledger.evaluation.scheme import BODIES, HALVES


def fields_of(sheet: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Names and values as a form sends them: boxes that are not ticked are left out."""
    for name, value in sheet.items():
        if isinstance(value, list):
            for no, item in enumerate(value):
                yield from fields_of(item, f"{before}{name}.{no}.")
        elif isinstance(value, Mapping):
            yield from fields_of(value, f"{before}{name}.")
        elif value or name not in (*HALVES, *BODIES, "satisfied", "needed"):
            yield f"{before}{name}", value
