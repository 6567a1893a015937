"""What every published text is checked for: not empty, not too long, nothing personal in it."""

from __future__ import annotations

from collections.abc import Iterator

from ledger.errors import Problem
from ledger.journal.privacy import private_data_in


def text_problems(text: str, where: str, longest: int, *, needed: bool = True) -> Iterator[Problem]:
    """Everything wrong with one text."""
    if needed and not text.strip():
        yield Problem("missing", f"请填写{where}", where)
    if len(text) > longest:
        yield Problem("too_long", f"最多 {longest} 个字，现在 {len(text)} 个", where)
    for kind in private_data_in(text):
        yield Problem("private_data", f"这里会被公开，但里面像有{kind}，请删去", where)
