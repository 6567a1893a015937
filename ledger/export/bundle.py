"""A copy of a trust's whole log on disk, for anyone to verify offline."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection

from ledger.errors import Unanswerable
from ledger.log.bundle import Progress, write_bundle
from ledger.log.store import LogNodes, SignedCheckpoint, latest_checkpoint, read_leaves


def export_bundle(
    conn: Connection, trust_id: int, directory: Path, vkey: str, *, progress: Progress | None = None
) -> SignedCheckpoint:
    """Write the log as far as the newest checkpoint signs it below ``directory``; return that checkpoint.

    ``vkey`` is the public key as one line of text. Check the copy with
    :func:`ledger.log.bundle.verify_bundle`. Raises :class:`~ledger.errors.Unanswerable` before the first
    checkpoint, TileError if the stored log is incomplete, OSError from the file system.
    """
    signed = latest_checkpoint(conn, trust_id)
    if signed is None:
        raise Unanswerable("no_checkpoint", "公开日志还没有签名凭据，暂时不能导出副本，请稍后再试")
    write_bundle(
        directory,
        signed.size,
        signed.note,
        vkey,
        lambda start, stop: read_leaves(conn, trust_id, start, stop),
        LogNodes(conn, trust_id),
        progress=progress,
    )
    return signed
