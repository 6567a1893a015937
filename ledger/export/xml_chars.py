"""Text as XML can hold it."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

_OUTSIDE = "\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\ud800-\\udfff\\ufffe\\uffff"
"""What is no character to XML 1.0 (production 2): most control characters, and halves of pairs."""
_NEVER = re.compile(f"[{_OUTSIDE}]")
_AWKWARD = re.compile(f"[{_OUTSIDE}&<>]")


def xml_text(text: str) -> str:
    """``text`` without the few characters that XML cannot hold, escaped or not."""
    return _NEVER.sub("", text)


def escaped(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Texts as they may stand between tags; looks once at all of them, as few need anything."""
    return tuple(escape(xml_text(text)) for text in texts) if _AWKWARD.search("".join(texts)) else texts
