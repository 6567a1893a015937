"""Words that everybody will read: refused when empty, too long, or when they carry personal data."""

from __future__ import annotations

from collections.abc import Iterable

from ledger.errors import Problem
from ledger.journal.privacy import private_data_in


def text_problems(title: str, text: str, *, longest: int, required: bool = True) -> Iterable[Problem]:
    """Everything wrong with a text that will be public."""
    if required and not text.strip():
        yield Problem("missing", f"请填写{title}", title)
    if len(text) > longest:
        yield Problem("too_long", f"{title}最多 {longest} 个字", title)
    if found := private_data_in(text):
        names = "、".join(found)
        yield Problem("private_data", f"{title}会公开，不能写{names}；请改用“一位业主”“某楼栋”等说法", title)
