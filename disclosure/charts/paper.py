"""Charts on paper: the same picture with its style sheet inside, as WeasyPrint styles a picture by nothing else."""

from __future__ import annotations

from functools import cache

from markupsafe import Markup

from disclosure.charts.value import Chart
from disclosure.public.rendering import STATIC


def printed(chart: Chart) -> Markup:
    """The picture for a document that WeasyPrint sets; empty if there is nothing to show."""
    start, mark, rest = chart.svg.partition(">")
    return start + mark + Markup("<style>{}</style>").format(_style()) + rest if mark else Markup("")


@cache
def _style() -> Markup:
    """Without comments and line ends: it goes along with every picture. The file is our own."""
    text = (STATIC / "charts-print.css").read_text(encoding="utf-8")
    rules = "".join(line.strip() for line in text.splitlines() if not line.startswith("/*"))
    return Markup(rules)  # noqa: S704 - a file of ours, no input
