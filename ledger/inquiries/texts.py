"""Checks of words that stay between the asker and those on duty: they are not searched for private data."""

from __future__ import annotations

from collections.abc import Iterator

from ledger.errors import Problem

LONGEST_QUESTION, LONGEST_ANSWER, LONGEST_NOTE, LONGEST_NAME = 2_000, 4_000, 1_000, 60


def words_problems(text: str, where: str, longest: int, *, needed: bool = True) -> Iterator[Problem]:
    """Everything wrong with one text."""
    if needed and not text.strip():
        yield Problem("missing", f"请填写{where}", where)
    if len(text) > longest:
        yield Problem("too_long", f"最多 {longest} 个字，现在 {len(text)} 个", where)
    if not all(char.isprintable() or char in "\r\n\t" for char in text):
        yield Problem("bad_characters", "含有无法保存的符号，请删去后重新填写", where)
