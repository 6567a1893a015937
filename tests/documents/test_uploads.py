"""Papers come in from phones, scanners and strangers; what others see of them holds nothing that was hidden."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader
from sqlalchemy import Engine

from ledger.documents import public_documents, read_document, read_public_document
from ledger.documents.blobs import read_blob
from ledger.documents.kinds import MAX_BYTES, OFD, XML, recognise
from ledger.documents.pdf_pages import page_picture
from ledger.documents.pictures import WHOLE, Box, black_out, open_picture, picture_copy
from ledger.documents.read import list_uploads, read_upload
from ledger.documents.upload import Paper, draw_copy, keep_copy, take_back, upload
from ledger.errors import Refused, Unanswerable
from ledger.people import Forbidden, Role
from ledger.store.engine import reading, writing
from tests.documents.papers import (
    BILLION_LAUGHS,
    OFD_ROOT,
    OUTSIDE_FILE,
    SECRET,
    archive,
    e_invoice,
    huge_png,
    pdf,
    picture,
)
from tests.ledger.books import Books, act, open_books
from tests.work.people import ACCOUNTANT, CASHIER, CHECKER, SUPERVISOR

SQUARE = Box(0, 2500, 2500, 2500, 2500)
HTML = b"<html><body><script>alert(1)</script></body></html>"


@pytest.fixture
def books(engine: Engine) -> Books:
    return open_books(engine)


def hand_in(books: Books, folder: Path, data: bytes, actor: Any = ACCOUNTANT, **named: Any) -> int:
    paper = Paper(data, named.pop("filename", "a.jpg"), named.pop("kind", "receipt"), **named)
    with writing(books.engine) as conn:
        return upload(conn, books.trust_id, folder, paper, actor, act()).no


def show(
    books: Books, folder: Path, no: int, *boxes: Box, access: str = "public", actor: Any = ACCOUNTANT
) -> str:
    with reading(books.engine) as conn:
        paper = read_upload(conn, books.trust_id, no)
    drawn = draw_copy(read_blob(folder, paper.original), paper.media_type, boxes)
    with writing(books.engine) as conn:
        return keep_copy(conn, books.trust_id, folder, no, access, drawn, actor, act())


def seen(books: Books, folder: Path, digest: str) -> bytes:
    with reading(books.engine) as conn:
        return read_public_document(conn, books.trust_id, folder, digest)[0]


def colours(data: bytes) -> set[tuple[int, ...]]:
    image = Image.open(io.BytesIO(data)).convert("RGB")
    return {image.getpixel((x, y)) for x in range(image.width) for y in range(image.height)}  # type: ignore[misc]


def test_a_list_leaves_out_what_somebody_handed_in_and_not_the_same_of_others(
    books: Books, tmp_path: Path
) -> None:
    mine, theirs = (
        hand_in(books, tmp_path, picture("JPEG")),
        hand_in(books, tmp_path, picture("JPEG"), CHECKER),
    )
    other = hand_in(books, tmp_path, picture("PNG"))
    with reading(books.engine) as conn:
        first = read_upload(conn, books.trust_id, mine)
        without = {(first.original, ACCOUNTANT.signature), ("f" * 64, CHECKER.signature)}
        kept = list_uploads(conn, books.trust_id, without=without)
        assert [paper.no for paper in kept] == [other, theirs]
        assert [paper.no for paper in list_uploads(conn, books.trust_id, without=without, limit=1)] == [other]


# --- What comes in --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "document_empty"),
        (b"MZ\x90\x00 a program", "document_type"),
        (b"GIF89a" + b"\0" * 30, "document_type"),
        (HTML, "document_type"),
        (b"\n <!DOCTYPE html><p>hello", "document_type"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "document_type"),
        (b"junk %PDF-1.4", "document_type"),
        (b"just words", "document_type"),
        (archive(evil_xml="<a/>"), "document_type"),
        (BILLION_LAUGHS.encode(), "xml_unsafe"),
        (OUTSIDE_FILE.encode(), "xml_unsafe"),
        (b"<EInvoice><open>", "xml_damaged"),
        (b"<" * 5000, "xml_damaged"),
        (b"\xff\xd8\xff" + b"\0" * 40, "picture_damaged"),
        (picture("JPEG")[:-200], "picture_damaged"),
        (huge_png(60_000, 60_000), "picture_too_large"),
        (huge_png(25_000, 10), "picture_too_large"),
        (huge_png(9_000, 9_000), "picture_too_large"),
        (b"%PDF-1.7\nnothing follows", "pdf_damaged"),
        (picture() + b"\0" * MAX_BYTES, "document_too_large"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[:4].hex(),
)
@pytest.mark.db("sqlite")
def test_what_is_no_paper_is_refused_with_a_reason_and_nothing_is_kept(
    books: Books, tmp_path: Path, data: bytes, code: str
) -> None:
    before = books.footprint()
    with pytest.raises(Refused) as refused:
        hand_in(books, tmp_path / "kept", data, filename="发票.jpg")
    assert refused.value.codes == {code}
    assert re.search("[\u4e00-\u9fff]{4}", refused.value.problems[0].message)
    assert books.footprint() == before
    assert not [path for path in (tmp_path / "kept").rglob("*") if path.is_file()]


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_half_a_photo_is_refused_also_after_the_printer_was_loaded(kind: str) -> None:
    import weasyprint  # noqa: F401  it tells Pillow to put up with broken pictures

    with pytest.raises(Refused, match="不完整"):
        open_picture(picture(kind, (900, 900))[:-300])


def bomb() -> bytes:
    """Ten megabytes of nothing in ten kilobytes."""
    return archive(OFD_xml=OFD_ROOT, Doc_0__huge_xml="<a>" + " " * 10_000_000 + "</a>")


def lying_bomb() -> bytes:
    """The same, while the archive's directory says the member is small."""
    data = bytearray(bomb())
    size = (10_000_007).to_bytes(4, "little")
    for _ in range(2):
        place = data.find(size)
        data[place : place + 4] = (900).to_bytes(4, "little")
    return bytes(data)


