"""The five attacks on real books, as a resident meets them: a downloaded copy and a checkpoint kept at home.

The operator owns the database and holds the real key. By itself each forged copy may look perfect; what the
resident kept tells.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.export import export_bundle
from ledger.log.bundle import BundleReport, verify_bundle
from ledger.store.engine import reading
from tests.servers import Database
from tests.verify.books import TRUST, Community, full_books
from tests.verify.tamper import behind_the_back, delete_from, edit_leaf, rehash, sql


@pytest.fixture
def community(engine: Engine) -> Community:
    return full_books(engine)


def copy_of(community: Community, directory: Path) -> str:
    """Download the log as it is served now; return its checkpoint."""
    with reading(community.engine) as conn:
        return export_bundle(conn, TRUST, directory, community.vkey).note


def findings(report: BundleReport) -> list[tuple[str, str, str]]:
    return [(finding.code, finding.message, finding.where) for finding in report.findings]


def forge(database: Database, size: int) -> None:
    """Make receipt A-2024-000002 ten times as large, in rows, leaf, hashes and head; forget what was
    signed from ``size`` entries on."""
    with behind_the_back(database) as conn:
        sql(conn, "UPDATE posting SET amount = 100000 WHERE trust_id = :t AND seq = 1")
        sql(conn, "UPDATE entry SET total = 100000 WHERE trust_id = :t AND seq = 1")
        edit_leaf(conn, 1, '"amount":10000', '"amount":100000')
        rehash(conn)
        sql(conn, "DELETE FROM checkpoint WHERE trust_id = :t AND size >= :n", n=size)


def test_honest_copy_of_real_books(community: Community, tmp_path: Path) -> None:
    """Both books, a reversal, all kinds of amendment, details and documents: nothing to find."""
    kept = copy_of(community, tmp_path / "then")
    community.post(community.interest(date(2025, 2, 20)))
    community.sign(date(2025, 2, 20))
    copy_of(community, tmp_path / "now")
    report = verify_bundle(tmp_path / "now", community.vkey, [kept])
    assert report.findings == ()
    assert (report.leaves, report.entries, report.old_confirmed) == (26, 26, 1)
    assert report.conclusion == (
        "核对通过：26 笔记录逐笔相符，签名有效，与您保存的 1 份旧凭据一致，旧账没有被改过。"
    )


def test_a_rewritten_entry_signed_again(community: Community, database: Database, tmp_path: Path) -> None:
    kept = copy_of(community, tmp_path / "then")
    forge(database, 1)
    community.post(community.interest(date(2025, 2, 20)))
    community.sign(date(2025, 2, 20))
    copy_of(community, tmp_path / "now")
    assert verify_bundle(tmp_path / "now", community.vkey).ok  # a perfect forgery, but for what was kept
    report = verify_bundle(tmp_path / "now", community.vkey, [kept])
    assert findings(report) == [
        (
            "old.rewritten",
            "第 1 到第 25 笔里有旧账被改写：重新计算的结果与您保存的凭据（当时共 25 笔）不符，"
            "现在的签名不能掩盖这一点。",
            "第 1 到第 25 笔",
        )
    ]
    assert report.old_confirmed == 0


def test_the_newest_entries_dropped(community: Community, database: Database, tmp_path: Path) -> None:
    kept = copy_of(community, tmp_path / "then")
    with behind_the_back(database) as conn:
        delete_from(conn, 23)
        rehash(conn)
        sql(conn, "DELETE FROM checkpoint WHERE trust_id = :t AND size > 23")
    community.sign(date(2025, 2, 20))
    copy_of(community, tmp_path / "now")
    assert verify_bundle(tmp_path / "now", community.vkey).ok
    report = verify_bundle(tmp_path / "now", community.vkey, [kept])
    assert findings(report) == [
        (
            "old.larger",
            "这份副本只有 23 笔，而您保存的凭据证明当时至少有 25 笔："
            "最新的账被删掉了，或者出示的是过时的凭据。",
            "您保存的第 1 份凭据",
        )
    ]


def test_two_histories(community: Community, database: Database, tmp_path: Path) -> None:
    """One resident was shown the true books, another others of the same length."""
    kept = copy_of(community, tmp_path / "mine")
    forge(database, 1)
    community.sign(date(2025, 2, 3))
    other = copy_of(community, tmp_path / "yours")
    assert other.splitlines()[1] == kept.splitlines()[1] == "25"
    expected = (
        "old.two_histories",
        "同一时刻出示了两份不同的账：同样是 25 笔，两份凭据都有签名，内容却不一样。",
        "您保存的第 1 份凭据",
    )
    assert findings(verify_bundle(tmp_path / "yours", community.vkey, [kept])) == [expected]
    assert findings(verify_bundle(tmp_path / "mine", community.vkey, [other])) == [expected]


def test_a_byte_of_a_tile(community: Community, tmp_path: Path) -> None:
    kept = copy_of(community, tmp_path)
    for path, at, code, message, where in (
        (
            "tile/0/000.p/25",
            32 * 16,
            "leaf.hash",
            "这一笔的内容与校验文件里记的指纹不符：内容或校验文件被改动过，或下载时损坏。",
            "第 17 笔",
        ),
        (
            "tile/entries/000.p/25",
            2,
            "leaf.json",
            "这一笔的写法不符合规范格式（RFC 8785），可能被手工改动过。",
            "第 1 笔",
        ),
    ):
        file = tmp_path / path
        honest = file.read_bytes()
        file.write_bytes(honest[:at] + bytes([honest[at] ^ 1]) + honest[at + 1 :])
        report = verify_bundle(tmp_path, community.vkey, [kept])
        assert (code, message, where) in findings(report)
        assert not report.ok
        file.write_bytes(honest)
    assert verify_bundle(tmp_path, community.vkey, [kept]).ok


def test_every_byte_of_every_tile_counts(community: Community, tmp_path: Path) -> None:
    copy_of(community, tmp_path)
    hashes = tmp_path / "tile/0/000.p/25"
    entries = tmp_path / "tile/entries/000.p/25"
    for file, step in ((hashes, 7), (entries, 251)):
        honest = file.read_bytes()
        for at in range(0, len(honest), step):
            file.write_bytes(honest[:at] + bytes([honest[at] ^ 1]) + honest[at + 1 :])
            assert not verify_bundle(tmp_path, community.vkey).ok, (file.name, at)
        file.write_bytes(honest)


def with_new_tiles(directory: Path) -> None:
    """Everything of today is there, only the checkpoint is yesterday's."""


