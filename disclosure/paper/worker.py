"""The child process that sets and binds pages: ``python -m disclosure.paper.worker``.

Reads a job a line from standard input, does it, and answers with a line: ``{"pages": 12}`` or ``{"error": "..."}``.
It is given no database, no keys and no addresses; it opens only the files named in a job, and loads nothing from
the network. It ends with its input.
"""

from __future__ import annotations

import contextlib
import gc
import json
import logging
import os
import resource
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

MOST_MEMORY = 2 << 30
"""Bytes of address space; beyond, setting a piece fails instead of starving the machine."""


def set_pages(html: str, styles: Sequence[str], target: Path, *, tags: bool = True) -> int:
    """Set an HTML document as PDF; how many pages it has."""
    from weasyprint import CSS, HTML
    from weasyprint.urls import URLFetcher

    sheets = [CSS(string=style) for style in styles]
    fetcher = URLFetcher(allowed_protocols=["data"])
    document = HTML(string=html, base_url=None, url_fetcher=fetcher).render(stylesheets=sheets)
    document.write_pdf(target, pdf_identifier=b"0" * 32, pdf_tags=tags)
    return len(document.pages)


def do(job: Mapping[str, Any]) -> int:
    """One job: ``set`` or ``bind``; how many pages came of it."""
    target = Path(job["target"])
    if job["do"] == "set":
        return set_pages(job["html"], job["styles"], target)
    from disclosure.paper.binding import bind

    return bind(job, target, set_pages)


def main() -> None:
    """Answer jobs until there are no more."""
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints must not look like an answer
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError):
        os.nice(5)  # people who look at pages come first
    for line in sys.stdin:
        try:
            answer: dict[str, Any] = {"pages": do(json.loads(line))}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)
        gc.collect()  # the boxes of a page point at each other


if __name__ == "__main__":
    main()
