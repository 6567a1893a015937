"""The signing key of a trust's log: a file readable by its owner only, never in the database."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.log.note import Signer


def create_key(path: Path, entropy: Callable[[int], bytes]) -> None:
    """Write a new Ed25519 key. Refuses (FileExistsError) to overwrite one."""
    key = Ed25519PrivateKey.from_private_bytes(entropy(32))
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)


def load_signer(path: Path, origin: str) -> Signer:
    """The signer of the log named ``origin``. Raises FileNotFoundError if the key is not there."""
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"{path.name} 不是 Ed25519 私钥")
    return Signer(origin, key)
