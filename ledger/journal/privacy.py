"""Refuse public texts that carry personal data: what is logged can never be taken back.

The patterns are data (``private_patterns.toml``); people's names can't be told from words, so texts
made by the system never contain them and the person who types a summary is asked to leave them out.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    text = files("ledger.journal").joinpath("private_patterns.toml").read_text(encoding="utf-8")
    return tuple((row["name"], re.compile(row["pattern"])) for row in tomllib.loads(text)["pattern"])


def private_data_in(text: str) -> list[str]:
    """Chinese names of the kinds of personal data found in a public text."""
    return [name for name, pattern in _patterns() if pattern.search(text)]
