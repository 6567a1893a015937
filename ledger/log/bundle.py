"""Write a copy of one trust's whole log, and verify a downloaded copy offline.

A copy is a directory laid out as the log is served: ``checkpoint`` (signed), ``key`` (the public key as
text), ``tile/<L>/…`` and ``tile/entries/…``. The verifier trusts only the key it was given and the older
checkpoints it kept itself. Everything is read one file of at most 256 leaves at a time, so memory stays flat.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from ledger.log.checkpoint import Checkpoint, CheckpointError, OriginError, open_checkpoint
from ledger.log.copy_files import CopyFiles
from ledger.log.entries import EntryRules
from ledger.log.findings import BundleReport, Finding, Findings
from ledger.log.note import NoteError, Verifier
from ledger.log.replay import Progress, Replay
from ledger.log.tiles import TileError, encode_bundle, entry_bundles, hash_tiles
from ledger.log.tree import HASH_SIZE, ReadNodes

__all__ = [
    "BundleReport",
    "Finding",
    "Progress",
    "ReadLeaves",
    "verify_bundle",
    "verify_files",
    "write_bundle",
]

ReadLeaves = Callable[[int, int], Iterable[bytes]]
"""The bytes of leaves start..stop-1, in order."""


def write_bundle(
    directory: Path,
    size: int,
    checkpoint_note: str,
    vkey: str,
    read_leaves: ReadLeaves,
    read_nodes: ReadNodes,
    *,
    progress: Progress | None = None,
) -> None:
    """Write the first ``size`` leaves of a log below ``directory``, one file at a time.

    The checkpoint is written last: a copy that broke off has none. Raises TileError if the readers give fewer
    or more than they were asked for, OSError from the file system.
    """
    for tile in entry_bundles(size):
        leaves = list(read_leaves(tile.start, tile.stop))
        if len(leaves) != tile.width:
            raise TileError("读出的笔数不对，副本没有写完。")
        _write(directory / tile.path, encode_bundle(leaves))
        if progress is not None:
            progress(tile.stop)
    for tile in hash_tiles(size):
        data = b"".join(read_nodes(tile.nodes()))
        if len(data) != tile.width * HASH_SIZE:
            raise TileError("读出的校验值个数不对，副本没有写完。")
        _write(directory / tile.path, data)
    _write(directory / "key", (vkey + "\n").encode())
    _write(directory / "checkpoint", checkpoint_note.encode())


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def verify_bundle(
    directory: Path,
    vkey: str,
    old_checkpoints: Iterable[str] = (),
    *,
    origin: str | None = None,
    progress: Progress | None = None,
) -> BundleReport:
    """Verify the copy of a log in ``directory`` against a public key and checkpoints kept from earlier.

    ``origin`` is the log's name, by default the name of the key. What is wrong with the copy is returned,
    never raised.
    """
    findings = Findings()
    try:
        verifier = Verifier.from_vkey(vkey)
    except NoteError as error:
        findings.add("key.invalid", f"您提供的公钥无法使用：{error}", "公钥")
        return BundleReport(None, 0, 0, 0, tuple(findings.kept))
    return verify_files(
        CopyFiles(directory), verifier, old_checkpoints, origin=origin, findings=findings, progress=progress
    )


def verify_files(
    files: CopyFiles,
    verifier: Verifier,
    old_checkpoints: Iterable[str] = (),
    *,
    origin: str | None = None,
    findings: Findings | None = None,
    progress: Progress | None = None,
) -> BundleReport:
    """The same for files that may lie in two folders, as while a mirror takes in what is new."""
    findings = Findings() if findings is None else findings
    expected = verifier.name if origin is None else origin
    _compare_key(files, verifier, findings)
    head = _read_head(files, verifier, expected, findings)
    if head is None:
        return BundleReport(None, 0, 0, 0, tuple(findings.kept))
    kept = _open_kept(old_checkpoints, verifier, expected, findings)
    prefixes, confirmed = _compare_kept(head, kept, findings)
    with EntryRules(lambda index: files.leaf(index, head.size)) as rules:
        replay = Replay(files, head, prefixes, rules, findings)
        replay.run(progress)
    for path in files.unexpected(head.size):
        findings.add("leaves.extra", "多出来的文件：凭据没有为其中的内容作证。", path)
    return BundleReport(
        head,
        replay.leaves,
        rules.entries,
        confirmed + replay.confirmed,
        tuple(findings.kept),
        findings.omitted,
    )


def _compare_key(files: CopyFiles, verifier: Verifier, findings: Findings) -> None:
    """The key in the copy proves nothing, but a different one is worth a warning."""
    text = files.text("key")
    if text is not None and text.strip() != verifier.vkey:
        findings.add("key.differs", "副本里附的公钥与您手里的不同，请向业委会或公告栏核对公钥。", "key")


def _read_head(files: CopyFiles, verifier: Verifier, origin: str, findings: Findings) -> Checkpoint | None:
    text = files.text("checkpoint")
    if text is None:
        findings.add("checkpoint.missing", "副本里没有签名凭据，无法核对。", "checkpoint")
        return None
    return _open("checkpoint", text, verifier, origin, findings, where="checkpoint")


def _open(
    code: str, text: str, verifier: Verifier, origin: str, findings: Findings, *, where: str
) -> Checkpoint | None:
    """Open a signed checkpoint; what is wrong becomes a finding whose code begins with ``code``."""
    try:
        return open_checkpoint(text, verifier, origin=origin)
    except NoteError as error:
        findings.add(f"{code}.signature", f"凭据的签名无效：{error}", where)
    except OriginError as error:
        findings.add(f"{code}.origin", str(error), where)
    except CheckpointError as error:
        findings.add(f"{code}.format", f"凭据的格式不对：{error}", where)
    return None


def _open_kept(
    texts: Iterable[str], verifier: Verifier, origin: str, findings: Findings
) -> list[tuple[str, Checkpoint]]:
    """The old checkpoints that are good, each with its place in the caller's list."""
    kept: list[tuple[str, Checkpoint]] = []
    for number, text in enumerate(texts, 1):
        where = f"您保存的第 {number} 份凭据"
        # Pasted text: line ends and the last newline are not worth an alarm, the signature still decides.
        tidy = text.replace("\r\n", "\n").strip("\n") + "\n"
        checkpoint = _open("old", tidy, verifier, origin, findings, where=where)
        if checkpoint is not None:
            kept.append((where, checkpoint))
    return kept


def _compare_kept(
    head: Checkpoint, kept: Iterable[tuple[str, Checkpoint]], findings: Findings
) -> tuple[dict[int, bytes], int]:
    """Compare old checkpoints with the present one and with each other, before any leaf is read.

    Returns the roots still to be met on the way, by size, and how many of the old ones equal the present one.
    """
    roots = {head.size: head.root}
    confirmed = 0
    for where, old in kept:
        if old.size > head.size:
            findings.add(
                "old.larger",
                f"这份副本只有 {head.size} 笔，而您保存的凭据证明当时至少有 {old.size} 笔："
                "最新的账被删掉了，或者出示的是过时的凭据。",
                where,
            )
        elif roots.setdefault(old.size, old.root) != old.root:
            findings.add(
                "old.two_histories",
                f"同一时刻出示了两份不同的账：同样是 {old.size} 笔，两份凭据都有签名，内容却不一样。",
                where,
            )
        elif old.size == head.size:
            confirmed += 1
    del roots[head.size]
    return roots, confirmed
