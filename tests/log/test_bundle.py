"""A downloaded copy: an honest one passes, and each attack is found and named in plain words."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from ledger.log.bundle import BundleReport, verify_bundle, write_bundle
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.tiles import TileError, all_tiles, encode_bundle
from tests.log.books import (
    SIGNER,
    VKEY,
    entries,
    entry,
    leaves_of,
    reversal,
    signed_head,
    write_copy,
)
from tests.log.test_note import signer
from tests.log.trees import MemoryLog

HONEST = leaves_of(entries(300))


def codes(report: BundleReport) -> list[str]:
    return [finding.code for finding in report.findings]


def old_head(size: int) -> str:
    """The checkpoint someone kept when there were ``size`` honest entries."""
    return signed_head(MemoryLog(HONEST[:size]))


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


# --- Honest copies ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 300])
def test_honest_copy(tmp_path: Path, size: int) -> None:
    done: list[int] = []
    write_copy(tmp_path, HONEST[:size])
    kept = [old_head(at) for at in (0, size // 2, size)]
    report = verify_bundle(tmp_path, VKEY, kept, progress=done.append)
    assert report.findings == ()
    assert report.ok
    assert report.checkpoint is not None
    assert (report.checkpoint.size, report.leaves, report.entries) == (size, size, size)
    assert done == sorted({stop for stop in (256, size) if 0 < stop <= size})
    assert "签名有效" in report.conclusion
    files = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert files == {"checkpoint", "key"} | {tile.path for tile in all_tiles(size)}


def test_conclusion_says_what_was_proved(tmp_path: Path) -> None:
    write_copy(tmp_path, HONEST)
    assert "不能证明旧账没有被整体重写" in verify_bundle(tmp_path, VKEY).conclusion
    confirmed = verify_bundle(tmp_path, VKEY, [old_head(100), old_head(256), old_head(300)])
    assert confirmed.old_confirmed == 3
    assert "与您保存的 3 份旧凭据一致" in confirmed.conclusion
    flip(tmp_path / "tile/0/000", 0)
    assert verify_bundle(tmp_path, VKEY).conclusion == "核对未通过：发现 1 处问题，请逐条查看。"


def test_pasted_checkpoints_may_lose_line_ends(tmp_path: Path) -> None:
    write_copy(tmp_path, HONEST)
    pasted = "\n" + old_head(100).replace("\n", "\r\n").rstrip()
    assert verify_bundle(tmp_path, VKEY, [pasted]).old_confirmed == 1


def test_partial_files_of_an_earlier_download_are_harmless(tmp_path: Path) -> None:
    write_copy(tmp_path, HONEST[:100])
    write_copy(tmp_path, HONEST)
    assert (tmp_path / "tile/0/000.p/100").exists()
    assert verify_bundle(tmp_path, VKEY).ok


def test_large_log_needs_upper_tiles_and_little_memory(tmp_path: Path) -> None:
    """66,000 leaves: a full level-1 tile and a level-2 tile; memory is that of a few files."""
    write_copy(tmp_path, [b'{"kind":"other","n":%d}' % number for number in range(66_000)])
    assert (tmp_path / "tile/2/000.p/1").exists()
    tracemalloc.start()
    report = verify_bundle(tmp_path, VKEY)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert report.ok
    assert (report.leaves, report.entries) == (66_000, 0)
    assert peak < 2_000_000
    flip(tmp_path / "tile/2/000.p/1", 31)
    flip(tmp_path / "tile/1/000", 8191)
    assert [(item.code, item.where) for item in verify_bundle(tmp_path, VKEY).findings] == [
        ("tile.hash", "tile/1/000"),
        ("tile.hash", "tile/2/000.p/1"),
    ]


# --- The five attacks ---------------------------------------------------------------------------------------


def test_attack_edit_a_row_and_sign_again(tmp_path: Path) -> None:
    edited = entries(300)
    edited[41]["summary"] = "收到物业费（改）"
    write_copy(tmp_path, leaves_of(edited))
    assert verify_bundle(tmp_path, VKEY).ok  # by itself it is a perfect log: only old checkpoints tell
    report = verify_bundle(tmp_path, VKEY, [old_head(30), old_head(100)])
    assert codes(report) == ["old.rewritten"]
    assert report.findings[0].message.startswith("第 31 到第 100 笔里有旧账被改写")
    assert report.old_confirmed == 1
    report = verify_bundle(tmp_path, VKEY, [old_head(100)])
    assert report.findings[0].message.startswith("第 1 到第 100 笔里有旧账被改写")


def test_attack_drop_the_newest_and_sign_again(tmp_path: Path) -> None:
    write_copy(tmp_path, HONEST[:280])
    report = verify_bundle(tmp_path, VKEY, [old_head(300)])
    assert codes(report) == ["old.larger"]
    assert "这份副本只有 280 笔，而您保存的凭据证明当时至少有 300 笔" in report.findings[0].message
    assert "被删掉" in report.findings[0].message


def test_attack_two_histories(tmp_path: Path) -> None:
    edited = entries(300)
    edited[299]["summary"] = "另一种说法"
    write_copy(tmp_path, leaves_of(edited))
    report = verify_bundle(tmp_path, VKEY, [old_head(300)])
    assert codes(report) == ["old.two_histories"]
    assert report.findings[0].message.startswith("同一时刻出示了两份不同的账")


def test_two_histories_among_the_kept_checkpoints(tmp_path: Path) -> None:
    write_copy(tmp_path, HONEST)
    edited = entries(100)
    edited[3]["summary"] = "另一种说法"
    report = verify_bundle(tmp_path, VKEY, [old_head(100), signed_head(MemoryLog(leaves_of(edited)))])
    assert codes(report) == ["old.two_histories"]
    assert report.findings[0].where == "您保存的第 2 份凭据"


@pytest.mark.parametrize(
    ("tile", "at", "code", "where"),
    [
        ("tile/0/000", 32 * 16 + 5, "leaf.hash", "第 17 笔"),
        ("tile/0/001.p/44", 0, "leaf.hash", "第 257 笔"),
        ("tile/1/000.p/1", 9, "tile.hash", "tile/1/000.p/1"),
    ],
)
def test_attack_change_a_tile_byte(tmp_path: Path, tile: str, at: int, code: str, where: str) -> None:
    write_copy(tmp_path, HONEST)
    flip(tmp_path / tile, at)
    report = verify_bundle(tmp_path, VKEY, [old_head(100)])
    assert [(item.code, item.where) for item in report.findings] == [(code, where)]
    assert "不符" in report.findings[0].message
    assert "改动" in report.findings[0].message


def test_attack_replay_an_old_checkpoint(tmp_path: Path) -> None:
    write_copy(tmp_path, HONEST)
    (tmp_path / "checkpoint").write_text(old_head(200), "utf-8")
    report = verify_bundle(tmp_path, VKEY, [old_head(250)])
    assert "old.larger" in codes(report)
    assert report.findings[0].message == (
        "这份副本只有 200 笔，而您保存的凭据证明当时至少有 250 笔：最新的账被删掉了，或者出示的是过时的凭据。"
    )
    assert "leaves.extra" in codes(report)


def test_replayed_checkpoint_with_its_own_files(tmp_path: Path) -> None:
    write_copy(tmp_path, HONEST[:200])
    assert codes(verify_bundle(tmp_path, VKEY, [old_head(200), old_head(250)])) == ["old.larger"]


# --- Damage and forgery -------------------------------------------------------------------------------------


def test_changed_leaf_without_signing(tmp_path: Path) -> None:
    write_copy(tmp_path, HONEST)
    path = tmp_path / "tile/entries/000"
    path.write_bytes(path.read_bytes().replace(b'"amount":10005', b'"amount":90005'))
    report = verify_bundle(tmp_path, VKEY, [old_head(5), old_head(100)])
    assert set(codes(report)) == {"leaf.hash", "tile.hash", "old.rewritten", "root.differs"}
    assert report.findings[0].where == "第 6 笔"
    assert report.old_confirmed == 1


def test_missing_files(tmp_path: Path) -> None:
    write_copy(tmp_path, HONEST)
    (tmp_path / "tile/entries/001.p/44").unlink()
    report = verify_bundle(tmp_path, VKEY, [old_head(100)])
    assert codes(report) == ["file.missing"]  # the hashes are there: the root still agrees
    assert report.findings[0].message == "缺少第 257 到第 300 笔的内容。"
    assert report.leaves == 256
    (tmp_path / "tile/0/001.p/44").unlink()
    assert codes(verify_bundle(tmp_path, VKEY)) == ["file.missing", "file.missing", "root.unchecked"]


def test_missing_upper_tile(tmp_path: Path) -> None:
    write_copy(tmp_path, HONEST)
    (tmp_path / "tile/1/000.p/1").unlink()
    report = verify_bundle(tmp_path, VKEY)
    assert [(item.code, item.where) for item in report.findings] == [("file.missing", "tile/1/000.p/1")]


def test_wrong_number_of_leaves(tmp_path: Path) -> None:
    write_copy(tmp_path, HONEST)
    path = tmp_path / "tile/entries/001.p/44"
    path.write_bytes(encode_bundle([*HONEST[256:], HONEST[0]]))
    assert codes(verify_bundle(tmp_path, VKEY)) == ["leaves.extra"]
    path.write_bytes(encode_bundle(HONEST[256:299]))
    assert codes(verify_bundle(tmp_path, VKEY)) == ["leaves.missing"]
    path.write_bytes(encode_bundle(HONEST[256:])[:-1])
    assert codes(verify_bundle(tmp_path, VKEY)) == ["leaves.missing"]


def test_short_hash_tile_and_foreign_files(tmp_path: Path) -> None:
    write_copy(tmp_path, HONEST)
    (tmp_path / "tile/0/001.p/44").write_bytes(b"\0" * 31)
    (tmp_path / "tile/entries/002").write_bytes(encode_bundle(HONEST[:256]))
    (tmp_path / "tile/readme").write_text("?")
    report = verify_bundle(tmp_path, VKEY)
    assert codes(report)[0] == "tile.size"
    assert sorted((item.code, item.where) for item in report.findings[1:]) == [
        ("leaves.extra", "tile/entries/002"),
        ("leaves.extra", "tile/readme"),
    ]


def test_signed_root_of_other_leaves(tmp_path: Path) -> None:
    write_copy(tmp_path, HONEST)
    wrong = sign_checkpoint(Checkpoint(SIGNER.name, 300, b"\7" * 32), SIGNER)
    (tmp_path / "checkpoint").write_text(wrong, "utf-8")
    assert codes(verify_bundle(tmp_path, VKEY)) == ["root.differs"]


def test_signed_impossible_size_ends_soon(tmp_path: Path) -> None:
    wrong = sign_checkpoint(Checkpoint(SIGNER.name, 10**18, b"\7" * 32), SIGNER)
    (tmp_path / "checkpoint").write_text(wrong, "utf-8")
    report = verify_bundle(tmp_path, VKEY)
    assert report.omitted
    assert len(report.findings) == 200


def test_checkpoint_that_cannot_be_trusted(tmp_path: Path) -> None:
    assert codes(verify_bundle(tmp_path, VKEY)) == ["checkpoint.missing"]
    assert codes(verify_bundle(tmp_path, "nonsense")) == ["key.invalid"]
    write_copy(tmp_path, HONEST)
    stranger = signer(SIGNER.name, b"\6" * 32).verifier.vkey
    assert codes(verify_bundle(tmp_path, stranger)) == ["key.differs", "checkpoint.signature"]
    assert codes(verify_bundle(tmp_path, VKEY, origin="mingzhang.example/other")) == ["checkpoint.origin"]
    for text, code in (("x\n", "signature"), ("\udcff\n", "signature"), (SIGNER.name + "\n", "format")):
        note = text if code == "signature" else sign_body(text)
        (tmp_path / "checkpoint").write_bytes(note.encode("utf-8", "surrogateescape"))
        report = verify_bundle(tmp_path, VKEY)
        assert codes(report) == [f"checkpoint.{code}"]
        assert not report.ok
        assert report.checkpoint is None


def sign_body(text: str) -> str:
    from ledger.log.note import sign

    return sign(text, SIGNER)


def test_bad_old_checkpoints(tmp_path: Path) -> None:
    write_copy(tmp_path, HONEST)
    forged = old_head(100).replace("\n100\n", "\n101\n")
    other = sign_checkpoint(Checkpoint("mingzhang.example/other", 1, b"\0" * 32), SIGNER)
    report = verify_bundle(tmp_path, VKEY, ["", forged, other, sign_body("x\n"), old_head(100)])
    assert codes(report) == ["old.signature", "old.signature", "old.origin", "old.format"]
    assert report.findings[1].where == "您保存的第 2 份凭据"
    assert report.old_confirmed == 1


def test_reversal_across_files(tmp_path: Path) -> None:
    books = entries(300)
    books.append(reversal(300, books[2]))
    write_copy(tmp_path, leaves_of(books))
    assert verify_bundle(tmp_path, VKEY).ok
    inexact = reversal(300, books[2])
    inexact["lines"][0]["amount"] += 1
    inexact["lines"][1]["amount"] += 1
    write_copy(tmp_path, leaves_of([*books[:300], inexact]))
    assert codes(verify_bundle(tmp_path, VKEY)) == ["entry.reverses_inexact"]


def test_reversal_of_a_missing_leaf_is_not_judged(tmp_path: Path) -> None:
    books = entries(300)
    write_copy(tmp_path, leaves_of([*books, reversal(300, books[2])]))
    (tmp_path / "tile/entries/000").unlink()
    assert codes(verify_bundle(tmp_path, VKEY)) == ["file.missing"]
    (tmp_path / "tile/entries/000").write_bytes(b"\0\1")
    assert codes(verify_bundle(tmp_path, VKEY)) == ["leaves.missing"]


def test_writer_tells_how_far_it_is(tmp_path: Path) -> None:
    log, done = MemoryLog(HONEST), list[int]()
    head = signed_head(log)
    write_bundle(tmp_path, 300, head, VKEY, log.read_leaves, log.read_nodes, progress=done.append)
    assert done == [256, 300]


def test_writer_refuses_short_readers(tmp_path: Path) -> None:
    log = MemoryLog(leaves_of([entry(0), entry(1)]))
    head = signed_head(log)
    with pytest.raises(TileError, match="没有写完"):
        write_bundle(tmp_path, 3, head, VKEY, log.read_leaves, log.read_nodes)
    with pytest.raises(TileError, match="没有写完"):
        write_bundle(tmp_path, 2, head, VKEY, log.read_leaves, lambda nodes: [])
    assert not (tmp_path / "checkpoint").exists()
