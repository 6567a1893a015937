"""One look of a witness: fetch, judge against what was kept, keep, co-sign, send.

The folder of a witness: ``key.pem`` (its private key), ``logs/SLUG-ID/`` with ``key`` (the log's public key as
first seen or given), ``checkpoint`` (the newest it co-signed), ``cosigned`` (that with its own line), and
``evidence/``. State is kept before a signature leaves, so that a crash can't make it sign two histories.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from disclosure.watching.folder import alone, keep_evidence, read_text, replace
from disclosure.watching.remote import Remote, Unreachable, printable, proof_lines
from ledger.log.checkpoint import Checkpoint, open_checkpoint
from ledger.log.cosignature import Witness
from ledger.log.growth import Alarm, check_growth, open_shown
from ledger.log.note import NoteError, Verifier, check_name, split_note

_MOST_SAID = 5
"""Reasons of a site for not taking a signature that are passed on."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one look found. ``old`` is None the first time; ``sent`` what the site said, empty if not asked."""

    origin: str
    old: int | None
    size: int
    cosigned: str
    sent: str
    accepted: bool


class Alarmed(Exception):
    """The log does not continue what was kept. ``code`` is stable; evidence is in ``place``."""

    def __init__(self, alarm: Alarm, place: Path) -> None:
        self.code = alarm.code
        self.place = place
        super().__init__(str(alarm))


def create_witness(folder: Path, name: str) -> Witness:
    """A new key. Raises FileExistsError rather than replacing one, NoteError for a name that can't be one."""
    check_name(name)
    path = folder / "key.pem"
    if path.exists():
        raise FileExistsError(17, "见证钥匙已经有了", str(path))
    private = Ed25519PrivateKey.generate()
    folder.mkdir(parents=True, exist_ok=True)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    replace(folder / "name", f"{name}\n".encode())
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
    return Witness(name, private)


def load_witness(folder: Path) -> Witness:
    """The witness of a folder. Raises FileNotFoundError or NoteError."""
    name = (folder / "name").read_text("utf-8").strip()
    try:
        private = load_pem_private_key((folder / "key.pem").read_bytes(), None)
    except ValueError as error:
        raise NoteError("见证钥匙文件坏了，请用备份。") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise NoteError("见证钥匙不是 Ed25519 类型。")
    return Witness(name, private)


def place_of(folder: Path, address: str) -> Path:
    """Where the state about the log at ``address`` is kept."""
    short = re.sub(r"[^a-z0-9-]", "", address.rsplit("/", 1)[-1])[:40]
    return folder / "logs" / f"{short}-{sha256(address.encode()).hexdigest()[:12]}"


def look(witness: Witness, folder: Path, remote: Remote, key: str | None, now: datetime) -> Look:
    """Look once. ``key`` is the log's public key from elsewhere; without it the first one seen is kept.

    Raises :class:`Alarmed` (evidence kept, nothing signed), :class:`~disclosure.watching.remote.Unreachable`.
    """
    place = place_of(folder, remote.address)
    with alone(place):
        verifier = trusted_key(place, remote, key)
        kept = read_text(place / "checkpoint")
        old = open_checkpoint(kept, verifier) if kept is not None else None
        note, shown_key, proof = remote.checkpoint(), remote.key(), list[bytes]()
        try:
            new = open_shown(note, verifier, shown_key)
            if old is not None and old.size < new.size:
                proof = growth_proof(remote, old, new)
            check_growth(old, new, proof)
        except Alarm as alarm:
            files = {
                "网站出示的凭据.txt": note,
                "网站出示的公钥.txt": shown_key,
                "网站给的证明.txt": proof_lines(proof),
            }
            files |= {"留存的公钥.txt": verifier.vkey + "\n", "说明.txt": alarm_report(alarm, remote, now)}
            files |= {"留存的凭据.txt": kept} if kept is not None else {}
            raise Alarmed(alarm, keep_evidence(place, alarm.code, files)) from alarm
        return _cosign(witness, place, remote, note, old, new, now)


def trusted_key(place: Path, remote: Remote, given: str | None) -> Verifier:
    kept = read_text(place / "key")
    if kept is None:
        verifier = Verifier.from_vkey(given if given is not None else remote.key())
        replace(place / "key", (verifier.vkey + "\n").encode())
        return verifier
    if given is not None and given.strip() != kept.strip():
        raise NoteError("您给的公钥与这里留存的不是同一把，请先弄清哪一把是真的。")
    return Verifier.from_vkey(kept)


def growth_proof(remote: Remote, old: Checkpoint, new: Checkpoint) -> list[bytes]:
    """The proof between two sizes. A site that shows a head and says it won't prove it is judged by that.

    A line that breaks between the two questions, or a site that fails, is no alarm: nothing is signed either.
    """
    try:
        return remote.consistency(old.size, new.size)
    except Unreachable as error:
        if not error.refused:
            raise Unreachable(
                f"网站出示了 {new.size} 条的新凭据，却没有取到旧账没有被改的证明（{error}）。"
                "接连几次都这样，请当作警报，告诉业委会和街道"
            ) from error
        raise Alarm(
            "no_proof", f"网站不肯证明旧账没有被改：从 {old.size} 条到 {new.size} 条没有给出证明。（{error}）"
        ) from error


def _cosign(
    witness: Witness,
    place: Path,
    remote: Remote,
    note: str,
    old: Checkpoint | None,
    new: Checkpoint,
    now: datetime,
) -> Look:
    body = split_note(note)[0]
    line = witness.cosign(body, int(now.timestamp()))
    own = [item for item in note[len(body) + 1 :].split("\n") if item.startswith(f"— {new.origin} ")]
    cosigned = body + "\n" + "".join(f"{item}\n" for item in [*own, line])
    replace(place / "checkpoint", note.encode())  # kept before the signature leaves this machine
    replace(place / "cosigned", cosigned.encode())
    try:
        answer = remote.send_cosignature(cosigned)
        accepted = bool(answer.get("ok"))
        said = "网站收下了见证签名" if accepted else _problems(answer)
    except Unreachable as error:
        accepted, said = False, str(error)
    return Look(new.origin, old.size if old else None, new.size, cosigned, said, accepted)


def _problems(answer: dict[str, object]) -> str:
    problems = answer.get("problems")
    texts = (
        [printable(str(p.get("message", ""))) for p in problems[:_MOST_SAID] if isinstance(p, dict)]
        if isinstance(problems, list)
        else []
    )
    return "网站没有收下见证签名：" + "；".join(texts)


def alarm_report(alarm: Alarm, remote: Remote, now: datetime) -> str:
    return (
        f"{alarm}\n\n时间（UTC）：{now:%Y-%m-%d %H:%M:%S}\n网址：{remote.address}\n"
        "这个文件夹里有留存的凭据、网站现在出示的凭据和它给的证明。两份凭据上都有账本自己的签名，抵赖不了。\n"
        "请不要删除，尽快交给业主委员会和街道办事处，并告诉邻居。\n"
    )
