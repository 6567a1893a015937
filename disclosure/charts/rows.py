"""Lying bars, one under the other, each with its name above and its figures beside, or below where it is narrow."""

from __future__ import annotations

from disclosure.charts.picture import LETTERS, SMALL, WIDTH, Picture, lines_of

BAR = 180
_OUTLINE = 20
FULL = WIDTH - _OUTLINE
"""How long a full bar is; room for its outline is left."""


def full(picture: Picture) -> int:
    """How long a full bar is in this picture."""
    return picture.width - _OUTLINE


def heading(picture: Picture, y: int, name: str, figure: str) -> int:
    """A name at the left, a figure at the right; on two lines if it is long. Where the next thing may begin.

    In a narrow picture a long name has its lines to itself, and the figure has the next.
    """
    room = picture.width - len(figure) * SMALL * 3 // 4 - 200
    below = picture.width < WIDTH and len(lines_of(name, LETTERS, room)) > 1
    lines = lines_of(name, LETTERS, picture.width if below else room)
    for number, words in enumerate(lines):
        picture.text(words, 0, y + 150 + 190 * number, kind="chart-name", size=LETTERS)
    under = 190 * len(lines) if below else 0
    picture.text(figure, picture.width, y + 150 + under, kind="chart-figure", at="end")
    return y + 200 + 190 * (len(lines) - 1 + below)
