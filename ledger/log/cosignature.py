"""Cosignatures of witnesses (C2SP tlog-cosignature, Ed25519 "cosignature/v1").

A witness (见证人) signs, with a key of its own and the time, that the log it watches has only ever grown. One
signature line under a checkpoint is one statement: "at this time, this was the largest consistent head I had
seen".
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ledger.log.note import NoteError, Signature, check_name, decode_base64, key_id

COSIGNATURE = b"\x04"
"""Signature type of C2SP tlog-cosignature with Ed25519."""
_TIME_LIMIT = 2**63
_TIME_SIZE, _SIGNATURE_SIZE = 8, 64


def _message(body: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{body}".encode()


@dataclass(frozen=True, slots=True)
class WitnessKey:
    """A witness's public key: its name and the 32 bytes of RFC 8032."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        if len(self.public) != 32:
            raise NoteError("见证人公钥的长度不对。")

    @classmethod
    def from_vkey(cls, vkey: str) -> WitnessKey:
        """Read ``name+hash+base64(0x04 || key)``; NoteError if malformed or of another type."""
        name, _, rest = vkey.strip().partition("+")
        shown, _, encoded = rest.partition("+")
        data = decode_base64(encoded)
        if data[:1] != COSIGNATURE:
            raise NoteError("这不是见证人的公钥（类型应为 04）。")
        key = cls(name, data[1:])
        if shown != key.key_id.hex():
            raise NoteError("公钥与它自带的校验码不符，可能抄错了。")
        return key

    @property
    def key_id(self) -> bytes:
        """Four bytes that, with the name, point to this key."""
        return key_id(self.name, COSIGNATURE, self.public)

    @property
    def vkey(self) -> str:
        """The key as one line of text."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(COSIGNATURE + self.public).decode()}"

    def made(self, signature: Signature) -> bool:
        """Whether a signature line says it is by this key; says nothing about whether it is good."""
        return (signature.name, signature.key_id) == (self.name, self.key_id)

    def verify(self, body: str, signature: Signature) -> int:
        """The POSIX time of a good cosignature of a checkpoint's text; NoteError if it is not good."""
        data = signature.signature
        if not self.made(signature) or len(data) != _TIME_SIZE + _SIGNATURE_SIZE:
            raise NoteError(f"不是见证人“{self.name}”的签名。")
        time = int.from_bytes(data[:_TIME_SIZE], "big")
        try:
            if time >= _TIME_LIMIT:
                raise ValueError
            key = Ed25519PublicKey.from_public_bytes(self.public)
            key.verify(data[_TIME_SIZE:], _message(body, time))
        except (InvalidSignature, ValueError) as error:
            raise NoteError(f"见证人“{self.name}”的签名是假的，或者签名后内容被改过。") from error
        return time


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness's private key. It never leaves the witness's own machine."""

    name: str
    private_key: Ed25519PrivateKey

    @property
    def key(self) -> WitnessKey:
        """The public half."""
        return WitnessKey(self.name, self.private_key.public_key().public_bytes_raw())

    def cosign(self, body: str, time: int) -> str:
        """The signature line, without newline, for a checkpoint's text at a POSIX time."""
        if not 0 <= time < _TIME_LIMIT or not body.endswith("\n"):
            raise NoteError("见证签名的时间或内容不合格式。")
        signature = self.private_key.sign(_message(body, time))
        data = self.key.key_id + time.to_bytes(_TIME_SIZE, "big") + signature
        return f"— {self.name} {base64.b64encode(data).decode()}"
