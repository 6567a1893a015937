"""A full copy of a log that only ever grows: ``mingzhang mirror URL DIR``.

Layout of the copy as ``verify --bundle`` reads it, plus ``checkpoints/SIZE`` (every head that was ever taken
in), ``.incoming`` (what is being fetched; an interrupted run goes on from there) and ``evidence``. Nothing in
the copy is touched before all that is new has been verified against the new head and the head kept last.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from disclosure.watching.folder import NOTES, alone, keep_evidence, read_text, replace
from disclosure.watching.remote import Remote, Unreachable, proof_lines
from disclosure.watching.witness import Alarmed, alarm_report, growth_proof, trusted_key
from ledger.log.bundle import BundleReport, verify_bundle, verify_files
from ledger.log.checkpoint import Checkpoint, open_checkpoint
from ledger.log.copy_files import CopyFiles
from ledger.log.growth import Alarm, check_growth, open_shown
from ledger.log.note import Verifier
from ledger.log.tiles import TILE_WIDTH, Tile, all_tiles

Progress = Callable[[int, int], None]
"""Told how many files of how many are there."""


MOST_LEAVES = 1 << 32
"""A log that says it has more is not believed: it would fill any disk before anything could be checked."""


class Damaged(Exception):
    """The copy on this disk has rotted or been touched; the site is not to blame. The message is Chinese."""


@dataclass(frozen=True, slots=True)
class Mirrored:
    """What a run did: from ``old`` leaves (None: a new copy) to ``size``, fetching ``files`` files."""

    origin: str
    old: int | None
    size: int
    files: int
    report: BundleReport


def mirror(
    folder: Path, remote: Remote, key: str | None, now: datetime, *, progress: Progress | None = None
) -> Mirrored:
    """Bring the copy in ``folder`` up to the site's newest head, or make it.

    Raises :class:`~disclosure.watching.witness.Alarmed` (the copy stays as it was, evidence kept),
    :class:`Damaged`, :class:`~disclosure.watching.remote.Unreachable` (run again to go on).
    """
    with alone(folder):
        verifier = trusted_key(folder, remote, key)
        kept = read_text(folder / "checkpoint")
        old = open_checkpoint(kept, verifier) if kept is not None else None
        note = remote.checkpoint()
        try:
            new = _judge(remote, note, verifier, old)
            fetched, report = _take_in(folder, remote, note, new, verifier, kept, progress)
        except Alarm as alarm:
            files = {"网站出示的凭据.txt": note, "留存的公钥.txt": verifier.vkey + "\n"}
            files |= {"留存的凭据.txt": kept} if kept is not None else {}
            files[NOTES] = alarm_report(alarm, remote, now)
            place = keep_evidence(folder, alarm.code, files)
            if (folder / ".incoming").exists():
                shutil.move(folder / ".incoming", _free(place / "files"))
            raise Alarmed(alarm, place) from alarm
        return Mirrored(new.origin, old.size if old else None, new.size, fetched, report)


def _judge(remote: Remote, note: str, verifier: Verifier, old: Checkpoint | None) -> Checkpoint:
    new = open_shown(note, verifier, remote.key())
    proof = growth_proof(remote, old, new) if old is not None and old.size < new.size else []
    try:
        check_growth(old, new, proof)
    except Alarm as alarm:
        raise Alarm(
            alarm.code, f"{alarm}\n网站给的证明：\n{proof_lines(proof)}" if proof else str(alarm)
        ) from alarm
    return new


def _take_in(
    folder: Path,
    remote: Remote,
    note: str,
    new: Checkpoint,
    verifier: Verifier,
    kept: str | None,
    progress: Progress | None,
) -> tuple[int, BundleReport]:
    """Fetch what is missing, verify all of it, and only then move it into the copy."""
    if new.size > MOST_LEAVES:
        raise Unreachable(f"网站说账本有 {new.size:,} 条，多得不可信，没有下载：{remote.address}")
    incoming = folder / ".incoming"
    resumed = incoming.exists()
    fetched = _fetch(folder, incoming, remote, new.size, progress)
    replace(incoming / "checkpoint", note.encode())
    olds = [] if kept is None else [kept]
    report = verify_files(CopyFiles(folder, incoming), verifier, olds)
    if not report.ok and kept is not None and not _whole(folder, verifier, kept):
        raise Damaged(
            f"{folder} 里原有的副本坏了或被动过（不是网站的问题）。请保留它，换一个空文件夹重新下载"
        )
    if not report.ok and resumed:  # what an earlier run left may be from another state of the site
        shutil.rmtree(incoming)
        return _take_in(folder, remote, note, new, verifier, kept, progress)
    if not report.ok:
        listed = "\n".join(str(finding) for finding in report.findings[:20])
        raise Alarm("does_not_verify", f"网站给的文件与它签名的凭据对不上：\n{listed}")
    _settle(folder, incoming, new.size, note)
    return fetched, report


def _whole(folder: Path, verifier: Verifier, kept: str) -> bool:
    """Whether the copy holds what its head covers. Verified files beyond it are left by a crash in between."""
    found = verify_bundle(folder, verifier.vkey, [kept])
    return all(item.code == "leaves.extra" for item in found.findings) and not found.omitted


def _fetch(folder: Path, incoming: Path, remote: Remote, size: int, progress: Progress | None) -> int:
    fetched, count = 0, _count(size)
    for number, tile in enumerate(all_tiles(size), 1):
        if not ((folder / tile.path).exists() or (incoming / tile.path).exists()):
            replace(incoming / tile.path, _tile(remote, tile))
            fetched += 1
        if progress is not None:
            progress(number, count)
    return fetched


def _count(size: int) -> int:
    """How many files :func:`~ledger.log.tiles.all_tiles` names, without naming them."""
    bundles = count = -(-size // TILE_WIDTH)
    while size:
        count += bundles
        size //= TILE_WIDTH
        bundles = -(-size // TILE_WIDTH)
    return count


def _tile(remote: Remote, tile: Tile) -> bytes:
    try:
        return remote.tile(tile.path)
    except Unreachable as error:
        raise Unreachable(f"{error}。已下载的部分留着，再运行一次会接着下载") from error


def _settle(folder: Path, incoming: Path, size: int, note: str) -> None:
    """Move verified files in; the head last: after a crash all that the old head covers is still there."""
    wanted = {tile.path for tile in all_tiles(size)}
    for path in sorted(incoming.rglob("*")):
        name = path.relative_to(incoming).as_posix()
        if path.is_file() and name in wanted:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            path.replace(folder / name)
    replace(folder / "checkpoints" / str(size), note.encode())
    replace(folder / "checkpoint", note.encode())
    shutil.rmtree(incoming)
    for path in (folder / "tile").rglob("*.p/*"):  # narrower files that wider ones have taken over from
        if path.relative_to(folder).as_posix() not in wanted:
            path.unlink()
            if not any(path.parent.iterdir()):
                path.parent.rmdir()


def _free(path: Path) -> Path:
    number, place = 1, path
    while place.exists():
        number += 1
        place = path.with_name(f"{path.name}-{number}")
    return place
