"""The foot of each page: a line at the left that is the same throughout, and at the right which page it is.

WeasyPrint sets the line once and, on a page of its own, every character that is needed; the page numbers are
then written with that font. So a thousand pages get their numbers in a moment, and the pieces can share the font.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from pikepdf import Name, Object, Page, Pdf

from disclosure.paper.fonts import fonts_of, glyphs_of
from disclosure.paper.parts import SIZES, Paper

_POINTS_A_MM = 72 / 25.4
_SIZES: dict[Paper, tuple[float, float, float]] = {"A4": (8, 14, 9), "A3": (14, 28, 15)}
"""As of the pages themselves: type in points; millimetres from the sides and from the bottom of the paper."""
_NUMERALS = "第页共/ 0123456789"
_BEGIN = b"Q\n/Artifact <</Type /Pagination /Subtype /Footer>> BDC\n"
_TEXT = b"q %s Do Q\nBT 0.33 g %s %.2f Tf 1 0 0 1 %.2f %.2f Tm <%s> Tj ET\nEMC\n"


def foot_source(imprint: Mapping[str, str], paper: Paper, characters: str) -> str:
    """The document the foot and the font that pieces share are taken from."""
    size, side, bottom = _SIZES[paper]
    text = escape(_NUMERALS + characters)
    return f"""<html lang="zh-CN"><head><title>-</title><style>
@page {{ size: {SIZES[paper]}; margin: 0 }}
html {{ font: {size}pt/1 "Noto Sans Mono CJK SC", "Noto Sans CJK SC", monospace }}
p {{ margin: 0; overflow-wrap: anywhere }}
.foot {{ position: absolute; left: {side}mm; bottom: {bottom}mm; color: #555; width: 70% }}
.all {{ break-before: page }}
</style></head><body><p class="foot">{escape(imprint["footer"])}</p><p>&nbsp;</p>
<p class="all">{text}</p></body></html>"""


class Feet:
    """Writes the foot of pages, from the document made of :func:`foot_source`."""

    def __init__(self, whole: Pdf, source: Pdf, paper: Paper) -> None:
        self._size, side, bottom = _SIZES[paper]
        box = source.pages[0].mediabox
        self._right = float(box[2]) - side * _POINTS_A_MM
        self._base = bottom * _POINTS_A_MM + self._size * 0.12
        self._form = whole.copy_foreign(source.pages[0].as_form_xobject())
        font, self._glyphs = _font_with(source, _NUMERALS)
        self._font = whole.copy_foreign(font)
        self._widths = _widths(font)

    def write(self, page: Page, number: int, total: int) -> None:
        """Put the foot on a page. It is an artifact of the page: not read aloud."""
        text = f"第 {number} 页 / 共 {total} 页"
        glyphs = [self._glyphs[char] for char in text]
        width = sum(self._widths[glyph] for glyph in glyphs) * self._size / 1000
        form = page.add_resource(self._form, Name.XObject, Name.MingzhangFoot)
        font = page.add_resource(self._font, Name.Font, Name.MingzhangNumerals)
        place = self._right - width, self._base
        written = (str(form).encode(), str(font).encode(), self._size, *place, "".join(glyphs).encode())
        page.contents_add(b"q\n", prepend=True)
        page.contents_add(_BEGIN + _TEXT % written)


def _font_with(source: Pdf, characters: str) -> tuple[Object, dict[str, str]]:
    """A font and the glyph of each character. Raises ValueError if none has them all."""
    for _, _, font in fonts_of(source):
        glyphs = {text: glyph for glyph, text in glyphs_of(font).items()}
        if all(char in glyphs for char in characters):
            return font, glyphs
    raise ValueError("no font for page numbers")


def _widths(font: Object) -> dict[str, float]:
    """Widths by glyph, in thousandths of the type."""
    found: dict[str, float] = {}
    items = list(font.DescendantFonts[0].W)
    for first, widths in zip(items[::2], items[1::2], strict=True):
        for step, width in enumerate(widths):
            found[f"{int(first) + step:04x}"] = float(width)
    return found
