"""Answers that are sent in pieces, and what may take seconds: for a few at a time, so that pages stay quick.

Pieces read from the books hold a connection to the database until the last one is sent. So there are only a few
such downloads at once, none lasts longer than :data:`LONGEST`, and whatever becomes of the reader, who may be slow
on purpose or gone, the connection is given back.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock
from typing import Any, cast

from anyio import move_on_after
from litestar.response import Stream
from litestar.types import Receive, Scope, Send

from disclosure.paper import Busy

LONGEST = 900
"""Seconds after which a download is broken off: the connection is closed, so that nobody takes it for whole."""
_DOWNLOADS = BoundedSemaphore(4)
_SUMS = BoundedSemaphore(2)
_BUSY = "现在下载和计算的人较多，请过一两分钟再试"


class Pieces:
    """Pieces, made as they are asked for. ``close`` may be called at any time and from any thread."""

    def __init__(self, pieces: Iterator[bytes], end: Callable[[], object] = lambda: None) -> None:
        self._pieces = pieces
        self._end: Callable[[], object] | None = end
        self._dropped = False
        self._lock = Lock()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            with self._lock:
                return next(self._pieces)
        except StopIteration:
            self.close()
            raise
        except ValueError as error:  # taken for the end by Litestar: half a file would look whole
            raise RuntimeError("a download broke off") from error
        finally:
            if self._dropped:
                self.close()

    def close(self) -> None:
        """No more are wanted. While one is being made, whoever makes it ends it all afterwards."""
        self._dropped = True
        if not self._lock.acquire(blocking=False):
            return
        try:
            end, self._end = self._end, None
            if end is not None:
                cast(Any, self._pieces).close()
                end()
        finally:
            self._lock.release()

    def __del__(self) -> None:
        self.close()


class Download(Stream):
    """An answer in pieces whose source is closed when all was sent, the reader went away, or it took too long."""

    def __init__(self, pieces: Iterator[bytes], *, media_type: str, headers: dict[str, str]) -> None:
        self._source = pieces if isinstance(pieces, Pieces) else Pieces(pieces)
        super().__init__(self._source, media_type=media_type, headers=headers)

    def to_asgi_response(self, *args: Any, **values: Any) -> Any:
        """The answer as Litestar sends it, and then the end of its source."""
        sending, source = super().to_asgi_response(*args, **values), self._source

        async def send_all(scope: Scope, receive: Receive, send: Send) -> None:
            try:
                with move_on_after(LONGEST):
                    await cast(Callable[..., Awaitable[None]], sending)(scope, receive, send)
            finally:
                source.close()

        return send_all


def one_of_few(pieces: Iterator[bytes]) -> Pieces:
    """Pieces read from the books. Raises :class:`~disclosure.paper.Busy` if there are too many downloads."""
    if not _DOWNLOADS.acquire(blocking=False):
        raise Busy(_BUSY)
    return Pieces(pieces, _DOWNLOADS.release)


@contextmanager
def adding_up() -> Iterator[None]:
    """Around sums over more than a page may cost. Raises :class:`~disclosure.paper.Busy`."""
    if not _SUMS.acquire(blocking=False):
        raise Busy(_BUSY)
    try:
        yield
    finally:
        _SUMS.release()
