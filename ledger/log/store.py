"""The log in the database: reading nodes and leaves, making proofs, signing checkpoints.

Appending is done by :mod:`ledger.journal`, in the same transaction as the entry. The checkpoint may
follow within a second; one that is missing after a crash is made at the next start.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, bindparam, insert, select

from ledger.errors import Unanswerable
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.note import Signer
from ledger.log.tiles import ENTRIES, Tile, encode_bundle
from ledger.log.tlog_proof import LogProof
from ledger.log.tree import (
    HASH_SIZE,
    NodeId,
    ProofError,
    consistency_proof,
    inclusion_proof,
    root_at,
    verify_consistency,
)
from ledger.store.engine import reading, writing
from ledger.store.tables import checkpoint, leaf, log_key, trust, trust_head

_NODES = select(leaf.c.seq, leaf.c.hashes).where(
    leaf.c.trust_id == bindparam("t"), leaf.c.seq.in_(bindparam("rows", expanding=True))
)


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint of a trust as published. ``note`` is the C2SP signed note."""

    size: int
    root: bytes
    note: str
    signed_at: datetime


class LogNodes:
    """Reads tree nodes of one trust; each call is one query by key."""

    def __init__(self, conn: Connection, trust_id: int) -> None:
        self._conn = conn
        self._trust_id = trust_id

    def __call__(self, nodes: Sequence[NodeId]) -> list[bytes]:
        """The hashes of ``nodes``, in order."""
        if not nodes:
            return []
        wanted = sorted({node.row for node in nodes})
        found = self._conn.execute(_NODES, {"t": self._trust_id, "rows": wanted})
        rows = {row.seq: row.hashes for row in found}
        return [rows.get(node.row, b"")[node.offset : node.offset + HASH_SIZE] for node in nodes]


def origin_of(conn: Connection, trust_id: int) -> str:
    """The log's identity: the first line of its checkpoints and the name of its key."""
    return str(conn.execute(select(trust.c.origin).where(trust.c.trust_id == trust_id)).scalar_one())


def latest_checkpoint(conn: Connection, trust_id: int) -> SignedCheckpoint | None:
    """The newest signed checkpoint, or None before the first."""
    row = conn.execute(
        select(checkpoint)
        .where(checkpoint.c.trust_id == trust_id)
        .order_by(checkpoint.c.size.desc())
        .limit(1)
    ).first()
    return None if row is None else SignedCheckpoint(row.size, row.root, row.note, row.signed_at)


def checkpoint_at(conn: Connection, trust_id: int, size: int) -> SignedCheckpoint | None:
    """The checkpoint of exactly ``size`` leaves, or None if that size was never signed."""
    row = conn.execute(
        select(checkpoint).where(checkpoint.c.trust_id == trust_id, checkpoint.c.size == size)
    ).first()
    return None if row is None else SignedCheckpoint(row.size, row.root, row.note, row.signed_at)


def checkpoint_covering(conn: Connection, trust_id: int, size: int) -> SignedCheckpoint:
    """The earliest checkpoint over at least ``size`` entries. Raises :class:`Unanswerable`."""
    row = conn.execute(
        select(checkpoint)
        .where(checkpoint.c.trust_id == trust_id, checkpoint.c.size >= size)
        .order_by(checkpoint.c.size)
        .limit(1)
    ).first()
    if row is None:
        raise Unanswerable("no_checkpoint", "这笔账刚刚入账，签名凭据一秒钟内就会生成，请稍后再试")
    return SignedCheckpoint(row.size, row.root, row.note, row.signed_at)


