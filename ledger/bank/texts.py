"""Texts as a statement file may hold them, made plain: they are never run, only kept."""

import re

MAX_TEXT = 1000
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+")
"""Control characters break databases; invisible direction marks make a name read as another."""
_FORMULA_TEXT = re.compile(r'="([^"]*)"')
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+?\d+")


def visible(text: str) -> str:
    """``text`` without control characters and invisible marks, trimmed."""
    return UNSEEN.sub(" ", text).strip()


def plain_number(text: str) -> str:
    """An account or flow number without what spreadsheets put around it.

    Raises ``ValueError`` (Chinese) if a spreadsheet has cut off its digits.
    """
    if wrapped := _FORMULA_TEXT.fullmatch(text):
        text = wrapped[1]
    text = text.lstrip("'")
    if _SCIENTIFIC.fullmatch(text):
        raise ValueError("号码被表格软件改成了科学计数法，尾数已丢失；请重新下载原始文件，不要打开另存")
    return text
