"""What a file is, told by its content; its name and what a browser says of it count for nothing."""

from __future__ import annotations

import filetype

from ledger.documents.archive import is_ofd
from ledger.documents.safe_xml import parse_xml
from ledger.errors import Refused, refuse

MAX_BYTES = 20 * 1024 * 1024
PDF, OFD, XML = "application/pdf", "application/ofd", "application/xml"
PNG, JPEG, WEBP, SVG = "image/png", "image/jpeg", "image/webp", "image/svg+xml"
PICTURES = frozenset({PNG, JPEG, WEBP})
KIND_NAMES = {PDF: "PDF", OFD: "OFD", XML: "XML", PNG: "图片", JPEG: "图片", WEBP: "图片", SVG: "图片"}
SUFFIXES = {PDF: "pdf", OFD: "ofd", XML: "xml", PNG: "png", JPEG: "jpg", WEBP: "webp", SVG: "svg"}
_WHERE = "附件"
TAKEN = "可以上传图片（JPG、PNG、WebP）、PDF、OFD、XML"
_HINTS = {
    "image/heic": "这是苹果手机的 HEIC 图片。请在手机“设置 → 相机 → 格式”里选“兼容性最佳”后重拍，或截屏后上传",
    "image/heif": "这是苹果手机的 HEIC 图片。请在手机“设置 → 相机 → 格式”里选“兼容性最佳”后重拍，或截屏后上传",
    "image/tiff": "这是 TIFF 图片。请在扫描仪上改选 PDF 或 JPG 格式",
    "image/bmp": "这是 BMP 图片。请另存为 JPG 或 PNG 后再传",
    "application/zip": "这是压缩包，请解压后逐个上传里面的文件",
}


def recognise(data: bytes) -> str:
    """The media type of an upload: one of the pictures, PDF, OFD or XML.

    Only the shape is looked at here; pictures and archives are opened, within limits, by those who use
    them. Raises :class:`~ledger.errors.Refused` for everything else, with what to do.
    """
    if not data:
        raise refuse("document_empty", "文件是空的，请重新选择", _WHERE)
    if len(data) > MAX_BYTES:
        raise too_large()
    if data.startswith(b"PK\x03\x04"):
        if is_ofd(data):
            return OFD
        raise refuse("document_type", _HINTS["application/zip"] + "（OFD 文件里应有 OFD.xml）", _WHERE)
    guess = filetype.guess_mime(data)
    if guess in PICTURES:
        return str(guess)
    if guess == PDF and data.startswith(b"%PDF-"):
        return PDF
    if guess is None and _looks_like_xml(data):
        return _xml(data)
    hint = _HINTS.get(str(guess), "这个文件的内容不是可以接收的类型")
    raise refuse("document_type", f"{hint}。{TAKEN}", _WHERE)


def too_large() -> Refused:
    """The refusal of a file over the limit."""
    return refuse(
        "document_too_large", f"附件超过 {MAX_BYTES // 1024 // 1024} MB，请压缩或分开后再传", _WHERE
    )


def _looks_like_xml(data: bytes) -> bool:
    start = data[:200].removeprefix(b"\xef\xbb\xbf").lstrip()
    return start.startswith(b"<") or data[:2] in (b"\xff\xfe", b"\xfe\xff")


def _xml(data: bytes) -> str:
    beginning = data[:500].lower()
    page = b"<html" in beginning or b"<!doctype html" in beginning
    if page or parse_xml(data).tag.rsplit("}", 1)[-1].lower() in ("html", "svg"):
        raise refuse("document_type", f"这是网页或矢量图，不是电子凭证。{TAKEN}", _WHERE)
    return XML