def sign_log(engine: Engine, trust_id: int, signer: Signer, now: datetime) -> SignedCheckpoint | None:
    """Sign the log as it stands, if it has grown since the last checkpoint.

    Refuses (:class:`~ledger.log.tree.ProofError`) when the tree is not an extension of what was signed
    before, so that a rewritten database never gets a fresh signature from an honest signer.
    """
    with reading(engine) as conn:
        size = conn.execute(select(trust_head.c.size).where(trust_head.c.trust_id == trust_id)).scalar_one()
        last = latest_checkpoint(conn, trust_id)
        if size == 0 or (last is not None and last.size == size):
            return last
        nodes = LogNodes(conn, trust_id)
        root = root_at(size, nodes)
        if last is not None:
            proof = consistency_proof(last.size, size, nodes) if last.size < size else []
            verify_consistency(last.size, last.root, size, root, proof)
        note = sign_checkpoint(Checkpoint(origin_of(conn, trust_id), size, root), signer)
    signed = SignedCheckpoint(size, root, note, now)
    with writing(engine) as conn:
        if conn.dialect.name == "postgresql":  # two servers may sign at the same moment
            conn.execute(select(trust_head.c.size).where(trust_head.c.trust_id == trust_id).with_for_update())
        _keep_key(conn, trust_id, signer.verifier.vkey, size, now)
        newest = latest_checkpoint(conn, trust_id)
        if newest is None or newest.size < size:
            conn.execute(
                insert(checkpoint).values(trust_id=trust_id, size=size, root=root, note=note, signed_at=now)
            )
    return signed


def log_vkey(conn: Connection, trust_id: int) -> str | None:
    """The public key the log is signed with, or None before the first checkpoint."""
    return conn.execute(select(log_key.c.vkey).where(log_key.c.trust_id == trust_id)).scalar_one_or_none()


def _keep_key(conn: Connection, trust_id: int, vkey: str, size: int, now: datetime) -> None:
    """Record the key with the first checkpoint; later a different key is refused, not taken on quietly."""
    known = log_vkey(conn, trust_id)
    if known is None:
        conn.execute(insert(log_key).values(trust_id=trust_id, vkey=vkey, first_size=size, recorded_at=now))
    elif known != vkey:
        raise ProofError("签名密钥与本账登记的不是同一把，拒绝签名；请找回原来的密钥文件")


def prove_entry(conn: Connection, trust_id: int, seq: int) -> LogProof:
    """An offline-verifiable proof that leaf ``seq`` is in the newest signed log (C2SP tlog-proof)."""
    signed = latest_checkpoint(conn, trust_id)
    if signed is None or signed.size <= seq:
        signed = checkpoint_covering(conn, trust_id, seq + 1)
    hashes = inclusion_proof(seq, signed.size, LogNodes(conn, trust_id))
    return LogProof(seq, tuple(hashes), signed.note)


def read_leaf(conn: Connection, trust_id: int, seq: int) -> bytes:
    """The canonical bytes of one leaf. Raises :class:`Unanswerable`."""
    body = conn.execute(
        select(leaf.c.body).where(leaf.c.trust_id == trust_id, leaf.c.seq == seq)
    ).scalar_one_or_none()
    if body is None:
        raise Unanswerable("unknown_entry", f"公开日志里没有第 {seq + 1} 条记录")
    return bytes(body)


def read_leaves(conn: Connection, trust_id: int, start: int, stop: int) -> list[bytes]:
    """The canonical bytes of leaves ``start`` up to ``stop``."""
    query = (
        select(leaf.c.body)
        .where(leaf.c.trust_id == trust_id, leaf.c.seq >= start, leaf.c.seq < stop)
        .order_by(leaf.c.seq)
    )
    return [bytes(body) for body in conn.execute(query).scalars()]


def stream_leaves(conn: Connection, trust_id: int, size: int, *, chunk: int = 2_000) -> Iterator[bytes]:
    """All leaves of a log of ``size`` entries, in flat memory."""
    for start in range(0, size, chunk):
        yield from read_leaves(conn, trust_id, start, min(start + chunk, size))


def read_tile(conn: Connection, trust_id: int, tile: Tile, size: int) -> bytes:
    """The bytes of a hash tile or entry bundle. Raises :class:`Unanswerable` beyond the signed size."""
    if tile.stop > size:
        raise Unanswerable("unknown_tile", "公开日志还没有写到这里")
    if tile.level == ENTRIES:
        return encode_bundle(read_leaves(conn, trust_id, tile.start, tile.stop))
    return b"".join(LogNodes(conn, trust_id)(list(tile.nodes())))
