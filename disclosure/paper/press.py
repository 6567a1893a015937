"""Printing: what is not yet set is set in child processes, then all is bound into one file that is kept.

Everything is kept by the hash of what it depends on: documents by their ``key``, pieces by their text and style,
as long as there is room for it. A file appears whole or not at all; of two who ask at once the second waits and gets
the first one's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from threading import BoundedSemaphore

from disclosure.paper.crew import crew
from disclosure.paper.kept import is_kept, tidy
from disclosure.paper.listing import PAGES_A_PIECE, listing_pieces
from disclosure.paper.parts import Imprint, Paper, Part, Sheet
from ledger.errors import refuse

MOST_PAGES = 1_000
"""Longer documents are refused: nobody reads them on paper, and there is the CSV."""
LONGEST_WAIT = 120
"""Seconds to wait for other documents to be finished."""
_STATIC = Path(__file__).resolve().parents[1] / "static"
_PRESS = BoundedSemaphore(1)
"""One document at a time: it uses all hands, and people who look at pages need the rest."""
_QUEUE = BoundedSemaphore(4)
"""Who waits keeps a thread of the server busy, so that only few may."""


class Busy(Exception):
    """Too many documents are waiting to be set; it can be asked again in a minute."""


def print_pdf(
    cache_dir: Path, imprint: Imprint, parts: Callable[[], Iterable[Part]], *, paper: Paper, key: bytes
) -> Path:
    """The finished file of a document, set only if it isn't kept already.

    ``key`` says what the document depends on, besides imprint and paper; ``parts`` is called only when it has to
    be set. Raises :class:`Busy`, :class:`~disclosure.paper.crew.PrintFailed`, or
    :class:`~ledger.errors.Refused` for more than :data:`MOST_PAGES`.
    """
    name = _hash("document", _tools(), paper, asdict(imprint), key.hex())
    target = cache_dir / "paper" / "documents" / f"{name}.pdf"
    if is_kept(target):
        return target
    with _press():
        if not is_kept(target):
            _make(cache_dir / "paper" / "pieces", list(_texts(parts(), paper)), imprint, paper, target)
            tidy(cache_dir / "paper")
    return target


_Piece = tuple[str, tuple[str, ...], str]
"""HTML, style sheets, bookmark."""


def _texts(parts: Iterable[Part], paper: Paper) -> Iterator[_Piece]:
    pages = 0
    for part in parts:
        if isinstance(part, Sheet):
            yield part.html, part.styles, part.bookmark
            continue
        for number, html in enumerate(listing_pieces(part, paper)):
            pages += PAGES_A_PIECE if number else 1
            if pages > MOST_PAGES:
                raise refuse(
                    "too_long_for_paper",
                    f"内容超过 {MOST_PAGES:,} 页，不宜打印；请选更短的期间，或下载 CSV",
                    "打印范围",
                )
            yield html, ("listing.css",), "" if number else part.title


def _make(folder: Path, ready: list[_Piece], imprint: Imprint, paper: Paper, target: Path) -> None:
    texts = {_piece_file(folder, html, styles): (html, styles) for html, styles, _ in ready}
    with crew() as hands:
        setting = [
            hands.start({"do": "set", "html": html, "styles": [_style(name) for name in styles]}, file)
            for file, (html, styles) in texts.items()
            if not is_kept(file)
        ]
        for piece in setting:
            piece.result()
        pieces = [
            {"file": str(_piece_file(folder, html, styles)), "bookmark": mark} for html, styles, mark in ready
        ]
        job = {"do": "bind", "pieces": pieces, "imprint": asdict(imprint), "paper": paper}
        hands.start(job, target).result()


def _piece_file(folder: Path, html: str, styles: Iterable[str]) -> Path:
    return folder / f"{_hash('piece', _tools('worker.py'), html, [_style(name) for name in styles])}.pdf"


@contextmanager
def _press() -> Iterator[None]:
    busy = Busy("排队打印的文件较多，请一两分钟后再试")
    if not _QUEUE.acquire(blocking=False):
        raise busy
    try:
        if not _PRESS.acquire(timeout=LONGEST_WAIT):
            raise busy
        try:
            yield
        finally:
            _PRESS.release()
    finally:
        _QUEUE.release()


@cache
def _style(name: str) -> str:
    return (_STATIC / name).read_text(encoding="utf-8")


@cache
def _tools(*sources: str) -> str:
    """What sets pages: our own files, all of them if none is named, and the versions of the libraries."""
    folder = Path(__file__).parent
    files = [folder / source for source in sources] or sorted(folder.glob("*.py"))
    versions = [f"{library} {version(library)}" for library in ("weasyprint", "pikepdf")]
    return _hash(*versions, *(file.read_text(encoding="utf-8") for file in files))


def _hash(*parts: object) -> str:
    return sha256(json.dumps(parts).encode()).hexdigest()
