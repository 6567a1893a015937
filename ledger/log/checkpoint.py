"""The signed head of a log (C2SP tlog-checkpoint): whose log, how many leaves, which root.

A checkpoint fits on a slip of paper. Whoever keeps an old one can show later that the books were rewritten.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

from ledger.log.note import NoteError, Signer, Verifier, decode_base64, open_note, sign
from ledger.log.tree import HASH_SIZE


class CheckpointError(ValueError):
    """Not a well-formed checkpoint. The message is Chinese and may be shown."""


class OriginError(CheckpointError):
    """A well-formed, rightly signed checkpoint of another log."""


def parse_decimal(text: str) -> int:
    """ASCII decimal without sign or leading zeroes, as C2SP formats write it; else CheckpointError."""
    if not (text.isascii() and text.isdigit() and len(text) <= 20) or (text[0] == "0" and text != "0"):
        raise CheckpointError("数字的写法不对。")
    return int(text)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Origin (name of the log), size in leaves, root hash of 32 bytes.

    ``extensions`` are further lines, kept because they are signed, and not read.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.origin or self.size < 0 or len(self.root) != HASH_SIZE:
            raise CheckpointError("凭据的内容不完整。")
        if any(not line or "\n" in line for line in (self.origin, *self.extensions)):
            raise CheckpointError("凭据里有空行。")

    def body(self) -> str:
        """The text that is signed, final newline included."""
        lines = (self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extensions)
        return "\n".join(lines) + "\n"

    @classmethod
    def parse(cls, body: str) -> Checkpoint:
        """Read the text of ``body``; CheckpointError unless it is exactly what ``body`` would write."""
        lines = body.split("\n")
        if len(lines) < 4 or lines.pop() != "":
            raise CheckpointError("凭据不足三行，或没有以换行结束。")
        try:
            root = decode_base64(lines[2])
        except NoteError as error:
            raise CheckpointError("凭据里的总校验值写法不对。") from error
        return cls(lines[0], parse_decimal(lines[1]), root, tuple(lines[3:]))


def sign_checkpoint(checkpoint: Checkpoint, *signers: Signer) -> str:
    """The checkpoint as a signed note. Raises NoteError without a signer."""
    return sign(checkpoint.body(), *signers)


def open_checkpoint(note: str, verifier: Verifier, *, origin: str | None = None) -> Checkpoint:
    """Verify a signed checkpoint and read it.

    ``origin`` is the log that is expected; by default the name of the key, as the specification recommends.
    Raises NoteError if the signature is not good, OriginError if it is another log's, CheckpointError if
    malformed.
    """
    checkpoint = Checkpoint.parse(open_note(note, [verifier]).text)
    expected = verifier.name if origin is None else origin
    if checkpoint.origin != expected:
        raise OriginError(f"这份凭据属于“{checkpoint.origin}”，不是“{expected}”。")
    return checkpoint
