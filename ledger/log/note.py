"""Text signed with Ed25519 keys (C2SP signed-note).

A note is the text, an empty line, and one line for each signature. A public key travels as a *vkey*, one
line of text ``name+hash+base64(0x01 || key)``, short enough to print on a notice board.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"
"""Signature type of C2SP signed-note."""
SIGNATURE_LIMIT = 100
"""Signatures looked at in one note; the specification asks for at least 16."""
SIZE_LIMIT = 1 << 20
"""Longest note looked at, in characters: a hostile file must not exhaust memory."""


class NoteError(ValueError):
    """A note or a key is malformed, or no trusted key signed it. The message is Chinese and may be shown."""


def decode_base64(text: str) -> bytes:
    """RFC 4648 section 4 base64 in its one canonical spelling; NoteError otherwise."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError("校验文本里的编码不合规范。") from error
    if base64.b64encode(data).decode() != text:  # spare bits set: a second spelling of the same bytes
        raise NoteError("校验文本里的编码不合规范。")
    return data


def check_name(name: str) -> None:
    """Raise NoteError unless ``name`` can be the name of a key."""
    if not name or "+" in name or any(char.isspace() or char < " " for char in name):
        raise NoteError("公钥名称不能为空，也不能含空白或加号。")


def key_id(name: str, kind: bytes, public: bytes) -> bytes:
    """The four bytes that, with the name, point to a key of this signature type (C2SP signed-note)."""
    return sha256(name.encode() + b"\n" + kind + public).digest()[:4]


@dataclass(frozen=True, slots=True)
class Verifier:
    """A named public key that is trusted. ``public`` is the 32 bytes of RFC 8032."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        if len(self.public) != 32:
            raise NoteError("公钥长度不对。")

    @classmethod
    def from_vkey(cls, vkey: str) -> Verifier:
        """Read ``name+hash+base64`` (C2SP signed-note); NoteError if malformed or not Ed25519."""
        name, _, rest = vkey.strip().partition("+")
        key_hash, _, encoded = rest.partition("+")
        data = decode_base64(encoded)
        if data[:1] != ED25519:
            raise NoteError("公钥不是 Ed25519 类型。")
        verifier = cls(name, data[1:])
        if key_hash != verifier.key_id.hex():
            raise NoteError("公钥与它自带的校验码不符，可能抄错了。")
        return verifier

    @property
    def key_id(self) -> bytes:
        """Four bytes that, with the name, point to this key. Not a security measure."""
        return key_id(self.name, ED25519, self.public)

    @property
    def vkey(self) -> str:
        """The key as one line of text."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(ED25519 + self.public).decode()}"

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether ``signature`` is this key's Ed25519 signature (RFC 8032) of ``message``."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signer:
    """A named private key. It is handed in by the caller; nothing here stores or finds keys."""

    name: str
    private_key: Ed25519PrivateKey

    def __post_init__(self) -> None:
        check_name(self.name)

    @property
    def verifier(self) -> Verifier:
        """The public half."""
        return Verifier(self.name, self.private_key.public_key().public_bytes_raw())


class OpenedNote(NamedTuple):
    """The text of a note, final newline included, and the trusted keys whose signatures verified."""

    text: str
    signed_by: tuple[Verifier, ...]


class Signature(NamedTuple):
    """One signature line of a note: whose it says it is, and its bytes after the key's id."""

    name: str
    key_id: bytes
    signature: bytes


def _check_text(text: str) -> None:
    if not text.endswith("\n"):
        raise NoteError("签名文本必须以换行结束。")
    if any(char < " " and char != "\n" for char in text):
        raise NoteError("签名文本里有不允许的控制字符。")


def sign(text: str, *signers: Signer) -> str:
    """The note: ``text`` with one signature line for each signer.

    Raises NoteError if there is no signer, the text has no final newline, or it holds control characters.
    """
    _check_text(text)
    if not signers:
        raise NoteError("没有可用的签名密钥。")
    message = _encode(text)
    lines = [
        f"— {signer.name} "
        + base64.b64encode(signer.verifier.key_id + signer.private_key.sign(message)).decode()
        for signer in signers
    ]
    return text + "\n" + "\n".join(lines) + "\n"


def open_note(note: str, verifiers: Iterable[Verifier]) -> OpenedNote:
    """Check a note's signatures and return its text.

    Signatures by unknown keys are ignored. Raises NoteError if the note is malformed, a known key's
    signature is wrong, or no known key signed.
    """
    text, signatures = split_note(note)
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    message = _encode(text)
    signed_by: list[Verifier] = []
    for signature in signatures:
        verifier = known.get((signature.name, signature.key_id))
        if verifier is None:
            continue
        if not verifier.verify(message, signature.signature):
            raise NoteError(f"“{verifier.name}”的签名是假的，或者签名后内容被改过。")
        if verifier not in signed_by:
            signed_by.append(verifier)
    if not signed_by:
        raise NoteError("没有您信任的公钥的签名。")
    return OpenedNote(text, tuple(signed_by))


def split_note(note: str) -> tuple[str, list[Signature]]:
    """Text and signature lines, parted at the last empty line. Nothing is verified; NoteError if malformed."""
    if len(note) > SIZE_LIMIT:
        raise NoteError("签名文本太长。")
    _check_text(note)
    before, separator, after = note.rpartition("\n\n")
    lines = after.split("\n")[:-1]
    if not separator or not lines:
        raise NoteError("这不是一份带签名的文本。")
    if len(lines) > SIGNATURE_LIMIT:
        raise NoteError("签名太多。")
    return before + "\n", [parse_signature(line) for line in lines]


def parse_signature(line: str) -> Signature:
    """Read one signature line, without its newline; NoteError if malformed."""
    if not line.startswith("— "):
        raise NoteError("签名行的格式不对。")
    name, _, encoded = line[2:].partition(" ")
    check_name(name)
    data = decode_base64(encoded)
    if len(data) < 5:
        raise NoteError("签名行的格式不对。")
    return Signature(name, data[:4], data[4:])


def _encode(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise NoteError("签名文本里有无效字符。") from error
