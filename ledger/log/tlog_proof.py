"""One leaf's proof as one text file that verifies offline (C2SP tlog-proof, suffix ``.tlog-proof``)."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from ledger.log.checkpoint import Checkpoint, CheckpointError, open_checkpoint, parse_decimal
from ledger.log.note import NoteError, Verifier, decode_base64
from ledger.log.tree import HASH_SIZE, ProofError, leaf_hash, verify_inclusion

HEADER = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True, slots=True)
class LogProof:
    """Index of a leaf (from 0), its RFC 6962 inclusion proof and the signed checkpoint.

    ``extra`` travels along and is not authenticated.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None

    def encode(self) -> str:
        """The text of the file; ProofError if a value does not fit the format."""
        if self.index < 0 or any(len(item) != HASH_SIZE for item in self.hashes):
            raise ProofError("证明的内容不合格式。")
        lines = [HEADER]
        if self.extra is not None:
            lines.append("extra " + base64.b64encode(self.extra).decode())
        lines.append(f"index {self.index}")
        lines += (base64.b64encode(item).decode() for item in self.hashes)
        return "\n".join(lines) + "\n\n" + self.checkpoint

    @classmethod
    def parse(cls, text: str) -> LogProof:
        """Read what ``encode`` writes; ProofError if malformed. Nothing is verified yet."""
        head, separator, checkpoint = text.partition("\n\n")
        lines = head.split("\n")
        if not separator or not checkpoint or lines.pop(0) != HEADER:
            raise ProofError("这不是一份入账证明文件。")
        try:
            extra = None
            if lines and lines[0].startswith("extra "):
                extra = decode_base64(lines.pop(0).removeprefix("extra "))
            if not lines or not lines[0].startswith("index "):
                raise ProofError("入账证明里缺少位置。")
            index = parse_decimal(lines.pop(0).removeprefix("index "))
            hashes = tuple(decode_base64(line) for line in lines)
        except (NoteError, CheckpointError) as error:
            raise ProofError("入账证明的格式不对。") from error
        if any(len(item) != HASH_SIZE for item in hashes):
            raise ProofError("证明里有长度不对的校验值。")
        return cls(index, hashes, checkpoint, extra)

    def verify(self, leaf: bytes, verifier: Verifier, *, origin: str | None = None) -> Checkpoint:
        """Check that the bytes ``leaf`` are in the log of ``verifier``; return the checkpoint that says so.

        Raises NoteError, CheckpointError or ProofError, according to what does not hold.
        """
        checkpoint = open_checkpoint(self.checkpoint, verifier, origin=origin)
        verify_inclusion(leaf_hash(leaf), self.index, checkpoint.size, self.hashes, checkpoint.root)
        return checkpoint
