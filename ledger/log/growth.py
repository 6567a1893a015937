"""Does the log shown now continue what was kept? The one judgement of witnesses and mirrors.

Pure: what was kept, what is shown, the proof between them. What is wrong is raised as :class:`Alarm`, with a
stable code and a sentence to be read aloud.
"""

from __future__ import annotations

from collections.abc import Sequence

from ledger.log.checkpoint import Checkpoint, CheckpointError, OriginError, open_checkpoint
from ledger.log.note import NoteError, Verifier
from ledger.log.tree import ProofError, verify_consistency


class Alarm(Exception):
    """The log does not continue what was kept. ``code`` is stable; the message is Chinese."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


def open_shown(note: str, verifier: Verifier, shown_key: str) -> Checkpoint:
    """The checkpoint a site shows, checked with the key that was kept. Raises :class:`Alarm`.

    ``shown_key`` is the key the site shows now: it proves nothing, but another one is an alarm of its own.
    """
    if shown_key.strip() != verifier.vkey:
        raise Alarm("other_key", "网站出示的公钥，与留存的公钥不是同一把：公钥被换过。")
    try:
        return open_checkpoint(note, verifier)
    except NoteError as error:
        raise Alarm("signature", f"网站出示的凭据签名无效：{error}") from error
    except OriginError as error:
        raise Alarm("other_log", f"网站出示的是另一本账的凭据：{error}") from error
    except CheckpointError as error:
        raise Alarm("format", f"网站出示的凭据格式不对：{error}") from error


def check_growth(old: Checkpoint | None, new: Checkpoint, proof: Sequence[bytes]) -> None:
    """Raise :class:`Alarm` unless ``new`` is ``old`` or its continuation, as ``proof`` shows."""
    if old is None:
        return
    if new.size < old.size:
        raise Alarm(
            "shrunk", f"账变少了：留存的凭据有 {old.size} 条，网站现在只出示 {new.size} 条，后面的被撤掉了。"
        )
    if new.size == old.size:
        if new.root != old.root:
            raise Alarm("forked", f"同样是 {old.size} 条，内容却与留存的凭据不同：有两份不同的账。")
        return
    try:
        verify_consistency(old.size, old.root, new.size, new.root, proof)
    except ProofError as error:
        raise Alarm("rewritten", f"旧账被改写：前 {old.size} 条与留存的凭据对不上。{error}") from error
