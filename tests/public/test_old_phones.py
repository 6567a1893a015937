"""Style sheets and scripts are understood by the old browser inside WeChat on a phone of 2017 (about Chrome 86)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from disclosure.public.rendering import STATIC

_TOO_NEW_STYLE = {
    "margin-, padding-, border-inline or -block for two sides": r"(?:margin|padding|border)-(?:inline|block)\s*:",
    "inset": r"[{;\s]inset\s*:",
    "container queries": r"@container|container-type",
    "nesting": r"[{;]\s*&",
    ":is and :where": r":(?:is|where)\(",
    ":not of several": r":not\([^)]*,",
    "cascade layers": r"@layer",
    "mixed colours": r"color-mix\(",
    "small, large and dynamic viewports": r"\d[sld]vh\b",
}
_TOO_NEW_SCRIPT = {
    "logical assignment": r"\?\?=|\|\|=|&&=",
    "at": r"\.at\(",
    "structuredClone": r"\bstructuredClone\b",
    "hasOwn": r"Object\.hasOwn\b",
    "private members": r"this\.#",
    "modules in a classic script": r"^import\s",
}
_PRINTED = ("print", "letters", "notice-board", "listing")


def _read_by_browsers(kind: str) -> list[Path]:
    """Paper is set by our own engine, which is new."""
    return [file for file in sorted(STATIC.glob(f"*.{kind}")) if not any(n in file.name for n in _PRINTED)]


@pytest.mark.parametrize("file", _read_by_browsers("css"), ids=lambda file: file.name)
def test_styles_need_no_new_browser(file: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert [name for name, form in _TOO_NEW_STYLE.items() if re.search(form, text)] == []


@pytest.mark.parametrize("file", _read_by_browsers("js"), ids=lambda file: file.name)
def test_scripts_need_no_new_browser(file: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert [name for name, form in _TOO_NEW_SCRIPT.items() if re.search(form, text, re.MULTILINE)] == []
