"""What the leaves mean: canonical spelling, and one finding for each broken rule."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from ledger.log.canonical import is_canonical
from ledger.log.entries import EntryRules
from ledger.log.findings import Finding
from tests.log.books import Json, entries, entry, leaves_of, reversal


def judge(leaves: list[bytes]) -> list[Finding]:
    with EntryRules(lambda index: leaves[index]) as rules:
        return [finding for index, leaf in enumerate(leaves) for finding in rules.check(index, leaf)]


def found(books: list[Json]) -> list[tuple[str, str]]:
    return [(finding.code, finding.where) for finding in judge(leaves_of(books))]


def line(**changes: Any) -> Json:
    first: Json = entry(0)["lines"][0]
    return first | changes


def test_honest_books() -> None:
    books = entries(5)
    books.append(reversal(5, books[1]))
    books.append(entry(6, amends="A-2025-000003"))
    books.append(entry(7, book="B", ref="B-2025-000001", number=1))
    books.append(entry(8, year=2026, ref="A-2026-000001", number=1))
    books.append(entry(9, ref="A-2025-000008", number=8))
    assert found(books) == []


def test_kinds_of_others_are_only_hashed() -> None:
    assert judge([b'{"kind":"org.example.deed","seq":"whatever"}']) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"seq": 7}, "entry.seq"),
        ({"trust": "another"}, "entry.trust"),
        ({"number": 9}, "entry.number"),
        ({"number": 3}, "entry.number"),
        ({"ref": "A-2025-000001"}, "entry.ref"),
        ({"amends": "A-2025-000009"}, "entry.amends_unknown"),
        ({"amends": "A-2025-000004"}, "entry.amends_unknown"),
        ({"reverses": "A-2025-000004"}, "entry.reverses_unknown"),
        ({"lines": [line()]}, "entry.balance"),
        ({"lines": [line(), line(side="C", fund="F2")]}, "entry.balance"),
        ({"lines": None}, "entry.schema"),
        ({"lines": [line(side="X")]}, "entry.schema"),
        ({"lines": [line(amount="1")]}, "entry.schema"),
        ({"lines": [line(amount=1.5)]}, "entry.schema"),
        ({"lines": [line(amount=True)]}, "entry.schema"),
        ({"lines": [line(dims=None)]}, "entry.schema"),
        ({"reverses": None}, "entry.schema"),
        ({"sealed": {"preparer": "ab" * 32}}, "entry.schema"),
        ({"kind": 5}, "entry.schema"),
    ],
)
def test_broken_rules(changes: Json, code: str) -> None:
    books = [*entries(3), entry(3) | changes]
    assert {item[0] for item in found(books)} == {code}
    assert all(item[1].startswith("第 4 笔") for item in found(books))


def test_a_gap_is_reported_once_and_in_words() -> None:
    books = [entry(0), entry(1, number=3), entry(2, number=4)]
    (finding,) = judge(leaves_of(books))
    assert finding.message == "2025 年“A”账簿的凭证编号不连续：应为 2，实为 3。"


def test_imbalance_in_yuan() -> None:
    (finding,) = judge(leaves_of([entry(0, lines=[line(amount=24505)])]))
    assert finding.message == "资金“F1”借贷不平，相差 245.05 元。"


def test_one_cause_one_finding() -> None:
    """After an unreadable entry nobody knows its number or reference; nothing is held against later ones."""
    books = [entry(0), entry(1) | {"amount": None, "lines": 1}, entry(2), entry(3, amends="A-2025-000002")]
    books.append(entry(4, reverses="A-2025-000002"))
    books.append(entry(5) | {"number": 9})
    assert [code for code, _ in found(books)] == ["entry.schema", "entry.number"]


def test_reversal_of_what_cannot_be_read_again_is_not_judged() -> None:
    books = entries(2)
    leaves = leaves_of([*books, reversal(2, books[0])])
    readers: list[Callable[[int], bytes | None]] = [lambda _: None, lambda _: b"garbage"]
    for read in readers:
        with EntryRules(read) as rules:
            assert [item for index, leaf in enumerate(leaves) for item in rules.check(index, leaf)] == []


def test_reversed_twice_and_reversal_of_a_reversal() -> None:
    books = entries(3)
    books += [reversal(3, books[1]), reversal(4, books[1])]
    assert found(books) == [("entry.reverses_twice", "第 5 笔（A-2025-000005）")]
    books = entries(3)
    books.append(reversal(3, books[1]))
    books.append(reversal(4, books[3]))
    assert found(books) == [("entry.reverses_reversal", "第 5 笔（A-2025-000005）")]


@pytest.mark.parametrize(
    "changes",
    [
        {"account": "100202"},
        {"side": "C", "amount": 10_001},
        {"dims": {}},
        {"dims": {"bank_account": "F1-CCB", "project": "P1"}},
        {"sealed": {}},
        {"sealed": {"unit": "ee", "payer": "ff"}},
    ],
)
def test_inexact_reversals(changes: Json) -> None:
    books = entries(3)
    wrong = reversal(3, books[1])
    wrong["lines"][0] |= changes
    books.append(wrong)
    assert found(books) == [("entry.reverses_inexact", "第 4 笔（A-2025-000004）")]


def test_reversal_must_keep_funds_values_and_order() -> None:
    books = entries(3)
    wrong = reversal(3, books[1])
    wrong["lines"].reverse()
    assert found([*books, wrong]) == [("entry.reverses_inexact", "第 4 笔（A-2025-000004）")]
    wrong = reversal(3, books[1])
    for item in wrong["lines"]:
        item["fund"] = "F2"
    assert found([*books, wrong]) == [("entry.reverses_inexact", "第 4 笔（A-2025-000004）")]
    books[1]["lines"][1]["dims"] = {"project": "P1"}
    wrong = reversal(3, books[1])
    wrong["lines"][1]["dims"] = {"project": "P2"}
    assert found([*books, wrong]) == [("entry.reverses_inexact", "第 4 笔（A-2025-000004）")]


@pytest.mark.parametrize(
    "leaf",
    [
        b"",
        b"not json",
        b"\xff",
        b'{"kind": "x"}',
        b'{"kind":"x","a":1}',
        b'{"kind":"x","kind":"x"}',
        b'{"kind":"\\u4e2d"}',
        b'{"kind":"x","n":1.0}',
        b'{"kind":"x","n":-0}',
        b'{"kind":"x","n":9007199254740992}',
        b'{"kind":"x","n":1E3}',
        b'{"kind":"x","s":"\\ud800"}',
        b"[" * 60_000,
    ],
)
def test_other_spellings_are_refused(leaf: bytes) -> None:
    assert [finding.code for finding in judge([leaf])] == ["leaf.json"]


@pytest.mark.parametrize("leaf", [b"[]", b"5", b"{}", b'{"a":1.5}'])
def test_canonical_but_not_a_leaf(leaf: bytes) -> None:
    assert [finding.code for finding in judge([leaf])] == ["entry.schema"]


def reference(data: bytes) -> bool:
    try:
        return rfc8785.dumps(json.loads(data)) == data
    except ValueError:
        return False


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES, st.booleans(), st.booleans())
@example({"\ue000": 1, "😀": 2}, True, False)  # sorted one way by UTF-16, the other by code point
@example({"é": 1, "z": 1.0}, True, False)
@example('\x7f\u2028\u0000\x1f\b\f\n\r\t"\\/', True, False)
def test_quick_check_agrees_with_the_reference(value: object, sort: bool, ascii_only: bool) -> None:
    canonical = rfc8785.dumps(value)  # type: ignore[arg-type]
    assert is_canonical(canonical) == reference(canonical)  # both refuse integers past 2^53 - 1
    spelt = json.dumps(value, sort_keys=sort, ensure_ascii=ascii_only, separators=(",", ":")).encode()
    assert is_canonical(spelt) == reference(spelt)