def crowd() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("OFD.xml", OFD_ROOT)
        for number in range(2_100):
            made.writestr(f"{number}.xml", "<a/>")
    return out.getvalue()


@pytest.mark.parametrize("make", [bomb, crowd])
@pytest.mark.db("sqlite")
def test_an_ofd_that_unpacks_to_far_more_than_it_weighs_is_refused(
    books: Books, tmp_path: Path, make: Any
) -> None:
    with pytest.raises(Refused) as refused:
        hand_in(books, tmp_path, make(), kind="invoice")
    assert refused.value.codes == {"archive_bomb"}


def test_an_archive_that_lies_about_its_sizes_does_no_harm() -> None:
    from ledger.documents.archive import xml_members

    with pytest.raises(Refused) as refused:
        list(xml_members(lying_bomb()))
    assert refused.value.codes <= {"archive_bomb", "ofd_damaged"}


@pytest.mark.db("sqlite")
def test_a_title_that_tells_of_a_household_is_refused_before_it_can_be_published(
    books: Books, tmp_path: Path
) -> None:
    with pytest.raises(Refused, match="手机号"):
        hand_in(books, tmp_path, picture(), title="收据 13800000000")
    with pytest.raises(Refused) as refused:
        hand_in(books, tmp_path, picture(), kind="nonsense", title="长" * 101, number="1" * 101)
    assert refused.value.codes == {"unknown_document", "long_text"}


def test_a_paper_is_kept_as_it_came_for_the_office_only(books: Books, tmp_path: Path) -> None:
    data = picture("JPEG", exif=True)
    no = hand_in(books, tmp_path, data, filename="C:\\照片\\..\\IMG\x00_1.jpg", number=" 00 1 ", title="收据")
    with reading(books.engine) as conn:
        paper = read_upload(conn, books.trust_id, no)
        with pytest.raises(Unanswerable):
            read_public_document(conn, books.trust_id, tmp_path, paper.original)
        with pytest.raises(Unanswerable, match="没有第 99 号附件"):
            read_upload(conn, books.trust_id, 99)
    assert read_blob(tmp_path, paper.original) == data
    assert (paper.filename, paper.number, paper.access, paper.shown) == ("IMG_1.jpg", "001", "internal", "")
    assert paper.document.public == ""


