"""One font file for a whole document instead of one in each piece.

A Chinese font costs over 100 KB in each piece, however few of its characters are used. Glyph numbers are those
of the whole font, so that the pieces can share one subset with the characters of all.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from pikepdf import Name, Object, Pdf

LISTING_FONT = "Noto-Sans-Mono-CJK-SC"
_PAIRS = re.compile(rb"<([0-9a-fA-F]{4})> <([0-9a-fA-F]+)>")
_RANGES = re.compile(rb"begincodespacerange.*?endcodespacerange", re.DOTALL)


def fonts_of(document: Pdf) -> Iterator[tuple[Object, str, Object]]:
    """Each font as (dictionary it is in, its key, the font), once for each set of resources."""
    seen = set()
    for page in document.pages:
        fonts = page.resources.get(Name.Font)
        if fonts is None or (fonts.is_indirect and fonts.objgen in seen):
            continue
        if fonts.is_indirect:
            seen.add(fonts.objgen)
        for key in sorted(fonts.keys()):  # they come as a set
            yield fonts, key, fonts[key]


def glyphs_of(font: Object) -> dict[str, str]:
    """The text of each glyph of a font, by its number in hexadecimal; empty if the font doesn't say."""
    if Name.ToUnicode not in font:
        return {}
    table = _RANGES.sub(b"", font.ToUnicode.read_bytes())
    return {
        glyph.decode(): bytes.fromhex(text.decode()).decode("utf-16-be", "replace")
        for glyph, text in _PAIRS.findall(table)
    }


def characters_of(documents: Iterable[Pdf]) -> str:
    """Every character that is set in the font of listings, in order."""
    found: set[str] = set()
    for document in documents:
        for _, _, font in fonts_of(document):
            if str(font.BaseFont).endswith(LISTING_FONT):
                for text in glyphs_of(font).values():
                    found.update(text)
    return "".join(sorted(char for char in found if unicodedata.category(char)[0] != "C"))


def share_fonts(whole: Pdf, shared: Pdf) -> None:
    """Let the pages use the fonts of ``shared`` where these have all the glyphs a page's own font has."""
    ours: dict[str, tuple[Object, dict[str, str]]] = {}
    for _, _, font in fonts_of(shared):
        ours[str(font.BaseFont)] = (whole.copy_foreign(font), glyphs_of(font))
    for fonts, key, font in fonts_of(whole):
        font_shared, glyphs = ours.get(str(font.BaseFont), (None, {}))
        own = glyphs_of(font)
        if font_shared is not None and own and own.items() <= glyphs.items():
            fonts[key] = font_shared
