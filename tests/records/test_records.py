"""What is published besides entries has its place in the log, can be proven, and can't be changed unseen."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Connection, Engine, insert, select

from ledger.errors import Refused
from ledger.export.bundle import export_bundle
from ledger.log.bundle import verify_bundle
from ledger.log.store import latest_checkpoint, prove_entry, read_leaf, sign_log
from ledger.records import places_of, publish_record, record_kinds
from ledger.resolutions.decided import RecordedDecision, record_decision
from ledger.store.engine import reading, writing
from ledger.store.tables import document
from ledger.store.tables import record as record_table
from ledger.verify import VerifyReport, verify_books
from tests.servers import Database
from tests.verify.books import TRUST, Community, act
from tests.verify.tamper import behind_the_back, edit_leaf, sql
from tests.work.people import CHAIR

DAY = date(2024, 11, 5)
SCAN = "5c" * 32
NUMBER = "业主大会2024-1号"


def decide(conn: Connection, number: str = NUMBER) -> int:
    known = select(document.c.sha256).where(document.c.trust_id == TRUST, document.c.sha256 == SCAN)
    if conn.execute(known).first() is None:
        conn.execute(
            insert(document).values(
                trust_id=TRUST,
                sha256=SCAN,
                media_type="application/pdf",
                size=1000,
                access="internal",
                stored_at=act(DAY).now,
            )
        )
    recorded = RecordedDecision(number, "other", "更换道闸", "同意更换。", DAY, DAY, (SCAN,))
    return record_decision(conn, TRUST, recorded, CHAIR, act(DAY))


@pytest.fixture
def community(engine: Engine) -> Community:
    """An entry, a decision, another entry; all signed."""
    made = Community(engine)
    made.open()
    made.post(made.interest(DAY))
    with writing(engine) as conn:
        assert decide(conn) == 1
    made.post(made.interest(DAY))
    sign_log(engine, TRUST, made.signer, act(DAY).now)
    return made


def verify(community: Community) -> VerifyReport:
    with reading(community.engine) as conn:
        return verify_books(conn, TRUST, community.signer.verifier)


def codes(report: VerifyReport) -> list[str]:
    return [finding.code for finding in report.findings]


def test_records_and_entries_share_one_sequence_and_numbers_stay_without_gap(community: Community) -> None:
    report = verify(community)
    assert report.ok, report.findings
    assert (report.size, report.entries, report.records) == (3, 2, 1)
    assert "1 条表决、预算等公布内容与背后的数据相符" in report.conclusion


def test_a_record_says_what_it_is_and_can_be_proven(community: Community) -> None:
    with reading(community.engine) as conn:
        body = read_leaf(conn, TRUST, 1)
        proof = prove_entry(conn, TRUST, 1)
        assert places_of(conn, TRUST, "decision", [NUMBER, "unknown"]) == {NUMBER: 1}
    said = msgspec.json.decode(body)
    assert (said["kind"], said["seq"], said["subject"]) == ("mingzhang.decision.v1", 1, NUMBER)
    assert said["value"]["title"] == "更换道闸"
    assert proof.verify(body, community.signer.verifier).size == 3


def test_a_downloaded_copy_with_records_verifies(community: Community, tmp_path: Path) -> None:
    with reading(community.engine) as conn:
        export_bundle(conn, TRUST, tmp_path, community.signer.verifier.vkey)
        signed = latest_checkpoint(conn, TRUST)
    assert signed is not None
    report = verify_bundle(tmp_path, community.signer.verifier.vkey, [signed.note])
    assert report.ok, report.findings
    assert (report.leaves, report.entries) == (3, 2)


def test_the_same_thing_is_not_published_twice(community: Community) -> None:
    with writing(community.engine) as conn, pytest.raises(Refused) as caught:
        publish_record(conn, TRUST, "decision", NUMBER, {"number": NUMBER}, act(DAY))
    assert caught.value.codes == {"published_before"}
    assert verify(community).ok


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE decision SET text = '同意涨价。' WHERE trust_id = :t", "record.differs"),
        ("UPDATE decision SET number = 'x' WHERE trust_id = :t AND title = '更换道闸'", "record.rows"),
        ("UPDATE decision SET body = 'x' WHERE trust_id = :t", "record.unreadable"),
        ("DELETE FROM record WHERE trust_id = :t", "record.missing"),
        ("UPDATE record SET kind = 'ballot' WHERE trust_id = :t", "record.kind"),
        ("UPDATE record SET subject = '另一号' WHERE trust_id = :t", "record.rows"),
    ],
    ids=["text", "row", "unreadable", "unregistered", "kind", "subject"],
)
def test_what_was_changed_behind_a_record_is_found(
    community: Community, database: Database, statement: str, code: str
) -> None:
    with behind_the_back(database) as conn:
        sql(conn, statement)
    assert code in codes(verify(community))


def test_a_changed_leaf_is_found_by_its_hash_and_by_its_rows(
    community: Community, database: Database
) -> None:
    with behind_the_back(database) as conn:
        edit_leaf(conn, 1, "更换道闸", "更换大门")
    report = verify(community)
    assert codes(report) == ["leaf.hash", "record.differs"]
    assert "（title）" in report.findings[1].message


def test_every_kind_can_be_made_again(engine: Engine) -> None:
    community = Community(engine)
    community.open()
    with reading(engine) as conn:
        for kind in record_kinds().values():
            assert kind.rebuild(conn, TRUST, ["2099-99/1"]) == {}, kind.name


def test_records_are_kept_for_ever(community: Community) -> None:
    for statement in (
        record_table.update().values(subject="x"),
        record_table.delete(),
    ):
        with (
            pytest.raises(Exception, match=r"append-only|permission denied"),
            writing(community.engine) as conn,
        ):
            conn.execute(statement)
