"""Answers that are files on disk: sent in pieces, so that a long document takes no more memory than a short one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from litestar.response import Stream

from disclosure.public.answers import Answer, Req, answer

_PIECE = 64 * 1024


def file_answer(
    request: Req,
    make: Callable[[], Path],
    *,
    media_type: str,
    version: object,
    headers: dict[str, str] | None = None,
) -> Answer:
    """The file that ``make`` names, or 304 if the client holds it: as :func:`disclosure.public.answers.answer`."""
    head = answer(request, lambda: b"", media_type=media_type, version=version, headers=headers)
    if head.status_code == 304:
        return head
    path = make()
    said = {name: value for name, value in head.headers.items() if name.lower() != "content-length"}
    said["content-length"] = str(path.stat().st_size)
    sent: Answer = Stream(_pieces(path), media_type=media_type, headers=said)  # type: ignore[assignment]
    return sent


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece
