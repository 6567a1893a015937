"""A leaf has one spelling (RFC 8785), and what it seals can be forgotten without breaking it."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import date
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import text

from ledger.chart import load_default_chart
from ledger.errors import Refused
from ledger.journal import Detail, Document, Draft
from ledger.journal.public_view import (
    MAX_LEAF_BYTES,
    PUBLIC_DIMENSIONS,
    SEALED_DIMENSIONS,
    leaf_bytes,
    public_entry,
)
from ledger.journal.sealing import Sealer, commitment, detail_leaf, field_salt
from ledger.journal.text_rules import can_be_kept
from ledger.log.canonical import is_canonical
from ledger.log.store import read_leaf
from ledger.log.tree import Frontier, leaf_hash
from ledger.store.engine import reading, writing
from ledger.store.tables import DIMENSIONS
from tests.ledger.books import Books, act, changed, fee_charge, fee_receipt, invoice, petty, with_line

CHART = load_default_chart()
anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
awkward = st.sampled_from(["\u2028\u2029", '"\\/', "\b\t\n\f\r", "\x7f\x80\x9f", "é", "𠮷😀", "\ufb33\ud7ff", "\x00\x1f", "</script>", "&amp;"])  # fmt: skip
texts = anything | awkward
SALT = bytes(16)


def view_of(draft: Draft, salt: bytes = SALT, seq: int = 0, number: int = 1) -> dict[str, Any]:
    return public_entry(
        slug="trust-1",
        chart=CHART,
        seq=seq,
        number=number,
        posted_at=act().now,
        draft=draft,
        reverses="",
        amends="",
        salt=salt,
    )


@given(
    summary=texts,
    counterparty=texts,
    title=texts,
    number=texts,
    ref=texts,
    kind=st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True),
    amount=st.integers(-(10**13), 10**13),
    seq=st.integers(0, 2**53 - 1),
    vendor=texts,
)
@example("\u2028", "\u2029", "\x7f", "𠮷", "\ufeff", "a", 10**13 - 1, 2**53 - 1, "\\")
def test_every_public_view_is_spelt_as_rfc_8785_says(
    summary: str,
    counterparty: str,
    title: str,
    number: str,
    ref: str,
    kind: str,
    amount: int,
    seq: int,
    vendor: str,
) -> None:
    asked = with_line(invoice(references={kind: ref, "contract": "C1"}), 2, amount=amount, vendor=vendor)
    asked = changed(
        asked,
        summary=summary,
        counterparty=counterparty,
        counterparty_public=True,
        documents=(Document("invoice", title, number), Document("bank_line", title, number)),
    )
    view = view_of(asked, seq=seq, number=seq + 1 if seq < 2**53 - 1 else seq)
    body = leaf_bytes(view)
    assert body == rfc8785.dumps(view)
    assert is_canonical(body)
    assert json.loads(body) == view, "and nothing is lost in it"


@given(st.dictionaries(st.text(st.characters(max_codepoint=0x7F), max_size=8), texts | st.integers(-(2**53) + 1, 2**53 - 1), max_size=8))  # fmt: skip
def test_ascii_keys_sort_as_rfc_8785_says(value: dict[str, Any]) -> None:
    assert leaf_bytes(value) == rfc8785.dumps(value)


def test_keys_beyond_the_basic_plane_would_sort_otherwise_and_so_are_refused(books: Books) -> None:
    """The one difference between our encoder and RFC 8785: it never gets into a leaf."""
    value = {"\ufb33": 1, "😀": 2}
    assert leaf_bytes(value) != rfc8785.dumps(value)
    for kind in ("\ufb33", "😀", "依据", "Ref", "with space", ""):
        with pytest.raises(Refused) as refused:
            books.post(petty(references={kind: "1号"}))
        assert "bad_reference" in refused.value.codes


@given(st.text(st.characters(), max_size=20))
@example("\ud800")
@example("\udc00\ud800")
@example("\x00")
def test_a_text_that_can_be_kept_can_also_be_encoded(value: str) -> None:
    asked = petty(summary=value)
    if can_be_kept(asked):
        body = leaf_bytes(view_of(asked))
        assert body == rfc8785.dumps(view_of(asked))
        assert "\x00" not in value
    else:
        assert any(not character.isprintable() for character in value)


@given(texts.filter(lambda value: len(value.strip()) > 0))
def test_what_the_rules_let_through_survives_the_database(value: str) -> None:
    """Stored text and leaf agree in every character; see test_refusals for both engines."""
    assert can_be_kept(petty(summary=value)) is not any(
        ord(c) < 9 or 10 < ord(c) < 32 or ord(c) in (0x7F, 0xFFFE, 0xFFFF) for c in value
    )


@pytest.mark.parametrize("size", [MAX_LEAF_BYTES, MAX_LEAF_BYTES + 1])
def test_a_leaf_is_at_most_64_kib(size: int) -> None:
    value = {"a": "x" * (size - len('{"a":""}'))}
    if size <= MAX_LEAF_BYTES:
        assert len(leaf_bytes(value)) == size
        return
    with pytest.raises(Refused) as refused:
        leaf_bytes(value)
    assert refused.value.codes == {"entry_too_large"}


def test_an_entry_too_large_to_publish_is_refused_and_leaves_nothing(books: Books) -> None:
    before = books.footprint()
    wide = changed(petty(), documents=tuple(Document("expense_sheet", "长" * 1000) for _ in range(30)))
    with pytest.raises(Refused) as refused:
        books.post_many([petty(), wide])
    assert refused.value.codes == {"entry_too_large"}
    assert books.footprint() == before


# --- Sealing ------------------------------------------------------------------------------------------------


def test_every_dimension_is_either_public_or_sealed() -> None:
    assert sorted((*PUBLIC_DIMENSIONS, *SEALED_DIMENSIONS)) == sorted(DIMENSIONS)


def test_no_household_person_or_bank_reference_is_readable_in_a_leaf() -> None:
    asked = fee_receipt(
        counterparty="王女士", memo="电话13800138000", preparer="张会计", reviewer="李审核", key="KEY-1",
        documents=(Document("bank_line", "回单", "流水88776655"), Document("receipt", "收据", "SJ-0042")),
    )  # fmt: skip
    asked = with_line(asked, 2, party="PAYER")
    body = leaf_bytes(view_of(asked)).decode()
    for secret in (
        "1-101",
        "PAYER",
        "王女士",
        "13800138000",
        "张会计",
        "李审核",
        "KEY-1",
        "88776655",
        "SJ-0042",
    ):
        assert secret not in body
    run = leaf_bytes(view_of(fee_charge())).decode()
    assert "1-101" not in run
    assert "1-102" not in run
    assert '"count":2' in run


def test_what_is_public_stands_in_the_leaf() -> None:
    asked = invoice(
        counterparty="电梯公司", counterparty_public=True, original_date=date(2025, 2, 27), number="25112"
    )
    body = leaf_bytes(view_of(asked)).decode()
    for shown in ("电梯公司", "2025-02-27", "25112", '"vendor":"V1"', '"contract":"C1"', "电梯维保检验"):
        assert shown in body


@given(
    st.lists(st.tuples(texts, texts), min_size=2, max_size=6, unique=True),
    st.binary(min_size=16, max_size=16),
)
def test_commitments_differ_by_path_and_by_value(fields: list[tuple[str, str]], salt: bytes) -> None:
    assert len({commitment(salt, path, value) for path, value in fields}) == len(fields)


@given(texts, texts, st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16))
def test_the_same_field_of_another_entry_has_another_commitment(
    path: str, value: str, one: bytes, two: bytes
) -> None:
    assert (commitment(one, path, value) == commitment(two, path, value)) is (one == two)


def test_one_household_in_two_lines_cannot_be_recognised() -> None:
    asked = fee_receipt()
    view = view_of(changed(asked, lines=(*asked.lines, asked.lines[1])))
    first, second = (shown["sealed"]["unit"] for shown in view["lines"][1:])
    assert first != second
    again = view_of(asked, salt=b"another salt 16b")
    assert again["lines"][1]["sealed"]["unit"] != first


def test_a_household_proves_its_part_and_learns_nothing_of_others() -> None:
    details = [Detail(f"1-{n}", 100 + n) for n in range(5)]
    tree = Frontier()
    for no, detail in enumerate(details, start=1):
        tree.append(leaf_hash(detail_leaf(SALT, 1, no, detail)))
    assert Sealer(SALT).details_root(1, details) == tree.root().hex()
    mine = json.loads(detail_leaf(SALT, 1, 3, details[2]))
    assert mine == [field_salt(SALT, "lines.1.details.3").hex(), "lines.1.details.3", "1-2", 102, ""]
    assert field_salt(SALT, "lines.1.details.4") != field_salt(SALT, "lines.1.details.3")
    assert Sealer(SALT).details_root(1, details[::-1]) != Sealer(SALT).details_root(1, details)


def test_an_opened_commitment_is_the_canonical_json_of_salt_path_and_value() -> None:
    opened = rfc8785.dumps([field_salt(SALT, "lines.2.unit").hex(), "lines.2.unit", "1-101"])
    assert commitment(SALT, "lines.2.unit", "1-101") == hashlib.sha256(opened).hexdigest()


@given(st.binary(max_size=200), texts)
def test_the_salt_of_a_field_is_half_of_an_hmac(salt: bytes, path: str) -> None:
    assert field_salt(salt, path) == hmac.digest(salt, path.encode(), "sha256")[:16]


def test_forgetting_a_salt_breaks_no_leaf(books: Books) -> None:
    ref = books.post(fee_receipt()).ref
    stored = books.stored(ref)
    with reading(books.engine) as conn:
        body = read_leaf(conn, books.trust_id, stored.seq)
    with writing(books.engine) as conn:
        conn.execute(text(f"DELETE FROM entry_salt WHERE trust_id = {books.trust_id}"))
    assert books.check_log() == 1
    after = books.stored(ref)
    assert after.salt is None
    assert after.draft == stored.draft
    with reading(books.engine) as conn:
        assert read_leaf(conn, books.trust_id, stored.seq) == body
    books.reverse(ref)
    assert books.check_log() == 2