def test_the_list_goes_on_where_the_last_page_ended(books: Books, tmp_path: Path, count_queries: Any) -> None:
    for _ in range(3):
        hand_in(books, tmp_path, picture())
    hand_in(books, tmp_path, pdf(), kind="contract")
    with reading(books.engine) as conn, count_queries(books.engine) as queries:
        first = list_uploads(conn, books.trust_id, limit=2)
        rest = list_uploads(conn, books.trust_id, before=first[-1].no, limit=50)
        contracts = list_uploads(conn, books.trust_id, kind="contract")
    assert [x.no for x in (*first, *rest)] == [4, 3, 2, 1]
    assert [x.file_kind for x in contracts] == ["PDF"]
    queries.expect_at_most(3)


@pytest.mark.db("sqlite")
def test_only_those_who_may_upload_and_show_can(books: Books, tmp_path: Path) -> None:
    resident = replace(CASHIER, roles=frozenset({Role.RESIDENT}))
    with pytest.raises(Forbidden):
        hand_in(books, tmp_path, picture(), resident)
    no = hand_in(books, tmp_path, picture())
    with pytest.raises(Forbidden):
        show(books, tmp_path, no, actor=SUPERVISOR)


# --- What others see ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_nothing_of_what_was_blacked_out_is_in_the_public_copy(
    books: Books, tmp_path: Path, kind: str
) -> None:
    no = hand_in(books, tmp_path, picture(kind))
    open_to_all = seen(books, tmp_path, show(books, tmp_path, no))
    hidden = seen(books, tmp_path, show(books, tmp_path, no, SQUARE))

    def reddish(found: set[tuple[int, ...]]) -> bool:
        return any(max(abs(a - b) for a, b in zip(c, SECRET, strict=True)) < 60 for c in found)

    assert reddish(colours(open_to_all)), "the square is there to begin with"
    assert not reddish(colours(hidden))
    middle = Image.open(io.BytesIO(hidden)).convert("RGB").getpixel((150, 112))
    assert max(middle) < 12  # type: ignore[arg-type]


