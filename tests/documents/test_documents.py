"""Vouchers are kept by content, and only their public copies are ever served."""

from pathlib import Path

import pytest
from litestar.testing import TestClient
from sqlalchemy import Engine

from disclosure.app import create_app
from disclosure.config import Config
from disclosure.demo.vouchers import invoice_rows, voucher
from ledger.documents import read_public_document, store_document
from ledger.errors import Refused, Unanswerable
from ledger.journal import post
from ledger.store.engine import reading, writing
from tests.ledger.books import act, draft, invoice, open_books

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def test_the_public_copy_is_on_the_entrys_page_and_the_original_is_not(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    books = open_books(engine)
    config = Config(tmp_path, database_url, "http://books.example")
    with writing(engine) as conn:
        rows = invoice_rows("蜀迅电梯有限公司", "维保", 1_000_00, "2025-03-10")
        paper = voucher(
            conn, books.trust_id, config.documents_dir, "invoice", "发票", rows, number="25000001", act=act()
        )
        made = invoice()
        one = draft("E11a", made.lines, "acceptance", references={"contract": "C1"})
        posted = post(
            conn, books.trust_id, type(one)(**{**_fields(one), "documents": (paper, *one.documents)}), act()
        )
    with TestClient(create_app(config)) as client:
        slug = client.get("/").text.split('href="/c/')[1].split('"')[0]
        page = client.get(f"/c/{slug}/entries/{posted.ref}").text
        address = f"/c/{slug}/documents/{paper.public}"
        assert f'href="{address}"' in page
        shown = client.get(address)
        hidden = client.get(f"/c/{slug}/documents/{paper.original}")
    assert shown.status_code == 200
    assert "139****0000" not in shown.text
    assert "蜀迅电梯" in shown.text
    assert shown.headers["content-security-policy"].endswith("sandbox")
    assert hidden.status_code == 404


def test_a_script_in_a_voucher_cannot_run(engine: Engine, database_url: str, tmp_path: Path) -> None:
    books = open_books(engine)
    config = Config(tmp_path, database_url, "http://books.example")
    with writing(engine) as conn:
        digest = store_document(
            conn, books.trust_id, config.documents_dir, SVG, "image/svg+xml", public=True, act=act()
        )
    with TestClient(create_app(config)) as client:
        slug = client.get("/").text.split('href="/c/')[1].split('"')[0]
        answer = client.get(f"/c/{slug}/documents/{digest}")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("data", "media_type"), [(b"MZ\x90", "application/pdf"), (b"%PDF-", "image/png"), (b"x", "text/html")]
)
def test_a_file_that_is_not_what_it_says_is_refused(
    engine: Engine, tmp_path: Path, data: bytes, media_type: str
) -> None:
    books = open_books(engine)
    with pytest.raises(Refused, match="附件"), writing(engine) as conn:
        store_document(conn, books.trust_id, tmp_path, data, media_type, public=True, act=act())


def test_a_damaged_file_is_an_error_not_a_picture(engine: Engine, tmp_path: Path) -> None:
    books = open_books(engine)
    with writing(engine) as conn:
        digest = store_document(conn, books.trust_id, tmp_path, SVG, "image/svg+xml", public=True, act=act())
        again = store_document(conn, books.trust_id, tmp_path, SVG, "image/svg+xml", public=True, act=act())
    assert again == digest
    (tmp_path / digest[:2] / digest).write_bytes(b"<svg/>")
    with reading(engine) as conn, pytest.raises(Unanswerable, match="已损坏"):
        read_public_document(conn, books.trust_id, tmp_path, digest)


def _fields(one: object) -> dict[str, object]:
    return {name: getattr(one, name) for name in one.__struct_fields__}  # type: ignore[attr-defined]
