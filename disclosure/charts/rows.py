"""Lying bars, one under the other, each with its name above and its figures beside."""

from __future__ import annotations

from disclosure.charts.picture import LETTERS, SMALL, WIDTH, Picture, lines_of

BAR = 180
FULL = WIDTH - 20
"""How long a full bar is; room for its outline is left."""


def heading(picture: Picture, y: int, name: str, figure: str) -> int:
    """A name at the left, a figure at the right; on two lines if it is long. Where the next thing may begin."""
    room = WIDTH - len(figure) * SMALL * 3 // 4 - 200
    lines = lines_of(name, LETTERS, room)
    for number, words in enumerate(lines):
        picture.text(words, 0, y + 150 + 190 * number, kind="chart-name", size=LETTERS)
    picture.text(figure, WIDTH, y + 150, kind="chart-figure", at="end")
    return y + 200 + 190 * (len(lines) - 1)
