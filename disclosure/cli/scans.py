"""Files that commands are given: scans for the archive, and what is typed in TOML."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

from disclosure.cli.acting import Acting
from disclosure.cli.common import Desk
from ledger.documents.upload import Paper, upload
from ledger.errors import refuse


def keep_paper(desk: Desk, at: Acting, path: Path | None, title: str) -> str:
    """Keep a scan in the archive and return its SHA-256; '' without one."""
    if path is None:
        return ""
    if not path.is_file():
        raise refuse("no_file", f"没有这个文件：{path}", title)
    paper = Paper(path.read_bytes(), path.name, "resolution", title)
    return upload(at.conn, at.trust_id, desk.config.documents_dir, paper, at.actor, at.act).original


def read_toml(file: Path) -> dict[str, Any]:
    """What a TOML file holds. Raises :class:`~ledger.errors.Refused`."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise refuse("bad_toml", f"读不懂 {file.name}：{error}", file.name) from error


def write_private(path: Path, data: bytes) -> None:
    """Write a file only its owner may read; an existing one is not written over."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(data)
