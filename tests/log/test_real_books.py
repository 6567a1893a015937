"""Leaves made by the journal obey the public rules: what is written and what is checked are one format."""

from __future__ import annotations

from pathlib import Path

import rfc8785
from sqlalchemy import Engine

from ledger.export import export_bundle
from ledger.log.bundle import verify_bundle
from ledger.log.entries import decode_entry
from ledger.log.store import stream_leaves
from ledger.store.engine import reading
from tests.verify.books import TRUST, full_books


def test_copy_of_real_books_verifies(engine: Engine, tmp_path: Path) -> None:
    community = full_books(engine)
    with reading(engine) as conn:
        signed = export_bundle(conn, TRUST, tmp_path, community.vkey)
        leaves = list(stream_leaves(conn, TRUST, signed.size))
    entries = [entry for leaf in leaves if (entry := decode_entry(leaf)) is not None]
    assert len(entries) == len(leaves) == 25
    # everything the format has is in these books, or the test proves less than it says
    assert {entry.book for entry in entries} == {"A", "M"}
    assert {"E26a", "E26b", "E26c", "E26d", "E28a", "E28c", "E23e"} <= {entry.event for entry in entries}
    assert sum(isinstance(entry.reverses, str) for entry in entries) == 2
    assert sum(isinstance(entry.amends, str) for entry in entries) == 3
    assert any(isinstance(entry.documents, list) for entry in entries)
    assert any(hasattr(line.detail, "root") for entry in entries for line in entry.lines)
    assert {type(entry.sealed.counterparty) for entry in entries} >= {str}
    report = verify_bundle(tmp_path, community.vkey, [signed.note])
    assert report.findings == ()
    assert (report.leaves, report.entries, report.old_confirmed) == (25, 25, 1)


def test_leaves_are_the_reference_spelling(engine: Engine) -> None:
    import json

    full_books(engine)
    with reading(engine) as conn:
        for leaf in stream_leaves(conn, TRUST, 25):
            assert rfc8785.dumps(json.loads(leaf)) == leaf
