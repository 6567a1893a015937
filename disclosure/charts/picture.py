"""Shapes of a picture: SVG with classes, in whole tenths of a unit, so that nothing is ever rounded twice.

A picture is ``WIDTH`` wide, or ``NARROW`` where it is drawn a second time for very large letters. On a phone a
unit is about a pixel, letters are 15 and 16 units high. Colours come from the page's style sheet, or from ``charts-print.css`` on paper; nothing here needs either to be readable:
what colour says is also said by shape and words.
"""

from __future__ import annotations

from markupsafe import Markup, escape

WIDTH = 3600
NARROW = 2200
"""As wide as a phone shows whole when letters are more than half as large again."""
LETTERS = 165
"""Height of names."""
SMALL = 150
"""Height of everything else: nothing is smaller."""
SLIVER = 10
"""What is not nothing shows at least as this."""


class Picture:
    """Shapes that are drawn one over the other."""

    def __init__(self, name: str, width: int = WIDTH) -> None:
        self._name = name
        self.width = width
        self._parts: list[Markup] = []

    def rect(self, kind: str, x: int, y: int, width: int, height: int) -> None:
        """A rectangle. Raises ValueError for a negative size: a browser would not draw it."""
        if width < 0 or height < 0:
            raise ValueError(f"a rectangle of {width} by {height}")
        self._parts.append(
            Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
                kind, x, y, width, height
            )
        )

    def rule(self, kind: str, x1: int, y1: int, x2: int, y2: int) -> None:
        """A straight line."""
        self._parts.append(
            Markup('<path class="{}" d="M{} {}L{} {}" fill="none"/>').format(kind, x1, y1, x2, y2)
        )

    def path(self, kind: str, steps: str) -> None:
        """Any shape, as SVG spells paths."""
        self._parts.append(Markup('<path class="{}" d="{}"/>').format(kind, steps))

    def text(
        self, words: str, x: int, y: int, *, kind: str = "", at: str = "start", size: int = SMALL
    ) -> None:
        """Words on one line; ``at``: whether ``x`` is their start, middle or end."""
        anchor = "" if at == "start" else Markup(' text-anchor="{}"').format(at)
        height = "" if size == SMALL else Markup(' font-size="{}"').format(size)
        named = Markup(' class="{}"').format(kind) if kind else ""
        self._parts.append(
            Markup('<text{} x="{}" y="{}"{}{}>{}</text>').format(named, x, y, anchor, height, words)
        )

    def svg(self, height: int) -> Markup:
        """The picture, labelled by the title and the summary that stand beside it on the page."""
        return Markup(
            '<svg class="chart-picture" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" role="img"'
            ' aria-labelledby="{2}-title" aria-describedby="{2}-says" font-size="{3}">{4}</svg>'
        ).format(self.width, height, self._name, SMALL, Markup("").join(self._parts))


def length(amount: int, whole: int, full: int) -> int:
    """``amount`` as a length if ``whole`` is ``full`` long, to the nearest tenth; never invisible.

    Amounts may be negative; the length is not.
    """
    if whole <= 0 or amount == 0:
        return 0
    return max(SLIVER, (2 * abs(amount) * full + whole) // (2 * whole))


def width_of(words: str, size: int) -> int:
    """About how wide words are: a Chinese character is as wide as it is high, others a little over half."""
    return sum(size if ord(char) > 0x2E7F else size * 3 // 5 for char in words)


def lines_of(words: str, size: int, width: int) -> tuple[str, ...]:
    """Words on one line or two of about the same length; what doesn't fit is cut with an ellipsis."""
    if width_of(words, size) <= width:
        return (words,)
    half = (len(words) + 1) // 2
    if width_of(words[:half], size) <= width and width_of(words[half:], size) <= width:
        return words[:half], words[half:]
    first = _fitting(words, size, width)
    second = words[len(first) :]
    if width_of(second, size) > width:
        second = _fitting(second, size, width - size) + "…"
    return first, second


def _fitting(words: str, size: int, width: int) -> str:
    end = len(words)
    while end > 1 and width_of(words[:end], size) > width:
        end -= 1
    return words[:end]


def safe_name(name: str) -> str:
    """A name as an id. Raises ValueError for what could not be one."""
    if not (name.isascii() and name.replace("-", "").isalnum() and name[0].isalpha()):
        raise ValueError(f"no name for a chart: {escape(name)}")
    return name
