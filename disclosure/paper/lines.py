"""Breaking text into lines of a monospaced font, in which a Chinese character is two digits wide."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_NOT_FIRST = frozenset("，。、；：！？）〉》」』】〕％…,.;:!?)]}%·")
"""Never begin a line, as Chinese typesetting wants it."""
_NOT_LAST = frozenset("（〈《「『【〔￥¥([{")
"""Never end one."""


@lru_cache(maxsize=8192)
def width_of(char: str) -> int:
    """Room a character takes, in half Chinese characters; what is in doubt counts as wide."""
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WFA" else 1


def text_width(text: str) -> int:
    """Room a text takes on one line."""
    return sum(map(width_of, text))


def break_lines(text: str, room: int) -> list[str]:
    """The text in lines of at most ``room`` (>= 4); nothing but white space at breaks is left out."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        rest = paragraph.strip()
        while text_width(rest) > room:
            end = _end(rest, room)
            lines.append(rest[:end].rstrip())
            rest = rest[end:].lstrip()
        lines.append(rest)
    return lines


def _end(text: str, room: int) -> int:
    """Where the first line ends: at the last place that is good for a break, or simply when full."""
    used = full = 0
    while full < len(text) and used + width_of(text[full]) <= room:
        used += width_of(text[full])
        full += 1
    for end in range(full, 0, -1):
        if _good(text[end - 1], text[end]):
            return end
    return max(full, 1)


def _good(before: str, after: str) -> bool:
    if before == " " or after == " ":
        return True
    if after in _NOT_FIRST or before in _NOT_LAST or unicodedata.combining(after):
        return False
    return not (_in_word(before) and _in_word(after))


def _in_word(char: str) -> bool:
    return width_of(char) < 2 and not char.isspace()
