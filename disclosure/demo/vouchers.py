"""Vouchers of the demo as small pictures: an original and, for the public, a copy with parts blacked out."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from sqlalchemy import Connection

from ledger.documents import Location, store_document
from ledger.journal import Document
from ledger.money import format_yuan
from ledger.trust import Act


def voucher(
    conn: Connection,
    trust_id: int,
    folder: Location,
    kind: str,
    title: str,
    rows: Sequence[tuple[str, str, bool]],
    *,
    number: str,
    act: Act,
) -> Document:
    """Store a paper (label, value, private?) twice and give the document an entry can name."""
    original = store_document(
        conn,
        trust_id,
        folder,
        _picture(title, number, rows, hide=False),
        "image/svg+xml",
        public=False,
        act=act,
    )
    public = store_document(
        conn,
        trust_id,
        folder,
        _picture(title, number, rows, hide=True),
        "image/svg+xml",
        public=True,
        act=act,
    )
    return Document(kind, title, number=number, original=original, public=public)


def invoice_rows(seller: str, item: str, fen: int, day: str) -> list[tuple[str, str, bool]]:
    """What an invoice shows; the seller's account and phone are not for the public."""
    return [
        ("开票日期", day, False),
        ("销售方", seller, False),
        ("购买方", "明和苑业主大会", False),
        ("项目", item, False),
        ("价税合计", f"¥{format_yuan(fen)}", False),
        ("开户行账号", "建设银行 51050188888800001234", True),
        ("经办人", "周某某 139****0000", True),
    ]


def _picture(title: str, number: str, rows: Sequence[tuple[str, str, bool]], *, hide: bool) -> bytes:
    height = 120 + 40 * len(rows)
    what = "演示凭证的公开件" if hide else "演示凭证"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 {height}" width="640" height="{height}" '
        'font-family="sans-serif" font-size="20">',
        f'<rect width="640" height="{height}" fill="#fffdf5" stroke="#7a2e2e" stroke-width="4"/>',
        f'<text x="320" y="48" text-anchor="middle" font-size="28" fill="#7a2e2e">{escape(title)}</text>',
        f'<text x="320" y="80" text-anchor="middle" fill="#555">编号 {escape(number)}（{what}，内容虚构）</text>',
    ]
    for place, (label, value, private) in enumerate(rows):
        y = 124 + 40 * place
        parts.append(f'<text x="40" y="{y}" fill="#555">{escape(label)}</text>')
        if private and hide:
            parts.append(f'<rect x="200" y="{y - 22}" width="380" height="30" fill="#111"/>')
        else:
            parts.append(f'<text x="200" y="{y}" fill="#111">{escape(value)}</text>')
    return ("".join(parts) + "</svg>").encode()
