"""E-invoices fill in what they say where their structure is known; read and typed are kept side by side."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.documents.upload import Paper
from ledger.errors import Refused
from ledger.invoices import Reading, hand_in, read_invoice, readings_of, record_reading
from ledger.invoices.layouts import layouts
from ledger.store.engine import reading, writing
from tests.documents.papers import (
    BILLION_LAUGHS,
    OFD_ROOT,
    OLD_INVOICE,
    PAGE,
    ROOT_WITH_DATA,
    TAGGED_INVOICE,
    archive,
    e_invoice,
    picture,
)
from tests.ledger.books import act, open_books
from tests.work.people import ACCOUNTANT

DIGITAL = Reading(
    layout="数电发票 XML",
    number="25327000001739485410",
    issued_on=date(2025, 5, 29),
    seller="电梯公司",
    seller_tax_no="91510100TEST0001X",
    buyer="明和苑业主大会",
    buyer_tax_no="91510100TEST0002X",
    net=1_000_00,
    tax=60_00,
    total=1_060_00,
)


def test_a_digital_invoice_is_read_to_the_fen() -> None:
    assert read_invoice(e_invoice()) == DIGITAL
    assert DIGITAL.adds_up


def test_the_same_invoice_inside_an_ofd_is_read_the_same() -> None:
    wrapped = archive(OFD_xml=OFD_ROOT, Doc_0__Attachs__original_invoice_xml=e_invoice())
    assert read_invoice(wrapped) == DIGITAL


def test_an_older_invoice_has_its_code_before_its_number_and_no_tax() -> None:
    found = read_invoice(archive(OFD_xml=OFD_ROOT, Doc_0__Attachs__original_invoice_xml=OLD_INVOICE))
    assert found is not None
    assert (found.number, found.issued_on) == ("03200190031125577301", date(2020, 11, 12))
    assert (found.net, found.tax, found.total) == (181_14, None, 181_14)
    assert found.seller == "某某消防公司"


def test_an_invoice_that_is_only_tags_on_a_page_is_read_from_the_page() -> None:
    found = read_invoice(
        archive(
            OFD_xml=ROOT_WITH_DATA,
            Doc_0__Tags__CustomTag_xml=TAGGED_INVOICE,
            Doc_0__Pages__Page_0__Content_xml=PAGE,
        )
    )
    assert found is not None
    assert (found.number, found.seller, found.total) == ("25952000000123456789", "某某绿化公司", 2_345_60)
    assert (found.net, found.tax, found.seller_tax_no) == (2_212_83, 132_77, "91510100TEST0004X")
    assert found.layout == "OFD 票面标签"


def test_the_properties_of_an_ofd_alone_give_number_and_sum() -> None:
    found = read_invoice(archive(OFD_xml=ROOT_WITH_DATA))
    assert found is not None
    assert (found.number, found.total) == ("25952000000123456789", 2_345_60)


def test_every_layout_is_shown_by_one_of_these_tests() -> None:
    assert [layout.name for layout in layouts()] == [
        "数电发票 XML",
        "增值税电子发票（OFD 附件）",
        "OFD 票面标签",
        "OFD 文档属性",
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"<Something><InvoiceNumber>1</InvoiceNumber></Something>",
        b"<EInvoice><Header/></EInvoice>",
        archive(OFD_xml=OFD_ROOT, broken_xml="<oh"),
        picture(),
    ],
    ids=["other root", "no number", "ofd without invoice", "picture"],
)
def test_an_unknown_structure_is_left_to_the_person(data: bytes) -> None:
    assert read_invoice(data) is None


def test_what_is_no_amount_or_day_stays_open() -> None:
    found = read_invoice(e_invoice(net="1000.005", tax="***", total="1e3"))
    assert found is not None
    assert (found.net, found.tax, found.total) == (None, None, None)
    assert Reading(net=1_00, tax=2, total=1_03).adds_up is False


@pytest.mark.parametrize("where", ["xml", "ofd"])
def test_an_entity_bomb_is_refused_also_inside_an_ofd(where: str) -> None:
    data = BILLION_LAUGHS.encode()
    with pytest.raises(Refused) as refused:
        read_invoice(data if where == "xml" else archive(OFD_xml=OFD_ROOT, a_xml=data))
    assert refused.value.codes == {"xml_unsafe"}


def test_what_was_read_and_what_was_typed_are_both_on_record(engine: Engine, tmp_path: Path) -> None:
    books = open_books(engine)
    with writing(engine) as conn:
        kept = hand_in(
            conn, books.trust_id, tmp_path, Paper(e_invoice(), "i.xml", "invoice"), ACCOUNTANT, act()
        )
        typed = Reading(number=DIGITAL.number, seller="电梯有限公司", total=1_060_00)
        record_reading(conn, books.trust_id, kept.original, typed, "typed", ACCOUNTANT, act(), work_no=7)
    assert (kept.number, kept.title) == (DIGITAL.number, "电子发票")
    with reading(engine) as conn:
        first, second = readings_of(conn, books.trust_id, kept.original)
    assert (first.source, first.reading, first.work_no) == ("read", DIGITAL, None)
    assert (second.source, second.reading.seller, second.work_no) == ("typed", "电梯有限公司", 7)


def test_a_number_typed_wrong_is_noticed(engine: Engine, tmp_path: Path) -> None:
    books = open_books(engine)
    paper = Paper(e_invoice(), "i.xml", "invoice", number="25327000001739485411")
    with writing(engine) as conn, pytest.raises(Refused, match="不同"):
        hand_in(conn, books.trust_id, tmp_path, paper, ACCOUNTANT, act())


def test_a_photo_of_an_invoice_needs_its_number_typed(engine: Engine, tmp_path: Path) -> None:
    books = open_books(engine)
    with writing(engine) as conn:
        paper = Paper(picture(), "i.png", "invoice", number="123")
        kept = hand_in(conn, books.trust_id, tmp_path, paper, ACCOUNTANT, act())
        assert readings_of(conn, books.trust_id, kept.original) == []
    assert kept.number == "123"