def with_old_tiles(directory: Path) -> None:
    """Yesterday's copy as it was: nothing of today's is in it."""
    for path in directory.glob("tile/*/*.p/26"):
        path.unlink()


@pytest.mark.parametrize(
    ("tiles", "also"),
    [(with_new_tiles, {"leaves.extra"}), (with_old_tiles, set[str]())],
)
def test_an_old_checkpoint_replayed(
    community: Community, tmp_path: Path, tiles: Callable[[Path], None], also: set[str]
) -> None:
    old = copy_of(community, tmp_path)
    community.post(community.interest(date(2025, 2, 20)))
    community.sign(date(2025, 2, 20))
    kept = copy_of(community, tmp_path)
    (tmp_path / "checkpoint").write_text(old, "utf-8")
    tiles(tmp_path)
    report = verify_bundle(tmp_path, community.vkey, [kept])
    assert findings(report)[0] == (
        "old.larger",
        "这份副本只有 25 笔，而您保存的凭据证明当时至少有 26 笔：最新的账被删掉了，或者出示的是过时的凭据。",
        "您保存的第 1 份凭据",
    )
    assert {finding.code for finding in report.findings} == {"old.larger"} | also


def test_an_honest_signer_refuses_a_rewritten_database(community: Community, database: Database) -> None:
    """Only who deletes what was signed before gets a signature; the signing service itself refuses."""
    from ledger.log.tree import ProofError

    forge(database, 25)  # the checkpoints of 6, 9 and 15 entries are still there
    with pytest.raises(ProofError, match="旧账被改写过"):
        community.sign(date(2025, 2, 20))
