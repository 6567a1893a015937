"""Pictures from outside: opened within limits, turned upright, blacked out, written anew.

What others see is never the file that came in but a new picture of its pixels: no metadata (place,
device, time), nothing after the end of the picture, and where a box was drawn there is only black.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFile, ImageOps

from ledger.documents.kinds import JPEG, PNG
from ledger.errors import Refused, refuse

MAX_PIXELS = 50_000_000
MAX_SIDE = 20_000
SHOWN_SIDE = 2_600
"""Longest side of a copy in pixels: an A4 page at 220 dpi."""
WHOLE = 10_000
"""Boxes are told in 1/10000 of the page, so that they fit a picture of any size."""
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
_DAMAGE = (OSError, ValueError, SyntaxError, EOFError, IndexError, TypeError, OverflowError, MemoryError)
_BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)


@dataclass(frozen=True, slots=True)
class Box:
    """What to black out: page (from 0), left, top, width and height in 1/10000 of the page."""

    page: int
    left: int
    top: int
    width: int
    height: int


def open_picture(data: bytes) -> Image.Image:
    """The pixels of a picture, upright and without anything else. Raises :class:`Refused`.

    The size is known from the first bytes and judged before any pixel is unpacked.
    """
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # WeasyPrint turns it on for the whole process when imported
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as found:
            width, height = found.size
            if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
                raise _too_many_pixels()
            upright = ImageOps.exif_transpose(found)
            return _plain(upright)
    except _BOMB as error:
        raise _too_many_pixels() from error
    except _DAMAGE as error:
        raise refuse("picture_damaged", "图片打不开：文件不完整或已损坏，请重新拍照或扫描", "附件") from error


def _too_many_pixels() -> Refused:
    return refuse(
        "picture_too_large",
        f"图片超过 {MAX_PIXELS // 10_000} 万像素或边长超过 {MAX_SIDE} 点，请把相机或扫描仪调到较低的分辨率",
        "附件",
    )


def _plain(picture: Image.Image) -> Image.Image:
    """The same pixels on white, in a picture that carries nothing else."""
    plain = Image.new("RGB", picture.size, "white")
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        plain.paste(layer, mask=layer.getchannel("A"))
    else:
        plain.paste(picture.convert("RGB"))
    return plain


def black_out(picture: Image.Image, boxes: Sequence[Box]) -> Image.Image:
    """Paint the boxes black, rounded outwards, in the picture itself."""
    pen = ImageDraw.Draw(picture)
    for box in boxes:
        left = box.left * picture.width // WHOLE - 1
        top = box.top * picture.height // WHOLE - 1
        right = -(-(box.left + box.width) * picture.width // WHOLE) + 1
        bottom = -(-(box.top + box.height) * picture.height // WHOLE) + 1
        pen.rectangle((left, top, right, bottom), fill="black")
    return picture


def write_picture(picture: Image.Image, media_type: str, *, side: int = SHOWN_SIDE) -> bytes:
    """A new PNG or JPEG of the pixels, at most ``side`` long."""
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    if media_type == PNG:
        picture.save(out, "PNG")
    else:
        picture.save(out, "JPEG", quality=85)
    return out.getvalue()


def picture_copy(data: bytes, media_type: str, boxes: Sequence[Box]) -> tuple[bytes, str]:
    """A copy for others' eyes: bytes and media type. Blacked out before it is made smaller."""
    made = PNG if media_type == PNG else JPEG
    return write_picture(black_out(open_picture(data), boxes), made), made
