"""Answers that are files on disk: sent in pieces, so that a long document takes no more memory than a short one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from disclosure.public.answers import Answer, Req, answer
from disclosure.public.downloads import Download

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
    file = make().open("rb")  # from here on it can be removed or replaced: these bytes are sent
    said = {name: value for name, value in head.headers.items() if name.lower() != "content-length"}
    said["content-length"] = str(os.fstat(file.fileno()).st_size)
    sent: Answer = Download(_pieces(file), media_type=media_type, headers=said)  # type: ignore[assignment]
    return sent


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece
