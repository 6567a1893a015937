"""The public log: every leaf hashed again, every stored node, every checkpoint, the head."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Connection, Row, Select, select

from ledger.log.checkpoint import Checkpoint, CheckpointError, open_checkpoint
from ledger.log.entries import place
from ledger.log.findings import Findings
from ledger.log.note import NoteError, Verifier
from ledger.log.store import origin_of
from ledger.log.tree import HASH_SIZE, Frontier, leaf_hash
from ledger.store.tables import checkpoint, entry, record

SIGNED_WITHIN = timedelta(minutes=1)
"""A checkpoint follows an entry within a second; after this long one is overdue."""


class TreeCheck:
    """Grows the tree again, leaf by leaf, and compares checkpoints as their size is reached."""

    def __init__(
        self, conn: Connection, trust_id: int, verifier: Verifier | None, findings: Findings
    ) -> None:
        self.leaves = 0
        self.whole = True
        """False once a leaf is missing: from there on no root can be computed."""
        self.checkpoints = 0
        self._verifier = verifier
        self._findings = findings
        self._origin = origin_of(conn, trust_id)
        self._frontier = Frontier()
        self._last_good = 0
        self._rewritten = False

    def add(self, seq: int, row: Row[Any] | None) -> None:
        """The next leaf with its stored hashes; None where the log has a hole."""
        if row is None:
            if self.whole:
                message = f"公开日志里缺第 {seq + 1} 笔：这一笔被删掉了，从这里起的校验值无法重新计算。"
                self._findings.add("leaf.missing", message, place(seq))
            else:
                self._findings.add("leaf.missing", f"公开日志里缺第 {seq + 1} 笔。", place(seq))
            self.whole = False
            return
        self.leaves += 1
        if not self.whole:
            return
        hashes = bytes(row.hashes)
        computed = leaf_hash(bytes(row.body))
        known = computed
        if hashes[:HASH_SIZE] != computed:
            message = f"第 {seq + 1} 笔的公开内容与入账时存下的指纹不符：公开内容被改动过。"
            self._findings.add("leaf.hash", message, place(seq))
            if len(hashes) >= HASH_SIZE:
                known = hashes[:HASH_SIZE]  # go on from what was signed: one change, one finding
        if self._frontier.append(known)[HASH_SIZE:] != hashes[HASH_SIZE:]:
            message = f"第 {seq + 1} 笔处保存的校验值与重新计算的不符：校验数据被改动过。"
            self._findings.add("leaf.nodes", message, place(seq))

    def check_checkpoint(self, row: Row[Any]) -> None:
        """A checkpoint of the size reached just now: its signature, its own figures, and its root."""
        where = f"共 {row.size} 笔时的凭据"
        signed = self._open(row.note, where)
        if signed is None:
            return
        if signed.size != row.size or signed.root != bytes(row.root):
            message = "凭据的登记与签了名的文本不符：登记被改动过。"
            self._findings.add("checkpoint.copy", message, where)
            return
        if not self.whole or signed.size != self._frontier.size:
            return
        if signed.root == self._frontier.root():
            self.checkpoints += 1
            self._last_good = row.size
        elif not self._rewritten:
            self._rewritten = True  # all later ones follow from the first
            span = f"第 {self._last_good + 1} 到第 {row.size} 笔"
            message = f"{span}里有旧账被改写：重新计算的结果与当时签名的凭据（共 {row.size} 笔）不符。"
            self._findings.add("checkpoint.root", message, where)

    def _open(self, note: str, where: str) -> Checkpoint | None:
        try:
            if self._verifier is None:
                return Checkpoint.parse(note.rpartition("\n\n")[0] + "\n")
            return open_checkpoint(note, self._verifier, origin=self._origin)
        except NoteError as error:
            self._findings.add("checkpoint.signature", f"凭据的签名无效：{error}", where)
        except CheckpointError as error:
            self._findings.add("checkpoint.format", f"凭据的内容不对：{error}", where)
        return None

    def check_head(self, size: int, frontier: bytes) -> None:
        """The head's size and frontier, once all leaves were added."""
        if size != self.leaves:
            message = f"账簿首页记着有 {size} 笔，公开日志里实有 {self.leaves} 笔。"
            self._findings.add("head.size", message, "账簿首页")
        if self.whole and frontier != self._frontier.to_bytes():
            message = "账簿首页保存的校验状态与根据全部公开日志重新计算的不符：被改动过。"
            self._findings.add("head.frontier", message, "账簿首页")


def unsigned_tail(
    conn: Connection, trust_id: int, size: int, now: datetime | None, findings: Findings
) -> int:
    """How many of the newest entries no checkpoint covers; overdue ones are a finding.

    Checkpoints beyond the end of the log prove that entries were taken away.
    """
    newest = conn.execute(
        select(checkpoint.c.size)
        .where(checkpoint.c.trust_id == trust_id)
        .order_by(checkpoint.c.size.desc())
        .limit(1)
    ).scalar()
    signed = newest or 0
    if signed > size:
        message = f"凭据证明当时已有 {signed} 笔，现在账簿里只有 {size} 笔：最新的账被删掉了。"
        findings.add("checkpoint.beyond", message, f"第 {size + 1} 到第 {signed} 笔")
    if signed >= size:
        return 0
    moments = [
        moment
        for seq, at in ((entry.c.seq, entry.c.posted_at), (record.c.seq, record.c.recorded_at))
        if (moment := conn.execute(_first_since(trust_id, seq, at, signed)).scalar()) is not None
    ]
    if now is None or not moments or now - min(moments) > SIGNED_WITHIN:
        message = f"最新的 {size - signed} 笔没有签名凭据：凭据被删掉了，或者签名服务没有运行。"
        findings.add("checkpoint.missing", message, f"第 {signed + 1} 到第 {size} 笔")
    return size - signed


def _first_since(trust_id: int, seq: Column[Any], moment: Column[Any], start: int) -> Select[Any]:
    return select(moment).where(seq.table.c.trust_id == trust_id, seq >= start).order_by(seq).limit(1)
