"""A PDF as pictures: to look at before blacking out, and as the copy others see.

The copy is a new PDF made of pictures of the pages. No text, script, attachment or metadata of the
original is in it.
"""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from ledger.documents import pdf_child
from ledger.documents.pdf_child import MAX_PAGES
from ledger.documents.pictures import Box, black_out, open_picture
from ledger.errors import Refused, refuse

_MAX_SECONDS = 90
_DPI = 170
_REASONS = {
    "locked": "PDF 加了密码，请去掉密码后再传",
    "pages": f"PDF 没有页，或超过 {MAX_PAGES} 页；请拆开后分别上传",
}
_DAMAGED = "PDF 打不开：文件不完整或已损坏，请重新扫描或下载"


def count_pages(data: bytes) -> int:
    """How many pages a PDF has. Raises :class:`Refused` if it can't be shown page by page."""
    return int(_child(data, "count"))


def page_picture(data: bytes, page: int) -> Image.Image:
    """The picture of one page (from 0). Raises :class:`Refused`."""
    return _split(_child(data, str(page)))[0]


def pdf_copy(data: bytes, boxes: Sequence[Box]) -> bytes:
    """A PDF of pictures of all pages with the boxes black. Raises :class:`Refused`."""
    pages = [
        black_out(picture, [box for box in boxes if box.page == number])
        for number, picture in enumerate(_split(_child(data, "all")))
    ]
    out = io.BytesIO()
    first, *others = pages
    # No dates: the same pages give the same bytes, and the clock of this machine is nobody's business.
    first.save(
        out,
        "PDF",
        save_all=True,
        append_images=others,
        resolution=_DPI,
        creationDate=None,
        modDate=None,
    )
    return out.getvalue()


def _split(stream: bytes) -> list[Image.Image]:
    pictures = []
    place = 0
    while place < len(stream):
        length = int.from_bytes(stream[place : place + 4], "big")
        pictures.append(open_picture(stream[place + 4 : place + 4 + length]))
        place += 4 + length
    return pictures


def _child(data: bytes, asked: str) -> bytes:
    command = [sys.executable, "-I", str(Path(pdf_child.__file__)), asked]
    try:
        # Our own script, no shell; the argument is a number or one of two words.
        done = subprocess.run(command, input=data, capture_output=True, timeout=_MAX_SECONDS, check=False)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise _refusal("damaged") from error
    if done.returncode != 0 or not done.stdout:
        raise _refusal(done.stderr.decode(errors="replace").strip())
    return done.stdout


def _refusal(reason: str) -> Refused:
    return refuse("pdf_damaged", _REASONS.get(reason, _DAMAGED), "附件")