@given(
    size=st.tuples(st.integers(8, 300), st.integers(8, 300)),
    corner=st.tuples(st.integers(0, 9_990), st.integers(0, 9_990)),
    extent=st.tuples(st.integers(1, WHOLE), st.integers(1, WHOLE)),
)
@settings(max_examples=40)
def test_every_pixel_a_box_touches_is_black(
    size: tuple[int, int], corner: tuple[int, int], extent: tuple[int, int]
) -> None:
    width, height = (min(extent[n], WHOLE - corner[n]) for n in (0, 1))
    image = black_out(Image.new("RGB", size, "white"), [Box(0, *corner, width, height)])
    columns = range(corner[0] * size[0] // WHOLE, -(-(corner[0] + width) * size[0] // WHOLE))
    rows = range(corner[1] * size[1] // WHOLE, -(-(corner[1] + height) * size[1] // WHOLE))
    assert {image.getpixel((x, y)) for x in columns for y in rows} == {(0, 0, 0)}


def test_a_copy_tells_neither_place_nor_device_and_has_no_tail(books: Books, tmp_path: Path) -> None:
    data = picture("JPEG", exif=True)
    assert b"PHONE-MAKER" in data
    polyglot = data + archive(OFD_xml=OFD_ROOT) + HTML
    no = hand_in(books, tmp_path, polyglot)
    copy = seen(books, tmp_path, show(books, tmp_path, no))
    for trace in (b"PHONE-MAKER", b"Exif", b"script", b"PK\x03\x04", b"OFD"):
        assert trace not in copy
    assert not Image.open(io.BytesIO(copy)).getexif()


def test_a_photo_taken_sideways_is_blacked_out_where_it_was_drawn(books: Books, tmp_path: Path) -> None:
    image = Image.open(io.BytesIO(picture("PNG", (400, 300))))
    held = Image.Exif()
    held[0x0112] = 6  # the phone was turned: what is shown is this picture turned by a quarter
    out = io.BytesIO()
    image.save(out, "JPEG", exif=held, quality=95)
    upright = open_picture(out.getvalue())
    assert upright.size == (300, 400)
    left, top = (
        min(
            p[n]
            for p in ((x, y) for x in range(300) for y in range(400))
            if upright.getpixel(p) != (255, 255, 255) and upright.getpixel(p)[1] < 120
        )  # type: ignore[index]
        for n in (0, 1)
    )
    box = Box(0, left * WHOLE // 300, top * WHOLE // 400, 80 * WHOLE // 300, 105 * WHOLE // 400)
    copy, _ = picture_copy(out.getvalue(), "image/jpeg", [box])
    assert not [c for c in colours(copy) if c[0] > 150 and c[1] < 100]


def test_a_public_pdf_is_pictures_of_its_pages_without_text_or_author(books: Books, tmp_path: Path) -> None:
    data = pdf(pages=3)
    assert "SECRET" in PdfReader(io.BytesIO(data)).pages[0].extract_text()
    no = hand_in(books, tmp_path, data, filename="合同.pdf", kind="contract")
    digest = show(books, tmp_path, no, Box(1, 0, 0, WHOLE, WHOLE))
    copy = seen(books, tmp_path, digest)
    made = PdfReader(io.BytesIO(copy))
    assert len(made.pages) == 3
    assert not any(page.extract_text().strip() for page in made.pages)
    assert b"SECRET" not in copy
    assert b"Author" not in copy
    assert page_picture(copy, 1).resize((1, 1)).getpixel((0, 0)) == (0, 0, 0)
    assert page_picture(copy, 0).resize((1, 1)).getpixel((0, 0)) != (0, 0, 0)
    assert show(books, tmp_path, no, Box(1, 0, 0, WHOLE, WHOLE)) == digest


def test_a_pdf_with_too_many_pages_or_a_password_is_refused(books: Books, tmp_path: Path) -> None:
    from pypdf import PdfWriter

    with pytest.raises(Refused, match="20 页"):
        hand_in(books, tmp_path, pdf("x", pages=21))
    writer = PdfWriter(clone_from=io.BytesIO(pdf()))
    writer.encrypt("geheim", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    with pytest.raises(Refused, match="密码"):
        hand_in(books, tmp_path, out.getvalue())


@pytest.mark.parametrize("data", [e_invoice(), archive(OFD_xml=OFD_ROOT)], ids=["xml", "ofd"])
@pytest.mark.db("sqlite")
def test_what_cannot_be_blacked_out_stays_in_the_office(books: Books, tmp_path: Path, data: bytes) -> None:
    assert recognise(data) in (OFD, XML)
    no = hand_in(books, tmp_path, data, kind="invoice")
    with pytest.raises(Refused, match="只能作内部留存"):
        show(books, tmp_path, no)


def test_a_copy_for_owners_is_not_for_everybody(books: Books, tmp_path: Path) -> None:
    no = hand_in(books, tmp_path, picture())
    digest = show(books, tmp_path, no, access="owners")
    with reading(books.engine) as conn:
        assert public_documents(conn, books.trust_id, [digest]) == set()
        with pytest.raises(Unanswerable):
            read_public_document(conn, books.trust_id, tmp_path, digest)
        assert read_document(conn, books.trust_id, tmp_path, digest, ("public", "owners"))[0]
        assert read_upload(conn, books.trust_id, no).document.public == ""


def test_a_copy_can_be_replaced_and_taken_back(books: Books, tmp_path: Path) -> None:
    no = hand_in(books, tmp_path, picture())
    first = show(books, tmp_path, no)
    second = show(books, tmp_path, no, SQUARE)
    with reading(books.engine) as conn:
        assert public_documents(conn, books.trust_id, [first, second]) == {second}
        assert read_upload(conn, books.trust_id, no).document.public == second
    with writing(books.engine) as conn, pytest.raises(Refused, match="为什么"):
        take_back(conn, books.trust_id, no, " ", CHECKER, act())
    with writing(books.engine) as conn:
        take_back(conn, books.trust_id, no, "漏盖了电话", CHECKER, act())
    with reading(books.engine) as conn:
        assert public_documents(conn, books.trust_id, [first, second]) == set()
        assert read_upload(conn, books.trust_id, no).access == "internal"
    again = show(books, tmp_path, no, SQUARE)
    assert again == second
    assert seen(books, tmp_path, again)


@pytest.mark.parametrize(
    "box", [Box(0, -1, 0, 10, 10), Box(0, 0, 0, 0, 5), Box(0, 9_000, 0, 1_001, 5), Box(-1, 0, 0, 5, 5)]
)
@pytest.mark.db("sqlite")
def test_a_box_outside_the_page_is_refused(books: Books, tmp_path: Path, box: Box) -> None:
    no = hand_in(books, tmp_path, picture())
    with pytest.raises(Refused) as refused:
        show(books, tmp_path, no, box)
    assert refused.value.codes == {"bad_box"}
    with pytest.raises(Refused, match="公开"):
        show(books, tmp_path, no, access="internal")
