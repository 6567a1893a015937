"""What is kept on the own disk: files replaced whole or not at all, evidence never overwritten."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: there one runs it once at a time
    fcntl = None  # type: ignore[assignment]

NOTES = "说明.txt"
"""In every folder of evidence: what happened, when, and what to do."""


def replace(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write a file so that a reader, or a crash, finds the old one or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    _settle(path.parent)


def _settle(folder: Path) -> None:
    """Make the folder's own record of its names durable, where the system can."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_text(path: Path) -> str | None:
    """A kept text, or None if there is none."""
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        return None


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Only one process at a time works in ``folder``. Raises OSError if another one does."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a") as file:
        if fcntl is not None:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise OSError(f"另一个明账程序正在使用 {folder}，请等它结束") from error
        yield


def keep_evidence(folder: Path, code: str, files: Mapping[str, str]) -> Path:
    """Write what shows that something is wrong into a folder of its own, once; never over anything older.

    The same evidence found again (all but ``说明.txt``, which has the time) is the same folder.
    """
    digest = sha256(
        "\0".join(files[name] for name in sorted(files) if name != NOTES).encode("utf-8", "replace")
    )
    place = folder / "evidence" / f"{code}-{digest.hexdigest()[:12]}"
    if not (place / NOTES).exists():
        for name in sorted(files, key=lambda name: name == NOTES):  # the notes last: with them it is whole
            replace(place / name, files[name].encode("utf-8", "surrogateescape"))
    return place
